import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { stepNames, stepStates } from '../../preload/contract/steps.ts';
import { parseSignedData, signData, verifySignedData } from '../cms/index.ts';
import type { Signer } from '../keys/index.ts';
import { ok, refuse, type Fault, type Result, type Rule } from '../faults/index.ts';
import { fields, readDocument } from '../json/index.ts';
import {
  allowsKeyUsage,
  isSameEnb,
  isTrainingCertificate,
  readEnbIdentity,
  validateCertificate,
  type Certificate,
  type Clock,
  type Crl,
  type EnbIdentity,
} from '../pki/index.ts';
import { acceptanceCodes, type AcceptanceCode, type Unjudged } from './acceptance-checks.ts';
import type { Acceptance } from './acceptance.ts';
import {
  enbIdentitySchema,
  epochSchema,
  maximumSequence,
  sequenceSchema,
  type Configuration,
} from './configuration.ts';
import type { Bundle } from './bundle.ts';

/** The `format` of a receipt of version 1. */
export const receiptFormat = 'siteseal-receipt/1';

/** The smallest RSA key that may sign a receipt, in bits: eNB keys may be that small. */
const minimumReceiptRsaBits = 2048;

const { sha256, text, time, uuid } = fields;

/** The state of one step on the eNB. */
export const stepSchema = z.strictObject({
  step: z.enum(stepNames),
  state: z.enum(stepStates),
  phase: text.optional(),
  startedAt: time.optional(),
  endedAt: time.optional(),
  fault: z.strictObject({ code: text, detail: text.optional() }).optional(),
});

/** The eNB's clock: either set, or not set but with the latest time seen from a trusted source, if any. */
export const clockSchema = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('set'), time }),
  z.strictObject({ state: z.literal('not-set'), latestTrusted: time.optional() }),
]);

/** An eNB's verdict on a bundle: every check, in order. */
export const verdictSchema = z
  .strictObject({
    accepted: z.boolean(),
    checks: z
      .array(
        z.strictObject({
          code: z.enum(acceptanceCodes),
          ok: z.boolean().nullable(),
          why: text.optional(),
        }),
      )
      .max(acceptanceCodes.length),
  })
  .refine(isWholeVerdict, 'verdict' satisfies Rule);

/** The reasons for which an accepted bundle may still have a check that was not made. */
const assumable: ReadonlySet<string | undefined> = new Set([
  'not-given',
  'no-key',
  'no-clock',
  'list-ended',
] satisfies Unjudged[]);

/**
 * Whether every code is present in order, has a reason exactly where it was not judged, and `accepted` follows from the
 * checks.
 */
function isWholeVerdict({
  accepted,
  checks,
}: {
  readonly accepted: boolean;
  readonly checks: readonly {
    readonly code: string;
    readonly ok: boolean | null;
    readonly why?: string | undefined;
  }[];
}): boolean {
  const isComplete = acceptanceCodes.every((code, index) => checks[index]?.code === code);
  const isReasoned = checks.every(({ ok, why }) => (ok === null) === (why !== undefined));
  const isAccepted = checks.every(({ ok, why }) => ok === true || (ok === null && assumable.has(why)));
  return isComplete && isReasoned && accepted === isAccepted;
}

/** An eNB's verdict on a bundle, as in receipts and on the commissioning interface. */
export type Verdict = z.infer<typeof verdictSchema>;

/** 32 random bytes in base64, which the tool made for one receipt. */
export const challengeSchema = z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'challenge' satisfies Rule);
/** A checkpoint of the tool's audit log, as text. It leaves the laptop inside the receipt. */
export const auditHeadSchema = z.string().min(1).max(4096);

/**
 * The content of a receipt: the eNB's report about itself and about the last bundle that it was given.
 *
 * `bundleId` and `sequence` are absent when that bundle did not authenticate: a code up to `signer-superseded` is
 * false. `lastEpoch` and `lastSequence` are those of the last accepted bundle, even when this one is refused.
 */
export const receiptSchema = z.strictObject({
  format: z.literal(receiptFormat),
  receiptNumber: sequenceSchema,
  bundleId: uuid.optional(),
  sequence: sequenceSchema.optional(),
  bundleSha256: sha256,
  enb: enbIdentitySchema,
  lastEpoch: epochSchema.optional(),
  lastSequence: z.int().min(0).max(maximumSequence).optional(),
  verdict: verdictSchema,
  steps: z.array(stepSchema).max(stepNames.length),
  firmware: text,
  clock: clockSchema,
  training: z.boolean(),
  challenge: challengeSchema.optional(),
  auditHead: auditHeadSchema.optional(),
});
/** The content of a receipt, `siteseal-receipt/1`. */
export type Receipt = z.infer<typeof receiptSchema>;

/** The part of an acceptance that an eNB reports: codes only, without details that would help an attacker. */
export function toVerdict({ accepted, checks }: Acceptance): Verdict {
  return {
    accepted,
    checks: checks.map((check) =>
      check.ok === null ? { code: check.code, ok: null, why: check.why } : { code: check.code, ok: check.ok },
    ),
  };
}

/** Signs a receipt as the eNB. Returns DER. */
export function makeReceipt(receipt: Receipt, signer: Signer, signingTime: Date): Promise<Uint8Array> {
  return signData(Buffer.from(JSON.stringify(receipt)), signer, signingTime);
}

/** The bundle that a receipt must be about. */
export interface ReceiptSubject extends Pick<Configuration, 'bundleId' | 'sequence' | 'enb' | 'training'> {
  /** SHA-256 of the bundle, lower-case hex. */
  readonly bundleSha256: string;
}

/** What a receipt must be about. Absent members are not compared. */
export interface ReceiptQuestion {
  readonly vendorRoots: readonly Certificate[];
  readonly intermediates?: readonly Certificate[];
  readonly crls?: readonly Crl[];
  /** CRLs that can only revoke the eNB: they never make its status good. */
  readonly revokingCrls?: readonly Crl[];
  readonly clock: Clock;
  readonly enb?: EnbIdentity;
  readonly subject?: ReceiptSubject;
  /** The challenge that was sent, in base64. */
  readonly challenge?: string;
  /** The head of the audit log that was sent. A receipt may leave it out, but must not hold another. */
  readonly auditHead?: string;
  /** The eNB's earlier verdict. */
  readonly verdict?: Verdict;
}

/** Turns a bundle into the subject that its receipt must match. */
export function receiptSubject(bundle: Bundle): Result<ReceiptSubject, 'bundle-malformed'> {
  const read = bundle.unverified;
  if (!read.ok) return read;
  const { bundleId, sequence, enb, training } = read.value.configuration;
  return ok({ bundleSha256: bundle.sha256, bundleId, sequence, enb, training });
}

/**
 * Verifies a receipt: its signature, the path of the eNB's certificate to the vendor root, that an eNB may sign its
 * verdict, and that it matches the eNB, bundle and request in `question`. The tool on site, the office and the
 * command line all use this function. Refuses with `receipt-invalid` and the rule.
 */
export function verifyReceipt(
  bytes: Uint8Array,
  question: ReceiptQuestion,
): Result<Receipt, 'receipt-invalid'> {
  const invalid = (rule: Rule | undefined, because?: Fault) =>
    refuse('receipt-invalid', { ...(rule && { rule }), ...(because && { because }) });
  const signedData = parseSignedData(bytes);
  if (!signedData.ok) return invalid(undefined, signedData.fault);
  const signer = verifySignedData(signedData.value, minimumReceiptRsaBits);
  if (!signer.ok) return invalid(undefined, signer.fault);
  const path = validateCertificate({
    target: signer.value,
    trustAnchors: question.vendorRoots,
    intermediates: [...signedData.value.certificates, ...(question.intermediates ?? [])],
    crls: question.crls ?? [],
    revokingCrls: question.revokingCrls ?? [],
    requireCrl: false,
    clock: question.clock,
  });
  if (!path.ok) return invalid(undefined, path.fault);
  const receipt = readDocument(signedData.value.content, receiptFormat, receiptSchema);
  if (!receipt.ok) return invalid(undefined, receipt.fault);
  const identity = readEnbIdentity(signer.value);
  if (!identity.ok) return invalid(undefined, identity.fault);
  const isSigner = allowsKeyUsage(signer.value, 'digitalSignature');
  if (!isSigner || !isSameEnb(identity.value, receipt.value.enb)) return invalid('receipt-signer');
  if (receipt.value.training !== isTrainingCertificate(path.value[0])) return invalid('receipt-training');
  const wrong = contradiction(receipt.value, signer.value, question);
  return wrong ? invalid(wrong) : receipt;
}

/** The content of a receipt. None of it is verified. */
export function unverifiedReceipt(bytes: Uint8Array): Result<Receipt> {
  const signedData = parseSignedData(bytes);
  return signedData.ok ? readDocument(signedData.value.content, receiptFormat, receiptSchema) : signedData;
}

/** The rule that a receipt breaks when it is about something else, or claims what no eNB may claim. */
function contradiction(receipt: Receipt, signer: Certificate, question: ReceiptQuestion): Rule | undefined {
  const { enb, verdict, clock, bundleId, sequence } = receipt;
  const { subject } = question;
  if (question.enb && !isSameEnb(question.enb, enb)) return 'receipt-enb';
  if (subject && !isSameEnb(subject.enb, enb)) return 'receipt-enb';
  if (subject && (subject.enb.certificateSha256 ?? signer.sha256) !== signer.sha256)
    return 'receipt-certificate';
  if (subject && subject.training !== receipt.training) return 'receipt-training';
  if (subject && subject.bundleSha256 !== receipt.bundleSha256) return 'receipt-bundle';
  if (subject && (bundleId ?? subject.bundleId) !== subject.bundleId) return 'receipt-bundle';
  if (subject && (sequence ?? subject.sequence) !== subject.sequence) return 'receipt-bundle';
  if (
    isAuthenticated(verdict) !== (bundleId !== undefined) ||
    (bundleId === undefined) !== (sequence === undefined)
  )
    return 'receipt-bundle';
  if (!isSignable(verdict, clock)) return 'receipt-verdict';
  if (question.verdict && !isDeepStrictEqual(question.verdict, verdict)) return 'receipt-verdict';
  if (question.challenge !== undefined && question.challenge !== receipt.challenge)
    return 'receipt-challenge';
  if (question.auditHead !== undefined && (receipt.auditHead ?? question.auditHead) !== question.auditHead)
    return 'receipt-audit-head';
  return undefined;
}

/** Whether the bundle was authentic to the eNB: no code about form, signature or signer is false. */
function isAuthenticated({ checks }: Verdict): boolean {
  const last = acceptanceCodes.indexOf('signer-superseded');
  return checks.slice(0, last + 1).every(({ ok }) => ok !== false);
}

const dateCodes: ReadonlySet<AcceptanceCode> = new Set([
  'signer-expired',
  'bundle-not-yet-valid',
  'bundle-expired',
]);

/**
 * An eNB has its key and its state. So when it accepts, it may leave only two things unjudged: dates without a clock,
 * and CRLs.
 */
function isSignable({ accepted, checks }: Verdict, clock: Receipt['clock']): boolean {
  if (!accepted) return true;
  return checks.every(({ code, ok: holds, why }) => {
    if (holds === true) return true;
    if (code === 'signer-revoked') return why === 'not-given' || why === 'list-ended';
    return dateCodes.has(code) && why === 'no-clock' && clock.state === 'not-set';
  });
}
