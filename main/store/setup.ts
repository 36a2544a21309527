import type { Database } from 'better-sqlite3';

/** An operator profile, by the absolute path of the file that it is read from each time. */
export interface OperatorRecord {
  readonly id: string;
  readonly profile_file: string;
  /** RFC 3339 with milliseconds. */
  readonly added_at: string;
}

/** A vendor root that a person trusts, or has trusted. */
export interface VendorRootRecord {
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string;
  /** DER. */
  readonly certificate: Uint8Array;
  /** JSON: base64 of each intermediate's DER. */
  readonly intermediates: string;
  /** RFC 3339 with milliseconds. */
  readonly trusted_at: string;
  /** Null while it is trusted. */
  readonly withdrawn_at: string | null;
}

/** What was set up on this laptop: choices, operator profiles, trusted vendor roots. */
export interface Setup {
  getSetting(name: string): string | undefined;
  setSetting(name: string, value: string): void;
  operators(): readonly OperatorRecord[];
  operator(id: string): OperatorRecord | undefined;
  /** Adds a profile; the same file again keeps its id. */
  addOperator(operator: OperatorRecord): OperatorRecord;
  removeOperator(id: string): void;
  /** Those that are trusted now. */
  vendorRoots(): readonly VendorRootRecord[];
  /** One that is trusted, or was. */
  vendorRoot(fingerprint: string): VendorRootRecord | undefined;
  /** Trusts a root, or adds intermediates to one that is trusted. */
  trustVendorRoot(root: Omit<VendorRootRecord, 'withdrawn_at'>): void;
  withdrawVendorRoot(fingerprint: string, at: string): void;
}

/** Prepares the statements. */
export function setup(database: Database): Setup {
  const getSetting = database.prepare<[string], string>('SELECT value FROM setting WHERE name = ?').pluck();
  const setSetting = database.prepare<[string, string]>('INSERT OR REPLACE INTO setting VALUES (?, ?)');
  const operators = database.prepare<[], OperatorRecord>('SELECT * FROM operator ORDER BY added_at, id');
  const operator = database.prepare<[string], OperatorRecord>('SELECT * FROM operator WHERE id = ?');
  const byFile = database.prepare<[string], OperatorRecord>('SELECT * FROM operator WHERE profile_file = ?');
  const addOperator = database.prepare<OperatorRecord>(
    'INSERT OR IGNORE INTO operator VALUES (@id, @profile_file, @added_at)',
  );
  const removeOperator = database.prepare<[string]>('DELETE FROM operator WHERE id = ?');
  const roots = database.prepare<[], VendorRootRecord>(
    'SELECT * FROM vendor_root WHERE withdrawn_at IS NULL ORDER BY trusted_at, fingerprint',
  );
  const root = database.prepare<[string], VendorRootRecord>(
    'SELECT * FROM vendor_root WHERE fingerprint = ?',
  );
  const withdraw = database.prepare<[string, string]>(
    'UPDATE vendor_root SET withdrawn_at = ? WHERE fingerprint = ?',
  );
  const trust = database.prepare<Omit<VendorRootRecord, 'withdrawn_at'>>(
    `INSERT INTO vendor_root (fingerprint, certificate, intermediates, trusted_at)
       VALUES (@fingerprint, @certificate, @intermediates, @trusted_at)
     ON CONFLICT DO UPDATE SET withdrawn_at = NULL, intermediates =
       CASE WHEN excluded.intermediates = '[]' THEN intermediates ELSE excluded.intermediates END`,
  );
  return {
    getSetting: (name) => getSetting.get(name),
    setSetting: (name, value) => {
      setSetting.run(name, value);
    },
    operators: () => operators.all(),
    operator: (id) => operator.get(id),
    addOperator: (record) => {
      addOperator.run(record);
      return byFile.get(record.profile_file) ?? record;
    },
    removeOperator: (id) => {
      removeOperator.run(id);
    },
    vendorRoots: () => roots.all(),
    vendorRoot: (fingerprint) => root.get(fingerprint),
    trustVendorRoot: (record) => {
      trust.run(record);
    },
    withdrawVendorRoot: (fingerprint, at) => {
      withdraw.run(at, fingerprint);
    },
  };
}
