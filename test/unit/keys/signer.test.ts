import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, test } from 'node:test';
import { oids } from '../../../main/asn1/index.ts';
import {
  checkConfigurationKey,
  openSigner,
  readPrivateKey,
  signerWithKey,
} from '../../../main/keys/index.ts';
import { verifySignature, type Certificate } from '../../../main/pki/index.ts';
import {
  bareRsaSpki,
  makeCa,
  makeCertificate,
  now,
  otherCurvePkcs8,
  pssParameters,
  pssPkcs8,
  rsaKey,
  withSpki,
} from '../../kit/pki.ts';
import { hasOtherCurves, hasPssKeys } from '../../kit/runtime.ts';

const ca = makeCa('CN=CA');
const certify = (key: KeyObject): Certificate => makeCertificate('CN=x', { key }, ca).certificate;
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey;
/** PKCS#8 of a key for PSS that is bound to these digests. */
const boundTo = (hash: string, mgfHash: string, saltLength: number) =>
  pssPkcs8(rsaKey(2048), pssParameters({ hash, mgfHash, saltLength }));

/** The key of a PKCS#8. Where the runtime lacks its kind, the fault says so, and there is no key to go on with. */
async function readIf(isKnownHere: boolean, pkcs8: Uint8Array): Promise<KeyObject | undefined> {
  const read = await readPrivateKey(pkcs8, undefined);
  if (isKnownHere) assert(read.ok, JSON.stringify(read));
  else assert.equal(!read.ok && read.fault.code, 'runtime-lacks-algorithm');
  return read.ok ? read.value : undefined;
}

describe('a key signs so that its certificate verifies', () => {
  const cases: readonly (readonly [string, KeyObject | Uint8Array, object])[] = [
    ['P-256 with SHA-256', ec('P-256'), { kind: 'ecdsa', hash: 'sha256' }],
    ['P-384 with SHA-384', ec('P-384'), { kind: 'ecdsa', hash: 'sha384' }],
    ['RSA with PKCS#1 and SHA-256', rsaKey(2048), { kind: 'rsa-pkcs1', hash: 'sha256' }],
    ['RSA for PSS with SHA-256', pssPkcs8(rsaKey(2048)), { kind: 'rsa-pss', hash: 'sha256', saltLength: 32 }],
    [
      'RSA for PSS with the digest that it is bound to',
      boundTo(oids.sha384, oids.sha384, 48),
      { kind: 'rsa-pss', hash: 'sha384', saltLength: 48 },
    ],
  ];
  for (const [name, file, algorithm] of cases) {
    test(name, async () => {
      const key = file instanceof Uint8Array ? await readIf(hasPssKeys, file) : file;
      if (!key) return;
      const opened = signerWithKey(key, [certify(key)]);
      assert(opened.ok, JSON.stringify(opened));
      assert.deepEqual(opened.value.algorithm, algorithm);
      const data = Buffer.from('what is signed');
      const signature = await opened.value.sign(data);
      const { publicKey } = opened.value.certificate;
      assert.ok(verifySignature(opened.value.algorithm, publicKey, data, signature));
      assert.equal(
        verifySignature(opened.value.algorithm, publicKey, Buffer.from('other'), signature),
        false,
      );
    });
  }
});

describe('a key that cannot sign here is unfit', () => {
  const cases: readonly (readonly [string, () => KeyObject | Promise<KeyObject | undefined>])[] = [
    ['P-521', () => ec('P-521')],
    ['another curve', () => readIf(hasOtherCurves, otherCurvePkcs8())],
    ['Ed25519', () => generateKeyPairSync('ed25519').privateKey],
    ['RSA for PSS bound to SHA-1', () => readIf(hasPssKeys, boundTo(oids.sha1, oids.sha1, 20))],
    ['RSA for PSS bound to two digests', () => readIf(hasPssKeys, boundTo(oids.sha256, oids.sha384, 32))],
  ];
  for (const [name, open] of cases) {
    test(name, async () => {
      const key = await open();
      if (!key) return;
      const opened = signerWithKey(key, [certify(key)]);
      assert(!opened.ok);
      assert.equal(opened.fault.code, 'key-unfit');
    });
  }
});

describe('a key and certificates', () => {
  const key = ec('P-256');
  const own = certify(key);
  const others = [certify(ec('P-256')), ca.certificate];

  test('that fit, in whichever order, are told apart', () => {
    for (let at = 0; at <= others.length; at++) {
      const opened = signerWithKey(key, others.toSpliced(at, 0, own));
      assert(opened.ok);
      assert.equal(opened.value.certificate, own);
      assert.deepEqual(opened.value.chain, others);
    }
  });

  test('fit where the certificate lacks the NULL of an RSA key', () => {
    const rsa = rsaKey(2048);
    const bare = withSpki(certify(rsa), ca, bareRsaSpki(rsa));
    const opened = signerWithKey(rsa, [bare]);
    assert(opened.ok, JSON.stringify(opened));
    assert.equal(opened.value.certificate, bare);
  });

  const dated = (from: string, until: string) =>
    makeCertificate('CN=x', { key, notBefore: new Date(from), notAfter: new Date(until) }, ca).certificate;
  const ended = dated('2020-01-01T00:00:00Z', '2022-01-01T00:00:00Z');
  const old = dated('2024-01-01T00:00:00Z', '2035-01-01T00:00:00Z');
  const renewed = dated('2026-01-01T00:00:00Z', '2035-01-01T00:00:00Z');
  const early = dated('2030-01-01T00:00:00Z', '2035-01-01T00:00:00Z');
  const several: readonly (readonly [string, readonly Certificate[], Certificate])[] = [
    ['the newest in force', [ended, old, renewed, early], renewed],
    ['the only one in force', [ended, old, early], old],
    ['the newest, when none is in force', [ended, early], early],
  ];
  for (const [name, certificates, expected] of several)
    test(`of several for the same key it is ${name}, in whichever order`, () => {
      for (const order of [certificates, certificates.toReversed()]) {
        const opened = signerWithKey(key, order, now);
        assert(opened.ok);
        assert.equal(opened.value.certificate, expected);
      }
    });

  test('that do not fit are refused', () => {
    for (const certificates of [[], others])
      assert.deepEqual(signerWithKey(key, certificates), {
        ok: false,
        fault: { code: 'key-certificate-mismatch' },
      });
  });
});

describe('a key in its file', () => {
  const key = ec('P-256');
  const certificates = [certify(key)];
  const encrypted = key.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'secret' });
  const file = new Uint8Array(Buffer.from(encrypted));
  const open = (passphrase: string | undefined, bytes = file) =>
    openSigner(
      { kind: 'pkcs8', file: bytes, certificates },
      passphrase === undefined ? undefined : Buffer.from(passphrase),
      now,
    );
  const code = (result: Awaited<ReturnType<typeof open>>) => (result.ok ? 'opened' : result.fault.code);

  test('is opened with its passphrase', async () => assert.equal(code(await open('secret')), 'opened'));
  test('is not opened with another', async () => assert.equal(code(await open('other')), 'passphrase-wrong'));
  test('is not opened without one', async () =>
    assert.equal(code(await open(undefined)), 'passphrase-missing'));
  test('is not opened when it is unencrypted', async () => {
    const bytes = new Uint8Array(Buffer.from(key.export({ format: 'pem', type: 'pkcs8' })));
    assert.equal(code(await open('secret', bytes)), 'key-not-encrypted');
    assert.equal(code(await open(undefined, bytes)), 'key-not-encrypted');
  });
  test('is not opened with the certificates of another', async () => {
    const result = await openSigner(
      { kind: 'pkcs8', file, certificates: [ca.certificate] },
      Buffer.from('secret'),
      now,
    );
    assert.equal(code(result), 'key-certificate-mismatch');
  });
  test('is not opened from PKCS#12 without a passphrase, whatever the file', async () => {
    assert.equal(
      code(await openSigner({ kind: 'pkcs12', file: new Uint8Array() }, undefined, now)),
      'passphrase-missing',
    );
  });
});

describe('configurations are signed', () => {
  const cases: readonly (readonly [string, KeyObject, boolean])[] = [
    ['P-256', ec('P-256'), true],
    ['P-384', ec('P-384'), true],
    ['P-521', ec('P-521'), false],
    ['RSA of 3072 bits', rsaKey(3072), true],
    ['RSA of 2048 bits', rsaKey(2048), false],
    ['Ed25519', generateKeyPairSync('ed25519').privateKey, false],
  ];
  for (const [name, key, fits] of cases) {
    test(`${fits ? 'with' : 'not with'} ${name}`, () => {
      const result = checkConfigurationKey(certify(key));
      if (fits) assert.ok(result.ok);
      else {
        assert(!result.ok);
        assert.equal(result.fault.rule, 'configuration-key');
        assert.ok(result.fault.found);
      }
    });
  }
});
