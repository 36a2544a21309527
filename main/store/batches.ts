import type { Database } from 'better-sqlite3';
import type { Difference } from '../bundle/index.ts';
import { integer, json, optional, rowCodec, select, text, type Row } from './row.ts';

/** Tells a file apart from a changed one. Holds no digest, which would help to guess the secrets of an inventory. */
export interface FileMark {
  /** Its absolute path. */
  readonly file: string;
  readonly size: number;
  /** In milliseconds since 1970. */
  readonly modifiedAt: number;
}

const columns = {
  /** In `run.json` of the output folder. */
  id: text('id'),
  inventory: json<FileMark>('inventory'),
  profile: json<FileMark>('profile'),
  corrections: optional(json<FileMark>('corrections')),
};

/** An output folder of `prepare`, and the state of the files that its bundles are made from. */
export type BatchRecord = Row<typeof columns>;

const bundleColumns = {
  /** The row of the inventory, counted from 1. */
  row: integer('row'),
  hwType: text('hw_type'),
  serialNumber: text('serial_number'),
  epoch: integer('epoch'),
  sequence: integer('sequence'),
  bundleId: text('bundle_id'),
  /** Of the bundle, in lower-case hex, once it is whole on disk. */
  sha256: optional(text('sha256')),
  /** What it changes for its eNB, if that was compared before it was made. */
  differences: optional(json<readonly Difference[]>('differences')),
};

/** A bundle that a batch has made or is about to make. */
export type BatchBundle = Row<typeof bundleColumns>;

/** The journals of the output folders: which bundle is to be in each, and which is there. */
export interface Batches {
  get(id: string): BatchRecord | undefined;
  begin(batch: BatchRecord): void;
  /** The bundles for the rows from `first` to `last`, in order. */
  bundles(id: string, first: number, last: number): readonly BatchBundle[];
  /** Adds a bundle, or replaces that of the same row. */
  put(id: string, bundle: BatchBundle): void;
  /**
   * Records that the bundle of a row is whole on disk.
   * @param content JSON of `issuedContent`, for `Issued`, unless a newer bundle of the eNB is there; undefined if unknown
   */
  made(id: string, row: number, sha256: string, content: string | undefined): void;
}

const codec = rowCodec(columns);
const bundleCodec = rowCodec(bundleColumns);

export function batches(database: Database): Batches {
  const byId = select(database, 'SELECT * FROM batch WHERE id = ?', codec.decode);
  const begin = database.prepare(`INSERT INTO batch (${codec.names}) VALUES (${codec.parameters})`);
  const bundles = select(
    database,
    'SELECT * FROM batch_bundle WHERE batch_id = ? AND row BETWEEN ? AND ? ORDER BY row',
    bundleCodec.decode,
  );
  const put = database.prepare(
    `INSERT OR REPLACE INTO batch_bundle (batch_id, ${bundleCodec.names}) VALUES (@batch_id, ${bundleCodec.parameters})`,
  );
  const made = database.prepare<[string, string, number]>(
    'UPDATE batch_bundle SET sha256 = ? WHERE batch_id = ? AND row = ?',
  );
  const issue = database.prepare<[string, string, number]>(
    `INSERT INTO issued (hw_type, serial_number, epoch, sequence, content)
       SELECT hw_type, serial_number, epoch, sequence, ? FROM batch_bundle WHERE batch_id = ? AND row = ?
       ON CONFLICT DO UPDATE SET epoch = excluded.epoch, sequence = excluded.sequence, content = excluded.content
         WHERE (excluded.epoch, excluded.sequence) > (issued.epoch, issued.sequence)`,
  );
  return {
    get: (id) => byId.get(id),
    begin: (batch) => {
      begin.run(codec.encode(batch));
    },
    bundles: (id, first, last) => bundles.all(id, first, last),
    put: (id, bundle) => {
      put.run({ ...bundleCodec.encode(bundle), batch_id: id });
    },
    made: (id, row, sha256, content) => {
      made.run(sha256, id, row);
      if (content !== undefined) issue.run(content, id, row);
    },
  };
}
