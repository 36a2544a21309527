import { hasIssuedCrl, type Certificate, type Crl, type Path } from '../pki/index.ts';

/** The largest CRL that a bundle may bring, in bytes. Larger ones are ignored, and `prepare` refuses them. */
export const maximumCrlSize = 64 * 1024;

/** A CRL with a good signature, and the CA of the signer's path that signed it. */
export interface AuthenticCrl {
  readonly crl: Crl;
  readonly issuer: Certificate;
}

/** Whether a CRL is within `maximumCrlSize`. */
export function isOfFitSize({ der }: Crl): boolean {
  return der.length <= maximumCrlSize;
}

/**
 * The CRLs that a CA of the path signed. No signature covers which CRLs come with a bundle, so only these are worth
 * keeping.
 *
 * CRLs of a revoked CA, or of a CA below one, are left out. `revokedAt` is the index in `path` of the first revoked
 * certificate.
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
