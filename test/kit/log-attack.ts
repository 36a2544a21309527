/** A small log in a store, and ways to attack it as someone who can write to its files. */
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditLog, LogEvent, LogSurroundings } from '../../main/audit/index.ts';
import { verifyLog, type LogVerification } from '../../main/core/index.ts';
import { openStore, type Store } from '../../main/store/index.ts';
import { temporaryFolder } from './enb.ts';
import { openLogIn } from './log.ts';

/** A store with its log, in a folder. */
export interface LogStore {
  readonly folder: string;
  readonly store: Store;
  readonly log: AuditLog;
  /** Sets the clock of this computer. */
  readonly setClock: (time: string) => void;
}

/** Opens the log in a folder, at noon. */
export function openLogAt(folder: string, surroundings: Partial<LogSurroundings> = {}): LogStore {
  const store = openStore(folder);
  assert(store.ok);
  let now = new Date('2026-11-15T12:00:00Z');
  const log = openLogIn(folder, store.value, { now: () => now, ...surroundings });
  return { folder, store: store.value, log, setClock: (time) => void (now = new Date(time)) };
}

/** Appends something that was done at a site. */
export function note(log: AuditLog, site: string): void {
  const event: LogEvent = { action: 'confirmed', subject: { site }, facts: { what: 'serial-number' } };
  log.append(event);
}

/** A log of three days: entries 0 to 9, keys at 0, 4 and 7, so handovers at 5 and 8. A head at 3 has left it. */
export function makeLog(surroundings: Partial<LogSurroundings> = {}): LogStore & { readonly given: string } {
  const opened = openLogAt(temporaryFolder(), surroundings);
  const { log, setClock } = opened;
  note(log, 'S2');
  const given = log.giveHead();
  note(log, 'S3');
  setClock('2026-11-16T12:00:00Z');
  note(log, 'S5');
  note(log, 'S6');
  setClock('2026-11-17T12:00:00Z');
  note(log, 'S8');
  note(log, 'S9');
  return { ...opened, given };
}

/** A copy of a store that is closed to all but this process, opened again. */
export function copyOf(folder: string): string {
  const copy = temporaryFolder();
  cpSync(folder, copy, { recursive: true });
  return copy;
}

/** Changes the store's tables without the program, and without the triggers that guard them. */
export function change(folder: string, work: (database: Database.Database) => void): void {
  const database = new Database(join(folder, 'siteseal.db'));
  try {
    const triggers = database
      .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
      .pluck();
    for (const name of triggers.all()) database.exec(`DROP TRIGGER ${name}`);
    work(database);
  } finally {
    database.close();
  }
}

/** Verifies the log in a folder. */
export async function verify(
  { store, log }: Pick<LogStore, 'store' | 'log'>,
  heads: readonly string[] = [],
  isTraining = false,
): Promise<LogVerification> {
  const found = await verifyLog({ store, log }, { heads, isTraining });
  assert(found.ok, JSON.stringify(found));
  return found.value;
}
