import type { Database } from 'better-sqlite3';
import { delivery } from '../../preload/contract/steps.ts';
import type { Verdict } from '../bundle/index.ts';
import type { Fault } from '../faults/index.ts';
import { json, oneOf, optional, rowCodec, select, text, type Row } from './row.ts';

const columns = {
  bundleSha256: text('bundle_sha256'),
  state: oneOf('state', delivery.proven),
  /** The eNB's address in the last attempt. The column keeps its old name. */
  address: optional(text('way')),
  verdict: optional(json<Verdict>('verdict')),
  fault: optional(json<Fault>('fault')),
  receiptSha256: optional(text('receipt_sha256')),
  /** RFC 3339 with milliseconds. */
  updatedAt: text('updated_at'),
};

/** How far the delivery of one bundle has come. */
export type DeliveryRecord = Row<typeof columns>;

/** Deliveries, by the SHA-256 of the bundle in lower-case hex. */
export interface Deliveries {
  get(bundleSha256: string): DeliveryRecord | undefined;
  /** Adds a record, or replaces the one for the same bundle. */
  put(record: DeliveryRecord): void;
}

const codec = rowCodec(columns);

export function deliveries(database: Database): Deliveries {
  const get = select(database, 'SELECT * FROM delivery WHERE bundle_sha256 = ?', codec.decode);
  const put = database.prepare(
    `INSERT OR REPLACE INTO delivery (${codec.names}) VALUES (${codec.parameters})`,
  );
  return {
    get: (bundleSha256) => get.get(bundleSha256),
    put: (record) => {
      put.run(codec.encode(record));
    },
  };
}
