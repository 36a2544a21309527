import { generateKeyPair, webcrypto, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { Extension } from '@peculiar/x509';
import { decode, der, oids } from '../asn1/index.ts';
import {
  encodeAuthorisation,
  encodeHardwareModuleName,
  nameFromText,
  parseCertificate,
  type Certificate,
  type EnbIdentity,
} from '../pki/index.ts';
import type { CertificateContents, KeyKind } from './lab-certificates.ts';

/** A key with the certificate of its public half. */
export interface KeyPair {
  readonly key: KeyObject;
  readonly certificate: Certificate;
}

type X509 = typeof import('@peculiar/x509');

/** Loads the library with the first certificate, because it takes longer than everything else that a command loads. */
async function loadX509(): Promise<X509> {
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

/** Makes a key and its certificate. Without an issuer the key signs its own certificate. */
export async function issue(contents: CertificateContents, issuer?: KeyPair): Promise<KeyPair> {
  const x509 = await loadX509();
  const { privateKey: key, publicKey } = await generateKeys(contents.keyKind);
  const spki = new x509.PublicKey(publicKey.export({ format: 'der', type: 'spki' }));
  const name = nameFromText(contents.subject);
  if (!name.ok) throw new Error(`Not a name: ${contents.subject}`);
  const subject = new x509.Name(name.value.der);
  const { issuerName, issuerSpki, issuerKey } = issuer
    ? {
        issuerName: new x509.Name(issuer.certificate.subject.der),
        issuerSpki: new x509.PublicKey(issuer.certificate.publicKey.spki),
        issuerKey: issuer.key,
      }
    : { issuerName: subject, issuerSpki: spki, issuerKey: key };
  const { signingKey, hash } = await toSigningKey(issuerKey);
  const made = await x509.X509CertificateGenerator.create(
    {
      subject,
      issuer: issuerName,
      notBefore: contents.notBefore,
      notAfter: contents.notAfter,
      publicKey: spki,
      signingKey,
      signingAlgorithm: { name: signingKey.algorithm.name, hash },
      extensions: [
        ...extensionsOf(contents, x509),
        await x509.SubjectKeyIdentifierExtension.create(spki, false, webcrypto),
        await x509.AuthorityKeyIdentifierExtension.create(issuerSpki, false, webcrypto),
      ],
    },
    webcrypto,
  );
  const certificate = parseCertificate(new Uint8Array(made.rawData));
  if (!certificate.ok)
    throw new Error(`The lab issued a certificate that cannot be read: ${certificate.fault.code}`);
  return { key, certificate: certificate.value };
}

const generate = promisify(generateKeyPair);

function generateKeys(kind: KeyKind) {
  return kind === 'P-256' || kind === 'P-384'
    ? generate('ec', { namedCurve: kind })
    : generate('rsa', { modulusLength: Number(kind.slice(4)) });
}

/** A CA's key in Web Crypto, and the digest that goes with it. */
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

function* extensionsOf(contents: CertificateContents, x509: X509): Generator<Extension> {
  const { ca, keyUsage, extendedKeyUsage, enb, authorisation, training } = contents;
  const pathLength = ca === true ? undefined : ca;
  yield new x509.BasicConstraintsExtension(ca !== undefined, pathLength, true);
  if (keyUsage) {
    const flags = keyUsage.reduce((all, usage) => all | x509.KeyUsageFlags[usage], 0);
    // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- no single member has several flags
    yield new x509.KeyUsagesExtension(flags, true);
  }
  if (extendedKeyUsage) yield new x509.ExtendedKeyUsageExtension([...extendedKeyUsage]);
  if (enb) yield new x509.Extension(oids.subjectAltName, false, subjectAltNameOf(enb));
  if (authorisation) {
    const value = encodeAuthorisation(authorisation);
    yield new x509.Extension(oids.vendorConfigurationAuthorisation, false, value);
  }
  if (training) yield new x509.Extension(oids.training, false, der.null);
}

/** The eNB's hardwareModuleName, which is an otherName. @peculiar/x509 cannot write one. */
function subjectAltNameOf(enb: EnbIdentity): Uint8Array {
  const moduleName = der.explicit(0, encodeHardwareModuleName(enb));
  return der.sequence(der.implicit(0, der.sequence(der.oid(oids.hardwareModuleName), moduleName)));
}
