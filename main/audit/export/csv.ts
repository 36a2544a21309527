import { csvLine, cellText } from '../../words/index.ts';
import { cellOfEntry } from '../../tlog/index.ts';
import { ReadableEntry } from '../readable.ts';
import type { LineFormat } from './line-format.ts';

/** The columns that people read, in their order. */
const columns: Readonly<Record<string, (entry: ReadableEntry) => string | undefined>> = {
  sequence: ({ entry }) => String(entry.sequence),
  time: ({ entry }) => entry.time,
  person: ({ person }) => person,
  person_id: ({ entry }) => entry.actor.id,
  action: ({ entry }) => entry.action,
  kind: ({ kind }) => kind,
  site: ({ site }) => site,
  serial_number: ({ serialNumber }) => serialNumber,
  sentence: ({ sentence }) => sentence,
};

const cells = Object.values(columns);

/**
 * CSV (RFC 4180) with a header. The last column is the entry, by `cellOfEntry`. No cell starts a formula in a
 * spreadsheet, whether commas or semicolons separate its cells.
 */
export const csv: LineFormat = {
  header: csvLine([...Object.keys(columns), 'entry']),
  line: (entry) => csvLine([...cells.map((cell) => cellText(cell(entry) ?? '')), cellOfEntry(entry.text)]),
};

/** The columns that repeat what the entry says, whatever the version and the language of the export. */
const copied = ['sequence', 'time', 'person_id', 'action', 'site', 'serial_number'] as const;

/** The actor of an entry, and the cells that repeat what the entry says, by their columns. */
export function csvCopies(text: string): {
  readonly personId: string;
  readonly cells: readonly (readonly [column: string, cell: string])[];
} {
  const readable = new ReadableEntry({ sequence: 0, entry: text }, new Map());
  const cellOf = (column: (typeof copied)[number]) => cellText(columns[column]?.(readable) ?? '');
  return { personId: readable.entry.actor.id, cells: copied.map((column) => [column, cellOf(column)]) };
}

/** A name as a cell. */
export function csvName(name: string): string {
  return cellText(name);
}
