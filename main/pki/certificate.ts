import { hash } from 'node:crypto';
import {
  berToDer,
  decode,
  encodePem,
  tags,
  toText,
  type DerFaultCode,
  type DerReader,
} from '../asn1/index.ts';
import { ok, prependWhere, refuse, refused, type Fault, type Refused, type Result } from '../faults/index.ts';
import { nameToText, readName, type Name } from './name.ts';
import { readPublicKey, type PublicKey } from './public-key.ts';
import { readSignatureAlgorithm, type SignatureAlgorithm } from './signature-algorithm.ts';

/** An uninterpreted extension of a certificate or a CRL (RFC 5280 section 4.1). */
export interface Extension {
  readonly critical: boolean;
  /** The contents of extnValue. */
  readonly value: Uint8Array;
}

/** A parsed X.509 certificate (RFC 5280 section 4.1), not judged yet. All bytes are views of `der`. */
export interface Certificate {
  readonly der: Uint8Array;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly version: 1 | 2 | 3;
  /** Lower-case hex of the content octets of serialNumber. Negative ones exist and are allowed. */
  readonly serialNumber: string;
  readonly issuer: Name;
  readonly subject: Name;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: PublicKey;
  /** By dotted OID. */
  readonly extensions: ReadonlyMap<string, Extension>;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
  /** DER of tbsCertificate: the signed part. */
  readonly tbs: Uint8Array;
}

// A delivery reads the same few certificates over and over. Parsed keys and verified signatures are cached per object.
// The digest is the key because the input may be a private key by mistake, which must not become text.
const recentCertificates = new Map<string, Certificate>();

/** Why a certificate cannot be read: the data is not a certificate or is truncated, or its issuer broke a rule. */
export type CertificateFaultCode = 'certificate-unreadable' | 'certificate-malformed';

/** Reads one DER certificate. */
export function parseCertificate(bytes: Uint8Array): Result<Certificate, CertificateFaultCode> {
  const sha256 = hash('sha256', bytes);
  const recent = recentCertificates.get(sha256);
  if (recent) return ok(recent);
  const der = new Uint8Array(bytes); // A copy, so that a certificate does not keep a whole file in memory.
  const parsed = decode(der, readCertificate);
  if (!parsed.ok) return whyUnread(der, parsed.fault);
  const certificate = { der, sha256, ...parsed.value };
  if (recentCertificates.size >= 32) recentCertificates.clear();
  recentCertificates.set(sha256, certificate);
  return ok(certificate);
}

/** Data with the shape of a certificate is intact, but wrongly encoded by its issuer. The fault names its subject. */
function whyUnread(bytes: Uint8Array, because: Fault<DerFaultCode>): Refused<CertificateFaultCode> {
  const whole = berToDer(bytes);
  const subject = whole.ok ? decode(whole.value, readShape) : whole;
  if (!subject.ok) return refuse('certificate-unreadable', { because });
  const { rule, where } = because;
  const name = decode(subject.value, readName);
  const refusal = refuse('certificate-malformed', { ...(rule && { rule }), ...(where && { where }) });
  return name.ok ? refused(prependWhere(refusal.fault, { certificate: nameToText(name.value) })) : refusal;
}

/** Walks the parts that every certificate has, whatever they hold, and returns the encoding of the subject. */
function readShape(reader: DerReader): Uint8Array {
  return reader.sequence((inner) => {
    const subject = inner.sequence((tbs) => {
      tbs.optional(0xa0, () => tbs.element());
      tbs.element(tags.integer);
      const [, , , subject] = Array.from({ length: 5 }, () => tbs.element(tags.sequence).bytes);
      tbs.rest(() => tbs.element());
      return subject ?? tbs.fail('der-tag');
    });
    inner.element(tags.sequence);
    inner.element(tags.bitString);
    return subject;
  });
}

function readCertificate(reader: DerReader): Omit<Certificate, 'der' | 'sha256'> {
  return reader.sequence((inner) => {
    const tbs = inner.withBytes(() => inner.sequence(readTbs));
    const algorithm = inner.element(tags.sequence).bytes;
    if (Buffer.compare(algorithm, tbs.value.algorithm) !== 0) inner.fail('certificate-algorithm');
    return { ...tbs.value.fields, tbs: tbs.bytes, signature: inner.bitStringOctets() };
  });
}

function readTbs(reader: DerReader) {
  const version = reader.optional(0xa0, () => reader.explicit(0, (inner) => inner.smallInteger())) ?? 0;
  if (version > 2) reader.fail('certificate-version');
  const serialNumber = toText(reader.integerOctets(), 'hex');
  const algorithm = reader.withBytes(() => readSignatureAlgorithm(reader));
  const issuer = readName(reader);
  if (issuer.rdns.length === 0) reader.fail('certificate-issuer');
  const validity = reader.sequence((inner) => ({ notBefore: inner.time(), notAfter: inner.time() }));
  const subject = readName(reader);
  const publicKey = readPublicKey(reader);
  reader.optional(0x81, () => reader.element()); // Skips issuerUniqueID and subjectUniqueID.
  reader.optional(0x82, () => reader.element());
  const extensions: ReadonlyMap<string, Extension> =
    reader.optional(0xa3, () => reader.explicit(3, readExtensions)) ?? new Map();
  if (extensions.size > 0 && version !== 2) reader.fail('certificate-version');
  const fields = {
    version: (version + 1) as 1 | 2 | 3,
    serialNumber,
    issuer,
    subject,
    ...validity,
    publicKey,
    extensions,
    signatureAlgorithm: algorithm.value,
  };
  return { algorithm: algorithm.bytes, fields };
}

/** Extensions (RFC 5280 section 4.1): each OID at most once. */
export function readExtensions(reader: DerReader): ReadonlyMap<string, Extension> {
  const extensions = new Map<string, Extension>();
  reader.sequence((inner) =>
    inner.restSome((item) =>
      item.sequence((fields) => {
        const offset = fields.offset;
        const oid = fields.oid();
        if (extensions.has(oid)) fields.fail('certificate-extension-twice', offset);
        const critical = fields.optional(tags.boolean, () => fields.boolean()) ?? false;
        extensions.set(oid, { critical, value: fields.octetString() });
      }),
    ),
  );
  return extensions;
}

/** Whether both have the same bytes, by their SHA-256. */
export function isSameCertificate(a: Certificate, b: Certificate): boolean {
  return a.sha256 === b.sha256;
}

/** The certificates in PEM, one after the other. */
export function certificatesToPem(certificates: readonly Certificate[]): string {
  return certificates.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
}

/** Whether issuer and subject are the same name (RFC 5280 section 3.2). Another key may have made the signature. */
export function isSelfIssued(certificate: Certificate): boolean {
  return certificate.issuer.key === certificate.subject.key;
}
