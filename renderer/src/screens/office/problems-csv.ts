import type { RunRow } from '../../../../preload/contract/index.ts';
import { words } from '../../app/words.ts';

/** The problems of an inventory as CSV (RFC 4180), a line a problem. */
export function problemsCsv(rows: readonly RunRow[]): string {
  const { row, line, site, serial, field, code, problem, expected, found, next } = words.rows;
  const head = [row, line, site, serial, field, code, problem, expected, found, next];
  const lines = rows.map((each) => [
    String(each.row),
    String(each.line),
    each.siteId,
    each.serialNumber,
    each.field ?? '',
    each.fault?.code ?? '',
    each.fault?.message ?? '',
    each.fault?.expected ?? '',
    each.fault?.found ?? '',
    each.fault?.next ?? '',
  ]);
  return [head, ...lines].map((cells) => `${cells.map(cell).join(',')}\r\n`).join('');
}

/** A cell. What came out of a file must not become a formula in the program that opens this one. */
function cell(text: string): string {
  const inert = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
