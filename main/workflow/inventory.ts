import { isUtf8 } from 'node:buffer';
import { fault, ok, prependWhere, refuse, refused, type Fault, type Result } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import { readCsv, type CsvRow } from './csv.ts';
import {
  columnEntries,
  columns,
  hasShapeOf,
  isSecretColumn,
  secretColumnPattern,
  type ColumnName,
} from './inventory-columns.ts';

const maximumInventorySize = 1024 * 1024 * 1024;

/** Text of the cells that are no secrets, by column. Optional columns that are not there are empty. */
export type RowCells = Readonly<Record<Exclude<ColumnName, `credential_${string}`>, string>>;

/** One row of an inventory. */
export interface InventoryRow {
  /** Counted from 1 at the first row under the header. */
  readonly row: number;
  /** The line of the file on which it starts. */
  readonly line: number;
  readonly cells: RowCells;
  /** Views of the inventory's octets. */
  readonly credential: { readonly reference: Uint8Array; readonly secret: Uint8Array };
  /** Further secrets by name, without those whose cell is empty. */
  readonly secrets: ReadonlyMap<string, Uint8Array>;
  /** What is wrong with the row by itself. */
  readonly fault?: Fault<'field-invalid'>;
  /** Whether cells seem to stand in columns that are not theirs: a secret may be in any of them. */
  readonly hasSlipped: boolean;
}

/** An inventory file, read into memory. */
export interface Inventory {
  readonly file: string;
  readonly rows: readonly InventoryRow[];
  /** Overwrites every octet, and with them all secrets. */
  wipe(): void;
}

type Unreadable = 'inventory-unreadable' | 'file-unreadable' | 'file-too-large';

/**
 * Opens an inventory: CSV in UTF-8 with or without a byte order mark, separated by commas, semicolons or tabs (found
 * out from the header), LF or CRLF. Refuses with `inventory-unreadable` a file whose header is not that of an
 * inventory.
 * @param folders below these no symbolic link is followed
 */
export function openInventory(file: string, folders: readonly string[] = []): Result<Inventory, Unreadable> {
  const bytes = readFile(file, maximumInventorySize, folders);
  if (!bytes.ok) return bytes;
  const inventory = readInventory(file, bytes.value);
  if (inventory.ok) return inventory;
  bytes.value.fill(0);
  return refused(prependWhere(inventory.fault, { file }));
}

const byteOrderMark = Uint8Array.of(0xef, 0xbb, 0xbf);

function readInventory(file: string, bytes: Buffer): Result<Inventory, 'inventory-unreadable'> {
  const content = bytes.subarray(bytes.subarray(0, 3).equals(byteOrderMark) ? 3 : 0);
  const isText = isUtf8(content) && !content.subarray(0, 4).includes(0); // UTF-16 may look like UTF-8 full of NULs
  if (!isText) return refuse('inventory-unreadable', { rule: 'csv-utf8' });
  const header = readHeader(content);
  if (!header.ok) return header;
  const { separator, names, length } = header.value;
  const rows: InventoryRow[] = [];
  let above: RowCells | undefined;
  for (const csvRow of readCsv(content.subarray(length), separator)) {
    const row = toInventoryRow(csvRow, { row: rows.length + 1, line: csvRow.line + 1 }, names, above);
    rows.push(row);
    if (!row.fault) above = row.cells;
  }
  if (rows.length === 0) return refuse('inventory-unreadable', { rule: 'csv-empty' });
  return ok({
    file,
    rows,
    wipe: () => {
      bytes.fill(0);
    },
  });
}

interface Header {
  readonly separator: number;
  readonly names: readonly string[];
  /** Octets up to the first row. */
  readonly length: number;
}

function readHeader(content: Uint8Array): Result<Header, 'inventory-unreadable'> {
  const lineEnd = content.indexOf(0x0a);
  const line = content.subarray(0, lineEnd < 0 ? content.length : lineEnd);
  const headers = [',', ';', '\t'].map((character) => {
    const separator = character.charCodeAt(0);
    const [row] = readCsv(Buffer.from(line), separator);
    return { separator, names: (row?.cells ?? []).map((cell) => cell.toString('utf8').trim()) };
  });
  const known = (names: readonly string[]) => names.filter((name) => isColumn(name)).length;
  const best = headers.reduce((a, b) => (known(b.names) > known(a.names) ? b : a));
  const { names, separator } = best;
  const missing = columnEntries.find(([name, { isOptional }]) => !isOptional && !names.includes(name));
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(name).size);
  if (missing || twice !== undefined) {
    const field = missing?.[0] ?? twice ?? '';
    return refuse('inventory-unreadable', { rule: 'csv-header', where: { line: 1, field } });
  }
  const unknown = names.find((name) => !isColumn(name));
  if (unknown !== undefined) {
    return refuse('inventory-unreadable', {
      rule: 'csv-column',
      found: unknown.slice(0, 64),
      where: { line: 1 },
    });
  }
  return ok({ separator, names, length: lineEnd < 0 ? content.length : lineEnd + 1 });
}

function isColumn(name: string): boolean {
  return Object.hasOwn(columns, name) || secretColumnPattern.test(name);
}

const noCells = Object.fromEntries(columnEntries.map(([name]) => [name, ''])) as RowCells;

function toInventoryRow(
  csv: CsvRow,
  where: Pick<InventoryRow, 'row' | 'line'>,
  names: readonly string[],
  above: RowCells | undefined,
): InventoryRow {
  const isWhole = csv.isWellFormed && csv.cells.length === names.length;
  const cells: Record<keyof RowCells, string> = { ...noCells };
  const octets = new Map<string, Uint8Array>();
  for (const [index, cell] of isWhole ? csv.cells.entries() : []) {
    const name = names[index] ?? '';
    if (isSecretColumn(name)) octets.set(name, cell);
    else cells[name as keyof RowCells] = cell.toString('utf8');
  }
  const secrets = new Map<string, Uint8Array>();
  for (const [name, cell] of octets) {
    const secretName = secretColumnPattern.exec(name)?.[1];
    if (secretName !== undefined && cell.length > 0) secrets.set(secretName, cell);
  }
  const none = new Uint8Array();
  const credential = {
    reference: octets.get('credential_reference') ?? none,
    secret: octets.get('credential_secret') ?? none,
  };
  const rowFault = isWhole ? cellFault(cells, octets, above) : shapeFault(csv, names);
  const hasSlipped = rowFault !== undefined && isWhole && seemsSlipped(cells);
  return { ...where, cells, credential, secrets, hasSlipped, ...(rowFault && { fault: rowFault }) };
}

/**
 * One wrong cell is a mistake in it. With two it is as likely that one cell too few or too many has moved all that follow,
 * and the secret with them.
 */
function seemsSlipped(cells: RowCells): boolean {
  const wrong = columnEntries.filter(
    ([name, { isValid }]) => !isSecretColumn(name) && isValid?.(cells[name as keyof RowCells]) === false,
  );
  return wrong.length > 1;
}

function shapeFault({ cells, isWellFormed }: CsvRow, names: readonly string[]): Fault<'field-invalid'> {
  if (!isWellFormed) return fault('field-invalid', { rule: 'csv-quotes' });
  const [expected, found] = [String(names.length), String(cells.length)];
  return fault('field-invalid', { rule: 'csv-cells', expected, found });
}

const maximumSecretOctets = 1024;

/** `above` are the cells of a row that was good: most are the same in the next, and need no judgement. */
function cellFault(
  cells: RowCells,
  octets: ReadonlyMap<string, Uint8Array>,
  above: RowCells | undefined,
): Fault<'field-invalid'> | undefined {
  for (const [field, { rule, isValid }] of columnEntries) {
    if (isSecretColumn(field) || !isValid || !rule) continue;
    const name = field as keyof RowCells;
    if (cells[name] === above?.[name] || isValid(cells[name])) continue;
    return fault('field-invalid', { rule, where: { field }, ...foundIn(name, cells[name]) });
  }
  const bad = [...octets].find(([, cell]) => cell.length > maximumSecretOctets || hasNoncharacter(cell));
  return bad && fault('field-invalid', { rule: 'secret-text', where: { field: bad[0] } });
}

/**
 * Whether UTF-8 holds a code point that Unicode will never assign, which I-JSON forbids: U+FDD0 to U+FDEF, and the
 * last two of each plane. Looked for in the octets, as a secret must not become a string.
 */
function hasNoncharacter(octets: Uint8Array): boolean {
  return octets.some((octet, at) => {
    const [before = 0, first = 0] = [octets[at - 1], octets[at - 2]];
    const isPlaneEnd = (octet === 0xbe || octet === 0xbf) && before === 0xbf;
    const isInPlane0 = isPlaneEnd && first === 0xef;
    const isInOther = isPlaneEnd && (first & 0xcf) === 0x8f && (octets[at - 3] ?? 0) >= 0xf0;
    return isInPlane0 || isInOther || (first === 0xef && before === 0xb7 && octet >= 0x90 && octet <= 0xaf);
  });
}

/** Whether a text tells one of the row's secrets, or may, and so must never be shown. */
export function tellsSecret({ credential, secrets, hasSlipped }: InventoryRow, text: string): boolean {
  if (hasSlipped) return true;
  const octets = Buffer.from(text);
  return [credential.reference, credential.secret, ...secrets.values()].some(
    ({ buffer, byteOffset, length }) =>
      length > 0 && octets.includes(Buffer.from(buffer, byteOffset, length)),
  );
}

/** What was found in a column, for a fault, unless it looks like something else that has slipped there. */
export function foundIn(column: keyof RowCells, text: string): { readonly found?: string } {
  return hasShapeOf(column, text) ? { found: text } : {};
}
