import assert from 'node:assert/strict';
import { createCipheriv, pbkdf2Sync, scryptSync, type KeyObject } from 'node:crypto';
import { describe, test } from 'node:test';
import { decode, der, oids } from '../../../main/asn1/index.ts';
import { type Fault } from '../../../main/faults/index.ts';
import { faultLines } from '../../../main/words/index.ts';
import { openSigner, readPrivateKey } from '../../../main/keys/index.ts';
import {
  makeCa,
  makeCertificate,
  now,
  otherCurvePkcs8,
  pssPkcs8,
  pssSpki,
  rsaKey,
  withSpki,
} from '../../kit/pki.ts';
import { hasOtherCurves, hasPssKeys, withoutPssKeys } from '../../kit/runtime.ts';
import { bag, certBag, data, makePkcs12, safe } from './make-pkcs12.ts';

const passphrase = 'field-test';
const salt = Buffer.from('0123456789abcdef', 'hex');
const iv = Buffer.alloc(16, 7);
const pssOnly = pssPkcs8(rsaKey(2048));

/** EncryptedPrivateKeyInfo (RFC 5958) of a PKCS#8 that no key object is made of. */
function encrypt(
  pkcs8: Uint8Array,
  derivation: Uint8Array = der.sequence(
    der.oid(oids.pbkdf2),
    der.sequence(
      der.octetString(salt),
      der.integer(10),
      der.sequence(der.oid(oids.hmacWithSha256), der.null),
    ),
  ),
  key = pbkdf2Sync(passphrase, salt, 10, 32, 'sha256'),
): Uint8Array {
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const encryption = der.sequence(der.oid(oids.aes256Cbc), der.octetString(iv));
  const scheme = der.sequence(der.oid(oids.pbes2), der.sequence(derivation, encryption));
  return der.sequence(scheme, der.octetString(Buffer.concat([cipher.update(pkcs8), cipher.final()])));
}

async function faultOf(file: Uint8Array, given = passphrase): Promise<Fault | undefined> {
  const read = await readPrivateKey(file, Buffer.from(given));
  return read.ok ? undefined : read.fault;
}

const pssLack = { code: 'runtime-lacks-algorithm', found: 'ERR_OSSL_EVP_UNSUPPORTED_ALGORITHM' };

describe('a private key for PSS only', () => {
  test('is read where the runtime has such keys', async () => {
    for (const file of [pssOnly, encrypt(pssOnly)])
      assert.deepEqual(await faultOf(file), hasPssKeys ? undefined : pssLack);
  });

  test('is not called damaged where the runtime lacks them', async (test) => {
    withoutPssKeys(test);
    for (const file of [pssOnly, encrypt(pssOnly)]) assert.deepEqual(await faultOf(file), pssLack);
  });

  test('is not opened by another passphrase there either', async (test) => {
    withoutPssKeys(test);
    assert.equal((await faultOf(encrypt(pssOnly), 'another'))?.code, 'passphrase-wrong');
  });

  test('in PKCS#12 is not called damaged there', async (test) => {
    withoutPssKeys(test);
    const issuer = makeCa('CN=CA', { key: rsaKey(2048) });
    const certificate = withSpki(makeCertificate('CN=x', {}, issuer).certificate, issuer, pssSpki());
    const bags = safe(certBag(certificate), bag(oids.pkcs8ShroudedKeyBag, encrypt(pssOnly)));
    const source = { kind: 'pkcs12', file: makePkcs12(passphrase, [data(bags)]) } as const;
    assert.deepEqual(await openSigner(source, Buffer.from(passphrase), now), {
      ok: false,
      fault: pssLack,
    });
  });

  test('is told with its kind and what to do', () => {
    const text = faultLines({ ...pssLack, code: 'runtime-lacks-algorithm' }).join('\n');
    assert.match(text, /lacks an algorithm.*RSA-PSS/);
    assert.match(text, /P-256/);
    assert.doesNotMatch(text, /damaged/);
  });
});

test('a private key on another curve is read, or the fault says that the runtime lacks the curve', async () => {
  const lack = { code: 'runtime-lacks-algorithm', found: 'ERR_OSSL_EC_UNKNOWN_GROUP' };
  for (const file of [otherCurvePkcs8(), encrypt(otherCurvePkcs8())])
    assert.deepEqual(await faultOf(file), hasOtherCurves ? undefined : lack);
});

test('a private key of an unknown algorithm is unreadable, or the fault says that the runtime lacks it', async () => {
  const pkcs8 = der.sequence(der.integer(0), der.sequence(der.oid('1.2.3')), der.octetString(der.null));
  assert.equal((await faultOf(pkcs8))?.code, hasPssKeys ? 'key-unreadable' : 'runtime-lacks-algorithm');
});

describe('a private RSA key that belongs to another public key', () => {
  const issuer = makeCa('CN=CA', { key: rsaKey(2048) });
  const [own, other] = [rsaKey(2048), rsaKey(3072)];
  const [n, ...secrets] = rsaNumbers(own);
  const [otherModulus] = rsaNumbers(other);
  assert(n && otherModulus);
  const pkcs1 = der.sequence(der.integer(0), otherModulus, ...secrets);
  const algorithm = der.sequence(der.oid(oids.rsaEncryption), der.null);
  const pkcs8 = der.sequence(der.integer(0), algorithm, der.octetString(pkcs1));
  const { certificate } = makeCertificate('CN=x', { key: other }, issuer);

  test('is inconsistent, and not called unreadable', async () => {
    const source = { kind: 'pkcs8', file: encrypt(pkcs8), certificates: [certificate] } as const;
    const opened = await openSigner(source, Buffer.from(passphrase), now);
    assert.deepEqual(opened, { ok: false, fault: { code: 'key-inconsistent' } });
  });

  test('is so in PKCS#12', async () => {
    const bags = safe(certBag(certificate), bag(oids.pkcs8ShroudedKeyBag, encrypt(pkcs8)));
    const source = { kind: 'pkcs12', file: makePkcs12(passphrase, [data(bags)]) } as const;
    const opened = await openSigner(source, Buffer.from(passphrase), now);
    assert.deepEqual(opened, { ok: false, fault: { code: 'key-inconsistent' } });
  });
});

/** The numbers of an RSA key after its version, in DER (RFC 8017 appendix A.1.2). */
function rsaNumbers(key: KeyObject): readonly Uint8Array[] {
  const numbers = decode(key.export({ format: 'der', type: 'pkcs1' }), (reader) =>
    reader.sequence((inner) => inner.rest((one) => one.element().bytes)),
  );
  assert(numbers.ok);
  return numbers.value.slice(1);
}

test('a private key under scrypt is read everywhere', async () => {
  const parameters = der.sequence(der.octetString(salt), der.integer(16), der.integer(1), der.integer(1));
  const key = scryptSync(passphrase, salt, 32, { N: 16, r: 1, p: 1 });
  const pkcs8 = rsaKey(2048).export({ format: 'der', type: 'pkcs8' });
  const file = encrypt(pkcs8, der.sequence(der.oid(oids.scrypt), parameters), key);
  assert.equal(await faultOf(file), undefined);
});
