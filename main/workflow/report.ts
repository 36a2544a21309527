import { faultSentence } from '../faults/index.ts';
import { writeCsv } from './csv.ts';
import type { PrepareReport } from './prepare.ts';

/** `report.csv` of a run: one line a row, in UTF-8. */
export function reportCsv({ rows, unlisted }: Pick<PrepareReport, 'rows' | 'unlisted'>): string {
  const lines = rows.map(({ row, line, siteId, serialNumber, state, fault }) => [
    String(row),
    String(line),
    siteId,
    serialNumber,
    state,
    fault?.code ?? '',
    fault ? faultSentence(fault) : '',
  ]);
  const header = ['row', 'line', 'site', 'serial', 'state', 'fault', 'detail'];
  const more = [
    '',
    '',
    '',
    '',
    'refused',
    '',
    `${unlisted} more rows were refused; only the first are listed.`,
  ];
  return writeCsv([header, ...lines, ...(unlisted > 0 ? [more] : [])]);
}
