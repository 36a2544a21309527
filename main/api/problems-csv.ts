import type { RunRow } from '../../preload/contract/index.ts';
import { writeCsv } from '../office/index.ts';

const header = ['row', 'line', 'site', 'serial', 'field', 'code', 'problem', 'expected', 'found', 'next'];

/**
 * The problems of an inventory as CSV, a line a problem, for the one who corrects it.
 *
 * @param refused how many rows have a problem; those that are not listed are counted in the last line
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
  const more = [
    '',
    '',
    '',
    '',
    '',
    '',
    `${unlisted} more rows have a problem; only the first are listed.`,
    '',
    '',
    '',
  ];
  return writeCsv([header, ...lines, ...(unlisted > 0 ? [more] : [])]);
}
