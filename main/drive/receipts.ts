import { ok, type Fault, type Result } from '../faults/index.ts';
import { listEntries, readEntry, type DriveFaultCode } from './entry.ts';
import { listEnbFolders, maximumReceiptSize } from './layout.ts';

/** What was found in an eNB's folder. The folder's name is only a hint, and none of this is trusted yet. */
export type FoundReceipt =
  /** `file` is `receipt.p7m`, or the name of an earlier receipt that was moved aside. */
  | { readonly folder: string; readonly file: string; readonly bytes: Uint8Array }
  | { readonly folder: string; readonly fault: Fault<DriveFaultCode> };

const receiptName = /^receipt(-[0-9a-f]{16})?\.p7m$/;

/** A folder with more entries does not belong to an eNB. */
const maximumEntries = 256;
/** The limit for all receipts together, in bytes. Files beyond it are refused unread. */
const maximumTotal = 64 * 1024 * 1024;

/**
 * Reads the receipts on a drive, or in a copy of its folders. `folder` contains `siteseal/`. Empty if there is no
 * `siteseal/`.
 */
export async function collectReceipts(
  folder: string,
): Promise<Result<readonly FoundReceipt[], DriveFaultCode>> {
  const names = await listEnbFolders(folder);
  if (!names.ok) return names;
  const receipts: FoundReceipt[] = [];
  let left = maximumTotal;
  for (const name of names.value) {
    const entries = await listEntries([folder, name], maximumEntries);
    if (!entries.ok) receipts.push({ folder: name, fault: entries.fault });
    for (const file of entries.ok ? entries.value.filter((entry) => receiptName.test(entry)) : []) {
      const read = await readEntry([folder, name, file], Math.min(maximumReceiptSize, left));
      if (!read.ok) receipts.push({ folder: name, fault: read.fault });
      else if (read.value) {
        receipts.push({ folder: name, file, bytes: read.value });
        left -= read.value.length;
      }
    }
  }
  return ok(receipts);
}
