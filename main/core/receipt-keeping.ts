import { hash } from 'node:crypto';
import { join } from 'node:path';
import { ok } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import { writeOutput } from '../office/index.ts';
import type { DeliverySurroundings } from '../site/index.ts';
import type { Stores } from './stores.ts';

/** The name of a receipt's file, in every folder. */
export function receiptFileName(serialNumber: string, receiptNumber: number): string {
  return `${serialNumber}-${receiptNumber}.receipt.p7m`;
}

/** How a delivery keeps its receipt: in the store, and as a file in `out` or in the data folder. */
export function receiptKeeping(stores: Stores, out?: string): Omit<DeliverySurroundings, 'onState'> {
  return {
    ...stores.surroundings(),
    saveReceipt: ({ serialNumber }, { receiptNumber, training }, bytes) => {
      const folder = out ?? join(stores.folder(training), 'receipts');
      const plain = join(folder, receiptFileName(serialNumber, receiptNumber));
      // eNBs of two types may share a serial number, and an eNB may restart its count.
      const digest = hash('sha256', bytes).slice(0, 8);
      const file = holdsOther(plain, bytes)
        ? join(folder, receiptFileName(`${serialNumber}~${digest}`, receiptNumber))
        : plain;
      const written = writeOutput(file, bytes, 0o600);
      return written.ok ? ok(file) : written;
    },
  };
}

/** Whether the file exists with other content. */
function holdsOther(file: string, bytes: Uint8Array): boolean {
  const there = readFile(file, bytes.length);
  // A file that cannot be read must not be replaced either.
  return there.ok ? !there.value.equals(bytes) : there.fault.found !== 'ENOENT';
}
