import {
  constants,
  createCipheriv,
  createDecipheriv,
  createECDH,
  createSecretKey,
  publicEncrypt,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { contextTag, decode, der, oids, type DerReader } from '../asn1/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { keyObject, opensslCurves, writeHash, type Certificate, type Curve } from '../pki/index.ts';
import { agreementScheme, deriveWrappingKey } from './key-agreement.ts';
import { keyWrap } from './key-wrap.ts';
import { readRecipientInfo, unwrapContentKey, type RecipientInfo } from './recipient-info.ts';
import { issuerAndSerialNumber } from './sign.ts';

const nonceOctets = 12;
/** The length of a full tag of AES-GCM. */
export const tagOctets = 16;

/** The parts of a certificate that encryption to it needs. */
export type RecipientCertificate = Pick<Certificate, 'issuer' | 'serialNumber' | 'publicKey'>;

/**
 * Encrypts to one certificate: AuthEnvelopedData (RFC 5083, 5084) with AES-256-GCM. Depending on the recipient's key,
 * ECDH ephemeral-static (RFC 5753) agrees on the content key or RSA-OAEP (RFC 3560) transports it. Throws for a key of
 * another kind: call `checkEnbKey` first.
 */
export function sealAuthEnvelopedData(plaintext: Uint8Array, recipient: RecipientCertificate): Uint8Array {
  // In one call, because most of its time is the call itself.
  const random = randomBytes(32 + nonceOctets);
  const contentKey = random.subarray(0, 32);
  try {
    const nonce = random.subarray(32);
    const key = createSecretKey(contentKey);
    const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagOctets });
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    const gcmParameters = der.sequence(der.octetString(nonce), der.integer(tagOctets));
    const authEnvelopedData = der.sequence(
      der.integer(0),
      der.setOf([recipientInfo(contentKey, recipient)]),
      der.sequence(
        der.oid(oids.data),
        der.sequence(der.oid(oids.aes256Gcm), gcmParameters),
        der.implicit(0, der.octetString(ciphertext)),
      ),
      der.octetString(cipher.getAuthTag()),
    );
    return der.sequence(der.oid(oids.authEnvelopedData), der.explicit(0, authEnvelopedData));
  } finally {
    contentKey.fill(0);
  }
}

function recipientInfo(contentKey: Buffer, recipient: RecipientCertificate): Uint8Array {
  const { publicKey } = recipient;
  if (publicKey.kind === 'ec') return keyAgreeRecipientInfo(contentKey, recipient, publicKey);
  if (publicKey.kind === 'rsa') return keyTransRecipientInfo(contentKey, recipient);
  throw new Error('Only RSA and EC keys can receive a bundle');
}

const agreement = agreementScheme('sha256', oids.aes256Wrap);

/** KeyAgreeRecipientInfo (RFC 5652 section 6.2.2) with a fresh ephemeral key of the sender, without ukm. */
function keyAgreeRecipientInfo(
  contentKey: Buffer,
  recipient: RecipientCertificate,
  { curve, point }: { readonly curve: Curve; readonly point: Uint8Array },
): Uint8Array {
  const ecdh = createECDH(opensslCurves[curve]);
  const ephemeralPoint = ecdh.generateKeys();
  const wrappingKey = deriveWrappingKey(ecdh.computeSecret(point), agreement);
  const encryptedKey = keyWrap.wrap(wrappingKey, contentKey);
  const originatorKey = der.sequence(der.sequence(der.oid(oids.ecPublicKey)), der.bitString(ephemeralPoint));
  return der.implicit(
    1,
    der.sequence(
      der.integer(3),
      der.explicit(0, der.implicit(1, originatorKey)),
      der.sequence(der.oid(oids.dhSinglePassStdDhSha256Kdf), agreement.wrapAlgorithm),
      der.sequence(der.sequence(issuerAndSerialNumber(recipient), der.octetString(encryptedKey))),
    ),
  );
}

const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' } as const;
const oaepAlgorithm = der.sequence(
  der.oid(oids.rsaesOaep),
  der.sequence(
    der.explicit(0, writeHash('sha256')),
    der.explicit(1, der.sequence(der.oid(oids.mgf1), writeHash('sha256'))),
  ),
);

/** KeyTransRecipientInfo (RFC 5652 section 6.2.1). */
function keyTransRecipientInfo(contentKey: Buffer, recipient: RecipientCertificate): Uint8Array {
  return der.sequence(
    der.integer(0),
    issuerAndSerialNumber(recipient),
    oaepAlgorithm,
    der.octetString(publicEncrypt({ key: keyObject(recipient.publicKey), ...oaep }, contentKey)),
  );
}

/** A parsed AuthEnvelopedData, still encrypted. */
export interface AuthEnvelopedData {
  readonly recipientInfo: RecipientInfo;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

/**
 * Reads what `sealAuthEnvelopedData` makes, and the same form from other programs: DER, version 0, one recipient by
 * issuer and serial number, AES-256-GCM with a 12-byte nonce and a full 16-byte tag, no attributes. This is everything
 * that can be checked without the recipient's key.
 *
 * Every refusal is `cms-undecryptable`. `recipient` may be absent if only the key is available.
 */
export function parseAuthEnvelopedData(
  bytes: Uint8Array,
  recipient: Certificate | undefined,
): Result<AuthEnvelopedData, 'cms-undecryptable'> {
  const parsed = decode(bytes, (reader) =>
    reader.sequence((contentInfo) => {
      if (contentInfo.oid() !== oids.authEnvelopedData) contentInfo.fail('cms-not-auth-enveloped-data');
      return contentInfo.explicit(0, (inner) => inner.sequence(readAuthEnvelopedData));
    }),
  );
  if (!parsed.ok) return refuse('cms-undecryptable', { because: parsed.fault });
  const { recipientInfo } = parsed.value;
  const isFor =
    !recipient ||
    (recipientInfo.issuerKey === recipient.issuer.key &&
      recipientInfo.serialNumber === recipient.serialNumber);
  return isFor ? parsed : refuse('cms-undecryptable', { rule: 'cms-another-recipient' });
}

/**
 * Decrypts the result of `parseAuthEnvelopedData`. Releases no byte before the tag verifies. A failed decryption gives
 * no further reason.
 */
export function openAuthEnvelopedData(
  bytes: Uint8Array,
  privateKey: KeyObject,
  recipient: Certificate | undefined,
): Result<Buffer, 'cms-undecryptable'> {
  const undecryptable = refuse('cms-undecryptable', { rule: 'cms-decryption' });
  const parsed = parseAuthEnvelopedData(bytes, recipient);
  if (!parsed.ok) return parsed;
  const { recipientInfo, nonce, ciphertext, tag } = parsed.value;
  let contentKey: Buffer | undefined;
  try {
    contentKey = unwrapContentKey(recipientInfo, privateKey);
    if (contentKey?.length !== 32) return undecryptable;
    const decipher = createDecipheriv('aes-256-gcm', contentKey, nonce, { authTagLength: tagOctets });
    decipher.setAuthTag(tag);
    const plaintext = decipher.update(ciphertext);
    try {
      decipher.final();
    } catch (error) {
      plaintext.fill(0);
      throw error;
    }
    return ok(plaintext);
  } catch {
    return undecryptable;
  } finally {
    contentKey?.fill(0);
  }
}

function readAuthEnvelopedData(reader: DerReader) {
  if (reader.smallInteger() !== 0) reader.fail('cms-version');
  const recipients = reader.setOf(readOwnRecipientInfo);
  const [recipientInfo] = recipients;
  if (!recipientInfo || recipients.length > 1) return reader.fail('cms-one-recipient');
  const encrypted = reader.sequence((content) => {
    if (content.oid() !== oids.data) content.fail('cms-content-type');
    const nonce = content.sequence((algorithm) => {
      if (algorithm.oid() !== oids.aes256Gcm) algorithm.fail('cms-algorithm');
      return algorithm.sequence(readGcmParameters);
    });
    return { nonce, ciphertext: content.octetString(contextTag(0, 'primitive')) };
  });
  const tag = reader.octetString();
  if (tag.length !== tagOctets) reader.fail('cms-tag-length');
  if (!reader.done) reader.fail('cms-unsigned-attributes');
  return { recipientInfo, ...encrypted, tag };
}

/** Reads a RecipientInfo with the algorithms that `sealAuthEnvelopedData` uses, and no others. */
function readOwnRecipientInfo(reader: DerReader): RecipientInfo {
  const { offset } = reader;
  const info = readRecipientInfo(reader);
  const isOwn =
    info.kind === 'transport'
      ? info.padding === 'oaep-sha256'
      : info.scheme.hash === 'sha256' && info.scheme.keyOctets === 32;
  return isOwn ? info : reader.fail('cms-algorithm', offset);
}

/** GCMParameters (RFC 5084 section 3.2). ICVlen is present because the tag is longer than the default of 12. */
export function readGcmParameters(reader: DerReader): Uint8Array {
  const nonce = reader.octetString();
  if (nonce.length !== nonceOctets) reader.fail('cms-nonce-length');
  if (reader.done || reader.smallInteger() !== tagOctets) reader.fail('cms-tag-length');
  return nonce;
}
