import type { Database } from 'better-sqlite3';
import { bytes, integer, rowCodec, select, text, type Row } from './row.ts';

const columns = {
  /** SHA-256 of `bytes`, lower-case hex. */
  sha256: text('sha256'),
  hwType: text('hw_type'),
  serialNumber: text('serial_number'),
  receiptNumber: integer('receipt_number'),
  bundleSha256: text('bundle_sha256'),
  /** RFC 3339. */
  receivedAt: text('received_at'),
  bytes: bytes('bytes'),
};

/** A receipt, with its exact bytes. */
export type ReceiptRecord = Row<typeof columns>;

/** All verified receipts. */
export interface Receipts {
  /** Stores a receipt. Storing the same one again changes nothing. */
  keep(receipt: ReceiptRecord): void;
  /** A receipt by the SHA-256 of its bytes, lower-case hex. */
  get(sha256: string): ReceiptRecord | undefined;
  /** All of them, a few in memory at a time. The caller may write meanwhile. */
  all(): Iterable<ReceiptRecord>;
}

/** How many receipts are read at a time. */
const slice = 100;

const { names, parameters, encode, decode } = rowCodec(columns);

export function receipts(database: Database): Receipts {
  const keep = database.prepare(`INSERT OR IGNORE INTO receipt (${names}) VALUES (${parameters})`);
  const get = select(database, 'SELECT * FROM receipt WHERE sha256 = ?', decode);
  const next = select(
    database,
    `SELECT * FROM receipt WHERE sha256 > ? ORDER BY sha256 LIMIT ${slice}`,
    decode,
  );
  return {
    keep: (receipt) => {
      keep.run(encode(receipt));
    },
    get: (sha256) => get.get(sha256),
    *all() {
      let part: readonly ReceiptRecord[] = [];
      do {
        part = next.all(part.at(-1)?.sha256 ?? '');
        yield* part;
      } while (part.length === slice);
    },
  };
}
