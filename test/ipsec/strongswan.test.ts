import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { startStrongswanIpsec, type Ipsec, type Tunnel, type TunnelOrder } from '../../main/lab/index.ts';
import {
  Charon,
  charonsOf,
  loadCrls,
  sectionOf,
  startSeg,
  textOf,
  Vici,
  type SegOptions,
} from '../../main/strongswan/index.ts';
import { certificatesToPem } from '../../main/pki/index.ts';
import { entry } from '../kit/cli.ts';
import { temporaryFolder } from '../kit/enb.ts';
import { authorityKeyIdentifier, datesNow, makeIpsecPeer, makeIpsecPki, segName } from '../kit/ipsec-pki.ts';
import { makeCrl } from '../kit/pki.ts';

assert(process.env['SITESEAL_OWN_NETWORK'], 'Run within test/kit/on-own-network.sh');

// This process is the eNB. The gateway, and what is behind it, are in a network of their own at the other end of a cable.
const other = spawn('unshare', ['--net', 'sh', '-c', 'echo ready; exec sleep infinity'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const inside = ['nsenter', '--net', '--target', String(other.pid)];
const outer = { enb: '198.51.100.2', seg: '198.51.100.1', nobody: '198.51.100.5' };
const service = '10.20.0.10';
const port = 7000;

const home = temporaryFolder();
const pki = makeIpsecPki();

const run = (...[file = '', ...args]: readonly string[]) =>
  execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

/** Answers each connection with the address that it came from, and each question of DNS with `service`. */
const serviceCode = `
  require('node:net').createServer((socket) => socket.on('error', () => {}).on('data', () => {
    socket.write(socket.remoteAddress + '\\n');
  })).listen(${port}, '${service}', () => {
    const dns = require('node:dgram').createSocket('udp4');
    dns.on('message', (query, from) => {
      const head = Buffer.from(query.subarray(0, 12));
      head.writeUInt16BE(0x8180, 2); head.writeUInt16BE(1, 6); head.writeUInt32BE(0, 8);
      const question = query.subarray(12, query.indexOf(0, 12) + 5);
      const answer = Buffer.from('c00c00010001000000050004' + Buffer.from(from.address.split('.').map(Number)).toString('hex'), 'hex');
      dns.send(Buffer.concat([head, question, answer]), from.port, from.address);
    });
    dns.bind(53, '${service}', () => console.log('ready'));
  });`;
const services: ReturnType<typeof spawn>[] = [];

before(async () => {
  await once(other.stdout, 'data');
  run('ip', 'link', 'add', 'swe0', 'type', 'veth', 'peer', 'name', 'sws0', 'netns', String(other.pid));
  run('ip', 'address', 'add', `${outer.enb}/29`, 'dev', 'swe0');
  run('ip', 'link', 'set', 'swe0', 'up');
  for (const [address, device] of [
    [`${outer.seg}/29`, 'sws0'],
    [`${service}/32`, 'lo'],
  ] as const) {
    run(...inside, 'ip', 'address', 'add', address, 'dev', device);
    run(...inside, 'ip', 'link', 'set', device, 'up');
  }
  const [program, ...args] = [...inside, process.execPath, '-e', serviceCode];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  services.push(child);
  await once(child.stdout, 'data');
});

after(() => {
  for (const child of [...services, other]) child.kill('SIGKILL');
});

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const proposals = { proposals: ['aes128-sha256-ecp256'], espProposals: ['aes128gcm16'] };

let segCount = 0;
async function seg(changes: Partial<SegOptions> = {}): Promise<Charon> {
  const started = await startSeg({
    folder: join(home, `seg-${(segCount += 1)}`),
    launcher: inside,
    ...pki.seg,
    chain: [pki.operator.issuing.certificate],
    identity: segName,
    roots: [pki.vendor.root.certificate],
    untrusted: [],
    crls: [],
    subnets: ['10.20.0.0/24'],
    pools: ['10.30.0.0/29'],
    addresses: [],
    isChildless: false,
    ...proposals,
    ...changes,
  });
  assert(started.ok, JSON.stringify(started));
  closing.push(() => started.value.stop());
  return started.value;
}

let enbCount = 0;
async function enb(isChildless = false, folder = join(home, `enb-${(enbCount += 1)}`)): Promise<Ipsec> {
  const started = await startStrongswanIpsec({ folder, isChildless });
  assert(started.ok, JSON.stringify(started));
  closing.push(() => started.value.close());
  return started.value;
}

const gateway = {
  address: outer.seg,
  identity: segName,
  remoteSubnets: ['10.20.0.0/24'],
  ...proposals,
};

function order(changes: Partial<TunnelOrder> = {}): TunnelOrder {
  return {
    role: 'initial',
    gateways: [gateway],
    ...pki.enb,
    chain: [pki.vendor.issuing.certificate, pki.vendor.root.certificate],
    roots: [pki.operator.root.certificate],
    ...changes,
  };
}

const ignore = () => undefined;
const never = new AbortController().signal;

async function up(ipsec: Ipsec, what = order()): Promise<Tunnel> {
  const made = await ipsec.up(what, ignore, never);
  assert(made.ok, JSON.stringify(made));
  return made.value;
}

/** What the service behind the gateway sees as the address of the eNB. */
async function seenFrom(tunnel: Tunnel): Promise<string> {
  const stream = tunnel.connect(service, port);
  stream.write('?');
  const [answer] = (await once(stream, 'data')) as [Buffer];
  stream.destroy();
  return answer.toString().trim();
}

const addressesOfEnb = () => run('ip', '-brief', 'address');
const rulesOfEnb = () =>
  run('ip', 'rule')
    .split('\n')
    .filter((line) => line.startsWith('210:'));

describe('a tunnel of strongSwan', () => {
  it('carries traffic and names, from the inner address, and reports its phases', async () => {
    await seg();
    const ipsec = await enb();
    assert.equal(ipsec.kind, 'strongswan');
    const phases: string[] = [];
    const made = await ipsec.up(order(), (phase) => phases.push(phase), never);
    assert(made.ok, JSON.stringify(made));
    const tunnel = made.value;
    assert.deepEqual(phases, ['sent', 'answered', 'authenticated']);
    assert.deepEqual(tunnel.innerAddresses, ['10.30.0.1']);
    assert.deepEqual(tunnel.remoteSubnets, ['10.20.0.0/24']);
    assert.equal(tunnel.gateway, outer.seg);
    assert.equal(await seenFrom(tunnel), '10.30.0.1');
    assert.deepEqual(await tunnel.resolve('ra.operator.example', [service]), ['10.30.0.1']);
    await tunnel.down();
    assert.equal(tunnel.isUp(), false);
    assert.deepEqual(rulesOfEnb(), []);
  });

  it('reports the selectors that are installed, which can be narrower than those asked for', async () => {
    await seg();
    const tunnel = await up(await enb(), order({ gateways: [{ ...gateway, remoteSubnets: ['0.0.0.0/0'] }] }));
    assert.deepEqual(tunnel.remoteSubnets, ['10.20.0.0/24']);
  });

  it('to everything takes only traffic from its inner address', async () => {
    await seg({ subnets: ['0.0.0.0/0'] });
    const ipsec = await enb();
    const everything = order({ gateways: [{ ...gateway, remoteSubnets: ['0.0.0.0/0'] }] });
    const tunnel = await up(ipsec, everything);
    assert.equal(await seenFrom(tunnel), '10.30.0.1');
    assert.match(run('ip', 'route', 'get', outer.seg), /dev swe0/);
  });

  it('identifies itself by a name of its certificate', async () => {
    const charon = await seg();
    await up(await enb(), order({ identity: 'enb-1.vendor.example' }));
    const vici = await charon.connect();
    const peers: unknown[] = [];
    await vici.stream('list-sas', 'list-sa', {}, (message) => peers.push(message));
    vici.close();
    assert.match(JSON.stringify(peers), /"remote-id":"enb-1\.vendor\.example"/);
  });

  it('has the inner address that the order asks for', async () => {
    await seg({ pools: ['10.30.0.5/32'] });
    const gateways = [{ ...gateway, innerAddresses: ['10.30.0.5'] }];
    const tunnel = await up(await enb(), order({ gateways }));
    assert.deepEqual(tunnel.innerAddresses, ['10.30.0.5']);
    assert.equal(await seenFrom(tunnel), '10.30.0.5');
  });

  it('is with the first gateway that works', async () => {
    await seg();
    const wrong = { ...gateway, proposals: ['aes256-sha384-ecp384'] };
    const tunnel = await up(await enb(), order({ gateways: [wrong, gateway] }));
    assert.equal(await seenFrom(tunnel), '10.30.0.1');
  });

  it('goes down when the gateway ends it', async () => {
    const charon = await seg();
    const tunnel = await up(await enb());
    const down = new Promise<void>((resolve) => tunnel.onDown(resolve));
    await charon.stop();
    await down;
    assert.equal(tunnel.isUp(), false);
  });

  it('goes down when the gateway falls silent', { timeout: 60_000 }, async () => {
    const charon = await seg();
    const tunnel = await up(await enb());
    const down = new Promise<void>((resolve) => tunnel.onDown(resolve));
    for (const { pid } of charonsOf(join(charon.socket, '..', 'strongswan.conf')))
      process.kill(pid, 'SIGKILL');
    await down;
  });

  it('goes down with its daemon, and the next one starts a new daemon', async () => {
    await seg();
    const folder = join(home, 'dying');
    const ipsec = await enb(false, folder);
    const tunnel = await up(ipsec);
    const down = new Promise<void>((resolve) => tunnel.onDown(resolve));
    for (const { pid } of charonsOf(join(folder, 'strongswan.conf'))) process.kill(pid, 'SIGKILL');
    await down;
    assert.doesNotMatch(addressesOfEnb(), /10\.30\.0/);
    assert.match(await seenFrom(await up(ipsec)), /^10\.30\.0\./);
  });
});

/** Runs something each time before the `ip` program gets these first arguments. */
function beforeIp(pattern: string, command: string): void {
  const folder = join(home, `bin-${(enbCount += 1)}`);
  mkdirSync(folder);
  const real = run('sh', '-c', 'command -v ip').trim();
  writeFileSync(
    join(folder, 'ip'),
    `#!/bin/sh\ncase "$*" in ${pattern}) ${command} ;; esac\nexec ${real} "$@"\n`,
  );
  chmodSync(join(folder, 'ip'), 0o755);
  const { PATH = '' } = process.env;
  process.env['PATH'] = `${folder}${delimiter}${PATH}`;
  closing.push(() => {
    process.env['PATH'] = PATH;
    return Promise.resolve();
  });
}

/** A command that kills the daemon of a folder, and returns once its eNB can know. */
const killDaemonOf = (folder: string) =>
  `grep -lz "STRONGSWAN_CONF=${folder}/" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3 |
   while read pid; do [ "$(basename "$(readlink /proc/$pid/exe)")" = charon-systemd ] && kill -9 $pid; done; sleep 0.3`;

/** An eNB that has seen the end of its daemon. */
async function enbWithoutDaemon(folder: string): Promise<Ipsec> {
  const ipsec = await enb(false, folder);
  const tunnel = await up(ipsec);
  const down = new Promise<void>((resolve) => tunnel.onDown(resolve));
  for (const { pid } of charonsOf(join(folder, 'strongswan.conf'))) process.kill(pid, 'SIGKILL');
  await down;
  await tunnel.down();
  return ipsec;
}

describe('a tunnel of strongSwan that goes down early', () => {
  it('is not taken for one that is up', async () => {
    await seg();
    const folder = join(home, 'early');
    const ipsec = await enb(false, folder);
    beforeIp('"-4 rule add"*', killDaemonOf(folder));
    const made = await ipsec.up(order(), ignore, never);
    assert.equal(made.ok ? 'up' : made.fault.code, 'ike-tunnel-lost');
    assert.deepEqual(rulesOfEnb(), []);
  });

  it('with its daemon, which has just started, does not keep the next one from starting', async () => {
    await seg();
    const folder = join(home, 'dies-at-start');
    const ipsec = await enbWithoutDaemon(folder);
    beforeIp('"-4 rule list"*', killDaemonOf(folder));
    const made = await ipsec.up(order(), ignore, never);
    assert.equal(made.ok ? 'up' : made.fault.code, 'ike-unavailable');
    await closing.pop()?.();
    await up(ipsec);
  });

  it('leaves no daemon behind when its eNB is switched off meanwhile', async () => {
    await seg();
    const folder = join(home, 'switched-off');
    const ipsec = await enbWithoutDaemon(folder);
    const made = ipsec.up(order(), ignore, never);
    await ipsec.close();
    assert.equal((await made).ok, false);
    assert.deepEqual(charonsOf(join(folder, 'strongswan.conf')), []);
  });
});

describe('an inner address', () => {
  it('that another interface has too is refused: from there, packets could leave around the tunnel', async () => {
    await seg();
    run('ip', 'address', 'add', '10.30.0.1/32', 'dev', 'lo');
    try {
      const made = await (await enb()).up(order(), ignore, never);
      assert(!made.ok);
      assert.deepEqual([made.fault.code, made.fault.found], ['ike-address-refused', '10.30.0.1 (lo)']);
      assert.deepEqual(rulesOfEnb(), []);
    } finally {
      run('ip', 'address', 'del', '10.30.0.1/32', 'dev', 'lo');
    }
  });
});

describe('several tunnels', () => {
  it('to the same networks carry traffic each, and ending the older one does not cut the newer', async () => {
    await seg({ roots: [pki.vendor.root.certificate, pki.operator.root.certificate] });
    const ipsec = await enb();
    const older = await up(ipsec);
    const newer = await up(ipsec);
    const operatorEnb = makeIpsecPeer('O=Operator,CN=enb-1', pki.operator);
    const traffic = await up(
      ipsec,
      order({ role: 'traffic', ...operatorEnb, chain: [pki.operator.issuing.certificate] }),
    );
    // A gateway of strongSwan gives an eNB that it knows the same address again.
    assert.deepEqual(newer.innerAddresses, older.innerAddresses);
    assert.notDeepEqual(traffic.innerAddresses, older.innerAddresses);
    for (const tunnel of [older, newer, traffic]) {
      assert.equal(await seenFrom(tunnel), tunnel.innerAddresses[0]);
    }
    await older.down();
    assert.equal(await seenFrom(newer), newer.innerAddresses[0]);
    assert.equal(await seenFrom(traffic), traffic.innerAddresses[0]);
    assert(newer.isUp() && traffic.isUp());
    await newer.down();
    assert.equal(await seenFrom(traffic), traffic.innerAddresses[0]);
  });
});

/** Lets the gateways get nothing on UDP 4500; the returned function ends that. */
function blockPort4500(): () => void {
  run(...inside, 'nft', 'add table inet sw; add chain inet sw in { type filter hook input priority 0; }');
  run(...inside, 'nft', 'add rule inet sw in udp dport 4500 drop');
  return () => run(...inside, 'nft', 'delete table inet sw');
}

describe('what an eNB leaves', () => {
  it('is nothing after an attempt that is aborted', async () => {
    const charon = await seg();
    const ipsec = await enb();
    const ending = new AbortController();
    // Otherwise the gateway may authenticate the eNB before the abort arrives.
    const unblock = blockPort4500();
    const made = await ipsec.up(order(), (phase) => phase === 'sent' && ending.abort(), ending.signal);
    unblock();
    assert(!made.ok);
    assert.equal(made.fault.code, 'cancelled');
    await up(ipsec).then((tunnel) => tunnel.down());
    const vici = await charon.connect();
    const states: unknown[] = [];
    await vici.stream('list-sas', 'list-sa', {}, (message) =>
      states.push(textOf(sectionOf(message, Object.keys(message)[0] ?? ''), 'state')),
    );
    vici.close();
    // The gateway waits a while for the rest of the attempt.
    assert.deepEqual(states, ['CONNECTING']);
    assert.deepEqual(rulesOfEnb(), []);
  });

  it('is ended when it is killed and starts again', async () => {
    await seg();
    const folder = join(home, 'killed');
    const code = `
      import { startStrongswanIpsec } from ${JSON.stringify(join(import.meta.dirname, '../../main/lab/index.ts'))};
      const started = await startStrongswanIpsec({ folder: ${JSON.stringify(folder)} });
      console.log(started.ok ? 'ready' : JSON.stringify(started));
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    assert.equal(line.toString().trim(), 'ready');
    child.kill('SIGKILL');
    await once(child, 'close');
    const settings = join(folder, 'strongswan.conf');
    const [left] = charonsOf(settings);
    assert(left, 'the daemon outlives its eNB');
    run('ip', 'rule', 'add', 'from', '10.30.0.1', 'priority', '210', 'lookup', '21000');
    const foreign = ['from', '10.99.0.1', 'priority', '210', 'lookup', '99'];
    run('ip', 'rule', 'add', ...foreign);
    const ipsec = await enb(false, folder);
    run('ip', 'rule', 'del', ...foreign);
    assert.deepEqual(charonsOf(settings).length, 1);
    assert.notEqual(charonsOf(settings)[0]?.pid, left.pid);
    assert.deepEqual(rulesOfEnb(), []);
    assert.equal(await seenFrom(await up(ipsec)), '10.30.0.1');
  });

  it('is not its key, once the tunnel is up', async () => {
    await seg();
    const folder = join(home, 'keys');
    await up(await enb(false, folder));
    const vici = await Vici.open(join(folder, 'charon.vici'));
    assert.deepEqual((await vici.request('get-keys')).keys, []);
    vici.close();
  });

  it('has no private key in its folder', async () => {
    const charon = await seg();
    const folder = join(charon.socket, '..');
    assert.doesNotMatch(readFileSync(join(folder, 'strongswan.conf'), 'utf8'), /PRIVATE/);
  });
});

describe('IKE without a child', () => {
  it('proves who both sides are, and carries nothing', async () => {
    await seg({ isChildless: true });
    const ipsec = await enb(true);
    assert.equal(ipsec.kind, 'childless');
    const tunnel = await up(ipsec);
    assert.deepEqual([tunnel.innerAddresses, tunnel.remoteSubnets], [[], []]);
    const [error] = (await once(tunnel.connect(service, port), 'error')) as [Error];
    assert.match(error.message, /no address/);
  });

  it('is refused like a tunnel', async () => {
    await seg({ isChildless: true, roots: [pki.other.root.certificate] });
    const made = await (await enb(true)).up(order(), ignore, never);
    assert.equal(made.ok ? '' : made.fault.code, 'ike-peer-refused');
  });
});

const hour = 3_600_000;
const inAnHour = new Date(Date.now() + hour);
const anHourAgo = new Date(Date.now() - hour);
const segWith = (contents: object) => makeIpsecPeer('O=Operator,CN=seg1', pki.operator, [segName], contents);
const fromOther = makeIpsecPeer('O=Other,CN=seg1', pki.other, [segName]);
const otherName = makeIpsecPeer('O=Operator,CN=seg2', pki.operator, ['seg2.operator.example']);
const iso = (time: Date) => `${time.toISOString().slice(0, 19)}Z`;

/** What is wrong, and the fault of it. */
const refusals: readonly {
  readonly title: string;
  readonly seg?: Partial<SegOptions> | null;
  readonly order?: Partial<TunnelOrder>;
  readonly fault: object;
}[] = [
  {
    title: 'no gateway answers there',
    seg: null,
    order: { gateways: [{ ...gateway, address: outer.nobody }] },
    fault: { code: 'ike-no-answer' },
  },
  { title: 'nothing listens there', seg: null, fault: { code: 'ike-unreachable', found: 'ECONNREFUSED' } },
  {
    title: 'there is no route',
    seg: null,
    order: { gateways: [{ ...gateway, address: '203.0.113.1' }] },
    fault: { code: 'ike-unreachable', found: 'ENETUNREACH' },
  },
  {
    title: 'the name has no address',
    seg: null,
    order: { gateways: [{ ...gateway, address: 'seg.invalid' }] },
    fault: { code: 'ike-name-unresolved' },
  },
  {
    title: 'the gateway has other algorithms for IKE',
    seg: { proposals: ['aes256-sha384-ecp384'] },
    fault: { code: 'ike-proposal-refused', rule: 'ike-proposal' },
  },
  {
    title: 'the gateway wants a group that the eNB does not offer',
    seg: { proposals: ['aes128-sha256-ecp384'] },
    fault: { code: 'ike-proposal-refused', rule: 'ike-proposal' },
  },
  {
    title: 'the gateway has other algorithms for ESP',
    seg: { espProposals: ['aes256gcm16'] },
    fault: { code: 'ike-proposal-refused', rule: 'esp-proposal' },
  },
  {
    title: 'the gateway does not trust the eNB',
    seg: { roots: [pki.other.root.certificate] },
    fault: { code: 'ike-peer-refused' },
  },
  {
    title: 'the eNB claims a name that its certificate does not have',
    order: { identity: 'enb-7.vendor.example' },
    fault: { code: 'ike-peer-refused' },
  },
  {
    title: "the gateway's certificate leads to another root",
    seg: { ...fromOther, chain: [pki.other.issuing.certificate] },
    fault: { code: 'ike-peer-untrusted', rule: 'ike-path', found: 'O=Other, CN=Other root' },
  },
  {
    title: 'the gateway does not send the CA above its certificate',
    seg: { chain: [] },
    fault: { code: 'ike-peer-untrusted', rule: 'ike-issuer', found: 'O=Operator, CN=Operator CA' },
  },
  {
    title: "the gateway's certificate has expired",
    seg: segWith({ notAfter: anHourAgo }),
    fault: { code: 'ike-peer-untrusted', rule: 'ike-not-expired', found: iso(anHourAgo) },
  },
  {
    title: "the gateway's certificate is not in force yet",
    seg: segWith({ notBefore: inAnHour }),
    fault: { code: 'ike-peer-untrusted', rule: 'ike-begun', found: iso(inAnHour) },
  },
  {
    title: 'the gateway is another one',
    seg: { ...otherName, identity: 'seg2.operator.example' },
    fault: { code: 'ike-peer-untrusted', rule: 'ike-identity', found: 'seg2.operator.example' },
  },
  {
    title: 'the bundle names a gateway that only a pattern could be',
    seg: { identity: undefined },
    order: { gateways: [{ ...gateway, identity: 'O=Operator,CN=*' }] },
    fault: { code: 'ike-peer-untrusted', rule: 'ike-identity' },
  },
  {
    title: 'the gateway has other networks behind it',
    seg: { subnets: ['10.99.0.0/24'] },
    fault: { code: 'ike-selectors-refused' },
  },
  {
    title: 'the gateway has no addresses to give',
    seg: { pools: [] },
    fault: { code: 'ike-address-refused' },
  },
  {
    title: 'the gateway gives another address than the order asks for',
    order: { gateways: [{ ...gateway, innerAddresses: ['10.31.0.1'] }] },
    fault: { code: 'ike-address-refused', expected: '10.31.0.1', found: '10.30.0.1' },
  },
  {
    title: 'one gateway is silent and the other refuses: the fault is of the one that came further',
    seg: { subnets: ['10.99.0.0/24'] },
    order: { gateways: [{ ...gateway, proposals: ['aes256-sha384-ecp384'] }, gateway] },
    fault: { code: 'ike-selectors-refused' },
  },
];

describe('an eNB says why there is no tunnel when', () => {
  for (const refusal of refusals) {
    it(refusal.title, async () => {
      if (refusal.seg !== null) await seg(refusal.seg);
      const made = await (await enb()).up(order(refusal.order), ignore, never);
      assert(!made.ok);
      const address = refusal.order?.gateways?.at(-1)?.address ?? outer.seg;
      const { found, ...rest } = made.fault;
      const expected = { where: { address }, ...refusal.fault };
      assert.deepEqual('found' in expected ? { ...rest, found } : rest, expected);
      assert.deepEqual(rulesOfEnb(), []);
    });
  }

  it("the gateway's certificate is revoked", async () => {
    await seg();
    const folder = join(home, 'revoked');
    const ipsec = await enb(false, folder);
    const vici = await Vici.open(join(folder, 'charon.vici'));
    const crl = makeCrl(pki.operator.issuing, {
      revoked: [pki.seg.certificate],
      thisUpdate: anHourAgo,
      nextUpdate: datesNow.notAfter,
      extensions: [authorityKeyIdentifier(pki.operator.issuing)],
    });
    await loadCrls(vici, [crl]);
    vici.close();
    const made = await ipsec.up(order(), ignore, never);
    assert(!made.ok);
    assert.equal(made.fault.rule, 'ike-not-revoked');
  });

  it('port 4500 is blocked', async () => {
    await seg();
    const unblock = blockPort4500();
    try {
      const made = await (await enb()).up(order(), ignore, never);
      assert(!made.ok);
      assert.deepEqual([made.fault.code, made.fault.rule], ['ike-no-answer', 'ike-answer-4500']);
    } finally {
      unblock();
    }
  });
});

describe('siteseal lab seg', () => {
  /** Writes files for the command, and returns the command with them. */
  function command(name: string, ...more: readonly string[]): readonly string[] {
    const folder = join(home, name);
    mkdirSync(folder);
    const write = (file: string, text: string) => {
      writeFileSync(join(folder, file), text);
      return join(folder, file);
    };
    return [
      ...[process.execPath, entry, 'lab', 'seg', '--state', join(folder, 'state'), '--json'],
      ...['--certificate', write('seg.pem', certificatesToPem([pki.seg.certificate]))],
      ...['--key', write('seg.key', pki.seg.key.export({ format: 'pem', type: 'pkcs8' }) as string)],
      ...['--chain', write('chain.pem', certificatesToPem([pki.operator.issuing.certificate]))],
      ...['--trust', write('root.pem', certificatesToPem([pki.vendor.root.certificate]))],
      ...['--trust', write('other.pem', certificatesToPem([pki.operator.root.certificate]))],
      ...['--identity', segName, '--pool', '10.30.0.0/24', '--proposal', 'aes128-sha256-ecp256'],
      ...more,
    ];
  }

  it('runs a gateway until it is stopped', async () => {
    const [program, ...args] = [...inside, ...command('command', '--subnet', '10.20.0.0/24')];
    const child = spawn(program ?? '', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    const closed = once(child, 'close');
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { socket, ...said } = JSON.parse(line.toString()) as { readonly socket: string };
    assert.deepEqual(said, { kind: 'strongswan', identity: segName });
    assert.equal(await seenFrom(await up(await enb())), '10.30.0.1');
    child.kill('SIGTERM');
    assert.deepEqual(await closed, [0, null]);
    assert.deepEqual(charonsOf(join(socket, '..', 'strongswan.conf')), []);
  });

  it('refuses a network that is none', () => {
    const [program, ...args] = command('refused', '--subnet', '10.20.0.0/33');
    const { status, stdout } = spawnSync(program ?? '', args, { encoding: 'utf8' });
    assert.notEqual(status, 0);
    assert.match(stdout, /"rule":\s*"address-with-prefix"/);
  });
});
