/**
 * The checks of the path against a real gateway, from a laptop and from an eNB on the same network. Needs root, `ip`, `nft`
 * and strongSwan (`charon-systemd`, `strongswan-swanctl`).
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import type { Configuration } from '../../main/bundle/index.ts';
import { bundleFor, configurationFor, makeScene } from '../kit/bundle.ts';
import { startCharon, type Charon } from '../kit/charon.ts';
import { stopProcess } from '../kit/stop-process.ts';
import { documentOf, startSiteseal, type FaultDocument } from '../kit/cli.ts';
import { pem, startEnbProcess, stopProcesses, writeFactoryFiles } from '../kit/enb.ts';
import { drop, makeTwoNetworks, runIn } from '../kit/two-networks.ts';

interface Checked {
  readonly places: readonly {
    readonly place: string;
    readonly checks: readonly {
      readonly check: string;
      readonly outcome: string;
      readonly figure?: string;
    }[];
  }[];
  readonly fault?: FaultDocument;
}

const folder = mkdtempSync(join(tmpdir(), 'siteseal-path-'));
const networks = makeTwoNetworks('pa');
const { near, far } = networks;
const scene = makeScene();
const home = join(folder, 'home');
mkdirSync(home);
const files = writeFactoryFiles(scene, folder);
const shell = `exec ip netns exec ${near.namespace} "$@"`;

let charon: Charon | undefined;
afterEach(async () => {
  await charon?.stop();
  charon = undefined;
  stopProcesses();
  runIn(far, 'nft', 'flush', 'ruleset');
});
after(() => {
  networks.remove();
  rmSync(folder, { recursive: true });
});

/** A bundle whose gateway and RA/CA are at the far end. */
const { securityGateways, enrolment, backhaul, initialIpsec } = configurationFor(scene);
const changes: Partial<Configuration> = {
  securityGateways: securityGateways.slice(0, 1).map((one) => ({ ...one, address: far.address })),
  enrolment: { ...enrolment, url: `http://ra.invalid:8080/pkix/` },
  backhaul: { ...backhaul, mtu: 1500, dns: [] },
  initialIpsec: { ...initialIpsec, required: false },
};
const bundle = join(folder, 'LAB0001.p7m');
writeFileSync(bundle, await bundleFor(scene, changes));

/** strongSwan as a gateway that trusts this root. */
async function startGateway(root = pem(scene.vendor.root.certificate)): Promise<Charon> {
  charon = await startCharon({
    folder: join(folder, 'gateway'),
    network: far,
    cas: [root],
    proposals: 'aes128gcm16-prfsha256-ecp256',
  });
  return charon;
}

/** Runs `siteseal enb check-path` at the near end. */
async function check(...args: readonly string[]) {
  const all = ['enb', 'check-path', ...args, '--vendor-root', files.vendorRoot, '--json'];
  const ran = await startSiteseal(all, { home, shell }).done;
  const checked = documentOf(ran) as Checked;
  const of = (place: string) => checked.places.find((one) => one.place === place)?.checks ?? [];
  return {
    ...checked,
    code: ran.code,
    short: (place = 'laptop') => of(place).map((one) => `${one.check} ${one.outcome}`),
    figure: (name: string) => of('laptop').find((one) => one.check === name)?.figure,
  };
}

const good = [
  'name passed',
  'answer passed',
  'vendor-root passed',
  'traffic-gateway skipped',
  'port-4500 passed',
  'sizes passed',
  'ra-silent skipped',
];

describe('siteseal enb check-path, against strongSwan', () => {
  it('passes from the laptop, and leaves one half-open SA', async () => {
    const gateway = await startGateway();
    const checked = await check(bundle);
    assert.deepEqual([checked.code, checked.short()], [0, [...good, 'clock not-possible']]);
    assert.equal(checked.figure('sizes'), '1500 bytes');
    assert.match(gateway.swanctl('--stats'), /1 half-open/);
  });

  it('passes from the eNB, over its interface', async () => {
    await startGateway();
    const enb = await startEnbProcess(files, home, { shell });
    const at = ['--ethernet', `127.0.0.1:${enb.port}`];
    const write = ['enb', 'write', bundle, ...at, '--vendor-root', files.vendorRoot, '--out', folder];
    const written = await startSiteseal(write, { home, shell }).done;
    assert.equal(written.code, 0, written.stderr);
    const checked = await check(...at);
    assert.deepEqual(checked.short('enb'), [...good, 'clock passed'], JSON.stringify(checked));
    assert.equal(checked.code, 0);
  });

  it('finds that the gateway lacks the vendor root', async () => {
    await startGateway(pem(makeScene().vendor.root.certificate));
    const checked = await check(bundle);
    assert.deepEqual([checked.code, checked.fault?.code], [4, 'seg-lacks-vendor-root']);
  });

  it('finds that UDP 4500 is blocked', async () => {
    await startGateway();
    drop(far, 'udp dport 4500');
    assert.equal((await check(bundle)).fault?.code, 'port-4500-blocked');
  });

  it('finds the largest packets that get through', async () => {
    await startGateway();
    drop(far, 'meta length > 1280');
    const checked = await check(bundle);
    assert.deepEqual([checked.fault?.code, checked.figure('sizes')], ['path-too-small', '1280 bytes']);
  });

  it('finds a gateway that is silent, and one that is not there', async () => {
    assert.equal((await check(bundle)).fault?.code, 'ike-unreachable');
    drop(far, 'udp dport 500');
    assert.equal((await check(bundle)).fault?.code, 'ike-no-answer');
  });

  it('finds an RA/CA that answers outside the tunnel', async () => {
    await startGateway();
    const program = `require('net').createServer().listen(8080, '${far.address}', () => console.log('up'))`;
    const server = spawn('ip', ['netns', 'exec', far.namespace, process.execPath, '-e', program], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(server.stdout, 'data');
    const required = join(folder, 'required.p7m');
    const remoteSubnets = [`${far.address}/32`];
    writeFileSync(
      required,
      await bundleFor(scene, {
        ...changes,
        securityGateways: (changes.securityGateways ?? []).map((one) => ({ ...one, remoteSubnets })),
        enrolment: { ...enrolment, url: `http://${far.address}:8080/pkix/` },
        initialIpsec,
      }),
    );
    const checked = await check(required);
    await stopProcess(server);
    assert.equal(checked.fault?.code, 'ra-reachable-outside');
    assert.equal((await check(required)).fault, undefined);
  });
});
