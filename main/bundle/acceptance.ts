import { hash } from 'node:crypto';
import type { SignedData } from '../cms/index.ts';
import type { Fault, Refused } from '../faults/index.ts';
import { readDocument } from '../json/index.ts';
import {
  hasSigned,
  type Certificate,
  type Crl,
  type Path,
  type VendorConfigurationAuthorisation,
} from '../pki/index.ts';
import {
  Answers,
  type AcceptanceCheck,
  type AcceptanceCode,
  type AcceptanceContext,
} from './acceptance-checks.ts';
import { configurationFormat, configurationSchema, type Configuration } from './configuration.ts';
import { judgeConfiguration, judgeContent, judgeSealed } from './judge-content.ts';
import { openBundle } from './open-bundle.ts';
import type { SealedContent } from './sealed.ts';
import { judgeSigner } from './signer.ts';

/** What an eNB would think of a bundle, and what of the bundle is believed by then. */
export interface Acceptance {
  readonly accepted: boolean;
  /** What was not judged for want of something, and would have to hold. */
  readonly assumed: readonly AcceptanceCode[];
  readonly checks: readonly AcceptanceCheck[];
  /** SHA-256 of the bundle, lower-case hex. */
  readonly bundleSha256: string;
  /** Present when it is authentic: signature, path and authorisation to configure hold. */
  readonly configuration?: Configuration;
  /** Present when it was decrypted and belongs to this bundle. Holds secrets. */
  readonly sealed?: SealedContent;
  /** From the vendor root to the signer, when they hold. */
  readonly signerPath?: Path;
  /** Those that came with an authentic bundle, and that a CA of `signerPath` has signed. */
  readonly crls: readonly Crl[];
}

/**
 * Judges a bundle as an eNB does. This one function serves the eNB, the tool before it sends, and the command line.
 * Members of the content are not looked at before signature and path hold, and nothing is decrypted before all that
 * comes before it in the order holds: a stranger's bundle learns nothing from the answer.
 */
export function judgeBundle(bytes: Uint8Array, context: AcceptanceContext): Acceptance {
  const answers = new Answers();
  const bundleSha256 = hash('sha256', bytes);
  const findings = judgeInOrder(bytes, bundleSha256, context, answers);
  const checks = answers.checks();
  const assumed = checks.filter((check) => check.ok === null && !check.why.startsWith('prevented-by'));
  const accepted = checks.every((check) => check.ok === true || assumed.includes(check));
  return { accepted, assumed: assumed.map(({ code }) => code), checks, bundleSha256, crls: [], ...findings };
}

/** Why a bundle would be refused: what the first check that fails has found. Undefined when none does. */
export function firstFailure({ checks }: Acceptance): Fault | undefined {
  const failed = checks.find((check) => check.ok === false);
  return failed?.ok === false ? failed.detail : undefined;
}

type Findings = Partial<Pick<Acceptance, 'configuration' | 'sealed' | 'signerPath' | 'crls'>>;

function judgeInOrder(
  bytes: Uint8Array,
  bundleSha256: string,
  context: AcceptanceContext,
  answers: Answers,
): Findings {
  const stop = (code: AcceptanceCode, because: Refused): Findings => {
    answers.failBecause(code, because);
    return {};
  };
  const { signedData, signer } = openBundle(bytes, bundleSha256);
  if (!signedData.ok) return stop('bundle-malformed', signedData);
  answers.hold('bundle-malformed');
  if (!signer.ok) return stop('bundle-signature-invalid', signer);
  answers.hold('bundle-signature-invalid');
  const signerFindings = answerSigner(signer.value, signedData.value, context, answers);
  if (!signerFindings || !answers.holdsUpTo('signer-not-a-configuration-key')) return {};
  const { path, authorisation } = signerFindings;
  const { crls, content } = signedData.value;
  const configuration = readDocument(content, configurationFormat, configurationSchema);
  if (!configuration.ok) return stop('bundle-malformed', configuration);
  judgeContent(configuration.value, authorisation, path[0], hash('sha256', content), context, answers);
  const sealed = judgeSealed(configuration.value, signer.value, context, answers);
  judgeConfiguration(configuration.value, sealed, answers);
  return {
    configuration: configuration.value,
    signerPath: path,
    crls: crls.filter((crl) => isAuthentic(crl, path)),
    ...(sealed && { sealed }),
  };
}

/** Nothing signs which lists come with a bundle: one that an eNB is to remember must stand for itself. */
function isAuthentic(crl: Crl, path: Path): boolean {
  const isIssuer = (ca: Certificate) => ca.subject.key === crl.issuer.key && hasSigned(ca, crl);
  return !crl.unsupported && path.slice(0, -1).some(isIssuer);
}

/** The codes `signer-*`. */
function answerSigner(
  signer: Certificate,
  { certificates, crls }: SignedData,
  context: AcceptanceContext,
  answers: Answers,
): { readonly path: Path; readonly authorisation: VendorConfigurationAuthorisation } | undefined {
  const { clock } = context;
  const judgement = judgeSigner({
    target: signer,
    trustAnchors: context.vendorRoots,
    intermediates: [...certificates, ...(context.intermediates ?? [])],
    crls: [...crls, ...(context.crls ?? [])],
    clock,
  });
  const { path, untrusted, expired, revoked, unauthorised, authorisation } = judgement;
  if (untrusted) answers.fail('signer-untrusted', untrusted);
  if (!path) return undefined;
  answers.hold('signer-untrusted');
  if (expired) answers.fail('signer-expired', expired);
  else if (clock.isExact) answers.hold('signer-expired');
  else answers.skip('signer-expired', 'no-clock');
  if (revoked) answers.fail('signer-revoked', revoked);
  else if (judgement.isRevocationChecked) answers.hold('signer-revoked');
  else answers.skip('signer-revoked', 'not-given');
  if (unauthorised) answers.fail('signer-not-a-configuration-key', unauthorised);
  if (!authorisation) return undefined;
  answers.hold('signer-not-a-configuration-key');
  return { path, authorisation };
}
