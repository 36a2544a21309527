import { hash, randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { verifyReceipt, type Receipt, type Verdict } from '../bundle/index.ts';
import type { EnbSession, EnbTrust } from '../device/index.ts';
import { ok, refuse, type Result, type Rule } from '../faults/index.ts';
import type { EnbIdentity } from '../pki/index.ts';
import { storeFault, type Store } from '../store/index.ts';
import { DeliveryJournal } from './delivery-record.ts';

/** Where receipts are kept. */
export interface ReceiptSurroundings {
  readonly now: () => Date;
  readonly openStore: (training: boolean) => Result<{ readonly store: Store }>;
  /** Writes the receipt where people find it. */
  readonly saveReceipt: (enb: EnbIdentity, receipt: Receipt, bytes: Uint8Array) => Result<string>;
}

/** What a receipt must be, before it proves anything. */
export interface ReceiptQuestion {
  readonly trust: EnbTrust;
  readonly enb: EnbIdentity;
  /** What the eNB was asked with: 32 octets in base64. */
  readonly challenge: string;
  /** What it must be about, when it is about a delivery. */
  readonly expected?: {
    readonly bundleSha256: string;
    /** Of the eNB's certificate, when the bundle names it. */
    readonly certificateSha256: string | undefined;
    readonly bundleId: string;
    readonly sequence: number;
    /** What the eNB has answered before, when it has. */
    readonly verdict?: Verdict;
  };
}

/** A receipt that was verified. `file` is where people find it, or why it could not be written there. */
export interface VerifiedReceipt {
  readonly receipt: Receipt;
  readonly file: Result<string>;
  /** Notes it in the store, where it proves the delivery of the bundle that it is about. Throws what the store throws. */
  readonly note: () => void;
}

/** A receipt that was verified and is in the store. `file` is where people find it. */
export interface KeptReceipt {
  readonly receipt: Receipt;
  readonly file: string;
}

/** Fetches a receipt for a fresh challenge, verifies and saves it. The caller keeps it or notes it. */
export async function fetchReceipt(
  session: EnbSession,
  { trust, expected }: Pick<ReceiptQuestion, 'trust' | 'expected'>,
  surroundings: ReceiptSurroundings,
): Promise<Result<VerifiedReceipt>> {
  const challenge = randomBytes(32).toString('base64');
  const bytes = await session.getReceipt({ challenge });
  if (!bytes.ok) return bytes;
  const question = { trust, enb: session.enb, challenge, ...(expected && { expected }) };
  return verifyAndSave(bytes.value, question, surroundings);
}

/** Verifies a receipt (DER), saves and keeps it. */
export function takeReceipt(
  bytes: Uint8Array,
  question: ReceiptQuestion,
  surroundings: ReceiptSurroundings,
): Result<KeptReceipt> {
  const verified = verifyAndSave(bytes, question, surroundings);
  return verified.ok ? keepReceipt(verified.value) : verified;
}

/** Notes a verified receipt in the store, also one that could not be written. */
export function keepReceipt({ receipt, file, note }: VerifiedReceipt): Result<KeptReceipt> {
  try {
    note();
  } catch (error) {
    return storeFault(error);
  }
  return file.ok ? ok({ receipt, file: file.value }) : file;
}

function verifyAndSave(
  bytes: Uint8Array,
  { trust, enb, challenge, expected }: ReceiptQuestion,
  { now, openStore, saveReceipt }: ReceiptSurroundings,
): Result<VerifiedReceipt> {
  const about = expected && {
    bundleSha256: expected.bundleSha256,
    enbCertificateSha256: expected.certificateSha256,
  };
  const receipt = verifyReceipt(bytes, { ...trust, enb, challenge, ...about });
  if (!receipt.ok) return receipt;
  const wrong = expected && contradiction(receipt.value, expected);
  if (wrong) return refuse('receipt-invalid', { rule: wrong });
  const opened = openStore(receipt.value.training);
  if (!opened.ok) return opened;
  // The file is first: of a receipt that the store has, nobody would write it any more.
  const file = saveReceipt(enb, receipt.value, bytes);
  const note = () => noteReceipt(opened.value.store, enb, receipt.value, bytes, now);
  return ok({ receipt: receipt.value, file, note });
}

function noteReceipt(
  store: Store,
  enb: EnbIdentity,
  { receiptNumber, bundleSha256, verdict, sequence, challenge }: Receipt,
  bytes: Uint8Array,
  now: () => Date,
): void {
  const sha256 = hash('sha256', bytes);
  store.transaction(() => {
    const receivedAt = now().toISOString();
    store.keepReceipt({ sha256, ...enb, receiptNumber, bundleSha256, receivedAt, bytes });
    if (verdict.accepted && sequence !== undefined) store.raiseSequence(enb, sequence);
    // What was on its way on a drive is answered; or the eNB has it, whatever way it took.
    const isAnswered = challenge !== undefined && store.carried.get(bundleSha256)?.challenge === challenge;
    if (verdict.accepted || isAnswered) store.carried.remove(bundleSha256);
    new DeliveryJournal(store, bundleSha256, now).note({ kind: 'receipt', sha256, verdict });
  });
}

/** The rule that is broken by a receipt which says of the bundle what neither it nor the eNB's answer said. */
function contradiction(
  receipt: Receipt,
  expected: NonNullable<ReceiptQuestion['expected']>,
): Rule | undefined {
  // A bundle that did not authenticate has neither number nor sequence in its receipt.
  const { bundleId = expected.bundleId, sequence = expected.sequence, verdict } = receipt;
  if (bundleId !== expected.bundleId || sequence !== expected.sequence) return 'receipt-bundle';
  return isDeepStrictEqual(verdict, expected.verdict ?? verdict) ? undefined : 'receipt-verdict';
}
