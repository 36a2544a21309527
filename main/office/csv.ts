import { visibleText } from '../faults/index.ts';

/** One row of a CSV file, by where it lies in the bytes: a million rows are not a million objects. */
export interface CsvSpan {
  /** Start and end of what each cell holds, in turns; the end stands before the closing quote. */
  readonly bounds: readonly number[];
  /** Where the next row starts; past the end of the input after the last. */
  readonly next: number;
  /** Line feeds inside its cells. */
  readonly lines: number;
  /**
   * False when a quote or a carriage return stands inside a cell that is not quoted, or a quoted cell does not end or goes
   * on after its closing quote; and when the row is longer than `maximumRowLength`, which has no cells then.
   */
  readonly isWellFormed: boolean;
}

/** In bytes, without its line end. */
export const maximumRowLength = 64 * 1024;

/** One row of a CSV file, as bytes: cells may hold secrets, which must not become strings. */
export interface CsvRow {
  /** The line on which the row starts, counted from 1. */
  readonly line: number;
  readonly cells: readonly Buffer[];
  /** As in `CsvSpan`. */
  readonly isWellFormed: boolean;
}

const quote = 0x22;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
/** Stands around a cell whose doubled quotes are closed up: UTF-8 never has it. */
const closedUp = 0xff;

/**
 * Reads CSV (RFC 4180) from bytes of UTF-8: any single-byte separator, LF or CRLF, cells in double quotes with `""` for
 * a quote. Rows without any byte are passed over. A row that is not well formed ends with its line, so that it takes no
 * other row with it.
 */
export function* readCsv(bytes: Buffer, separator: number): Generator<CsvRow> {
  let line = 1;
  for (let at = 0; at < bytes.length;) {
    const row = readRow(bytes, at, separator);
    const cells = cellsOf(bytes, row);
    const isEmpty = row.isWellFormed && cells.length === 1 && cells[0]?.length === 0;
    if (!isEmpty) yield { line, cells, isWellFormed: row.isWellFormed };
    at = row.next;
    line += row.lines + 1;
  }
}

/** Finds the row that starts at a place; nothing is changed. */
export function readRow(bytes: Buffer, start: number, separator: number): CsvSpan {
  const bounds: number[] = [];
  let isWellFormed = true;
  let lines = 0;
  for (let at = start; ;) {
    const cell = isQuoted(bytes[at]) ? readQuotedCell(bytes, at, separator) : readCell(bytes, at, separator);
    lines += cell.lines;
    if (cell.next - start > maximumRowLength) {
      return { bounds: [], next: lineEnd(bytes, cell.next) + 1, lines, isWellFormed: false };
    }
    bounds.push(cell.start, cell.end);
    isWellFormed &&= cell.isWellFormed;
    if (bytes[cell.next] !== separator) return { bounds, next: cell.next + 1, lines, isWellFormed };
    at = cell.next + 1;
  }
}

/**
 * What the cells of a row hold. They are views of the input, and change when it is wiped. Cells with doubled quotes are
 * closed up in place, so that no copy of a secret is made; the row can be read again all the same.
 */
export function cellsOf(bytes: Buffer, { bounds, isWellFormed }: CsvSpan): readonly Buffer[] {
  const cells: Buffer[] = [];
  for (let at = 0; at < bounds.length; at += 2)
    cells.push(cellAt(bytes, bounds[at] ?? 0, bounds[at + 1] ?? 0, isWellFormed));
  return cells;
}

function cellAt(bytes: Buffer, start: number, end: number, isWellFormed: boolean): Buffer {
  const cell = bytes.subarray(start, end);
  if (!isWellFormed || bytes[start - 1] !== quote || !cell.includes(quote)) return cell;
  let write = start;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) at++;
    bytes[write++] = byte;
  }
  bytes[start - 1] = closedUp;
  bytes.fill(closedUp, write, end + 1);
  return bytes.subarray(start, write);
}

interface Cell {
  readonly start: number;
  readonly end: number;
  /** Where the separator or line feed after the cell is, or the end of the input. */
  readonly next: number;
  readonly lines: number;
  readonly isWellFormed: boolean;
}

function isQuoted(byte: number | undefined): boolean {
  return byte === quote || byte === closedUp;
}

function readCell(bytes: Buffer, start: number, separator: number): Cell {
  let isWellFormed = true;
  let next = start;
  for (; next < bytes.length; next++) {
    const byte = bytes[next];
    if (byte === separator || byte === lineFeed) break;
    if (byte === quote) isWellFormed = false;
    if (byte === carriageReturn && !isLineEnd(bytes, next + 1)) isWellFormed = false;
  }
  return { start, end: withoutReturn(bytes, start, next), next, lines: 0, isWellFormed };
}

function readQuotedCell(bytes: Buffer, opening: number, separator: number): Cell {
  const start = opening + 1;
  const isClosedUp = bytes[opening] === closedUp;
  const end = isClosedUp ? bytes.indexOf(closedUp, start) : closingQuote(bytes, start);
  let after = end + 1;
  while (isClosedUp && bytes[after] === closedUp) after++;
  const next = endOfCell(bytes, after, separator);
  if (end === bytes.length || withoutReturn(bytes, after, next) !== after) {
    return { start, end: start, next: lineEnd(bytes, start), lines: 0, isWellFormed: false };
  }
  let lines = 0;
  for (let at = start; at < end; at++) if (bytes[at] === lineFeed) lines++;
  return { start, end, next, lines, isWellFormed: true };
}

/** Where the first quote is that is not doubled, or the end of the input. */
function closingQuote(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && (bytes[at] !== quote || bytes[at + 1] === quote))
    at += bytes[at] === quote ? 2 : 1;
  return Math.min(at, bytes.length);
}

function endOfCell(bytes: Uint8Array, start: number, separator: number): number {
  let at = start;
  while (at < bytes.length && bytes[at] !== separator && bytes[at] !== lineFeed) at++;
  return at;
}

/** Where the line ends that goes through a place, or the input. */
function lineEnd(bytes: Buffer, at: number): number {
  const found = bytes.indexOf(lineFeed, at);
  return found < 0 ? bytes.length : found;
}

function isLineEnd(bytes: Uint8Array, at: number): boolean {
  return at === bytes.length || bytes[at] === lineFeed;
}

/** The end of the cell without the carriage return of a CRLF, or of the last line. */
function withoutReturn(bytes: Uint8Array, start: number, end: number): number {
  return isLineEnd(bytes, end) && end > start && bytes[end - 1] === carriageReturn ? end - 1 : end;
}

/**
 * CSV (RFC 4180) of rows that are shown to someone: commas, CRLF, every cell in quotes. What cannot be seen is shown as
 * by `visibleText`, so that a cell never goes over several lines. Where a spreadsheet would take a cell, or what follows a
 * separator of any country in it, for a formula, an apostrophe stands before it.
 */
export function writeCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `${cells.map(writtenCell).join(',')}\r\n`).join('');
}

const formula = /(?=[=+\-@\uff0b\uff0d\uff1d\uff20])(?<=(?:^|[,;])[ "]*)/g;

function writtenCell(text: string): string {
  const inert = visibleText(text).replace(formula, "'");
  return `"${inert.replaceAll('"', '""')}"`;
}
