import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { systemSurroundings } from '../../main/core/index.ts';
import { bundleFor, identity, makeScene } from '../kit/bundle.ts';
import { sitesealJson } from '../kit/cli.ts';
import { startEnbProcess, stopProcesses, temporaryFolder, writeFactoryFiles } from '../kit/enb.ts';

assert(process.env['SITESEAL_OWN_NETWORK'], 'Run by the suite: npm run test:system -- network');

const scene = makeScene();
const home = temporaryFolder();
/** The data folder, which holds nothing else. */
const data = join(home, 'data');
const files = writeFactoryFiles(scene, home);
mkdirSync(join(home, 'out'));
const port = 8443;
const inIpv4 = `10.9.0.2:${port}`;
const inIpv6 = `[fe80::2%eth0]:${port}`;

/** The computer of the eNB: a network namespace, at the other end of a cable. */
const other = spawn('unshare', ['--net', 'sh', '-c', 'echo ready; exec sleep infinity'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const inside = ['nsenter', '--net', '--target', String(other.pid)];

function run(...[file = '', ...args]: readonly string[]): void {
  execFileSync(file, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Gives an end of the cable its addresses, the link-local one without waiting for others to object. */
function address(there: readonly string[], number: number): void {
  const ip = (...args: readonly string[]) => run(...there, 'ip', ...args);
  ip('link', 'set', 'eth0', 'addrgenmode', 'none');
  ip('address', 'add', `10.9.0.${number}/24`, 'dev', 'eth0');
  ip('link', 'set', 'eth0', 'up');
  ip('address', 'add', `fe80::${number}/64`, 'dev', 'eth0', 'nodad');
}

describe('an eNB at the other end of a cable', () => {
  before(async () => {
    await once(other.stdout, 'data');
    const peer = ['peer', 'name', 'eth0', 'netns', String(other.pid)];
    run('ip', 'link', 'add', 'eth0', 'type', 'veth', ...peer);
    address([], 1);
    address(inside, 2);
    await startEnbProcess({ ...files }, home, { shell: `${inside.join(' ')} "$@"` }, [
      ...['--host', '::', '--port', String(port), '--advertise'],
    ]);
  });
  after(() => {
    stopProcesses();
    other.kill();
  });

  const atIpv6 = { address: inIpv6, host: 'fe80::2%eth0', port, ...identity };
  const atIpv4 = { address: inIpv4, host: '10.9.0.2', port, ...identity };

  async function discover(): Promise<unknown> {
    const { code, document } = await sitesealJson(['enb', 'discover', '--ethernet'], {
      home: data,
      cwd: home,
    });
    assert.equal(code, 0);
    return (document as { readonly ethernet: unknown }).ethernet;
  }

  let sequence = 6;
  async function deliverTo(place: string): Promise<void> {
    const bundle = join(home, 'bundle.p7m');
    writeFileSync(bundle, await bundleFor(scene, { sequence: ++sequence }));
    const trust = ['--vendor-root', files.vendorRoot, '--out', join(home, 'out')];
    const written = await sitesealJson(['enb', 'write', bundle, '--ethernet', place, ...trust], {
      home: data,
      cwd: home,
    });
    assert.equal(written.code, 0, JSON.stringify(written));
    assert.equal((written.document as { readonly state: string }).state, 'receipt');
  }

  it('is found once, at its link-local IPv6 address, with what it says of itself', async () => {
    assert.deepEqual(await discover(), [atIpv6]);
  });

  for (const place of [inIpv4, inIpv6]) {
    it(`takes a bundle at ${place}, where it was found`, () => deliverTo(place));
  }

  it('is found at its IPv4 address by a laptop without IPv6', async () => {
    run('ip', '-6', 'address', 'flush', 'dev', 'eth0');
    try {
      assert.deepEqual(await discover(), [atIpv4]);
    } finally {
      run('ip', 'address', 'add', 'fe80::1/64', 'dev', 'eth0', 'nodad');
    }
  });

  for (const [laptop, own] of [
    ['a laptop without any IPv4 address', undefined],
    ['a laptop with an IPv4 address that it gave itself', '169.254.7.7/16'],
  ] as const) {
    it(`is found by ${laptop}, and takes a bundle there, also at the address on its label`, async () => {
      run('ip', '-4', 'address', 'flush', 'dev', 'eth0');
      if (own !== undefined) run('ip', 'address', 'add', own, 'dev', 'eth0');
      try {
        assert.deepEqual(await discover(), [atIpv6]);
        await deliverTo(inIpv6);
        await deliverTo('fe80::2');
      } finally {
        run('ip', '-4', 'address', 'flush', 'dev', 'eth0');
        run('ip', 'address', 'add', '10.9.0.1/24', 'dev', 'eth0');
      }
    });
  }

  it('takes a bundle at the address on its label from a laptop that is also in another network', async () => {
    run('ip', 'link', 'add', 'wlan0', 'type', 'veth', 'peer', 'name', 'router');
    for (const link of ['wlan0', 'router']) run('ip', 'link', 'set', link, 'up');
    run('ip', 'address', 'add', '198.51.100.7/24', 'dev', 'wlan0');
    run('ip', 'address', 'add', 'fe80::7/64', 'dev', 'wlan0', 'nodad');
    run('ip', 'link', 'set', 'router', 'addrgenmode', 'none');
    run('ip', '-6', 'address', 'flush', 'dev', 'router');
    run('ip', '-4', 'address', 'flush', 'dev', 'eth0');
    try {
      await deliverTo('fe80::2');
    } finally {
      run('ip', 'link', 'delete', 'wlan0');
      run('ip', 'address', 'add', '10.9.0.1/24', 'dev', 'eth0');
    }
  });

  it('is no longer there when the cable is out, and there again when it is in', async () => {
    const { discovery } = systemSurroundings();
    let onChange: () => void = () => undefined;
    const stop = discovery.watch(() => onChange());
    /** Waits until so many are found; the discovery itself keeps no process alive. */
    const until = (count: number) =>
      new Promise<void>((resolve) => {
        const alive = setInterval(() => undefined, 60_000);
        onChange = () => {
          if (discovery.list().length !== count) return;
          clearInterval(alive);
          resolve();
        };
        onChange();
      });
    await until(1);
    run('ip', 'link', 'set', 'eth0', 'down');
    await until(0);
    run('ip', 'link', 'set', 'eth0', 'up');
    run('ip', 'address', 'replace', 'fe80::1/64', 'dev', 'eth0', 'nodad');
    await until(1);
    stop();
    assert.deepEqual(discovery.list(), []);
  });
});
