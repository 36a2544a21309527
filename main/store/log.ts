import type { Database } from 'better-sqlite3';
import { list, type ListAnswer, type ListRequest } from './list.ts';

/** The rows of the audit log, numbered without gaps. */
export interface LogRows {
  /** Appends `entryAt(sequence)`. One transaction reads the next sequence number and appends the entry. */
  append(entryAt: (sequence: number) => string): void;
  /** The entries, each as canonical JSON. */
  list(request: ListRequest): ListAnswer<string>;
}

const source = {
  table: 'log',
  sorts: { sequence: 'sequence' },
  searched: ['entry'],
  tieBreak: 'sequence',
  decode: ({ entry }: { readonly entry: string }) => entry,
};

export function log(database: Database, transaction: (work: () => void) => void): LogRows {
  const next = database.prepare<[], number>('SELECT COALESCE(MAX(sequence) + 1, 0) FROM log').pluck();
  const append = database.prepare<[number, string]>('INSERT INTO log VALUES (?, ?)');
  return {
    append: (entryAt) =>
      transaction(() => {
        const sequence = next.get() ?? 0;
        append.run(sequence, entryAt(sequence));
      }),
    list: (request) => list(database, source, request),
  };
}
