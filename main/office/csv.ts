/** The position of one CSV row in the input, so that a million rows need no million cell objects. */
export interface CsvSpan {
  /** Alternating start and end of each cell's content, without the quotes around it. */
  readonly bounds: readonly number[];
  /** Where the next row starts. After the last row, past the end of the input. */
  readonly next: number;
  /** How many line feeds are inside its cells. */
  readonly lines: number;
  /**
   * False if an unquoted cell contains a quote or a carriage return, or if a quoted cell has no closing quote or has
   * text after it. Also false for a row longer than `maximumRowLength`, which then has no cells.
   */
  readonly isWellFormed: boolean;
}

/** In bytes, without its line end. */
export const maximumRowLength = 64 * 1024;

/** One row of a CSV file. Its cells are bytes because they may hold secrets, which must never become strings. */
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
/** Replaces the quotes around a cell after its doubled quotes are collapsed. UTF-8 never contains this byte. */
const closedUp = 0xff;

/**
 * Reads CSV (RFC 4180) from UTF-8 bytes: any single-byte separator, LF or CRLF, and cells in double quotes with `""`
 * for a quote. Skips empty rows. A malformed row ends at the end of its line, so it never swallows other rows.
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

/**
 * The first position of a byte, from `start` on, or -1. Use it instead of `indexOf` of `Buffer`: once V8 has compiled that,
 * it crashes Electron's Node.js when it looks for a byte in shared memory.
 */
export function positionOf(byte: number, bytes: Uint8Array, start = 0): number {
  return Uint8Array.prototype.indexOf.call(bytes, byte, start);
}

/** Finds the row that starts at `start`. Does not change the input. */
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
 * The cells of a row, as views of the input: wiping the input wipes them too. Doubled quotes are collapsed in place, so
 * that no copy of a secret is made. The row can still be read again.
 */
export function cellsOf(bytes: Buffer, { bounds, isWellFormed }: CsvSpan): readonly Buffer[] {
  const cells: Buffer[] = [];
  for (let at = 0; at < bounds.length; at += 2)
    cells.push(cellAt(bytes, bounds[at] ?? 0, bounds[at + 1] ?? 0, isWellFormed));
  return cells;
}

function cellAt(bytes: Buffer, start: number, end: number, isWellFormed: boolean): Buffer {
  const cell = bytes.subarray(start, end);
  if (!isWellFormed || bytes[start - 1] !== quote || positionOf(quote, cell) < 0) return cell;
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
  /** The position of the separator or line feed after the cell, or the end of the input. */
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
  const end = isClosedUp ? positionOf(closedUp, bytes, start) : closingQuote(bytes, start);
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

/**
 * The position of the first quote that is not doubled, or the end of the input. A cell that was collapsed before is
 * another one: without its quotes, this one would seem to end inside it.
 */
function closingQuote(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && (bytes[at] !== quote || bytes[at + 1] === quote)) {
    if (bytes[at] === closedUp) return bytes.length;
    at += bytes[at] === quote ? 2 : 1;
  }
  return Math.min(at, bytes.length);
}

function endOfCell(bytes: Uint8Array, start: number, separator: number): number {
  let at = start;
  while (at < bytes.length && bytes[at] !== separator && bytes[at] !== lineFeed) at++;
  return at;
}

/** The position of the next line feed, or the end of the input. */
function lineEnd(bytes: Buffer, at: number): number {
  const found = positionOf(lineFeed, bytes, at);
  return found < 0 ? bytes.length : found;
}

function isLineEnd(bytes: Uint8Array, at: number): boolean {
  return at === bytes.length || bytes[at] === lineFeed;
}

/** The end of the cell, without the carriage return of a CRLF or at the end of the input. */
function withoutReturn(bytes: Uint8Array, start: number, end: number): number {
  return isLineEnd(bytes, end) && end > start && bytes[end - 1] === carriageReturn ? end - 1 : end;
}
