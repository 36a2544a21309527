import assert from 'node:assert/strict';
import { constants, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { describe, test } from 'node:test';
import { decode, der, oids } from '../../../main/asn1/index.ts';
import {
  hashOids,
  readHash,
  readSignatureAlgorithm,
  verifySignature,
  writeHash,
  type SignatureAlgorithm,
} from '../../../main/pki/index.ts';
import { readPublicKey, type PublicKey } from '../../../main/pki/public-key.ts';
import { bareRsaSpki, pssParameters, pssSpki, rsaKey, spkiOf } from '../../kit/pki.ts';
import { hasPssKeys } from '../../kit/runtime.ts';

const identifier = (oid: string, ...parameters: readonly Uint8Array[]) =>
  der.sequence(der.oid(oid), ...parameters);
const read = (bytes: Uint8Array) => decode(bytes, (reader) => readSignatureAlgorithm(reader));

const pss = (parts: Parameters<typeof pssParameters>[0]) => identifier(oids.rsassaPss, pssParameters(parts));

describe('the algorithm of a signature', () => {
  const cases: readonly (readonly [string, Uint8Array, SignatureAlgorithm])[] = [
    [
      'RSA with SHA-256 and NULL',
      identifier(oids.sha256WithRsa, der.null),
      { kind: 'rsa-pkcs1', hash: 'sha256' },
    ],
    [
      'RSA with SHA-384 without parameters',
      identifier(oids.sha384WithRsa),
      { kind: 'rsa-pkcs1', hash: 'sha384' },
    ],
    ['RSA with SHA-512', identifier(oids.sha512WithRsa, der.null), { kind: 'rsa-pkcs1', hash: 'sha512' }],
    ['ECDSA with SHA-256', identifier(oids.ecdsaWithSha256), { kind: 'ecdsa', hash: 'sha256' }],
    ['ECDSA with SHA-512', identifier(oids.ecdsaWithSha512), { kind: 'ecdsa', hash: 'sha512' }],
    [
      'PSS in full',
      pss({ hash: oids.sha384, mgfHash: oids.sha384, saltLength: 48, trailer: 1 }),
      { kind: 'rsa-pss', hash: 'sha384', saltLength: 48 },
    ],
    [
      'PSS with the salt of the default',
      pss({ hash: oids.sha256, mgfHash: oids.sha256 }),
      { kind: 'rsa-pss', hash: 'sha256', saltLength: 20 },
    ],
    [
      'PSS with another trailer',
      pss({ hash: oids.sha256, mgfHash: oids.sha256, trailer: 2 }),
      { kind: 'unsupported', name: 'RSASSA-PSS with another trailer' },
    ],
    ['PSS with defaults, which are SHA-1', pss({}), { kind: 'weak', name: 'RSASSA-PSS with SHA-1' }],
    [
      'PSS with a mask by SHA-1',
      pss({ hash: oids.sha256, saltLength: 32 }),
      { kind: 'weak', name: 'RSASSA-PSS with SHA-1' },
    ],
    [
      'PSS with SHA-1 in words',
      pss({ hash: oids.sha1, mgfHash: oids.sha1 }),
      { kind: 'weak', name: 'RSASSA-PSS with SHA-1' },
    ],
    [
      'PSS with two digests',
      pss({ hash: oids.sha256, mgfHash: oids.sha512 }),
      { kind: 'unsupported', name: 'RSASSA-PSS with two different digests' },
    ],
    ['MD5 with RSA', identifier(oids.md5WithRsa, der.null), { kind: 'weak', name: 'MD5 with RSA' }],
    ['SHA-1 with RSA', identifier(oids.sha1WithRsa, der.null), { kind: 'weak', name: 'SHA-1 with RSA' }],
    ['ECDSA with SHA-1', identifier(oids.ecdsaWithSha1), { kind: 'weak', name: 'ECDSA with SHA-1' }],
    ['DSA with SHA-1', identifier(oids.dsaWithSha1), { kind: 'weak', name: 'DSA with SHA-1' }],
    ['Ed25519', identifier('1.3.101.112'), { kind: 'unsupported', name: '1.3.101.112' }],
    [
      'an unknown one with parameters of any kind',
      identifier('1.2.3', der.sequence(), der.null),
      { kind: 'unsupported', name: '1.2.3' },
    ],
    [
      'rsaEncryption, which is no signature',
      identifier(oids.rsaEncryption, der.null),
      { kind: 'unsupported', name: oids.rsaEncryption },
    ],
  ];
  for (const [name, bytes, algorithm] of cases)
    test(`is read: ${name}`, () => assert.deepEqual(read(bytes), { ok: true, value: algorithm }));

  test('is PKCS#1 with the digest named elsewhere, for rsaEncryption in CMS', () => {
    const result = decode(identifier(oids.rsaEncryption, der.null), (reader) =>
      readSignatureAlgorithm(reader, 'sha384'),
    );
    assert.deepEqual(result, { ok: true, value: { kind: 'rsa-pkcs1', hash: 'sha384' } });
  });

  const refused: readonly (readonly [string, Uint8Array, string])[] = [
    ['ECDSA with NULL', identifier(oids.ecdsaWithSha256, der.null), 'ecdsa-parameters'],
    ['RSA with other parameters', identifier(oids.sha256WithRsa, der.integer(1)), 'der-trailing'],
    ['RSA with NULL twice', identifier(oids.sha256WithRsa, der.null, der.null), 'der-trailing'],
    ['PSS without parameters', identifier(oids.rsassaPss), 'der-truncated'],
    [
      'PSS with something after the parameters',
      der.sequence(der.oid(oids.rsassaPss), der.sequence(), der.null),
      'der-trailing',
    ],
    ['no OID', der.sequence(der.null), 'der-tag'],
  ];
  for (const [name, bytes, rule] of refused) {
    test(`is refused: ${name}`, () => {
      const result = read(bytes);
      assert(!result.ok);
      assert.equal(result.fault.rule, rule);
    });
  }
});

test('a digest is written without parameters, and read with NULL as well', () => {
  for (const hash of ['sha256', 'sha384', 'sha512'] as const) {
    assert.deepEqual(decode(writeHash(hash), readHash), { ok: true, value: hash });
    assert.deepEqual(decode(identifier(hashOids[hash], der.null), readHash), { ok: true, value: hash });
  }
  assert.deepEqual(decode(identifier(oids.sha1), readHash), { ok: true, value: undefined });
});

describe('a signature', () => {
  const data = Buffer.from('what is signed');
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const pssOnly = pssSpki();
  const rsa = rsaKey(2048);
  const ed25519 = generateKeyPairSync('ed25519').privateKey;
  const publicKey = (key: KeyObject | Uint8Array): PublicKey => {
    const read = decode(key instanceof Uint8Array ? key : spkiOf(key), readPublicKey);
    assert(read.ok);
    return read.value;
  };
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  const ecdsa = { kind: 'ecdsa', hash: 'sha256' } as const;
  const pkcs1 = { kind: 'rsa-pkcs1', hash: 'sha256' } as const;
  const pss32 = { kind: 'rsa-pss', hash: 'sha256', saltLength: 32 } as const;
  const signatures = {
    ecdsa: sign('sha256', data, p256),
    pkcs1: sign('sha256', data, rsa),
    pss: sign('sha256', data, { key: rsa, padding, saltLength: 32 }),
    ed25519: sign(null, data, ed25519),
  };

  const cases: readonly (readonly [
    string,
    SignatureAlgorithm,
    KeyObject | Uint8Array,
    Uint8Array,
    boolean,
  ])[] = [
    ['ECDSA verifies', ecdsa, p256, signatures.ecdsa, true],
    ['PKCS#1 verifies', pkcs1, rsa, signatures.pkcs1, true],
    ['PKCS#1 verifies with a key that lacks NULL', pkcs1, bareRsaSpki(rsa), signatures.pkcs1, true],
    ['PSS verifies with an RSA key', pss32, rsa, signatures.pss, true],
    [
      'PSS verifies with a key for PSS, where there are such keys',
      pss32,
      pssOnly,
      signatures.pss,
      hasPssKeys,
    ],
    ['another digest does not', { ...ecdsa, hash: 'sha384' }, p256, signatures.ecdsa, false],
    ['another length of the salt does not', { ...pss32, saltLength: 20 }, rsa, signatures.pss, false],
    ['an absurd length of the salt does not', { ...pss32, saltLength: 2 ** 40 }, rsa, signatures.pss, false],
    ['PKCS#1 as PSS does not', pss32, rsa, signatures.pkcs1, false],
    ['PSS as PKCS#1 does not', pkcs1, rsa, signatures.pss, false],
    ['PKCS#1 with a key for PSS does not', pkcs1, pssOnly, signatures.pkcs1, false],
    // Signatures that hold, with this key, under the other algorithm.
    ['PKCS#1 that calls itself ECDSA does not', ecdsa, rsa, signatures.pkcs1, false],
    ['PSS that calls itself ECDSA does not', ecdsa, pssOnly, signatures.pss, false],
    ['ECDSA that calls itself PKCS#1 does not', pkcs1, p256, signatures.ecdsa, false],
    ['PSS with a key for PSS that calls itself PKCS#1 does not', pkcs1, pssOnly, signatures.pss, false],
    ['ECDSA that calls itself PSS does not', pss32, p256, signatures.ecdsa, false],
    ['Ed25519 that calls itself ECDSA does not', ecdsa, ed25519, signatures.ed25519, false],
    ['Ed25519 that calls itself PKCS#1 does not', pkcs1, ed25519, signatures.ed25519, false],
    ['Ed25519 that calls itself PSS does not', pss32, ed25519, signatures.ed25519, false],
    ['a weak algorithm does not', { kind: 'weak', name: 'x' }, rsa, signatures.pkcs1, false],
    ['an unsupported algorithm does not', { kind: 'unsupported', name: 'x' }, rsa, signatures.pkcs1, false],
    ['nothing does not', ecdsa, p256, new Uint8Array(), false],
    [
      'ECDSA with something after it does not',
      ecdsa,
      p256,
      Buffer.concat([signatures.ecdsa, Buffer.alloc(1)]),
      false,
    ],
    [
      'ECDSA in the form of IEEE P1363 does not',
      ecdsa,
      p256,
      sign('sha256', data, { key: p256, dsaEncoding: 'ieee-p1363' }),
      false,
    ],
    ['ECDSA of zeros does not', ecdsa, p256, der.sequence(der.integer(0), der.integer(0)), false],
    ['a cut RSA signature does not', pkcs1, rsa, signatures.pkcs1.subarray(1), false],
  ];
  for (const [name, algorithm, key, signature, verifies] of cases)
    test(name, () => assert.equal(verifySignature(algorithm, publicKey(key), data, signature), verifies));

  test('does not verify over other data', () => {
    assert.equal(verifySignature(ecdsa, publicKey(p256), Buffer.from('other'), signatures.ecdsa), false);
  });

  test('does not verify with a point off its curve, and does not throw', () => {
    const spki = Uint8Array.from(createPublicKey(p256).export({ format: 'der', type: 'spki' }));
    spki[spki.length - 1]! ^= 1;
    const off = decode(spki, readPublicKey);
    assert(off.ok);
    assert.equal(verifySignature(ecdsa, off.value, data, signatures.ecdsa), false);
  });
});
