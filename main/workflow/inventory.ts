import { isUtf8 } from 'node:buffer';
import { fault, ok, prependWhere, refuse, type Fault, type Result } from '../faults/index.ts';
import { readCsv, type CsvRow } from './csv.ts';
import { readFile } from './files.ts';
import {
  columnEntries,
  columns,
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
 */
export function openInventory(file: string): Result<Inventory, Unreadable> {
  const bytes = readFile(file, maximumInventorySize);
  if (!bytes.ok) return bytes;
  const content = bytes.value.subarray(
    bytes.value.subarray(0, 3).toString('latin1') === '\u00ef\u00bb\u00bf' ? 3 : 0,
  );
  const where = { file };
  if (!isUtf8(content)) return refuse('inventory-unreadable', { rule: 'csv-utf8', where });
  const header = readHeader(content);
  if (!header.ok) return { ok: false, fault: prependWhere(header.fault, where) };
  const { separator, names, length } = header.value;
  const rows = [...readCsv(content.subarray(length), separator)].map((csvRow, index) =>
    toInventoryRow(csvRow, { file, row: index + 1, line: csvRow.line + 1 }, names),
  );
  return ok({
    file,
    rows,
    wipe: () => {
      content.fill(0);
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
    const [row] = readCsv(Uint8Array.from(line), separator);
    return { separator, names: (row?.cells ?? []).map((cell) => Buffer.from(cell).toString('utf8').trim()) };
  });
  const known = (names: readonly string[]) => names.filter((name) => isColumn(name)).length;
  const best = headers.reduce((a, b) => (known(b.names) > known(a.names) ? b : a));
  const { names, separator } = best;
  const missing = columnEntries.find(([name, { isOptional }]) => !isOptional && !names.includes(name));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
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
  const length = lineEnd < 0 ? content.length : lineEnd + 1;
  const isEmpty = !content.subarray(length).some((octet) => octet !== 0x0a && octet !== 0x0d);
  return isEmpty ? refuse('inventory-unreadable', { rule: 'csv-empty' }) : ok({ separator, names, length });
}

function isColumn(name: string): boolean {
  return name in columns || secretColumnPattern.test(name);
}

function toInventoryRow(
  csv: CsvRow,
  where: { readonly file: string; readonly row: number; readonly line: number },
  names: readonly string[],
): InventoryRow {
  const isWhole = csv.isWellFormed && csv.cells.length === names.length;
  const texts: Partial<Record<string, string>> = {};
  const octets = new Map<string, Uint8Array>();
  if (isWhole) {
    for (const [index, name] of names.entries()) {
      const cell = csv.cells[index] ?? new Uint8Array();
      if (isSecretColumn(name)) octets.set(name, cell);
      else texts[name] = Buffer.from(cell.buffer, cell.byteOffset, cell.length).toString('utf8');
    }
  }
  const shapeFault = csv.isWellFormed
    ? fault('field-invalid', {
        rule: 'csv-cells',
        expected: String(names.length),
        found: String(csv.cells.length),
        where,
      })
    : fault('field-invalid', { rule: 'csv-quotes', where });
  const cells = Object.fromEntries(columnEntries.map(([name]) => [name, texts[name] ?? ''])) as RowCells;
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
  const rowFault = isWhole ? cellFault(cells, credential, secrets) : shapeFault;
  const { row, line } = where;
  return { row, line, cells, credential, secrets, ...(rowFault && { fault: prependWhere(rowFault, where) }) };
}

const maximumSecretOctets = 1024;

function cellFault(
  cells: RowCells,
  credential: InventoryRow['credential'],
  secrets: InventoryRow['secrets'],
): Fault<'field-invalid'> | undefined {
  const hidden = [credential.reference, credential.secret, ...secrets.values()];
  for (const [field, { rule, isValid }] of columnEntries) {
    if (isSecretColumn(field) || !isValid || !rule) continue;
    const found = cells[field as keyof RowCells];
    if (isValid(found)) continue;
    return fault('field-invalid', { rule, where: { field }, ...foundText(found, hidden) });
  }
  if (hidden.some(({ length }) => length > maximumSecretOctets)) {
    return fault('field-invalid', { rule: 'secret-text', where: { field: 'credential_secret' } });
  }
  return undefined;
}

/**
 * What was found, for a fault: cut to a readable length, and withheld when it contains one of the row's secrets, as
 * it does when cells have slipped into the wrong columns.
 */
export function foundText(found: string, hidden: readonly Uint8Array[]): { readonly found?: string } {
  const octets = Buffer.from(found);
  const isHidden = hidden.some((secret) => secret.length > 0 && octets.includes(Buffer.from(secret)));
  return isHidden ? {} : { found: found.length > 120 ? `${found.slice(0, 120)}…` : found };
}
