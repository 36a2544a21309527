import { refuse, ok, type Result } from '../faults/index.ts';
import { cellsOf, maximumRowLength, readRow } from './csv.ts';
import { columnEntries, columnNamed, isSecretColumn, nearestColumn } from './inventory-columns.ts';
import { isBlank } from './spreadsheets.ts';

/** The header of an inventory. */
export interface Header {
  readonly separator: number;
  /** The column name of each cell in a row. Undefined where the header is blank. */
  readonly names: readonly (string | undefined)[];
  /** Where the first row below the header starts: the byte offset `next`, on the line `nextLine`. */
  readonly next: number;
  readonly nextLine: number;
}

/** A possible header row, read with one of the separators. */
interface Candidate extends Omit<Header, 'names'> {
  readonly line: number;
  /** Its index among the rows that are not blank, from 0. */
  readonly place: number;
  /** Empty if the row is too long. */
  readonly cells: readonly string[];
  /** How many of its cells are column names. 0 if so few match that they may match by chance. */
  readonly known: number;
  /** In bytes, without the line feed. */
  readonly length: number;
}

const separators = [',', ';', '\t'];
/** How many rows to search for a header that is not in the first row. */
const rowsLookedAt = 10;
/** How much of the text found instead of a header a fault shows, in characters. */
const maximumShown = 64;
/** How many column names a fault lists for each kind of problem. */
const maximumListed = 5;

/**
 * Finds the header: the first row that is not blank, after Excel's `sep=;` line if there is one. Columns may be in any
 * order, and their names in any case. Refuses with `inventory-unreadable`, and lists missing, unknown and repeated
 * columns.
 * @param holdsCredentials whether the columns of the credential must be there
 */
export function readHeader(
  content: Buffer,
  holdsCredentials: boolean,
): Result<Header, 'inventory-unreadable'> {
  const declared = declaredSeparator(content);
  const candidates = (declared ? [declared.separator] : separators).flatMap((separator) => [
    ...readCandidates(content, separator.charCodeAt(0), declared?.length),
  ]);
  const best = candidates.reduce<Candidate | undefined>((a, b) => {
    const isBetter = !a || b.known > a.known || (b.known === a.known && b.place < a.place);
    return isBetter ? b : a;
  }, undefined);
  if (!best) return refuse('inventory-unreadable', { rule: 'csv-no-header', where: { line: 1 } });
  if (best.cells.length === 0) {
    const found = `${best.length} bytes`;
    return refuse('inventory-unreadable', { rule: 'csv-line', found, where: { line: best.line } });
  }
  if (best.known === 0) return notFound(best, 'csv-no-header');
  if (best.place > 0) {
    const first = candidates.find(({ place, separator }) => place === 0 && separator === best.separator);
    return notFound(first ?? best, 'csv-header-below', String(best.line));
  }
  return judge(best, holdsCredentials);
}

/** Reads Excel's `sep=;` line, which declares the file's separator. */
function declaredSeparator(content: Buffer) {
  const [line = ''] = content.toString('latin1', 0, 64).split('\n');
  const [, separator] = /^"?sep=([,;\t])"?[,;\t]*\r?$/i.exec(line) ?? [];
  return separator === undefined ? undefined : { separator, length: line.length + 1 };
}

function* readCandidates(content: Buffer, separator: number, start = 0): Generator<Candidate> {
  let line = start > 0 ? 2 : 1;
  let place = 0;
  for (let at = start; at < content.length && place < rowsLookedAt;) {
    const row = readRow(content, at, separator);
    const nextLine = line + row.lines + 1;
    const length = row.next - 1 - at;
    const isTooLong = length > maximumRowLength;
    const bytes = cellsOf(content, row);
    if (isTooLong || !bytes.every((cell) => isBlank(cell, 0, cell.length))) {
      const cells = bytes.map((cell) => cell.toString('utf8').trim());
      yield { separator, line, place, cells, known: knownIn(cells), length, next: row.next, nextLine };
      place++;
    }
    if (isTooLong) return;
    at = row.next;
    line = nextLine;
  }
}

/** Data may equal a column name by chance. A header has at least five matches, or matches in half its cells. */
function knownIn(cells: readonly string[]): number {
  const filled = cells.filter((cell) => cell !== '').length;
  const known = cells.filter((cell) => columnNamed(cell) !== undefined).length;
  return known >= 5 || known * 2 >= filled ? known : 0;
}

/**
 * Refuses a first row that is not a header. Shows up to two cells, such as a title. A row with more cells may hold
 * inventory data with a secret, so its text is not shown.
 */
function notFound(
  { cells, line }: Candidate,
  rule: 'csv-no-header' | 'csv-header-below',
  expected?: string,
): Result<never, 'inventory-unreadable'> {
  const filled = cells.filter((cell) => cell !== '');
  const text = cut(filled.join(' '));
  const found = filled.length <= 2 ? text : `${filled.length} cells that are not column names`;
  return refuse('inventory-unreadable', { rule, found, where: { line }, ...(expected && { expected }) });
}

function cut(text: string): string {
  return text.length > maximumShown ? `${text.slice(0, maximumShown).toWellFormed()}…` : text;
}

function judge(
  { cells, line, separator, next, nextLine }: Candidate,
  holdsCredentials: boolean,
): Result<Header, 'inventory-unreadable'> {
  const names = cells.map((cell) => columnNamed(cell));
  const lower = names.map((name) => name?.toLowerCase());
  const missing = columnEntries
    .filter(([name, { isOptional }]) => !isOptional && !names.includes(name))
    .filter(([name]) => holdsCredentials || !isSecretColumn(name))
    .map(([name]) => name);
  const twice = new Set(names.filter((name, at) => name && lower.indexOf(name.toLowerCase()) < at));
  const unknown = cells.filter((cell, at) => cell !== '' && names[at] === undefined);
  const found = [
    list('missing: ', missing),
    list('twice: ', [...twice]),
    list('unknown: ', unknown.map(withNearest)),
  ].filter((part) => part !== '');
  if (found.length === 0) return ok({ separator, names, next, nextLine });
  const field = missing[0] ?? [...twice][0];
  return refuse('inventory-unreadable', {
    rule: 'csv-header',
    found: found.join('; '),
    where: { line, ...(field !== undefined && { field }) },
  });
}

function list(kind: string, names: readonly (string | undefined)[]): string {
  if (names.length === 0) return '';
  const more = names.length > maximumListed ? ` and ${names.length - maximumListed} more` : '';
  return kind + names.slice(0, maximumListed).join(', ') + more;
}

function withNearest(name: string): string {
  const nearest = nearestColumn(name);
  return cut(name) + (nearest === undefined ? '' : ` (perhaps ${nearest})`);
}
