/**
 * What the RA/CA answers to each situation that the published conformance tests for CMP provoke: the type of the body,
 * and exactly one bit of failInfo. Faults of the header, of the protection or of the whole transaction are answered with
 * an error (rr: with rp), those of one request with the response to it.
 */
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { describe, it } from 'node:test';
import { contextTag, der, oids, tags } from '../../../main/asn1/index.ts';
import { contents, statusesOf } from '../../../main/cmp/body.ts';
import { certHashOf } from '../../../main/cmp/cert-hash.ts';
import { writeTemplateOf } from '../../../main/cmp/crmf.ts';
import { nobody, party } from '../../../main/cmp/header.ts';
import { readMac, writeMac } from '../../../main/cmp/mac.ts';
import type { Message } from '../../../main/cmp/message.ts';
import { certificatesOf } from '../../../main/cmp/protection.ts';
import { rejection } from '../../../main/cmp/status.ts';
import { keySigner } from '../../../main/keys/index.ts';
import { extension, parseCertificate, plainSpki, spkiOf, type Certificate } from '../../../main/pki/index.ts';
import { labOptions, now, signerOf } from '../../kit/bundle.ts';
import {
  byPbm,
  bySigner,
  following,
  verdictOf,
  write,
  type Draft,
  type DraftBody,
  type Protection,
} from '../../kit/cmp-drafts.ts';
import { ask } from '../../kit/cmp-requests.ts';
import { makePki } from '../../kit/cmp-pki.ts';
import { start } from '../../kit/cmp-start.ts';
import {
  enrol,
  name,
  operatorCa,
  operatorRoot,
  orderOf,
  otherEnb,
  otherSubject,
  peerOf,
  ra,
  reference,
  subject,
  vendor,
  vendorCredential,
  withCertificate,
  type TestAuthority,
} from '../../kit/cmp.ts';
import { encodeExtension, generateKey } from '../../kit/issue-certificate.ts';

const numbers = { ir: 0, cr: 2, p10cr: 4, kur: 7, krr: 9, rr: 11, genm: 21, certConf: 24, pollReq: 25 };
const key = generateKey('P-256');
const stranger = makePki(labOptions);

/** A CertRequest and its proof, with anything in both. */
interface Wishes {
  readonly id?: number;
  /** Fields of the template before the subject, and after the key. */
  readonly before?: readonly Uint8Array[];
  readonly extensions?: readonly Uint8Array[];
  readonly subject?: Uint8Array | undefined;
  readonly spki?: Uint8Array;
  readonly controls?: readonly Uint8Array[];
  readonly proof?: ((request: Uint8Array) => Promise<readonly Uint8Array[]>) | undefined;
}

async function signedProof(request: Uint8Array, by = key): Promise<readonly Uint8Array[]> {
  const signer = keySigner(by);
  assert(signer);
  const algorithm = der.sequence(der.oid(oids.ecdsaWithSha256));
  return [der.element(contextTag(1), algorithm, der.bitString(await signer.sign(request)))];
}

async function request(wishes: Wishes = {}): Promise<Uint8Array> {
  const {
    id = 0,
    before = [],
    extensions = [],
    controls = [],
    proof = (bytes: Uint8Array) => signedProof(bytes),
  } = wishes;
  const { subject: who = subject.der, spki = spkiOf(key) } = wishes;
  const hasSubject = !('subject' in wishes) || wishes.subject !== undefined;
  const template = der.sequence(
    ...before,
    ...(hasSubject ? [der.explicit(5, who)] : []),
    der.implicit(6, spki),
    ...(extensions.length > 0 ? [der.element(contextTag(9), ...extensions)] : []),
  );
  const identifier = id < 0 ? der.element(tags.integer, Uint8Array.of(0xff)) : der.integer(id);
  const one = der.sequence(identifier, template, ...(controls.length > 0 ? [der.sequence(...controls)] : []));
  return der.sequence(one, ...(await proof(one)));
}

const ir = async (wishes: Wishes = {}): Promise<DraftBody> => ({
  number: numbers.ir,
  content: contents.requests(await request(wishes)),
});
const genm = (type: string, value?: Uint8Array): DraftBody => ({
  number: numbers.genm,
  content: contents.infos({ type, ...(value && { value }) }),
});

/** A table of drafts, and what answers them: the type, and the failInfo. */
type Table = Readonly<Record<string, readonly [Draft, string]>>;
const info = (type: string, value: Uint8Array) => ({ type, value });
const byVendor = bySigner(vendorCredential.signer);
const withoutChain = bySigner({ ...vendorCredential.signer, chain: [] });
const later = (milliseconds: number) => new Date(now.getTime() + milliseconds);

describe('the RA/CA, of the header and the protection of an ir,', () => {
  const implicit = info(oids.implicitConfirmInfo, der.null);
  const time = info(oids.confirmWaitTimeInfo, der.generalizedTime(later(60_000)));
  const utcTime = info(oids.confirmWaitTimeInfo, der.element(tags.utcTime, Buffer.from('270101000000Z')));
  const headers: Table = {
    'version 1': [{ header: { pvno: 1 } }, 'error unsupportedVersion'],
    'a sender that is an address': [
      { header: { sender: { der: der.implicit(1, der.ia5String('enb@example')), name: undefined } } },
      'error badMessageCheck',
    ],
    'the issuer as the sender': [
      { by: byVendor, header: { sender: party(vendor.issuing.certificate.subject) } },
      'error badMessageCheck',
    ],
    'another senderKID, signed': [
      { by: byVendor, header: { senderKid: randomBytes(20) } },
      'error badMessageCheck',
    ],
    'another senderKID, with a MAC': [
      { header: { senderKid: Buffer.from('enb-x') } },
      'error badMessageCheck',
    ],
    'no senderKID, signed': [{ by: byVendor, header: { senderKid: undefined } }, 'error badMessageCheck'],
    'no senderKID, with a MAC': [{ header: { senderKid: undefined } }, 'error badMessageCheck'],
    'another recipient': [{ header: { recipient: party(name('CN=Other')) } }, 'error wrongAuthority'],
    'no transactionID': [{ header: { transactionId: undefined } }, 'error badDataFormat'],
    'a transactionID of 8 bytes': [{ header: { transactionId: randomBytes(8) } }, 'error badRequest'],
    'a transactionID of 100 bytes': [{ header: { transactionId: randomBytes(100) } }, 'error badRequest'],
    'no senderNonce': [{ header: { senderNonce: undefined } }, 'error badSenderNonce'],
    'a senderNonce of 4 bytes': [{ header: { senderNonce: randomBytes(4) } }, 'error badSenderNonce'],
    'a senderNonce of 100 bytes': [{ header: { senderNonce: randomBytes(100) } }, 'error badSenderNonce'],
    'a recipNonce': [{ header: { recipNonce: randomBytes(16) } }, 'error badRecipientNonce'],
    'a time 500 s ago': [{ header: { messageTime: later(-500_000) } }, 'error badTime'],
    'a time 5 h ahead': [{ header: { messageTime: later(18_000_000) } }, 'error badTime'],
    'an implicitConfirm that is not NULL': [
      { header: { generalInfo: [info(oids.implicitConfirmInfo, der.integer(1))] } },
      'error badRequest',
    ],
    'implicitConfirm beside confirmWaitTime': [
      { header: { generalInfo: [implicit, time] } },
      'error badRequest',
    ],
    'a confirmWaitTime in UTCTime': [{ header: { generalInfo: [utcTime] } }, 'error badDataFormat'],
    'a wrong MAC': [{ protection: () => randomBytes(32) }, 'error badMessageCheck'],
    'a wrong signature': [{ by: byVendor, protection: () => randomBytes(70) }, 'error badMessageCheck'],
    'no protection': [
      { header: { protectionAlgorithm: undefined }, protection: () => undefined },
      'error badMessageCheck',
    ],
    'an algorithm without a protection': [{ protection: () => undefined }, 'error badMessageCheck'],
    'a protection without an algorithm': [
      { header: { protectionAlgorithm: undefined } },
      'error badMessageCheck',
    ],
    'an HMAC without a password': [
      { header: { protectionAlgorithm: der.sequence(der.oid(oids.hmacWithSha256)) } },
      'error badAlg',
    ],
    'RSA with SHA-1': [
      {
        by: byVendor,
        header: { protectionAlgorithm: der.sequence(der.oid('1.2.840.113549.1.1.5'), der.null) },
      },
      'error badAlg',
    ],
    'no extraCerts': [{ by: byVendor, extraCerts: [] }, 'error badMessageCheck'],
    'no chain in extraCerts': [{ by: withoutChain }, 'error signerNotTrusted'],
    'a signer who is not first in extraCerts': [
      {
        by: byVendor,
        extraCerts: [vendor.issuing.certificate.der, otherEnb.certificate.der],
      },
      'error badMessageCheck',
    ],
    'a signer of another vendor': [
      { by: bySigner(signerOf(stranger.otherEnb, stranger.vendor.issuing)) },
      'error signerNotTrusted',
    ],
    'the RA as the signer': [{ by: bySigner(signerOf(ra, operatorCa)) }, 'error notAuthorized'],
  };
  for (const [what, [draft, expected]] of Object.entries(headers)) {
    it(`answers ${what} with ${expected}`, async () => {
      const body = await ir({ subject: draft.by ? otherSubject.der : subject.der });
      assert.equal(verdictOf(await ask(await start(), await write(body, draft))), expected);
    });
  }

  const good: Readonly<Record<string, Draft>> = {
    'a recipient without a name': { header: { recipient: nobody } },
    'no time': { header: { messageTime: undefined } },
    'version 3': { header: { pvno: 3 } },
    confirmWaitTime: { header: { generalInfo: [time] } },
  };
  for (const [what, draft] of Object.entries(good)) {
    it(`takes ${what}`, async () => {
      assert.equal(verdictOf(await ask(await start(), await write(await ir(), draft))), 'ip');
    });
  }

  it('answers a transactionID that was used with transactionIdInUse', async () => {
    const ca = await start();
    const header = { transactionId: randomBytes(16) };
    await ask(ca, await write(await ir(), { header }));
    const again = await write(await ir(), { header });
    assert.equal(verdictOf(await ask(ca, again)), 'error transactionIdInUse');
  });

  it('answers what is no message with badDataFormat, and a body that it does not speak with badRequest', async () => {
    const ca = await start();
    const none = Buffer.from('300100', 'hex');
    assert.equal((await ca.authority.answer(none)).isToMessage, false);
    assert.equal(verdictOf(await ask(ca, none)), 'error badDataFormat');
    const unknown = { number: numbers.krr, content: contents.requests(await request()) };
    assert.equal(verdictOf(await ask(ca, await write(unknown))), 'error badRequest');
  });
});

describe('the RA/CA, of its answers,', () => {
  it('signs with the certificate that leads extraCerts and is named by sender and senderKID', async () => {
    const answer = await ask(
      await start(),
      await write(await ir({ subject: otherSubject.der }), { by: byVendor }),
    );
    const [first] = certificatesOf(answer);
    assert(first);
    assert.equal(answer.header.sender.name?.key, first.subject.key);
    const identifier = extension(first, oids.subjectKeyIdentifier);
    assert(identifier.ok);
    assert.equal(Buffer.from(answer.header.senderKid ?? []).toString('hex'), identifier.value);
  });

  it('has a new salt and nonce, the same MAC, and the chain of what it issued, also with a MAC', async () => {
    const ca = await start();
    const bytes = await write(await ir());
    const answer = await ask(ca, bytes);
    assert.deepEqual(Buffer.from(answer.header.senderKid ?? []), reference);
    const asked = readMac(writeMac(byPbm.mac));
    const answered = readMac(answer.header.protectionAlgorithm ?? new Uint8Array());
    assert(asked.ok && answered.ok);
    assert.notDeepEqual(answered.value.salt, asked.value.salt);
    assert.deepEqual({ ...answered.value, salt: 0 }, { ...asked.value, salt: 0 });
    assert.equal(answer.header.senderNonce?.length, 16);
    assert.deepEqual(
      certificatesOf(answer).map((certificate) => certificate.subject.key),
      [operatorCa, operatorRoot].map(({ certificate }) => certificate.subject.key),
    );
  });
});

describe('the RA/CA, of the content of a request,', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const ed25519 = generateKeyPairSync('ed25519');
  const spkiDer = ({ publicKey }: typeof weak) => publicKey.export({ format: 'der', type: 'spki' });
  const ca = (...values: readonly Uint8Array[]) =>
    encodeExtension(oids.basicConstraints, true, der.sequence(...values));
  const usage = (oid: string) => encodeExtension(oids.extendedKeyUsage, false, der.sequence(der.oid(oid)));
  const wishes: Readonly<Record<string, readonly [Wishes, string]>> = {
    'certReqId -1': [{ id: -1 }, 'ip badRequest'],
    'certReqId 1': [{ id: 1 }, 'ip badRequest'],
    'no subject': [{ subject: undefined }, 'ip badCertTemplate'],
    'an empty subject': [{ subject: der.sequence() }, 'ip badCertTemplate'],
    'another subject': [{ subject: otherSubject.der }, 'ip badCertTemplate'],
    'version 1 of the template': [{ before: [der.implicit(0, der.integer(0))] }, 'ip badCertTemplate'],
    'an RSA key of 1024 bits': [{ spki: spkiDer(weak) }, 'ip badCertTemplate'],
    'an Ed25519 key': [{ spki: spkiDer(ed25519) }, 'ip badCertTemplate'],
    'a CA certificate': [{ extensions: [ca(der.boolean(true))] }, 'ip notAuthorized'],
    'a path length for no CA': [{ extensions: [ca(der.integer(1))] }, 'ip badCertTemplate'],
    "an RA's certificate": [{ extensions: [usage(oids.cmcRa)] }, 'ip notAuthorized'],
    "a CMC CA's certificate": [{ extensions: [usage(oids.cmcCa)] }, 'ip notAuthorized'],
    'no proof of possession': [{ proof: () => Promise.resolve([]) }, 'ip badPOP'],
    'the word of an eNB that possession is verified': [
      { proof: () => Promise.resolve([Uint8Array.of(0x80, 0)]) },
      'ip notAuthorized',
    ],
    'a wrong proof of possession': [{ proof: () => signedProof(randomBytes(10)) }, 'ip badPOP'],
    'a proof of another kind of key': [{ spki: spkiOf(generateKey('RSA-2048')) }, 'ip badPOP'],
  };
  for (const [what, [wish, expected]] of Object.entries(wishes)) {
    it(`answers ${what} with ${expected}`, async () => {
      const answer = await ask(await start(), await write(await ir(wish)));
      assert.equal(verdictOf(answer), expected);
      assert(answer.body.type === 'ip');
      const [response] = answer.body.responses;
      assert.deepEqual([response?.certReqId, response?.certificate], [0, undefined]);
    });
  }

  it('answers two requests in one message with ip badRequest', async () => {
    const content = contents.requests(await request(), await request());
    const answer = await ask(await start(), await write({ number: numbers.ir, content }));
    assert.equal(verdictOf(answer), 'ip badRequest');
  });

  const keyUsage = (...bits: readonly number[]) =>
    encodeExtension(oids.keyUsage, true, der.namedBits([...bits]));
  const names = (text: string) =>
    encodeExtension(oids.subjectAltName, false, der.sequence(der.implicit(2, der.ia5String(text))));
  const endAfter = (days: number) =>
    der.element(contextTag(4), der.explicit(1, der.time(later(days * 86_400_000))));
  const statuses: Readonly<Record<string, readonly [Wishes, number]>> = {
    'the subject alone': [{}, 0],
    'version 3': [{ before: [der.implicit(0, der.integer(2))] }, 0],
    'this CA as the issuer': [{ before: [der.explicit(3, operatorCa.certificate.subject.der)] }, 0],
    'the usage that a certificate for this key has': [{ extensions: [keyUsage(0, 4)] }, 0],
    'fewer names than are registered': [{ extensions: [names('enb1.example')] }, 1],
    'another usage': [{ extensions: [keyUsage(0, 5)] }, 1],
    'an earlier end': [{ before: [endAfter(180)] }, 0],
    'a later end than the CA gives': [{ before: [endAfter(1_000)] }, 1],
    'another issuer': [{ before: [der.explicit(3, name('CN=Vendor').der)] }, 1],
  };
  for (const [what, [wish, expected]] of Object.entries(statuses)) {
    it(`says of ${what} that it is granted ${expected === 0 ? 'as asked' : 'with changes'}`, async () => {
      const { body } = await ask(await start(), await write(await ir(wish)));
      assert.equal(statusesOf(body)[0]?.status, expected);
    });
  }

  it("passes over the names of a vendor's certificate, and over no other that is not registered", async () => {
    const own = otherEnb.certificate.extensions.get(oids.subjectAltName);
    assert(own);
    const repeated = encodeExtension(oids.subjectAltName, true, own.value);
    const wish = { subject: otherSubject.der, extensions: [repeated] };
    const answer = await ask(await start(), await write(await ir(wish), { by: byVendor }));
    assert.equal(verdictOf(answer), 'ip');
    assert(answer.body.type === 'ip');
    const certificate = parseCertificate(answer.body.responses[0]?.certificate ?? new Uint8Array());
    assert(certificate.ok);
    assert.equal(certificate.value.extensions.has(oids.subjectAltName), false);
    assert.equal(statusesOf(answer.body)[0]?.status, 1);
    const byCredential = await write(await ir({ extensions: [repeated] }));
    assert.equal(verdictOf(await ask(await start(), byCredential)), 'ip badCertTemplate');
  });

  /** A PKCS#10 request, signed with the key. */
  function pkcs10(version = 0, forger = key): DraftBody {
    const attributes = der.element(contextTag(0));
    const info10 = der.sequence(der.integer(version), subject.der, spkiOf(key), attributes);
    const algorithm = der.sequence(der.oid(oids.ecdsaWithSha256));
    const content = der.sequence(info10, algorithm, der.bitString(sign('sha256', info10, forger)));
    return { number: numbers.p10cr, content };
  }

  it('answers PKCS#10 requests with certReqId -1, and judges version and signature', async () => {
    const answer = await ask(await start(), await write(pkcs10()));
    assert(answer.body.type === 'cp');
    assert.equal(answer.body.responses[0]?.certReqId, -1);
    assert.equal(verdictOf(await ask(await start(), await write(pkcs10(1)))), 'cp badCertTemplate');
    const forged = await write(pkcs10(0, generateKey('P-256')));
    assert.equal(verdictOf(await ask(await start(), forged)), 'cp badPOP');
  });
});

/** eNB 1 with its certificate: as a signer. */
async function holder(ca: TestAuthority): Promise<{ by: Protection; certificate: Certificate }> {
  const own = generateKey('P-256');
  const issued = await enrol(peerOf(ca), undefined, orderOf({ key: own }));
  return { by: bySigner(withCertificate(own, issued).signer), certificate: issued.certificate };
}

describe('the RA/CA, of a kur,', () => {
  const kur = async (wishes: Wishes = {}) => ({ ...(await ir(wishes)), number: numbers.kur });
  const old = (issuer: Uint8Array, serial: string) =>
    der.sequence(
      der.oid(oids.oldCertIdControl),
      der.sequence(der.explicit(4, issuer), der.element(tags.integer, Buffer.from(serial, 'hex'))),
    );

  it('answers a MAC with kup wrongIntegrity, and a vendor certificate with kup notAuthorized', async () => {
    const ca = await start();
    assert.equal(verdictOf(await ask(ca, await write(await kur()))), 'kup wrongIntegrity');
    const body = await kur({ subject: otherSubject.der });
    assert.equal(verdictOf(await ask(ca, await write(body, { by: byVendor }))), 'kup notAuthorized');
  });

  it('answers another oldCertID with kup badCertId, and the old key with kup badCertTemplate', async () => {
    const ca = await start();
    const { by, certificate } = await holder(ca);
    const { issuer, serialNumber, publicKey } = certificate;
    for (const wrong of [old(name('CN=Other').der, serialNumber), old(issuer.der, '0102')])
      assert.equal(
        verdictOf(await ask(ca, await write(await kur({ controls: [wrong] }), { by }))),
        'kup badCertId',
      );
    assert(by.kind === 'signature');
    const { signer } = by;
    const proof = async (one: Uint8Array) => [
      der.element(
        contextTag(1),
        der.sequence(der.oid(oids.ecdsaWithSha256)),
        der.bitString(await signer.sign(one)),
      ),
    ];
    const same = await kur({ spki: plainSpki(publicKey), proof });
    assert.equal(verdictOf(await ask(ca, await write(same, { by }))), 'kup badCertTemplate');
    const right = await kur({ controls: [old(issuer.der, serialNumber)] });
    assert.equal(verdictOf(await ask(ca, await write(right, { by }))), 'kup');
  });
});

describe('the RA/CA, of a kur that is open,', () => {
  it('refuses another one, whoever signs, until that one is confirmed or rejected', async () => {
    const ca = await start();
    const { by } = await holder(ca);
    const kur = async (one: KeyObject) => {
      const wishes = { spki: spkiOf(one), proof: (bytes: Uint8Array) => signedProof(bytes, one) };
      return write({ ...(await ir(wishes)), number: numbers.kur }, { by });
    };
    const first = await ask(ca, await kur(key));
    assert.equal(verdictOf(first), 'kup');
    assert.equal(verdictOf(await ask(ca, await kur(generateKey('P-256')))), 'kup badRequest');
    assert(first.body.type === 'kup');
    const certificate = parseCertificate(first.body.responses[0]?.certificate ?? new Uint8Array());
    const signer = keySigner(key);
    assert(certificate.ok && signer);
    const chain = [operatorCa.certificate];
    const early = bySigner({ ...signer, certificate: certificate.value, chain });
    assert.equal(verdictOf(await ask(ca, await write(await ir(), { by: early }))), 'error notAuthorized');
    const content = contents.certConf({ ...certHashOf(certificate.value), certReqId: 0 });
    const confirmation = { number: numbers.certConf, content };
    const confirmed = await write(confirmation, { by, header: following(first) });
    assert.equal(verdictOf(await ask(ca, confirmed)), 'pkiconf');
    assert.equal(verdictOf(await ask(ca, await write(await ir(), { by }))), 'error certRevoked');
  });
});

describe('the RA/CA, of a pollReq,', () => {
  const pollReq = (id: number): DraftBody => ({ number: numbers.pollReq, content: contents.pollReq(id) });
  const cases: Readonly<Record<string, readonly [DraftBody, Draft, string]>> = {
    'the request that waits': [pollReq(0), {}, 'pollRep'],
    'another certReqId': [pollReq(1), {}, 'error badRequest'],
    'another transaction': [pollReq(0), { header: { transactionId: randomBytes(16) } }, 'error badRequest'],
    'the request of somebody else': [pollReq(0), { by: byVendor }, 'error wrongIntegrity'],
  };
  for (const [what, [body, draft, expected]] of Object.entries(cases)) {
    it(`answers a poll for ${what} with ${expected}`, async () => {
      const ca = await start({ polls: 1 });
      const answer = await ask(ca, await write(await ir()));
      assert.equal(statusesOf(answer.body)[0]?.status, 3);
      const header = { ...following(answer), ...draft.header };
      assert.equal(verdictOf(await ask(ca, await write(body, { ...draft, header }))), expected);
    });
  }
});

describe('the RA/CA, of a certConf,', () => {
  type Confirmation = Partial<Parameters<typeof contents.certConf>[0]>;
  const confirming = (certificate: Certificate, changes: Confirmation = {}): DraftBody => ({
    number: numbers.certConf,
    content: contents.certConf({ certHash: certHashOf(certificate).certHash, certReqId: 0, ...changes }),
  });
  const twice = (certificate: Certificate): DraftBody => {
    const { certHash } = certHashOf(certificate);
    const one = der.sequence(der.octetString(certHash), der.integer(0));
    return { number: numbers.certConf, content: der.sequence(one, one) };
  };

  function issuedBy({ body }: Message): Certificate {
    assert(body.type === 'ip');
    const certificate = parseCertificate(body.responses[0]?.certificate ?? new Uint8Array());
    assert(certificate.ok);
    return certificate.value;
  }

  const cases: Readonly<Record<string, readonly [(certificate: Certificate) => DraftBody, Draft, string]>> = {
    'the right one': [confirming, {}, 'pkiconf'],
    'a rejection': [
      (one) => confirming(one, { statusInfo: rejection('badCertTemplate', 'No') }),
      {},
      'pkiconf',
    ],
    'an empty one, which rejects': [
      () => ({ number: numbers.certConf, content: der.sequence() }),
      {},
      'pkiconf',
    ],
    'another digest, named in version 3': [
      (one) =>
        confirming(one, {
          certHash: Uint8Array.from(certHashOf(one).certHash),
          hashAlgorithm: 'sha256',
        }),
      { header: { pvno: 3 } },
      'pkiconf',
    ],
    'two statuses': [twice, {}, 'error badRequest'],
    'certReqId -1': [(one) => confirming(one, { certReqId: -1 }), {}, 'error badRequest'],
    'an accepted certificate with a failInfo': [
      (one) => confirming(one, { statusInfo: { status: 0, texts: [], failInfo: ['badRequest'] } }),
      {},
      'error badRequest',
    ],
    'another digest': [(one) => confirming(one, { certHash: randomBytes(64) }), {}, 'error badCertId'],
    'no senderNonce': [confirming, { header: { senderNonce: undefined } }, 'error badSenderNonce'],
    'no recipNonce': [confirming, { header: { recipNonce: undefined } }, 'error badRecipientNonce'],
    'another recipNonce': [
      confirming,
      { header: { recipNonce: randomBytes(16) } },
      'error badRecipientNonce',
    ],
    'no transactionID': [confirming, { header: { transactionId: undefined } }, 'error badRequest'],
    'another transactionID': [confirming, { header: { transactionId: randomBytes(16) } }, 'error badRequest'],
    'no protection': [
      confirming,
      { header: { protectionAlgorithm: undefined }, protection: () => undefined },
      'error badMessageCheck',
    ],
    'a signature after a MAC': [confirming, { by: byVendor }, 'error wrongIntegrity'],
  };
  for (const [what, [make, draft, expected]] of Object.entries(cases)) {
    it(`answers ${what} with ${expected}`, async () => {
      const ca = await start();
      const answer = await ask(ca, await write(await ir()));
      const bytes = await write(make(issuedBy(answer)), {
        ...draft,
        header: { ...following(answer), ...draft.header },
      });
      assert.equal(verdictOf(await ask(ca, bytes)), expected);
    });
  }

  it('answers the nonce of the ir with badSenderNonce', async () => {
    const ca = await start();
    const senderNonce = randomBytes(16);
    const answer = await ask(ca, await write(await ir(), { header: { senderNonce } }));
    const header = { ...following(answer), senderNonce };
    const bytes = await write(confirming(issuedBy(answer)), { header });
    assert.equal(verdictOf(await ask(ca, bytes)), 'error badSenderNonce');
  });

  it('answers a MAC after a signature with wrongIntegrity', async () => {
    const ca = await start();
    const body = await ir({ subject: otherSubject.der });
    const answer = await ask(ca, await write(body, { by: byVendor }));
    const bytes = await write(confirming(issuedBy(answer)), { by: byPbm, header: following(answer) });
    assert.equal(verdictOf(await ask(ca, bytes)), 'error wrongIntegrity');
  });

  it('answers one after implicit confirmation, and a second one, with certConfirmed', async () => {
    const ca = await start();
    const generalInfo = [info(oids.implicitConfirmInfo, der.null)];
    const implicit = await ask(ca, await write(await ir(), { header: { generalInfo } }));
    const late = await write(confirming(issuedBy(implicit)), { header: following(implicit) });
    assert.equal(verdictOf(await ask(ca, late)), 'error certConfirmed');
    const explicit = await ask(ca, await write(await ir()));
    for (const expected of ['pkiconf', 'error certConfirmed']) {
      const bytes = await write(confirming(issuedBy(explicit)), { header: following(explicit) });
      assert.equal(verdictOf(await ask(ca, bytes)), expected);
    }
  });
});

describe('the RA/CA, of an rr,', () => {
  const reason = (value: number) =>
    der.sequence(
      der.oid(oids.reasonCode),
      der.octetString(der.element(tags.enumerated, Uint8Array.of(value))),
    );
  const serial = ({ serialNumber }: Certificate) =>
    der.implicit(1, der.element(tags.integer, Buffer.from(serialNumber, 'hex')));
  const issuer = ({ issuer: one }: Certificate) => der.explicit(3, one.der);
  const rr = (template: readonly Uint8Array[], reasons: readonly number[] = [1]): DraftBody => ({
    number: numbers.rr,
    content: der.sequence(
      der.sequence(
        der.sequence(...template),
        ...(reasons.length > 0 ? [der.sequence(...reasons.map(reason))] : []),
      ),
    ),
  });
  const whole = (one: Certificate) => [serial(one), issuer(one)];
  const version = (number: number) => der.implicit(0, der.integer(number));

  const cases: Readonly<Record<string, readonly [(own: Certificate) => DraftBody, string, Draft?]>> = {
    'a good one': [(own) => rr(whole(own)), 'rp'],
    'one without a reason': [(own) => rr(whole(own), []), 'rp'],
    'one with all that the template can name': [
      (own) =>
        rr([
          version(2),
          ...whole(own),
          der.explicit(5, own.subject.der),
          der.implicit(6, plainSpki(own.publicKey)),
        ]),
      'rp',
    ],
    'no issuer': [(own) => rr([serial(own)]), 'rp addInfoNotAvailable'],
    'no serial number': [(own) => rr([issuer(own)]), 'rp addInfoNotAvailable'],
    'another issuer': [(own) => rr([serial(own), der.explicit(3, name('CN=Other').der)]), 'rp badCertId'],
    'another serial number': [(own) => rr([der.implicit(1, der.integer(77)), issuer(own)]), 'rp badCertId'],
    'another subject': [(own) => rr([...whole(own), der.explicit(5, otherSubject.der)]), 'rp badCertId'],
    'another key': [(own) => rr([...whole(own), der.implicit(6, spkiOf(key))]), 'rp badCertId'],
    'version 1': [(own) => rr([version(0), ...whole(own)]), 'rp badRequest'],
    'an unknown reason': [(own) => rr(whole(own), [11]), 'rp badDataFormat'],
    'two reasons': [(own) => rr(whole(own), [1, 4]), 'rp badRequest'],
    'a reason that takes back': [(own) => rr(whole(own), [8]), 'rp badRequest'],
    'a MAC': [(own) => rr(whole(own)), 'rp wrongIntegrity', { by: byPbm }],
    'no protection': [
      (own) => rr(whole(own)),
      'rp badMessageCheck',
      { header: { protectionAlgorithm: undefined }, protection: () => undefined },
    ],
    'the issuer as the sender': [
      (own) => rr(whole(own)),
      'rp badMessageCheck',
      { header: { sender: party(operatorCa.certificate.subject) } },
    ],
    'no extraCerts': [(own) => rr(whole(own)), 'rp badMessageCheck', { extraCerts: [] }],
  };
  for (const [what, [make, expected, draft = {}]] of Object.entries(cases)) {
    it(`answers ${what} with ${expected}`, async () => {
      const ca = await start();
      const { by, certificate } = await holder(ca);
      const answer = await ask(ca, await write(make(certificate), { by, ...draft }));
      assert.equal(verdictOf(answer), expected);
      assert.equal(ca.journal.revoked().length, expected === 'rp' ? 1 : 0);
    });
  }

  it('says that the certificate is revoked; then nothing that it signs is granted', async () => {
    const ca = await start();
    const { by, certificate } = await holder(ca);
    const content = contents.revReq(writeTemplateOf(certificate), 1);
    const revoke = () => write({ number: numbers.rr, content }, { by });
    const answer = await ask(ca, await revoke());
    assert.match(statusesOf(answer.body)[0]?.texts[0] ?? '', /revoked/);
    assert.equal(verdictOf(await ask(ca, await revoke())), 'rp certRevoked');
    for (const number of [numbers.ir, numbers.kur])
      assert.match(
        verdictOf(await ask(ca, await write({ ...(await ir()), number }, { by }))),
        /^(error|ip|kup) certRevoked$/,
      );
  });
});

describe('the RA/CA, of a genm,', () => {
  const cases: Readonly<Record<string, readonly [DraftBody, string]>> = {
    'the CA certificates': [genm(oids.caCertsInfo), 'genp'],
    'the new root': [genm(oids.rootCaCertInfo), 'genp'],
    'the current CRL': [genm(oids.currentCrlInfo), 'genp'],
    'a template': [genm(oids.certReqTemplateInfo), 'genp'],
    English: [
      genm(oids.supportedLangTagsInfo, der.sequence(der.utf8String('fi'), der.utf8String('en'))),
      'genp',
    ],
    Finnish: [genm(oids.supportedLangTagsInfo, der.sequence(der.utf8String('fi'))), 'error badRequest'],
    'any language': [genm(oids.supportedLangTagsInfo), 'error badRequest'],
    'the CA certificates, with a value': [genm(oids.caCertsInfo, der.null), 'error badRequest'],
    'a template, with a value': [genm(oids.certReqTemplateInfo, der.null), 'error badRequest'],
    'the current CRL, with a value': [genm(oids.currentCrlInfo, der.null), 'error badRequest'],
    'CRLs of nobody': [genm(oids.crlStatusListInfo, der.null), 'error badRequest'],
    'what it does not know': [genm('1.2.3.4'), 'error badRequest'],
    'two things': [
      {
        number: numbers.genm,
        content: contents.infos({ type: oids.caCertsInfo }, { type: oids.caCertsInfo }),
      },
      'error badRequest',
    ],
    nothing: [{ number: numbers.genm, content: der.sequence() }, 'error badRequest'],
  };
  for (const [what, [body, expected]] of Object.entries(cases)) {
    it(`answers the question for ${what} with ${expected}`, async () => {
      const answer = await ask(await start(), await write(body));
      assert.equal(verdictOf(answer), expected);
      if (answer.body.type === 'genp') assert.equal(answer.body.infos.length, 1);
    });
  }
});
