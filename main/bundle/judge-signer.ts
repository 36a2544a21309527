import { oids } from '../asn1/index.ts';
import { fault, prependWhere, type Fault } from '../faults/index.ts';
import {
  allowsKeyUsage,
  containsAuthorisation,
  isDateFault,
  isRevocationFault,
  judgePath,
  nameToText,
  readAuthorisation,
  type Path,
  type PathQuestion,
  type RevocationChecked,
  type VendorConfigurationAuthorisation,
} from '../pki/index.ts';

/** The input of path validation for a signer. The purpose is fixed, and CRLs are optional. */
export type SignerQuestion = Omit<PathQuestion, 'requireCrl' | 'purpose'>;

/** The judgement of a certificate that signs, or will sign, configurations. An absent fault means that check passed. */
export interface SignerJudgement {
  readonly path?: Path;
  readonly untrusted?: Fault<'signer-untrusted'>;
  readonly expired?: Fault<'signer-expired'>;
  readonly revoked?: Fault<'signer-revoked'>;
  readonly revocation: RevocationChecked;
  /** The index in `path` of the first revoked certificate. */
  readonly revokedAt?: number;
  readonly unauthorised?: Fault<'signer-not-a-configuration-key'>;
  /** Present when the certificate is authorised at all. */
  readonly authorisation?: VendorConfigurationAuthorisation;
}

/** Judges an operator configuration certificate against the vendor's roots. */
export function judgeSigner(question: SignerQuestion): SignerJudgement {
  const { path, faults, revocation, revokedAt } = judgePath({
    ...question,
    requireCrl: false,
    purpose: oids.configurationSigning,
  });
  const isPurposeFault = ({ code }: Fault) => code === 'extended-key-usage-insufficient';
  const distrust = faults.find((one) => !isDateFault(one) && !isRevocationFault(one) && !isPurposeFault(one));
  if (distrust || !path) {
    return {
      untrusted: fault('signer-untrusted', distrust ? { because: distrust } : {}),
      revocation,
    };
  }
  const outOfDate = faults.find(isDateFault);
  const revoked = faults.find(isRevocationFault);
  return {
    path,
    revocation,
    ...(revokedAt !== undefined && { revokedAt }),
    ...(outOfDate && { expired: fault('signer-expired', { because: outOfDate }) }),
    ...(revoked && { revoked: fault('signer-revoked', { because: revoked }) }),
    ...readSignerAuthorisation(path, faults.find(isPurposeFault)),
  };
}

/**
 * The authorisation of the signer, if its certificate is for configuration. That needs extended key usage A.2 and
 * extension A.1, and a key usage that allows signing. Every CA above with an A.1 must contain the scopes below it and
 * have their epoch. So a CA that the vendor restricts cannot outrank anyone.
 */
function readSignerAuthorisation(
  path: Path,
  purposeFault: Fault | undefined,
): Pick<SignerJudgement, 'authorisation' | 'unauthorised'> {
  const unauthorised = (facts: Omit<Fault, 'code'>) => ({
    unauthorised: fault('signer-not-a-configuration-key', facts),
  });
  if (purposeFault) return unauthorised({ rule: 'configuration-eku', because: purposeFault });
  const target = path[path.length - 1] ?? path[0];
  if (!allowsKeyUsage(target, 'digitalSignature')) {
    const because = fault('key-usage-insufficient', { expected: 'digitalSignature' });
    return unauthorised({ because: prependWhere(because, { certificate: nameToText(target.subject) }) });
  }
  let authorisation: VendorConfigurationAuthorisation | undefined;
  for (const [index, certificate] of path.entries()) {
    const own = readAuthorisation(certificate);
    if (!own.ok) return unauthorised({ because: own.fault });
    if (!own.value) {
      if (index === path.length - 1) return unauthorised({ rule: 'configuration-authorisation' });
      continue;
    }
    if (authorisation && !containsAuthorisation(authorisation, own.value)) {
      return unauthorised({ rule: 'authorisation-contained' });
    }
    if (authorisation && authorisation.epoch !== own.value.epoch) {
      return unauthorised({
        rule: 'authorisation-epoch',
        expected: String(authorisation.epoch),
        found: String(own.value.epoch),
      });
    }
    authorisation = own.value;
  }
  return authorisation ? { authorisation } : {};
}
