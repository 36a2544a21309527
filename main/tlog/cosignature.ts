import {
  cosignatureType,
  noteBody,
  signatureLine,
  signatureOf,
  type Note,
  type NoteCrypto,
  type VerifierKey,
} from './note.ts';

// Cosignatures of witnesses: C2SP tlog-cosignature, Ed25519. A signature is the time (64 bits, big-endian) and an
// Ed25519 signature over the time and the note's text.

const timeBytes = 8;
const signatureBytes = 64;

/** The message of a cosignature. The time is in whole seconds since 1970. */
export function cosignedMessage(body: string, time: number): Uint8Array {
  return noteBody(`cosignature/v1\ntime ${time}\n${body}`);
}

/** The signature line of a witness under a checkpoint with this text, with its line feed. The key has `cosignatureType`. */
export function cosign(
  key: VerifierKey,
  body: string,
  time: number,
  sign: (message: Uint8Array) => Uint8Array,
  crypto: NoteCrypto,
): string {
  const bytes = new Uint8Array(timeBytes + signatureBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(time));
  bytes.set(sign(cosignedMessage(body, time)), timeBytes);
  return signatureLine(key, bytes, crypto);
}

/** When this witness cosigned the note, in seconds since 1970. Undefined if it did not. What the note says is not looked at. */
export function verifyCosignature(note: Note, key: VerifierKey, crypto: NoteCrypto): number | undefined {
  const bytes = signatureOf(note, key, crypto);
  if (key.type !== cosignatureType || bytes?.length !== timeBytes + signatureBytes) return undefined;
  const time = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0));
  if (!Number.isSafeInteger(time)) return undefined;
  const message = cosignedMessage(note.body, time);
  return crypto.verifyEd25519(key.publicKey, message, bytes.subarray(timeBytes)) ? time : undefined;
}
