import assert from 'node:assert/strict';
import { constants, sign } from 'node:crypto';
import { describe, test } from 'node:test';
import { der, oids } from '../../../main/asn1/index.ts';
import { faultLines } from '../../../main/words/index.ts';
import type { KeyPair } from '../../../main/lab/index.ts';
import { checkEnbKey, judgePath, keyLack, runtimeLack, type PathQuestion } from '../../../main/pki/index.ts';
import {
  makeCa,
  makeCertificate,
  pathFaults,
  pssParameters,
  pssSpki,
  questionOf,
  readCertificate,
  remake,
  rsaKey,
  withSpki,
} from '../../kit/pki.ts';
import { hasPssKeys, withoutPssKeys } from '../../kit/runtime.ts';

const root = makeCa('CN=Root');
const rsaRoot = makeCa('CN=RSA root', { key: rsaKey(2048) });
const pssAlgorithm = der.sequence(
  der.oid(oids.rsassaPss),
  pssParameters({ hash: oids.sha256, mgfHash: oids.sha256, saltLength: 32 }),
);
const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };

/** The question about a certificate below a root whose key is for PSS only. */
function belowPssRoot(rootName: string, spoil = (signature: Buffer) => signature): PathQuestion {
  const rsaRoot = makeCa(rootName, { key: rsaKey(2048) });
  const pssRoot: KeyPair = { ...rsaRoot, certificate: withSpki(rsaRoot.certificate, rsaRoot, pssSpki()) };
  const { certificate } = makeCertificate('CN=eNB', {}, rsaRoot);
  const unsigned = { algorithm: pssAlgorithm, signature: new Uint8Array() };
  const { tbs } = readCertificate(remake(certificate, rsaRoot.key, unsigned));
  const signature = spoil(sign('sha256', tbs, { key: rsaRoot.key, ...pss }));
  const target = readCertificate(remake(certificate, rsaRoot.key, { algorithm: pssAlgorithm, signature }));
  return questionOf(target, [pssRoot]);
}

describe('a path below a key for PSS only', () => {
  test('is valid where the runtime has such keys', () => {
    const expected = hasPssKeys ? [] : ['runtime-lacks-algorithm'];
    assert.deepEqual(pathFaults(belowPssRoot('CN=Root 1')), expected);
  });

  test('is refused by its signature where the runtime has such keys', () => {
    const spoiled = belowPssRoot('CN=Root 2', (signature) => signature.fill(1, 10, 20));
    const expected = hasPssKeys ? ['signature-invalid'] : ['runtime-lacks-algorithm'];
    assert.deepEqual(pathFaults(spoiled), expected);
  });

  test('is not valid where the runtime lacks them, and the fault names the key and who can help', (test) => {
    withoutPssKeys(test);
    const { faults } = judgePath(belowPssRoot('CN=Root 3')); // a new root: key objects are remembered
    const found = {
      code: 'runtime-lacks-algorithm',
      found: 'RSA-PSS 2048',
      where: { certificate: 'CN=eNB' },
    };
    assert.deepEqual(faults, [found]);
    const text = faults.flatMap(faultLines).join('\n');
    assert.match(text, /lacks an algorithm.*RSA-PSS 2048/);
    assert.match(text, /plain RSA key/);
  });
});

describe('a key', () => {
  test('that works lacks nothing', () => {
    for (const { publicKey } of [root.certificate, rsaRoot.certificate])
      assert.equal(keyLack(publicKey), undefined);
  });

  test('that is itself wrong lacks nothing', () => {
    const spki = Uint8Array.from(root.certificate.publicKey.spki);
    spki[spki.length - 1]! ^= 1;
    assert.equal(keyLack(withSpki(root.certificate, root, spki).publicKey), undefined);
  });

  test('of an eNB is unfit where the runtime does not take it, and the fault says why', () => {
    const key = der.sequence(der.integer((1n << 2047n) | 1n), der.integer((1n << 40n) | 1n));
    const spki = der.sequence(der.sequence(der.oid(oids.rsaEncryption), der.null), der.bitString(key));
    const certificate = withSpki(makeCertificate('CN=eNB', {}, root).certificate, root, spki);
    const lack = keyLack(certificate.publicKey);
    const result = checkEnbKey(certificate);
    if (lack) assert.deepEqual(result, { ok: false, fault: { code: 'enb-key-unfit', because: lack } });
    else assert(result.ok);
  });
});

describe('an error', () => {
  const withCode = (code: string) => Object.assign(new Error('x'), { code });

  test('of BoringSSL for an algorithm that it lacks is that fault', () => {
    for (const code of [
      'ERR_OSSL_EVP_UNSUPPORTED_ALGORITHM',
      'ERR_OSSL_EC_UNKNOWN_GROUP',
      'ERR_OSSL_RSA_BAD_E_VALUE',
    ])
      assert.deepEqual(runtimeLack(withCode(code)), { code: 'runtime-lacks-algorithm', found: code });
  });

  test('for what cannot be read or decrypted is not', () => {
    for (const code of ['ERR_OSSL_UNSUPPORTED', 'ERR_OSSL_BAD_DECRYPT', 'ERR_OSSL_EVP_DECODE_ERROR'])
      assert.equal(runtimeLack(withCode(code)), undefined);
    for (const error of [new Error('x'), undefined, 'ERR_OSSL_EC_UNKNOWN_GROUP'])
      assert.equal(runtimeLack(error), undefined);
  });
});
