import { createPrivateKey, type KeyObject } from 'node:crypto';
import { decodeFile, foundInPem } from '../asn1/index.ts';
import { fault, ok, refuse, refused, type Fault, type Result } from '../faults/index.ts';
import { decrypt } from './decrypt.ts';
import { isFitForKeys, readEncryptedKey, WorkBudget, type Encryption } from './encryption-scheme.ts';
import { isPrivateKeyInfo, toKeyObject, unusable, type KeyObjectFaultCode } from './key-object.ts';

/** Why a private key cannot be used. */
export type PrivateKeyFaultCode =
  | 'key-unreadable'
  | 'key-unsupported'
  | 'key-not-encrypted'
  | 'passphrase-missing'
  | 'passphrase-wrong'
  | 'passphrase-not-text'
  | 'key-inconsistent'
  | 'runtime-lacks-algorithm';

type KeyResult = Result<KeyObject, PrivateKeyFaultCode>;

/**
 * Reads a private key: PKCS#8 in PEM or DER, encrypted (RFC 5958) if there is a passphrase, or one of OpenSSL's older
 * PEM forms. `mustBeEncrypted` refuses a key that is unencrypted, or encrypted under an empty passphrase. The
 * passphrase may be any bytes, but PKCS#12 schemes require UTF-8. The caller wipes it.
 */
export async function readPrivateKey(
  file: Uint8Array,
  passphrase: Uint8Array | undefined,
  { mustBeEncrypted = false } = {},
): Promise<KeyResult> {
  const found = findKey(file);
  try {
    if (found.kind === 'none') return refused(found.fault);
    if (found.kind === 'open' || found.kind === 'older-open') {
      if (mustBeEncrypted) return refuse('key-not-encrypted');
      return found.kind === 'open' ? toKeyObject(found.bytes) : readOlder(found.text);
    }
    if (!passphrase) return refuse('passphrase-missing');
    const key =
      found.kind === 'encrypted'
        ? await readEncrypted(found.encryption, passphrase, found.ciphertext)
        : readOlderEncrypted(found.text, passphrase);
    return key.ok && mustBeEncrypted && passphrase.length === 0
      ? refuse('key-not-encrypted', { rule: 'passphrase-empty' })
      : key;
  } finally {
    if (found.kind === 'open' && found.bytes !== file) found.bytes.fill(0);
  }
}

type FoundKey =
  | { readonly kind: 'none'; readonly fault: Fault<'key-unreadable' | 'key-unsupported'> }
  | { readonly kind: 'open'; readonly bytes: Uint8Array }
  | { readonly kind: 'encrypted'; readonly encryption: SupportedEncryption; readonly ciphertext: Uint8Array }
  | { readonly kind: 'older-open'; readonly text: string }
  | { readonly kind: 'older-encrypted'; readonly text: string };

type SupportedEncryption = Extract<Encryption, { kind: 'supported' }>;

/** The first private key of a file. */
function findKey(file: Uint8Array): FoundKey {
  const encoding = decodeFile(file);
  if (encoding.kind === 'der') return pkcs8Key(encoding.bytes);
  const block = encoding.blocks.find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (block?.label === 'PRIVATE KEY' || block?.label === 'ENCRYPTED PRIVATE KEY')
    return pkcs8Key(block.bytes);
  const older = olderForm.exec(encoding.text);
  if (!older) return { kind: 'none', fault: fault('key-unreadable', foundInPem(encoding.blocks)) };
  const [, isEncrypted, cipher = ''] = older;
  const text = encoding.text.slice(older.index);
  if (isEncrypted === undefined) return { kind: 'older-open', text };
  return olderCiphers.test(cipher) ? { kind: 'older-encrypted', text } : unsupported(cipher);
}

const olderForm =
  /-----BEGIN (?:RSA|EC) PRIVATE KEY-----\s+(Proc-Type: 4,ENCRYPTED(?:\s+DEK-Info: ([A-Za-z0-9-]{1,40}))?)?/;

/** Ciphers of OpenSSL's older form that work without its legacy provider. */
const olderCiphers = /^(?:AES-(?:128|192|256)-CBC|DES-EDE3-CBC)$/;

function pkcs8Key(bytes: Uint8Array): FoundKey {
  if (isPrivateKeyInfo(bytes)) return { kind: 'open', bytes };
  const encrypted = readEncryptedKey(bytes, new WorkBudget());
  if (!encrypted.ok) {
    const { rule } = encrypted.fault;
    return rule === 'kdf-iterations'
      ? { kind: 'none', fault: fault('key-unsupported', { rule }) }
      : { kind: 'none', fault: fault('key-unreadable', { because: encrypted.fault }) };
  }
  const { encryption, ciphertext } = encrypted.value;
  return isFitForKeys(encryption)
    ? { kind: 'encrypted', encryption, ciphertext }
    : unsupported(encryption.name);
}

function unsupported(found: string): FoundKey {
  return { kind: 'none', fault: fault('key-unsupported', { rule: 'pkcs8-encryption', found }) };
}

async function readEncrypted(
  encryption: SupportedEncryption,
  passphrase: Uint8Array,
  ciphertext: Uint8Array,
): Promise<KeyResult> {
  const clear = await decrypt(encryption, passphrase, ciphertext);
  if (!clear.ok) return clear;
  try {
    // The padding may hide a wrong passphrase, but the decrypted key is then nonsense.
    if (!isPrivateKeyInfo(clear.value)) return refuse('passphrase-wrong');
    return toKeyObject(clear.value);
  } finally {
    clear.value.fill(0);
  }
}

function readOlderEncrypted(text: string, passphrase: Uint8Array): KeyResult {
  const secret = Buffer.from(passphrase);
  const key = readOlder(text, secret);
  secret.fill(0);
  // OpenSSL only notices a wrong passphrase because the decrypted key is nonsense.
  return !key.ok && key.fault.code === 'key-unreadable' ? refuse('passphrase-wrong') : key;
}

function readOlder(text: string, passphrase?: Buffer): Result<KeyObject, KeyObjectFaultCode> {
  try {
    return ok(createPrivateKey({ key: text, format: 'pem', ...(passphrase && { passphrase }) }));
  } catch (error) {
    return unusable(error);
  }
}
