import type { Database, Statement } from 'better-sqlite3';
import { join } from 'node:path';
import type {
  Journal,
  JournalCertificate,
  JournalEntry,
  JournalTransaction,
  RevokedCertificate,
} from '../../cmp/index.ts';
import { fault, ok, prependWhere, refused, type Result } from '../../faults/index.ts';
import { parseCertificate } from '../../pki/index.ts';
import { openDatabase, unusable } from '../../sqlite/index.ts';

/** The migrations, in order. Never change a released one. */
const migrations: readonly string[] = [
  `
  CREATE TABLE certificate (
    -- In the order of issue.
    id INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE,
    serial_number TEXT NOT NULL UNIQUE,
    holder TEXT NOT NULL,
    spki_sha256 TEXT NOT NULL,
    replaces TEXT,
    der BLOB NOT NULL,
    revoked_at TEXT,
    revocation_reason INTEGER
  ) STRICT;
  CREATE INDEX certificate_by_key ON certificate (holder, spki_sha256, id);
  CREATE INDEX certificate_by_replaced ON certificate (replaces, id) WHERE replaces IS NOT NULL;
  CREATE INDEX certificate_revoked ON certificate (id) WHERE revoked_at IS NOT NULL;

  CREATE TABLE cmp_transaction (
    id TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    holder TEXT NOT NULL,
    protection TEXT NOT NULL,
    state TEXT NOT NULL,
    certificate TEXT,
    nonce TEXT NOT NULL,
    peer_nonce TEXT NOT NULL,
    request BLOB,
    polls INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX cmp_transaction_by_certificate ON cmp_transaction (certificate) WHERE certificate IS NOT NULL;

  -- The key that each holder asked with at its first use. It never changes.
  CREATE TABLE binding (holder TEXT PRIMARY KEY, spki_sha256 TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE refusal (
    id INTEGER PRIMARY KEY,
    cmp_transaction TEXT NOT NULL,
    holder TEXT NOT NULL,
    code TEXT NOT NULL,
    at TEXT NOT NULL
  ) STRICT;

  -- The number of the last CRL.
  CREATE TABLE crl_number (value INTEGER NOT NULL) STRICT;
  INSERT INTO crl_number VALUES (0);
  `,
];

/** How long to wait for another process that is about to end, in milliseconds. */
const busyTimeout = 1_000;

type Record = Readonly<{ [column: string]: string | number | Buffer | null }>;

/** The journal of an RA/CA, in one database that no other process can open meanwhile. */
export class SqliteJournal implements Journal {
  readonly #database: Database;
  readonly #file: string;
  readonly #now: () => Date;
  readonly #writeAll: (entry: JournalEntry) => void;
  readonly #statements: Statements;

  private constructor(database: Database, file: string, now: () => Date) {
    this.#database = database;
    this.#file = file;
    this.#now = now;
    this.#statements = prepare(database);
    const put = database.transaction((entry: JournalEntry) => this.#put(entry));
    this.#writeAll = (entry) => put.immediate(entry);
  }

  /**
   * Opens the journal in a folder, and creates it if it is missing. Refuses with `store-in-use` if another process has
   * it open.
   */
  static open(
    folder: string,
    now: () => Date,
  ): Result<SqliteJournal, 'store-unusable' | 'store-newer' | 'store-in-use'> {
    const file = join(folder, 'journal.db');
    const opened = openDatabase(file, { migrations, busyTimeout, isExclusive: true });
    if (opened.ok) return ok(new SqliteJournal(opened.value, file, now));
    const { code, ...facts } = opened.fault;
    if (code === 'store-locked') return refused(prependWhere(fault('store-in-use', facts), { file }));
    return refused({ code, ...facts });
  }

  transaction(id: string): JournalTransaction | undefined {
    const row = this.#statements.transaction.get(id);
    return row && readTransaction(row);
  }

  boundKey(holder: string): string | undefined {
    return this.#statements.boundKey.get(holder)?.['spki_sha256'] as string | undefined;
  }

  isConfirmed(sha256: string): boolean {
    return this.#statements.isConfirmed.get(sha256) !== undefined;
  }

  certificate(sha256: string): JournalCertificate | undefined {
    return readCertificate(this.#statements.certificate.get(sha256));
  }

  newest(holder: string, spkiSha256: string): JournalCertificate | undefined {
    return readCertificate(this.#statements.newest.get(holder, spkiSha256));
  }

  replacement(sha256: string): JournalCertificate | undefined {
    return readCertificate(this.#statements.replacement.get(sha256));
  }

  bySerial(serialNumber: string): JournalCertificate | undefined {
    return readCertificate(this.#statements.bySerial.get(serialNumber));
  }

  revoked(): readonly RevokedCertificate[] {
    return this.#statements.revoked.all().map((row) => ({
      serialNumber: row['serial_number'] as string,
      at: new Date(row['revoked_at'] as string),
      reason: row['revocation_reason'] as number,
    }));
  }

  write(entry: JournalEntry): Result<void, 'store-unusable'> {
    try {
      this.#writeAll(entry);
      return ok(undefined);
    } catch (error) {
      return refused(prependWhere(unusable(error).fault, { file: this.#file }));
    }
  }

  /**
   * A number above all before. It counts milliseconds since 1970 where the clock allows, so that it also rises when the
   * same CA starts with a new journal. Throws if the disk fails.
   */
  nextCrlNumber(): number {
    const row = this.#statements.nextCrlNumber.get(this.#now().getTime());
    return row?.['value'] as number;
  }

  close(): void {
    this.#database.close();
  }

  #put({ transaction, binding, issued, revoked, refused }: JournalEntry): void {
    const to = this.#statements;
    const { id, holder } = transaction;
    to.putTransaction.run({ certificate: null, request: null, polls: null, ...transaction });
    if (binding) {
      to.bind.run(binding.holder, binding.spkiSha256);
      if (this.boundKey(binding.holder) !== binding.spkiSha256)
        throw new Error(`${binding.holder} is bound to another key`);
    }
    if (issued) {
      const { sha256, serialNumber, der } = issued.certificate;
      const { at = null, reason = null } = issued.revoked ?? {};
      to.putCertificate.run({
        sha256,
        serialNumber,
        der,
        holder: issued.holder,
        spkiSha256: issued.spkiSha256,
        replaces: issued.replaces ?? null,
        revokedAt: at?.toISOString() ?? null,
        reason,
      });
    }
    if (revoked) {
      const { changes } = to.revoke.run(revoked.at.toISOString(), revoked.reason, revoked.certificate);
      if (changes !== 1) throw new Error('A certificate that is revoked is in the journal');
    }
    if (refused !== undefined) to.putRefusal.run(id, holder, refused, this.#now().toISOString());
  }
}

type Statements = ReturnType<typeof prepare>;

function prepare(database: Database) {
  const query = (sql: string): Statement<unknown[], Record> => database.prepare<unknown[], Record>(sql);
  return {
    transaction: query('SELECT * FROM cmp_transaction WHERE id = ?'),
    boundKey: query('SELECT spki_sha256 FROM binding WHERE holder = ?'),
    isConfirmed: query(
      "SELECT 1 AS one FROM cmp_transaction WHERE certificate = ? AND state = 'confirmed' LIMIT 1",
    ),
    certificate: query('SELECT * FROM certificate WHERE sha256 = ?'),
    newest: query('SELECT * FROM certificate WHERE holder = ? AND spki_sha256 = ? ORDER BY id DESC LIMIT 1'),
    replacement: query('SELECT * FROM certificate WHERE replaces = ? ORDER BY id DESC LIMIT 1'),
    bySerial: query('SELECT * FROM certificate WHERE serial_number = ?'),
    revoked: query(
      'SELECT serial_number, revoked_at, revocation_reason FROM certificate WHERE revoked_at IS NOT NULL ORDER BY id',
    ),
    putTransaction: query(
      `INSERT INTO cmp_transaction (id, type, holder, protection, state, certificate, nonce, peer_nonce, request, polls)
         VALUES (@id, @type, @holder, @protection, @state, @certificate, @nonce, @peerNonce, @request, @polls)
       ON CONFLICT DO UPDATE SET holder = excluded.holder, state = excluded.state,
         certificate = excluded.certificate, nonce = excluded.nonce, peer_nonce = excluded.peer_nonce, request = excluded.request,
         polls = excluded.polls`,
    ),
    bind: query('INSERT INTO binding (holder, spki_sha256) VALUES (?, ?) ON CONFLICT DO NOTHING'),
    putCertificate: query(
      `INSERT INTO certificate (sha256, serial_number, holder, spki_sha256, replaces, der, revoked_at, revocation_reason)
         VALUES (@sha256, @serialNumber, @holder, @spkiSha256, @replaces, @der, @revokedAt, @reason)`,
    ),
    revoke: query('UPDATE certificate SET revoked_at = ?, revocation_reason = ? WHERE sha256 = ?'),
    putRefusal: query('INSERT INTO refusal (cmp_transaction, holder, code, at) VALUES (?, ?, ?, ?)'),
    nextCrlNumber: query('UPDATE crl_number SET value = max(value + 1, ?) RETURNING value'),
  };
}

function readTransaction(row: Record): JournalTransaction {
  const {
    id,
    type,
    holder,
    protection,
    state,
    certificate,
    nonce,
    peer_nonce: peerNonce,
    request,
    polls,
  } = row;
  return {
    id: id as string,
    type: type as JournalTransaction['type'],
    holder: holder as string,
    protection: protection as string,
    state: state as JournalTransaction['state'],
    nonce: nonce as string,
    peerNonce: peerNonce as string,
    ...(certificate !== null && { certificate: certificate as string }),
    ...(request !== null && { request: request as Buffer }),
    ...(polls !== null && { polls: polls as number }),
  };
}

function readCertificate(row: Record | undefined): JournalCertificate | undefined {
  if (!row) return undefined;
  const certificate = parseCertificate(row['der'] as Buffer);
  if (!certificate.ok) throw new Error('The journal holds a certificate that cannot be read');
  const { replaces, revoked_at: at, revocation_reason: reason } = row;
  return {
    certificate: certificate.value,
    holder: row['holder'] as string,
    spkiSha256: row['spki_sha256'] as string,
    ...(replaces !== null && { replaces: replaces as string }),
    ...(at !== null && { revoked: { at: new Date(at as string), reason: reason as number } }),
  };
}
