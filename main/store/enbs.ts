import type { Database } from 'better-sqlite3';

/** A sequence number, and the vendor's epoch that it belongs to. */
export interface EpochSequence {
  readonly epoch: number;
  readonly sequence: number;
}

/** An eNB, with the highest epoch and sequence number that Siteseal has assigned or a receipt has reported. */
export interface EnbRecord {
  readonly hwType: string;
  readonly serialNumber: string;
  readonly last: EpochSequence;
}

/** The eNBs that have a bundle or a receipt. */
export interface Enbs {
  /** The eNB's highest epoch so far, and its highest sequence number in that epoch. Both are 0 for an unknown eNB. */
  lastSequence(hwType: string, serialNumber: string): EpochSequence;
  /** Adds or updates the eNB. Its epoch and sequence number change to `last` only if that is higher. */
  note(enb: EnbRecord): void;
  /** Raises the eNB's epoch and sequence number to those in its receipt. Ignores a raise above `maximumRaise`. */
  raiseSequence(enb: Pick<EnbRecord, 'hwType' | 'serialNumber'>, last: EpochSequence): void;
}

/** Siteseal keeps a receipt that jumps further, but ignores its sequence number. The user must look into it. */
const maximumRaise = 2 ** 20;

/** A higher epoch replaces the sequence number. Within one epoch the higher number wins. */
const raise = `
  last_sequence = CASE
    WHEN excluded.last_epoch > last_epoch THEN excluded.last_sequence
    WHEN excluded.last_epoch = last_epoch THEN MAX(last_sequence, excluded.last_sequence)
    ELSE last_sequence END,
  last_epoch = MAX(last_epoch, excluded.last_epoch)`;

export function enbs(database: Database): Enbs {
  const lastSequence = database.prepare<[string, string], EpochSequence>(
    'SELECT last_epoch AS epoch, last_sequence AS sequence FROM enb WHERE hw_type = ? AND serial_number = ?',
  );
  const note = database.prepare(
    `INSERT INTO enb (hw_type, serial_number, last_epoch, last_sequence)
       VALUES (@hwType, @serialNumber, @epoch, @sequence) ON CONFLICT DO UPDATE SET ${raise}`,
  );
  const raiseSequence = database.prepare(
    `INSERT INTO enb (hw_type, serial_number, last_epoch, last_sequence)
       SELECT @hwType, @serialNumber, @epoch, @sequence WHERE @sequence <= @raise + COALESCE(
         (SELECT last_sequence FROM enb
           WHERE hw_type = @hwType AND serial_number = @serialNumber AND last_epoch = @epoch), 0)
       ON CONFLICT DO UPDATE SET ${raise}`,
  );
  return {
    lastSequence: (hwType, serialNumber) =>
      lastSequence.get(hwType, serialNumber) ?? { epoch: 0, sequence: 0 },
    note: ({ hwType, serialNumber, last }) => {
      note.run({ hwType, serialNumber, ...last });
    },
    raiseSequence: ({ hwType, serialNumber }, last) => {
      raiseSequence.run({ hwType, serialNumber, ...last, raise: maximumRaise });
    },
  };
}
