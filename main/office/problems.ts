import type { Fault } from '../faults/index.ts';
import { cellText, explain, fill, words, writeCsv } from '../words/index.ts';
import type { RowName } from './check-row.ts';

/** The columns. The user corrects `value`; `prepare --corrections` reads that with `line`, `serial` and `field`. */
const header = [
  ...['row', 'line', 'site', 'serial', 'field', 'value'],
  ...['code', 'problem', 'expected', 'found', 'next'],
];

/** A refused row, or a cell that was corrected before. */
export interface Problem extends RowName {
  readonly fault?: Fault | undefined;
  /** The column of a corrected cell. A fault names its own. */
  readonly field?: string;
  readonly value?: string | undefined;
}

/**
 * The problems of an inventory as CSV, one line each, for the person who corrects it. Holds nothing secret.
 *
 * @param refused how many rows have a problem; the last line counts those that are not listed
 */
export function problemsCsv(rows: readonly Problem[], refused: number): string {
  const lines = rows.map(
    ({ row, line, siteId, serialNumber, fault, value, field = fault?.where?.field ?? '' }) => {
      const { meaning = '', expected = '', found = '', next = '' } = fault ? explain(fault) : {};
      const now = field === '' ? '' : writtenValue(value);
      const place = [String(row), String(line), siteId, serialNumber, field, now];
      return [...place, fault?.code ?? '', meaning, expected, found, next];
    },
  );
  const unlisted = refused - rows.filter(({ fault }) => fault).length;
  const more = ['', '', '', '', '', '', '', fill(words.cli.unlistedRows, { count: unlisted }), '', '', ''];
  return writeCsv([header, ...lines, ...(unlisted > 0 ? [more] : [])]);
}

/** Replaces a value that is not shown. */
const hidden = '…';

/** A value as `problems.csv` has it. */
export function writtenValue(value: string | undefined): string {
  return value === undefined ? hidden : cellText(value);
}
