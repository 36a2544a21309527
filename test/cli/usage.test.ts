import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { documentOf, siteseal, type FaultDocument } from '../kit/cli.ts';
import { temporaryFolder } from '../kit/enb.ts';
import { productVersion } from '../../main/core/index.ts';

const home = join(temporaryFolder(), 'home');
mkdirSync(home);
const run = (...args: readonly string[]) => siteseal(args, { home });
const runWarm = (...args: readonly string[]) => siteseal(args, { home, isWarm: true });

describe('siteseal', () => {
  it('shows its help and its version, and ends with 0', async () => {
    const help = await run('--help');
    assert.deepEqual([help.code, help.stderr], [0, '']);
    for (const command of [
      'prepare',
      'inventory',
      'bundle',
      'certificate',
      'receipt',
      'enb',
      'lab',
      'demo',
    ]) {
      assert.match(help.stdout, new RegExp(`^ {2}${command} `, 'm'));
    }
    const own = await runWarm('prepare', '--help');
    assert.equal(own.code, 0);
    for (const option of [
      '--profile',
      '--out',
      '--resume',
      '--skip-bad',
      '--dry-run',
      '--passphrase-file',
      '--json',
    ]) {
      assert.match(own.stdout, new RegExp(`^ {2}${option}`, 'm'));
    }
    const version = await runWarm('--version');
    assert.deepEqual([version.stdout, version.code], [`${productVersion()}\n`, 0]);
  });

  it('alone, or with a group of commands alone, shows the help as an error', async () => {
    for (const args of [[], ['bundle']]) {
      const { stdout, stderr, code } = await run(...args);
      assert.deepEqual([stdout, code], ['', 2]);
      assert.match(stderr, /^Usage: siteseal/m);
    }
  });

  const prepare = ['prepare', 'x.csv', '--profile', 'p', '--out', 'o'];
  const root = ['--vendor-root', 'r'];
  const mistakes: readonly (readonly [name: string, args: readonly string[], message: RegExp])[] = [
    ['an unknown command', ['make'], /unknown command 'make'/],
    ['an unknown command of a group', ['bundle', 'sign', 'x'], /unknown command 'sign'/],
    ['an unknown option', [...prepare, '--force'], /unknown option '--force'/],
    ['an option that is missing', ['prepare', 'x.csv', '--profile', 'p'], /'--out <folder>' not specified/],
    ['an argument that is missing', ['bundle', 'verify', ...root], /missing required argument 'file'/],
    ['an argument too many', [...prepare, 'y.csv'], /too many arguments/],
    [
      'a time without a zone',
      ['bundle', 'verify', 'x', ...root, '--at', '2026-11-01T00:00:00'],
      /Not a time/,
    ],
    [
      'a time that there is not',
      ['bundle', 'verify', 'x', ...root, '--at', '2026-13-01T00:00:00Z'],
      /Not a time/,
    ],
    [
      'no sequence number',
      ['bundle', 'verify', 'x', ...root, '--last-sequence', '-1'],
      /Not a sequence number/,
    ],
    [
      'a sequence number beyond 2^53',
      ['bundle', 'verify', 'x', ...root, '--last-sequence', '9007199254740992'],
      /Not a sequence number/,
    ],
    [
      'an unknown purpose',
      ['certificate', 'verify', 'x', '--trust', 'r', '--purpose', 'tls'],
      /Allowed choices/,
    ],
  ];
  for (const [name, args, message] of mistakes) {
    it(`ends with 2 for ${name}, in words and as a document`, async () => {
      const { code, stdout, stderr } = await runWarm(...args, '--json');
      assert.equal(code, 2);
      assert.match(stderr, message);
      const { fault } = documentOf({ code, stdout, stderr, signal: null }) as {
        readonly fault: FaultDocument;
      };
      assert.equal(fault.code, 'usage-invalid');
      assert.match(fault.found!, message);
    });
  }

  it('ends with 2 for a mistake, with the words on standard error and the document on standard output', async () => {
    const { code, stdout, stderr } = await run('make', '--json');
    assert.deepEqual([code, stderr.split('\n')[0]], [2, "error: unknown command 'make'"]);
    assert.match(stdout, /^\{"fault":\{.*\}\}\n$/);
  });

  it('says in one sentence that its Node.js is too old', async () => {
    const shell = '"$1" --no-experimental-strip-types "${@: -1}"; exit $?';
    const { code, stdout, stderr } = await siteseal([], { home, shell });
    assert.deepEqual([code, stdout], [3, '']);
    assert.match(stderr, /^Siteseal needs Node\.js 24 or newer, but this is \S+\. .*\n$/);
  });

  it('opens no store to verify or to inspect, or for a mistake', () => {
    assert.deepEqual(readdirSync(home), []);
  });
});
