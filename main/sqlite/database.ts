import Database from 'better-sqlite3';
import { chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import { ok, refuse, type Refused, type Result } from '../faults/index.ts';
import { errorCode, makeFolder, systemErrorCode } from '../files/index.ts';
import { lockHolders } from './lock-holders.ts';

/** How a database is opened. */
export interface DatabaseOptions {
  /** In order. `PRAGMA user_version` holds how many the database has applied. */
  readonly migrations: readonly string[];
  /** How long a write waits while another process writes, in milliseconds. */
  readonly busyTimeout: number;
  /** No other process can open the database until this one closes it or ends. */
  readonly isExclusive?: boolean;
}

/**
 * Opens a database. Creates it and its folder if they are missing, readable by this user only. Each transaction is on
 * disk when it ends.
 *
 * Refuses with `store-newer` a database that a later version has migrated, with `store-locked` one that another
 * process holds for longer than `busyTimeout`, and with `store-unusable` one that SQLite cannot open.
 */
export function openDatabase(
  file: string,
  { migrations, busyTimeout, isExclusive = false }: DatabaseOptions,
): Result<Database.Database, 'store-unusable' | 'store-newer' | 'store-locked'> {
  let database: Database.Database | undefined;
  try {
    makeFolder(dirname(file), 0o700);
    database = new Database(file, { timeout: busyTimeout });
    chmodSync(file, 0o600);
    if (isExclusive) database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    database.pragma('trusted_schema = OFF');
    // What is deleted is overwritten.
    database.pragma('secure_delete = ON');
    // Nothing of it is written elsewhere.
    database.pragma('temp_store = MEMORY');
    if (migrate(database, migrations)) return ok(database);
    database.close();
    return refuse('store-newer', { where: { file } });
  } catch (error) {
    database?.close();
    if (isLocked(error)) return locked([file], isExclusive ? 'any' : 'write');
    return refuse('store-unusable', { where: { file }, found: systemErrorCode(error) });
  }
}

/** Brings the schema up to date under one lock. Returns false if the schema is newer than this version. */
function migrate(database: Database.Database, migrations: readonly string[]): boolean {
  return database
    .transaction(() => {
      const version = Number(database.pragma('user_version', { simple: true }));
      if (version > migrations.length) return false;
      for (const migration of migrations.slice(version)) database.exec(migration);
      database.pragma(`user_version = ${migrations.length}`);
      return true;
    })
    .immediate();
}

/** A file that belongs to a database, but not to SQLite, cannot be read or written. */
export class UnusableFile extends Error {
  readonly file: string;
  readonly code: string;

  constructor(file: string, cause: unknown) {
    super('A file of the store is unusable', { cause });
    this.file = file;
    this.code = systemErrorCode(cause);
  }
}

/** Whether SQLite gave up waiting for another process. */
export function isLocked(error: unknown): boolean {
  return errorCode(error).startsWith('SQLITE_BUSY');
}

/**
 * Turns an exception from SQLite, or an `UnusableFile`, into a refusal if the disk fails, is full or read-only, or the file
 * is damaged. Rethrows any other exception, as that is a bug.
 */
export function unusable(error: unknown): Refused<'store-unusable'> {
  if (error instanceof UnusableFile)
    return refuse('store-unusable', { where: { file: error.file }, found: error.code });
  if (!/^SQLITE_(FULL|IOERR|READONLY|CORRUPT|NOTADB)/.test(errorCode(error))) throw error;
  return refuse('store-unusable', { found: errorCode(error) });
}

/** Names the processes that hold these databases, as far as the system reveals them. */
export function locked(
  files: Iterable<string>,
  locks: Parameters<typeof lockHolders>[1] = 'write',
): Refused<'store-locked'> {
  const holders = [...files].flatMap((file) => lockHolders(file, locks));
  return refuse('store-locked', holders.length > 0 ? { found: holders.join(', ') } : {});
}
