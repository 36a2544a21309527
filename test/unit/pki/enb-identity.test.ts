import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { der, oids } from '../../../main/asn1/index.ts';
import { encodeExtension } from '../../kit/issue-certificate.ts';
import {
  checkEnbKey,
  encodeHardwareModuleName,
  enbKey,
  isSameEnb,
  readEnbIdentity,
  serialNumberPattern,
  type KeyUsage,
} from '../../../main/pki/index.ts';
import { parseCertificates } from '../../../main/cms/index.ts';
import {
  generalName,
  makeCertificate,
  otherCurveSpki,
  pssSpki,
  readCertificate,
  remake,
  rsaKey,
  spkiOf,
  subjectAltName,
  withSpki,
} from '../../kit/pki.ts';

const hwType = '1.3.6.1.4.1.32473.7.1';
const moduleName = (type: string, serialNumber: string) =>
  generalName.other(oids.hardwareModuleName, encodeHardwareModuleName({ hwType: type, serialNumber }));

/** What is read from a certificate with this subjectAltName. */
function identityOf(...extensions: readonly Uint8Array[]) {
  const { certificate } = makeCertificate('O=Lab,CN=eNB', { extensions });
  return readEnbIdentity(certificate);
}

describe('the identity of an eNB', () => {
  const enb = { hwType, serialNumber: 'LAB-00.01_x' };
  const own = moduleName(enb.hwType, enb.serialNumber);
  const taken: readonly (readonly [string, Uint8Array])[] = [
    ['alone', subjectAltName([own])],
    ['in a critical extension', subjectAltName([own], true)],
    [
      'beside names of other forms',
      subjectAltName([generalName.dns('a.example'), own, generalName.ip(192, 0, 2, 1)]),
    ],
    ['beside an otherName of another type', subjectAltName([generalName.other('1.2.3', der.null), own])],
  ];
  for (const [name, extension] of taken)
    test(`is the hardwareModuleName ${name}`, () =>
      assert.deepEqual(identityOf(extension), { ok: true, value: enb }));

  const raw = (value: Uint8Array) => subjectAltName([generalName.other(oids.hardwareModuleName, value)]);
  const octets = (text: string) => der.octetString(Buffer.from(text));
  const missing: readonly (readonly [string, readonly Uint8Array[]])[] = [
    ['without a subjectAltName', []],
    ['without a hardwareModuleName', [subjectAltName([generalName.dns('a.example')])]],
    ['with two', [subjectAltName([own, moduleName(hwType, 'OTHER')])]],
    ['with the same one twice', [subjectAltName([own, own])]],
    [
      'in the alternative name of the issuer',
      [encodeExtension(oids.issuerAltName, false, der.sequence(own))],
    ],
    ['whose subjectAltName is malformed', [encodeExtension(oids.subjectAltName, false, own)]],
    ['whose serial number is empty', [subjectAltName([moduleName(hwType, '')])]],
    ['whose serial number has a space', [subjectAltName([moduleName(hwType, 'A 1')])]],
    ['whose serial number has a slash', [subjectAltName([moduleName(hwType, 'A/1')])]],
    ['whose serial number begins with a dot', [subjectAltName([moduleName(hwType, '..')])]],
    ['whose serial number begins with a hyphen', [subjectAltName([moduleName(hwType, '-rf')])]],
    ['whose serial number ends in a line feed', [subjectAltName([moduleName(hwType, 'A1\n')])]],
    ['whose serial number has a zero octet', [subjectAltName([moduleName(hwType, 'A1\0')])]],
    ['whose serial number is not ASCII', [raw(der.sequence(der.oid(hwType), octets('Ä1')))]],
    ['whose serial number is too long', [subjectAltName([moduleName(hwType, 'A'.repeat(65))])]],
    [
      'whose serial number is another type of string',
      [raw(der.sequence(der.oid(hwType), der.utf8String('A1')))],
    ],
    ['without a type', [raw(der.sequence(octets('A1')))]],
    ['without a serial number', [raw(der.sequence(der.oid(hwType)))]],
    ['with something more', [raw(der.sequence(der.oid(hwType), octets('A1'), der.null))]],
    ['that is no sequence', [raw(der.null)]],
  ];
  for (const [name, extensions] of missing) {
    test(`is missing ${name}`, () => {
      const identity = identityOf(...extensions);
      assert(!identity.ok);
      const { code, where, rule } = identity.fault;
      assert.deepEqual([code, where], ['enb-identity-missing', { certificate: 'O=Lab,CN=eNB' }]);
      assert.ok(rule);
    });
  }

  const shown: readonly (readonly [string, Uint8Array, string, string | undefined])[] = [
    ['a slash', subjectAltName([moduleName(hwType, 'A/1')]), 'serial-number', 'A/1'],
    [
      'another type of string',
      raw(der.sequence(der.oid(hwType), der.utf8String('A1'))),
      'hardware-module',
      'A1',
    ],
    ['two names', subjectAltName([own, own]), 'hardware-module-one', '2'],
  ];
  for (const [name, extension, rule, found] of shown)
    test(`is refused with what was found: ${name}`, () => {
      const identity = identityOf(extension);
      assert(!identity.ok);
      assert.deepEqual([identity.fault.rule, identity.fault.found], [rule, found]);
    });

  test('is that of the certificates of the reference operator', () => {
    const folder = join(import.meta.dirname, '..', '..', 'data', 'reference-operator');
    for (const file of ['vendor-a/enb-certs/AR1000000.crt', 'vendor-b/enb-certs/BN1000000.crt']) {
      const certificates = parseCertificates(readFileSync(join(folder, file)));
      assert(certificates.ok);
      const identity = readEnbIdentity(certificates.value[0]!);
      assert(identity.ok);
      assert.equal(`${identity.value.serialNumber}.crt`, file.split('/').at(-1));
      assert.ok(checkEnbKey(certificates.value[0]!).ok);
    }
  });

  test('is the same when type and serial number are, to the letter', () => {
    const one = { hwType, serialNumber: 'A1' };
    const others = [
      { hwType, serialNumber: 'a1' },
      { hwType, serialNumber: 'A10' },
      { hwType: `${hwType}.1`, serialNumber: 'A1' },
    ];
    assert.ok(isSameEnb(one, { ...one }));
    assert.equal(enbKey(one), enbKey({ ...one }));
    for (const other of others) {
      assert.equal(isSameEnb(one, other), false);
      assert.notEqual(enbKey(one), enbKey(other));
    }
  });
});

test('serial numbers are of letters, digits and three signs, and 64 at most', () => {
  for (const text of ['A', '0', 'a.b_c-d', 'A'.repeat(64)]) assert.match(text, serialNumberPattern);
  for (const text of ['', '.a', '_a', '-a', 'a b', 'a/b', 'a\\b', 'a\n', 'ä', 'A'.repeat(65)])
    assert.doesNotMatch(text, serialNumberPattern);
});

describe('the key of an eNB', () => {
  const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey;
  const cases: readonly (readonly [
    string,
    KeyObject | Uint8Array,
    readonly KeyUsage[] | undefined,
    string | undefined,
  ])[] = [
    ['RSA with keyEncipherment is fit', rsaKey(2048), ['digitalSignature', 'keyEncipherment'], undefined],
    ['P-256 with keyAgreement is fit', ec('P-256'), ['digitalSignature', 'keyAgreement'], undefined],
    ['P-384 with keyAgreement is fit', ec('P-384'), ['digitalSignature', 'keyAgreement'], undefined],
    ['a key without key usage may be used for anything', ec('P-256'), undefined, undefined],
    ['RSA of 1024 bits is not', rsaKey(1024), ['digitalSignature', 'keyEncipherment'], 'enb-key'],
    ['RSA for PSS only cannot decrypt', pssSpki(), ['digitalSignature', 'keyEncipherment'], 'enb-key'],
    ['P-521 is not', ec('P-521'), ['digitalSignature', 'keyAgreement'], 'enb-key'],
    ['another curve is not', otherCurveSpki, ['digitalSignature', 'keyAgreement'], 'enb-key'],
    ['Ed25519 is not', generateKeyPairSync('ed25519').privateKey, undefined, 'enb-key'],
    ['RSA with keyAgreement is not', rsaKey(2048), ['digitalSignature', 'keyAgreement'], 'enb-key-usage-rsa'],
    ['RSA that may not sign is not', rsaKey(2048), ['keyEncipherment'], 'enb-key-usage-rsa'],
    [
      'P-256 with keyEncipherment is not',
      ec('P-256'),
      ['digitalSignature', 'keyEncipherment'],
      'enb-key-usage-ec',
    ],
    ['P-256 that may not sign is not', ec('P-256'), ['keyAgreement'], 'enb-key-usage-ec'],
    ['P-256 that may do nothing is not', ec('P-256'), [], 'enb-key-usage-ec'],
  ];
  for (const [name, key, keyUsage, rule] of cases) {
    test(name, () => {
      // Issued by an EC CA, as keys that only decrypt or are unknown cannot sign for themselves.
      const issuer = makeCertificate('CN=CA');
      const contents = keyUsage ? { keyUsage } : {};
      const certificate =
        key instanceof Uint8Array
          ? withSpki(makeCertificate('CN=eNB', contents, issuer).certificate, issuer, key)
          : makeCertificate('CN=eNB', { key, ...contents }, issuer).certificate;
      const result = checkEnbKey(certificate);
      if (rule === undefined) assert.ok(result.ok);
      else {
        assert(!result.ok);
        assert.equal(result.fault.code, 'enb-key-unfit');
        assert.equal(result.fault.rule, rule);
        assert.ok(result.fault.found);
      }
    });
  }

  const spkis: readonly (readonly [string, Uint8Array])[] = [
    ['a point that is not on its curve', spkiOf(ec('P-256')).with(-1, 0).with(-2, 1)],
    [
      'RSA of more bits than anyone encrypts to',
      der.sequence(
        der.sequence(der.oid(oids.rsaEncryption), der.null),
        der.bitString(der.sequence(der.integer((1n << 20_000n) | 1n), der.integer(65537))),
      ),
    ],
  ];
  for (const [name, spki] of spkis) {
    test(`${name} is not: nothing can be sealed to it`, () => {
      const issuer = makeCertificate('CN=CA');
      const like = makeCertificate('CN=eNB', {}, issuer).certificate;
      const result = checkEnbKey(readCertificate(remake(like, issuer.key, { spki })));
      assert(!result.ok);
      assert.equal(result.fault.rule, 'enb-key');
    });
  }

  test('with a key usage that cannot be read is not fit', () => {
    const extensions = [encodeExtension(oids.keyUsage, true, der.null)];
    assert.equal(checkEnbKey(makeCertificate('CN=eNB', { extensions }).certificate).ok, false);
  });
});
