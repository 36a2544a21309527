import { hasIssuedCrl, type Certificate, type Crl, type Path } from '../pki/index.ts';

/** The largest CRL that counts for a bundle, in bytes. `prepare` refuses larger ones. */
export const maximumCrlSize = 64 * 1024;

/** A CRL that stands for itself, and the CA of the signer's path that signed it. */
export interface AuthenticCrl {
  readonly crl: Crl;
  readonly issuer: Certificate;
}

/** Whether a CRL is small enough to count. */
export function isOfFitSize({ der }: Crl): boolean {
  return der.length <= maximumCrlSize;
}

/**
 * The CRLs that CAs of a path signed. Nothing signs which lists come with a bundle, so only these are worth remembering.
 * Lists of a CA that is revoked, or lies below one, are left out: `revokedAt` is the place of the first such certificate.
 */
export function authenticCrls(
  crls: readonly Crl[],
  path: Path,
  revokedAt = path.length - 1,
): readonly AuthenticCrl[] {
  const cas = path.slice(0, Math.min(revokedAt, path.length - 1));
  return crls.flatMap((crl) => {
    if (crl.unsupported || !isOfFitSize(crl)) return [];
    const issuer = cas.find((ca) => hasIssuedCrl(ca, crl));
    return issuer ? [{ crl, issuer }] : [];
  });
}
