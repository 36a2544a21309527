import { hash, randomBytes } from 'node:crypto';
import { verifyReceipt, type Receipt, type ReceiptSubject, type Verdict } from '../bundle/index.ts';
import type { EnbSession, EnbTrust } from '../device/index.ts';
import { ok, type Result } from '../faults/index.ts';
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
  /** The bundle that it must be about, when it is about a delivery. */
  readonly subject?: ReceiptSubject;
  /** What the eNB has answered before, when it has. */
  readonly verdict?: Verdict;
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
  question: Pick<ReceiptQuestion, 'trust' | 'subject' | 'verdict'>,
  surroundings: ReceiptSurroundings,
): Promise<Result<VerifiedReceipt>> {
  const challenge = randomBytes(32).toString('base64');
  const bytes = await session.getReceipt({ challenge });
  if (!bytes.ok) return bytes;
  return verifyAndSave(bytes.value, { ...question, enb: session.enb, challenge }, surroundings);
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
  { trust, ...about }: ReceiptQuestion,
  { now, openStore, saveReceipt }: ReceiptSurroundings,
): Result<VerifiedReceipt> {
  const receipt = verifyReceipt(bytes, { ...trust, ...about });
  if (!receipt.ok) return receipt;
  const opened = openStore(receipt.value.training);
  if (!opened.ok) return opened;
  // The file is first: of a receipt that the store has, nobody would write it any more.
  const file = saveReceipt(about.enb, receipt.value, bytes);
  const note = () => noteReceipt(opened.value.store, about.enb, receipt.value, bytes, now);
  return ok({ receipt: receipt.value, file, note });
}

function noteReceipt(
  store: Store,
  enb: EnbIdentity,
  { receiptNumber, bundleSha256, verdict, lastEpoch: epoch, lastSequence: sequence, challenge }: Receipt,
  bytes: Uint8Array,
  now: () => Date,
): void {
  const sha256 = hash('sha256', bytes);
  store.transaction(() => {
    const receivedAt = now().toISOString();
    store.receipts.keep({ sha256, ...enb, receiptNumber, bundleSha256, receivedAt, bytes });
    if (epoch !== undefined && sequence !== undefined) store.enbs.raiseSequence(enb, { epoch, sequence });
    // What was on its way on a drive is answered; or the eNB has it, whatever way it took.
    const isAnswered = challenge !== undefined && store.carried.get(bundleSha256)?.challenge === challenge;
    if (verdict.accepted || isAnswered) store.carried.remove(bundleSha256);
    new DeliveryJournal(store, bundleSha256, now).note({ kind: 'receipt', sha256, verdict });
  });
}
