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
