import type { Database } from 'better-sqlite3';
import { bytes, integer, optional, rowCodec, text, type Sql } from './row.ts';

/** A sequence number, and the vendor's epoch in which it counts. */
export interface EpochSequence {
  readonly epoch: number;
  readonly sequence: number;
}

/** An eNB, with the highest epoch and sequence number that was given out or that a receipt reports. */
export interface EnbRecord {
  readonly hwType: string;
  readonly serialNumber: string;
  /** The vendor's name in the operator profile. */
  readonly vendor: string;
  readonly last: EpochSequence;
  /** DER. */
  readonly certificate?: Uint8Array;
}

/** The eNBs that bundles were made for, or receipts came from. */
export interface Enbs {
  /** A vendor's eNBs with this serial number, one for each hardware type. */
  bySerialNumber(vendor: string, serialNumber: string): readonly EnbRecord[];
  /** The highest epoch of an eNB so far and its sequence number in it, both 0 when there is none. */
  lastSequence(hwType: string, serialNumber: string): EpochSequence;
  /** Notes the eNB, raising its epoch and sequence number to `last` if that is higher. */
  note(enb: EnbRecord): void;
  /** Raises the eNB's epoch and sequence number to what its receipt says; never by more than `maximumRaise` at a time. */
  raiseSequence(enb: Pick<EnbRecord, 'hwType' | 'serialNumber'>, last: EpochSequence): void;
}

/** A receipt that jumps further than this is kept, but changes nothing here. The user has to look into it. */
const maximumRaise = 2 ** 20;

/** A higher epoch brings its own sequence number; in the same epoch the higher number stays. */
const raise = `
  last_sequence = CASE
    WHEN excluded.last_epoch > last_epoch THEN excluded.last_sequence
    WHEN excluded.last_epoch = last_epoch THEN MAX(last_sequence, excluded.last_sequence)
    ELSE last_sequence END,
  last_epoch = MAX(last_epoch, excluded.last_epoch)`;

const { names, parameters, encode, decode } = rowCodec({
  hwType: text('hw_type'),
  serialNumber: text('serial_number'),
  vendor: text('vendor'),
  epoch: integer('last_epoch'),
  sequence: integer('last_sequence'),
  certificate: optional(bytes('certificate')),
});

export function enbs(database: Database): Enbs {
  const bySerial = database.prepare<[string, string], Record<string, Sql>>(
    'SELECT * FROM enb WHERE vendor = ? AND serial_number = ?',
  );
  const lastSequence = database.prepare<[string, string], EpochSequence>(
    'SELECT last_epoch AS epoch, last_sequence AS sequence FROM enb WHERE hw_type = ? AND serial_number = ?',
  );
  const note = database.prepare(
    `INSERT INTO enb (${names}) VALUES (${parameters}) ON CONFLICT DO UPDATE SET
       vendor = excluded.vendor, ${raise}, certificate = COALESCE(excluded.certificate, certificate)`,
  );
  const raiseSequence = database.prepare(
    `INSERT INTO enb (hw_type, serial_number, vendor, last_epoch, last_sequence)
       SELECT @hwType, @serialNumber, '', @epoch, @sequence WHERE @sequence <= @raise + COALESCE(
         (SELECT last_sequence FROM enb
           WHERE hw_type = @hwType AND serial_number = @serialNumber AND last_epoch = @epoch), 0)
       ON CONFLICT DO UPDATE SET ${raise}`,
  );
  return {
    bySerialNumber: (vendor, serialNumber) =>
      bySerial.all(vendor, serialNumber).map((record) => {
        const { epoch, sequence, certificate, ...enb } = decode(record);
        return { ...enb, last: { epoch, sequence }, ...(certificate && { certificate }) };
      }),
    lastSequence: (hwType, serialNumber) =>
      lastSequence.get(hwType, serialNumber) ?? { epoch: 0, sequence: 0 },
    note: ({ hwType, serialNumber, vendor, last, certificate }) => {
      note.run(encode({ hwType, serialNumber, vendor, ...last, certificate }));
    },
    raiseSequence: ({ hwType, serialNumber }, last) => {
      raiseSequence.run({ hwType, serialNumber, ...last, raise: maximumRaise });
    },
  };
}
