import { csvLine, cellText } from '../../words/index.ts';
import { cellOfEntry, csvCopies } from '../../tlog/index.ts';
import type { LineFormat } from './line-format.ts';

/** The columns that people read, in their order. */
const columns = [
  'sequence',
  'time',
  'person',
  'person_id',
  'action',
  'kind',
  'site',
  'serial_number',
  'sentence',
] as const;

/**
 * CSV (RFC 4180) with a header. The last column is the entry, by `cellOfEntry`. No cell starts a formula in a
 * spreadsheet, whether commas or semicolons separate its cells.
 */
export const csv: LineFormat = {
  header: csvLine([...columns, 'entry']),
  line: ({ entry, person, kind, sentence, text }) => {
    const cells: Readonly<Record<string, string | undefined>> = {
      ...csvCopies(entry),
      person,
      kind,
      sentence,
    };
    return csvLine([...columns.map((column) => cellText(cells[column] ?? '')), cellOfEntry(text)]);
  },
};
