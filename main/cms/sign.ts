import { hash } from 'node:crypto';
import { contextTag, der, oids } from '../asn1/index.ts';
import type { Signer } from '../keys/index.ts';
import { writeHash, writeSignatureAlgorithm, type Certificate, type Crl } from '../pki/index.ts';

/**
 * Signs content as SignedData (RFC 5652 section 5): DER, content attached as id-data, one signer named by issuer and
 * serial number, signed attributes contentType, messageDigest, signingTime and signingCertificateV2 (RFC 5035).
 * `certificates` go along with the signer's own, in any order, because DER sorts them.
 */
export async function signData(
  content: Uint8Array,
  signer: Signer,
  signingTime: Date,
  certificates: readonly Certificate[] = signer.chain,
  crls: readonly Crl[] = [],
): Promise<Uint8Array> {
  const digest = signer.algorithm.hash;
  const { signerIdentifier, signerCertificate, digestAlgorithm, signatureAlgorithm } = partsOf(signer);
  const signedAttributes = der.setOf([
    attribute(oids.contentType, der.oid(oids.data)),
    attribute(oids.messageDigest, der.octetString(hash(digest, content, 'buffer'))),
    attribute(oids.signingTime, der.time(signingTime)),
    signerCertificate,
  ]);
  const signerInfo = der.sequence(
    der.integer(1),
    signerIdentifier,
    digestAlgorithm,
    der.implicit(0, signedAttributes),
    signatureAlgorithm,
    der.octetString(await signer.sign(signedAttributes)),
  );
  const signedData = der.sequence(
    der.integer(1),
    der.setOf([digestAlgorithm]),
    der.sequence(der.oid(oids.data), der.explicit(0, der.octetString(content))),
    der.setOf(
      [signer.certificate, ...certificates].map((certificate) => certificate.der),
      contextTag(0),
    ),
    ...(crls.length > 0
      ? [
          der.setOf(
            crls.map((crl) => crl.der),
            contextTag(1),
          ),
        ]
      : []),
    der.setOf([signerInfo]),
  );
  return der.sequence(der.oid(oids.signedData), der.explicit(0, signedData));
}

/** The parts that are the same in everything a signer signs. */
interface SignerParts {
  readonly signerIdentifier: Uint8Array;
  /** The attribute signingCertificateV2. */
  readonly signerCertificate: Uint8Array;
  readonly digestAlgorithm: Uint8Array;
  readonly signatureAlgorithm: Uint8Array;
}

const signerParts = new WeakMap<Signer, SignerParts>();

function partsOf(signer: Signer): SignerParts {
  let parts = signerParts.get(signer);
  if (!parts) {
    parts = {
      signerIdentifier: issuerAndSerialNumber(signer.certificate),
      signerCertificate: attribute(oids.signingCertificateV2, signingCertificateV2(signer.certificate)),
      digestAlgorithm: writeHash(signer.algorithm.hash),
      signatureAlgorithm: signatureAlgorithm(signer),
    };
    signerParts.set(signer, parts);
  }
  return parts;
}

function attribute(type: string, value: Uint8Array): Uint8Array {
  return der.sequence(der.oid(type), der.setOf([value]));
}

/** IssuerAndSerialNumber (RFC 5652 section 10.2.4). */
export function issuerAndSerialNumber({
  issuer,
  serialNumber,
}: Pick<Certificate, 'issuer' | 'serialNumber'>): Uint8Array {
  return der.sequence(issuer.der, der.element(0x02, Buffer.from(serialNumber, 'hex')));
}

/** One ESSCertIDv2 with the SHA-256 of the certificate. SHA-256 is the default, so it is not named (RFC 5035). */
function signingCertificateV2(certificate: Certificate): Uint8Array {
  const certHash = der.octetString(Buffer.from(certificate.sha256, 'hex'));
  return der.sequence(der.sequence(der.sequence(certHash)));
}

/** RSA with PKCS#1 v1.5 is named by its key alone (RFC 5754 section 3.2). */
function signatureAlgorithm({ algorithm }: Signer): Uint8Array {
  return algorithm.kind === 'rsa-pkcs1'
    ? der.sequence(der.oid(oids.rsaEncryption), der.null)
    : writeSignatureAlgorithm(algorithm);
}
