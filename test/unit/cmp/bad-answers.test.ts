import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { der, oids } from '../../../main/asn1/index.ts';
import { contents, type OutgoingBody } from '../../../main/cmp/body.ts';
import { party, type Header } from '../../../main/cmp/header.ts';
import {
  caCertificates,
  confirmCertificate,
  requestCertificate,
  revokeCertificate,
  rootUpdate,
  type Credentials,
  type Issued,
  type Peer,
} from '../../../main/cmp/index.ts';
import { computeMac } from '../../../main/cmp/mac.ts';
import { writeMessage, writeProtectedPart, type Message } from '../../../main/cmp/message.ts';
import { protect, type Protector } from '../../../main/cmp/protection.ts';
import { pkiStatus, rejection, writeStatusInfo, type StatusInfo } from '../../../main/cmp/status.ts';
import type { Fault, Result } from '../../../main/faults/index.ts';
import { nameToText, parseCertificate } from '../../../main/pki/index.ts';
import { labOptions, now, signerOf } from '../../kit/bundle.ts';
import {
  answerTo,
  byRa,
  bySecret,
  certificateFor,
  contentOf,
  granting,
  headerFor,
  pbm,
  read,
  scripted,
  type AnswerChanges,
} from '../../kit/cmp-answers.ts';
import {
  credential,
  enrol,
  name,
  operatorCa,
  operatorRoot,
  orderOf,
  peerOf,
  ra,
  reference,
  secret,
  startAuthority,
  vendorCredential,
  withCertificate,
} from '../../kit/cmp.ts';
import { generateKey, issue, issueCertificate, makeOperatorRoot } from '../../kit/issue-certificate.ts';

const key = generateKey('P-256');
const good = certificateFor(key);
const order = orderOf({ key });
const accepted: StatusInfo = { status: pkiStatus.accepted, texts: [] };

function request(peer: Peer, credentials: Credentials = credential) {
  return requestCertificate(peer, credentials, order);
}

/** What comes of a request that is answered so. */
function outcome(
  changes: AnswerChanges | ((message: Message) => AnswerChanges) = {},
  body: OutgoingBody = granting(good),
  peerChanges: Partial<Peer> = {},
  credentials: Credentials = credential,
): Promise<Result<Issued>> {
  const { peer } = scripted(
    (message) => answerTo(message, body, typeof changes === 'function' ? changes(message) : changes),
    peerChanges,
  );
  return request(peer, credentials);
}

function faultOf(result: Result<unknown>): Fault {
  assert(!result.ok, 'It was accepted');
  return result.fault;
}

/** Code and rule of a refusal. */
function refusal(result: Result<unknown>): string {
  const { code, rule } = faultOf(result);
  return rule === undefined ? code : `${code} ${rule}`;
}

const other = issue(
  {
    subject: 'O=Lab Operator,CN=LAB0003',
    keyUsage: ['digitalSignature'],
    training: false,
    notBefore: labOptions.notBefore,
    notAfter: labOptions.notAfter,
  },
  'P-256',
  operatorCa,
);
const foreignRoot = makeOperatorRoot('Foreign', labOptions);
const foreignRa = issue(
  {
    subject: 'C=FI,O=Lab Operator,CN=Lab RA',
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: [oids.cmcRa],
    training: false,
    notBefore: labOptions.notBefore,
    notAfter: labOptions.notAfter,
  },
  'P-256',
  foreignRoot,
);
const bitless = issue(
  {
    subject: 'C=FI,O=Lab Operator,CN=Lab RA',
    keyUsage: ['keyAgreement'],
    training: false,
    notBefore: labOptions.notBefore,
    notAfter: labOptions.notAfter,
  },
  'P-256',
  operatorCa,
);

const bySigner = (pair: typeof other): Protector => ({ kind: 'signature', signer: signerOf(pair) });
const minutes = (count: number) => new Date(now.getTime() + count * 60_000);

describe('an answer', () => {
  it('is accepted if it is right, by MAC and by signature', async () => {
    for (const protector of [bySecret, byRa]) {
      const issued = await outcome({ protector });
      assert(issued.ok, JSON.stringify(issued));
      assert.equal(issued.value.certificate.sha256, good.sha256);
    }
  });

  const headers: Readonly<Record<string, readonly [Partial<Header>, string]>> = {
    'of another transaction': [{ transactionId: Buffer.alloc(16, 1) }, 'cmp-unexpected cmp-transaction-id'],
    'with a shorter transactionID': [{ transactionId: Buffer.alloc(0) }, 'cmp-unexpected cmp-transaction-id'],
    'to another message': [{ recipNonce: Buffer.alloc(16, 1) }, 'cmp-unexpected cmp-recip-nonce'],
    'with a short nonce': [{ senderNonce: Buffer.alloc(15, 1) }, 'cmp-unexpected cmp-sender-nonce'],
    'for somebody else': [{ recipient: party(name('CN=enb-2')) }, 'cmp-unexpected cmp-recipient'],
    'of an hour ago': [{ messageTime: minutes(-60) }, 'cmp-unexpected cmp-message-time'],
    'of six minutes from now': [{ messageTime: minutes(6) }, 'cmp-unexpected cmp-message-time'],
    'of cmp1999': [{ pvno: 1 }, 'cmp-unexpected cmp-version'],
    'of a version to come': [{ pvno: 4 }, 'cmp-unexpected cmp-version'],
  };
  for (const [what, [header, expected]] of Object.entries(headers))
    it(`${what} is refused`, async () => {
      for (const protector of [bySecret, byRa])
        assert.equal(refusal(await outcome({ protector, header })), expected);
    });

  const sha1 = oids.hmacWithSha1;
  /** The PBM of a message with HMAC-SHA1, which our writer never makes. */
  async function bySha1(message: Message): Promise<Uint8Array> {
    const algorithm = der.sequence(
      der.oid(oids.passwordBasedMac),
      der.sequence(
        der.octetString(pbm.salt),
        der.sequence(der.oid(oids.sha256)),
        der.integer(pbm.iterations),
        der.sequence(der.oid(sha1), der.null),
      ),
    );
    const header = { ...headerFor(message), protectionAlgorithm: algorithm, senderKid: reference };
    const part = writeProtectedPart(header, granting(good));
    const mac = computeMac({ ...pbm, mac: 'sha1' }, secret, part);
    return Promise.resolve(writeMessage(part, mac, [operatorCa.certificate.der]));
  }
  it('under HMAC-SHA1 is accepted only where the user allows it', async () => {
    assert.equal(refusal(await request(scripted(bySha1).peer)), 'cmp-algorithm cmp-mac-sha1');
    const allowed = await request(scripted(bySha1, { allowHmacSha1: true }).peer);
    assert(allowed.ok, JSON.stringify(allowed));
  });

  const protectors: Readonly<Record<string, readonly [AnswerChanges, string]>> = {
    'without a protection': [{ protector: undefined }, 'cmp-unauthentic cmp-protected'],
    'by another secret': [
      { protector: { ...bySecret, secret: Buffer.from('another secret') } as Protector },
      'cmp-unauthentic',
    ],
    'signed by an eNB of the operator': [{ protector: bySigner(other) }, 'cmp-signer-unfit cmp-signer-role'],
    'signed by the same name below another root': [
      { protector: bySigner(foreignRa), extraCerts: [foreignRoot.certificate, operatorCa.certificate] },
      'cmp-signer-unfit',
    ],
    'signed by a key that may not sign': [{ protector: bySigner(bitless) }, 'cmp-signer-unfit'],
    'signed by the right name with another key': [
      {
        protector: {
          kind: 'signature',
          signer: { ...signerOf(foreignRa), certificate: ra.certificate, chain: [] },
        },
      },
      'cmp-unauthentic',
    ],
  };
  for (const [what, [changes, expected]] of Object.entries(protectors))
    it(`${what} is refused`, async () => assert.equal(refusal(await outcome(changes)), expected));

  it('by the vendor key of the client itself is refused', async () => {
    const { signer } = vendorCredential;
    const result = await outcome(
      { protector: { kind: 'signature', signer } },
      undefined,
      {},
      vendorCredential,
    );
    assert.equal(refusal(result), 'cmp-signer-unfit');
  });

  it('under a MAC to a signed request is refused', async () => {
    const result = await outcome({ protector: bySecret }, granting(good), {}, vendorCredential);
    assert.equal(refusal(result), 'cmp-unauthentic cmp-protection-kind');
  });

  it('is read only as DER, with nothing after it, up to 1 MiB', async () => {
    const changed = async (change: (bytes: Uint8Array) => Uint8Array) => {
      const { peer } = scripted(async (message) => change(await answerTo(message, granting(good))));
      return refusal(await request(peer));
    };
    assert.equal(await changed((bytes) => Buffer.concat([bytes, Uint8Array.of(0)])), 'cmp-malformed');
    assert.equal(await changed((bytes) => bytes.subarray(0, -1)), 'cmp-malformed');
    // The indefinite length of BER.
    const indefinite = (bytes: Uint8Array) =>
      Buffer.concat([Uint8Array.of(0x30, 0x80), bytes.subarray(4), Uint8Array.of(0, 0)]);
    assert.equal(await changed(indefinite), 'cmp-malformed');
    assert.equal(await changed(() => Buffer.alloc(1024 * 1024 + 1, 0x30)), 'cmp-malformed cmp-size');
    assert.equal(await changed(() => Buffer.from('<html>Proxy</html>')), 'cmp-malformed');
  });

  const bodies: Readonly<Record<string, readonly [OutgoingBody, string]>> = {
    'of another type': [{ type: 'pkiconf', content: der.null }, 'cmp-unexpected cmp-body'],
    'of a renewal': [granting(good, 'kup'), 'cmp-unexpected cmp-body'],
    'without a certificate': [
      { type: 'ip', content: contents.certRep({ certReqId: 0, status: accepted }) },
      'cmp-unexpected cmp-status',
    ],
    'with no response': [
      { type: 'ip', content: der.sequence(der.sequence()) },
      'cmp-unexpected cmp-one-request',
    ],
    'with two responses': [
      { type: 'ip', content: der.sequence(der.sequence(responseWith(good.der), responseWith(good.der))) },
      'cmp-unexpected cmp-one-request',
    ],
    'to another certReqId': [
      {
        type: 'ip',
        content: contents.certRep({ certReqId: 1, status: accepted, certificate: good.der }),
      },
      'cmp-unexpected cmp-one-request',
    ],
    'with an encrypted certificate': [
      {
        type: 'ip',
        content: der.sequence(
          der.sequence(
            der.sequence(
              der.integer(0),
              der.sequence(der.integer(0)),
              der.sequence(der.explicit(1, der.sequence(der.bitString(good.der)))),
            ),
          ),
        ),
      },
      'cmp-unexpected cmp-status',
    ],
    'with a certificate that is none': [
      { type: 'ip', content: der.sequence(der.sequence(responseWith(der.sequence(der.null)))) },
      'cmp-certificate-unfit',
    ],
    'that rejects and gives a certificate': [
      {
        type: 'ip',
        content: contents.certRep({
          certReqId: 0,
          status: rejection('badRequest', 'No'),
          certificate: good.der,
        }),
      },
      'cmp-refused cmp-fail-bad-request',
    ],
    'that accepts as an error': [
      { type: 'error', content: contents.error(accepted) },
      'cmp-unexpected cmp-body',
    ],
    ...Object.fromEntries(
      [4, 5, 6, 7, 300].map((status) => [
        `with status ${status} and a certificate`,
        [
          {
            type: 'ip',
            content: contents.certRep({
              certReqId: 0,
              status: { status, texts: [] },
              certificate: good.der,
            }),
          },
          'cmp-unexpected cmp-status',
        ],
      ]),
    ),
  };
  for (const [what, [body, expected]] of Object.entries(bodies))
    it(`${what} is refused`, async () => assert.equal(refusal(await outcome({}, body)), expected));

  it('that grants with changes is accepted', async () => {
    const status = { status: pkiStatus.grantedWithMods, texts: ['Shorter'] };
    const content = contents.certRep({ certReqId: 0, status, certificate: good.der });
    assert((await outcome({}, { type: 'ip', content })).ok);
  });
});

function responseWith(certificate: Uint8Array): Uint8Array {
  return der.sequence(
    der.integer(0),
    der.sequence(der.integer(0)),
    der.sequence(der.explicit(0, certificate)),
  );
}

describe('what an answer says', () => {
  const text = 'Ask Anna';
  const error: OutgoingBody = {
    type: 'error',
    content: contents.error(rejection('certConfirmed', text)),
  };

  it('is shown as a refusal if it is authentic', async () => {
    for (const protector of [bySecret, byRa]) {
      const fault = faultOf(await outcome({ protector }, error));
      assert.equal(fault.code, 'cmp-refused');
      assert.match(String(fault.found), /Ask Anna/);
    }
  });

  const unproven: Readonly<Record<string, readonly [AnswerChanges, string | undefined]>> = {
    'an unprotected error': [{ protector: undefined }, undefined],
    'an error by another secret': [
      { protector: { ...bySecret, secret: Buffer.from('another secret') } as Protector },
      undefined,
    ],
    'an error that an eNB signs': [{ protector: bySigner(other) }, 'cmp-signer-unfit'],
    'an error with too many iterations': [
      { protector: { ...bySecret, mac: () => ({ ...pbm, iterations: 99 }) } as Protector },
      'cmp-algorithm',
    ],
  };
  for (const [what, [changes, because]] of Object.entries(unproven)) {
    it(`is shown as not authenticated from ${what}`, async () => {
      const fault = faultOf(await outcome(changes, error));
      assert.equal(fault.code, 'cmp-unauthentic');
      assert.match(String(fault.found), /Ask Anna/);
      assert.equal(fault.because?.code, because);
    });
    it(`is not acted on from ${what}`, async () => {
      // An authentic "certConfirmed" would count as success.
      const { peer } = scripted((message) => answerTo(message, error, changes));
      const pending = { id: '00'.repeat(16), nonce: '11'.repeat(16) };
      const confirmed = await confirmCertificate(peer, credential, { certificate: good, chain: [], pending });
      assert.equal(faultOf(confirmed).code, 'cmp-unauthentic');
    });
  }
});

describe('a certificate', () => {
  it('for another key is rejected, and the RA/CA revokes it', async () => {
    const ca = await startAuthority();
    try {
      const another = generateKey('P-256');
      const swapped: Peer = {
        ...peerOf(ca),
        exchange: async (bytes) => {
          // The client asks for its own key; somebody with the secret asks for another one in its place.
          const message = read(bytes);
          const sent = message.body.type === 'ir' ? await askFor(message, another) : bytes;
          return { ok: true, value: (await ca.authority.answer(sent)).bytes };
        },
      };
      const fault = faultOf(await request(swapped));
      assert.deepEqual([fault.code, fault.rule], ['cmp-certificate-unfit', 'cmp-certificate-key']);
      assert.deepEqual(
        ca.journal.revoked().map(({ reason }) => reason),
        [5],
      );
    } finally {
      ca.close();
    }
  });

  async function askFor({ header }: Message, another: typeof key): Promise<Uint8Array> {
    let asked: Uint8Array | undefined;
    const capture: Peer = {
      ...peerOf({ authority: undefined as never }),
      exchange: (bytes) => {
        asked = bytes;
        return Promise.resolve({ ok: false, fault: { code: 'cancelled' } });
      },
    };
    await requestCertificate(capture, credential, orderOf({ key: another }));
    assert(asked);
    const { protectionAlgorithm: _, senderKid: __, ...open } = header;
    return protect(open, { type: 'ir', content: contentOf(asked) }, bySecret);
  }

  it('below another root is rejected, whatever caPubs and extraCerts bring', async () => {
    const foreign = certificateFor(key, foreignRoot);
    const content = contents.certRep({ certReqId: 0, status: accepted, certificate: foreign.der }, [
      foreignRoot.certificate.der,
      operatorRoot.certificate.der,
    ]);
    const { peer, got } = scripted((message) =>
      message.body.type === 'ir'
        ? answerTo(message, { type: 'ip', content }, { extraCerts: [foreignRoot.certificate] })
        : answerTo(message, { type: 'pkiconf', content: der.null }),
    );
    const fault = faultOf(await request(peer));
    assert.deepEqual([fault.code, fault.rule], ['cmp-certificate-unfit', 'cmp-certificate-path']);
    const [, confirmation] = got;
    assert(confirmation?.body.type === 'certConf');
    assert.equal(confirmation.body.statuses[0]?.statusInfo?.status, pkiStatus.rejection);
  });
});

describe('an answer that was right once', () => {
  it('is refused to another request', async () => {
    const ca = await startAuthority();
    try {
      const answers: Uint8Array[] = [];
      await enrol(peerOf(ca, { answer: (bytes) => (answers.push(bytes), bytes) }), credential, order);
      let at = 0;
      const replay = peerOf(ca, { answer: () => answers[at++] ?? new Uint8Array() });
      assert.equal(refusal(await request(replay)), 'cmp-unexpected cmp-transaction-id');
    } finally {
      ca.close();
    }
  });

  it('is refused to another message of the transaction', async () => {
    const ca = await startAuthority();
    try {
      let first: Uint8Array | undefined;
      const peer = peerOf(ca, { answer: (bytes) => (first ??= bytes) });
      const issued = await requestCertificate(peer, credential, order);
      assert(issued.ok);
      const confirmed = await confirmCertificate(peer, credential, issued.value);
      assert.equal(refusal(confirmed), 'cmp-unexpected cmp-recip-nonce');
    } finally {
      ca.close();
    }
  });
});

describe('waiting', () => {
  const waiting = { status: pkiStatus.waiting, texts: [] };
  const later: OutgoingBody = { type: 'error', content: contents.error(waiting) };
  const pollRep: OutgoingBody = {
    type: 'pollRep',
    content: contents.pollRep({ certReqId: -1, checkAfter: 1, reason: [] }),
  };

  /** Answers the first message with "waiting", the first poll with "not yet", and the second with the body. */
  function slow(body: OutgoingBody, changes: AnswerChanges = {}) {
    const answers = [later, pollRep, body];
    return scripted((message) => answerTo(message, answers.shift() ?? body, changes));
  }

  it('is possible for each kind of request', async () => {
    const confirming = slow({ type: 'pkiconf', content: der.null });
    const pending = { id: '00'.repeat(16), nonce: '11'.repeat(16) };
    const issued = { certificate: good, chain: [], pending };
    assert((await confirmCertificate(confirming.peer, credential, issued)).ok);
    assert.deepEqual(
      confirming.got.map(({ body }) => body.type),
      ['certConf', 'pollReq', 'pollReq'],
    );
    assert((await request(slow(granting(good)).peer)).ok);
    const value = der.sequence(operatorRoot.certificate.der);
    const genp = { type: 'genp', content: contents.infos({ type: oids.caCertsInfo, value }) } as const;
    assert((await caCertificates(slow(genp).peer, credential)).ok);
  });

  it('ends with a fault where the RA/CA answers a poll by asking to wait', async () => {
    const { peer } = scripted((message) => answerTo(message, later));
    assert.equal(refusal(await request(peer)), 'cmp-unexpected cmp-body');
  });

  it('ends when the patience of the user does, however long the RA/CA wants', async () => {
    const checkAfter = 2 ** 40;
    const long = contents.pollRep({ certReqId: 0, checkAfter, reason: [] });
    const ip = contents.certRep({ certReqId: 0, status: waiting });
    const { peer } = scripted((message) =>
      answerTo(
        message,
        message.body.type === 'ir' ? { type: 'ip', content: ip } : { type: 'pollRep', content: long },
      ),
    );
    assert.equal(refusal(await request(peer)), 'cmp-waiting');
  });

  it('keeps the kind of protection', async () => {
    const protectors = [bySecret, byRa];
    const ip = contents.certRep({ certReqId: 0, status: waiting });
    const { peer } = scripted((message) =>
      answerTo(message, message.body.type === 'ir' ? { type: 'ip', content: ip } : granting(good), {
        protector: protectors.shift(),
      }),
    );
    assert.equal(refusal(await request(peer)), 'cmp-unauthentic cmp-protection-kind');
  });
});

describe('a revocation', () => {
  const own = withCertificate(key, {
    certificate: good,
    chain: [operatorCa.certificate, operatorRoot.certificate],
  });
  const revoked = (content: Uint8Array) =>
    revokeCertificate(
      scripted((message) => answerTo(message, { type: 'rp', content }, { protector: byRa })).peer,
      own,
      1,
    );

  it('counts only if the RA/CA says that it is done or will be', async () => {
    for (const status of [0, 1, 4, 5])
      assert((await revoked(contents.revRep({ status, texts: [] }))).ok, String(status));
    for (const status of [3, 6, 9])
      assert.equal(
        refusal(await revoked(contents.revRep({ status, texts: [] }))),
        'cmp-unexpected cmp-status',
      );
  });

  it('does not count where one of two statuses is a rejection', async () => {
    const two = [accepted, rejection('badCertId', 'Unknown')].map(writeStatusInfo);
    assert.equal(
      refusal(await revoked(der.sequence(der.sequence(...two)))),
      'cmp-refused cmp-fail-bad-cert-id',
    );
  });
});

describe('a new root', () => {
  const successor = makeOperatorRoot('Next', labOptions);
  const linked = issueCertificate(
    {
      subject: nameToText(successor.certificate.subject),
      ca: true,
      keyUsage: ['keyCertSign', 'cRLSign'],
      training: false,
      notBefore: labOptions.notBefore,
      notAfter: labOptions.notAfter,
    },
    successor.key,
    operatorRoot,
  );
  const propose = (newWithNew: Uint8Array, newWithOld: Uint8Array) => {
    const value = der.sequence(newWithNew, der.explicit(0, newWithOld));
    const content = contents.infos({ type: oids.rootCaKeyUpdateInfo, value });
    const { peer } = scripted((message) => answerTo(message, { type: 'genp', content }));
    return rootUpdate(peer, operatorRoot.certificate, credential);
  };

  it('is proposed if the old root certifies its key', async () => {
    const proposed = await propose(successor.certificate.der, linked.der);
    assert(proposed.ok, JSON.stringify(proposed));
    assert.equal(proposed.value?.newRoot.sha256, successor.certificate.sha256);
  });

  it('is refused if the old root does not', async () => {
    const own = successor.certificate.der;
    assert.equal(refusal(await propose(own, own)), 'cmp-certificate-unfit cmp-new-with-old');
    assert.equal(
      refusal(await propose(foreignRoot.certificate.der, linked.der)),
      'cmp-certificate-unfit cmp-new-with-old',
    );
  });

  it('is refused if it has not signed itself', async () => {
    const bytes = Uint8Array.from(successor.certificate.der);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    assert(parseCertificate(bytes).ok);
    assert.equal(refusal(await propose(bytes, linked.der)), 'cmp-certificate-unfit cmp-new-with-old');
  });
});
