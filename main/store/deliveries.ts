import type { Database } from 'better-sqlite3';

/** How far a bundle has come on its way to its eNB, as its row. `verdict` and `fault` are JSON as it was given. */
export interface DeliveryRecord {
  readonly bundle_sha256: string;
  readonly state: string;
  /** The way that was tried last. */
  readonly way: string | null;
  readonly verdict: string | null;
  readonly fault: string | null;
  readonly receipt_sha256: string | null;
  /** RFC 3339 with milliseconds. */
  readonly updated_at: string;
}

/** How far bundles have come, by the SHA-256 of each, in lower-case hex. */
export interface Deliveries {
  get(bundleSha256: string): DeliveryRecord | undefined;
  /** Puts the record in the place of the one of the same bundle. */
  put(record: DeliveryRecord): void;
}

/** Prepares the statements. */
export function deliveries(database: Database): Deliveries {
  const get = database.prepare<[string], DeliveryRecord>('SELECT * FROM delivery WHERE bundle_sha256 = ?');
  const put = database.prepare<DeliveryRecord>(
    `INSERT OR REPLACE INTO delivery
       VALUES (@bundle_sha256, @state, @way, @verdict, @fault, @receipt_sha256, @updated_at)`,
  );
  return {
    get: (bundleSha256) => get.get(bundleSha256),
    put: (record) => {
      put.run(record);
    },
  };
}
