import assert from 'node:assert/strict';
import { createPublicKey, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { describe, it } from 'node:test';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { der, encodePem } from '../../../main/asn1/index.ts';
import { openSession, withSession, type EnbTrust } from '../../../main/device/index.ts';
import { ok, type Result } from '../../../main/faults/index.ts';
import { CommissioningServer } from '../../../main/lab/index.ts';
import { issue, makeEnb, makeVendor, type KeyPair } from '../../kit/issue-certificate.ts';
import { makeCa, remake } from '../../kit/pki.ts';
import { hwType, identity, issueCrl, labOptions, makeScene, otherIdentity } from '../../kit/bundle.ts';
import {
  deadlines,
  enbOptions,
  keyPem,
  listening,
  makeReferenceEnb,
  pem,
  sendJson,
  startEnb,
  startFaultyEnb,
  startTcpPeer,
  startTlsPeer,
  trustOf,
  type Listening,
} from '../../kit/enb.ts';
import { rootFault } from '../../kit/fault.ts';

const scene = makeScene();
const { vendor } = scene;
const chain = [vendor.issuing.certificate];

/** The result of an attempt to open a session with a peer, which then closes. */
async function attempt(peer: Listening, trust: EnbTrust = trustOf(scene), limits = deadlines) {
  const session = await openSession(peer.transport, trust, limits);
  if (session.ok) session.value.close();
  await peer.close();
  return session;
}

/** The fault with which a peer is refused, which must name its address. */
async function refusalOf(peer: Listening, trust?: EnbTrust, limits?: typeof deadlines) {
  const session = await attempt(peer, trust, limits);
  assert(!session.ok, 'a session was opened');
  const { where, ...fault } = session.fault;
  assert.equal(where?.address, `127.0.0.1:${peer.port}`);
  return fault;
}

describe('an eNB that proves who it is', () => {
  it('is known by its certificate, and describes itself', async () => {
    const enb = await startEnb(scene);
    let isConnected = false;
    const session = await openSession(enb.transport, trustOf(scene), deadlines, () => (isConnected = true));
    assert(session.ok);
    assert(isConnected);
    assert.deepEqual(session.value.enb, identity);
    assert.deepEqual(session.value.certificate.der, scene.enb.certificate.der);
    assert.deepEqual(session.value.identity, {
      ...identity,
      vendor: 'C=SE,O=Lab Vendor,CN=Lab Vendor Root CA',
      firmware: 'siteseal-reference-enb/1',
      lastEpoch: 0,
      lastSequence: 0,
      clock: { state: 'set', time: '2026-11-15T12:00:00Z' },
      training: false,
    });
    session.value.close();
    await enb.close();
  });

  it('is known by the root that vouches for it, and not by one of the same name', async () => {
    const namesake = makeVendor('Lab Vendor', labOptions);
    const vendorRoots = [namesake, vendor].map(({ root }) => root.certificate);
    const session = await attempt(await startEnb(scene), trustOf(scene, { vendorRoots }));
    assert(session.ok, JSON.stringify(session));
    assert.equal(session.value.vendorRoot.sha256, vendor.root.certificate.sha256);
  });

  const kinds = ['P-384', 'RSA-2048'] as const;
  for (const enbKeyKind of kinds) {
    it(`with a key of kind ${enbKeyKind}`, async () => {
      const other = makeScene({ enbKeyKind });
      const session = await attempt(await startEnb(other), trustOf(other));
      assert(session.ok, JSON.stringify(session));
    });
  }

  it('whatever the order of the certificates between it and its root', async () => {
    const upper = makeCa('CN=Upper', {}, vendor.root);
    const lower = makeCa('CN=Lower', {}, upper);
    const enb = makeEnb({ ...vendor, issuing: lower }, identity, labOptions);
    for (const between of [
      [upper, lower],
      [lower, upper],
      [makeCa('CN=Other'), upper, lower],
    ]) {
      const certificates = between.map(({ certificate }) => certificate);
      const session = await attempt(await startEnb({ ...scene, enb }, { chain: certificates }));
      assert(session.ok, JSON.stringify(session));
    }
  });

  it('for training, when its root is', async () => {
    const training = makeScene({ training: true });
    const session = await attempt(await startEnb(training), trustOf(training));
    assert(session.ok);
    assert.equal(session.value.identity.training, true);
  });

  it('over any stream, not TCP alone', async () => {
    const options = enbOptions(scene);
    const [near, far] = duplexPair();
    new CommissioningServer(makeReferenceEnb(scene, options), options).accept(far);
    const transport = { name: 'USB', open: () => Promise.resolve({ ok: true, value: near } as const) };
    const session = await openSession(transport, trustOf(scene), deadlines);
    assert(session.ok, JSON.stringify(session));
    assert.deepEqual(session.value.enb, identity);
    session.value.close();
  });

  it('when it shows the intermediate itself, behind certificates that do not belong there', async () => {
    const strangers = makeVendor('Another Vendor', labOptions);
    const certificates = [strangers.issuing.certificate, ...chain, strangers.root.certificate];
    assert((await attempt(await startEnb(scene, { chain: certificates }))).ok);
  });

  it('without the intermediate, when the tool has it', async () => {
    const trust = trustOf(scene, { intermediates: chain });
    assert((await attempt(await startEnb(scene, { chain: [] }), trust)).ok);
  });
});

describe('a session for one piece of work', () => {
  it('ends with it, also when that throws', async () => {
    const enb = await startEnb(scene);
    const ends: Promise<unknown>[] = [];
    const open = async (deadline: number) => {
      const stream = await enb.transport.open(deadline);
      if (stream.ok) ends.push(once(stream.value, 'close'));
      return stream;
    };
    const transport = { ...enb.transport, open };
    const ask = (work: () => Result<string>) => withSession(transport, trustOf(scene), deadlines, work);
    assert.deepEqual(await ask(() => ok('done')), ok('done'));
    const isBug = () => {
      throw new Error('a bug');
    };
    await assert.rejects(ask(isBug), /a bug/);
    assert.equal((await Promise.all(ends)).length, 2);
    await enb.close();
  });
});

describe('a peer that does not come to TLS 1.3', () => {
  const short = { ...deadlines, handshake: 50 };

  it('because it never speaks, gives no answer', async () => {
    const peer = await startTcpPeer(() => undefined);
    assert.deepEqual(await refusalOf(peer, undefined, short), { code: 'device-no-answer' });
  });

  it('because it reads and never speaks, gives no answer, and the connection ends', async () => {
    const sockets: Socket[] = [];
    const peer = await startTcpPeer((socket) => {
      sockets.push(socket.resume());
    });
    const session = await openSession(peer.transport, trustOf(scene), short);
    assert(!session.ok);
    const [socket] = sockets;
    assert(socket);
    if (!socket.closed) await once(socket, 'close');
    await peer.close();
  });

  it('has its stream closed, whatever kind of stream it is', async () => {
    const [near, far] = duplexPair();
    far.once('data', () => far.write('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'));
    const transport = { name: 'USB', open: () => Promise.resolve({ ok: true, value: near } as const) };
    const session = await openSession(transport, trustOf(scene), deadlines);
    assert(!session.ok);
    assert.deepEqual([session.fault.code, session.fault.where], ['device-not-tls13', { address: 'USB' }]);
    assert(near.destroyed);
  });

  it('because it knows TLS 1.2 only', async () => {
    const peer = await startTlsPeer(scene.enb, chain, () => assert.fail('a connection'), {
      maxVersion: 'TLSv1.2',
    });
    assert.deepEqual(await refusalOf(peer), {
      code: 'device-not-tls13',
      found: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    });
  });

  const speeches: readonly (readonly [who: string, speech: string | Uint8Array])[] = [
    ['a plain HTTP server', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'],
    ['an SSH server', 'SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'],
    ['noise', randomBytes(4096).fill(0xff, 0, 16)],
    ['zeroes', Buffer.alloc(64)],
    ['an alert of TLS', Uint8Array.of(0x15, 3, 3, 0, 2, 2, 40)],
    ['a record that is too long', Uint8Array.of(0x16, 3, 3, 0xff, 0xff, 2)],
  ];
  for (const [who, speech] of speeches) {
    it(`because it is ${who}`, async () => {
      const peer = await startTcpPeer((socket) => {
        socket.once('data', () => socket.end(speech));
      });
      assert.equal((await refusalOf(peer)).code, 'device-not-tls13');
    });
  }

  it('because it speaks first, as an SSH server does', async () => {
    const peer = await startTcpPeer((socket) => {
      socket.resume().end('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n');
    });
    assert.equal((await refusalOf(peer)).code, 'device-not-tls13');
  });

  const departures: readonly (readonly [how: string, depart: (socket: Socket) => void])[] = [
    ['it closes at once', (socket) => socket.end()],
    ['it closes after the ClientHello', (socket) => socket.once('data', () => socket.end())],
    ['it resets after the ClientHello', (socket) => socket.once('data', () => socket.resetAndDestroy())],
    [
      'it closes in the middle of its ServerHello',
      (socket) => socket.once('data', () => socket.end(Uint8Array.of(0x16, 3, 3, 0, 90, 2, 0, 0, 86, 3, 3))),
    ],
  ];
  for (const [how, depart] of departures) {
    it(`because ${how}, has closed`, async () => {
      assert.equal((await refusalOf(await startTcpPeer(depart))).code, 'device-closed');
    });
  }
});

/** A TLS server that counts the bytes it receives inside TLS. `close` waits until its clients have disconnected. */
async function countingPeer(pair: KeyPair, certificates = chain) {
  const counted = { visitors: 0, octets: 0 };
  const visits: Promise<unknown>[] = [];
  const server = createTlsServer({
    key: keyPem(pair),
    cert: [pair.certificate, ...certificates].map(pem).join(''),
  });
  const peer = await listening(server);
  server.on('connection', (socket: Socket) => {
    counted.visitors++;
    visits.push(once(socket, 'close'));
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    socket.on('data', (part: Buffer) => (counted.octets += part.length));
  });
  const close = async () => {
    await Promise.all(visits);
    await peer.close();
  };
  return { ...peer, close, counted };
}

it('a peer that resets the connection at once cannot be reached, or has closed', async () => {
  const peer = await startTcpPeer((socket) => socket.resetAndDestroy());
  assert.match((await refusalOf(peer)).code, /^device-(unreachable|closed)$/);
});

describe('a peer that is not an eNB of the vendor gets the handshake and not one byte more:', () => {
  const contents = { subject: 'O=Lab,CN=enb', enb: identity, keyUsage: ['digitalSignature', 'keyAgreement'] };
  const make = (changes: object) =>
    issue({ ...labOptions, ...contents, ...changes } as Parameters<typeof issue>[0], 'P-256', vendor.issuing);
  const otherVendor = makeVendor('Another Vendor', labOptions);
  const date = (text: string) => new Date(text);
  const peers: readonly (readonly [who: string, root: string, pair: KeyPair, certificates?: typeof chain])[] =
    [
      [
        "another vendor's eNB",
        'issuer-unknown',
        makeEnb(otherVendor, identity, labOptions),
        [otherVendor.issuing.certificate],
      ],
      [
        "another vendor's eNB that shows this vendor's CA",
        'issuer-unknown',
        makeEnb(otherVendor, identity, labOptions),
      ],
      [
        'an eNB under a CA with the name and not the key of the vendor',
        'signature-invalid',
        makeEnb(makeVendor('Lab Vendor', labOptions), identity, labOptions),
      ],
      ['an eNB that shows no intermediate', 'issuer-unknown', scene.enb, []],
      [
        'an eNB whose certificate has expired',
        'certificate-expired',
        make({ notAfter: date('2026-11-15T11:59:59Z') }),
      ],
      [
        'an eNB whose certificate is not yet valid',
        'certificate-not-yet-valid',
        make({ notBefore: date('2026-11-15T12:00:01Z') }),
      ],
      ["the vendor's CA itself", 'enb-key-unfit', vendor.issuing],
      ["the operator's configuration key", 'enb-key-unfit', scene.configurationKey],
      ['a certificate without an identity', 'enb-identity-missing', make({ enb: undefined })],
      [
        'a serial number that nobody can use',
        'enb-identity-missing',
        make({ enb: { hwType, serialNumber: '../LAB0001' } }),
      ],
      ['a key that may not agree on keys', 'enb-key-unfit', make({ keyUsage: ['digitalSignature'] })],
      ['a self-signed certificate', 'issuer-unknown', issue({ ...labOptions, subject: 'CN=enb' }, 'P-256')],
    ];
  for (const [who, root, pair, certificates] of peers) {
    it(who, async () => {
      const peer = await countingPeer(pair, certificates);
      const fault = await refusalOf(peer);
      assert.equal(fault.code, 'enb-untrusted');
      assert.equal(rootFault(fault).code, root);
      assert.deepEqual(peer.counted, { visitors: 1, octets: 0 });
    });
  }

  it('an eNB whose certificate is revoked', async () => {
    const peer = await countingPeer(scene.enb);
    const crls = [issueCrl(vendor.issuing, { revoked: [scene.enb] })];
    const fault = await refusalOf(peer, trustOf(scene, { crls }));
    assert.deepEqual([fault.code, rootFault(fault).code], ['enb-untrusted', 'certificate-revoked']);
    assert.deepEqual(peer.counted, { visitors: 1, octets: 0 });
  });

  it('an eNB whose certificate cannot be read', async () => {
    // Version 1 has no extensions, but this certificate has some. OpenSSL shows it all the same.
    const bytes = remake(scene.enb.certificate, vendor.issuing.key, { version: new Uint8Array() });
    const peer = await countingPeer({ ...scene.enb, certificate: { ...scene.enb.certificate, der: bytes } });
    const fault = await refusalOf(peer);
    assert.deepEqual([fault.code, fault.because?.code], ['enb-untrusted', 'certificate-malformed']);
    assert.deepEqual(peer.counted, { visitors: 1, octets: 0 });
  });

  it('a counterfeit that shows the certificate of an eNB and does not have its key', async () => {
    const key = forgedKeyPem(scene.enb, issue({ ...labOptions, subject: 'CN=forger' }, 'P-256'));
    const server = createTlsServer({ key, cert: [scene.enb.certificate, ...chain].map(pem).join('') }, () =>
      assert.fail('a connection'),
    );
    const fault = await refusalOf(await listening(server));
    assert.equal(fault.code, 'enb-untrusted');
    assert.match(fault.found ?? '', /SIGNATURE/);
  });
});

/** PKCS#8 of an EC key that claims the public half of another: OpenSSL believes it, and signs with the wrong key. */
function forgedKeyPem(victim: KeyPair, forger: KeyPair): string {
  const secret = Buffer.from(forger.key.export({ format: 'jwk' }).d ?? '', 'base64url');
  const point = createPublicKey(victim.key).export({ format: 'der', type: 'spki' }).subarray(-65);
  const ecPrivateKey = der.sequence(
    der.integer(1),
    der.octetString(secret),
    der.explicit(1, der.bitString(point)),
  );
  const algorithm = der.sequence(der.oid('1.2.840.10045.2.1'), der.oid('1.2.840.10045.3.1.7'));
  return encodePem('PRIVATE KEY', der.sequence(der.integer(0), algorithm, der.octetString(ecPrivateKey)));
}

describe('what an eNB reports about itself must match its certificate', () => {
  const lies: readonly (readonly [what: string, lie: object, fault: object])[] = [
    [
      'the serial number',
      { serialNumber: 'LAB0002' },
      { code: 'enb-mismatch', expected: `LAB0001 (${hwType})`, found: `LAB0002 (${hwType})` },
    ],
    [
      'the serial number, to its capitals',
      { serialNumber: 'lab0001' },
      { code: 'enb-mismatch', expected: `LAB0001 (${hwType})`, found: `lab0001 (${hwType})` },
    ],
    [
      'the hardware type',
      { hwType: `${hwType}.1` },
      { code: 'enb-mismatch', expected: `LAB0001 (${hwType})`, found: `LAB0001 (${hwType}.1)` },
    ],
    [
      'the mark of training',
      { training: true },
      { code: 'training-mismatch', expected: 'false', found: 'true' },
    ],
  ];
  for (const [what, lie, fault] of lies) {
    it(what, async () => {
      const enb = await startFaultyEnb(scene, {
        'GET /v1/identity': ({ response }) => {
          sendJson(response, 200, { ...makeReferenceEnb(scene).describe(), ...lie });
        },
      });
      assert.deepEqual(await refusalOf(enb), fault);
    });
  }

  it('the mark of training, when the root has it', async () => {
    const training = makeScene({ training: true });
    const enb = await startFaultyEnb(training, {
      'GET /v1/identity': ({ response }) => {
        sendJson(response, 200, { ...makeReferenceEnb(training).describe(), training: false });
      },
    });
    assert.equal((await refusalOf(enb, trustOf(training))).code, 'training-mismatch');
  });

  it('which is the other eNB when that is what is connected', async () => {
    const other = makeEnb(vendor, otherIdentity, labOptions);
    const session = await attempt(await startEnb(scene, other));
    assert(session.ok);
    assert.deepEqual(session.value.enb, otherIdentity);
  });
});

describe('no session is ever resumed', () => {
  it('though the peer gives tickets', async () => {
    const reused: boolean[] = [];
    const hellos: Buffer[] = [];
    const server = createTlsServer({
      key: keyPem(scene.enb),
      cert: [scene.enb.certificate, ...chain].map(pem).join(''),
    });
    const peer = await listening(server);
    const relay = await startTcpPeer((socket) => {
      socket.once('data', (hello) => hellos.push(hello));
      const onward = connect({ port: peer.port, host: '127.0.0.1' }).on('error', () => socket.destroy());
      socket.pipe(onward).pipe(socket);
    });
    server.on('secureConnection', (socket: TLSSocket) => {
      reused.push(socket.isSessionReused());
      socket.once('data', () => {
        const { length } = answer;
        socket.write(
          `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`,
        );
        socket.write(answer);
      });
    });
    const answer = JSON.stringify(makeReferenceEnb(scene).describe());
    for (let count = 0; count < 3; count++) {
      const session = await openSession(relay.transport, trustOf(scene), deadlines);
      assert(session.ok, JSON.stringify(session));
      session.value.close();
    }
    await relay.close();
    await peer.close();
    assert.deepEqual(reused, [false, false, false]);
    for (const hello of hellos) {
      const offered = extensionsOf(hello);
      assert(offered.has(supportedVersions));
      assert(!offered.has(preSharedKey) && !offered.has(earlyData), [...offered].join());
    }
    assert.equal(hellos.length, 3);
  });
});

const supportedVersions = 43;
const preSharedKey = 41;
const earlyData = 42;

/** The types of the extensions of a ClientHello (RFC 8446 section 4.1.2) that is one record. */
function extensionsOf(record: Buffer): ReadonlySet<number> {
  let at = 5 + 4 + 2 + 32; // record header, handshake header, version, random
  at += 1 + record.readUInt8(at); // session id
  at += 2 + record.readUInt16BE(at); // cipher suites
  at += 1 + record.readUInt8(at); // compression methods
  const end = at + 2 + record.readUInt16BE(at);
  const types = new Set<number>();
  for (at += 2; at < end; at += 4 + record.readUInt16BE(at + 2)) types.add(record.readUInt16BE(at));
  return types;
}
