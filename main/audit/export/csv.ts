import { csvLine, cellText } from '../../words/index.ts';
import { cellOfEntry } from '../../tlog/index.ts';
import type { ReadableEntry } from '../readable.ts';
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
