import type { Database } from 'better-sqlite3';
import { join } from 'node:path';
import { ok, refuse, type Refused, type Result } from '../faults/index.ts';
import { isLocked, locked, openDatabase, unusable } from '../sqlite/index.ts';
import { batches, type Batches } from './batches.ts';
import { carried, type Carried } from './carried.ts';
import { storeFile } from './data-folder.ts';
import { deliveries, type Deliveries } from './deliveries.ts';
import { enbCertificates, type EnbCertificates } from './enb-certificates.ts';
import { enbs, type Enbs } from './enbs.ts';
import { introductions, type Introductions } from './introductions.ts';
import { issued, type Issued } from './issued.ts';
import { jobs, type Jobs } from './jobs.ts';
import { leases, type Leases } from './leases.ts';
import { addFold } from './list.ts';
import { log, type LogRows } from './log.ts';
import { operators, type Operators } from './operators.ts';
import { packs, type Packs } from './packs.ts';
import { people, type People } from './people.ts';
import { pathReports, type PathReports } from './path-reports.ts';
import { receipts, type Receipts } from './receipts.ts';
import { runs, type Runs } from './runs.ts';
import { migrations } from './schema.ts';
import { settings, type Settings } from './settings.ts';
import { stepReports, type StepReports } from './step-reports.ts';
import { vendorRoots, type VendorRoots } from './vendor-roots.ts';
import { witnessed, type Witnessed } from './witnessed.ts';

/** How long a write waits while another process writes, in milliseconds. */
const busyTimeout = 10_000;

/** What happens at the end of each outermost transaction. */
export interface TransactionHooks {
  /** Belongs to the transaction: an exception undoes all of it. */
  beforeCommit(): void;
  afterEnd(): void;
}

/** The open database. Every method that changes data joins the caller's transaction, or runs as one transaction. */
export interface Store {
  /** Runs `work` in one `BEGIN IMMEDIATE` transaction, or in the caller's. An exception rolls all of it back. */
  transaction<Value>(work: () => Value): Value;
  /**
   * Like `transaction`, but without fsync: it survives a crash of this process. A power cut may lose it until the next
   * outermost `transaction` flushes it to disk. Transactions nested inside this one are not flushed any sooner.
   */
  unforcedTransaction<Value>(work: () => Value): Value;
  /** Calls back at the end of each outermost transaction: before its commit, and once it is committed or undone. */
  onTransaction(hooks: TransactionHooks): void;
  readonly batches: Batches;
  readonly carried: Carried;
  readonly deliveries: Deliveries;
  readonly enbCertificates: EnbCertificates;
  readonly enbs: Enbs;
  readonly introductions: Introductions;
  readonly issued: Issued;
  readonly jobs: Jobs;
  readonly leases: Leases;
  readonly log: LogRows;
  readonly operators: Operators;
  readonly packs: Packs;
  readonly pathReports: PathReports;
  readonly people: People;
  readonly receipts: Receipts;
  readonly runs: Runs;
  readonly settings: Settings;
  readonly stepReports: StepReports;
  readonly vendorRoots: VendorRoots;
  readonly witnessed: Witnessed;
  close(): void;
}

/**
 * Opens the store in a folder. Creates the folder and the store if they are missing, readable by this user only.
 *
 * Refuses with `store-newer` a store that a later version has migrated, with `store-locked` one that another process
 * holds for longer than `busyTimeout`, and with `store-unusable` one that SQLite cannot open.
 */
export function openStore(folder: string): Result<Store, 'store-unusable' | 'store-newer' | 'store-locked'> {
  const file = join(folder, storeFile);
  const opened = openDatabase(file, { migrations, busyTimeout });
  if (!opened.ok) return opened;
  const database = opened.value;
  addFold(database);
  openFiles.add(file);
  return ok(storeOf(database, file));
}

/**
 * Turns an exception from SQLite into a refusal. `store-unusable`: the disk fails, is full or read-only, or the file is
 * damaged. `store-locked`: another process still holds the store after `busyTimeout`. Rethrows any other exception, as
 * that is a bug.
 */
export function storeFault(error: unknown): Refused<'store-unusable' | 'store-locked'> {
  if (error instanceof DamagedLog) return refuse('store-unusable', { rule: 'log-as-sealed' });
  return isLocked(error) ? locked(openFiles) : unusable(error);
}

/** The entries of the log, or the tree over them, are not what the checkpoint of its head seals. */
export class DamagedLog extends Error {}

/** The files of all open stores, because SQLite's errors do not name the file. */
const openFiles = new Set<string>();

function storeOf(database: Database, file: string): Store {
  const begin = database.transaction((work: () => unknown) => work());
  let hooks: TransactionHooks | undefined;
  const transaction = <Value>(work: () => Value): Value => {
    if (database.inTransaction) return work();
    try {
      return begin.immediate(() => {
        const value = work();
        hooks?.beforeCommit();
        return value;
      }) as Value;
    } finally {
      hooks?.afterEnd();
    }
  };
  const unforcedTransaction = <Value>(work: () => Value): Value => {
    if (database.inTransaction) return work();
    database.pragma('synchronous = NORMAL');
    try {
      return transaction(work);
    } finally {
      database.pragma('synchronous = FULL');
    }
  };
  return {
    transaction,
    unforcedTransaction,
    onTransaction: (called) => {
      hooks = called;
    },
    batches: batches(database),
    carried: carried(database),
    deliveries: deliveries(database),
    enbCertificates: enbCertificates(database),
    enbs: enbs(database),
    introductions: introductions(database),
    issued: issued(database),
    jobs: jobs(database),
    leases: leases(database, transaction),
    log: log(database, transaction),
    operators: operators(database),
    packs: packs(database),
    pathReports: pathReports(database),
    people: people(database),
    receipts: receipts(database),
    runs: runs(database),
    settings: settings(database),
    stepReports: stepReports(database),
    vendorRoots: vendorRoots(database),
    witnessed: witnessed(database),
    close: () => {
      openFiles.delete(file);
      database.close();
    },
  };
}
