/** One row of a CSV file, as octets: cells may hold secrets, which must not become strings. */
export interface CsvRow {
  /** The line on which the row starts, counted from 1. */
  readonly line: number;
  readonly cells: readonly Buffer[];
  /**
   * False when a quote or a carriage return stands inside a cell that is not quoted, or a quoted cell does not end or goes
   * on after its closing quote.
   */
  readonly isWellFormed: boolean;
}

const quote = 0x22;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Reads CSV (RFC 4180) from octets of UTF-8: any single-octet separator, LF or CRLF, cells in double quotes with `""`
 * for a quote. Rows without any octet are passed over. A row that is not well formed ends with its line, so that it
 * takes no other row with it. Cells are views of the input and change when it is wiped; those with doubled quotes are
 * closed up in place, so that no copy of a secret is made.
 */
export function* readCsv(bytes: Buffer, separator: number): Generator<CsvRow> {
  let at = 0;
  let line = 1;
  while (at < bytes.length) {
    const startLine = line;
    const cells: Buffer[] = [];
    let isWellFormed = true;
    let isRowEnd = false;
    while (!isRowEnd) {
      const cell = readCell(bytes, at, separator);
      cells.push(cell.contents);
      line += cell.lines;
      isWellFormed &&= cell.isWellFormed;
      isRowEnd = bytes[cell.end] !== separator;
      at = cell.end + 1;
    }
    line++;
    const isEmpty = isWellFormed && cells.length === 1 && cells[0]?.length === 0;
    if (!isEmpty) yield { line: startLine, cells, isWellFormed };
  }
}

interface Cell {
  readonly contents: Buffer;
  /** Where the separator or line feed after the cell is, or the end of the input. */
  readonly end: number;
  /** Line feeds inside the cell. */
  readonly lines: number;
  readonly isWellFormed: boolean;
}

function readCell(bytes: Buffer, start: number, separator: number): Cell {
  if (bytes[start] === quote) return readQuotedCell(bytes, start + 1, separator);
  const end = endOfCell(bytes, start, separator);
  const contents = bytes.subarray(start, withoutReturn(bytes, start, end));
  return {
    contents,
    end,
    lines: 0,
    isWellFormed: !contents.includes(quote) && !contents.includes(carriageReturn),
  };
}

function readQuotedCell(bytes: Buffer, start: number, separator: number): Cell {
  const closing = closingQuote(bytes, start);
  const end = endOfCell(bytes, closing + 1, separator);
  if (closing === bytes.length || withoutReturn(bytes, closing + 1, end) !== closing + 1) {
    const lineEnd = bytes.indexOf(lineFeed, start);
    return { contents: none, end: lineEnd < 0 ? bytes.length : lineEnd, lines: 0, isWellFormed: false };
  }
  let write = start;
  let lines = 0;
  for (let at = start; at < closing; at++) {
    const octet = bytes[at] ?? 0;
    if (octet === quote) at++;
    if (octet === lineFeed) lines++;
    bytes[write++] = octet;
  }
  return { contents: bytes.subarray(start, write), end, lines, isWellFormed: true };
}

const none = Buffer.alloc(0);

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

/** The end of the cell without the carriage return of a CRLF, or of the last line. */
function withoutReturn(bytes: Uint8Array, start: number, end: number): number {
  const isLast = end === bytes.length || bytes[end] === lineFeed;
  return isLast && end > start && bytes[end - 1] === carriageReturn ? end - 1 : end;
}
