/**
 * CMS messages put together part by part, so that one part can be wrong while all the others, signatures and tags
 * included, are right. Shares no code with main/cms/, but for the key wrap where the runtime has none.
 */
import {
  createCipheriv,
  createECDH,
  createHash,
  createPublicKey,
  createSecretKey,
  getCiphers,
  publicEncrypt,
  randomBytes,
  sign,
  constants,
  type KeyObject,
} from 'node:crypto';
import { der, oids } from '../../../main/asn1/index.ts';
import { ownKeyWrap } from '../../../main/cms/key-wrap.ts';
import type { KeyPair } from '../../../main/lab/index.ts';
import type { Certificate } from '../../../main/pki/index.ts';

/** Object identifiers of what the format of bundles refuses. */
export const refusedOids = {
  envelopedData: '1.2.840.113549.1.7.3',
  digestedData: '1.2.840.113549.1.7.5',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signatureTimeStamp: '1.2.840.113549.1.9.16.2.14',
  contentHint: '1.2.840.113549.1.9.16.2.4',
  aes128Gcm: '2.16.840.1.101.3.4.1.6',
  aes256Ccm: '2.16.840.1.101.3.4.1.47',
  aes128Wrap: '2.16.840.1.101.3.4.1.5',
  dhSinglePassStdDhSha1Kdf: '1.3.133.16.840.63.0.2',
  dhSinglePassStdDhSha384Kdf: '1.3.132.1.11.2',
} as const;

export const algorithm = (oid: string, ...parameters: readonly Uint8Array[]) =>
  der.sequence(der.oid(oid), ...parameters);
export const sha1 = algorithm(oids.sha1);
export const sha256 = algorithm(oids.sha256);
export const sha384 = algorithm(oids.sha384);
export const sha512 = algorithm(oids.sha512);

export function digest(hash: string, octets: Uint8Array): Uint8Array {
  return createHash(hash).update(octets).digest();
}

export const attribute = (type: string, ...values: readonly Uint8Array[]) =>
  der.sequence(der.oid(type), der.setOf(values));

export const contentType = attribute(oids.contentType, der.oid(oids.data));
export const messageDigest = (content: Uint8Array, hash = 'sha256') =>
  attribute(oids.messageDigest, der.octetString(digest(hash, content)));
export const signingTime = attribute(oids.signingTime, der.time(new Date('2026-11-10T09:30:00Z')));

/** SigningCertificateV2 (RFC 5035) over these ESSCertIDv2. */
export const signingCertificateV2 = (...ids: readonly Uint8Array[]) =>
  attribute(oids.signingCertificateV2, der.sequence(der.sequence(...ids)));
export const essCertIdV2 = (certificate: Certificate) =>
  der.sequence(der.octetString(digest('sha256', certificate.der)));

export const issuerAndSerialNumber = ({ issuer, serialNumber }: Certificate) =>
  der.sequence(issuer.der, der.element(0x02, Buffer.from(serialNumber, 'hex')));

export const content = Buffer.from('{"format":"an example"}');

/** The parts of a SignedData that a test may choose; the others are as they should be. */
export interface SignedParts {
  readonly type?: string;
  readonly version?: number;
  readonly digestAlgorithms?: readonly Uint8Array[];
  readonly contentType?: string;
  /** Null: no eContent, a detached signature. */
  readonly content?: Uint8Array | null;
  /** The content as an element of another encoding. */
  readonly eContent?: Uint8Array;
  readonly certificates?: readonly Uint8Array[];
  readonly crls?: readonly Uint8Array[];
  readonly signerInfos?: readonly Uint8Array[];
  readonly after?: readonly Uint8Array[];
}

export function signedData(signer: KeyPair, parts: SignedParts = {}): Uint8Array {
  const { certificates = [signer.certificate.der], crls = [] } = parts;
  const octets = parts.content === undefined ? content : parts.content;
  return der.sequence(
    der.oid(parts.type ?? oids.signedData),
    der.explicit(
      0,
      der.sequence(
        der.integer(parts.version ?? 1),
        der.setOf(parts.digestAlgorithms ?? [sha256]),
        der.sequence(
          der.oid(parts.contentType ?? oids.data),
          ...(octets ? [der.explicit(0, parts.eContent ?? der.octetString(octets))] : []),
        ),
        ...(certificates.length > 0 ? [der.setOf(certificates, 0xa0)] : []),
        ...(crls.length > 0 ? [der.setOf(crls, 0xa1)] : []),
        der.setOf(parts.signerInfos ?? [signerInfo(signer)]),
        ...(parts.after ?? []),
      ),
    ),
  );
}

export interface SignerParts {
  readonly version?: number;
  readonly identifier?: Uint8Array;
  readonly digestAlgorithm?: Uint8Array;
  /** Null: no signed attributes; the signature is then over the content. */
  readonly attributes?: readonly Uint8Array[] | null;
  /** Puts the attributes in this order instead of that of DER. */
  readonly unsorted?: boolean;
  readonly signatureAlgorithm?: Uint8Array;
  readonly sign?: (key: KeyObject, octets: Uint8Array) => Uint8Array;
  readonly unsignedAttributes?: readonly Uint8Array[];
}

export function goodAttributes({ certificate }: KeyPair, hash = 'sha256'): readonly Uint8Array[] {
  return [
    contentType,
    messageDigest(content, hash),
    signingTime,
    signingCertificateV2(essCertIdV2(certificate)),
  ];
}

/** A SignerInfo, with ECDSA and SHA-256 unless told otherwise. */
export function signerInfo(signer: KeyPair, parts: SignerParts = {}): Uint8Array {
  const { attributes = goodAttributes(signer), unsorted = false } = parts;
  const make = parts.sign ?? ((key, octets) => sign('sha256', octets, key));
  const set = attributes && (unsorted ? der.element(0x31, ...attributes) : der.setOf(attributes));
  return der.sequence(
    der.integer(parts.version ?? 1),
    parts.identifier ?? issuerAndSerialNumber(signer.certificate),
    parts.digestAlgorithm ?? sha256,
    ...(set ? [der.implicit(0, set)] : []),
    parts.signatureAlgorithm ?? algorithm(oids.ecdsaWithSha256),
    der.octetString(make(signer.key, set ?? content)),
    ...(parts.unsignedAttributes ? [der.setOf(parts.unsignedAttributes, 0xa1)] : []),
  );
}

/** A message whose one SignerInfo has these parts. */
export function signedWith(signer: KeyPair, parts: SignerParts, outer: SignedParts = {}): Uint8Array {
  return signedData(signer, { ...outer, signerInfos: [signerInfo(signer, parts)] });
}

export const plaintext = Buffer.from('{"format":"a secret example"}');

/** The parts of an AuthEnvelopedData that a test may choose. Whatever is chosen, the cryptography is done with it. */
export interface EnvelopedParts {
  readonly type?: string;
  readonly version?: number;
  readonly originatorInfo?: Uint8Array;
  readonly recipientInfos?: (contentKey: Uint8Array) => readonly Uint8Array[];
  readonly contentType?: string;
  readonly cipher?: { readonly name: 'aes-128-gcm' | 'aes-256-gcm'; readonly oid: string };
  readonly nonceOctets?: number;
  /** Undefined leaves ICVlen out of GCMParameters. */
  readonly icvLength?: number | undefined;
  readonly tagOctets?: number;
  readonly authenticatedAttributes?: readonly Uint8Array[];
  readonly unauthenticatedAttributes?: readonly Uint8Array[];
  /** Leaves the ciphertext out: detached. */
  readonly detached?: boolean;
}

export function authEnvelopedData(recipient: Certificate, parts: EnvelopedParts = {}): Uint8Array {
  const { name, oid } = parts.cipher ?? { name: 'aes-256-gcm', oid: oids.aes256Gcm };
  const contentKey = randomBytes(name === 'aes-256-gcm' ? 32 : 16);
  const nonce = randomBytes(parts.nonceOctets ?? 12);
  const tagOctets = parts.tagOctets ?? 16;
  const icvLength = 'icvLength' in parts ? parts.icvLength : tagOctets;
  const cipher = createCipheriv(name, contentKey, nonce, { authTagLength: tagOctets });
  const { authenticatedAttributes } = parts;
  if (authenticatedAttributes) cipher.setAAD(der.setOf(authenticatedAttributes));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const recipientInfos = parts.recipientInfos ?? ((key) => [recipientInfo(recipient, key)]);
  return der.sequence(
    der.oid(parts.type ?? oids.authEnvelopedData),
    der.explicit(
      0,
      der.sequence(
        der.integer(parts.version ?? 0),
        ...(parts.originatorInfo ? [parts.originatorInfo] : []),
        der.setOf(recipientInfos(contentKey)),
        der.sequence(
          der.oid(parts.contentType ?? oids.data),
          der.sequence(
            der.oid(oid),
            der.sequence(
              der.octetString(nonce),
              ...(icvLength === undefined ? [] : [der.integer(icvLength)]),
            ),
          ),
          ...(parts.detached ? [] : [der.element(0x80, ciphertext)]),
        ),
        ...(authenticatedAttributes ? [der.setOf(authenticatedAttributes, 0xa1)] : []),
        der.octetString(cipher.getAuthTag()),
        ...(parts.unauthenticatedAttributes ? [der.setOf(parts.unauthenticatedAttributes, 0xa2)] : []),
      ),
    ),
  );
}

function recipientInfo(recipient: Certificate, contentKey: Uint8Array): Uint8Array {
  return recipient.publicKey.kind === 'ec'
    ? keyAgreement(recipient, contentKey)
    : keyTransport(recipient, contentKey);
}

export interface AgreementParts {
  readonly version?: number;
  readonly kdf?: { readonly hash: string; readonly oid: string };
  /** Makes the bytes of the ephemeral point from the honest ones. */
  readonly point?: (ephemeral: Buffer) => Uint8Array;
  readonly curve?: string;
  /** Parameters of the originator's key, absent unless given. */
  readonly originatorParameters?: Uint8Array;
  readonly ukm?: Uint8Array;
  readonly wrap?: { readonly name: string; readonly oid: string; readonly octets: number };
  readonly wrapParameters?: Uint8Array;
  readonly identifier?: Uint8Array;
  /** Names the recipient this many times. */
  readonly times?: number;
}

/** Undefined where the wrapping key does not fit, or this runtime lacks the algorithm: no reader comes so far. */
function wrapKey(
  { name, octets }: { readonly name: string; readonly octets: number },
  wrappingKey: Uint8Array,
  key: Uint8Array,
): Uint8Array | undefined {
  if (wrappingKey.length !== octets) return undefined;
  if (!getCiphers().includes(name))
    return octets === 32 ? ownKeyWrap.wrap(createSecretKey(wrappingKey), key) : undefined;
  const cipher = createCipheriv(name, wrappingKey, Buffer.alloc(8, 0xa6));
  return Buffer.concat([cipher.update(key), cipher.final()]);
}

/** A KeyAgreeRecipientInfo (RFC 5652 section 6.2.2, RFC 5753) to a certificate with an EC key. */
export function keyAgreement(
  { publicKey, ...recipient }: Certificate,
  contentKey: Uint8Array,
  parts: AgreementParts = {},
): Uint8Array {
  if (publicKey.kind !== 'ec') throw new Error('Only EC keys agree');
  const { kdf = { hash: 'sha256', oid: oids.dhSinglePassStdDhSha256Kdf } } = parts;
  const { wrap = { name: 'id-aes256-wrap', oid: oids.aes256Wrap, octets: 32 } } = parts;
  const ecdh = createECDH(publicKey.curve === 'P-256' ? 'prime256v1' : 'secp384r1');
  const ephemeral = ecdh.generateKeys();
  const keyInfo = der.sequence(der.oid(wrap.oid), ...(parts.wrapParameters ? [parts.wrapParameters] : []));
  const bits = Buffer.alloc(4);
  bits.writeUInt32BE(wrap.octets * 8);
  const sharedInfo = der.sequence(
    keyInfo,
    ...(parts.ukm ? [der.explicit(0, der.octetString(parts.ukm))] : []),
    der.explicit(2, der.octetString(bits)),
  );
  const counter = Uint8Array.of(0, 0, 0, 1);
  const block = createHash(kdf.hash).update(ecdh.computeSecret(publicKey.point)).update(counter);
  const wrappingKey = block.update(sharedInfo).digest().subarray(0, wrap.octets);
  const encryptedKey = wrapKey(wrap, wrappingKey, contentKey) ?? randomBytes(contentKey.length + 8);
  const identifier = parts.identifier ?? issuerAndSerialNumber({ publicKey, ...recipient });
  const encrypted = der.sequence(identifier, der.octetString(encryptedKey));
  return der.implicit(
    1,
    der.sequence(
      der.integer(parts.version ?? 3),
      der.explicit(
        0,
        der.implicit(
          1,
          der.sequence(
            der.sequence(
              der.oid(oids.ecPublicKey),
              ...(parts.originatorParameters ? [parts.originatorParameters] : []),
            ),
            der.bitString(parts.point?.(ephemeral) ?? ephemeral),
          ),
        ),
      ),
      ...(parts.ukm ? [der.explicit(1, der.octetString(parts.ukm))] : []),
      der.sequence(der.oid(kdf.oid), keyInfo),
      der.sequence(...Array.from({ length: parts.times ?? 1 }, () => encrypted)),
    ),
  );
}

export interface TransportParts {
  readonly version?: number;
  readonly identifier?: Uint8Array;
  readonly algorithm?: Uint8Array;
  readonly padding?: { readonly padding: number; readonly oaepHash?: string; readonly oaepLabel?: Buffer };
}

/** RSAES-OAEP-params (RFC 4055 section 4.1); what is undefined is left to its default. */
export function oaepParameters(hash?: Uint8Array, mgf?: Uint8Array, label?: Uint8Array): Uint8Array {
  return algorithm(
    oids.rsaesOaep,
    der.sequence(
      ...(hash ? [der.explicit(0, hash)] : []),
      ...(mgf ? [der.explicit(1, mgf)] : []),
      ...(label ? [der.explicit(2, algorithm(oids.pSpecified, der.octetString(label)))] : []),
    ),
  );
}

export const mgf1 = (hash: Uint8Array) => algorithm(oids.mgf1, hash);

/** A KeyTransRecipientInfo (RFC 5652 section 6.2.1) to a certificate with an RSA key. */
export function keyTransport(
  recipient: Certificate,
  contentKey: Uint8Array,
  parts: TransportParts = {},
): Uint8Array {
  const key = createPublicKey({
    key: Buffer.from(recipient.publicKey.spki),
    format: 'der',
    type: 'spki',
  });
  const { padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' } } = parts;
  return der.sequence(
    der.integer(parts.version ?? 0),
    parts.identifier ?? issuerAndSerialNumber(recipient),
    parts.algorithm ?? oaepParameters(sha256, mgf1(sha256)),
    der.octetString(publicEncrypt({ key, ...padding }, contentKey)),
  );
}
