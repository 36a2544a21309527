/**
 * Hand-made certificates, issued at once: tests, benchmarks and vectors need hundreds of them, or unusual ones. They
 * have the same contents as those of the product's lab. `test/unit/lab/` tests the lab's own.
 */
import { hash, createPublicKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { der, oids } from '../../main/asn1/index.ts';
import {
  labCertificates,
  type CertificateContents as LabCertificateContents,
  type KeyKind,
  type KeyPair,
  type LabOptions,
  type LabVendor,
} from '../../main/lab/index.ts';
import {
  encodeAuthorisation,
  encodeHardwareModuleName,
  keyUsageBits,
  nameFromText,
  parseCertificate,
  type Certificate,
  type EnbIdentity,
  type VendorConfigurationAuthorisation,
} from '../../main/pki/index.ts';

export type { KeyKind, KeyPair, LabOptions, LabVendor };

/** What a certificate contains besides its key. An absent member leaves the extension out. */
export interface CertificateContents extends Omit<LabCertificateContents, 'keyKind'> {
  /** Further extensions, DER of `Extension`. */
  readonly extensions?: readonly Uint8Array[];
}

/** Makes a vendor of this name. */
export function makeVendor(name: string, options: LabOptions): LabVendor {
  const root = issueOne(labCertificates.vendorRoot(name, options));
  return { root, issuing: issueOne(labCertificates.vendorIssuing(name, options), root) };
}

/** What a factory puts into an eNB: a key, and the vendor's certificate for it. */
export function makeEnb({ issuing }: LabVendor, enb: EnbIdentity, options: LabOptions): KeyPair {
  return issueOne(labCertificates.enb(enb, options), issuing);
}

/** An operator's configuration key, certified by the vendor for the named eNBs. */
export function makeConfigurationKey(
  { issuing }: LabVendor,
  operator: string,
  authorisation: VendorConfigurationAuthorisation,
  options: LabOptions,
): KeyPair {
  return issueOne(labCertificates.configurationKey(operator, authorisation, options), issuing);
}

/** The key of an operator's RA/CA that credentials are encrypted to. */
export function makeRegistrationKey(operatorRoot: KeyPair, operator: string, options: LabOptions): KeyPair {
  return issueOne(labCertificates.registration(operator, options), operatorRoot);
}

/** The key of an operator's office. */
export function makeOfficeKey(operatorRoot: KeyPair, operator: string, options: LabOptions): KeyPair {
  return issueOne(labCertificates.officeKey(operator, options), operatorRoot);
}

/** An operator's root CA. */
export function makeOperatorRoot(operator: string, options: LabOptions): KeyPair {
  return issueOne(labCertificates.operatorRoot(operator, options));
}

function issueOne({ keyKind, ...contents }: LabCertificateContents, issuer?: KeyPair): KeyPair {
  return issue(contents, keyKind, issuer);
}

/** Makes a new key and returns its private half. */
export function generateKey(kind: KeyKind): KeyObject {
  if (kind === 'P-256' || kind === 'P-384') {
    return generateKeyPairSync('ec', { namedCurve: kind }).privateKey;
  }
  return generateKeyPairSync('rsa', { modulusLength: Number(kind.slice(4)) }).privateKey;
}

/** Issues a certificate for the public half of `key`; self-signed without an issuer. */
export function issueCertificate(
  contents: CertificateContents,
  key: KeyObject,
  issuer?: KeyPair,
): Certificate {
  const subject = nameDer(contents.subject);
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const issuerKey = issuer?.key ?? key;
  const issuerSpki = createPublicKey(issuerKey).export({ format: 'der', type: 'spki' });
  const algorithm = signatureAlgorithm(issuerKey);
  const serialNumber = randomBytes(16);
  serialNumber[0] = ((serialNumber[0] ?? 0) & 0x7f) | 0x40;
  const tbs = der.sequence(
    der.explicit(0, der.integer(2)),
    der.unsignedInteger(serialNumber),
    algorithm.identifier,
    issuer ? issuer.certificate.subject.der : subject,
    der.sequence(der.time(contents.notBefore), der.time(contents.notAfter)),
    subject,
    spki,
    der.explicit(3, der.sequence(...extensions(contents, spki, issuerSpki))),
  );
  const signature = algorithm.sign(tbs);
  const parsed = parseCertificate(der.sequence(tbs, algorithm.identifier, der.bitString(signature)));
  if (!parsed.ok) throw new Error('The new certificate cannot be read');
  return parsed.value;
}

/** Makes a key and its certificate. */
export function issue(contents: CertificateContents, kind: KeyKind, issuer?: KeyPair): KeyPair {
  const key = generateKey(kind);
  return { key, certificate: issueCertificate(contents, key, issuer) };
}

function nameDer(text: string): Uint8Array {
  const name = nameFromText(text);
  if (!name.ok) throw new Error(`Not a name: ${text}`);
  return name.value.der;
}

function signatureAlgorithm(key: KeyObject) {
  const isRsa = key.asymmetricKeyType === 'rsa';
  const isP384 = key.asymmetricKeyDetails?.namedCurve === 'secp384r1';
  const identifier = isRsa
    ? der.sequence(der.oid(oids.sha256WithRsa), der.null)
    : der.sequence(der.oid(isP384 ? oids.ecdsaWithSha384 : oids.ecdsaWithSha256));
  return { identifier, sign: (data: Uint8Array) => sign(isP384 ? 'sha384' : 'sha256', data, key) };
}

/** DER of an `Extension` (RFC 5280 section 4.1). */
export function encodeExtension(oid: string, critical: boolean, value: Uint8Array): Uint8Array {
  return der.sequence(der.oid(oid), ...(critical ? [der.boolean(true)] : []), der.octetString(value));
}

function* extensions(
  contents: CertificateContents,
  spki: Uint8Array,
  issuerSpki: Uint8Array,
): Generator<Uint8Array> {
  const { ca, keyUsage, extendedKeyUsage, enb, authorisation, training } = contents;
  const constraints = ca === undefined ? [] : [der.boolean(true), ...(ca === true ? [] : [der.integer(ca)])];
  yield encodeExtension(oids.basicConstraints, true, der.sequence(...constraints));
  if (keyUsage) {
    yield encodeExtension(oids.keyUsage, true, der.namedBits(keyUsage.map((usage) => keyUsageBits[usage])));
  }
  yield encodeExtension(oids.subjectKeyIdentifier, false, der.octetString(keyIdentifier(spki)));
  const authority = der.sequence(der.implicit(0, der.octetString(keyIdentifier(issuerSpki))));
  yield encodeExtension(oids.authorityKeyIdentifier, false, authority);
  if (extendedKeyUsage) {
    yield encodeExtension(oids.extendedKeyUsage, false, der.sequence(...extendedKeyUsage.map(der.oid)));
  }
  if (enb) {
    const moduleName = der.explicit(0, encodeHardwareModuleName(enb));
    const otherName = der.implicit(0, der.sequence(der.oid(oids.hardwareModuleName), moduleName));
    yield encodeExtension(oids.subjectAltName, false, der.sequence(otherName));
  }
  if (authorisation) {
    yield encodeExtension(oids.vendorConfigurationAuthorisation, false, encodeAuthorisation(authorisation));
  }
  if (training) yield encodeExtension(oids.training, false, der.null);
  yield* contents.extensions ?? [];
}

/** The leftmost 160 bits of the SHA-256 of the SubjectPublicKeyInfo; any method will do (RFC 5280 section 4.2.1.2). */
function keyIdentifier(spki: Uint8Array): Uint8Array {
  return hash('sha256', spki, 'buffer').subarray(0, 20);
}
