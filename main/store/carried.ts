import type { Database } from 'better-sqlite3';
import { carrying } from '../../preload/contract/steps.ts';
import { bytes, integer, oneOf, rowCodec, text, type Row, type Sql } from './row.ts';

const columns = {
  bundleSha256: text('bundle_sha256'),
  hwType: text('hw_type'),
  serialNumber: text('serial_number'),
  siteId: text('site_id'),
  bundleId: text('bundle_id'),
  sequence: integer('sequence'),
  bundle: bytes('bundle'),
  state: oneOf('state', carrying.states),
  /** The file system's id; empty where the operating system knows none. */
  volume: text('volume'),
  /** The drive as the user knows it. */
  drive: text('drive'),
  /** The name of the eNB's folder on the drive; empty as long as it is not written. */
  folder: text('folder'),
  /** What the eNB's receipt must answer: 32 bytes in base64. */
  challenge: text('challenge'),
  /** RFC 3339 with milliseconds. */
  updatedAt: text('updated_at'),
};

/** A bundle on a removable drive, on its way to an eNB. */
export type CarriedRecord = Row<typeof columns>;

/** The bundles on removable drives that no receipt has answered. */
export interface Carried {
  get(bundleSha256: string): CarriedRecord | undefined;
  /** What should be on a drive. */
  onVolume(volume: string): readonly CarriedRecord[];
  all(): readonly CarriedRecord[];
  /** Replaces the record of the same bundle. */
  put(record: CarriedRecord): void;
  /** A receipt has come back. */
  remove(bundleSha256: string): void;
}

const codec = rowCodec(columns);

export function carried(database: Database): Carried {
  const select = (rest: string) =>
    database.prepare<unknown[], Record<string, Sql>>(`SELECT * FROM carried ${rest}`);
  const get = select('WHERE bundle_sha256 = ?');
  const onVolume = select('WHERE volume = ? ORDER BY serial_number');
  const all = select('ORDER BY serial_number');
  const put = database.prepare(
    `INSERT OR REPLACE INTO carried (${codec.names}) VALUES (${codec.parameters})`,
  );
  const remove = database.prepare('DELETE FROM carried WHERE bundle_sha256 = ?');
  return {
    get: (bundleSha256) => get.all(bundleSha256).map(codec.decode)[0],
    onVolume: (volume) => onVolume.all(volume).map(codec.decode),
    all: () => all.all().map(codec.decode),
    put: (record) => {
      put.run(codec.encode(record));
    },
    remove: (bundleSha256) => {
      remove.run(bundleSha256);
    },
  };
}
