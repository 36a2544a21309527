import type { Database } from 'better-sqlite3';
import { carrying } from '../../preload/contract/steps.ts';
import { bytes, integer, oneOf, optional, rowCodec, select, text, type Row } from './row.ts';

const columns = {
  bundleSha256: text('bundle_sha256'),
  hwType: text('hw_type'),
  serialNumber: text('serial_number'),
  siteId: text('site_id'),
  bundleId: text('bundle_id'),
  sequence: integer('sequence'),
  bundle: bytes('bundle'),
  state: oneOf('state', carrying.states),
  /** The file system's id. Empty if the operating system reports no id. */
  volume: text('volume'),
  /** The drive's name as the user sees it. */
  drive: text('drive'),
  /** The name of the eNB's folder on the drive. Empty until that folder is written. */
  folder: text('folder'),
  /** The challenge that the eNB's receipt must answer: 32 bytes in base64. */
  challenge: text('challenge'),
  /** The head of the audit log that went with the challenge. Undefined in a record of a version that sent none. */
  auditHead: optional(text('audit_head')),
  /** RFC 3339 with milliseconds. */
  updatedAt: text('updated_at'),
};

/** A bundle that a removable drive carries to an eNB. */
export type CarriedRecord = Row<typeof columns>;

/** The bundles on removable drives that have no receipt yet. */
export interface Carried {
  get(bundleSha256: string): CarriedRecord | undefined;
  /** The bundles that should be on a drive, by the file system's id. */
  onVolume(volume: string): readonly CarriedRecord[];
  all(): readonly CarriedRecord[];
  /** Adds a record, or replaces the one for the same bundle. */
  put(record: CarriedRecord): void;
  /** Removes the record, once a receipt has come back. */
  remove(bundleSha256: string): void;
}

const codec = rowCodec(columns);

export function carried(database: Database): Carried {
  const get = select(database, 'SELECT * FROM carried WHERE bundle_sha256 = ?', codec.decode);
  const onVolume = select(
    database,
    'SELECT * FROM carried WHERE volume = ? ORDER BY serial_number',
    codec.decode,
  );
  const all = select(database, 'SELECT * FROM carried ORDER BY serial_number', codec.decode);
  const put = database.prepare(
    `INSERT OR REPLACE INTO carried (${codec.names}) VALUES (${codec.parameters})`,
  );
  const remove = database.prepare('DELETE FROM carried WHERE bundle_sha256 = ?');
  return {
    get: (bundleSha256) => get.get(bundleSha256),
    onVolume: (volume) => onVolume.all(volume),
    all: () => all.all(),
    put: (record) => {
      put.run(codec.encode(record));
    },
    remove: (bundleSha256) => {
      remove.run(bundleSha256);
    },
  };
}
