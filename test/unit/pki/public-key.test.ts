import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, test } from 'node:test';
import { decode, der, oids } from '../../../main/asn1/index.ts';
import { describeKey, keyObject } from '../../../main/pki/index.ts';
import { isStrongKey, readPublicKey, type PublicKey } from '../../../main/pki/public-key.ts';
import { otherCurveSpki, pssSpki, rsaKey, spkiOf } from '../../kit/pki.ts';

const read = (spki: Uint8Array) => decode(spki, readPublicKey);

function keyOf(spki: Uint8Array): PublicKey {
  const key = read(spki);
  assert(key.ok, JSON.stringify(key));
  return key.value;
}

const ecKey = (namedCurve: string): KeyObject => generateKeyPairSync('ec', { namedCurve }).privateKey;
const ecAlgorithm = (...parameters: readonly Uint8Array[]) =>
  der.sequence(der.oid(oids.ecPublicKey), ...parameters);
const rsaAlgorithm = der.sequence(der.oid(oids.rsaEncryption), der.null);

/** An RSA key with a modulus of this many bits; nobody knows its factors. */
const modulus = (bits: number) => (1n << BigInt(bits - 1)) | 1n;
function rsaSpki(
  n: Uint8Array,
  e: Uint8Array = der.integer(65537),
  ...rest: readonly Uint8Array[]
): Uint8Array {
  const key = Buffer.concat([der.sequence(n, e), ...rest]);
  return der.sequence(rsaAlgorithm, der.bitString(key));
}

describe('a public key', () => {
  const cases: readonly (readonly [string, Uint8Array, string, boolean])[] = [
    ['RSA of 1024 bits is weak', spkiOf(rsaKey(1024)), 'RSA 1024', false],
    ['RSA of 2048 bits is strong', spkiOf(rsaKey(2048)), 'RSA 2048', true],
    ['RSA of 2047 bits is weak', rsaSpki(der.integer(modulus(2047))), 'RSA 2047', false],
    ['RSA of 2049 bits is strong', rsaSpki(der.integer(modulus(2049))), 'RSA 2049', true],
    ['RSA for PSS only is RSA', pssSpki(), 'RSA-PSS 2048', true],
    ['P-256 is strong', spkiOf(ecKey('P-256')), 'EC P-256', true],
    ['P-384 is strong', spkiOf(ecKey('P-384')), 'EC P-384', true],
    ['P-521 is strong', spkiOf(ecKey('P-521')), 'EC P-521', true],
    ['another curve is not supported', otherCurveSpki, oids.ecPublicKey, false],
    [
      'a curve with its parameters in full is not supported',
      der.sequence(ecAlgorithm(der.sequence(der.integer(1))), der.bitString(new Uint8Array(65).fill(4))),
      oids.ecPublicKey,
      false,
    ],
    [
      'a curve that is not named is not supported',
      der.sequence(ecAlgorithm(), der.bitString(new Uint8Array(65).fill(4))),
      oids.ecPublicKey,
      false,
    ],
    ['Ed25519 is not supported', spkiOf(generateKeyPairSync('ed25519').privateKey), '1.3.101.112', false],
  ];
  for (const [name, spki, description, isStrong] of cases) {
    test(name, () => {
      const key = keyOf(spki);
      assert.equal(describeKey(key), description);
      assert.equal(isStrongKey(key), isStrong);
      assert.deepEqual(Buffer.from(key.spki), Buffer.from(spki));
    });
  }

  test('is told to be for PSS only', () => {
    const pss = keyOf(pssSpki());
    const plain = keyOf(spkiOf(rsaKey(2048)));
    assert.deepEqual(
      [pss, plain].map((key) => key.kind === 'rsa' && key.pssOnly),
      [true, false],
    );
  });

  test('on a curve is given with its uncompressed point', () => {
    const key = keyOf(spkiOf(ecKey('P-384')));
    assert(key.kind === 'ec');
    assert.equal(key.point.length, 97);
    assert.equal(key.point[0], 4);
  });
});

describe('a public key that is not well formed is refused', () => {
  const point = (octets: Uint8Array) => der.sequence(ecAlgorithm(der.oid(oids.p256)), der.bitString(octets));
  const whole = new Uint8Array(65).fill(4);
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ['a compressed point', point(Uint8Array.of(2, ...whole.subarray(33))), 'der-key'],
    ['a hybrid point', point(Uint8Array.of(6, ...whole.subarray(1))), 'der-key'],
    ['the point at infinity', point(Uint8Array.of(0)), 'der-key'],
    ['no point', point(new Uint8Array()), 'der-key'],
    ['a point that is too short', point(whole.subarray(0, 64)), 'der-key'],
    ['a point that is too long', point(Uint8Array.of(...whole, 0)), 'der-key'],
    ['a point of another curve', point(new Uint8Array(97).fill(4)), 'der-key'],
    ['a modulus below zero', rsaSpki(der.element(2, Uint8Array.of(0x81, 1))), 'der-key'],
    ['a modulus of zero', rsaSpki(der.integer(0)), 'der-key'],
    ['an even modulus', rsaSpki(der.integer(modulus(2048) - 1n)), 'der-key'],
    ['a modulus with a zero octet too many', rsaSpki(der.element(2, Uint8Array.of(0, 1))), 'der-integer'],
    [
      'an exponent below zero',
      rsaSpki(der.integer(modulus(2048)), der.element(2, Uint8Array.of(0x81))),
      'der-key',
    ],
    [
      'an exponent of 1, which encrypts nothing',
      rsaSpki(der.integer(modulus(2048)), der.integer(1)),
      'der-key',
    ],
    ['an even exponent', rsaSpki(der.integer(modulus(2048)), der.integer(4)), 'der-key'],
    [
      'an RSA key without an exponent',
      der.sequence(rsaAlgorithm, der.bitString(der.sequence(der.integer(modulus(2048))))),
      'der-truncated',
    ],
    [
      'something after an RSA key',
      rsaSpki(der.integer(modulus(2048)), der.integer(3), der.null),
      'der-trailing',
    ],
    [
      'something after the bit string',
      der.sequence(rsaAlgorithm, der.bitString(der.sequence(der.integer(5), der.integer(3))), der.null),
      'der-trailing',
    ],
    [
      'a bit string of half an octet',
      der.sequence(rsaAlgorithm, der.element(3, Uint8Array.of(4, 0xf0))),
      'der-bit-string',
    ],
    ['no algorithm', der.sequence(der.bitString(new Uint8Array())), 'der-tag'],
  ];
  for (const [name, spki, rule] of cases) {
    test(name, () => {
      const result = read(spki);
      assert(!result.ok);
      assert.equal(result.fault.rule, rule);
    });
  }
});

test('a point off its curve is no key to OpenSSL', () => {
  const off = Uint8Array.from(spkiOf(ecKey('P-256')));
  off[off.length - 1]! ^= 1;
  assert.throws(() => keyObject(keyOf(off)));
});

test('the key of node:crypto is made once', () => {
  const key = keyOf(spkiOf(ecKey('P-256')));
  assert.equal(keyObject(key), keyObject(key));
});
