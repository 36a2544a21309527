import { createPrivateKey, type KeyObject, type PrivateKeyInput } from 'node:crypto';
import { decode, decodePem, oids, tags } from '../asn1/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';

/** Why a private key cannot be used. */
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
  const encoded = findKey(file);
  if (!encoded) return refuse('key-unreadable');
  const { isEncrypted, scheme, input } = encoded;
  if (isEncrypted && !passphrase) return refuse('passphrase-missing');
  if (!isEncrypted && mustBeEncrypted) return refuse('key-not-encrypted');
  if (isEncrypted && scheme !== undefined && !knownSchemes.has(scheme))
    return refuse('key-unreadable', { rule: 'pkcs8-encryption', found: scheme });
  const secret = isEncrypted && passphrase ? { passphrase: Buffer.from(passphrase) } : {};
  try {
    return ok(createPrivateKey({ ...input, ...secret }));
  } catch {
    // OpenSSL finds a wrong passphrase only by the nonsense that it makes of the key.
    return refuse(isEncrypted ? 'passphrase-wrong' : 'key-unreadable');
  } finally {
    secret.passphrase?.fill(0);
  }
}

/** How a key may be encrypted: with what OpenSSL has without its provider for legacy algorithms. */
const knownSchemes: ReadonlySet<string> = new Set([oids.pbes2, oids.pbeWithSha1And3KeyTripleDesCbc]);

interface EncodedKey {
  readonly isEncrypted: boolean;
  /** The dotted OID of the encryption of an encrypted PKCS#8 key. */
  readonly scheme?: string;
  readonly input: PrivateKeyInput;
}

/** The first private key of a file, undefined when there is none. */
function findKey(file: Uint8Array): EncodedKey | undefined {
  if (file[0] === tags.sequence) return pkcs8Key(file);
  const text = Buffer.from(file).toString('latin1');
  const block = decodePem(text).find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (block?.label === 'PRIVATE KEY' || block?.label === 'ENCRYPTED PRIVATE KEY')
    return pkcs8Key(block.bytes);
  const older = /-----BEGIN (?:RSA|EC) PRIVATE KEY-----\s+(Proc-Type: 4,ENCRYPTED)?/.exec(text);
  if (!older) return undefined;
  return { isEncrypted: older[1] !== undefined, input: { key: text.slice(older.index), format: 'pem' } };
}

/** PrivateKeyInfo, which begins with its version, or EncryptedPrivateKeyInfo, which does not (RFC 5958). */
function pkcs8Key(bytes: Uint8Array): EncodedKey | undefined {
  const key = decode(bytes, (reader) =>
    reader.sequence((inner) => {
      const version = inner.optional(tags.integer, () => inner.smallInteger());
      const algorithm = inner.sequence((identifier) => {
        const oid = identifier.oid();
        identifier.rest((parameters) => parameters.element());
        return oid;
      });
      inner.octetString();
      if (version !== undefined) inner.rest((attributes) => attributes.element());
      return version === undefined ? { isEncrypted: true, scheme: algorithm } : { isEncrypted: false };
    }),
  );
  if (!key.ok) return undefined;
  return {
    ...key.value,
    input: { key: Buffer.from(bytes), format: 'der', type: 'pkcs8' },
  };
}
