import Database from 'better-sqlite3';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { ok, refuse, type Refused, type Result } from '../faults/index.ts';
import { errorCode, makeFolder, systemErrorCode } from '../files/index.ts';
import { carried, type Carried } from './carried.ts';
import { storeFile } from './data-folder.ts';
import { deliveries, type Deliveries } from './deliveries.ts';
import { jobs, type Jobs } from './jobs.ts';
import { runs, type Runs } from './runs.ts';
import { migrations } from './schema.ts';
import { setup, type Setup } from './setup.ts';
import { list, type ListAnswer, type ListRequest } from './list.ts';
import { lockHolders } from './lock-holder.ts';
import type { EnbRow, EpochSequence, LeaseHolder, ReceiptRow } from './tables.ts';

/** A receipt that tells of a number further on than this is kept, and a person has to look into it. */
const maximumRaise = 2 ** 20;

/** A higher epoch brings its own sequence number; in the same epoch the higher number stays. */
const raise = `
  last_sequence = CASE
    WHEN excluded.last_epoch > last_epoch THEN excluded.last_sequence
    WHEN excluded.last_epoch = last_epoch THEN MAX(last_sequence, excluded.last_sequence)
    ELSE last_sequence END,
  last_epoch = MAX(last_epoch, excluded.last_epoch)`;

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
  /** The highest epoch of an eNB so far and its sequence number in it, both 0 when there is none. */
  lastSequence(hwType: string, serialNumber: string): EpochSequence;
  /** Notes the eNB, raising its epoch and sequence number to `last` if that is higher. */
  noteEnb(enb: EnbRow): void;
  /** Raises the eNB's epoch and sequence number to what its receipt says; never by more than `maximumRaise` at a time. */
  raiseSequence(enb: Pick<EnbRow, 'hwType' | 'serialNumber'>, last: EpochSequence): void;
  /** Keeps a receipt; the same one again changes nothing. */
  keepReceipt(receipt: ReceiptRow): void;
  /** Appends `entryAt(next sequence)` to the log, where the next sequence is read in the same transaction. */
  appendLog(entryAt: (sequence: number) => string): void;
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
  /** Gives up the lease that this store has taken. One that another has meanwhile is left to it. */
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
export function openStore(folder: string): Result<Store, 'store-unusable' | 'store-newer' | 'store-locked'> {
  const file = join(folder, storeFile);
  let database: Database.Database | undefined;
  try {
    makeFolder(folder, 0o700);
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
    openFiles.add(file);
    return ok(storeOf(database, file));
  } catch (error) {
    database?.close();
    if (isLocked(error)) return locked([file]);
    return refuse('store-unusable', { where: { file }, found: systemErrorCode(error) });
  }
}

/**
 * The refusal for what SQLite throws when the store can no longer be used: the disk is full, the file damaged, or
 * (`store-locked`) another process still holds it after `busyTimeout`. Every other exception is a bug and is thrown again.
 */
export function storeFault(error: unknown): Refused<'store-unusable' | 'store-locked'> {
  if (isLocked(error)) return locked(openFiles);
  if (!/^SQLITE_(FULL|IOERR|READONLY|CORRUPT|NOTADB)/.test(errorCode(error))) throw error;
  return refuse('store-unusable', { found: errorCode(error) });
}

function isLocked(error: unknown): boolean {
  return errorCode(error).startsWith('SQLITE_BUSY');
}

/** The files of the stores that are open: SQLite's errors do not say which file they are about. */
const openFiles = new Set<string>();

function locked(files: Iterable<string>): Refused<'store-locked'> {
  const holders = [...files].flatMap(lockHolders);
  return refuse('store-locked', holders.length > 0 ? { found: holders.join(', ') } : {});
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

function storeOf(database: Database.Database, file: string): Store {
  const sql = {
    enbsBySerial: database.prepare<[string, string], EnbRecord>(
      'SELECT * FROM enb WHERE vendor = ? AND serial_number = ?',
    ),
    lastSequence: database.prepare<[string, string], EpochSequence>(
      `SELECT last_epoch AS epoch, last_sequence AS sequence FROM enb
         WHERE hw_type = ? AND serial_number = ?`,
    ),
    noteEnb: database.prepare<[string, string, string, number, number, Uint8Array | null]>(
      `INSERT INTO enb (hw_type, serial_number, vendor, last_epoch, last_sequence, certificate)
         VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
         vendor = excluded.vendor,
         ${raise},
         certificate = COALESCE(excluded.certificate, certificate)`,
    ),
    raiseSequence: database.prepare<
      Pick<EnbRow, 'hwType' | 'serialNumber'> & EpochSequence & { raise: number }
    >(
      `INSERT INTO enb (hw_type, serial_number, vendor, last_epoch, last_sequence)
         SELECT @hwType, @serialNumber, '', @epoch, @sequence WHERE @sequence <= @raise + COALESCE(
           (SELECT last_sequence FROM enb
             WHERE hw_type = @hwType AND serial_number = @serialNumber AND last_epoch = @epoch), 0)
         ON CONFLICT DO UPDATE SET ${raise}`,
    ),
    keepReceipt: database.prepare<[string, string, string, number, string, string, Uint8Array]>(
      'INSERT OR IGNORE INTO receipt VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    nextSequence: database.prepare<[], number>('SELECT COALESCE(MAX(sequence) + 1, 0) FROM log').pluck(),
    appendLog: database.prepare<[number, string]>('INSERT INTO log VALUES (?, ?)'),
    receipt: database.prepare<[string], ReceiptRow>(
      `SELECT sha256, hw_type AS hwType, serial_number AS serialNumber, receipt_number AS receiptNumber,
         bundle_sha256 AS bundleSha256, received_at AS receivedAt, bytes FROM receipt WHERE sha256 = ?`,
    ),
    lease: database.prepare<[string], LeaseRecord>('SELECT * FROM lease WHERE work = ?'),
    takeLease: database.prepare<LeaseRecord>(
      'INSERT OR REPLACE INTO lease VALUES (@work, @process, @boot_id, @taken_at)',
    ),
    releaseLease: database.prepare<LeaseRecord>(
      `DELETE FROM lease
         WHERE work = @work AND process = @process AND boot_id = @boot_id AND taken_at = @taken_at`,
    ),
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
  // The last that was taken here of each work; whether it is still held, or its transaction was undone, the table says.
  const taken = new Map<string, LeaseRecord>();
  return {
    transaction,
    unforcedTransaction,
    enbsBySerialNumber: (vendor, serialNumber) => sql.enbsBySerial.all(vendor, serialNumber).map(toEnb),
    lastSequence: (hwType, serialNumber) =>
      sql.lastSequence.get(hwType, serialNumber) ?? { epoch: 0, sequence: 0 },
    noteEnb: ({ hwType, serialNumber, vendor, last: { epoch, sequence }, certificate }) => {
      sql.noteEnb.run(hwType, serialNumber, vendor, epoch, sequence, certificate ?? null);
    },
    raiseSequence: ({ hwType, serialNumber }, last) => {
      sql.raiseSequence.run({ hwType, serialNumber, ...last, raise: maximumRaise });
    },
    keepReceipt: ({ sha256, hwType, serialNumber, receiptNumber, bundleSha256, receivedAt, bytes }) => {
      sql.keepReceipt.run(sha256, hwType, serialNumber, receiptNumber, bundleSha256, receivedAt, bytes);
    },
    appendLog: (entryAt) =>
      transaction(() => {
        const sequence = sql.nextSequence.get() ?? 0;
        sql.appendLog.run(sequence, entryAt(sequence));
      }),
    takeLease: (work, { process, bootId }, at, isAlive) =>
      transaction(() => {
        const holder = sql.lease.get(work);
        // One with this process's number that was not taken here was left behind by a dead process of that number.
        const isHeld =
          holder?.process === process
            ? holder.taken_at === taken.get(work)?.taken_at
            : holder && isAlive(holder.process);
        if (holder?.boot_id === bootId && isHeld)
          return refuse('store-in-use', { found: `process ${holder.process}` });
        const lease = { work, process, boot_id: bootId, taken_at: at.toISOString() };
        sql.takeLease.run(lease);
        taken.set(work, lease);
        return ok(undefined);
      }),
    releaseLease: (work) => {
      const lease = taken.get(work);
      if (lease) sql.releaseLease.run(lease);
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
      openFiles.delete(file);
      database.close();
    },
  };
}

interface LeaseRecord {
  readonly work: string;
  readonly process: number;
  readonly boot_id: string;
  readonly taken_at: string;
}

interface EnbRecord {
  readonly hw_type: string;
  readonly serial_number: string;
  readonly vendor: string;
  readonly last_epoch: number;
  readonly last_sequence: number;
  readonly certificate: Uint8Array | null;
}

function toEnb(record: EnbRecord): EnbRow {
  return {
    hwType: record.hw_type,
    serialNumber: record.serial_number,
    vendor: record.vendor,
    last: { epoch: record.last_epoch, sequence: record.last_sequence },
    ...(record.certificate && { certificate: record.certificate }),
  };
}
