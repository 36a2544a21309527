import assert from 'node:assert/strict';
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { der, encodePem, oids } from '../../../main/asn1/index.ts';
import { readPrivateKey } from '../../../main/keys/index.ts';
import { makeCertificate, rsaKey, spkiOf } from '../../kit/pki.ts';
import { data, makePkcs12, safe, shroudedKeyBag } from './make-pkcs12.ts';

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const rsa = rsaKey(2048);
const passphrase = 'päss wörd';
const secret = { cipher: 'aes-256-cbc', passphrase } as const;

const text = (file: string | Uint8Array) => new Uint8Array(Buffer.from(file as string));
const read = (file: string | Uint8Array, given: string | undefined = passphrase, mustBeEncrypted = false) =>
  readPrivateKey(text(file), given === '(none)' ? undefined : Buffer.from(given), { mustBeEncrypted });

/** Why a file is refused, or that it is not. */
async function answer(file: string | Uint8Array, given?: string, mustBeEncrypted?: boolean): Promise<string> {
  const key = await read(file, given, mustBeEncrypted);
  return key.ok ? 'read' : key.fault.code;
}

const ecParameters = encodePem('EC PARAMETERS', der.oid('1.2.840.10045.3.1.7'));
const open: readonly (readonly [string, KeyObject, string | Uint8Array])[] = [
  ['PKCS#8 in DER', ec, ec.export({ format: 'der', type: 'pkcs8' })],
  ['PKCS#8 in PEM', ec, ec.export({ format: 'pem', type: 'pkcs8' })],
  ['PKCS#8 of an RSA key in DER', rsa, rsa.export({ format: 'der', type: 'pkcs8' })],
  ['an EC key in its older PEM', ec, ec.export({ format: 'pem', type: 'sec1' })],
  ['an RSA key in its older PEM', rsa, rsa.export({ format: 'pem', type: 'pkcs1' })],
  [
    'an EC key behind its parameters',
    ec,
    ecParameters + ec.export({ format: 'pem', type: 'sec1' }).toString(),
  ],
  ['PKCS#8 behind text', ec, `Bag Attributes\n${ec.export({ format: 'pem', type: 'pkcs8' }).toString()}`],
];
const rsaPkcs1 = der.octetString(rsa.export({ format: 'der', type: 'pkcs1' }));
const ecSec1 = der.octetString(ec.export({ format: 'der', type: 'sec1' }));
const ecAlgorithm = der.sequence(der.oid(oids.ecPublicKey), der.oid(oids.p256));
const unusual: readonly (readonly [string, KeyObject, string | Uint8Array])[] = [
  [
    'PKCS#8 of an RSA key without parameters',
    rsa,
    der.sequence(der.integer(0), der.sequence(der.oid(oids.rsaEncryption)), rsaPkcs1),
  ],
  [
    'PKCS#8 of version 2, with the public key',
    ec,
    der.sequence(der.integer(1), ecAlgorithm, ecSec1, der.implicit(1, der.bitString(publicPoint(ec)))),
  ],
  [
    'PKCS#8 with attributes',
    ec,
    der.sequence(der.integer(0), ecAlgorithm, ecSec1, der.implicit(0, der.setOf([]))),
  ],
];

function publicPoint(key: KeyObject): Uint8Array {
  return spkiOf(key).subarray(-65);
}

const encrypted: readonly (readonly [string, KeyObject, string | Uint8Array])[] = [
  ['PKCS#8 in DER', ec, ec.export({ format: 'der', type: 'pkcs8', ...secret })],
  ['PKCS#8 in PEM', ec, ec.export({ format: 'pem', type: 'pkcs8', ...secret })],
  ['PKCS#8 of an RSA key in PEM', rsa, rsa.export({ format: 'pem', type: 'pkcs8', ...secret })],
  ['an EC key in its older PEM', ec, ec.export({ format: 'pem', type: 'sec1', ...secret })],
  ['an RSA key in its older PEM', rsa, rsa.export({ format: 'pem', type: 'pkcs1', ...secret })],
  [
    'an encrypted EC key behind its parameters',
    ec,
    ecParameters + ec.export({ format: 'pem', type: 'sec1', ...secret }).toString(),
  ],
];

describe('an unencrypted private key', () => {
  for (const [name, key, file] of [...open, ...unusual]) {
    test(`is read, with a passphrase or without: ${name}`, async () => {
      for (const given of ['(none)', passphrase]) {
        const result = await read(file, given);
        assert(result.ok, JSON.stringify(result));
        assert.deepEqual(spkiOf(result.value), spkiOf(key));
      }
    });
    test(`is refused where it must be encrypted: ${name}`, async () => {
      assert.equal(await answer(file, passphrase, true), 'key-not-encrypted');
      assert.equal(await answer(file, '(none)', true), 'key-not-encrypted');
    });
  }
});

describe('an encrypted private key', () => {
  for (const [name, key, file] of encrypted) {
    test(`is read with its passphrase: ${name}`, async () => {
      const result = await read(file, passphrase, true);
      assert(result.ok, JSON.stringify(result));
      assert.deepEqual(spkiOf(result.value), spkiOf(key));
    });
    test(`is refused without it, and with another: ${name}`, async () => {
      assert.equal(await answer(file, '(none)', true), 'passphrase-missing');
      for (const wrong of ['', 'wrong', 'pass word', `${passphrase} `, 'x'.repeat(2000)])
        assert.equal(await answer(file, wrong), 'passphrase-wrong');
    });
  }

  test('is read with an empty passphrase, if that is its own', async () => {
    const file = ec.export({ format: 'der', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: '' });
    assert.equal(await answer(file, ''), 'read');
    assert.equal(await answer(file, 'x'), 'passphrase-wrong');
  });

  test('is read without a change to the passphrase, which the caller wipes', async () => {
    const given = Buffer.from(passphrase);
    await readPrivateKey(text(encrypted[0]![2]), given);
    assert.equal(given.toString(), passphrase);
  });

  test('is not made of an open one by a word before it', async () => {
    const file = `Proc-Type: 4,ENCRYPTED\n${ec.export({ format: 'pem', type: 'sec1' }).toString()}`;
    assert.equal(await answer(file, passphrase, true), 'key-not-encrypted');
    const second = rsa.export({ format: 'pem', type: 'pkcs1', ...secret }).toString();
    assert.equal(
      await answer(ec.export({ format: 'pem', type: 'sec1' }).toString() + second, passphrase, true),
      'key-not-encrypted',
    );
  });

  test('is told apart from one whose encryption is unknown', async () => {
    const scheme = der.sequence(der.oid('1.2.840.113549.1.5.3'), der.sequence()); // MD5 and DES
    const file = encodePem('ENCRYPTED PRIVATE KEY', der.sequence(scheme, der.octetString(randomBytes(64))));
    const result = await read(file, passphrase);
    assert(!result.ok);
    assert.deepEqual([result.fault.code, result.fault.rule], ['key-unsupported', 'pkcs8-encryption']);
  });

  const salt = der.octetString(randomBytes(16));
  const scrypt = (...parameters: readonly number[]) =>
    der.sequence(
      der.oid(oids.scrypt),
      der.sequence(salt, ...parameters.map((number) => der.integer(number))),
    );
  const costs: readonly (readonly [string, Uint8Array])[] = [
    ['PBKDF2', der.sequence(der.oid(oids.pbkdf2), der.sequence(salt, der.integer(2_000_001)))],
    ['scrypt', scrypt(2 ** 20, 8, 5)],
    ['scrypt in parallel', scrypt(2, 1, 2 ** 25)],
    ['scrypt with the memory of many blocks in parallel', scrypt(2, 1, 2 ** 22)],
    ['scrypt with parameters that RFC 7914 forbids', scrypt(2 ** 16, 1, 1)],
  ];
  for (const [name, derivation] of costs) {
    test(`is not decrypted when ${name} would take minutes`, async () => {
      const cipher = der.sequence(der.oid(oids.aes256Cbc), der.octetString(randomBytes(16)));
      const scheme = der.sequence(der.oid(oids.pbes2), der.sequence(derivation, cipher));
      const result = await read(
        Buffer.from(der.sequence(scheme, der.octetString(randomBytes(64)))),
        passphrase,
      );
      assert(!result.ok);
      assert.deepEqual([result.fault.code, result.fault.rule], ['key-unsupported', 'kdf-iterations']);
    });
  }

  test('is not made of an open one by its label', async () => {
    const file = encodePem('ENCRYPTED PRIVATE KEY', ec.export({ format: 'der', type: 'pkcs8' }));
    assert.equal(await answer(file, passphrase, true), 'key-not-encrypted');
  });
});

describe('what is no private key', () => {
  const { certificate } = makeCertificate('CN=x', { key: ec });
  const pkcs12 = makePkcs12(passphrase, [data(safe(shroudedKeyBag(ec, passphrase)))]);
  const whole = ec.export({ format: 'pem', type: 'pkcs8', ...secret }).toString();
  const wholeDer = ec.export({ format: 'der', type: 'pkcs8', ...secret });
  const cases: readonly (readonly [string, string | Uint8Array])[] = [
    ['nothing', ''],
    ['text', 'text'],
    ['text that begins like DER', '0 is a number'],
    ['a certificate in DER', certificate.der],
    ['a certificate in PEM', encodePem('CERTIFICATE', certificate.der)],
    ['a PKCS#12 file', pkcs12],
    ['a public key in DER', spkiOf(ec)],
    ['a public key in PEM', createPublicKey(ec).export({ format: 'pem', type: 'spki' })],
    ['a key in the DER of SEC 1', ec.export({ format: 'der', type: 'sec1' })],
    ['a key for OpenSSH', encodePem('OPENSSH PRIVATE KEY', Uint8Array.of(1))],
    ['an encrypted key cut short in PEM', whole.slice(0, whole.length / 2)],
    ['an encrypted key cut short in DER', wholeDer.subarray(0, -1)],
    [
      'DER with something after it',
      Buffer.concat([ec.export({ format: 'der', type: 'pkcs8' }), Buffer.from('\n')]),
    ],
  ];
  for (const [name, file] of cases) {
    test(`is refused as such, whatever the passphrase: ${name}`, async () => {
      for (const given of ['(none)', passphrase]) assert.equal(await answer(file, given), 'key-unreadable');
    });
  }

  test('is refused or read with any byte changed, and never makes anything throw', async () => {
    for (const file of [...open, ...encrypted].map(([, , one]) => text(one))) {
      const random = fc.sample(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { numRuns: 30, seed: 6 });
      for (const [at, octet] of random) await answer(file.with(at, octet));
    }
  });
});

test('a key is read as OpenSSL reads it', async () => {
  const file = ec.export({ format: 'pem', type: 'pkcs8', ...secret });
  const result = await read(file);
  assert(result.ok);
  assert.ok(result.value.equals(createPrivateKey({ key: file, passphrase })));
});
