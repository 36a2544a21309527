import { visibleText } from '../faults/index.ts';

const formula = /(?=[=+\-@\uff0b\uff0d\uff1d\uff20])(?<=(?:^|[,;])[ "]*)/g;

/**
 * Writes CSV (RFC 4180) for people to read: commas, CRLF, every cell in quotes. `visibleText` makes invisible
 * characters visible, so a cell never spans several lines. An apostrophe goes before anything that a spreadsheet would
 * run as a formula. That includes text after a comma or semicolon inside a cell, because countries differ in which of
 * them separates cells.
 */
export function writeCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => csvLine(cells.map(cellText))).join('');
}

/** A line of cells that are safe as they are. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\r\n`;
}

/** The text of a cell as `writeCsv` writes it: without characters that hide, and no formula to a spreadsheet. */
export function cellText(text: string): string {
  return visibleText(text).replace(formula, "'");
}
