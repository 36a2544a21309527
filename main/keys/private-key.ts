import { createPrivateKey, type KeyObject, type PrivateKeyInput } from 'node:crypto';
import { decode, decodePem, tags } from '../asn1/index.ts';
import { ok, refuse, refused, type Result, type Rule } from '../faults/index.ts';
import { runtimeLack } from '../pki/index.ts';
import { checkEncryption } from './password-based.ts';

/** Why a private key cannot be used. */
export type PrivateKeyFaultCode =
  | 'key-unreadable'
  | 'key-not-encrypted'
  | 'passphrase-missing'
  | 'passphrase-wrong'
  | 'runtime-lacks-algorithm';

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
  const { isEncrypted, unreadable, input } = encoded;
  if (isEncrypted && !passphrase) return refuse('passphrase-missing');
  if (!isEncrypted && mustBeEncrypted) return refuse('key-not-encrypted');
  if (unreadable) return refuse('key-unreadable', { rule: unreadable });
  const secret = isEncrypted && passphrase ? { passphrase: Buffer.from(passphrase) } : {};
  try {
    return ok(createPrivateKey({ ...input, ...secret }));
  } catch (error) {
    const lack = runtimeLack(error);
    if (lack) return refused(lack);
    // OpenSSL finds a wrong passphrase only by the nonsense that it makes of the key.
    return refuse(isEncrypted ? 'passphrase-wrong' : 'key-unreadable');
  } finally {
    secret.passphrase?.fill(0);
  }
}

interface EncodedKey {
  readonly isEncrypted: boolean;
  /** Why an encrypted PKCS#8 key is not to be decrypted. */
  readonly unreadable?: Rule;
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
  const input = { key: Buffer.from(bytes), format: 'der', type: 'pkcs8' } as const;
  const open = decode(bytes, (reader) =>
    reader.sequence((inner) => {
      inner.smallInteger();
      inner.element(tags.sequence);
      inner.octetString();
      inner.rest((attributes) => attributes.element());
    }),
  );
  if (open.ok) return { isEncrypted: false, input };
  const encrypted = decode(bytes, (reader) =>
    reader.sequence((inner) => {
      const algorithm = inner.element(tags.sequence).bytes;
      inner.octetString();
      return decode(algorithm, checkEncryption);
    }),
  );
  if (!encrypted.ok) return undefined;
  const { value } = encrypted;
  return { isEncrypted: true, input, ...(!value.ok && value.fault.rule && { unreadable: value.fault.rule }) };
}
