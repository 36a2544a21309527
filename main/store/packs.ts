import type { Database } from 'better-sqlite3';
import { rowCodec, select, text, type Row } from './row.ts';

const columns = {
  /** The pack's own id. */
  id: text('id'),
  /** SHA-256 of the operator root that it was opened under, lower-case hex. */
  rootFingerprint: text('root_fingerprint'),
  /** SHA-256 of its signed manifest, lower-case hex. */
  manifestSha256: text('manifest_sha256'),
  /** RFC 3339, whole seconds. */
  expires: text('expires'),
  /** RFC 3339 with milliseconds. */
  openedAt: text('opened_at'),
};

/** A job pack that was opened here. */
export type PackRecord = Row<typeof columns>;

/** The job packs that were opened here, and the bundles that came with them. */
export interface Packs {
  get(id: string): PackRecord | undefined;
  /** Adds a pack, or does nothing if it is there. */
  add(pack: PackRecord): void;
  /** Records that a bundle came with a pack. */
  addBundle(packId: string, bundleSha256: string): void;
}

const { names, parameters, encode, decode } = rowCodec(columns);

export function packs(database: Database): Packs {
  const get = select(database, 'SELECT * FROM pack WHERE id = ?', decode);
  const add = database.prepare(`INSERT OR IGNORE INTO pack (${names}) VALUES (${parameters})`);
  const addBundle = database.prepare(
    'INSERT OR IGNORE INTO pack_bundle (bundle_sha256, pack_id) VALUES (?, ?)',
  );
  return {
    get: (id) => get.get(id),
    add: (pack) => {
      add.run(encode(pack));
    },
    addBundle: (packId, bundleSha256) => {
      addBundle.run(bundleSha256, packId);
    },
  };
}
