import type { Database } from 'better-sqlite3';

/** What is on a removable drive on its way to an eNB, as its row. */
export interface CarriedRecord {
  readonly bundle_sha256: string;
  readonly hw_type: string;
  readonly serial_number: string;
  readonly site_id: string;
  readonly bundle_id: string;
  readonly sequence: number;
  /** DER. */
  readonly bundle: Uint8Array;
  readonly state: string;
  /** The file system's own id; empty where the operating system knows none. */
  readonly volume: string;
  /** The drive as a person knows it. */
  readonly drive: string;
  /** The name of the eNB's folder on the drive; empty as long as it is not written. */
  readonly folder: string;
  /** What the eNB's receipt must answer: 32 octets in base64. */
  readonly challenge: string;
  /** RFC 3339 with milliseconds. */
  readonly updated_at: string;
}

/** What is on removable drives, and no receipt has come back for. */
export interface Carried {
  get(bundleSha256: string): CarriedRecord | undefined;
  /** What should be on a drive. */
  onVolume(volume: string): readonly CarriedRecord[];
  /** All that no receipt has come back for. */
  all(): readonly CarriedRecord[];
  /** Puts the record in the place of the one of the same bundle. */
  put(record: CarriedRecord): void;
  /** A receipt has come back. */
  remove(bundleSha256: string): void;
}

/** Prepares the statements. */
export function carried(database: Database): Carried {
  const get = database.prepare<[string], CarriedRecord>('SELECT * FROM carried WHERE bundle_sha256 = ?');
  const onVolume = database.prepare<[string], CarriedRecord>(
    'SELECT * FROM carried WHERE volume = ? ORDER BY serial_number',
  );
  const all = database.prepare<[], CarriedRecord>('SELECT * FROM carried ORDER BY serial_number');
  const put = database.prepare<CarriedRecord>(
    `INSERT OR REPLACE INTO carried VALUES (@bundle_sha256, @hw_type, @serial_number, @site_id, @bundle_id,
       @sequence, @bundle, @state, @volume, @drive, @folder, @challenge, @updated_at)`,
  );
  const remove = database.prepare<[string]>('DELETE FROM carried WHERE bundle_sha256 = ?');
  return {
    get: (bundleSha256) => get.get(bundleSha256),
    onVolume: (volume) => onVolume.all(volume),
    all: () => all.all(),
    put: (record) => {
      put.run(record);
    },
    remove: (bundleSha256) => {
      remove.run(bundleSha256);
    },
  };
}
