import { hash } from 'node:crypto';
import { join } from 'node:path';
import { ok } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import { writeOutput } from '../office/index.ts';
import type { DeliverySurroundings } from '../site/index.ts';
import type { Stores } from './stores.ts';

/** What the file of a receipt is called, wherever it is saved. */
export function receiptFileName(serialNumber: string, receiptNumber: number): string {
  return `${serialNumber}-${receiptNumber}.receipt.p7m`;
}

/** Where a delivery keeps its receipt: in the store, and as a file in `out` or in the data folder. */
export function receiptKeeping(stores: Stores, out?: string): Omit<DeliverySurroundings, 'onState'> {
  return {
    ...stores.surroundings(),
    saveReceipt: ({ serialNumber }, { receiptNumber, training }, bytes) => {
      const folder = out ?? join(stores.folder(training), 'receipts');
      const plain = join(folder, receiptFileName(serialNumber, receiptNumber));
      // eNBs of two types may have one serial number, and an eNB may begin to count anew.
      const digest = hash('sha256', bytes).slice(0, 8);
      const file = holdsOther(plain, bytes)
        ? join(folder, receiptFileName(`${serialNumber}~${digest}`, receiptNumber))
        : plain;
      const written = writeOutput(file, bytes, 0o600);
      return written.ok ? ok(file) : written;
    },
  };
}

/** Whether a file is there with other octets than these. */
function holdsOther(file: string, bytes: Uint8Array): boolean {
  const there = readFile(file, bytes.length);
  // What cannot be read is not to be replaced either.
  return there.ok ? !there.value.equals(bytes) : there.fault.found !== 'ENOENT';
}
