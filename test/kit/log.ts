/** The log of a store in tests, oldest entry first. */
import type { AuditLog, LogEntry } from '../../main/audit/index.ts';
import type { ListRequest, Store } from '../../main/store/index.ts';

const all: ListRequest = { filter: '', sort: 'sequence', descending: false, offset: 0, limit: 1000 };

export function logEntries(log: AuditLog): readonly LogEntry[] {
  return log.list(all).rows;
}

/** The entries as stored. */
export function logTexts(store: Store, page: Partial<ListRequest> = {}): readonly string[] {
  return store.log.list({ ...all, ...page }).rows.map((entry) => entry);
}
