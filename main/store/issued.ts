import type { Database } from 'better-sqlite3';
import type { EpochSequence } from './enbs.ts';

/** Which eNB it is. */
interface Enb {
  readonly hwType: string;
  readonly serialNumber: string;
}

/** The newest bundle of an eNB: its numbers, and what it asks of the eNB. */
export interface IssuedRecord extends EpochSequence {
  /**
   * JSON of `issuedContent`. Null if this computer does not know it: another run has not finished the bundle, another
   * computer or an earlier version made it, or the store was restored.
   */
  readonly content: string | null;
}

/** What the newest bundle of each eNB asks of it. Holds no secret. `Batches.made` writes it. */
export interface Issued {
  /** Undefined for an eNB without a bundle. */
  newestOf(enb: Enb): IssuedRecord | undefined;
}

export function issued(database: Database): Issued {
  // The content counts only if it has the highest number that was given out.
  const newestOf = database.prepare<[string, string], IssuedRecord>(
    `SELECT last_epoch AS epoch, last_sequence AS sequence, content
       FROM enb LEFT JOIN issued ON issued.hw_type = enb.hw_type AND issued.serial_number = enb.serial_number
         AND issued.epoch = last_epoch AND issued.sequence = last_sequence
       WHERE enb.hw_type = ? AND enb.serial_number = ? AND last_sequence > 0`,
  );
  return { newestOf: ({ hwType, serialNumber }) => newestOf.get(hwType, serialNumber) };
}
