import {
  constants,
  createCipheriv,
  createDecipheriv,
  createECDH,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  hash,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { contextTag, decode, der, oids, tags, toText, type DerReader } from '../asn1/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import {
  curveOids,
  keyObject,
  opensslCurves,
  readHash,
  readName,
  writeHash,
  type Certificate,
  type Curve,
} from '../pki/index.ts';
import { keyWrap } from './key-wrap.ts';
import { issuerAndSerialNumber } from './sign.ts';

const allCurves = Object.keys(curveOids) as Curve[];
const nonceOctets = 12;
const tagOctets = 16;

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

const keyWrapAlgorithm = der.sequence(der.oid(oids.aes256Wrap));

/** KeyAgreeRecipientInfo (RFC 5652 section 6.2.2) with a fresh ephemeral key of the sender, without ukm. */
function keyAgreeRecipientInfo(
  contentKey: Buffer,
  recipient: RecipientCertificate,
  { curve, point }: { readonly curve: Curve; readonly point: Uint8Array },
): Uint8Array {
  const ecdh = createECDH(opensslCurves[curve]);
  const ephemeralPoint = ecdh.generateKeys();
  const wrappingKey = deriveWrappingKey(ecdh.computeSecret(point));
  const encryptedKey = keyWrap.wrap(wrappingKey, contentKey);
  const originatorKey = der.sequence(der.sequence(der.oid(oids.ecPublicKey)), der.bitString(ephemeralPoint));
  return der.implicit(
    1,
    der.sequence(
      der.integer(3),
      der.explicit(0, der.implicit(1, originatorKey)),
      der.sequence(der.oid(oids.dhSinglePassStdDhSha256Kdf), keyWrapAlgorithm),
      der.sequence(der.sequence(issuerAndSerialNumber(recipient), der.octetString(encryptedKey))),
    ),
  );
}

const sharedInfo = der.sequence(
  keyWrapAlgorithm,
  der.explicit(2, der.octetString(Uint8Array.of(0, 0, 1, 0))), // The wrapping key's length: 256 bits.
);

/** The X9.63 KDF with SHA-256 over ECC-CMS-SharedInfo (RFC 5753 section 7.2). One block yields all 256 bits. */
function deriveWrappingKey(sharedSecret: Buffer): KeyObject {
  const input = Buffer.concat([sharedSecret, Uint8Array.of(0, 0, 0, 1), sharedInfo]);
  const key = hash('sha256', input, 'buffer');
  const wrappingKey = createSecretKey(key);
  for (const bytes of [sharedSecret, input, key]) bytes.fill(0); // The key object has a copy.
  return wrappingKey;
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

type Recipient = {
  readonly issuerKey: string;
  readonly serialNumber: string;
  readonly encryptedKey: Uint8Array;
} & (
  | { readonly kind: 'transport' }
  | { readonly kind: 'agreement'; readonly ephemeralPoint: Uint8Array; readonly curve: Curve | undefined }
);

/** A parsed AuthEnvelopedData, still encrypted. */
export interface AuthEnvelopedData {
  readonly recipientInfo: Recipient;
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

function unwrapContentKey(info: Recipient, privateKey: KeyObject): Buffer | undefined {
  if (info.kind === 'transport') return privateDecrypt({ key: privateKey, ...oaep }, info.encryptedKey);
  const own = privateKey.asymmetricKeyDetails?.namedCurve;
  const curve = allCurves.find((name) => opensslCurves[name] === own);
  if (!curve || (info.curve !== undefined && info.curve !== curve)) return undefined;
  const algorithm = der.sequence(der.oid(oids.ecPublicKey), der.oid(curveOids[curve]));
  const spki = Buffer.from(der.sequence(algorithm, der.bitString(info.ephemeralPoint)));
  const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const wrappingKey = deriveWrappingKey(diffieHellman({ privateKey, publicKey }));
  return keyWrap.unwrap(wrappingKey, info.encryptedKey);
}

function readAuthEnvelopedData(reader: DerReader) {
  if (reader.smallInteger() !== 0) reader.fail('cms-version');
  const recipients = reader.setOf(readRecipientInfo);
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

/** GCMParameters (RFC 5084 section 3.2). ICVlen is present because the tag is longer than the default of 12. */
function readGcmParameters(reader: DerReader): Uint8Array {
  const nonce = reader.octetString();
  if (nonce.length !== nonceOctets) reader.fail('cms-nonce-length');
  if (reader.done || reader.smallInteger() !== tagOctets) reader.fail('cms-tag-length');
  return nonce;
}

function readRecipientInfo(reader: DerReader): Recipient {
  if (reader.nextTag === contextTag(1)) return reader.constructed(contextTag(1), readKeyAgreeRecipientInfo);
  return reader.sequence((inner) => {
    if (inner.smallInteger() !== 0) inner.fail('cms-version');
    const recipient = readIssuerAndSerialNumber(inner);
    inner.sequence(readOaepAlgorithm);
    return { kind: 'transport', ...recipient, encryptedKey: inner.octetString() };
  });
}

function readIssuerAndSerialNumber(reader: DerReader) {
  return reader.sequence((inner) => ({
    issuerKey: readName(inner).key,
    serialNumber: toText(inner.integerOctets(), 'hex'),
  }));
}

/** RSAES-OAEP-params (RFC 4055 section 4.1): SHA-256 named for both digests, and no label. */
function readOaepAlgorithm(reader: DerReader): void {
  if (reader.oid() !== oids.rsaesOaep) reader.fail('cms-algorithm');
  reader.sequence((inner) => {
    const hash = inner.optional(contextTag(0), () => inner.explicit(0, readHash));
    const mgfHash = inner.optional(contextTag(1), () =>
      inner.explicit(1, (mgf) =>
        mgf.sequence((identifier) => (identifier.oid() === oids.mgf1 ? readHash(identifier) : undefined)),
      ),
    );
    if (hash !== 'sha256' || mgfHash !== 'sha256') inner.fail('cms-algorithm');
    inner.optional(contextTag(2), () =>
      inner.explicit(2, (source) =>
        source.sequence((identifier) => {
          if (identifier.oid() !== oids.pSpecified || identifier.octetString().length > 0)
            source.fail('cms-algorithm');
        }),
      ),
    );
  });
}

function readKeyAgreeRecipientInfo(reader: DerReader): Recipient {
  if (reader.smallInteger() !== 3) reader.fail('cms-version');
  const originator = reader.explicit(0, (inner) => inner.constructed(contextTag(1), readOriginatorKey));
  reader.sequence((algorithm) => {
    if (algorithm.oid() !== oids.dhSinglePassStdDhSha256Kdf) algorithm.fail('cms-algorithm');
    algorithm.sequence((wrap) => {
      if (wrap.oid() !== oids.aes256Wrap) wrap.fail('cms-algorithm');
    });
  });
  const recipients = reader.sequenceOf((item) =>
    item.sequence((inner) => ({ ...readIssuerAndSerialNumber(inner), encryptedKey: inner.octetString() })),
  );
  const [recipient] = recipients;
  if (!recipient || recipients.length > 1) return reader.fail('cms-one-recipient');
  return { kind: 'agreement', ...originator, ...recipient };
}

/** OriginatorPublicKey. Its parameters are absent, NULL, or name the recipient's curve (RFC 5753 section 3.1.1). */
function readOriginatorKey(reader: DerReader) {
  const curveOid = reader.sequence((algorithm) => {
    if (algorithm.oid() !== oids.ecPublicKey) algorithm.fail('cms-algorithm');
    if (algorithm.nextTag === tags.null) algorithm.null();
    return algorithm.optional(tags.oid, () => algorithm.oid());
  });
  const curve = allCurves.find((name) => curveOids[name] === curveOid);
  if (curveOid !== undefined && !curve) reader.fail('cms-algorithm');
  const ephemeralPoint = reader.bitStringOctets();
  if (ephemeralPoint[0] !== 4) reader.fail('der-key'); // Points are always uncompressed here (RFC 5480 section 2.2).
  return { curve, ephemeralPoint };
}
