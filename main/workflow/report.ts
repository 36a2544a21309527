import { faultSentence } from '../faults/index.ts';
import type { PreparedRow } from './prepare.ts';

/** `report.csv` of a run: one line a row, in UTF-8, CRLF as RFC 4180 has it. */
export function reportCsv(rows: readonly PreparedRow[]): string {
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
  return [header, ...lines].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}

/** Quoted where CSV needs it; a spreadsheet must not take what stands in a bad row for a formula. */
function csvCell(text: string): string {
  const inert = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
