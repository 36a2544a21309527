import type { Database } from 'better-sqlite3';
import { bytes, optional, rowCodec, select, text, type Column, type Row } from './row.ts';

/** A column with a JSON list of byte strings in base64. */
function bytesList(name: string): Column<readonly Uint8Array[]> {
  return {
    name,
    encode: (list) => JSON.stringify(list.map((one) => Buffer.from(one).toString('base64'))),
    decode: (sql) => (JSON.parse(sql as string) as string[]).map((one) => Buffer.from(one, 'base64')),
  };
}

const columns = {
  /** SHA-256 of the DER certificate, lower-case hex. */
  fingerprint: text('fingerprint'),
  certificate: bytes('certificate'),
  /** DER of intermediates that help to build a path to this root. They are not trusted. */
  intermediates: bytesList('intermediates'),
  /** RFC 3339 with milliseconds. */
  trustedAt: text('trusted_at'),
};

const listed = {
  ...columns,
  /** RFC 3339 with milliseconds. Undefined while the root is trusted. */
  withdrawnAt: optional(text('withdrawn_at')),
};

/** A vendor root that the user starts to trust. */
export type NewVendorRoot = Row<typeof columns>;

/** A vendor root that the user trusts, or used to trust. */
export type VendorRootRecord = Row<typeof listed>;

/** The vendor roots that the user trusts, or used to trust. */
export interface VendorRoots {
  trusted(): readonly VendorRootRecord[];
  get(fingerprint: string): VendorRootRecord | undefined;
  /** Trusts a root. For a known root, restores trust and replaces its intermediates unless `root` has none. */
  trust(root: NewVendorRoot): void;
  withdraw(fingerprint: string, at: string): void;
}

const { names, parameters, encode } = rowCodec(columns);
const { decode } = rowCodec(listed);

export function vendorRoots(database: Database): VendorRoots {
  const trusted = select(
    database,
    'SELECT * FROM vendor_root WHERE withdrawn_at IS NULL ORDER BY trusted_at, fingerprint',
    decode,
  );
  const byFingerprint = select(database, 'SELECT * FROM vendor_root WHERE fingerprint = ?', decode);
  const withdraw = database.prepare('UPDATE vendor_root SET withdrawn_at = ? WHERE fingerprint = ?');
  const trust = database.prepare(
    `INSERT INTO vendor_root (${names}) VALUES (${parameters})
     ON CONFLICT DO UPDATE SET withdrawn_at = NULL, intermediates =
       CASE WHEN excluded.intermediates = '[]' THEN intermediates ELSE excluded.intermediates END`,
  );
  return {
    trusted: () => trusted.all(),
    get: (fingerprint) => byFingerprint.get(fingerprint),
    trust: (root) => {
      trust.run(encode(root));
    },
    withdraw: (fingerprint, at) => {
      withdraw.run(at, fingerprint);
    },
  };
}
