import type { Database } from 'better-sqlite3';
import { bytes, flag, integer, optional, rowCodec, select, text, type Row } from './row.ts';

const columns = {
  /** SHA-256 of the operator root that is pinned, lower-case hex. */
  rootFingerprint: text('root_fingerprint'),
  /** DER of that root. */
  root: bytes('root'),
  version: integer('version'),
  operator: text('operator'),
  plmn: text('plmn'),
  requireFreshCrl: flag('require_fresh_crl'),
  /** The introduction, unchanged: SignedData. */
  document: bytes('document'),
  /** When the oldest office certificate that counts starts, if older ones were replaced. RFC 3339 with milliseconds. */
  officeSince: optional(text('office_since')),
  /** RFC 3339 with milliseconds. */
  takenAt: text('taken_at'),
};

/** An operator that this computer works for, with its newest introduction. */
export type IntroductionRecord = Row<typeof columns>;

/** The operators that this computer works for. */
export interface Introductions {
  all(): readonly IntroductionRecord[];
  get(rootFingerprint: string): IntroductionRecord | undefined;
  /** Adds an operator, or replaces its introduction. */
  put(record: IntroductionRecord): void;
}

const { names, parameters, encode, decode } = rowCodec(columns);

export function introductions(database: Database): Introductions {
  const all = select(database, 'SELECT * FROM introduction ORDER BY operator, root_fingerprint', decode);
  const get = select(database, 'SELECT * FROM introduction WHERE root_fingerprint = ?', decode);
  const put = database.prepare(`INSERT OR REPLACE INTO introduction (${names}) VALUES (${parameters})`);
  return {
    all: () => all.all(),
    get: (rootFingerprint) => get.get(rootFingerprint),
    put: (record) => {
      put.run(encode(record));
    },
  };
}
