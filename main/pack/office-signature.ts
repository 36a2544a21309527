import { oids } from '../asn1/index.ts';
import { parseSignedData, signData, verifySignedData } from '../cms/index.ts';
import { fault, ok, prependWhere, refused, type Result } from '../faults/index.ts';
import type { Signer } from '../keys/index.ts';
import {
  allowsKeyUsage,
  nameToText,
  validateCertificate,
  type Certificate,
  type Clock,
  type Path,
  type PathFaultCode,
} from '../pki/index.ts';

/** The smallest RSA key that may sign for an office, in bits. */
const minimumOfficeRsaBits = 3072;

/** Something that an office key has signed. Only the signature is verified: the path of the signer is still to judge. */
export interface SignedByOffice {
  readonly content: Uint8Array;
  readonly signer: Certificate;
  /** All certificates that came along. None is trusted. */
  readonly certificates: readonly Certificate[];
}

/** Signs content with the office key. Its chain goes along, so that a reader needs the operator root only. */
export function signByOffice(content: Uint8Array, office: Signer, now: Date): Promise<Uint8Array> {
  return signData(content, office, now);
}

/** Parses SignedData and verifies its signature. */
export function readSigned(
  bytes: Uint8Array,
): Result<SignedByOffice, 'cms-malformed' | 'cms-signature-invalid'> {
  const signed = parseSignedData(bytes);
  if (!signed.ok) return signed;
  const signer = verifySignedData(signed.value, minimumOfficeRsaBits);
  if (!signer.ok) return signer;
  const { content, certificates } = signed.value;
  return ok({ content, certificates, signer: signer.value });
}

/** What a certificate of an office key is judged by. */
export interface OfficeQuestion {
  readonly roots: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  readonly clock: Clock;
}

/**
 * The path from an operator root to the certificate of an office key. The certificate must name the extended key usage
 * A.4 itself: anyExtendedKeyUsage is not enough, because other keys of the operator may have that. Refuses with the
 * fault of the path.
 */
export function judgeOffice(
  target: Certificate,
  { roots, intermediates, clock }: OfficeQuestion,
): Result<Path, PathFaultCode> {
  const path = validateCertificate({
    ...{ target, intermediates, clock },
    trustAnchors: roots,
    crls: [],
    requireCrl: false,
    purpose: oids.officeSigning,
  });
  if (!path.ok) return path;
  if (allowsKeyUsage(target, 'digitalSignature')) return path;
  const because = fault('key-usage-insufficient', { expected: 'digitalSignature' });
  return refused(prependWhere(because, { certificate: nameToText(target.subject) }));
}
