import assert from 'node:assert/strict';
import { connect as connectTcp, createServer, type AddressInfo, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Fault } from '../../../main/faults/index.ts';
import { issue, type KeyPair } from '../../../main/lab/issue-certificate.ts';
import { labCertificates, type LabOptions } from '../../../main/lab/lab-certificates.ts';
import type { Ipsec, TunnelGateway, TunnelOrder } from '../../../main/lab/ipsec.ts';
import { listen, standInIpsec, StandInSeg, type StandInSegOptions } from '../../../main/lab/index.ts';
import { answerSchemas, receive, send } from '../../../main/lab/stand-in-messages.ts';
import { certificatesToPem, exactly, nameToText, type Certificate } from '../../../main/pki/index.ts';

const now = new Date('2026-11-15T12:00:00Z');
const hour = 3_600_000;
const options: LabOptions = {
  keyKind: 'P-256',
  training: true,
  notBefore: new Date(now.getTime() - hour),
  notAfter: new Date(now.getTime() + hour),
};
const identity = 'seg1.backhaul.example';
const enb = { hwType: '2.25.1', serialNumber: 'LAB0001' };

/** An operator's gateway and an eNB of a vendor, each with its CAs. */
async function makePki(training = true) {
  const all = { ...options, training };
  const operatorRoot = await issue(labCertificates.operatorRoot('Operator', all));
  const operatorCa = await issue(labCertificates.operatorIssuing('Operator', all), operatorRoot);
  const vendorRoot = await issue(labCertificates.vendorRoot('Vendor', all));
  const vendorCa = await issue(labCertificates.vendorIssuing('Vendor', all), vendorRoot);
  return {
    operatorRoot,
    operatorCa,
    vendorRoot,
    vendorCa,
    gateway: await issue(labCertificates.gateway('Operator', identity, all), operatorCa),
    enb: await issue(labCertificates.enb(enb, all), vendorCa),
  };
}
type Pki = Awaited<ReturnType<typeof makePki>>;

let pki: Pki;
let foreign: Pki;
before(async () => {
  [pki, foreign] = await Promise.all([makePki(), makePki()]);
});

/** What is behind the gateway: one server that answers each line it gets in capitals. */
const inside = createServer((socket: Socket) => {
  socket.on('error', () => undefined).on('data', (bytes) => socket.write(bytes.toString().toUpperCase()));
});
before(() => new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve)));
after(() => inside.close());

const gateway: TunnelGateway = {
  address: identity,
  identity,
  remoteSubnets: ['10.20.0.0/24'],
  proposals: ['aes256-sha384-ecp384', 'aes128-sha256-ecp256'],
  espProposals: ['aes128gcm16'],
};

/** As the key of `connectTo`. */
const at = (address: string) => `${address}:4500`;

const credential = ({ key, certificate }: KeyPair, ca: KeyPair) => ({
  key,
  certificate,
  chain: [ca.certificate],
});

function orderOf(changes: Partial<TunnelGateway> = {}, order: Partial<TunnelOrder> = {}): TunnelOrder {
  return {
    role: 'initial',
    gateways: [{ ...gateway, ...changes }],
    ...credential(pki.enb, pki.vendorCa),
    roots: [pki.operatorRoot.certificate],
    ...order,
  };
}

interface Scene {
  readonly ipsec: Ipsec;
  readonly events: string[];
  readonly port: number;
  up(order?: TunnelOrder): Promise<Fault | readonly string[]>;
  stop(): Promise<void>;
}

const trusting = (...roots: Certificate[]) => ({ roots, clock: () => exactly(now) });

/** A gateway that listens, and an eNB that is led to it. Both end with the test. */
async function start(context: TestContext, changes: Partial<StandInSegOptions> = {}): Promise<Scene> {
  const events: string[] = [];
  const seg = new StandInSeg({
    credential: credential(pki.gateway, pki.operatorCa),
    trust: trusting(pki.vendorRoot.certificate),
    proposals: ['aes128-sha256-ecp256'],
    espProposals: ['aes128gcm16', 'aes128-sha256'],
    subnets: ['10.20.0.0/24', '10.21.0.0/16'],
    pool: '10.99.0.0/29',
    behind: {
      connect: (_, port) => connectTcp(port, '127.0.0.1'),
      resolve: (name) => Promise.resolve(name === 'ra.pki.example' ? ['10.20.0.10'] : []),
    },
    onEvent: (event) => events.push('code' in event ? `${event.kind} ${event.code}` : event.kind),
    ...changes,
  });
  const listening = await seg.listen('127.0.0.1', 0);
  const connectTo = { [at(identity)]: `127.0.0.1:${listening.port}` };
  const ipsec = standInIpsec({ connectTo, now: () => now, deadline: 5_000 });
  context.after(async () => {
    await ipsec.close();
    await listening.close();
  });
  return {
    ...{ ipsec, events, port: listening.port },
    stop: () => listening.close(),
    async up(order = orderOf()) {
      const phases: string[] = [];
      const tunnel = await ipsec.up(order, (phase) => phases.push(phase), new AbortController().signal);
      return tunnel.ok ? phases : tunnel.fault;
    },
  };
}

async function openTunnel({ ipsec }: Scene, order = orderOf()) {
  const tunnel = await ipsec.up(order, () => undefined, new AbortController().signal);
  assert(tunnel.ok, JSON.stringify(tunnel));
  return tunnel.value;
}

const errorOf = (stream: Duplex) =>
  new Promise<unknown>((resolve) => stream.once('error', (error) => resolve('code' in error && error.code)));

const port = () => (inside.address() as AddressInfo).port;

describe('the stand-in for IPsec', () => {
  it('authenticates both sides, and agrees on the smaller network and a free inner address', async (context) => {
    const scene = await start(context);
    const tunnel = await openTunnel(scene, orderOf({ remoteSubnets: ['10.0.0.0/8', '192.0.2.0/24'] }));
    assert.deepEqual(tunnel.remoteSubnets, ['10.20.0.0/24', '10.21.0.0/16']);
    assert.deepEqual(tunnel.innerAddresses, ['10.99.0.2']);
    assert.equal(tunnel.gateway, identity);
    assert(tunnel.isUp());
    assert.deepEqual(await scene.up(), ['sent', 'answered', 'authenticated']);
  });

  it('carries streams to what is behind the gateway', async (context) => {
    const tunnel = await openTunnel(await start(context));
    const stream = tunnel.connect('10.20.0.10', port());
    const answer = new Promise((resolve) => stream.once('data', (bytes) => resolve(String(bytes))));
    stream.write('a line');
    assert.equal(await answer, 'A LINE');
    const all = text(stream);
    stream.end();
    assert.equal(await all, '');
  });

  it('leads nowhere but to the networks of the tunnel', async (context) => {
    const tunnel = await openTunnel(await start(context));
    assert.equal(await errorOf(tunnel.connect('10.21.0.1', port())), 'ENETUNREACH');
    assert.equal(await errorOf(tunnel.connect('127.0.0.1', port())), 'ENETUNREACH');
    await assert.rejects(tunnel.resolve('ra.pki.example', ['192.0.2.53']), { code: 'ENETUNREACH' });
  });

  it('reports the error of a connection behind the gateway', async (context) => {
    const closed = await listen('127.0.0.1', 0, () => undefined);
    await closed.close();
    const tunnel = await openTunnel(await start(context));
    assert.equal(await errorOf(tunnel.connect('10.20.0.10', closed.port)), 'ECONNREFUSED');
  });

  it('asks for names through the gateway', async (context) => {
    const tunnel = await openTunnel(await start(context));
    assert.deepEqual(await tunnel.resolve('ra.pki.example', ['10.20.0.53']), ['10.20.0.10']);
    assert.deepEqual(await tunnel.resolve('other.example', ['10.20.0.53']), []);
  });

  const refusals: readonly {
    readonly name: string;
    readonly seg?: () => Partial<StandInSegOptions>;
    readonly order?: () => TunnelOrder;
    readonly code: string;
    readonly rule?: string;
    readonly events: readonly string[];
  }[] = [
    {
      name: 'a gateway that does not trust the vendor',
      seg: () => ({ trust: trusting(foreign.vendorRoot.certificate) }),
      code: 'ike-peer-refused',
      events: ['refused ike-peer-refused'],
    },
    {
      name: 'an eNB that calls itself something else',
      order: () => orderOf({}, { identity: 'enb.example' }),
      code: 'ike-peer-refused',
      events: ['refused ike-peer-refused'],
    },
    {
      name: 'a gateway of another operator',
      seg: () => ({ credential: credential(foreign.gateway, foreign.operatorCa) }),
      code: 'ike-peer-untrusted',
      rule: 'ike-path',
      events: [],
    },
    {
      name: 'a gateway that does not show the CA between its certificate and the root',
      seg: () => ({ credential: { ...pki.gateway, chain: [] } }),
      code: 'ike-peer-untrusted',
      rule: 'ike-issuer',
      events: [],
    },
    {
      name: 'a gateway with another name',
      order: () => orderOf({ identity: 'seg2.backhaul.example' }),
      code: 'ike-peer-untrusted',
      rule: 'ike-identity',
      events: [],
    },
    {
      name: 'a gateway whose algorithms for IKE the bundle does not offer',
      seg: () => ({ proposals: ['aes256gcm16-prfsha384-ecp521'] }),
      code: 'ike-proposal-refused',
      rule: 'ike-proposal',
      events: ['refused ike-proposal-refused'],
    },
    {
      name: 'a gateway whose algorithms for ESP the bundle does not offer',
      seg: () => ({ espProposals: ['aes256gcm16'] }),
      code: 'ike-proposal-refused',
      rule: 'esp-proposal',
      events: ['refused ike-proposal-refused'],
    },
    {
      name: 'a gateway that leads to other networks',
      order: () => orderOf({ remoteSubnets: ['192.0.2.0/24'] }),
      code: 'ike-selectors-refused',
      events: ['refused ike-selectors-refused'],
    },
    {
      name: 'an inner address outside the pool',
      order: () => orderOf({ innerAddresses: ['10.98.0.2'] }),
      code: 'ike-address-refused',
      events: ['refused ike-address-refused'],
    },
  ];
  for (const { name, seg, order, code, rule, events } of refusals)
    it(`refuses ${name}`, async (context) => {
      const scene = await start(context, seg?.());
      const fault = await scene.up(order?.());
      assert(!Array.isArray(fault) && 'code' in fault, JSON.stringify(fault));
      assert.deepEqual([fault.code, fault.rule], [code, rule]);
      assert.deepEqual(fault.where, { address: identity });
      assert.deepEqual(scene.events, events);
    });

  it('refuses an expired certificate of a gateway by the clock of the eNB, and takes it without a clock', async (context) => {
    const { port: gatewayPort } = await start(context);
    const connectTo = { [at(identity)]: `127.0.0.1:${gatewayPort}` };
    const outcome = async (clock: (() => Date) | undefined) => {
      const ipsec = standInIpsec({ connectTo, now: clock });
      context.after(() => ipsec.close());
      const up = await ipsec.up(orderOf(), () => undefined, new AbortController().signal);
      return up.ok ? 'up' : [up.fault.code, up.fault.rule, up.fault.because?.code];
    };
    const late = new Date(now.getTime() + 8 * hour);
    assert.deepEqual(await outcome(() => late), [
      'ike-peer-untrusted',
      'ike-not-expired',
      'certificate-expired',
    ]);
    assert.equal(await outcome(undefined), 'up');
  });

  it('reports silence, a closed port, an unknown name, and something that is no gateway', async (context) => {
    const silent = await listen('127.0.0.1', 0, (socket) => socket.resume());
    const talker = await listen('127.0.0.1', 0, (socket) => socket.end('220 ready\r\n'));
    const closed = await listen('127.0.0.1', 0, () => undefined);
    await closed.close();
    context.after(() => Promise.all([silent.close(), talker.close()]));
    const faultAt = async (target: string) => {
      const ipsec = standInIpsec({ connectTo: { [at(identity)]: target }, now: () => now, deadline: 300 });
      const up = await ipsec.up(orderOf(), () => undefined, new AbortController().signal);
      return up.ok ? 'up' : up.fault.code;
    };
    assert.equal(await faultAt(`127.0.0.1:${silent.port}`), 'ike-no-answer');
    assert.equal(await faultAt(`127.0.0.1:${closed.port}`), 'ike-unreachable');
    assert.equal(await faultAt(`127.0.0.1:${talker.port}`), 'ike-malformed');
    assert.equal(await faultAt('no-such-gateway.invalid:4500'), 'ike-name-unresolved');
  });

  it('takes the next gateway, and without one reports the fault of the gateway that came furthest', async (context) => {
    const scene = await start(context);
    const closed = await listen('127.0.0.1', 0, () => undefined);
    await closed.close();
    const away = { ...gateway, address: 'seg0.backhaul.example' };
    const connectTo = {
      [at(identity)]: `127.0.0.1:${scene.port}`,
      [at(away.address)]: `127.0.0.1:${closed.port}`,
    };
    const ipsec = standInIpsec({ connectTo, now: () => now });
    context.after(() => ipsec.close());
    const { signal } = new AbortController();
    const phases: string[] = [];
    const order = { ...orderOf(), gateways: [away, gateway] };
    const second = await ipsec.up(order, (phase) => phases.push(phase), signal);
    assert(second.ok);
    assert.equal(second.value.gateway, identity);
    assert.deepEqual(phases, ['sent', 'sent', 'answered', 'authenticated']);
    const other = { ...gateway, remoteSubnets: ['192.0.2.0/24'] };
    const none = await ipsec.up({ ...order, gateways: [away, other, away] }, () => undefined, signal);
    assert.equal(!none.ok && none.fault.code, 'ike-selectors-refused');
  });

  it('is down when the gateway ends, with its streams', async (context) => {
    const scene = await start(context);
    const tunnel = await openTunnel(scene);
    const stream = tunnel.connect('10.20.0.10', port());
    await new Promise((resolve) => {
      stream.once('data', resolve);
      stream.write('a');
    });
    const over = new Promise((resolve) => stream.once('end', resolve).once('error', resolve));
    const down = new Promise<void>((resolve) => tunnel.onDown(resolve));
    await scene.stop();
    await down;
    await over;
    assert(!tunnel.isUp());
    assert.equal(await errorOf(tunnel.connect('10.20.0.10', port())), 'ECONNRESET');
  });

  it('gives an address back when its tunnel ends, and has none left when the pool is used up', async (context) => {
    const ended = Promise.withResolvers<undefined>();
    const scene = await start(context, {
      pool: '10.99.0.0/30',
      onEvent: ({ kind }) => kind === 'down' && ended.resolve(undefined),
    });
    const tunnel = await openTunnel(scene);
    const full = await scene.up();
    assert('code' in full && full.code === 'ike-address-refused');
    await tunnel.down();
    await ended.promise;
    assert.deepEqual((await openTunnel(scene)).innerAddresses, ['10.99.0.2']);
  });

  it('lets an older and a newer tunnel of one eNB have the same address, and those of others not', async (context) => {
    const scene = await start(context, {
      trust: trusting(pki.vendorRoot.certificate, foreign.vendorRoot.certificate),
    });
    const wanted = { innerAddresses: ['10.99.0.5'] };
    await openTunnel(scene, orderOf(wanted));
    assert.deepEqual((await openTunnel(scene, orderOf(wanted))).innerAddresses, ['10.99.0.5']);
    const other = await issue(
      labCertificates.enb({ ...enb, serialNumber: 'LAB0002' }, options),
      foreign.vendorCa,
    );
    const refused = await scene.up(orderOf(wanted, credential(other, foreign.vendorCa)));
    assert('code' in refused && refused.code === 'ike-address-refused');
  });

  it('leaves no tunnel behind when it is aborted', async (context) => {
    const ended = Promise.withResolvers<undefined>();
    const scene = await start(context, {
      onEvent: ({ kind }) => kind === 'down' && ended.resolve(undefined),
    });
    for (const phase of ['sent', 'answered', 'authenticated']) {
      const stop = new AbortController();
      const up = await scene.ipsec.up(orderOf(), (reached) => reached === phase && stop.abort(), stop.signal);
      assert.equal(!up.ok && up.fault.code, 'cancelled', phase);
    }
    await openTunnel(scene);
    await scene.ipsec.close();
    await ended.promise;
  });

  it('refuses to run with certificates that are not for training', async (context) => {
    const real = await makePki(false);
    const scene = await start(context);
    const refusal = { code: 'ike-unavailable', rule: 'stand-in-training' };
    assert.deepEqual(await scene.up(orderOf({}, { roots: [real.operatorRoot.certificate] })), refusal);
    assert.deepEqual(await scene.up(orderOf({}, credential(real.enb, real.vendorCa))), refusal);
    assert.deepEqual(scene.events, []);
  });
});

describe('the gateway of the stand-in', () => {
  it('serves a stream only to the eNB whose tunnel it is', async (context) => {
    const { port: gatewayPort } = await start(context, {
      trust: trusting(pki.vendorRoot.certificate, foreign.vendorRoot.certificate),
    });
    const socket = tls(gatewayPort, pki.enb);
    context.after(() => socket.destroy());
    const name = nameToText(pki.enb.certificate.subject);
    send(socket, { kind: 'tunnel', identity: name, gateway: identity, proposals: [...gateway.proposals] });
    await receive(socket, answerSchemas.tunnel, 5_000);
    send(socket, { kind: 'child', espProposals: ['aes128gcm16'], remoteSubnets: ['10.20.0.0/24'] });
    const up = await receive(socket, answerSchemas.child, 5_000);
    assert(up.ok && up.value.kind === 'up');
    const opening = {
      kind: 'connect',
      tunnel: up.value.tunnel,
      address: '10.20.0.10',
      port: port(),
    } as const;
    for (const [holder, answers] of [
      [pki.enb, true],
      [foreign.enb, false],
    ] as const) {
      const stream = tls(gatewayPort, holder);
      send(stream, opening);
      assert.equal((await receive(stream, answerSchemas.connect, 5_000)).ok, answers);
      stream.destroy();
    }
  });

  it('closes a connection that brings no valid message', async (context) => {
    const scene = await start(context);
    const messages = [
      frame('{}'),
      frame('{"format":"siteseal-stand-in/1","kind":"tunnel"}'),
      Buffer.from([0, 0]),
      Buffer.from([0xff, 0xff, 1]),
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    ];
    for (const message of messages)
      assert.equal(await sent(scene.port, message, pki.enb), '', String(message));
    assert.deepEqual(scene.events, []);
  });

  it('refuses a peer without a certificate', async (context) => {
    const scene = await start(context);
    const opening = {
      format: 'siteseal-stand-in/1',
      kind: 'tunnel',
      identity: 'a',
      gateway: 'b',
      proposals: gateway.proposals,
    };
    assert.match(await sent(scene.port, frame(JSON.stringify(opening)), undefined), /"ike-peer-refused"/);
  });

  it('closes a connection that says nothing', async (context) => {
    const scene = await start(context, { deadline: 100 });
    const socket = connectTcp(scene.port, '127.0.0.1');
    assert.equal(await text(socket), '');
    assert.equal(await sent(scene.port, Buffer.of(), pki.enb), '');
  });

  it('takes connections and answers nothing while it is silent', async (context) => {
    const scene = await start(context, { isSilent: true });
    const ipsec = standInIpsec({
      connectTo: { [at(identity)]: `127.0.0.1:${scene.port}` },
      now: () => now,
      deadline: 300,
    });
    const up = await ipsec.up(orderOf(), () => undefined, new AbortController().signal);
    assert.equal(!up.ok && up.fault.code, 'ike-no-answer');
  });
});

function frame(document: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(document.length);
  return Buffer.concat([length, Buffer.from(document)]);
}

/** What the gateway answers to these bytes from the holder of a certificate, until it ends the connection. */
async function sent(to: number, bytes: Buffer, holder: KeyPair | undefined): Promise<string> {
  const socket = tls(to, holder);
  if (bytes.length > 0) socket.write(bytes);
  return text(socket).catch(() => '');
}

function tls(to: number, holder: KeyPair | undefined): TLSSocket {
  const socket = connectTls({
    ...{ host: '127.0.0.1', port: to, rejectUnauthorized: false, minVersion: 'TLSv1.3' as const },
    ...(holder && {
      key: holder.key.export({ format: 'pem', type: 'pkcs8' }),
      cert: certificatesToPem([holder.certificate, pki.vendorCa.certificate, foreign.vendorCa.certificate]),
    }),
  });
  return socket.on('error', () => undefined);
}
