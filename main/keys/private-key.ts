import { createPrivateKey, type KeyObject } from 'node:crypto';
import { decodePem, tags } from '../asn1/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';

export type PrivateKeyFaultCode =
  'key-unreadable' | 'key-not-encrypted' | 'passphrase-missing' | 'passphrase-wrong';

/**
 * Reads a private key: PKCS#8 in PEM or DER, encrypted (RFC 5958) when there is a passphrase, or one of OpenSSL's older
 * PEM forms. `mustBeEncrypted` refuses a key that lies open in its file. The passphrase is UTF-8; the caller wipes it.
 */
export function readPrivateKey(
  file: Uint8Array,
  passphrase: Uint8Array | undefined,
  { mustBeEncrypted = false } = {},
): Result<KeyObject, PrivateKeyFaultCode> {
  const encoding = keyEncoding(file);
  if (!encoding) return refuse('key-unreadable');
  if (encoding.isEncrypted && !passphrase) return refuse('passphrase-missing');
  if (!encoding.isEncrypted && mustBeEncrypted) return refuse('key-not-encrypted');
  const secret = encoding.isEncrypted && passphrase ? { passphrase: Buffer.from(passphrase) } : {};
  try {
    return ok(
      encoding.isPem
        ? createPrivateKey({ key: Buffer.from(file), format: 'pem', ...secret })
        : createPrivateKey({ key: Buffer.from(file), format: 'der', type: 'pkcs8', ...secret }),
    );
  } catch {
    // OpenSSL finds a wrong passphrase only by the nonsense that it makes of the key.
    return refuse(encoding.isEncrypted ? 'passphrase-wrong' : 'key-unreadable');
  } finally {
    secret.passphrase?.fill(0);
  }
}

function keyEncoding(
  file: Uint8Array,
): { readonly isPem: boolean; readonly isEncrypted: boolean } | undefined {
  if (file[0] === tags.sequence) {
    // PrivateKeyInfo begins with its version, an INTEGER; EncryptedPrivateKeyInfo with a SEQUENCE.
    const headerOctets = (file[1] ?? 0) > 0x80 ? 2 + ((file[1] ?? 0) & 0x7f) : 2;
    return { isPem: false, isEncrypted: file[headerOctets] === tags.sequence };
  }
  const text = Buffer.from(file).toString('latin1');
  const isLegacyEncrypted = /Proc-Type: 4,ENCRYPTED/.test(text);
  if (isLegacyEncrypted) return { isPem: true, isEncrypted: true };
  const label = decodePem(text).find((block) => block.label.endsWith('PRIVATE KEY'))?.label;
  return label === undefined ? undefined : { isPem: true, isEncrypted: label.startsWith('ENCRYPTED') };
}
