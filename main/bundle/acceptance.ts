import { hash } from 'node:crypto';
import type { SignedData } from '../cms/index.ts';
import type { Fault, Refused } from '../faults/index.ts';
import type { Certificate, Clock, Path, VendorConfigurationAuthorisation } from '../pki/index.ts';
import {
  CheckResults,
  type AcceptanceCheck,
  type AcceptanceCode,
  type AcceptanceContext,
} from './acceptance-checks.ts';
import { authenticCrls, isOfFitSize, type AuthenticCrl } from './bundle-crls.ts';
import type { Configuration } from './configuration.ts';
import { judgeConfiguration, judgeContent, judgeSealed } from './judge-content.ts';
import { signerSpkiSha256 } from './make-bundle.ts';
import type { Bundle } from './bundle.ts';
import type { SealedContent } from './sealed.ts';
import { judgeSigner } from './judge-signer.ts';
import type { JudgedSigner, SignerMemory } from './signer-memory.ts';

/** An eNB's judgement of a bundle, and the parts of the bundle that can be trusted after it. */
export interface Acceptance {
  readonly accepted: boolean;
  /** Checks that were not made because an input was missing. The eNB makes them, and they must pass there. */
  readonly assumed: readonly AcceptanceCode[];
  readonly checks: readonly AcceptanceCheck[];
  /** SHA-256 of the bundle, lower-case hex. */
  readonly bundleSha256: string;
  /**
   * Present when authentic: signature, path and authorisation to configure hold, and no newer epoch supersedes the
   * signer.
   */
  readonly configuration?: Configuration;
  /** Present when it was decrypted and belongs to this bundle. Holds secrets. */
  readonly sealed?: SealedContent;
  /** Present with `configuration`. */
  readonly signer?: AcceptedSigner;
  /** CRLs that came with the bundle and that a CA of the signer's path signed. Returned for a refused bundle too. */
  readonly crls: readonly AuthenticCrl[];
}

/** The signer of an authentic bundle. */
export interface AcceptedSigner {
  /** From the vendor root to the signer. */
  readonly path: Path;
  readonly epoch: number;
  /** SHA-256 of the signer's SubjectPublicKeyInfo, lower-case hex. */
  readonly spkiSha256: string;
}

/**
 * Judges a bundle as an eNB does. The eNB, the tool (before it sends) and the command line all use this function.
 *
 * It reads no member of the content before signature and path hold. It decrypts nothing unless every check up to
 * `bundle-for-another-enb` holds. So an attacker's bundle learns nothing from the result.
 * @param signers for those who judge many bundles
 */
export function judgeBundle(bundle: Bundle, context: AcceptanceContext, signers?: SignerMemory): Acceptance {
  const results = new CheckResults();
  const { sha256: bundleSha256 } = bundle;
  const findings = judgeInOrder(bundle, context, results, signers);
  const checks = results.checks();
  const assumed = checks.filter((check) => check.ok === null && !check.why.startsWith('prevented-by'));
  const accepted = checks.every((check) => check.ok === true || assumed.includes(check));
  return { accepted, assumed: assumed.map(({ code }) => code), checks, bundleSha256, crls: [], ...findings };
}

/** The fault of the first check that failed. Undefined when none failed. */
export function firstFailure({ checks }: Acceptance): Fault | undefined {
  const failed = checks.find((check) => check.ok === false);
  return failed?.ok === false ? failed.detail : undefined;
}

type Findings = Partial<Pick<Acceptance, 'configuration' | 'sealed' | 'signer' | 'crls'>>;

function judgeInOrder(
  bundle: Bundle,
  context: AcceptanceContext,
  results: CheckResults,
  signers: SignerMemory | undefined,
): Findings {
  const stop = (code: AcceptanceCode, because: Refused): Findings => {
    results.failBecause(code, because);
    return {};
  };
  const { signedData, signer } = bundle;
  if (!signedData.ok) return stop('bundle-malformed', signedData);
  results.hold('bundle-malformed');
  if (!signer.ok) return stop('bundle-signature-invalid', signer);
  results.hold('bundle-signature-invalid');
  const spkiSha256 = signerSpkiSha256(signer.value);
  const clock = clockFor(context, spkiSha256);
  const dated = { ...context, clock };
  const judge = () => judgeWith(signer.value, signedData.value, dated);
  const found = signers ? signers.recall(signer.value, signedData.value, dated, judge) : judge();
  const judged = checkSigner(found, dated, results);
  const { path, authorisation, crls = [] } = judged;
  if (!path || !authorisation || !results.holdsUpTo('signer-superseded')) return { crls };
  const { content } = signedData.value;
  const { configuration } = bundle;
  if (!configuration.ok) return { ...stop('bundle-malformed', configuration), crls };
  judgeContent(
    configuration.value,
    authorisation,
    path[0],
    hash('sha256', content),
    { ...context, clock },
    results,
  );
  const sealed = judgeSealed(configuration.value, signer.value, context, results);
  judgeConfiguration(configuration.value, sealed, results);
  return {
    configuration: configuration.value,
    signer: { path, epoch: authorisation.epoch, spkiSha256 },
    crls,
    ...(sealed && { sealed }),
  };
}

/** An inexact clock is at least the time that earlier bundles of the same key have proven. */
function clockFor({ clock, signerTimes }: AcceptanceContext, spkiSha256: string): Clock {
  const proven = signerTimes?.get(spkiSha256);
  return !clock.isExact && proven && proven > clock.now ? { now: proven, isExact: false } : clock;
}

/** The results about a signer that later checks need. */
interface SignerFindings {
  readonly path?: Path;
  readonly authorisation?: VendorConfigurationAuthorisation;
  readonly crls?: readonly AuthenticCrl[];
}

function judgeWith(
  signer: Certificate,
  { certificates, crls }: SignedData,
  context: AcceptanceContext,
): JudgedSigner {
  const { clock, revokingCrls = [], requireFreshCrl = false } = context;
  const judgement = judgeSigner({
    target: signer,
    trustAnchors: context.vendorRoots,
    intermediates: [...certificates, ...(context.intermediates ?? [])],
    crls: [...crls.filter(isOfFitSize), ...(context.crls ?? [])],
    revokingCrls,
    allowsEndedCrls: !requireFreshCrl,
    ignoresForeignCrls: true,
    clock,
  });
  const { path, revokedAt } = judgement;
  return { ...judgement, authentic: path ? authenticCrls(crls, path, revokedAt) : [] };
}

/** Makes the checks `signer-*`. */
function checkSigner(
  { path, untrusted, expired, revoked, revocation, unauthorised, authorisation, authentic }: JudgedSigner,
  { clock, lastEpoch }: AcceptanceContext,
  results: CheckResults,
): SignerFindings {
  if (untrusted) results.fail('signer-untrusted', untrusted);
  if (!path) return {};
  results.hold('signer-untrusted');
  if (expired) results.fail('signer-expired', expired);
  else if (clock.isExact) results.hold('signer-expired');
  else results.skip('signer-expired', 'no-clock');
  if (revoked) results.fail('signer-revoked', revoked);
  else if (revocation === 'checked') results.hold('signer-revoked');
  else results.skip('signer-revoked', revocation);
  if (unauthorised) results.fail('signer-not-a-configuration-key', unauthorised);
  const findings = { path, crls: authentic };
  if (!authorisation) return findings;
  results.hold('signer-not-a-configuration-key');
  if (lastEpoch === undefined) results.skip('signer-superseded', 'not-given');
  else {
    results.record('signer-superseded', authorisation.epoch >= lastEpoch, {
      expected: String(lastEpoch),
      found: String(authorisation.epoch),
    });
  }
  return { ...findings, authorisation };
}
