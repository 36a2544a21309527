import { createDecipheriv, randomBytes, type KeyObject } from 'node:crypto';
import {
  BerReader,
  contentsStart,
  contextTag,
  decodePemInPlace,
  der,
  DerError,
  isPemOf,
  oids,
  tags,
  toText,
} from '../asn1/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { readGcmParameters, tagOctets } from './auth-enveloped-data.ts';
import { readRecipientInfo, unwrapContentKey, type RecipientInfo } from './recipient-info.ts';

/** A file that is encrypted to one key, as `parseEncryptedFile` reads it. */
export interface EncryptedFile {
  readonly recipientInfo: RecipientInfo;
  readonly cipher: GcmCipher;
  readonly nonce: Uint8Array;
  /** A view of the file. */
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

interface GcmCipher {
  readonly name: 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm';
  readonly keyOctets: number;
}

const ciphers: ReadonlyMap<string, GcmCipher> = new Map([
  [oids.aes128Gcm, { name: 'aes-128-gcm', keyOctets: 16 }],
  [oids.aes192Gcm, { name: 'aes-192-gcm', keyOctets: 24 }],
  [oids.aes256Gcm, { name: 'aes-256-gcm', keyOctets: 32 }],
]);

/** The label of CMS in PEM (RFC 7468 section 9). */
const label = 'CMS';

const encryptedTypes = [oids.authEnvelopedData, oids.envelopedData].map((type) => der.oid(type));

/** Whether a file, by its first 100 bytes, is CMS that is encrypted to someone, in DER, BER or PEM. */
export function isEncryptedFile(start: Uint8Array): boolean {
  const bytes = isPemOf(label, start) ? firstLineOf(start) : start;
  const contents = contentsStart(bytes);
  return (
    bytes[0] === tags.sequence &&
    encryptedTypes.some((type) => Buffer.compare(type, contents.subarray(0, type.length)) === 0)
  );
}

/** What the first line of base64 of a PEM file holds. */
function firstLineOf(pem: Uint8Array): Uint8Array {
  const [, line = ''] = toText(pem.subarray(0, 100), 'latin1').split('\n');
  return Buffer.from(line, 'base64');
}

/**
 * Reads a file that `openssl cms -encrypt` makes with AES in GCM: AuthEnvelopedData (RFC 5083, RFC 5084) for one
 * recipient, in DER, in BER as `-stream` writes it, or in PEM. Needs no key. The result consists of views of the
 * file, whose bytes this moves together. Only PEM is copied, once, as text that is still encrypted.
 *
 * The file must be what OpenSSL writes: version 0, a recipient by issuer and serial number, a nonce of 12 bytes, a full
 * tag, no attributes, nothing after the end. Refuses anything else, such as EnvelopedData with AES in CBC, with
 * `der-unexpected`.
 */
export function parseEncryptedFile(file: Buffer): Result<EncryptedFile, 'der-unexpected'> {
  try {
    const reader = new BerReader(isPemOf(label, file) ? decodePemInPlace(label, file) : file);
    const message = reader.sequence(() => {
      reader.value((type) => {
        if (type.oid() !== oids.authEnvelopedData) type.fail('cms-not-auth-enveloped-data');
      });
      return reader.constructed(contextTag(0), () => reader.sequence(() => readMessage(reader)));
    });
    reader.end();
    return ok(message);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return refuse('der-unexpected', { rule: error.rule, where: { offset: error.offset } });
  }
}

/** AuthEnvelopedData (RFC 5083 section 2.1). */
function readMessage(reader: BerReader): EncryptedFile {
  reader.value((version) => {
    if (version.smallInteger() !== 0) version.fail('cms-version');
  });
  const recipientInfo = reader.constructed(tags.set, () => {
    const info = reader.value(readRecipientInfo);
    return reader.done ? info : reader.fail('cms-one-recipient');
  });
  const encrypted = reader.sequence(() => {
    reader.value((type) => {
      if (type.oid() !== oids.data) type.fail('cms-content-type');
    });
    const algorithm = reader.value((identifier) =>
      identifier.sequence((inner) => ({
        cipher: ciphers.get(inner.oid()) ?? inner.fail('cms-algorithm'),
        nonce: inner.sequence(readGcmParameters),
      })),
    );
    return { ...algorithm, ciphertext: reader.joinedOctets(0) };
  });
  const tag = reader.value((mac) => mac.octetString());
  if (tag.length !== tagOctets) reader.fail('cms-tag-length');
  if (reader.nextTag !== undefined) reader.fail('cms-unsigned-attributes');
  return { recipientInfo, ...encrypted, tag };
}

/** How much is decrypted at a time, so that little plaintext is outside of the file's own memory. */
const pieceSize = 64 * 1024;

/**
 * Decrypts a file in its own memory: the result is `ciphertext`, which holds the plaintext from then on. The caller wipes
 * it. If the tag does not hold, nothing of the plaintext is left.
 *
 * Refuses with `cms-undecryptable` and no reason, because a reason would help an attacker who sends changed files.
 */
export function decryptFile(
  { recipientInfo, cipher, nonce, ciphertext, tag }: EncryptedFile,
  privateKey: KeyObject,
): Result<Buffer, 'cms-undecryptable'> {
  const contentKey = contentKeyOr(randomBytes(cipher.keyOctets), recipientInfo, privateKey);
  try {
    const decipher = createDecipheriv(cipher.name, contentKey, nonce, { authTagLength: tagOctets });
    decipher.setAuthTag(tag);
    for (let at = 0; at < ciphertext.length; at += pieceSize) {
      const piece = decipher.update(ciphertext.subarray(at, at + pieceSize));
      ciphertext.set(piece, at);
      piece.fill(0);
    }
    decipher.final();
    return ok(Buffer.from(ciphertext.buffer, ciphertext.byteOffset, ciphertext.length));
  } catch {
    ciphertext.fill(0);
    return refuse('cms-undecryptable', { rule: 'cms-decryption' });
  } finally {
    contentKey.fill(0);
  }
}

/**
 * The content key, or else the given random one (RFC 3218 section 2.3.2). A wrong padding of the key then takes as long
 * as a wrong tag and looks the same, so that no file reveals another file's key. OpenSSL does so for PKCS#1 padding too,
 * with a key of random length, but BoringSSL does not.
 */
function contentKeyOr(random: Buffer, recipientInfo: RecipientInfo, privateKey: KeyObject): Buffer {
  let contentKey: Buffer | undefined;
  try {
    contentKey = unwrapContentKey(recipientInfo, privateKey);
  } catch {
    return random;
  }
  if (contentKey?.length === random.length) return contentKey;
  contentKey?.fill(0);
  return random;
}
