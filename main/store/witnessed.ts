import type { Database } from 'better-sqlite3';
import { integer, rowCodec, select, text, type Row } from './row.ts';

const columns = {
  /** The name of the log. */
  origin: text('origin'),
  /** How many entries the head seals. */
  size: integer('size'),
  /** The root of the tree over them, in hex. */
  root: text('root'),
  /** The verifier key of the log that signed the head. */
  key: text('key'),
  /** The head as this store's witness cosigned it, as a note. */
  checkpoint: text('checkpoint'),
  /** RFC 3339, whole seconds. */
  seenAt: text('seen_at'),
};

/** The newest head that this store's witness has seen of a log. */
export type WitnessedRecord = Row<typeof columns>;

/** What this store's witness has seen of the logs of other computers. */
export interface Witnessed {
  get(origin: string): WitnessedRecord | undefined;
  /** Adds a record, or replaces the one of the same log. */
  put(record: WitnessedRecord): void;
}

const { names, parameters, encode, decode } = rowCodec(columns);

export function witnessed(database: Database): Witnessed {
  const get = select(database, 'SELECT * FROM witnessed WHERE origin = ?', decode);
  const put = database.prepare(`INSERT OR REPLACE INTO witnessed (${names}) VALUES (${parameters})`);
  return {
    get: (origin) => get.get(origin),
    put: (record) => {
      put.run(encode(record));
    },
  };
}
