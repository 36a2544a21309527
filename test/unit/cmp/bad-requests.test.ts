import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decode, der, oids } from '../../../main/asn1/index.ts';
import { contents, type OutgoingBody } from '../../../main/cmp/body.ts';
import { certHashOf } from '../../../main/cmp/cert-hash.ts';
import { writeTemplateOf } from '../../../main/cmp/crmf.ts';
import { party, type Header } from '../../../main/cmp/header.ts';
import { maximumMessage, type Message } from '../../../main/cmp/message.ts';
import type { Protector } from '../../../main/cmp/protection.ts';
import { rejection } from '../../../main/cmp/status.ts';
import { parseCertificate, type Certificate } from '../../../main/pki/index.ts';
import { now } from '../../kit/bundle.ts';
import { bySecret, pbm } from '../../kit/cmp-answers.ts';
import { ask, messageOf, nextHeader, openMessage, refusalTo, requestFor } from '../../kit/cmp-requests.ts';
import { start } from '../../kit/cmp-start.ts';
import {
  credential,
  enrol,
  name,
  operatorCa,
  orderOf,
  otherSubject,
  peerOf,
  registered,
  secret,
  vendorCredential,
  withCertificate,
  type TestAuthority,
} from '../../kit/cmp.ts';
import { generateKey } from '../../kit/issue-certificate.ts';

const key = generateKey('P-256');
const otherKey = generateKey('P-256');
const byVendor: Protector = vendorCredential;
const secondReference = Buffer.from('enb-3');
const secondSecret = Buffer.from('another horse battery');
/** A second eNB with a credential, for another subject. */
const bySecond: Protector = {
  kind: 'mac',
  reference: secondReference,
  secret: secondSecret,
  mac: () => pbm,
};
const entries = [
  ...registered,
  {
    credential: { reference: secondReference, secret: secondSecret },
    subject: name('O=Lab Operator,CN=LAB0003'),
  },
];
const wrongSecret: Protector = { ...bySecret, secret: Buffer.from('wrong') } as Protector;

/** The certificate of an ip. */
function issuedIn({ body }: Message): Certificate {
  assert(body.type === 'ip' || body.type === 'kup', body.type);
  const parsed = parseCertificate(body.responses[0]?.certificate ?? new Uint8Array());
  assert(parsed.ok);
  return parsed.value;
}

function confirming(
  certificate: Certificate,
  changes: Partial<Parameters<typeof contents.certConf>[0]> = {},
) {
  const { certHash } = certHashOf(certificate);
  const content = contents.certConf({ certHash, certReqId: 0, ...changes });
  return { type: 'certConf', content } as const;
}

/** A client that has got a certificate and not confirmed it. */
async function asked(ca: TestAuthority): Promise<{ answer: Message; certificate: Certificate }> {
  const answer = await ask(ca, await messageOf(await requestFor(key)));
  return { answer, certificate: issuedIn(answer) };
}

/** How many certificates the journal has for eNB 1 and this key. */
const held = ({ journal }: TestAuthority, certificate: Certificate) =>
  journal.certificate(certificate.sha256);

describe('a request', () => {
  const minutes = (count: number) => new Date(now.getTime() + count * 60_000);
  const headers: Readonly<Record<string, readonly [Partial<Header>, string]>> = {
    'of cmp1999': [{ pvno: 1 }, 'unsupportedVersion'],
    'of a version to come': [{ pvno: 4 }, 'unsupportedVersion'],
    'with a short transactionID': [{ transactionId: Buffer.alloc(15, 1) }, 'badRequest'],
    'with a long transactionID': [{ transactionId: Buffer.alloc(4096, 1) }, 'badRequest'],
    'with a short nonce': [{ senderNonce: Buffer.alloc(15, 1) }, 'badSenderNonce'],
    'that answers a nonce': [{ recipNonce: Buffer.alloc(16, 1) }, 'badRecipientNonce'],
    'for another RA/CA': [{ recipient: party(name('CN=Other')) }, 'wrongAuthority'],
    'of an hour ago': [{ messageTime: minutes(-60) }, 'badTime'],
    'of six minutes from now': [{ messageTime: minutes(6) }, 'badTime'],
    'with a strange implicitConfirm': [
      { generalInfo: [{ type: oids.implicitConfirmInfo, value: der.integer(1) }] },
      'badRequest',
    ],
  };
  for (const [what, [header, expected]] of Object.entries(headers))
    it(`${what} is refused`, async () => {
      const ca = await start();
      for (const protector of [bySecret, byVendor])
        assert.equal(await refusalTo(ca, messageOf(await requestFor(key), protector, header)), expected);
      assert.equal(ca.journal.boundKey('reference:656e622d31'), undefined);
    });

  it('is read only as DER, with nothing after it, up to 1 MiB', async () => {
    const ca = await start();
    const bytes = await messageOf(await requestFor(key));
    const bad = [
      new Uint8Array(),
      Buffer.concat([bytes, Uint8Array.of(0)]),
      bytes.subarray(0, -1),
      Buffer.concat([Uint8Array.of(0x30, 0x80), bytes.subarray(4), Uint8Array.of(0, 0)]),
      Buffer.alloc(maximumMessage + 1, 0x30),
      Buffer.from('<html>'),
    ];
    for (const one of bad) assert.equal(await refusalTo(ca, one), 'badDataFormat');
  });

  it('without a protection is refused, whatever it asks', async () => {
    const ca = await start();
    assert.equal(await refusalTo(ca, openMessage(await requestFor(key))), 'badMessageCheck');
    const error = contents.error(rejection('badRequest', 'No'));
    assert.equal(await refusalTo(ca, openMessage({ type: 'error', content: error })), 'badMessageCheck');
  });

  it('with a wrong secret or an unknown reference is refused in the same words', async () => {
    const ca = await start();
    const unknown: Protector = { ...bySecret, reference: Buffer.from('nobody') } as Protector;
    const answers = [];
    for (const protector of [wrongSecret, unknown])
      answers.push((await ask(ca, await messageOf(await requestFor(key), protector))).body);
    assert.equal(await refusalTo(ca, messageOf(await requestFor(key), unknown)), 'badMessageCheck');
    assert.deepEqual(answers[0], answers[1]);
  });

  it('with a proof by another key is refused', async () => {
    const ca = await start();
    const bad = await requestFor(key, { signedBy: otherKey });
    assert.equal(await refusalTo(ca, messageOf(bad)), 'badPOP');
    assert.equal(await refusalTo(ca, messageOf(bad, wrongSecret)), 'badMessageCheck');
  });

  it('with a right proof under the MAC of another credential is refused', async () => {
    const ca = await start({ entries });
    // Somebody takes the request of eNB 1 and sends it with the secret of another.
    assert.equal(await refusalTo(ca, messageOf(await requestFor(key), bySecond)), 'badCertTemplate');
    const mixed: Protector = { ...bySecond, secret };
    assert.equal(await refusalTo(ca, messageOf(await requestFor(key), mixed)), 'badMessageCheck');
    assert.equal(ca.journal.boundKey('reference:656e622d33'), undefined);
  });

  it('that says that an RA has verified the key is refused', async () => {
    const ca = await start();
    const { content } = await requestFor(key);
    // The proof of possession gives way to raVerified.
    const request = firstOf(firstOf(content));
    const raVerified = der.sequence(request, Uint8Array.of(0x80, 0));
    const body: OutgoingBody = { type: 'ir', content: contents.requests(raVerified) };
    assert.equal(await refusalTo(ca, messageOf(body)), 'notAuthorized');
    const none: OutgoingBody = { type: 'ir', content: contents.requests(der.sequence(request)) };
    assert.equal(await refusalTo(ca, messageOf(none)), 'badPOP');
  });

  it('for two certificates is refused', async () => {
    const ca = await start();
    const request = firstOf((await requestFor(key)).content);
    const content = contents.requests(request, request);
    assert.equal(await refusalTo(ca, messageOf({ type: 'ir', content })), 'badRequest');
  });

  it('that was answered once is refused when it comes again', async () => {
    const ca = await start();
    const bytes = await messageOf(await requestFor(key));
    assert.equal(await refusalTo(ca, bytes), 'ip');
    assert.equal(await refusalTo(ca, bytes), 'transactionIdInUse');
  });

  it('cannot take the transactionID of another holder', async () => {
    const ca = await start();
    const { answer, certificate } = await asked(ca);
    const { transactionId } = answer.header;
    assert(transactionId);
    const taken = await messageOf(await requestFor(otherKey, { name: otherSubject }), byVendor, {
      transactionId,
    });
    assert.equal(await refusalTo(ca, taken), 'transactionIdInUse');
    assert.equal(
      await refusalTo(ca, messageOf(confirming(certificate), bySecret, nextHeader(answer, bySecret))),
      'pkiconf',
    );
  });
});

/** DER of the first element inside an element. */
function firstOf(bytes: Uint8Array): Uint8Array {
  const first = decode(bytes, (reader) =>
    reader.sequence((inner) => {
      const found = inner.element().bytes;
      inner.rest((one) => one.element());
      return found;
    }),
  );
  assert(first.ok);
  return first.value;
}

describe('a confirmation', () => {
  const cases: Readonly<
    Record<string, readonly [(answer: Message, certificate: Certificate) => Promise<Uint8Array>, string]>
  > = {
    'by another credential': [
      (answer, certificate) => messageOf(confirming(certificate), bySecond, nextHeader(answer, bySecond)),
      'badMessageCheck',
    ],
    'by a vendor certificate': [
      (answer, certificate) => messageOf(confirming(certificate), byVendor, nextHeader(answer, byVendor)),
      'wrongIntegrity',
    ],
    'by another kind of MAC': [
      (answer, certificate) => {
        const { salt } = pbm;
        const byPbmac1: Protector = {
          ...bySecret,
          mac: () => ({
            kind: 'pbmac1',
            salt,
            iterations: 100,
            keyLength: 32,
            prf: 'sha256',
            mac: 'sha256',
          }),
        } as Protector;
        return messageOf(confirming(certificate), byPbmac1, nextHeader(answer, byPbmac1));
      },
      'badMessageCheck',
    ],
    'in an unknown transaction': [
      (answer, certificate) =>
        messageOf(confirming(certificate), bySecret, {
          ...nextHeader(answer, bySecret),
          transactionId: Buffer.alloc(16, 9),
        }),
      'badRequest',
    ],
    'with another nonce': [
      (answer, certificate) =>
        messageOf(confirming(certificate), bySecret, {
          ...nextHeader(answer, bySecret),
          recipNonce: Buffer.alloc(16, 9),
        }),
      'badRecipientNonce',
    ],
    'without a nonce': [
      ({ header: { transactionId } }, certificate) =>
        messageOf(confirming(certificate), bySecret, { ...(transactionId && { transactionId }) }),
      'badRecipientNonce',
    ],
    'of another certificate': [
      (answer) => messageOf(confirming(operatorCa.certificate), bySecret, nextHeader(answer, bySecret)),
      'badCertId',
    ],
    'for another certReqId': [
      (answer, certificate) =>
        messageOf(confirming(certificate, { certReqId: 1 }), bySecret, nextHeader(answer, bySecret)),
      'badRequest',
    ],
    'with failInfo': [
      (answer, certificate) =>
        messageOf(
          confirming(certificate, { statusInfo: { status: 0, texts: [], failInfo: ['badRequest'] } }),
          bySecret,
          nextHeader(answer, bySecret),
        ),
      'badRequest',
    ],
    'that names a digest in cmp2000': [
      (answer, certificate) =>
        messageOf(
          confirming(certificate, { hashAlgorithm: 'sha256' }),
          bySecret,
          nextHeader(answer, bySecret),
        ),
      'badRequest',
    ],
  };
  for (const [what, [make, expected]] of Object.entries(cases))
    it(`${what} is refused, and the right one still counts`, async () => {
      const ca = await start({ entries });
      const { answer, certificate } = await asked(ca);
      assert.equal(await refusalTo(ca, make(answer, certificate)), expected);
      assert.equal(ca.journal.isConfirmed(certificate.sha256), false);
      assert.equal(held(ca, certificate)?.revoked, undefined);
      const right = messageOf(confirming(certificate), bySecret, nextHeader(answer, bySecret));
      assert.equal(await refusalTo(ca, right), 'pkiconf');
    });

  it('that rejects revokes the certificate, and cannot be taken back', async () => {
    const ca = await start();
    const { answer, certificate } = await asked(ca);
    const statusInfo = rejection('incorrectData', 'No');
    const no = messageOf(confirming(certificate, { statusInfo }), bySecret, nextHeader(answer, bySecret));
    const end = await ask(ca, await no);
    assert.equal(end.body.type, 'pkiconf');
    assert.equal(held(ca, certificate)?.revoked?.reason, 5);
    const yes = messageOf(confirming(certificate), bySecret, nextHeader(end, bySecret));
    assert.equal(await refusalTo(ca, yes), 'badRecipientNonce');
    const again = messageOf(confirming(certificate), bySecret, nextHeader(answer, bySecret));
    assert.equal(await refusalTo(ca, again), 'badRequest');
    assert.equal(ca.journal.isConfirmed(certificate.sha256), false);
  });

  it('by the new certificate itself is refused', async () => {
    const ca = await start();
    const { answer, certificate } = await asked(ca);
    const own = withCertificate(key, { certificate, chain: [operatorCa.certificate] });
    const early = messageOf(confirming(certificate), own, nextHeader(answer, own));
    assert.equal(await refusalTo(ca, early), 'wrongAuthority');
  });
});

describe('a renewal', () => {
  it('by a credential or a vendor certificate is refused', async () => {
    const ca = await start();
    const { certificate } = await enrol(peerOf(ca), credential, orderOf({ key }));
    const kur = await requestFor(otherKey, { type: 'kur', old: certificate });
    assert.equal(await refusalTo(ca, messageOf(kur)), 'wrongIntegrity');
    assert.equal(await refusalTo(ca, messageOf(kur, byVendor)), 'notAuthorized');
  });

  it('of another certificate than the one that signs is refused', async () => {
    const ca = await start();
    const own = withCertificate(key, await enrol(peerOf(ca), credential, orderOf({ key })));
    const foreign = await enrol(
      peerOf(ca),
      vendorCredential,
      orderOf({ key: otherKey, subject: otherSubject, subjectAltNames: [] }),
    );
    const third = generateKey('P-256');
    const wrongOld = await requestFor(third, { type: 'kur', old: foreign.certificate });
    assert.equal(await refusalTo(ca, messageOf(wrongOld, own)), 'badCertId');
    const wrongName = await requestFor(third, { type: 'kur', name: otherSubject });
    assert.equal(await refusalTo(ca, messageOf(wrongName, own)), 'badCertTemplate');
    const sameKey = await requestFor(key, { type: 'kur' });
    assert.equal(await refusalTo(ca, messageOf(sameKey, own)), 'badCertTemplate');
  });

  it('by a certificate that is not confirmed is refused', async () => {
    const ca = await start();
    const { certificate } = await asked(ca);
    const own = withCertificate(key, { certificate, chain: [operatorCa.certificate] });
    assert.equal(
      await refusalTo(ca, messageOf(await requestFor(otherKey, { type: 'kur' }), own)),
      'notAuthorized',
    );
  });

  /** A holder that has revoked its certificate while a renewal was open. */
  async function revokedMeanwhile(polls: number) {
    const folder = await start();
    const enrolled = await enrol(peerOf(folder), credential, orderOf({ key }));
    folder.close();
    const ca = await start({ polls }, folder.folder);
    const own = withCertificate(key, enrolled);
    const kur = await requestFor(otherKey, { type: 'kur', old: enrolled.certificate });
    const answer = await ask(ca, await messageOf(kur, own));
    const revReq = contents.revReq(writeTemplateOf(enrolled.certificate), 1);
    assert.equal(await refusalTo(ca, messageOf({ type: 'rr', content: revReq }, own)), 'rp');
    return { ca, own, answer, old: enrolled.certificate };
  }

  it('that waits gives no certificate once the old one is revoked', async () => {
    const { ca, own, answer, old } = await revokedMeanwhile(1);
    const poll = (to: Message) =>
      messageOf({ type: 'pollReq', content: contents.pollReq(0) }, own, nextHeader(to, own));
    assert.equal(await refusalTo(ca, poll(answer)), 'certRevoked');
    assert.equal(ca.journal.replacement(old.sha256), undefined);
  });

  it('cannot be confirmed once the old certificate is revoked', async () => {
    const { ca, own, answer } = await revokedMeanwhile(0);
    const certificate = issuedIn(answer);
    const confirmation = messageOf(confirming(certificate), own, nextHeader(answer, own));
    assert.equal(await refusalTo(ca, confirmation), 'certRevoked');
    assert.equal(ca.journal.isConfirmed(certificate.sha256), false);
  });
});

describe('a revocation', () => {
  async function two() {
    const ca = await start();
    const enrolled = await enrol(peerOf(ca), credential, orderOf({ key }));
    const foreign = await enrol(
      peerOf(ca),
      vendorCredential,
      orderOf({ key: otherKey, subject: otherSubject, subjectAltNames: [] }),
    );
    return { ca, own: withCertificate(key, enrolled), enrolled, foreign };
  }
  const revoking = (certificate: Certificate, reason = 1): OutgoingBody => ({
    type: 'rr',
    content: contents.revReq(writeTemplateOf(certificate), reason),
  });

  it('of another certificate than the one that signs is refused', async () => {
    const { ca, own, foreign } = await two();
    for (const certificate of [foreign.certificate, operatorCa.certificate])
      assert.equal(await refusalTo(ca, messageOf(revoking(certificate), own)), 'badCertId');
    assert.deepEqual(ca.journal.revoked(), []);
  });

  it('by a credential or a vendor certificate is refused', async () => {
    const { ca, enrolled, foreign } = await two();
    assert.equal(await refusalTo(ca, messageOf(revoking(enrolled.certificate))), 'wrongIntegrity');
    assert.equal(await refusalTo(ca, messageOf(revoking(foreign.certificate), byVendor)), 'notAuthorized');
  });

  it('for a reason that does not exist is refused', async () => {
    const { ca, own, enrolled } = await two();
    for (const [reason, expected] of [
      [7, 'badDataFormat'],
      [8, 'badRequest'],
      [11, 'badDataFormat'],
    ] as const)
      assert.equal(await refusalTo(ca, messageOf(revoking(enrolled.certificate, reason), own)), expected);
    assert.deepEqual(ca.journal.revoked(), []);
  });
});
