import type { Difference } from '../bundle/index.ts';
import { fill, words, writeCsv } from '../words/index.ts';
import type { RowName } from './check-row.ts';

/** A row, and what its bundle changes: see `PreparedRow`. */
interface ComparedRow extends RowName {
  readonly differences?: readonly Difference[] | undefined;
}

/**
 * What the bundles of a run change, as CSV, one line for each value. A first bundle has no line.
 *
 * @param unlisted how many more rows change something; the last line counts them
 */
export function changesCsv(rows: readonly ComparedRow[], unlisted = 0): string {
  const lines = rows.flatMap(({ row, line, siteId, serialNumber, differences }) => {
    if (!differences) return [];
    const place = [String(row), String(line), siteId, serialNumber];
    return differences.length === 0
      ? [[...place, '', words.cli.unknownBefore, '']]
      : differences.map(({ field, before = '', after = '' }) => [...place, field, before, after]);
  });
  const header = ['row', 'line', 'site', 'serial', 'field', 'before', 'after'];
  const more = ['', '', '', '', '', fill(words.cli.unlistedChanges, { count: unlisted }), ''];
  return writeCsv([header, ...lines, ...(unlisted > 0 ? [more] : [])]);
}
