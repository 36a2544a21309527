import type { KeyObject } from 'node:crypto';
import { contentsStart, der } from '../asn1/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { readPkcs12, type Pkcs12FaultCode } from './pkcs12.ts';
import { readPrivateKey, type PrivateKeyFaultCode } from './private-key.ts';

/** PKCS#12 begins with this version (RFC 7292 section 4). PKCS#8 has lower versions, or begins with a SEQUENCE. */
const pkcs12Version = der.integer(3);

/**
 * The private key of a PKCS#12 or PKCS#8 file, without blocking the process. Like `openSigner`, refuses a key that is not
 * protected in its file. The caller wipes file and passphrase.
 */
export async function readProtectedKey(
  file: Uint8Array,
  passphrase: Uint8Array | undefined,
): Promise<Result<KeyObject, PrivateKeyFaultCode | Pkcs12FaultCode>> {
  const start = contentsStart(file).subarray(0, pkcs12Version.length);
  if (Buffer.compare(start, pkcs12Version) !== 0)
    return readPrivateKey(file, passphrase, { mustBeEncrypted: true });
  if (!passphrase) return refuse('passphrase-missing');
  const opened = await readPkcs12(file, passphrase);
  return opened.ok ? ok(opened.value.key) : opened;
}
