import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { explain } from '../../../main/words/index.ts';
import { openSigner } from '../../../main/keys/index.ts';
import { parseCertificates } from '../../../main/cms/index.ts';
import type { Certificate } from '../../../main/pki/index.ts';

const now = new Date('2026-11-29T12:00:00Z');
const read = (name: string) =>
  readFileSync(join(import.meta.dirname, '..', '..', 'data', 'foreign-keys', name));

function certificatesOf(name: string): readonly Certificate[] {
  const certificates = parseCertificates(read(name));
  assert(certificates.ok, JSON.stringify(certificates));
  return certificates.value;
}

const pkcs12 = (name: string, passphrase = 'field-test') =>
  openSigner({ kind: 'pkcs12', file: read(name) }, Buffer.from(passphrase), now);
const pkcs8 = (name: string, certificates: readonly Certificate[]) =>
  openSigner({ kind: 'pkcs8', file: read(name), certificates }, Buffer.from('field-test'), now);

describe('PKCS#12 of other programs is opened', () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ['BER of NSS', 'nss-pk12util.p12', 1],
    ['BER of Bouncy Castle, of indefinite length', 'bc-indefinite-length.p12', 0],
    ['with certificates under RC2 of 40 bits, as macOS writes it', 'rc2-40-macos-form.p12', 1],
  ];
  for (const [name, file, chain] of cases) {
    test(name, async () => {
      const opened = await pkcs12(file);
      assert(opened.ok, JSON.stringify(opened));
      assert.equal(opened.value.chain.length, chain);
      const wrong = await pkcs12(file, 'other');
      assert.deepEqual(wrong, { ok: false, fault: { code: 'passphrase-wrong' } });
    });
  }
});

describe('PKCS#12 that is not supported is named, with the command that converts it', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['mac-sha224.p12', 'a MAC with SHA-224'],
    ['no-mac.p12', 'no MAC'],
  ];
  for (const [file, found] of cases) {
    test(found, async () => {
      const opened = await pkcs12(file);
      assert(!opened.ok);
      assert.deepEqual([opened.fault.code, opened.fault.found], ['pkcs12-unsupported', found]);
      assert.match(explain(opened.fault).next, /openssl pkcs12 -legacy -in OLD\.p12 -aes256 -out NEW\.pem/);
    });
  }
});

test('PKCS#12 under an empty passphrase is not protected', async () => {
  const opened = await pkcs12('empty-passphrase.p12', '');
  assert(!opened.ok);
  assert.deepEqual([opened.fault.code, opened.fault.rule], ['key-not-encrypted', 'passphrase-empty']);
});

test('a passphrase that is not text opens no PKCS#12, and is not said to be wrong', async () => {
  const file = read('rc2-40-macos-form.p12');
  const opened = await openSigner({ kind: 'pkcs12', file }, Buffer.from('päss', 'latin1'), now);
  assert(!opened.ok);
  assert.equal(opened.fault.code, 'passphrase-not-text');
});

test('PKCS#8 under DES is named, with the command that converts it', async () => {
  const opened = await pkcs8('p8-pbes2-des.pem', []);
  assert(!opened.ok);
  assert.deepEqual([opened.fault.code, opened.fault.found], ['key-unsupported', 'PBES2 with DES']);
  assert.match(explain(opened.fault).next, /openssl pkcs8 -topk8/);
});

test('PKCS#8 whose text begins with the digit 0 is PEM', async () => {
  const opened = await pkcs8('pem-text-begins-with-0.p8', []);
  assert(!opened.ok);
  assert.equal(opened.fault.code, 'key-certificate-mismatch'); // it was opened
});

test('a private key that signs for another public key than the one with it is refused', async () => {
  const opened = await pkcs8('ec-inconsistent.p8', certificatesOf('ec-inconsistent.crt'));
  assert(!opened.ok);
  assert.equal(opened.fault.code, 'key-inconsistent');
});

test('of certificates with one key the one in force is taken', async () => {
  const certificates = certificatesOf('renewed-certs-old-first.pem');
  for (const order of [certificates, certificates.toReversed()]) {
    const opened = await pkcs8('renewed-key.p8', order);
    assert(opened.ok, JSON.stringify(opened));
    assert.equal(opened.value.certificate.notBefore.getUTCFullYear(), 2025);
  }
});
