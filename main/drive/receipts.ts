import { ok, type Fault, type Result } from '../faults/index.ts';
import { listEntries, readEntry, type DriveFaultCode } from './entry.ts';
import { listEnbFolders, maximumReceiptSize } from './layout.ts';

/** What was found in the folder of one eNB, whose name is a hint and no more. Nothing of it is believed yet. */
export type FoundReceipt =
  /** `file` is `receipt.p7m`, or the name of an earlier one that was moved aside. */
  | { readonly folder: string; readonly file: string; readonly bytes: Uint8Array }
  | { readonly folder: string; readonly fault: Fault<DriveFaultCode> };

const receiptName = /^receipt(-[0-9a-f]{16})?\.p7m$/;

/** A folder with more entries than this is no eNB's. */
const maximumEntries = 256;
/** All receipts together, in octets; the files beyond are refused, not read. */
const maximumTotal = 64 * 1024 * 1024;

/**
 * Reads the receipts on a drive, or in a copy of its folders: `folder` is the one that holds `siteseal/`. Where there is
 * no `siteseal/` there are none.
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
