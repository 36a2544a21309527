import Database from 'better-sqlite3';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ok, refuse, type Refused, type Result } from '../faults/index.ts';
import { carried, type Carried } from './carried.ts';
import { deliveries, type Deliveries } from './deliveries.ts';
import { jobs, type Jobs } from './jobs.ts';
import { runs, type Runs } from './runs.ts';
import { migrations } from './schema.ts';
import { setup, type Setup } from './setup.ts';
import { list, type ListAnswer, type ListRequest } from './list.ts';
import type { EnbRow, LeaseHolder, ReceiptRow } from './tables.ts';

/** A receipt that tells of a number further on than this is kept, and a person has to look into it. */
const maximumRaise = 2 ** 20;

/** How long a write waits for another process's, in milliseconds. */
const busyTimeout = 10_000;

/** The open database. Every method that changes something is one transaction of its own or part of the caller's. */
export interface Store {
  /** Runs `work` in one `BEGIN IMMEDIATE` transaction; an exception undoes all of it. */
  transaction<Value>(work: () => Value): Value;
  /**
   * The same, for what stays true when it is not there: the death of this process does not undo it, and a power cut
   * does until the next outermost `transaction` has forced it to the disk together with its own. What is nested in it
   * is forced no sooner.
   */
  unforcedTransaction<Value>(work: () => Value): Value;
  /** A vendor's eNBs with this serial number, one for each hardware type. */
  enbsBySerialNumber(vendor: string, serialNumber: string): readonly EnbRow[];
  /** The highest sequence number of an eNB so far, 0 when there is none. */
  lastSequence(hwType: string, serialNumber: string): number;
  /** Notes the eNB, raising its sequence number to `lastSequence` if that is higher. */
  noteEnb(enb: EnbRow): void;
  /** Raises the eNB's sequence number to what its receipt tells; never by more than `maximumRaise` at a time. */
  raiseSequence(enb: Pick<EnbRow, 'hwType' | 'serialNumber'>, sequence: number): void;
  /** Keeps a receipt; the same one again changes nothing. */
  keepReceipt(receipt: ReceiptRow): void;
  /** Appends `entryAt(next sequence)` to the log, where the next sequence is read in the same transaction. */
  appendLog(entryAt: (sequence: number) => string): void;
  /** Entries from `offset` on, oldest first. */
  readLog(offset: number, limit: number): readonly string[];
  /**
   * Takes the lease on a piece of work. Refuses with `store-in-use` when this store has it already, or another living
   * process of this boot.
   */
  takeLease(
    work: string,
    holder: LeaseHolder,
    at: Date,
    isAlive: (process: number) => boolean,
  ): Result<void, 'store-in-use'>;
  /** Gives back a lease that this store has taken. */
  releaseLease(work: string): void;
  /** The log as a list; `entry` is JSON. */
  listLog(request: ListRequest): ListAnswer<{ readonly sequence: number; readonly entry: string }>;
  /** A receipt by the SHA-256 of its bytes, lower-case hex. */
  receipt(sha256: string): ReceiptRow | undefined;
  readonly carried: Carried;
  readonly deliveries: Deliveries;
  readonly jobs: Jobs;
  readonly runs: Runs;
  readonly setup: Setup;
  close(): void;
}

/**
 * Opens the store in a folder, making both when they are not there, for this user only. Refuses with `store-newer`
 * a store that a later version has migrated, and with `store-unusable` what SQLite does not open.
 */
export function openStore(folder: string): Result<Store, 'store-unusable' | 'store-newer'> {
  const file = join(folder, 'siteseal.db');
  let database: Database.Database | undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    database = new Database(file, { timeout: busyTimeout });
    chmodSync(file, 0o600);
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    database.pragma('trusted_schema = OFF');
    if (!migrate(database)) {
      database.close();
      return refuse('store-newer', { where: { file } });
    }
    return ok(storeOf(database));
  } catch (error) {
    database?.close();
    const found = errorCode(error);
    if (found === 'unknown') throw error;
    return refuse('store-unusable', { where: { file }, found });
  }
}

/**
 * The refusal for what SQLite throws when the store can no longer be used: the disk is full, the file damaged, another
 * process holds it without end. Every other exception is a bug and is thrown again.
 */
export function storeFault(error: unknown): Refused<'store-unusable'> {
  if (!/^SQLITE_(FULL|IOERR|BUSY|READONLY|CORRUPT|NOTADB)/.test(errorCode(error))) throw error;
  return refuse('store-unusable', { found: errorCode(error) });
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

/** Brings the schema up to date, under one lock; false when it is ahead of this version. */
function migrate(database: Database.Database): boolean {
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

function storeOf(database: Database.Database): Store {
  const sql = {
    enbsBySerial: database.prepare<[string, string], EnbRecord>(
      'SELECT * FROM enb WHERE vendor = ? AND serial_number = ?',
    ),
    lastSequence: database
      .prepare<[string, string], number>(
        'SELECT last_sequence FROM enb WHERE hw_type = ? AND serial_number = ?',
      )
      .pluck(),
    noteEnb: database.prepare<[string, string, string, number, Uint8Array | null]>(
      `INSERT INTO enb VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
         vendor = excluded.vendor,
         last_sequence = MAX(last_sequence, excluded.last_sequence),
         certificate = COALESCE(excluded.certificate, certificate)`,
    ),
    raiseSequence: database.prepare<
      Pick<EnbRow, 'hwType' | 'serialNumber'> & { sequence: number; raise: number }
    >(
      `INSERT INTO enb (hw_type, serial_number, vendor, last_sequence)
         SELECT @hwType, @serialNumber, '', @sequence WHERE @sequence <= @raise + COALESCE(
           (SELECT last_sequence FROM enb WHERE hw_type = @hwType AND serial_number = @serialNumber), 0)
         ON CONFLICT DO UPDATE SET last_sequence = MAX(last_sequence, excluded.last_sequence)`,
    ),
    keepReceipt: database.prepare<[string, string, string, number, string, string, Uint8Array]>(
      'INSERT OR IGNORE INTO receipt VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    nextSequence: database.prepare<[], number>('SELECT COALESCE(MAX(sequence) + 1, 0) FROM log').pluck(),
    appendLog: database.prepare<[number, string]>('INSERT INTO log VALUES (?, ?)'),
    readLog: database
      .prepare<[number, number], string>(
        'SELECT entry FROM log WHERE sequence >= ? ORDER BY sequence LIMIT ?',
      )
      .pluck(),
    receipt: database.prepare<[string], ReceiptRow>(
      `SELECT sha256, hw_type AS hwType, serial_number AS serialNumber, receipt_number AS receiptNumber,
         bundle_sha256 AS bundleSha256, received_at AS receivedAt, bytes FROM receipt WHERE sha256 = ?`,
    ),
    lease: database.prepare<[string], { process: number; boot_id: string }>(
      'SELECT * FROM lease WHERE work = ?',
    ),
    takeLease: database.prepare<[string, number, string, string]>(
      'INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?)',
    ),
    releaseLease: database.prepare<[string]>('DELETE FROM lease WHERE work = ?'),
  };
  const transaction = <Value>(work: () => Value): Value =>
    database.inTransaction ? work() : database.transaction(work).immediate();
  const unforcedTransaction = <Value>(work: () => Value): Value => {
    if (database.inTransaction) return work();
    database.pragma('synchronous = NORMAL');
    try {
      return transaction(work);
    } finally {
      database.pragma('synchronous = FULL');
    }
  };
  const held = new Set<string>();
  return {
    transaction,
    unforcedTransaction,
    enbsBySerialNumber: (vendor, serialNumber) => sql.enbsBySerial.all(vendor, serialNumber).map(toEnb),
    lastSequence: (hwType, serialNumber) => sql.lastSequence.get(hwType, serialNumber) ?? 0,
    noteEnb: ({ hwType, serialNumber, vendor, lastSequence, certificate }) => {
      sql.noteEnb.run(hwType, serialNumber, vendor, lastSequence, certificate ?? null);
    },
    raiseSequence: ({ hwType, serialNumber }, sequence) => {
      sql.raiseSequence.run({ hwType, serialNumber, sequence, raise: maximumRaise });
    },
    keepReceipt: ({ sha256, hwType, serialNumber, receiptNumber, bundleSha256, receivedAt, bytes }) => {
      sql.keepReceipt.run(sha256, hwType, serialNumber, receiptNumber, bundleSha256, receivedAt, bytes);
    },
    appendLog: (entryAt) =>
      transaction(() => {
        const sequence = sql.nextSequence.get() ?? 0;
        sql.appendLog.run(sequence, entryAt(sequence));
      }),
    readLog: (offset, limit) => sql.readLog.all(offset, limit),
    takeLease: (work, { process, bootId }, at, isAlive) =>
      transaction(() => {
        const holder = sql.lease.get(work);
        // One with this process's number that is not held here was left behind by a dead process of that number.
        const isHeld = holder?.process === process ? held.has(work) : holder && isAlive(holder.process);
        if (holder?.boot_id === bootId && isHeld)
          return refuse('store-in-use', { found: `process ${holder.process}` });
        sql.takeLease.run(work, process, bootId, at.toISOString());
        held.add(work);
        return ok(undefined);
      }),
    releaseLease: (work) => {
      held.delete(work);
      sql.releaseLease.run(work);
    },
    listLog: (request) =>
      list(
        database,
        { table: 'log', sorts: { sequence: 'sequence' }, searched: ['entry'], tieBreak: 'sequence' },
        request,
      ),
    receipt: (sha256) => sql.receipt.get(sha256),
    carried: carried(database),
    deliveries: deliveries(database),
    jobs: jobs(database),
    runs: runs(database),
    setup: setup(database),
    close: () => {
      database.close();
    },
  };
}

interface EnbRecord {
  readonly hw_type: string;
  readonly serial_number: string;
  readonly vendor: string;
  readonly last_sequence: number;
  readonly certificate: Uint8Array | null;
}

function toEnb(record: EnbRecord): EnbRow {
  return {
    hwType: record.hw_type,
    serialNumber: record.serial_number,
    vendor: record.vendor,
    lastSequence: record.last_sequence,
    ...(record.certificate && { certificate: record.certificate }),
  };
}
