import { hash, randomBytes } from 'node:crypto';
import { appendRefusals, type OpenedStore } from '../audit/index.ts';
import { verifyReceipt, type Receipt, type ReceiptSubject, type Verdict } from '../bundle/index.ts';
import type { EnbSession, EnbTrust } from '../device/index.ts';
import { catalogue, ok, type Fault, type Result } from '../faults/index.ts';
import { isTrainingCertificate, type EnbIdentity } from '../pki/index.ts';
import { storeFault } from '../store/index.ts';
import { DeliveryJournal } from './delivery-record.ts';

/** The outside world, as receipts need it: time, store and files. */
export interface ReceiptSurroundings {
  readonly now: () => Date;
  readonly openStore: (training: boolean) => Result<OpenedStore>;
  /** Writes the receipt to a file for the user. */
  readonly saveReceipt: (enb: EnbIdentity, receipt: Receipt, bytes: Uint8Array) => Result<string>;
}

/** What a receipt must match before it proves anything. */
export interface ReceiptQuestion {
  readonly trust: EnbTrust;
  readonly enb: EnbIdentity;
  /** The site of the eNB, where it is known. */
  readonly site?: string;
  /** The challenge that was sent to the eNB: 32 bytes in base64. */
  readonly challenge: string;
  /** The head of the audit log that was sent. Undefined in a request of a version that sent none. */
  readonly auditHead: string | undefined;
  /** The bundle that it must be about, in a delivery. */
  readonly subject?: ReceiptSubject;
  /** The eNB's earlier verdict, if any. */
  readonly verdict?: Verdict;
}

/** A verified receipt. `file` is the file for the user, or why it could not be written. */
export interface VerifiedReceipt {
  readonly receipt: Receipt;
  readonly file: Result<string>;
  /** Records it in the store, where it proves the delivery of its bundle. Throws what the store throws. */
  readonly note: () => void;
}

/** A verified receipt that is in the store. `file` is the file for the user. */
export interface KeptReceipt {
  readonly receipt: Receipt;
  readonly file: string;
}

/** The newest head of the audit log, to leave this computer in a receipt of this eNB. */
export function giveHead(
  { identity }: EnbSession,
  { openStore }: Pick<ReceiptSurroundings, 'openStore'>,
): Result<string> {
  const opened = openStore(identity.training);
  if (!opened.ok) return opened;
  try {
    return ok(opened.value.log.giveHead());
  } catch (error) {
    return storeFault(error);
  }
}

/**
 * Fetches a receipt for a fresh challenge, verifies it and saves its file. The caller records it in the store. A receipt
 * that is refused is logged.
 */
export async function fetchReceipt(
  session: EnbSession,
  question: Omit<ReceiptQuestion, 'enb' | 'challenge'>,
  surroundings: ReceiptSurroundings,
): Promise<Result<VerifiedReceipt>> {
  const challenge = randomBytes(32).toString('base64');
  const { auditHead } = question;
  const bytes = await session.getReceipt({ challenge, ...(auditHead !== undefined && { auditHead }) });
  if (!bytes.ok) return bytes;
  const verified = verifyAndSave(bytes.value, { ...question, enb: session.enb, challenge }, surroundings);
  if (verified.ok || !isRefusal(verified.fault)) return verified;
  const opened = surroundings.openStore(question.trust.vendorRoots.some(isTrainingCertificate));
  if (!opened.ok) return opened;
  try {
    appendRefusals(opened.value.log, 'receipt-refused', [
      { fault: verified.fault, sha256: hash('sha256', bytes.value) },
    ]);
  } catch (error) {
    storeFault(error); // The receipt is refused all the same.
  }
  return verified;
}

/** Verifies a receipt (DER), saves its file and records it in the store. */
export function takeReceipt(
  bytes: Uint8Array,
  question: ReceiptQuestion,
  surroundings: ReceiptSurroundings,
): Result<KeptReceipt> {
  const verified = verifyAndSave(bytes, question, surroundings);
  return verified.ok ? keepReceipt(verified.value) : verified;
}

/** Records a verified receipt in the store, even if its file could not be written. */
export function keepReceipt({ receipt, file, note }: VerifiedReceipt): Result<KeptReceipt> {
  try {
    note();
  } catch (error) {
    return storeFault(error);
  }
  return file.ok ? ok({ receipt, file: file.value }) : file;
}

/** Whether a fault says that a receipt is no good, and not that this computer could not keep it. */
export function isRefusal({ code }: Fault): boolean {
  return catalogue[code] !== 'environment';
}

function verifyAndSave(
  bytes: Uint8Array,
  { trust, site, auditHead, ...about }: ReceiptQuestion,
  { now, openStore, saveReceipt }: ReceiptSurroundings,
): Result<VerifiedReceipt> {
  const receipt = verifyReceipt(bytes, { ...trust, ...about, ...(auditHead !== undefined && { auditHead }) });
  if (!receipt.ok) return receipt;
  const opened = openStore(receipt.value.training);
  if (!opened.ok) return opened;
  // The file comes first: once the store has a receipt, nothing would write its file again.
  const file = saveReceipt(about.enb, receipt.value, bytes);
  const note = () =>
    noteReceipt(opened.value, { ...about, ...(site !== undefined && { site }) }, receipt.value, bytes, now);
  return ok({ receipt: receipt.value, file, note });
}

function noteReceipt(
  { store, log }: OpenedStore,
  { enb, site }: Pick<ReceiptQuestion, 'enb' | 'site'>,
  { receiptNumber, bundleSha256, verdict, lastEpoch: epoch, lastSequence: sequence, challenge }: Receipt,
  bytes: Uint8Array,
  now: () => Date,
): void {
  const sha256 = hash('sha256', bytes);
  store.transaction(() => {
    const receivedAt = now().toISOString();
    store.receipts.keep({ sha256, ...enb, receiptNumber, bundleSha256, receivedAt, bytes });
    if (epoch !== undefined && sequence !== undefined) store.enbs.raiseSequence(enb, { epoch, sequence });
    // Either this receipt answers the bundle on a drive, or the eNB already has the bundle, over whatever connection.
    const isAnswered = challenge !== undefined && store.carried.get(bundleSha256)?.challenge === challenge;
    if (verdict.accepted || isAnswered) store.carried.remove(bundleSha256);
    new DeliveryJournal(store, bundleSha256, now).note({ kind: 'receipt', sha256, verdict });
    log.append({
      action: 'receipt-kept',
      subject: { serialNumber: enb.serialNumber, hwType: enb.hwType, ...(site !== undefined && { site }) },
      facts: { receiptNumber, receiptSha256: sha256, bundleSha256, accepted: verdict.accepted },
    });
  });
}
