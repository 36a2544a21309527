import { isUtf8 } from 'node:buffer';
import { isEncryptedFile } from '../cms/index.ts';
import { fault, ok, prependWhere, refuse, refused, type Fault, type Result } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import { cellsOf, maximumRowLength, positionOf, readRow, type CsvSpan } from './csv.ts';
import {
  columnEntries,
  hasShapeOf,
  isSecretColumn,
  secretColumnPattern,
  type ColumnName,
} from './inventory-columns.ts';
import { readHeader, type Header } from './inventory-header.ts';
import { hidesCharacter } from './signed-text.ts';
import { isBlank } from './spreadsheets.ts';

const maximumInventorySize = 256 * 1024 * 1024;
const maximumRows = 1_000_000;

/** The text of all cells that are not secret, by column. Missing optional columns are empty. */
export type RowCells = Readonly<Record<Exclude<ColumnName, `credential_${string}`>, string>>;

/** Cells in the place of those in the file, by row. */
export type Corrections = ReadonlyMap<number, Partial<RowCells>>;

/** One row of an inventory. */
export interface InventoryRow {
  /** Counted from 1, starting at the first row below the header. */
  readonly row: number;
  /** The line of the file on which the row starts, counted from 1. */
  readonly line: number;
  readonly cells: RowCells;
  /** Views of the inventory's bytes, so `Inventory.wipe` wipes them. */
  readonly credential: { readonly reference: Uint8Array; readonly secret: Uint8Array };
  /** Further secrets by name, without empty cells. Also views of the inventory's bytes. */
  readonly secrets: ReadonlyMap<string, Uint8Array>;
  /** What is wrong with this row, judged without the other rows or the profile. */
  readonly fault?: Fault<'field-invalid'>;
  /** Whether cells seem to have shifted into other columns, so that any cell may hold a secret. */
  readonly hasSlipped: boolean;
}

/**
 * The rows of an inventory. Only each row's position stays in memory, and rows are read on demand. Iterating also
 * validates each row on its own and sets its `fault`.
 */
export interface InventoryRows extends Iterable<InventoryRow> {
  readonly length: number;
  /** Reads a row by its number, counted from 1, without validating it. */
  read(row: number): InventoryRow;
  /** Reads and validates the rows from `first` to `last`, like iterating. */
  between(first: number, last: number): Iterable<InventoryRow>;
  /** The corrections that are laid over the rows. */
  readonly corrections: Corrections;
  /** The row that starts on this line of the file, if one does. */
  onLine(line: number): number | undefined;
  /** Which of these vendors at least one row names. */
  vendorsAmong(names: Iterable<string>): ReadonlySet<string>;
}

/**
 * An inventory file in memory that all threads share, so that its secrets are there once, and one `wipe` clears them.
 * Two threads must not read the same row at the same time, because reading collapses doubled quotes in place.
 */
export interface InventoryData {
  readonly file: string;
  /** The whole file, decrypted. */
  readonly bytes: Uint8Array;
  /** Where the text begins, after a byte order mark. */
  readonly start: number;
  readonly header: Header;
  /** The byte at which each row starts in the text, and the line. */
  readonly places: RowPlaces;
  /** Absent without corrections. */
  readonly corrections?: Corrections;
}

/** An inventory file, read into memory. */
export interface Inventory {
  readonly file: string;
  readonly rows: InventoryRows;
  /** What another thread needs to open the same inventory with `inventoryOf`. */
  readonly data: InventoryData;
  /** Overwrites every byte of the text in memory, including all secrets. */
  wipe(): void;
}

type UnreadableFile = 'file-unreadable' | 'file-too-large';
type Unreadable = UnreadableFile | 'inventory-unreadable';

/** How to open an inventory. */
export interface OpenOptions {
  /** The path must not follow a symbolic link below these folders. */
  readonly folders?: readonly string[];
  /** Whether it must have the columns of the credential. */
  readonly holdsCredentials?: boolean;
}

/**
 * Opens an inventory: CSV in UTF-8, with or without a byte order mark, with LF or CRLF. The separator is a comma,
 * semicolon or tab, detected from the header or declared by a `sep=;` line above it. Ignores blank rows and columns.
 *
 * Refuses with `inventory-unreadable` an encrypted file, and one without an inventory header, or with more than 1,000,000
 * rows or 64 KiB in a row.
 */
export function openInventory(
  file: string,
  { folders = [], holdsCredentials = true }: OpenOptions = {},
): Result<Inventory, Unreadable> {
  const bytes = readInventoryFile(file, folders);
  if (!bytes.ok) return bytes;
  if (isEncryptedFile(bytes.value))
    return refuse('inventory-unreadable', { rule: 'inventory-key', where: { file } });
  return parseInventory(file, bytes.value, holdsCredentials);
}

/** Reads the file of an inventory into memory that all threads can share. The caller wipes it. */
export function readInventoryFile(file: string, folders: readonly string[]): Result<Buffer, UnreadableFile> {
  const bytes = readFile(file, maximumInventorySize, folders, (size) =>
    Buffer.from(new SharedArrayBuffer(size)),
  );
  if (bytes.ok) return bytes;
  const isTooLarge = bytes.fault.code === 'file-too-large';
  return isTooLarge ? refused({ ...bytes.fault, rule: 'inventory-size' }) : bytes;
}

/** The inventory with this content, in shared memory. Wipes it if it refuses. */
export function parseInventory(
  file: string,
  bytes: Buffer,
  holdsCredentials: boolean,
): Result<Inventory, 'inventory-unreadable'> {
  const inventory = readInventory(file, bytes, holdsCredentials);
  if (inventory.ok) return inventory;
  bytes.fill(0);
  return refused(prependWhere(inventory.fault, { file }));
}

const byteOrderMark = Uint8Array.of(0xef, 0xbb, 0xbf);

function readInventory(
  file: string,
  bytes: Buffer,
  holdsCredentials: boolean,
): Result<Inventory, 'inventory-unreadable'> {
  const start = bytes.subarray(0, 3).equals(byteOrderMark) ? 3 : 0;
  const content = bytes.subarray(start);
  const isText = isUtf8(content) && positionOf(0, content.subarray(0, 4)) < 0; // UTF-16 can pass as UTF-8 with many NULs
  if (!isText) return refuse('inventory-unreadable', { rule: 'csv-utf8' });
  const header = readHeader(content, holdsCredentials);
  if (!header.ok) return header;
  const places = findRows(content, header.value);
  return places.ok
    ? ok(inventoryOf({ file, bytes, start, header: header.value, places: places.value }))
    : places;
}

/** The inventory that a thread has opened, for the same or another thread. */
export function inventoryOf(data: InventoryData): Inventory {
  const { file, bytes, start } = data;
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).subarray(start);
  return {
    file,
    rows: new Rows(content, data),
    data,
    wipe: () => {
      bytes.fill(0);
    },
  };
}

/** The byte offset and line at which each row starts. */
interface RowPlaces {
  readonly count: number;
  readonly starts: Uint32Array;
  readonly lines: Uint32Array;
}

/** Collects the places of rows in memory that threads can share. */
class FoundRows implements RowPlaces {
  count = 0;
  starts = sharedNumbers(1024);
  lines = sharedNumbers(1024);

  add(start: number, line: number): void {
    if (this.count === this.starts.length) {
      this.starts = doubled(this.starts);
      this.lines = doubled(this.lines);
    }
    this.starts[this.count] = start;
    this.lines[this.count] = line;
    this.count++;
  }
}

function sharedNumbers(length: number): Uint32Array<SharedArrayBuffer> {
  return new Uint32Array(new SharedArrayBuffer(4 * length));
}

function doubled(numbers: Uint32Array<SharedArrayBuffer>): Uint32Array<SharedArrayBuffer> {
  const more = sharedNumbers(2 * numbers.length);
  more.set(numbers);
  return more;
}

/** Finds the rows that are not blank. Refuses an inventory that exceeds the limits. */
function findRows(content: Buffer, header: Header): Result<RowPlaces, 'inventory-unreadable'> {
  const { separator, names } = header;
  const found = new FoundRows();
  const unnamed = names.flatMap((name, index) => (name === undefined ? [index] : []));
  let count = 0;
  let line = header.nextLine;
  for (let at = header.next; at < content.length;) {
    const row = readRow(content, at, separator);
    const length = row.next - 1 - at;
    if (length > maximumRowLength) {
      return refuse('inventory-unreadable', { rule: 'csv-line', found: `${length} bytes`, where: { line } });
    }
    if (!isBlankRow(content, row)) {
      count++;
      if (count <= maximumRows) found.add(at, line);
      const filled = unnamed.find((index) => row.isWellFormed && !isBlankCell(content, row, index));
      if (filled !== undefined) {
        const what = `no name for column ${filled + 1}, which has data`;
        return refuse('inventory-unreadable', { rule: 'csv-header', found: what, where: { line } });
      }
    }
    at = row.next;
    line += row.lines + 1;
  }
  if (count > maximumRows) return refuse('inventory-unreadable', { rule: 'csv-rows', found: String(count) });
  const { starts, lines } = found;
  return count === 0 ? refuse('inventory-unreadable', { rule: 'csv-empty' }) : ok({ count, starts, lines });
}

function isBlankRow(content: Buffer, row: CsvSpan): boolean {
  if (!row.isWellFormed) return false;
  for (let index = 0; index * 2 < row.bounds.length; index++)
    if (!isBlankCell(content, row, index)) return false;
  return true;
}

/** Whether a cell holds nothing visible. A cell that the row lacks counts as blank. */
function isBlankCell(content: Buffer, { bounds }: CsvSpan, index: number): boolean {
  return isBlank(content, bounds[index * 2] ?? 0, bounds[index * 2 + 1] ?? 0);
}

class Rows implements InventoryRows {
  readonly #content: Buffer;
  readonly #header: Header;
  readonly #places: RowPlaces;
  readonly corrections: Corrections;
  /** Number of columns up to the last one with a name. */
  readonly #width: number;

  constructor(content: Buffer, { header, places, corrections = new Map() }: InventoryData) {
    this.#content = content;
    this.#header = header;
    this.#places = places;
    this.corrections = corrections;
    this.#width = header.names.findLastIndex((name) => name !== undefined) + 1;
  }

  get length(): number {
    return this.#places.count;
  }

  read(row: number): InventoryRow {
    const csv = this.#span(row - 1);
    return this.#corrected(toInventoryRow(this.#named(csv), { row, line: this.#places.lines[row - 1] ?? 0 }));
  }

  onLine(line: number): number | undefined {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#places.lines[middle] ?? 0) < line) low = middle + 1;
      else high = middle;
    }
    return low < this.length && this.#places.lines[low] === line ? low + 1 : undefined;
  }

  [Symbol.iterator](): Iterator<InventoryRow> {
    return this.between(1, this.length);
  }

  *between(first: number, last: number): Generator<InventoryRow> {
    let above: RowCells | undefined;
    for (let row = first; row <= last; row++) {
      const csv = this.#span(row - 1);
      const isWhole = csv.isWellFormed && this.#fits(csv);
      const where = { row, line: this.#places.lines[row - 1] ?? 0 };
      const own = toInventoryRow(isWhole ? this.#named(csv) : [], where);
      const read = isWhole ? this.#corrected(own) : own;
      const fault = isWhole ? cellFault(read, above) : shapeFault(csv, this.#width);
      if (!fault) above = read.cells;
      // A corrected row is judged by what it was, too: its other cells are still where they were.
      const hasSlipped =
        isWhole && ((fault && seemsSlipped(read.cells)) || (read !== own && seemsSlipped(own.cells)));
      yield fault || hasSlipped ? { ...read, ...(fault && { fault }), hasSlipped } : read;
    }
  }

  vendorsAmong(names: Iterable<string>): ReadonlySet<string> {
    const column = this.#header.names.indexOf('vendor');
    const left = new Map(Array.from(names, (name) => [name, Buffer.from(name)]));
    const found = new Set<string>();
    for (const { vendor } of this.corrections.values())
      if (vendor !== undefined && left.delete(vendor)) found.add(vendor);
    for (let index = 0; index < this.length && left.size > 0; index++) {
      const cell = cellsOf(this.#content, this.#span(index))[column];
      for (const [name, bytes] of left) {
        if (!cell?.equals(bytes)) continue;
        found.add(name);
        left.delete(name);
      }
    }
    return found;
  }

  #span(index: number): CsvSpan {
    return readRow(this.#content, this.#places.starts[index] ?? 0, this.#header.separator);
  }

  /** Whether a row has a cell for each column, and only blank cells after them. */
  #fits(csv: CsvSpan): boolean {
    const count = csv.bounds.length / 2;
    if (count < this.#width) return false;
    for (let index = this.#width; index < count; index++)
      if (!isBlankCell(this.#content, csv, index)) return false;
    return true;
  }

  #corrected(row: InventoryRow): InventoryRow {
    const corrected = this.corrections.get(row.row);
    return corrected ? { ...row, cells: { ...row.cells, ...corrected } } : row;
  }

  #named(csv: CsvSpan): readonly (readonly [name: string, cell: Buffer])[] {
    return cellsOf(this.#content, csv).flatMap((cell, index) => {
      const name = this.#header.names[index];
      return name === undefined ? [] : [[name, cell] as const];
    });
  }
}

const noCells = Object.fromEntries(columnEntries.map(([name]) => [name, ''])) as RowCells;
const nothing = new Uint8Array();

function toInventoryRow(
  named: readonly (readonly [name: string, cell: Buffer])[],
  where: Pick<InventoryRow, 'row' | 'line'>,
): InventoryRow {
  const cells: Record<keyof RowCells, string> = { ...noCells };
  const secrets = new Map<string, Uint8Array>();
  let [reference, secret]: readonly Uint8Array[] = [nothing, nothing];
  for (const [name, cell] of named) {
    if (name === 'credential_reference') reference = cell;
    else if (name === 'credential_secret') secret = cell;
    else if (!isSecretColumn(name)) cells[name as keyof RowCells] = cell.toString('utf8');
    else if (cell.length > 0) secrets.set(secretColumnPattern.exec(name)?.[1] ?? name, cell);
  }
  return {
    ...where,
    cells,
    credential: { reference: reference ?? nothing, secret: secret ?? nothing },
    secrets,
    hasSlipped: false,
  };
}

/** The secret cells of a row, by column. They must never be shown. */
export function* secretCells({
  credential,
  secrets,
}: InventoryRow): Generator<readonly [string, Uint8Array]> {
  yield ['credential_reference', credential.reference];
  yield ['credential_secret', credential.secret];
  for (const [name, cell] of secrets) yield [`secret_${name}`, cell];
}

/**
 * One invalid cell is a mistake in that cell. With two, it is as likely that a missing or extra cell has shifted all
 * cells after it, including the secret.
 */
function seemsSlipped(cells: RowCells): boolean {
  const wrong = columnEntries.filter(
    ([name, { isValid }]) => !isSecretColumn(name) && isValid?.(cells[name as keyof RowCells]) === false,
  );
  return wrong.length > 1;
}

function shapeFault({ bounds, isWellFormed }: CsvSpan, width: number): Fault<'field-invalid'> {
  if (!isWellFormed) return fault('field-invalid', { rule: 'csv-quotes' });
  const [expected, found] = [String(width), String(bounds.length / 2)];
  return fault('field-invalid', { rule: 'csv-cells', expected, found });
}

const maximumSecretLength = 1024;

/** `above` holds the cells of an earlier good row. Cells equal to those need no further check, which saves time. */
function cellFault(row: InventoryRow, above: RowCells | undefined): Fault<'field-invalid'> | undefined {
  const { cells } = row;
  for (const [field, { rule, isValid, isPath }] of columnEntries) {
    if (isSecretColumn(field)) continue;
    const name = field as keyof RowCells;
    if (cells[name] === above?.[name]) continue;
    if (rule && isValid && !isValid(cells[name]))
      return fault('field-invalid', { rule, where: { field }, ...foundIn(name, cells[name]) });
    if (!isPath && hidesCharacter(cells[name]))
      return fault('field-invalid', {
        rule: 'hidden-character',
        where: { field },
        ...foundIn(name, cells[name]),
      });
  }
  for (const [field, cell] of secretCells(row)) {
    if (cell.length > maximumSecretLength || hasNoncharacter(cell))
      return fault('field-invalid', { rule: 'secret-text', where: { field } });
  }
  return undefined;
}

/**
 * Whether UTF-8 bytes contain a noncharacter, which I-JSON forbids: U+FDD0 to U+FDEF, and the last two code points of
 * each plane. This works on bytes because a secret must never become a string.
 */
function hasNoncharacter(bytes: Uint8Array): boolean {
  return bytes.some((byte, at) => {
    const [before = 0, first = 0] = [bytes[at - 1], bytes[at - 2]];
    const isPlaneEnd = (byte === 0xbe || byte === 0xbf) && before === 0xbf;
    const isInPlane0 = isPlaneEnd && first === 0xef;
    const isInOther = isPlaneEnd && (first & 0xcf) === 0x8f && (bytes[at - 3] ?? 0) >= 0xf0;
    return isInPlane0 || isInOther || (first === 0xef && before === 0xb7 && byte >= 0x90 && byte <= 0xaf);
  });
}

/** Whether a text contains, or may contain, one of the row's secrets. Such a text must never be shown. */
export function revealsSecret(row: InventoryRow, text: string): boolean {
  if (row.hasSlipped) return true;
  const bytes = Buffer.from(text);
  return [...secretCells(row)].some(
    ([, { buffer, byteOffset, length }]) =>
      length > 0 && bytes.includes(Buffer.from(buffer, byteOffset, length)),
  );
}

/** The `found` of a fault about a column. Left out if the text looks like a value from another column. */
export function foundIn(column: keyof RowCells, text: string): { readonly found?: string } {
  return hasShapeOf(column, text) ? { found: text } : {};
}
