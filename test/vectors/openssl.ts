import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePem } from '../../main/asn1/index.ts';
import type { KeyPair } from '../../main/lab/index.ts';
import type { Certificate } from '../../main/pki/index.ts';

/** Runs `openssl` in a fresh folder with these files, and returns the file `out`. */
function openssl(args: readonly string[], files: Readonly<Record<string, Uint8Array | string>>): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'vectors-'));
  try {
    for (const [name, contents] of Object.entries(files)) writeFileSync(join(folder, name), contents);
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    return readFileSync(join(folder, 'out'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function pem(...certificates: readonly Certificate[]): string {
  return certificates.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
}

/** Signs with OpenSSL as a bundle is signed. `options` come after those that a bundle needs, except `-cades`. */
export function opensslSign(
  content: string,
  signer: KeyPair,
  chain: readonly Certificate[],
  options: readonly string[],
): Buffer {
  return openssl(
    [
      ...['cms', '-sign', '-binary', '-nodetach', '-md', 'sha256', '-in', 'content', '-out', 'out'],
      ...['-signer', 'signer.crt', '-inkey', 'signer.key', '-certfile', 'chain.crt', '-outform', 'DER'],
      ...options,
    ],
    {
      content,
      'signer.crt': pem(signer.certificate),
      'signer.key': signer.key.export({ format: 'pem', type: 'pkcs8' }),
      'chain.crt': pem(...chain),
    },
  );
}

/** Encrypts to a certificate with OpenSSL. */
export function opensslSeal(
  plaintext: string,
  recipient: Certificate,
  cipher: string,
  options: readonly string[],
): Buffer {
  return openssl(
    [
      ...['cms', '-encrypt', '-binary', `-${cipher}`, '-in', 'plaintext', '-out', 'out', '-outform', 'DER'],
      ...['-recip', 'recipient.crt', ...options],
    ],
    { plaintext, 'recipient.crt': pem(recipient) },
  );
}
