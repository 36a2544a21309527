/** Files that OpenSSL encrypts, as a preparer does it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCertificates } from '../../main/cms/index.ts';
import type { KeyPair } from '../../main/lab/index.ts';
import { pem, temporaryFolder } from './enb.ts';

/** What `openssl cms -encrypt` makes of some contents. `options` come after the recipient, and override these. */
export function encryptedByOpenssl(
  { certificate }: Pick<KeyPair, 'certificate'>,
  contents: string | Uint8Array,
  options: readonly string[] = ['-aes-256-gcm'],
): Buffer {
  const recipient = join(temporaryFolder(), 'recipient.pem');
  writeFileSync(recipient, pem(certificate));
  const args = ['cms', '-encrypt', '-binary', '-outform', 'DER', '-recip', recipient, ...options];
  return execFileSync('openssl', args, { input: contents });
}

/** A key on this curve, with a certificate, as OpenSSL makes them. */
export function pairByOpenssl(curve: string): KeyPair {
  const folder = temporaryFolder();
  const [keyFile, certificateFile] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${curve}`, '-nodes'];
  execFileSync('openssl', [...args, '-subj', '/CN=Preparer', '-keyout', keyFile, '-out', certificateFile], {
    stdio: 'ignore',
  });
  const certificates = parseCertificates(readFileSync(certificateFile));
  assert(certificates.ok);
  const [certificate] = certificates.value;
  assert(certificate);
  return { key: createPrivateKey(readFileSync(keyFile)), certificate };
}
