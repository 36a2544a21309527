import { fromBase64, fromHex, toBase64, toHex } from './bytes.ts';

// Signed notes: C2SP signed-note. A text, an empty line, and signature lines: `— NAME base64(key id || signature)`.

/** What notes need of cryptography. */
export interface NoteCrypto {
  sha256(bytes: Uint8Array): Uint8Array;
  /** Verifies an Ed25519 signature (RFC 8032). */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** Signature types of C2SP signed-note: Ed25519, and the timestamped Ed25519 cosignature of a witness. */
export const ed25519Type = 0x01;
export const cosignatureType = 0x04;

/** A key that verifies notes. */
export interface VerifierKey {
  /** A URL without scheme. It need not resolve. */
  readonly name: string;
  readonly type: number;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** A signature line. */
export interface NoteSignature {
  readonly name: string;
  /** 4 bytes in hex. */
  readonly keyId: string;
  /** What follows the key id. */
  readonly signature: Uint8Array;
}

/** A note as parsed. Nothing of it is verified yet. */
export interface Note {
  /** The signed text, with its last line feed. */
  readonly body: string;
  readonly signatures: readonly NoteSignature[];
}

/** The most characters of a note that are read. */
const mostLength = 65_536;
/** The most signature lines of a note that are read. */
const mostSignatures = 64;

const encoder = new TextEncoder();

/** The bytes of a note's text, as its signatures cover them. */
export function noteBody(body: string): Uint8Array {
  return encoder.encode(body);
}

const keyIds = new WeakMap<VerifierKey, string>();

/** The first 4 bytes of SHA-256(name || 0x0A || type || public key), in hex. Made once for each key. */
export function keyIdOf(key: VerifierKey, crypto: NoteCrypto): string {
  const known = keyIds.get(key);
  if (known !== undefined) return known;
  const { name, type, publicKey } = key;
  const id = toHex(
    crypto.sha256(joined(encoder.encode(`${name}\n`), Uint8Array.of(type), publicKey)).subarray(0, 4),
  );
  keyIds.set(key, id);
  return id;
}

/** A key as text: `name+hex(key id)+base64(type || public key)`. */
export function formatVerifierKey(key: VerifierKey, crypto: NoteCrypto): string {
  return `${key.name}+${keyIdOf(key, crypto)}+${toBase64(joined(Uint8Array.of(key.type), key.publicKey))}`;
}

/** Reads a key from its text, or returns undefined if it is malformed or its key id is wrong. */
export function parseVerifierKey(text: string, crypto: NoteCrypto): VerifierKey | undefined {
  const [name = '', keyId, ...rest] = text.split('+');
  // Base64 has plus signs too.
  const bytes = fromBase64(rest.join('+'));
  if (bytes?.length !== 33 || !isName(name)) return undefined;
  const key = { name, type: bytes[0] as number, publicKey: bytes.subarray(1) };
  return keyIdOf(key, crypto) === keyId ? key : undefined;
}

/** One signature line, with its line feed. */
export function signatureLine(key: VerifierKey, signature: Uint8Array, crypto: NoteCrypto): string {
  const keyId = fromHex(keyIdOf(key, crypto));
  return `\u2014 ${key.name} ${toBase64(joined(keyId, signature))}\n`;
}

/** A note as text. */
export function formatNote(body: string, signatureLines: readonly string[]): string {
  return `${body}\n${signatureLines.join('')}`;
}

/** Reads a note strictly. Undefined if it is malformed, or if it was decoded from bytes that are not UTF-8. */
export function parseNote(text: string): Note | undefined {
  if (text.length > mostLength || !text.isWellFormed() || /[\0-\x09\x0b-\x1f\x7f\ufffd]/.test(text))
    return undefined;
  const end = text.lastIndexOf('\n\n');
  if (end < 0 || !text.endsWith('\n')) return undefined;
  const lines = text.slice(end + 2, -1).split('\n');
  if (lines.length > mostSignatures) return undefined;
  const signatures = lines.map(parseSignature);
  if (!signatures.every((signature) => signature !== undefined)) return undefined;
  // Verifiers differ in which of two signatures of a key counts.
  const keys = new Set(signatures.map(({ name, keyId }) => `${name} ${keyId}`));
  if (keys.size < signatures.length) return undefined;
  return { body: text.slice(0, end + 1), signatures };
}

/** The signature of a note that claims to be of this key. */
export function signatureOf(note: Note, key: VerifierKey, crypto: NoteCrypto): Uint8Array | undefined {
  const keyId = keyIdOf(key, crypto);
  return note.signatures.find((one) => one.name === key.name && one.keyId === keyId)?.signature;
}

/** Whether this Ed25519 key signed a note. */
export function verifySignature(note: Note, key: VerifierKey, crypto: NoteCrypto): boolean {
  const signature = signatureOf(note, key, crypto);
  if (key.type !== ed25519Type || signature?.length !== 64) return false;
  return crypto.verifyEd25519(key.publicKey, noteBody(note.body), signature);
}

function parseSignature(line: string): NoteSignature | undefined {
  const [, name = '', encoded = ''] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? [];
  const bytes = fromBase64(encoded);
  if (!isName(name) || !bytes || bytes.length < 5) return undefined;
  return { name, keyId: toHex(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
}

/** Whether a name can be that of a key. Spaces, control characters and halves of characters cannot be seen in it. */
function isName(name: string): boolean {
  return /^[^\s+\p{Cc}]+$/u.test(name) && name.isWellFormed();
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
