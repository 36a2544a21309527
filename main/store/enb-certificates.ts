import type { Database } from 'better-sqlite3';
import { bytes, rowCodec, select, text, type Sql } from './row.ts';

/** Which eNB it is. */
type EnbIdentity = Pick<EnbCertificateRecord, 'hwType' | 'serialNumber'>;

/** A vendor's certificate of an eNB. */
export interface EnbCertificateRecord {
  readonly hwType: string;
  readonly serialNumber: string;
  /** DER. */
  readonly certificate: Uint8Array;
}

/**
 * The vendors' certificates of eNBs. Only its path says which vendor a certificate is from: profiles may give one vendor
 * two names, or two vendors one name.
 */
export interface EnbCertificates {
  /** The certificates (DER) of all eNBs with this serial number, of any hardware type and vendor. */
  bySerialNumber(serialNumber: string): readonly Uint8Array[];
  /** The certificates of an eNB, from each of its vendors. */
  of(enb: EnbIdentity): readonly Uint8Array[];
  /** Adds a certificate, unless it is there. */
  add(record: EnbCertificateRecord): void;
  remove(record: EnbCertificateRecord): void;
}

const { names, parameters, encode, decode } = rowCodec({
  hwType: text('hw_type'),
  serialNumber: text('serial_number'),
  certificate: bytes('certificate'),
});

export function enbCertificates(database: Database): EnbCertificates {
  const certificateIn = (record: Readonly<Record<string, Sql>>) => decode(record).certificate;
  const bySerial = select(database, 'SELECT * FROM enb_certificate WHERE serial_number = ?', certificateIn);
  const ofEnb = select(
    database,
    'SELECT * FROM enb_certificate WHERE serial_number = ? AND hw_type = ?',
    certificateIn,
  );
  const add = database.prepare(
    `INSERT INTO enb_certificate (${names}) VALUES (${parameters}) ON CONFLICT DO NOTHING`,
  );
  const remove = database.prepare(
    `DELETE FROM enb_certificate
       WHERE serial_number = @serial_number AND hw_type = @hw_type AND certificate = @certificate`,
  );
  return {
    bySerialNumber: (serialNumber) => bySerial.all(serialNumber),
    of: ({ hwType, serialNumber }) => ofEnb.all(serialNumber, hwType),
    add: (record) => {
      add.run(encode(record));
    },
    remove: (record) => {
      remove.run(encode(record));
    },
  };
}
