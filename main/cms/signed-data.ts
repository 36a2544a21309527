import { hash } from 'node:crypto';
import { contextTag, decode, oids, tags, toText, type DerReader } from '../asn1/index.ts';
import { ok, refuse, type Result, type Rule } from '../faults/index.ts';
import {
  extension,
  keyLack,
  parseCertificate,
  parseCrl,
  readHash,
  readName,
  readSignatureAlgorithm,
  verifySignature,
  type Certificate,
  type Crl,
  type Hash,
  type SignatureAlgorithm,
} from '../pki/index.ts';

/** A parsed SignedData, not verified yet. */
export interface SignedData {
  readonly content: Uint8Array;
  readonly certificates: readonly Certificate[];
  readonly crls: readonly Crl[];
  readonly signerInfo: SignerInfo;
}

interface SignerInfo {
  readonly identifier:
    | { readonly kind: 'issuer-and-serial'; readonly issuerKey: string; readonly serialNumber: string }
    | { readonly kind: 'subject-key-identifier'; readonly keyIdentifier: string };
  readonly digest: Hash | undefined;
  /** The attributes in signed form, with the tag SET OF (section 5.4). */
  readonly signedAttributes: Uint8Array;
  /** The contents of each attribute's only value, by OID. */
  readonly attributes: ReadonlyMap<string, Uint8Array>;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
}

/** More than any bundle needs, but few enough for fast path building. */
const maximumCertificates = 16;
const maximumCrls = 16;
const maximumAttributes = 64;
/** More than one is refused, with the reason. Many are not even read. */
const few = 16;

/**
 * Reads SignedData (RFC 5652 section 5): DER only, content attached as id-data, exactly one signer with signed
 * attributes. Refuses BER and unsigned attributes on purpose: a signed file then has one encoding, and its digest can
 * identify it. Refuses with `cms-malformed`.
 */
export function parseSignedData(bytes: Uint8Array): Result<SignedData, 'cms-malformed'> {
  const parsed = decode(bytes, (reader) =>
    reader.sequence((contentInfo) => {
      if (contentInfo.oid() !== oids.signedData) contentInfo.fail('cms-not-signed-data');
      return contentInfo.explicit(0, (inner) => inner.sequence(readSignedData));
    }),
  );
  if (!parsed.ok) return refuse('cms-malformed', { because: parsed.fault });
  const certificates: Certificate[] = [];
  for (const encoding of parsed.value.certificates) {
    const certificate = parseCertificate(encoding);
    if (!certificate.ok) return refuse('cms-malformed', { because: certificate.fault });
    certificates.push(certificate.value);
  }
  const crls: Crl[] = [];
  for (const encoding of parsed.value.crls) {
    const crl = parseCrl(encoding);
    if (!crl.ok) return refuse('cms-malformed', { because: crl.fault });
    crls.push(crl.value);
  }
  return ok({ ...parsed.value, certificates, crls });
}

function readSignedData(reader: DerReader) {
  const version = reader.smallInteger();
  const digests = reader.setOf(readHash, tags.set, { items: few, rule: 'cms-algorithm' });
  const content = reader.sequence((inner) => {
    if (inner.oid() !== oids.data) inner.fail('cms-content-type');
    if (inner.done) inner.fail('cms-detached');
    return Uint8Array.from(inner.explicit(0, (wrapped) => wrapped.octetString()));
  });
  const certificates = readEncodings(reader, 0, maximumCertificates);
  const crls = readEncodings(reader, 1, maximumCrls);
  const signers = reader.setOf(readSignerInfo, tags.set, { items: few, rule: 'cms-one-signer' });
  const [signerInfo] = signers;
  if (!signerInfo || signers.length > 1) return reader.fail('cms-one-signer');
  // This list is not signed. It must match the signer's own field, or someone could change it unnoticed.
  if (digests.length > 1 || digests[0] !== signerInfo.digest) reader.fail('cms-algorithm');
  // Section 5.1: the content is id-data and the certificates are plain, so 3 exactly if a key identifier names the
  // signer.
  if (version !== (signerInfo.identifier.kind === 'issuer-and-serial' ? 1 : 3))
    return reader.fail('cms-version');
  return { content, certificates, crls, signerInfo };
}

/** The members of `certificates` or `crls`, which must be plain certificates or CRLs. */
function readEncodings(reader: DerReader, number: number, maximum: number): readonly Uint8Array[] {
  const tag = contextTag(number);
  const most = { items: maximum, rule: 'cms-too-many' } as const;
  return (
    reader.optional(tag, () => reader.setOf((item) => item.element(tags.sequence).bytes, tag, most)) ?? []
  );
}

function readSignerInfo(reader: DerReader): SignerInfo {
  return reader.sequence((inner) => {
    const version = inner.smallInteger();
    const identifier = readSignerIdentifier(inner);
    if (version !== (identifier.kind === 'issuer-and-serial' ? 1 : 3)) inner.fail('cms-version');
    const digest = readHash(inner);
    if (inner.nextTag !== contextTag(0)) inner.fail('cms-signed-attributes');
    const { bytes, value } = inner.withBytes(() =>
      inner.setOf(readAttribute, contextTag(0), { items: maximumAttributes, rule: 'cms-signed-attributes' }),
    );
    const signedAttributes = Uint8Array.from(bytes);
    signedAttributes[0] = tags.set;
    const attributes = new Map(value);
    if (attributes.size !== value.length) inner.fail('cms-signed-attributes');
    const signatureAlgorithm = readSignatureAlgorithm(inner, digest);
    const signature = inner.octetString();
    if (!inner.done) inner.fail('cms-unsigned-attributes');
    return { identifier, digest, signedAttributes, attributes, signatureAlgorithm, signature };
  });
}

function readSignerIdentifier(reader: DerReader): SignerInfo['identifier'] {
  if (reader.nextTag === contextTag(0, 'primitive')) {
    const octets = reader.octetString(contextTag(0, 'primitive'));
    return { kind: 'subject-key-identifier', keyIdentifier: toText(octets, 'hex') };
  }
  return reader.sequence((inner) => ({
    kind: 'issuer-and-serial',
    issuerKey: readName(inner).key,
    serialNumber: toText(inner.integerOctets(), 'hex'),
  }));
}

/** Returns the first value of an attribute. Those that are checked must have only one. */
function readAttribute(reader: DerReader): readonly [type: string, value: Uint8Array] {
  return reader.sequence((inner) => {
    const type = inner.oid();
    const most = { items: maximumAttributes, rule: 'cms-signed-attributes' } as const;
    const [value, ...more] = inner.setOf((item) => item.element().bytes, tags.set, most);
    if (value === undefined || (more.length > 0 && judgedAttributes.has(type)))
      return inner.fail('cms-signed-attributes');
    return [type, value];
  });
}

const judgedAttributes: ReadonlySet<string> = new Set([
  oids.contentType,
  oids.messageDigest,
  oids.signingTime,
  oids.signingCertificateV2,
]);

/**
 * Verifies the only signature (RFC 5652 sections 5.4 and 5.6) with the certificate that the signer info names, and
 * checks that signingCertificateV2 (RFC 5035) names the same one. Digests are SHA-256 or SHA-384. Keys are EC on P-256
 * or P-384, or RSA of at least `minimumRsaBits`. Returns the signer's certificate, whose path the caller must still
 * validate. Refuses with `cms-signature-invalid`.
 */
export function verifySignedData(
  { content, certificates, signerInfo }: SignedData,
  minimumRsaBits: number,
): Result<Certificate, 'cms-signature-invalid'> {
  const invalid = (rule: Rule) => refuse('cms-signature-invalid', { rule });
  const signer = certificates.find((certificate) => isNamed(signerInfo, certificate));
  if (!signer) return invalid('cms-signer-missing');
  const { digest, attributes, signatureAlgorithm } = signerInfo;
  const isHashed = digest === 'sha256' || digest === 'sha384';
  if (!isHashed || !('hash' in signatureAlgorithm) || signatureAlgorithm.hash !== digest) {
    return invalid('cms-algorithm');
  }
  const { publicKey } = signer;
  const isKeyFit =
    publicKey.kind === 'rsa'
      ? publicKey.bits >= minimumRsaBits
      : publicKey.kind === 'ec' && publicKey.curve !== 'P-521';
  if (!isKeyFit) return invalid('cms-key');
  const contentType = attribute(attributes, oids.contentType, (reader) => reader.oid());
  if (contentType !== oids.data) return invalid('cms-content-type');
  const messageDigest = attribute(attributes, oids.messageDigest, (reader) => reader.octetString());
  const contentDigest = hash(digest, content, 'buffer');
  if (!messageDigest || !contentDigest.equals(messageDigest)) return invalid('cms-message-digest');
  if (!isSigningCertificate(attributes, signer)) return invalid('cms-signing-certificate');
  const { signedAttributes, signature } = signerInfo;
  const holds = verifySignature(signatureAlgorithm, publicKey, signedAttributes, signature);
  if (holds) return ok(signer);
  const lack = keyLack(publicKey);
  return lack ? refuse('cms-signature-invalid', { because: lack }) : invalid('cms-signature');
}

function isNamed({ identifier }: SignerInfo, certificate: Certificate): boolean {
  if (identifier.kind === 'issuer-and-serial') {
    return (
      identifier.issuerKey === certificate.issuer.key && identifier.serialNumber === certificate.serialNumber
    );
  }
  const keyIdentifier = extension(certificate, oids.subjectKeyIdentifier);
  return keyIdentifier.ok && keyIdentifier.value === identifier.keyIdentifier;
}

function attribute<Value>(
  attributes: ReadonlyMap<string, Uint8Array>,
  type: string,
  read: (reader: DerReader) => Value,
): Value | undefined {
  const value = attributes.get(type);
  const parsed = value && decode(value, read);
  return parsed?.ok ? parsed.value : undefined;
}

/** Whether the first ESSCertIDv2 has the signer's hash, and also its issuer and serial number if present. */
function isSigningCertificate(attributes: ReadonlyMap<string, Uint8Array>, signer: Certificate): boolean {
  const identifiers = attribute(attributes, oids.signingCertificateV2, (reader) =>
    reader.sequence((inner) => {
      const certs = inner.sequenceOf(readEssCertIdV2);
      inner.optional(tags.sequence, () => inner.element()); // policies
      return certs;
    }),
  );
  const first = identifiers?.[0];
  if (!first?.hash) return false;
  const certHash = hash(first.hash, signer.der, 'buffer');
  const { issuerSerial } = first;
  const isSameIssuer = !issuerSerial || issuerSerial.issuerKey === signer.issuer.key;
  const isSameSerial = !issuerSerial || issuerSerial.serialNumber === signer.serialNumber;
  return certHash.equals(first.certHash) && isSameIssuer && isSameSerial;
}

function readEssCertIdV2(reader: DerReader) {
  return reader.sequence((inner) => {
    const hash = inner.nextTag === tags.sequence ? readHash(inner) : 'sha256';
    const certHash = inner.octetString();
    const issuerSerial = inner.optional(tags.sequence, () =>
      inner.sequence((fields) => {
        const issuerKey = fields.sequence((names) => names.explicit(4, readName)).key;
        return { issuerKey, serialNumber: toText(fields.integerOctets(), 'hex') };
      }),
    );
    return { hash, certHash, issuerSerial };
  });
}
