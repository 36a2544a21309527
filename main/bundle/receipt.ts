import { z } from 'zod';
import { parseSignedData, signData, verifySignedData } from '../cms/index.ts';
import type { SigningKey } from '../keys/index.ts';
import { refuse, type Fault, type Result, type Rule } from '../faults/index.ts';
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
import { acceptanceCodes, type Unjudged } from './acceptance-checks.ts';
import type { Acceptance } from './acceptance.ts';
import { enbIdentitySchema, sequenceSchema } from './configuration.ts';

/** The `format` of a receipt of version 1. */
export const receiptFormat = 'siteseal-receipt/1';

/** eNB keys may be RSA of 2048 bits, and so the signatures of receipts. */
const minimumReceiptRsaBits = 2048;

const { sha256, text, time, uuid } = fields;

/** The steps after the bundle was taken, in their order. */
export const stepNames = ['initial-ipsec', 'enrolment', 'backhaul-ipsec', 'renewal'] as const;

/** The state of one step on the eNB. */
export const stepSchema = z.strictObject({
  step: z.enum(stepNames),
  state: z.enum(['waiting', 'running', 'done', 'failed']),
  phase: text.optional(),
  startedAt: time.optional(),
  endedAt: time.optional(),
  fault: z.strictObject({ code: text, detail: text.optional() }).optional(),
});

/** The eNB's clock: set, or with the latest time that it has seen from a trusted source, if any. */
export const clockSchema = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('set'), time }),
  z.strictObject({ state: z.literal('not-set'), latestTrusted: time.optional() }),
]);

/** What the eNB thinks of a bundle: every check in its order. */
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

/** Why a check may be missing from what is accepted all the same. */
const assumable: ReadonlySet<string | undefined> = new Set([
  'not-given',
  'no-key',
  'no-clock',
] satisfies Unjudged[]);

/** Every code is there in its order, with a reason exactly where it was not judged, and `accepted` is what follows. */
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

/** What the eNB thinks of a bundle, as receipts and the commissioning interface tell it. */
export type Verdict = z.infer<typeof verdictSchema>;

/** 32 random octets, in base64, that the tool made for one receipt. */
export const challengeSchema = z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'challenge' satisfies Rule);
/** A checkpoint of the tool's audit log, as text, which leaves the laptop inside the receipt. */
export const auditHeadSchema = z.string().min(1).max(4096);

/**
 * The content of a receipt: what the eNB says of itself and of the bundle that it was last given. `bundleId` and
 * `sequence` are absent of one that did not authenticate.
 */
export const receiptSchema = z.strictObject({
  format: z.literal(receiptFormat),
  receiptNumber: sequenceSchema,
  bundleId: uuid.optional(),
  sequence: sequenceSchema.optional(),
  bundleSha256: sha256,
  enb: enbIdentitySchema,
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

/** The part of an acceptance that an eNB tells: codes, and no details that would help a stranger. */
export function toVerdict({ accepted, checks }: Acceptance): Verdict {
  return {
    accepted,
    checks: checks.map((check) =>
      check.ok === null ? { code: check.code, ok: null, why: check.why } : { code: check.code, ok: check.ok },
    ),
  };
}

/** Signs a receipt with the eNB's key. Returns DER. */
export function makeReceipt(receipt: Receipt, key: SigningKey, signingTime: Date): Uint8Array {
  return signData(Buffer.from(JSON.stringify(receipt)), key, signingTime);
}

/** What a receipt must be about. What is absent is not compared. */
export interface ReceiptQuestion {
  readonly vendorRoots: readonly Certificate[];
  readonly intermediates?: readonly Certificate[];
  readonly crls?: readonly Crl[];
  readonly clock: Clock;
  readonly enb?: EnbIdentity;
  /** SHA-256 of the eNB's certificate, lower-case hex. */
  readonly enbCertificateSha256?: string | undefined;
  readonly bundleSha256?: string;
  /** The challenge that was handed over, in base64. */
  readonly challenge?: string;
}

/**
 * Verifies a receipt: signature, the path of the eNB's certificate to the vendor root, and that it speaks of the eNB,
 * bundle and challenge that are asked about. Refuses with `receipt-invalid` and the rule.
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
    requireCrl: false,
    clock: question.clock,
  });
  if (!path.ok) return invalid(undefined, path.fault);
  const receipt = readDocument(signedData.value.content, receiptFormat, receiptSchema);
  if (!receipt.ok) return invalid(undefined, receipt.fault);
  const { enb, bundleSha256, bundleId, sequence, verdict, training, challenge } = receipt.value;
  const identity = readEnbIdentity(signer.value);
  if (!identity.ok) return invalid(undefined, identity.fault);
  const isSigner = allowsKeyUsage(signer.value, 'digitalSignature');
  if (!isSigner || !isSameEnb(identity.value, enb)) return invalid('receipt-signer');
  if (question.enb && !isSameEnb(question.enb, enb)) return invalid('receipt-enb');
  const { enbCertificateSha256: certificate = signer.value.sha256 } = question;
  if (certificate !== signer.value.sha256) return invalid('receipt-certificate');
  if (training !== isTrainingCertificate(path.value[0])) return invalid('receipt-training');
  const isAbout = bundleId !== undefined && sequence !== undefined;
  if (verdict.accepted && !isAbout) return invalid('receipt-bundle');
  if (question.bundleSha256 !== undefined && question.bundleSha256 !== bundleSha256)
    return invalid('receipt-bundle');
  if (question.challenge !== undefined && question.challenge !== challenge)
    return invalid('receipt-challenge');
  return receipt;
}
