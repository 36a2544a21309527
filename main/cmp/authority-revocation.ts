import { denied, granted, type Judged, type Requester } from './authority-requester.ts';
import type { RevDetails } from './body.ts';
import type { Journal } from './ports.ts';

/** removeFromCRL, and the highest CRLReason (RFC 5280 section 5.3.1), in which 7 is not used. */
const [removeFromCrl, highestReason, unusedReason] = [8, 10, 7];

/** A certificate that its holder may revoke, and why. */
export interface GoodRevocation {
  /** SHA-256 of the certificate. */
  readonly certificate: string;
  readonly reason: number;
}

/** Judges a request to revoke. A holder revokes the certificate that signs. */
export function judgeRevocation(
  revocations: readonly RevDetails[],
  requester: Requester,
  journal: Journal,
): Judged<GoodRevocation> {
  if (requester.kind === 'credential')
    return denied('wrongIntegrity', 'A revocation is signed with the certificate that is to be revoked.');
  if (requester.kind === 'enb')
    return denied('notAuthorized', 'A revocation is signed with a certificate of this CA.');
  const [details, ...others] = revocations;
  if (!details || others.length > 0)
    return denied('badRequest', 'A message revokes exactly one certificate.');
  const { template, reason = 0 } = details;
  const { issuer, serialNumber, subject, publicKey, version } = template;
  if (!issuer || serialNumber === undefined)
    return denied('addInfoNotAvailable', 'The request must name issuer and serial number.');
  if (version !== undefined && version !== 2)
    return denied('badRequest', 'The version must be 3 (2), or absent.');
  if (details.hasSeveralReasons || reason === removeFromCrl)
    return denied('badRequest', 'A revocation has one reason, and cannot be taken back.');
  if (reason > highestReason || reason === unusedReason)
    return denied('badDataFormat', 'The reason is none that RFC 5280 knows.');
  const { certificate } = requester;
  const found = journal.bySerial(serialNumber);
  const isNamed =
    issuer.key === certificate.issuer.key &&
    (!subject || subject.key === certificate.subject.key) &&
    (!publicKey || Buffer.compare(publicKey.spki, certificate.publicKey.spki) === 0);
  if (found?.certificate.sha256 !== certificate.sha256 || !isNamed)
    return denied('badCertId', 'The request does not name the certificate that signs it.');
  return granted({ certificate: certificate.sha256, reason });
}
