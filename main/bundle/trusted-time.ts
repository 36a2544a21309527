import { oids } from '../asn1/index.ts';
import { later, type Certificate } from '../pki/index.ts';
import type { AcceptedSigner } from './acceptance.ts';
import type { AuthenticCrl } from './bundle-crls.ts';

/**
 * The latest time that an accepted bundle proves to an eNB without a clock.
 *
 * Only what a CA without extension A.1 signed counts: the notBefore of certificates in the signer's path, and the
 * thisUpdate of CRLs. Each counts at most up to the notAfter of that CA. So no operator can push an eNB's clock past
 * the end of other operators' bundles.
 */
export function latestTrustedTime(
  { path }: Pick<AcceptedSigner, 'path'>,
  crls: readonly AuthenticCrl[],
): Date {
  const [root] = path;
  const starts = path.map((certificate, index) => ({
    issuer: path[Math.max(0, index - 1)] ?? root,
    time: certificate.notBefore,
  }));
  const proven = [...starts, ...crls.map(({ crl, issuer }) => ({ issuer, time: crl.thisUpdate }))];
  return proven
    .filter(({ issuer }) => isUnrestricted(issuer))
    .map(({ issuer, time }) => earlier(time, issuer.notAfter))
    .reduce(later, earlier(root.notBefore, root.notAfter));
}

/** Whether the vendor lets a CA configure all eNBs: it has no extension A.1. */
export function isUnrestricted(ca: Certificate): boolean {
  return !ca.extensions.has(oids.vendorConfigurationAuthorisation);
}

function earlier(a: Date, b: Date): Date {
  return a < b ? a : b;
}
