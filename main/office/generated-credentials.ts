import { randomFillSync } from 'node:crypto';
import type { InventoryRow } from './inventory.ts';

/** In bytes, before they become hex: a reference that is unique, and a secret of 256 bits. */
const lengths = { reference: 16, secret: 32 } as const;
const slotLength = 2 * (lengths.reference + lengths.secret);
const hexDigits = Buffer.from('0123456789abcdef');

/**
 * The credentials that Siteseal makes for the rows of an inventory, in memory that all threads share. They are lower-case
 * hex, as bytes. A view of them is never a copy, so one `wipe` clears all.
 */
export class GeneratedCredentials {
  /** What another thread needs for the same credentials. */
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  static forRows(rows: number): GeneratedCredentials {
    return new GeneratedCredentials(new Uint8Array(new SharedArrayBuffer(rows * slotLength)));
  }

  /** Makes a new credential for a row. */
  generate(row: number): InventoryRow['credential'] {
    const random = Buffer.alloc(lengths.reference + lengths.secret);
    randomFillSync(random);
    const slot = this.#slot(row);
    for (const [index, byte] of random.entries()) {
      slot[2 * index] = hexDigits[byte >> 4] ?? 0;
      slot[2 * index + 1] = hexDigits[byte & 15] ?? 0;
    }
    random.fill(0);
    return this.of(row);
  }

  /** The credential that was made for a row, as views. */
  of(row: number): InventoryRow['credential'] {
    const slot = this.#slot(row);
    const end = 2 * lengths.reference;
    return { reference: slot.subarray(0, end), secret: slot.subarray(end) };
  }

  wipe(): void {
    this.bytes.fill(0);
  }

  #slot(row: number): Uint8Array {
    return this.bytes.subarray((row - 1) * slotLength, row * slotLength);
  }
}
