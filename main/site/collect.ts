import { hash } from 'node:crypto';
import { appendRefusals, type OpenedStore, type Refusal } from '../audit/index.ts';
import { Bundle, receiptSubject, verifyReceipt } from '../bundle/index.ts';
import { collectReceipts, type FoundReceipt } from '../drive/index.ts';
import type { EnbTrust } from '../device/index.ts';
import { fault, ok, refused, type Fault, type Result } from '../faults/index.ts';
import type { EnbIdentity } from '../pki/index.ts';
import { storeFault, type Store } from '../store/index.ts';
import { isRefusal, takeReceipt, type ReceiptSurroundings } from './receipts.ts';

/** The result for one receipt on a drive. */
export type CollectedReceipt =
  | {
      readonly kind: 'proven' | 'refused';
      readonly enb: EnbIdentity;
      readonly file: string;
      /** The codes of the checks that failed. */
      readonly failed: readonly string[];
    }
  /** It was kept before, or it proves what is already proven. */
  | { readonly kind: 'known'; readonly folder: string }
  | { readonly kind: 'unusable'; readonly folder: string; readonly fault: Fault };

/**
 * Reads the receipts on a drive and keeps those that answer what this computer sent. Such a receipt is the eNB's own,
 * about the bundle that was written, with the challenge and the head of the audit log that went with it. Receipts kept
 * before `pause` stops it are known the next time.
 * @param pause is called between two receipts; a fault stops the reading there
 */
export async function collect(
  mountPoint: string,
  trusts: readonly EnbTrust[],
  opened: OpenedStore,
  surroundings: ReceiptSurroundings,
  pause: () => Promise<Fault | undefined> = () => Promise.resolve(undefined),
): Promise<Result<readonly CollectedReceipt[]>> {
  const found = await collectReceipts(mountPoint);
  return found.ok ? collectFound(found.value, trusts, opened, surroundings, pause) : found;
}

/** A receipt in a file, or why that cannot be read. `folder` is its name for people. */
export type ReadReceipt =
  Extract<FoundReceipt, { bytes: unknown }> | { readonly folder: string; readonly fault: Fault };

/** Like `collect`, for receipts that were read already. */
export async function collectFound(
  found: readonly ReadReceipt[],
  trusts: readonly EnbTrust[],
  opened: OpenedStore,
  surroundings: ReceiptSurroundings,
  pause: () => Promise<Fault | undefined> = () => Promise.resolve(undefined),
): Promise<Result<readonly CollectedReceipt[]>> {
  try {
    const receipts: CollectedReceipt[] = [];
    const notTaken: Refusal[] = [];
    let stopped: Fault | undefined;
    for (const one of found) {
      stopped = await pause();
      if (stopped) break;
      const receipt = collectOne(one, trusts, opened.store, surroundings);
      receipts.push(receipt);
      if (receipt.kind !== 'unusable' || !isRefusal(receipt.fault)) continue;
      notTaken.push({ fault: receipt.fault, sha256: 'bytes' in one ? hash('sha256', one.bytes) : undefined });
    }
    opened.store.transaction(() => {
      appendRefusals(opened.log, 'receipt-refused', notTaken);
      opened.log.append({
        action: 'receipts-collected',
        subject: {},
        facts: {
          proven: receipts.filter(({ kind }) => kind === 'proven').length,
          refused: receipts.filter(({ kind }) => kind === 'refused').length,
          unusable: receipts.filter(({ kind }) => kind === 'unusable').length,
          ...(stopped && { stoppedBy: stopped.code }),
        },
      });
    });
    return stopped ? refused(stopped) : ok(receipts);
  } catch (error) {
    return storeFault(error);
  }
}

function collectOne(
  found: ReadReceipt,
  trusts: readonly EnbTrust[],
  store: Store,
  surroundings: ReceiptSurroundings,
): CollectedReceipt {
  const { folder } = found;
  if ('fault' in found) return { kind: 'unusable', folder, fault: found.fault };
  if (store.receipts.get(hash('sha256', found.bytes))) return { kind: 'known', folder };
  const judged = trusts.map((trust) => ({ trust, receipt: verifyReceipt(found.bytes, trust) }));
  const known = judged.find(({ receipt }) => receipt.ok);
  if (!known?.receipt.ok) {
    const reason = judged[0]?.receipt;
    return { kind: 'unusable', folder, fault: reason && !reason.ok ? reason.fault : fault('enb-untrusted') };
  }
  const { bundleSha256 } = known.receipt.value;
  const record = store.carried.get(bundleSha256);
  // A second drive can bring another receipt for what is already proven.
  if (!record && store.deliveries.get(bundleSha256)?.state === 'receipt') return { kind: 'known', folder };
  if (!record) return { kind: 'unusable', folder, fault: fault('receipt-unexpected') };
  const enb = { hwType: record.hwType, serialNumber: record.serialNumber };
  const subject = receiptSubject(new Bundle(record.bundle)); // It was judged when it was written to the drive.
  if (!subject.ok) return { kind: 'unusable', folder, fault: subject.fault };
  const { challenge, auditHead, siteId: site } = record;
  const question = { trust: known.trust, enb, challenge, auditHead, subject: subject.value, site };
  const taken = takeReceipt(found.bytes, question, surroundings);
  if (!taken.ok) return { kind: 'unusable', folder, fault: taken.fault };
  const { verdict } = taken.value.receipt;
  const failed = verdict.checks.filter((check) => check.ok === false).map(({ code }) => code);
  return { kind: verdict.accepted ? 'proven' : 'refused', enb, file: taken.value.file, failed };
}
