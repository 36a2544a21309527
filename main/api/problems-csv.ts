import type { RunRow } from '../../preload/contract/index.ts';
import { fill, words, writeCsv } from '../words/index.ts';

const header = ['row', 'line', 'site', 'serial', 'field', 'code', 'problem', 'expected', 'found', 'next'];

/**
 * The problems of an inventory as CSV, one line each, for the person who corrects it.
 *
 * @param refused how many rows have a problem; the last line counts those that are not listed
 */
export function problemsCsv(rows: readonly RunRow[], refused: number): string {
  const lines = rows.map(({ row, line, siteId, serialNumber, field, fault }) => [
    String(row),
    String(line),
    siteId,
    serialNumber,
    field ?? '',
    fault?.code ?? '',
    fault?.message ?? '',
    fault?.expected ?? '',
    fault?.found ?? '',
    fault?.next ?? '',
  ]);
  const unlisted = refused - rows.length;
  const more = ['', '', '', '', '', '', fill(words.cli.unlistedRows, { count: unlisted }), '', '', ''];
  return writeCsv([header, ...lines, ...(unlisted > 0 ? [more] : [])]);
}
