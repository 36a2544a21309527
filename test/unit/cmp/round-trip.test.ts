import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decode, der, oids, tags, type DerReader } from '../../../main/asn1/index.ts';
import { contents, readBody, writeBody, type OutgoingBody } from '../../../main/cmp/body.ts';
import { certHashOf, isCertHash } from '../../../main/cmp/cert-hash.ts';
import {
  makeCertReqMsg,
  provesPossession,
  readCertReqMsg,
  readTemplate,
  writeTemplateOf,
} from '../../../main/cmp/crmf.ts';
import { failureInfo, type FailureName } from '../../../main/cmp/failure-info.ts';
import { party, readHeader, writeHeader, type Header } from '../../../main/cmp/header.ts';
import { computeMac, readMac, verifyMac, writeMac, type Mac } from '../../../main/cmp/mac.ts';
import { readMessage, saidIn, writeMessage, writeProtectedPart } from '../../../main/cmp/message.ts';
import { pkiStatus, readStatusInfo, rejection, writeStatusInfo } from '../../../main/cmp/status.ts';
import { keySigner } from '../../../main/keys/index.ts';
import { nameToText, spkiOf, writeGeneralNames } from '../../../main/pki/index.ts';
import { certificateFor } from '../../kit/cmp-answers.ts';
import { name, operatorCa, subject } from '../../kit/cmp.ts';
import { messageOf, requestFor } from '../../kit/cmp-requests.ts';
import { generateKey } from '../../kit/issue-certificate.ts';

const key = generateKey('P-256');

function read<Value>(bytes: Uint8Array, reader: (reader: DerReader) => Value): Value {
  const value = decode(bytes, reader);
  assert(value.ok, JSON.stringify(value));
  return value.value;
}

const octets = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
const plain = (bytes: Uint8Array | undefined) => (bytes ? Buffer.from(bytes).toString('hex') : undefined);
const texts = fc.array(
  fc.string({ maxLength: 40 }).filter((text) => text.isWellFormed()),
  { maxLength: 3 },
);
const hash = fc.constantFrom('sha256' as const, 'sha384' as const, 'sha512' as const);
const seconds = fc
  .date({ min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => new Date(Math.floor(date.getTime() / 1000) * 1000));

describe('what is written is read back', () => {
  it('a MAC', () => {
    const salt = octets(8, 64);
    const pbm = fc.record({
      kind: fc.constant('pbm' as const),
      salt,
      owf: hash,
      iterations: fc.integer({ min: 100, max: 100_000 }),
      mac: hash,
    });
    const pbmac1 = fc.record({
      kind: fc.constant('pbmac1' as const),
      salt,
      iterations: fc.integer({ min: 100, max: 1_000_000 }),
      keyLength: fc.integer({ min: 16, max: 64 }),
      prf: hash,
      mac: hash,
    });
    fc.assert(
      fc.property(fc.oneof<fc.Arbitrary<Mac>[]>(pbm, pbmac1), (mac) => {
        const back = readMac(writeMac(mac));
        assert(back.ok, JSON.stringify(back));
        const { found: _, ...facts } = back.value as Mac & { readonly found?: string };
        assert.deepEqual({ ...facts, salt: plain(facts.salt) }, { ...mac, salt: plain(mac.salt) });
      }),
    );
  });

  it('a header', () => {
    const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
    const headers = fc.record({
      pvno: fc.nat(5),
      messageTime: optional(seconds),
      senderKid: optional(octets(0, 40)),
      recipKid: optional(octets(0, 40)),
      transactionId: optional(octets(0, 40)),
      senderNonce: optional(octets(0, 40)),
      recipNonce: optional(octets(0, 40)),
      freeText: optional(texts.filter((some) => some.length > 0)),
    });
    fc.assert(
      fc.property(headers, (facts) => {
        const given = Object.entries(facts).filter(([, value]) => value !== undefined);
        const header = {
          sender: party(subject),
          recipient: party(name('CN=RA')),
          ...Object.fromEntries(given),
        } as unknown as Header;
        const { sender, recipient, ...back } = read(writeHeader(header), readHeader);
        assert.equal(sender.name?.key, subject.key);
        assert.equal(recipient.name && nameToText(recipient.name), 'CN=RA');
        const comparable = (value: unknown) =>
          value instanceof Uint8Array ? plain(value) : value instanceof Date ? value.getTime() : value;
        const toPlain = (entries: readonly (readonly [string, unknown])[]) =>
          Object.fromEntries(entries.map(([field, value]) => [field, comparable(value)]));
        assert.deepEqual(toPlain(Object.entries(back)), toPlain(given));
      }),
    );
  });

  it('a status', () => {
    const failures = fc.uniqueArray(fc.constantFrom(...failureInfo.map(([failure]) => failure)), {
      minLength: 1,
    });
    fc.assert(
      fc.property(fc.nat(6), texts, fc.option(failures, { nil: undefined }), (status, said, failInfo) => {
        const info = { status, texts: said, ...(failInfo && { failInfo }) };
        const back = read(writeStatusInfo(info), readStatusInfo);
        const sorted = (names: readonly FailureName[] | undefined) => names && [...names].sort();
        assert.deepEqual(
          { ...back, failInfo: sorted(back.failInfo) },
          { ...info, failInfo: sorted(failInfo) },
        );
      }),
    );
  });

  it('a status with bits that nobody has named', () => {
    const bytes = der.sequence(der.integer(2), der.namedBits([0, 40]));
    assert.deepEqual(read(bytes, readStatusInfo).failInfo, ['badAlg']);
  });

  it('each body', async () => {
    const certificate = certificateFor(key);
    const status = { status: pkiStatus.accepted, texts: ['Ja'] };
    const bodies: readonly OutgoingBody[] = [
      await requestFor(key),
      await requestFor(key, { type: 'kur', old: certificate }),
      { type: 'ip', content: contents.certRep({ certReqId: 0, status, certificate: certificate.der }) },
      { type: 'cp', content: contents.certRep({ certReqId: -1, status }, [certificate.der]) },
      { type: 'rr', content: contents.revReq(writeTemplateOf(certificate), 4) },
      { type: 'rp', content: contents.revRep(status) },
      { type: 'pkiconf', content: contents.pkiconf },
      { type: 'genm', content: contents.infos({ type: oids.caCertsInfo }) },
      { type: 'genp', content: contents.infos({ type: oids.caCertsInfo, value: der.null }) },
      { type: 'error', content: contents.error(rejection('badTime', 'Zu spät')) },
      { type: 'certConf', content: contents.certConf({ certHash: Buffer.alloc(32), certReqId: 0 }) },
      { type: 'pollReq', content: contents.pollReq(-1) },
      { type: 'pollRep', content: contents.pollRep({ certReqId: 0, checkAfter: 5, reason: ['Warte'] }) },
    ];
    for (const body of bodies) assert.equal(read(writeBody(body), readBody).type, body.type);
    const facts = (body: OutgoingBody) => read(writeBody(body), readBody);
    const [, kur, ip, cp, rr, , , , , error, , pollReq, pollRep] = bodies.map(facts);
    assert(kur?.type === 'kur' && kur.requests[0]?.oldCertId);
    assert.equal(kur.requests[0].oldCertId.serialNumber, certificate.serialNumber);
    assert(ip?.type === 'ip' && cp?.type === 'cp' && rr?.type === 'rr' && error?.type === 'error');
    assert.equal(plain(ip.responses[0]?.certificate), plain(certificate.der));
    assert.deepEqual([cp.responses[0]?.certReqId, cp.caPubs.length], [-1, 1]);
    assert.deepEqual(
      [rr.revocations[0]?.reason, rr.revocations[0]?.template.serialNumber],
      [4, certificate.serialNumber],
    );
    assert.deepEqual(error.status, { status: 2, texts: ['Zu spät'], failInfo: ['badTime'] });
    assert.deepEqual(pollReq, { type: 'pollReq', ids: [-1] });
    assert.deepEqual(pollRep, {
      type: 'pollRep',
      responses: [{ certReqId: 0, checkAfter: 5, reason: ['Warte'] }],
    });
  });

  it('a body of a type that is not spoken, by its number', () => {
    for (const number of [5, 6, 9, 10, 13, 20, 30])
      assert.deepEqual(read(der.explicit(number, der.null), readBody), { type: 'other', number });
  });

  it('a request, with the proof that its key is held', async () => {
    const signer = keySigner(key);
    assert(signer);
    const names = ['dns:enb1.example', 'ip:2001:db8::1', 'email:a@example.com', 'uri:urn:example'];
    const subjectAltName = writeGeneralNames(names);
    const bytes = await makeCertReqMsg({ subject, spki: spkiOf(key), subjectAltName }, signer);
    const request = read(bytes, readCertReqMsg);
    assert.equal(request.certReqId, 0);
    assert.equal(request.template.subject?.key, subject.key);
    assert.equal(plain(request.template.extensions?.get(oids.subjectAltName)?.value), plain(subjectAltName));
    assert.equal(provesPossession(request), true);
    const other = Uint8Array.from(request.request);
    other[other.length - 1] = (other.at(-1) ?? 0) ^ 1;
    assert.equal(provesPossession({ ...request, request: other }), false);
    const { template, ...rest } = request;
    const { publicKey: _, ...keyless } = template;
    assert.equal(provesPossession({ ...rest, template: keyless }), false);
  });
});

describe('a template', () => {
  it('may have all its fields, each once and in order', () => {
    const { certificate } = operatorCa;
    const fields = [
      der.implicit(0, der.integer(2)),
      der.implicit(1, der.integer(77)),
      der.implicit(2, der.sequence(der.oid(oids.ecdsaWithSha256))),
      der.explicit(3, certificate.issuer.der),
      der.element(0xa4, der.explicit(0, der.time(certificate.notBefore))),
      der.explicit(5, certificate.subject.der),
      der.implicit(6, spkiOf(key)),
      der.element(0x87, Uint8Array.of(0, 1)),
      der.element(0x88, Uint8Array.of(0, 1)),
    ];
    const whole = read(der.sequence(...fields), readTemplate);
    assert.deepEqual(
      [whole.version, whole.serialNumber, whole.hasSigningAlgorithm, whole.validity],
      [2, '4d', true, { notBefore: certificate.notBefore }],
    );
    assert.equal(decode(der.sequence(...fields.toReversed()), readTemplate).ok, false);
    for (const field of fields) assert.equal(decode(der.sequence(field, field), readTemplate).ok, false);
  });
});

describe('the MAC of a secret', () => {
  const secret = Buffer.from('secret');
  const salt = Buffer.from('0123456789abcdef');
  const data = Buffer.from('data');

  it('is that of RFC 4211, computed another way', () => {
    for (const owf of ['sha256', 'sha384'] as const) {
      let base = createHash(owf).update(secret).update(salt).digest();
      for (let round = 1; round < 137; round++) base = createHash(owf).update(base).digest();
      const expected = createHmac(owf, base).update(data).digest();
      const mac: Mac = { kind: 'pbm', salt, owf, iterations: 137, mac: owf };
      assert.equal(plain(computeMac(mac, secret, data)), plain(expected));
    }
  });

  it('expands the key where the MAC needs a longer one, and also takes what others do', () => {
    const mac: Mac = { kind: 'pbm', salt, owf: 'sha256', iterations: 100, mac: 'sha512' };
    let base = createHash('sha256').update(secret).update(salt).digest();
    for (let round = 1; round < 100; round++) base = createHash('sha256').update(base).digest();
    const more = createHash('sha256').update('1').update(base).digest();
    const expanded = createHmac('sha512', Buffer.concat([base, more]))
      .update(data)
      .digest();
    assert.equal(plain(computeMac(mac, secret, data)), plain(expanded));
    assert.equal(verifyMac(mac, secret, data, expanded), true);
    assert.equal(verifyMac(mac, secret, data, createHmac('sha512', base).update(data).digest()), true);
    assert.equal(verifyMac(mac, secret, data, new Uint8Array()), false);
    assert.equal(verifyMac(mac, secret, data, expanded.subarray(0, 32)), false);
  });

  it('does not change the secret', () => {
    const kept = Buffer.from(secret);
    for (const mac of [
      { kind: 'pbm', salt, owf: 'sha256', iterations: 100, mac: 'sha256' },
      { kind: 'pbmac1', salt, iterations: 100, keyLength: 32, prf: 'sha256', mac: 'sha256' },
    ] as const)
      computeMac(mac, kept, data);
    assert.deepEqual(kept, secret);
  });
});

describe('the digest of a confirmation', () => {
  it('is that of the signature of the certificate, or the one that is named', () => {
    const certificate = certificateFor(key);
    const { certHash, mustBeNamed } = certHashOf(certificate);
    assert.equal(plain(certHash), certificate.sha256);
    assert.equal(mustBeNamed, false);
    const sha384 = createHash('sha384').update(certificate.der).digest();
    assert.equal(isCertHash(certificate, certHash, undefined), true);
    assert.equal(isCertHash(certificate, sha384, undefined), false);
    assert.equal(isCertHash(certificate, sha384, 'sha384'), true);
    assert.equal(isCertHash(certificate, certHash, 'sha384'), false);
    assert.equal(isCertHash(certificate, new Uint8Array(), undefined), false);
  });
});

describe('any bytes', () => {
  it('are a message or are refused, and never throw', () => {
    fc.assert(
      fc.property(octets(0, 200), (bytes) => {
        readMessage(bytes);
        assert.equal(typeof saidIn(bytes), 'string');
        readMac(bytes);
      }),
    );
  });

  it('in the place of others in a message never throw', async () => {
    const message = await messageOf(await requestFor(key));
    fc.assert(
      fc.property(fc.nat(message.length - 1), octets(1, 8), (at, bytes) => {
        const changed = Uint8Array.from(message);
        changed.set(bytes.subarray(0, message.length - at), at);
        readMessage(changed);
        saidIn(changed);
      }),
      { numRuns: 2_000 },
    );
  });

  it('of DER in the place of a body never throw', () => {
    const leaf = fc.oneof(
      octets(0, 12).map((bytes) => der.octetString(bytes)),
      fc.nat().map((number) => der.integer(number)),
      fc.constantFrom(der.null, der.oid(oids.sha256), der.utf8String('x'), der.namedBits([1])),
    );
    const { node } = fc.letrec<{ node: Uint8Array }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 5 },
        leaf,
        fc
          .tuple(
            fc.constantFrom(tags.sequence, tags.set, 0xa0, 0xa1, 0xa5),
            fc.array(tie('node'), { maxLength: 4 }),
          )
          .map(([tag, parts]) => der.element(tag, ...parts)),
      ),
    }));
    fc.assert(
      fc.property(fc.nat(26), node, (number, content) => {
        decode(der.explicit(number, content), readBody);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('what a message says', () => {
  const header: Header = { pvno: 1, sender: party(subject), recipient: party(subject), freeText: ['Hallo'] };
  it('is shown from any version, without a protection', () => {
    const error = contents.error(rejection('badTime', 'Your clock is wrong'));
    const part = writeProtectedPart(header, { type: 'error', content: error });
    assert.equal(saidIn(writeMessage(part, undefined, [])), 'Your clock is wrong (badTime); Hallo');
  });
  it('is cut, so that it cannot fill the screen', () => {
    const error = contents.error(rejection('badTime', 'x'.repeat(100_000)));
    const part = writeProtectedPart(header, { type: 'error', content: error });
    assert.equal(saidIn(writeMessage(part, undefined, [])).length, 1000);
  });
});
