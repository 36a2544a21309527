import { hash } from 'node:crypto';
import type { Certificate, Hash } from '../pki/index.ts';

/** The digest of a certificate in a certConf (RFC 9810 section 5.3.18). */
export interface CertHash {
  readonly certHash: Uint8Array;
  /** The digest's algorithm has to be named, in cmp2021, where the certificate's signature names none. */
  readonly mustBeNamed: boolean;
}

/** The digest that the certificate's own signature uses, or SHA-256 where that names none. */
export function certHashOf({ der, signatureAlgorithm }: Certificate): CertHash {
  const named = 'hash' in signatureAlgorithm ? signatureAlgorithm.hash : undefined;
  return { certHash: digest(der, named ?? 'sha256'), mustBeNamed: named === undefined };
}

/** Whether a digest is that of the certificate: with the algorithm that is named beside it, or that of its signature. */
export function isCertHash(certificate: Certificate, value: Uint8Array, named: Hash | undefined): boolean {
  const expected = named ? digest(certificate.der, named) : certHashOf(certificate).certHash;
  return Buffer.compare(expected, value) === 0;
}

function digest(bytes: Uint8Array, algorithm: Hash): Uint8Array {
  return hash(algorithm, bytes, 'buffer');
}
