import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { der, oids } from '../../../main/asn1/index.ts';
import { openSigner, readPkcs12 } from '../../../main/keys/index.ts';
import { nameToText } from '../../../main/pki/index.ts';
import { makeCa, makeCertificate, now, spkiOf } from '../../kit/pki.ts';
import {
  bag,
  certBag,
  data,
  encryptedData,
  keyBag,
  makePkcs12,
  safe,
  shroudedKeyBag,
  tripleDesData,
  type Encryption,
  type Mac,
} from './make-pkcs12.ts';
import { rootFault } from '../../kit/fault.ts';

const ca = makeCa('O=Lab,CN=CA');
const own = makeCertificate('O=Lab,CN=Configuration', {}, ca);
const passphrase = 'field-test';
const costlyKey = der.sequence(
  der.sequence(
    der.oid(oids.pbes2),
    der.sequence(
      der.sequence(
        der.oid(oids.pbkdf2),
        der.sequence(der.octetString(Buffer.alloc(8)), der.integer(2 ** 40)),
      ),
      der.sequence(der.oid(oids.aes256Cbc), der.octetString(Buffer.alloc(16))),
    ),
  ),
  der.octetString(Buffer.alloc(64)),
);

interface Parts {
  readonly passphrase?: string;
  readonly mac?: Mac | null;
  readonly version?: number;
  readonly encryption?: Encryption;
  readonly contents?: readonly Uint8Array[];
}

/** A file as OpenSSL makes it: the certificates encrypted, the key in a separate bag. */
function makeFile({ encryption, contents, ...parts }: Parts = {}): Uint8Array {
  const secret = parts.passphrase ?? passphrase;
  const { mac = {}, version = 3 } = parts;
  const certificates = safe(certBag(own.certificate), certBag(ca.certificate));
  const usual = [
    encryptedData(secret, certificates, encryption),
    data(safe(shroudedKeyBag(own.key, secret))),
  ];
  return makePkcs12(secret, contents ?? usual, { mac, version });
}

const open = (file: Uint8Array, secret = passphrase) => readPkcs12(file, Buffer.from(secret));

/** What is in the file, or why it cannot be told. */
async function answer(file: Uint8Array, secret = passphrase): Promise<string> {
  const opened = await open(file, secret);
  if (!opened.ok) {
    const { rule } = rootFault(opened.fault);
    return rule ? `${opened.fault.code}: ${rule}` : opened.fault.code;
  }
  const { key, certificates } = opened.value;
  assert.deepEqual(spkiOf(key), spkiOf(own.key));
  return certificates.map(({ subject }) => nameToText(subject)).join(' | ');
}

const both = 'O=Lab,CN=Configuration | O=Lab,CN=CA';

describe('a PKCS#12 file is opened', () => {
  const cases: readonly (readonly [string, Parts, string])[] = [
    ['as OpenSSL makes it', {}, both],
    ...(['sha1', 'sha256', 'sha384', 'sha512'] as const).map(
      (hash) => [`with a MAC by ${hash}`, { mac: { hash, iterations: 3 } }, both] as const,
    ),
    ...(['aes-128-cbc', 'aes-192-cbc', 'aes-256-cbc'] as const).map(
      (cipher) => [`encrypted with ${cipher}`, { encryption: { cipher } }, both] as const,
    ),
    ...(['sha1', 'sha256', 'sha384', 'sha512', null] as const).map(
      (prf) => [`with a key derived by ${prf ?? 'the default'}`, { encryption: { prf } }, both] as const,
    ),
    [
      'encrypted with SHA-1 and triple DES, as the oldest are',
      {
        contents: [
          tripleDesData(passphrase, safe(certBag(own.certificate))),
          data(safe(shroudedKeyBag(own.key, passphrase))),
        ],
      },
      'O=Lab,CN=Configuration',
    ],
    [
      'with its certificates in the clear',
      { contents: [data(safe(certBag(ca.certificate))), data(safe(shroudedKeyBag(own.key, passphrase)))] },
      'O=Lab,CN=CA',
    ],
    [
      'with its key encrypted as a whole',
      { contents: [encryptedData(passphrase, safe(keyBag(own.key), certBag(own.certificate)))] },
      'O=Lab,CN=Configuration',
    ],
    [
      'with its key encrypted twice',
      { contents: [encryptedData(passphrase, safe(shroudedKeyBag(own.key, passphrase)))] },
      '',
    ],
    ['without certificates', { contents: [data(safe(shroudedKeyBag(own.key, passphrase)))] }, ''],
    [
      'with bags that it skips',
      {
        contents: [
          data(safe(bag('1.2.3', der.null), shroudedKeyBag(own.key, passphrase), certBag(own.certificate))),
        ],
      },
      'O=Lab,CN=Configuration',
    ],
    [
      'with safes that are empty',
      { contents: [data(safe()), data(safe(shroudedKeyBag(own.key, passphrase)))] },
      '',
    ],
  ];
  for (const [name, parts, expected] of cases)
    test(name, async () => assert.equal(await answer(makeFile(parts)), expected));

  for (const secret of [' ', 'päss wörd', '密码', 'a😀b', '\u0301', 'x'.repeat(1000)]) {
    test(`with the passphrase ${JSON.stringify(secret.slice(0, 20))}, and no other`, async () => {
      const file = makeFile({ passphrase: secret });
      assert.equal(await answer(file, secret), both);
      for (const wrong of [`${secret}x`, 'other', secret.slice(1)])
        if (wrong !== secret) assert.equal(await answer(file, wrong), 'passphrase-wrong');
    });
  }

  test('as the reference operator has them', async () => {
    const folder = join(import.meta.dirname, '..', '..', 'data', 'reference-operator', 'operator');
    for (const vendor of ['vendor-a', 'vendor-b']) {
      const file = readFileSync(join(folder, `config-${vendor}.p12`));
      const opened = await openSigner({ kind: 'pkcs12', file }, Buffer.from('field-test'), now);
      assert(opened.ok, JSON.stringify(opened));
      assert.deepEqual(await open(file, 'other'), { ok: false, fault: { code: 'passphrase-wrong' } });
    }
  });

  test('without a change to the passphrase, which the caller wipes', async () => {
    const secret = Buffer.from(passphrase);
    await readPkcs12(makeFile(), secret);
    assert.equal(secret.toString(), passphrase);
  });
});

describe('a PKCS#12 file is refused', () => {
  const key = data(safe(shroudedKeyBag(own.key, passphrase)));
  const cut = (count: number) => (digest: Buffer) => digest.subarray(0, count);
  const cases: readonly (readonly [string, Parts, string])[] = [
    ['of another version', { version: 4 }, 'pkcs12-unreadable: pkcs12-version'],
    ['without a MAC', { mac: null }, 'pkcs12-unsupported: pkcs12-mac'],
    ['under an empty passphrase', { passphrase: '' }, 'key-not-encrypted: passphrase-empty'],
    [
      'with a MAC by an unknown digest',
      { mac: { algorithm: '1.2.840.113549.2.5' } },
      'pkcs12-unsupported: pkcs12-mac',
    ],
    [
      'with a MAC that is wrong',
      { mac: { digest: (digest) => digest.map((octet) => octet ^ 1) } },
      'passphrase-wrong',
    ],
    ['with a MAC that is too short', { mac: { digest: cut(16) } }, 'pkcs12-unreadable: pkcs12-integrity'],
    ['with an empty MAC', { mac: { digest: cut(0) } }, 'pkcs12-unreadable: pkcs12-integrity'],
    [
      'with a MAC that is too long',
      { mac: { digest: (digest) => Buffer.concat([digest, Buffer.alloc(1_000_000)]) } },
      'pkcs12-unreadable: pkcs12-integrity',
    ],
    ['with a MAC of no iteration', { mac: { claimedIterations: 0 } }, 'pkcs12-unsupported: kdf-iterations'],
    [
      'with a MAC of more iterations than are borne',
      { mac: { claimedIterations: 2_000_001 } },
      'pkcs12-unsupported: kdf-iterations',
    ],
    [
      'with a MAC of billions of iterations',
      { mac: { claimedIterations: 2 ** 40 } },
      'pkcs12-unsupported: kdf-iterations',
    ],
    [
      'with a key derivation of no iteration',
      { encryption: { claimedIterations: 0 } },
      'pkcs12-unsupported: kdf-iterations',
    ],
    [
      'with a key derivation of billions of iterations',
      { encryption: { claimedIterations: 2 ** 40 } },
      'pkcs12-unsupported: kdf-iterations',
    ],
    [
      'encrypted in an unknown scheme',
      { encryption: { scheme: '1.2.840.113549.1.12.1.1' } },
      'pkcs12-unsupported: pkcs12-algorithm',
    ],
    [
      'encrypted with an unknown cipher',
      { encryption: { cipherOid: '1.2.3' } },
      'pkcs12-unsupported: pkcs12-algorithm',
    ],
    [
      'with a short initialisation vector',
      { encryption: { iv: new Uint8Array(8) } },
      'pkcs12-unreadable: der-length',
    ],
    [
      'whose ciphertext is damaged at its end',
      { encryption: { ciphertext: (bytes) => bytes.subarray(0, -1) } },
      'pkcs12-unreadable: pkcs12-decryption',
    ],
    [
      'whose ciphertext is damaged at its beginning',
      { encryption: { iv: new Uint8Array(16) } },
      'pkcs12-unreadable: der-truncated',
    ],
    [
      'without a key',
      { contents: [data(safe(certBag(own.certificate)))] },
      'pkcs12-unreadable: pkcs12-one-key',
    ],
    ['with two keys', { contents: [key, key] }, 'pkcs12-unreadable: pkcs12-one-key'],
    [
      'whose key is unencrypted',
      { contents: [data(safe(keyBag(own.key), certBag(own.certificate)))] },
      'key-not-encrypted',
    ],
    [
      'whose key is protected by another passphrase',
      { contents: [data(safe(shroudedKeyBag(own.key, 'other')))] },
      'pkcs12-unreadable: pkcs12-key',
    ],
    [
      'whose key is none',
      { contents: [data(safe(bag(oids.pkcs8ShroudedKeyBag, der.null)))] },
      'pkcs12-unreadable: der-tag',
    ],
    [
      'whose key is encrypted with billions of iterations',
      { contents: [data(safe(bag(oids.pkcs8ShroudedKeyBag, costlyKey)))] },
      'pkcs12-unsupported: kdf-iterations',
    ],
    [
      'with a certificate that cannot be read',
      { contents: [key, data(safe(certBag({ der: der.sequence() })))] },
      'pkcs12-unreadable: der-truncated',
    ],
    [
      'with a certificate of another kind',
      { contents: [key, data(safe(certBag(own.certificate, '1.2.840.113549.1.9.22.2')))] },
      'pkcs12-unreadable: der-tag',
    ],
    [
      'encrypted to a public key',
      { contents: [data(safe(), '1.2.840.113549.1.7.3')] },
      'pkcs12-unreadable: pkcs12-integrity',
    ],
    [
      'with something that is no safe',
      { contents: [data(Uint8Array.of(1))] },
      'pkcs12-unreadable: der-truncated',
    ],
    ['with something that is no content', { contents: [der.null] }, 'pkcs12-unreadable: der-tag'],
  ];
  for (const [name, parts, expected] of cases)
    test(name, async () => assert.equal(await answer(makeFile(parts), parts.passphrase), expected));

  const file = makeFile();
  const others: readonly (readonly [string, Uint8Array])[] = [
    ['that is empty', new Uint8Array()],
    ['that is cut short', file.subarray(0, -1)],
    ['that something follows', Buffer.concat([file, Buffer.alloc(1)])],
    ['that is a certificate', own.certificate.der],
    ['that is a key', own.key.export({ format: 'der', type: 'pkcs8' })],
    ['that is text', Buffer.from('text')],
    [
      'whose integrity is by signature',
      der.sequence(der.integer(3), data(new Uint8Array(), oids.signedData)),
    ],
  ];
  for (const [name, bytes] of others)
    test(name, async () => assert.match(await answer(bytes), /^pkcs12-unreadable/));

  test('or opened with any byte changed, and never makes anything throw', async () => {
    const random = fc.sample(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { numRuns: 1000, seed: 4 });
    for (const [at, octet] of random) await open(file.with(at, octet));
    for (let length = 0; length < file.length; length += 5)
      assert.equal((await open(file.subarray(0, length))).ok, false);
  });

  test('or opened with any byte changed under a MAC that holds, and never makes anything throw', async () => {
    const content = encryptedData(passphrase, safe(certBag(own.certificate)));
    const random = fc.sample(fc.tuple(fc.nat(content.length + key.length - 1), fc.nat(255)), {
      numRuns: 500,
      seed: 5,
    });
    for (const [at, octet] of random) {
      const contents =
        at < content.length
          ? [content.with(at, octet), key]
          : [content, key.with(at - content.length, octet)];
      await open(makeFile({ contents }));
    }
  });
});

test('the key of the file is the one that signs', async () => {
  const opened = await openSigner({ kind: 'pkcs12', file: makeFile() }, Buffer.from(passphrase), now);
  assert(opened.ok);
  const { certificate, chain } = opened.value;
  assert.deepEqual(spkiOf(own.key), Buffer.from(certificate.publicKey.spki));
  assert.deepEqual(
    chain.map(({ subject }) => nameToText(subject)),
    ['O=Lab,CN=CA'],
  );
});
