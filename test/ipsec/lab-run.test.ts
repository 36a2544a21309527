import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { caseNames, formNames } from '../../main/lab-run/index.ts';
import { documentOf, entry } from '../kit/cli.ts';
import { temporaryFolder } from '../kit/enb.ts';

/** What `lab run --json` prints. */
interface RunDocument {
  readonly asExpected: number;
  readonly of: number;
  readonly leftOut: readonly string[];
  readonly forms: readonly Played[];
  readonly cases: readonly Played[];
}

interface Played {
  readonly name: string;
  readonly isAsExpected: boolean;
  readonly found?: string;
}

const home = temporaryFolder();
/** Of the runs: their folders are in here while they run, and nothing afterwards. */
const temporary = join(home, 'tmp');
mkdirSync(temporary);
const evidence = join(home, 'evidence');

function startRun(...args: readonly string[]) {
  const child = spawn(process.execPath, [entry, 'lab', 'run', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      TMPDIR: temporary,
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
    },
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  const done = once(child, 'close').then(([code = null]: readonly (number | null)[]) => ({
    code,
    signal: null,
    ...output,
  }));
  return { child, done };
}

function run(file: string, ...args: readonly string[]): string {
  return execFileSync(file, args, { cwd: evidence, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

/** How many packets of a capture match. */
function packets(capture: string, ...filter: readonly string[]): number {
  return run('tcpdump', '-n', '-r', capture, ...filter)
    .split('\n')
    .filter(Boolean).length;
}

/** The processes that a run has started, wherever they are. */
function processesOfRuns(): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(temporary);
    } catch {
      return false; // It has just ended.
    }
  });
}

const whole = startRun('--json', '--evidence', evidence);
after(() => whole.child.kill());

describe('the lab run', () => {
  it('plays every form and every case, and each ends as expected', async () => {
    const ran = await whole.done;
    const { forms, cases, asExpected, of } = documentOf(ran) as RunDocument;
    const wrong = [...forms, ...cases].filter(({ isAsExpected }) => !isAsExpected);
    assert.deepEqual(wrong, []);
    assert.deepEqual([ran.code, asExpected], [0, of]);
    assert.deepEqual(
      [forms, cases].map((all) => all.map(({ name }) => name)),
      [formNames, caseNames],
    );
    assert.match(ran.stderr, /\n(\d+) of \1 as expected\n$/);
  });

  it('leaves no process and no file', () => {
    assert.deepEqual(readdirSync(temporary), []);
    assert.deepEqual(processesOfRuns(), []);
  });
});

describe('the evidence', () => {
  const throughTunnels = formNames.filter((name) => name !== 'credential');

  it('shows tcpdump that no CMP left the tunnels, and that all arrived from inside', () => {
    for (const form of throughTunnels) {
      const [outer, core] = ['outer', 'core'].map((leg) => join(form, 'captures', `${leg}.pcap`));
      assert.equal(packets(outer ?? '', 'tcp'), 0, form);
      assert(packets(outer ?? '', 'udp port 4500') > 0, form);
      for (const pool of ['203.0.113.0/25', '203.0.113.128/25'])
        assert(
          packets(core ?? '', 'tcp', 'dst', 'port', '8080', 'and', 'src', 'net', pool) > 0,
          `${form} ${pool}`,
        );
    }
  });

  it('has certificates of the eNB that OpenSSL verifies, and the renewed one is another', () => {
    const trust = [
      '-CAfile',
      'certificates/operator/operator-root.pem',
      '-untrusted',
      'certificates/operator/issuing-ca.pem',
    ];
    for (const form of formNames) {
      const files = ['enb', 'enb-renewed'].map((name) => join(form, 'certificates', `${name}.pem`));
      assert.match(run('openssl', 'verify', ...trust, ...files), /: OK\n.*: OK\n$/, form);
      const prints = files.map((file) => run('openssl', 'x509', '-in', file, '-noout', '-fingerprint'));
      assert.notEqual(prints[0], prints[1], form);
    }
  });

  it('has the tunnels as the gateways list them', () => {
    for (const form of formNames)
      assert.match(
        readFileSync(join(evidence, form, 'sas', 'seg2.txt'), 'utf8'),
        /ESTABLISHED[^]*INSTALLED/,
        form,
      );
  });

  it('has no key and no secret', () => {
    for (const file of globSync('**/*', { cwd: evidence, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const text = readFileSync(join(file.parentPath, file.name), 'latin1');
      assert.doesNotMatch(text, /PRIVATE KEY|credential_secret|"secret"/, file.name);
    }
  });

  it('is not put into a folder that holds something', async () => {
    const again = await startRun('--json', '--case', 'step-before-bundle', '--evidence', evidence).done;
    const { fault } = documentOf(again) as { readonly fault: { readonly code: string } };
    assert.deepEqual([again.code, fault.code], [3, 'output-not-empty']);
  });
});

describe('a lab run with the stand-in for IPsec', () => {
  it('plays a form through gateways that are processes, and captures no TCP but their TLS', async () => {
    const folder = join(home, 'stand-in');
    const chosen = ['--form', 'both', '--case', 'tunnel-lost', '--case', 'port-4500-blocked'];
    const ran = await startRun('--json', '--ipsec', 'stand-in', ...chosen, '--evidence', folder).done;
    const { asExpected, of, leftOut } = documentOf(ran) as RunDocument;
    assert.deepEqual([ran.code, asExpected, of, leftOut], [0, 2, 2, ['port-4500-blocked']], ran.stderr);
    const outer = join(folder, 'both', 'captures', 'outer.pcap');
    assert(packets(outer, 'tcp port 4500') > 0);
    assert.equal(packets(outer, 'tcp and not port 4500'), 0);
  });
});

describe('a lab run that is interrupted', () => {
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    it(`leaves no process after ${signal}, and does no harm to another run`, async () => {
      const [one, other] = [startRun('--form', 'both'), startRun('--json', '--case', 'gateway-silent')];
      await new Promise<void>((resolve) => {
        one.child.stderr.on('data', (text: string) => {
          if (/^both:/m.test(text)) resolve();
        });
      });
      one.child.kill(signal);
      await one.done;
      assert.equal((documentOf(await other.done) as RunDocument).asExpected, 1);
      while (processesOfRuns().length > 0) await new Promise((next) => setImmediate(next));
      if (signal === 'SIGINT') assert.deepEqual(readdirSync(temporary), []);
    });
  }
});
