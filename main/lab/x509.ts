import { hash, randomBytes, webcrypto, type KeyObject } from 'node:crypto';
import type { Extension } from '@peculiar/x509';
import { decode, der, oids } from '../asn1/index.ts';
import {
  extension,
  parseCertificate,
  plainSpki,
  type Certificate,
  type KeyUsage,
  type Name,
} from '../pki/index.ts';

/** The library that makes the lab's certificates. */
export type X509 = typeof import('@peculiar/x509');

/** Loads the library with the first certificate, because it takes longer than everything else that a command loads. */
export async function loadX509(): Promise<X509> {
  await import('reflect-metadata'); // The library needs this first.
  const { AsnObjectIdentifierConverter } = await import('@peculiar/asn1-schema');
  AsnObjectIdentifierConverter.fromASN = readOid;
  return import('@peculiar/x509');
}

/**
 * The dotted form of an OID that @peculiar/x509 has read. The library reads extensions again before it writes them.
 * For an arc beyond 56 bits, as in Siteseal's OIDs, it makes a text that it cannot write (PeculiarVentures/ASN1.js,
 * issue 174).
 */
function readOid(oid: { toBER(): ArrayBuffer }): string {
  const read = decode(new Uint8Array(oid.toBER()), (reader) => reader.oid());
  if (!read.ok) throw new Error('Not an OID');
  return read.value;
}

/** A CA's key in Web Crypto, and what it writes into everything that it signs. */
export interface CaKey {
  readonly signingKey: webcrypto.CryptoKey;
  readonly signingAlgorithm: { readonly name: string; readonly hash: string };
  readonly name: InstanceType<X509['Name']>;
  readonly authorityKeyIdentifier: Extension;
}

/** Prepares a CA's key, once for everything that it signs. */
export async function openCaKey(
  x509: X509,
  key: KeyObject,
  name: Name,
  keyIdentifier: Uint8Array,
): Promise<CaKey> {
  const { signingKey, hash: digest } = await toSigningKey(key);
  const value = der.sequence(der.implicit(0, der.octetString(keyIdentifier)));
  return {
    signingKey,
    signingAlgorithm: { name: signingKey.algorithm.name, hash: digest },
    name: new x509.Name(name.der),
    authorityKeyIdentifier: new x509.Extension(oids.authorityKeyIdentifier, false, value),
  };
}

async function toSigningKey(key: KeyObject): Promise<{ signingKey: webcrypto.CryptoKey; hash: string }> {
  const isP384 = key.asymmetricKeyDetails?.namedCurve === 'secp384r1';
  const hash = isP384 ? 'SHA-384' : 'SHA-256';
  const algorithm =
    key.asymmetricKeyType === 'rsa'
      ? { name: 'RSASSA-PKCS1-v1_5', hash }
      : { name: 'ECDSA', namedCurve: isP384 ? 'P-384' : 'P-256' };
  const pkcs8 = key.export({ format: 'der', type: 'pkcs8' });
  try {
    return { signingKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']), hash };
  } finally {
    pkcs8.fill(0);
  }
}

/** The identifier of a CA's key, as its own certificate gives it (RFC 5280 section 4.2.1.1). */
export function keyIdentifierOf(certificate: Certificate): Uint8Array {
  const own = extension(certificate, oids.subjectKeyIdentifier);
  return own.ok && own.value !== undefined
    ? Buffer.from(own.value, 'hex')
    : keyIdentifier(plainSpki(certificate.publicKey));
}

/** The first method of RFC 5280 section 4.2.1.2. */
export function keyIdentifier(spki: Uint8Array): Uint8Array {
  const key = decode(spki, (reader) =>
    reader.sequence((inner) => {
      inner.element();
      return inner.bitStringOctets();
    }),
  );
  if (!key.ok) throw new Error('Not a SubjectPublicKeyInfo');
  return hash('sha1', key.value, 'buffer');
}

/** What a certificate says beside its issuer and the identifiers of the keys. */
export interface Statement {
  readonly subject: Name;
  /** DER of the SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly extensions: readonly Extension[];
}

/** Makes a certificate. */
export async function signCertificate(
  x509: X509,
  { subject, spki, notBefore, notAfter, extensions }: Statement,
  ca: CaKey,
): Promise<Certificate> {
  const subjectKey = der.octetString(keyIdentifier(spki));
  const made = await x509.X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(),
      subject: new x509.Name(subject.der),
      issuer: ca.name,
      notBefore,
      notAfter,
      publicKey: new Uint8Array(spki),
      signingKey: ca.signingKey,
      signingAlgorithm: ca.signingAlgorithm,
      extensions: [
        ...extensions,
        new x509.Extension(oids.subjectKeyIdentifier, false, subjectKey),
        ca.authorityKeyIdentifier,
      ],
    },
    webcrypto,
  );
  const certificate = parseCertificate(new Uint8Array(made.rawData));
  if (!certificate.ok)
    throw new Error(`The lab issued a certificate that cannot be read: ${certificate.fault.code}`);
  return certificate.value;
}

/** A critical keyUsage. */
export function keyUsageExtension(x509: X509, usages: readonly KeyUsage[]): Extension {
  const flags = usages.reduce((all, usage) => all | x509.KeyUsageFlags[usage], 0);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- no single member has several flags
  return new x509.KeyUsagesExtension(flags, true);
}

/** 160 random bits, positive and never shorter, in hex: as many as RFC 5280 section 4.1.2.2 allows. */
function serialNumber(): string {
  const octets = randomBytes(20);
  octets[0] = ((octets[0] ?? 0) & 0x7f) | 0x40;
  return octets.toString('hex');
}
