import { hash, type KeyObject } from 'node:crypto';
import {
  openAuthEnvelopedData,
  parseAuthEnvelopedData,
  parseSignedData,
  verifySignedData,
  type SignedData,
} from '../cms/index.ts';
import { fault, ok, refuse, type Fault, type Refused, type Result } from '../faults/index.ts';
import { readDocument } from '../json/index.ts';
import {
  allowsKeyUsage,
  certificateSha256,
  isAuthorised,
  isTrainingCertificate,
  verifySignature,
  type Certificate,
  type Clock,
  type Crl,
  type Path,
  type VendorConfigurationAuthorisation,
} from '../pki/index.ts';
import { checkConfiguration, operatorRoots } from './check-configuration.ts';
import {
  configurationFormat,
  configurationSchema,
  outerSha256,
  type Configuration,
} from './configuration.ts';
import { signerSpkiSha256 } from './make-bundle.ts';
import { judgeSigner } from './signer.ts';
import { parseSealed, type SealedContent } from './sealed.ts';

/** The largest bundle, in octets. */
export const maximumBundleSize = 1024 * 1024;

/** RSA keys that sign configurations have at least these bits. */
const minimumSignerRsaBits = 3072;

/** What is checked of a bundle, in the order in which it is reported. */
export const acceptanceCodes = [
  'bundle-malformed',
  'bundle-signature-invalid',
  'signer-untrusted',
  'signer-expired',
  'signer-revoked',
  'signer-not-a-configuration-key',
  'enb-out-of-scope',
  'bundle-for-another-enb',
  'bundle-not-yet-valid',
  'bundle-expired',
  'sequence-rollback',
  'training-mismatch',
  'sealed-undecryptable',
  'sealed-binding-mismatch',
  'configuration-invalid',
] as const;
export type AcceptanceCode = (typeof acceptanceCodes)[number];

/** Why a check could not be made. */
export type Unjudged = 'not-given' | 'no-key' | 'no-clock' | `prevented-by:${AcceptanceCode}`;

export type AcceptanceCheck = { readonly code: AcceptanceCode } & (
  | { readonly ok: true }
  | { readonly ok: false; readonly detail: Fault }
  | { readonly ok: null; readonly why: Unjudged }
);

/** The eNB for which a bundle is judged, as far as it is known. */
export interface JudgingEnb {
  readonly serialNumber: string;
  readonly hwType?: string;
  readonly certificate?: Certificate;
}

/** What the bundle is judged by. What is absent is not judged, and is said to be assumed. */
export interface AcceptanceContext {
  readonly vendorRoots: readonly Certificate[];
  readonly intermediates?: readonly Certificate[];
  readonly crls?: readonly Crl[];
  readonly clock: Clock;
  readonly enb?: JudgingEnb;
  readonly enbKey?: KeyObject;
  /** The eNB's sequence number so far, 0 when it never took a bundle. */
  readonly lastSequence?: number;
  /** SHA-256 of the bundle that the eNB holds, lower-case hex. */
  readonly storedSha256?: string;
}

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
  const verdict = new Verdict();
  const bundleSha256 = hash('sha256', bytes);
  const findings = judgeInOrder(bytes, bundleSha256, context, verdict);
  const checks = verdict.checks();
  const assumed = checks.filter((check) => check.ok === null && !check.why.startsWith('prevented-by'));
  const accepted = checks.every((check) => check.ok === true || assumed.includes(check));
  return { accepted, assumed: assumed.map(({ code }) => code), checks, bundleSha256, crls: [], ...findings };
}

/** Why a bundle would be refused: what the first check that fails has found. Undefined when none does. */
export function firstFailure({ checks }: Acceptance): Fault | undefined {
  const failed = checks.find((check) => check.ok === false);
  return failed?.ok === false ? failed.detail : undefined;
}

/** The answers so far. What is never answered was prevented by the first thing that is wrong. */
class Verdict {
  readonly #answers = new Map<AcceptanceCode, AcceptanceCheck>();

  hold(code: AcceptanceCode): void {
    this.#answers.set(code, { code, ok: true });
  }

  fail(code: AcceptanceCode, detail: Fault): void {
    this.#answers.set(code, { code, ok: false, detail });
  }

  skip(code: AcceptanceCode, why: Unjudged): void {
    this.#answers.set(code, { code, ok: null, why });
  }

  /** Holds, or fails with its own code and these facts. */
  answer(code: AcceptanceCode, holds: boolean, facts: Omit<Fault, 'code'>): void {
    if (holds) this.hold(code);
    else this.fail(code, fault(code, facts));
  }

  /** Whether none of the codes up to and with this one has failed, and each was at least looked at. */
  holdsUpTo(code: AcceptanceCode): boolean {
    const upTo = acceptanceCodes.slice(0, acceptanceCodes.indexOf(code) + 1);
    return upTo.every((one) => this.#answers.has(one) && this.#answers.get(one)?.ok !== false);
  }

  checks(): readonly AcceptanceCheck[] {
    const firstFailed = acceptanceCodes.find((code) => this.#answers.get(code)?.ok === false);
    return acceptanceCodes.map((code) => {
      const answer = this.#answers.get(code);
      if (answer) return answer;
      if (!firstFailed) throw new Error(`${code} was not judged`);
      return { code, ok: null, why: `prevented-by:${firstFailed}` };
    });
  }
}

type Findings = Partial<Pick<Acceptance, 'configuration' | 'sealed' | 'signerPath' | 'crls'>>;

function judgeInOrder(
  bytes: Uint8Array,
  bundleSha256: string,
  context: AcceptanceContext,
  verdict: Verdict,
): Findings {
  const { signedData, signer } = openBundle(bytes, bundleSha256);
  if (!signedData.ok) return failed(verdict, 'bundle-malformed', signedData);
  verdict.hold('bundle-malformed');
  if (!signer.ok) return failed(verdict, 'bundle-signature-invalid', signer);
  verdict.hold('bundle-signature-invalid');
  const signerFindings = answerSigner(signer.value, signedData.value, context, verdict);
  if (!signerFindings || !verdict.holdsUpTo('signer-not-a-configuration-key')) return {};
  const { path, authorisation } = signerFindings;
  const { crls, content } = signedData.value;
  const configuration = readDocument(content, configurationFormat, configurationSchema);
  if (!configuration.ok) return failed(verdict, 'bundle-malformed', configuration);
  judgeContent(configuration.value, authorisation, path[0], bundleSha256, context, verdict);
  const sealed = judgeSealed(configuration.value, signer.value, context, verdict);
  judgeConfiguration(configuration.value, sealed, verdict);
  return {
    configuration: configuration.value,
    signerPath: path,
    crls: crls.filter((crl) => isAuthentic(crl, path)),
    ...(sealed && { sealed }),
  };
}

/** Nothing signs which lists come with a bundle: one that an eNB is to remember must stand for itself. */
function isAuthentic({ issuer, signatureAlgorithm, signature, tbs, unsupported }: Crl, path: Path): boolean {
  const isSignedBy = ({ publicKey }: Certificate) =>
    verifySignature(signatureAlgorithm, publicKey, tbs, signature);
  const isIssuer = (ca: Certificate) => ca.subject.key === issuer.key && allowsKeyUsage(ca, 'cRLSign');
  return !unsupported && path.some((certificate) => isIssuer(certificate) && isSignedBy(certificate));
}

/** Takes a bundle apart without judging it: for showing what it says, and for nothing else. */
export function readConfigurationUnverified(
  bytes: Uint8Array,
): Result<
  Pick<SignedData, 'certificates' | 'crls'> & { readonly configuration: Configuration },
  'bundle-malformed'
> {
  const { signedData } = openBundle(bytes, hash('sha256', bytes));
  if (!signedData.ok) return refuse('bundle-malformed', { because: signedData.fault });
  const { content, certificates, crls } = signedData.value;
  const configuration = readDocument(content, configurationFormat, configurationSchema);
  if (!configuration.ok) return refuse('bundle-malformed', { because: configuration.fault });
  return ok({ certificates, crls, configuration: configuration.value });
}

function failed(verdict: Verdict, code: AcceptanceCode, { fault: because }: Refused): Findings {
  verdict.fail(code, fault(code, { because }));
  return {};
}

interface OpenedBundle {
  readonly sha256: string;
  readonly signedData: ReturnType<typeof readEnvelope>;
  readonly signer: Result<Certificate>;
}

const opened = new WeakMap<Uint8Array, OpenedBundle>();

/**
 * The bundle taken apart, and who signed it; remembered, as a bundle is judged before it is known which eNB is there and
 * after. By its digest it is still the same.
 */
function openBundle(bytes: Uint8Array, sha256: string): OpenedBundle {
  const known = opened.get(bytes);
  if (known?.sha256 === sha256) return known;
  const signedData = readEnvelope(bytes);
  const signer = signedData.ok ? verifySignedData(signedData.value, minimumSignerRsaBits) : signedData;
  const bundle = { sha256, signedData, signer };
  opened.set(bytes, bundle);
  return bundle;
}

function readEnvelope(bytes: Uint8Array) {
  if (bytes.length <= maximumBundleSize) return parseSignedData(bytes);
  const tooLarge = fault('cms-malformed', { rule: 'bundle-size', found: String(bytes.length) });
  return { ok: false, fault: tooLarge } as const;
}

/** The codes `signer-*`. */
function answerSigner(
  signer: Certificate,
  { certificates, crls }: SignedData,
  context: AcceptanceContext,
  verdict: Verdict,
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
  if (untrusted) verdict.fail('signer-untrusted', untrusted);
  if (!path) return undefined;
  verdict.hold('signer-untrusted');
  if (expired) verdict.fail('signer-expired', expired);
  else if (clock.isExact) verdict.hold('signer-expired');
  else verdict.skip('signer-expired', 'no-clock');
  if (revoked) verdict.fail('signer-revoked', revoked);
  else if (judgement.isRevocationChecked) verdict.hold('signer-revoked');
  else verdict.skip('signer-revoked', 'not-given');
  if (unauthorised) verdict.fail('signer-not-a-configuration-key', unauthorised);
  if (!authorisation) return undefined;
  verdict.hold('signer-not-a-configuration-key');
  return { path, authorisation };
}

/** The codes from `enb-out-of-scope` to `training-mismatch`. */
function judgeContent(
  configuration: Configuration,
  authorisation: VendorConfigurationAuthorisation,
  root: Certificate,
  bundleSha256: string,
  context: AcceptanceContext,
  verdict: Verdict,
): void {
  const { enb, training } = configuration;
  verdict.answer('enb-out-of-scope', isAuthorised(authorisation, enb), {
    found: describeEnb(enb),
  });
  judgeTarget(configuration, context.enb, verdict);
  judgeValidity(configuration, context.clock, verdict);
  judgeSequence(configuration, context, bundleSha256, verdict);
  const isTraining = isTrainingCertificate(root);
  const isAllTraining = (operatorRoots(configuration) ?? []).every(
    (one) => isTrainingCertificate(one) === isTraining,
  );
  verdict.answer('training-mismatch', training === isTraining && isAllTraining, {
    expected: String(isTraining),
    found: String(!isTraining),
  });
}

/** A lower sequence number never; an equal one only for the very bundle that the eNB holds. */
function judgeSequence(
  { sequence }: Configuration,
  { lastSequence, storedSha256 }: AcceptanceContext,
  bundleSha256: string,
  verdict: Verdict,
): void {
  const isRepeat = sequence === lastSequence;
  if (lastSequence === undefined || (isRepeat && storedSha256 === undefined)) {
    verdict.skip('sequence-rollback', 'not-given');
    return;
  }
  const holds = isRepeat ? storedSha256 === bundleSha256 : sequence > lastSequence;
  verdict.answer('sequence-rollback', holds, { expected: String(lastSequence + 1), found: String(sequence) });
}

function judgeTarget({ enb }: Configuration, target: JudgingEnb | undefined, verdict: Verdict): void {
  if (!target) {
    verdict.skip('bundle-for-another-enb', 'not-given');
    return;
  }
  const isSameDevice =
    enb.serialNumber === target.serialNumber && (target.hwType === undefined || target.hwType === enb.hwType);
  const isSameKey =
    !target.certificate ||
    enb.certificateSha256 === undefined ||
    enb.certificateSha256 === certificateSha256(target.certificate);
  verdict.answer('bundle-for-another-enb', isSameDevice && isSameKey, {
    expected: describeEnb(target),
    found: describeEnb(enb),
    ...(isSameDevice && { rule: 'another-certificate' }),
  });
}

function describeEnb({ serialNumber, hwType }: JudgingEnb): string {
  return hwType === undefined ? serialNumber : `${serialNumber} (${hwType})`;
}

function judgeValidity(
  { notBefore, notAfter }: Configuration,
  { now, isExact }: Clock,
  verdict: Verdict,
): void {
  const found = now.toISOString().replace(/\.\d+/, '');
  const hasBegun = new Date(notBefore) <= now;
  if (hasBegun || isExact) verdict.answer('bundle-not-yet-valid', hasBegun, { expected: notBefore, found });
  else verdict.skip('bundle-not-yet-valid', 'no-clock');
  const hasEnded = new Date(notAfter) < now;
  if (hasEnded || isExact) verdict.answer('bundle-expired', !hasEnded, { expected: notAfter, found });
  else verdict.skip('bundle-expired', 'no-clock');
}

/** The codes `sealed-*`. Returns the sealed part when it is this bundle's. */
function judgeSealed(
  configuration: Configuration,
  signer: Certificate,
  { enb, enbKey }: AcceptanceContext,
  verdict: Verdict,
): SealedContent | undefined {
  const codes = ['sealed-undecryptable', 'sealed-binding-mismatch'] as const;
  if (configuration.sealed === undefined) {
    for (const code of codes) verdict.hold(code);
    return undefined;
  }
  if (!verdict.holdsUpTo('bundle-for-another-enb')) return undefined;
  const encrypted = Buffer.from(configuration.sealed, 'base64');
  if (!enbKey || !enb) {
    // Whether it has the one form, and is for this eNB, can be told without the key.
    const parsed = parseAuthEnvelopedData(encrypted, enb?.certificate);
    if (parsed.ok) for (const code of codes) verdict.skip(code, enbKey ? 'not-given' : 'no-key');
    else failed(verdict, 'sealed-undecryptable', parsed);
    return undefined;
  }
  const opened = openAuthEnvelopedData(encrypted, enbKey, enb.certificate);
  const sealed = opened.ok ? parseSealed(opened.value) : opened;
  if (opened.ok) opened.value.fill(0);
  if (!sealed.ok) {
    failed(verdict, 'sealed-undecryptable', sealed);
    return undefined;
  }
  verdict.hold('sealed-undecryptable');
  const wrong = mismatch(sealed.value, configuration, signer);
  verdict.answer(
    'sealed-binding-mismatch',
    wrong === undefined,
    wrong === undefined ? {} : { where: { field: wrong } },
  );
  return wrong === undefined ? sealed.value : undefined;
}

/** The first member of the sealed part that is not the bundle's. */
function mismatch(
  sealed: SealedContent,
  configuration: Configuration,
  signer: Certificate,
): string | undefined {
  const { bundleId, sequence, enb } = configuration;
  const expected = {
    bundleId,
    hwType: enb.hwType,
    serialNumber: enb.serialNumber,
    sequence,
    signerSpkiSha256: signerSpkiSha256(signer),
    outerSha256: outerSha256(configuration),
  };
  return Object.entries(expected).find(
    ([name, value]) => sealed[name as keyof typeof expected] !== value,
  )?.[0];
}

function judgeConfiguration(
  configuration: Configuration,
  sealed: SealedContent | undefined,
  verdict: Verdict,
): void {
  const checked = checkConfiguration(configuration);
  if (!checked.ok) {
    verdict.fail('configuration-invalid', checked.fault);
    return;
  }
  const lacksCredential = configuration.enrolment.protection === 'mac' && sealed && !sealed.credential;
  verdict.answer('configuration-invalid', !lacksCredential, {
    rule: 'credential-not-sealed',
    where: { field: 'sealed' },
  });
}
