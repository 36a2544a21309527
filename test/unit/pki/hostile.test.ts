import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { der, encodePem, oids, tags } from '../../../main/asn1/index.ts';
import { encodeExtension } from '../../kit/issue-certificate.ts';
import {
  checkEnbKey,
  describeKey,
  isTrainingCertificate,
  judgePath,
  pathBounds,
  nameToText,
  parseCertificate,
  parseCrl,
  parseCrls,
  readAuthorisation,
  readEnbIdentity,
  type Certificate,
  type Crl,
} from '../../../main/pki/index.ts';
import { parseCertificates } from '../../../main/cms/index.ts';
import {
  clock,
  distributionPoints,
  extensionsField,
  generalName,
  makeCa,
  makeCertificate,
  makeCrl,
  nameConstraints,
  questionOf,
  readCertificate,
  remake,
  subjectAltName,
} from '../../kit/pki.ts';

const folder = join(import.meta.dirname, '..', '..', 'data', 'pkits');
const filesOf = (kind: 'certs' | 'crls') =>
  readdirSync(join(folder, kind)).map((file) => new Uint8Array(readFileSync(join(folder, kind, file))));

const anchor = makeCa('O=Lab,CN=Root');

/** Does with a certificate, whatever it holds, all that the product does; nothing of it may throw. */
function judge(target: Certificate, crls: readonly Crl[] = []): void {
  nameToText(target.subject);
  describeKey(target.publicKey);
  readEnbIdentity(target);
  readAuthorisation(target);
  checkEnbKey(target);
  isTrainingCertificate(target);
  const question = {
    trustAnchors: [target, anchor.certificate],
    intermediates: [target],
    crls,
    requireCrl: true,
    clock,
  };
  for (const one of [target, anchor.certificate]) judgePath({ ...question, target: one, purpose: '1.2.3' });
}

function tryCertificate(bytes: Uint8Array): boolean {
  const parsed = parseCertificate(bytes);
  if (parsed.ok) judge(parsed.value);
  else assert.match(parsed.fault.code, /^certificate-(unreadable|malformed)$/);
  return parsed.ok;
}

function tryCrl(bytes: Uint8Array): boolean {
  const parsed = parseCrl(bytes);
  if (parsed.ok) judge(anchor.certificate, [parsed.value]);
  else assert.match(parsed.fault.code, /^crl-(unreadable|malformed)$/);
  return parsed.ok;
}

const kinds = [
  ['certificate', filesOf('certs'), tryCertificate],
  ['CRL', filesOf('crls'), tryCrl],
] as const;

for (const [kind, files, attempt] of kinds) {
  describe(`a ${kind} of PKITS`, () => {
    test('is refused when it is cut short, wherever', () => {
      for (const [index, file] of files.entries()) {
        for (let length = index % 7; length < file.length; length += 7)
          assert.equal(attempt(file.subarray(0, length)), false);
      }
    });

    test('is read or refused with any bit flipped, and never makes anything throw', () => {
      const random = fc.sample(fc.tuple(fc.nat(files.length - 1), fc.nat(), fc.nat(7)), {
        numRuns: 3000,
        seed: 1,
      });
      for (const [index, at, bit] of random) {
        const file = Uint8Array.from(files[index]!);
        file[at % file.length]! ^= 1 << bit;
        attempt(file);
      }
    });

    test('is read or refused with any octet replaced by one that means something in DER', () => {
      const octet = fc.constantFrom(
        0x00,
        0x01,
        0x02,
        0x03,
        0x05,
        0x06,
        0x30,
        0x31,
        0x7f,
        0x80,
        0x81,
        0x84,
        0xa0,
        0xff,
      );
      const random = fc.sample(fc.tuple(fc.nat(files.length - 1), fc.nat(), octet), {
        numRuns: 3000,
        seed: 2,
      });
      for (const [index, at, value] of random) {
        const file = Uint8Array.from(files[index]!);
        file[at % file.length] = value;
        attempt(file);
      }
    });

    test('is read or refused with a part cut out or doubled', () => {
      const random = fc.sample(fc.tuple(fc.nat(files.length - 1), fc.nat(), fc.nat(40), fc.boolean()), {
        numRuns: 1000,
        seed: 3,
      });
      for (const [index, from, length, isDoubled] of random) {
        const file = files[index]!;
        const at = from % file.length;
        const part = isDoubled ? file.subarray(at, at + length) : new Uint8Array();
        attempt(
          Buffer.concat([file.subarray(0, at + (isDoubled ? length : 0)), part, file.subarray(at + length)]),
        );
      }
    });
  });
}

test('of one certificate any bit that is flipped makes it unreadable, or another and not trusted', () => {
  const { certificate } = makeCertificate('CN=x', { keyUsage: ['digitalSignature'] }, anchor);
  for (let at = 0; at < certificate.der.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const changed = Uint8Array.from(certificate.der);
      changed[at]! ^= 1 << bit;
      const parsed = parseCertificate(changed);
      if (parsed.ok)
        assert.notDeepEqual(
          judgePath(questionOf(parsed.value, [anchor])).faults,
          [],
          `octet ${at}, bit ${bit}`,
        );
    }
  }
});

test('any octets are read or refused as any file', () => {
  const octets = fc.uint8Array({ maxLength: 200 });
  const file = fc.oneof(
    octets,
    octets.map((contents) => der.sequence(contents)),
    octets.map((contents) => der.sequence(der.sequence(contents), contents)),
    octets.map((contents) =>
      Buffer.from(encodePem('CERTIFICATE', contents) + encodePem('X509 CRL', contents)),
    ),
    fc
      .string({
        unit: fc.constantFrom(
          '-----BEGIN CERTIFICATE-----\n',
          '-----END CERTIFICATE-----',
          'X509 CRL',
          'AAAA',
          '\n',
          '-',
        ),
      })
      .map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(file, (bytes) => {
      const [certificates, crls] = [parseCertificates(bytes), parseCrls(bytes)];
      if (!certificates.ok) assert.match(certificates.fault.code, /^certificate-(unreadable|malformed)$/);
      if (!crls.ok) assert.match(crls.fault.code, /^crl-(unreadable|malformed)$/);
    }),
    { numRuns: 2000 },
  );
});

describe('a certificate with monstrous contents is judged as quickly as any', () => {
  const like = makeCertificate('CN=x', {}, anchor).certificate;
  const big = (octet: number) => new Uint8Array(1024 * 1024).fill(octet);
  const many = (part: Uint8Array) => Buffer.alloc(Math.floor(2 ** 20 / part.length) * part.length, part);
  const extended = (...extensions: readonly Uint8Array[]) =>
    remake(like, anchor.key, { extensions: extensionsField(...extensions) });
  const nullOf = (oid: string) => der.sequence(der.oid(oid), der.octetString(der.null));
  const rdn = der.setOf([der.sequence(der.oid(oids.commonName), der.utf8String('a'))]);
  const cases: readonly (readonly [string, Uint8Array])[] = [
    [
      'an OID without an end',
      extended(der.sequence(der.element(tags.oid, big(0xff), Uint8Array.of(1)), der.octetString(der.null))),
    ],
    [
      'a key usage of a million octets',
      extended(
        encodeExtension(oids.keyUsage, true, der.element(tags.bitString, Uint8Array.of(0), big(0xff))),
      ),
    ],
    [
      'a serial number of a million octets',
      remake(like, anchor.key, { serialNumber: der.element(tags.integer, big(0x55)) }),
    ],
    [
      'an RSA key of eight million bits',
      remake(like, anchor.key, {
        spki: der.sequence(
          der.sequence(der.oid(oids.rsaEncryption), der.null),
          der.bitString(der.sequence(der.element(tags.integer, big(0x55)), der.integer(3))),
        ),
      }),
    ],
    [
      'a name of a million letters',
      remake(like, anchor.key, {
        subject: der.sequence(
          der.setOf([der.sequence(der.oid(oids.commonName), der.utf8String('\u00c4'.repeat(500_000)))]),
        ),
      }),
    ],
    [
      'a name of a million spaces',
      remake(like, anchor.key, {
        subject: der.sequence(
          der.setOf([der.sequence(der.oid(oids.commonName), der.utf8String(' '.repeat(2 ** 20)))]),
        ),
      }),
    ],
    ['a name of many parts', remake(like, anchor.key, { subject: der.sequence(many(rdn)) })],
    ['as many alternative names', extended(subjectAltName([many(generalName.dns('a.example'))]))],
    [
      'a URI of a million labels',
      extended(
        subjectAltName([generalName.uri(`http://${'a.'.repeat(2 ** 19)}`)]),
        nameConstraints({ permitted: [generalName.uri('a.example')] }),
      ),
    ],
    [
      'an e-mail address of a million at signs',
      extended(
        subjectAltName([generalName.email('@'.repeat(2 ** 20))]),
        nameConstraints({ permitted: [generalName.email('a.example')] }),
      ),
    ],
    [
      'as many distribution points',
      extended(distributionPoints(), encodeExtension('1.2.3', false, many(der.sequence()))),
    ],
    [
      'as many usages',
      extended(encodeExtension(oids.extendedKeyUsage, false, der.sequence(many(der.oid('1.2.3'))))),
    ],
    [
      'as many unknown critical extensions',
      extended(
        ...Array.from({ length: 20_000 }, (_, index) => encodeExtension(`1.2.${index}`, true, der.null)),
      ),
    ],
    ['the same extension very often', extended(many(nullOf('1.2.3')))],
    [
      'as many constraints as names',
      extended(nameConstraints({ permitted: [many(der.sequence(generalName.dns('a.example')))] })),
    ],
  ];
  for (const [name, bytes] of cases) {
    test(name, () => {
      const start = performance.now();
      tryCertificate(bytes);
      assert.ok(performance.now() - start < 5000);
    });
  }

  for (const [size, codes] of [
    [400, []],
    [1000, ['path-too-complex']],
  ] as const) {
    test(`${size} names below as many constraints cost what is allowed and no more`, () => {
      const names = Array.from({ length: size }, (_, index) => generalName.dns(`${index}.b.example`));
      const excluded = Array.from({ length: size }, (_, index) => generalName.dns(`${index}.c.example`));
      const ca = makeCa('CN=CA', { extensions: [nameConstraints({ excluded })] }, anchor);
      const target = makeCertificate('CN=x', { extensions: [subjectAltName(names)] }, ca);
      const { faults, work } = judgePath(questionOf(target, [anchor], [ca]));
      assert.deepEqual(
        faults.map(({ code }) => code),
        codes,
      );
      assert.ok(work.done.comparisons <= pathBounds.comparisons);
    });
  }

  test('a CRL with a reason of a million octets', () => {
    const reasons = der.element(0x83, Uint8Array.of(0), big(0xff));
    const scope = encodeExtension(oids.issuingDistributionPoint, true, der.sequence(reasons));
    const { der: good } = makeCrl(anchor);
    assert.ok(tryCrl(good));
    const tbs = der.sequence(
      der.integer(1),
      der.sequence(der.oid(oids.ecdsaWithSha256)),
      anchor.certificate.subject.der,
      der.time(clock.now),
      der.explicit(0, der.sequence(scope)),
    );
    assert.equal(
      tryCrl(der.sequence(tbs, der.sequence(der.oid(oids.ecdsaWithSha256)), der.bitString(Uint8Array.of(1)))),
      false,
    );
  });
});

test('what was parsed does not change when the octets that it came from do', () => {
  const file = Uint8Array.from(makeCertificate('CN=x', {}, anchor).certificate.der);
  const parsed = readCertificate(file);
  const before = structuredClone(parsed.der);
  file.fill(0xff);
  assert.deepEqual(parsed.der, before);
  assert.deepEqual(judgePath(questionOf(parsed, [anchor])).faults, []);
});
