/** The log of a store in tests, oldest entry first. */
import { openLog, type AuditLog, type LogEntry, type LogSurroundings } from '../../main/audit/index.ts';
import { logActions, type LogAction } from '../../main/faults/index.ts';
import type { Store } from '../../main/store/index.ts';

const page = { descending: false, offset: 0, limit: 100_000 };

/** Every entry. */
export function allEntries(log: AuditLog): readonly LogEntry[] {
  return log.list({}, page).rows;
}

/** The entries about what was done, without those that the log makes about itself. */
export function logEntries(log: AuditLog): readonly LogEntry[] {
  return allEntries(log).filter(({ action }) => logActions[action as LogAction] !== 'log');
}

/** The entries as stored. */
export function logTexts(store: Store): readonly string[] {
  return [...store.log.read(0, Number.MAX_SAFE_INTEGER)].map(({ entry }) => entry);
}

/** Opens the log of a store in a folder, on a separate computer whose clock gains a minute with each look. */
export function openLogIn(
  folder: string,
  store: Store,
  surroundings: Partial<LogSurroundings> = {},
): AuditLog {
  let minutes = 0;
  return openLog(store, {
    folder,
    userName: 'operator',
    version: '0.0.0-test',
    process: process.pid,
    isAlive: () => true,
    bootId: 'boot',
    training: false,
    now: () => new Date(Date.UTC(2026, 10, 15, 12, minutes++)),
    monotonic: () => 1234.5678,
    ...surroundings,
  });
}
