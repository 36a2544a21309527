import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ok, prependWhere, refuse, refused } from '../faults/index.ts';
import { errorCode, writeFileAtomically, type DeliverySurroundings } from '../workflow/index.ts';
import type { Stores } from './stores.ts';

/** What the file of a receipt is called, wherever it is saved. */
export function receiptFileName(serialNumber: string, receiptNumber: number): string {
  return `${serialNumber}-${receiptNumber}.receipt.p7m`;
}

/** Where a delivery keeps its receipt: in the store, and as a file in `out` or in the data folder. */
export function receiptKeeping(
  stores: Stores,
  now: () => Date,
  out: string | undefined,
): Omit<DeliverySurroundings, 'onState'> {
  return {
    now,
    openStore: (training) => stores.open(training),
    takeLease: (store, work) => stores.takeLease(store, work),
    saveReceipt: ({ serialNumber }, { receiptNumber, training }, bytes) => {
      const folder = out ?? join(stores.folder(training), 'receipts');
      const file = join(folder, receiptFileName(serialNumber, receiptNumber));
      try {
        mkdirSync(folder, { recursive: true });
      } catch (error) {
        return refuse('output-unwritable', { where: { file: folder }, found: errorCode(error) });
      }
      const written = writeFileAtomically(file, bytes);
      return written.ok ? ok(file) : refused(prependWhere(written.fault, { file }));
    },
  };
}
