import { ok, prependWhere, refuse, refused, type Result, type Rule } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import { cellText } from '../words/index.ts';
import { shownCell, shownValue } from './check-row.ts';
import { readCsv } from './csv.ts';
import { columnNamed, isSecretColumn } from './inventory-columns.ts';
import {
  inventoryOf,
  type Corrections,
  type Inventory,
  type InventoryRow,
  type RowCells,
} from './inventory.ts';
import { writtenValue, type Problem } from './problems.ts';

const maximumSize = 64 * 1024 * 1024;
const separators = [',', ';', '\t'];
const needed = ['line', 'serial', 'field', 'value'] as const;

type CorrectionsFault = 'file-unreadable' | 'file-too-large' | 'corrections-unfit';

/** A line of the file, by column. */
type Line = Readonly<Record<(typeof needed)[number], string>>;

/**
 * Lays the corrections of a file over an inventory: `problems.csv` of an earlier run, in which the user has changed
 * values. A line whose value is still as Siteseal wrote it changes nothing.
 *
 * Refuses with `corrections-unfit` a file that is not of this inventory: each line must name a line of the inventory, and
 * the serial number in that row.
 * @param folders the path must not follow a symbolic link below these folders
 */
export function correct(
  inventory: Inventory,
  file: string,
  folders: readonly string[] = [],
): Result<Inventory, CorrectionsFault> {
  const bytes = readFile(file, maximumSize, folders);
  if (!bytes.ok) return bytes;
  const corrections = readCorrections(inventory, bytes.value);
  if (!corrections.ok) return refused(prependWhere(corrections.fault, { file }));
  return ok(inventoryOf({ ...inventory.data, corrections: corrections.value }));
}

function readCorrections(inventory: Inventory, bytes: Buffer): Result<Corrections, 'corrections-unfit'> {
  const corrections = new Map<number, Partial<Record<keyof RowCells, string>>>();
  const lines = readLines(bytes);
  if (!lines) return refuse('corrections-unfit', { rule: 'corrections-header' });
  for (const { at, isWhole, line } of lines) {
    // The last line counts the problems that are not listed.
    if (isWhole && line.line === '' && line.serial === '' && line.field === '') continue;
    const unfit = (rule: Rule, found: string, expected?: string) =>
      refuse('corrections-unfit', {
        rule,
        found,
        ...(expected !== undefined && { expected }),
        where: { line: at },
      });
    if (!isWhole) return unfit('corrections-line', line.line);
    const row = inventory.rows.onLine(Number(line.line));
    if (row === undefined) return unfit('corrections-line', line.line);
    const current = checkedRow(inventory, row);
    const serial = cellText(shownCell(current, current.cells.enb_serial));
    if (line.serial !== serial) return unfit('corrections-serial', line.serial, serial);
    if (line.field === '' || line.value === writtenValue(shownValue(current, line.field))) continue;
    const column = openColumn(line.field);
    if (!column) return unfit('corrections-field', line.field);
    const cells = corrections.get(row) ?? {};
    if (column in cells) return unfit('corrections-once', line.field);
    corrections.set(row, { ...cells, [column]: unmarked(line.value) });
  }
  return ok(corrections);
}

/** A row with what is wrong with it alone. */
function checkedRow({ rows }: Inventory, row: number): InventoryRow {
  const [found] = rows.between(row, row);
  if (!found) throw new Error('The inventory has this row');
  return found;
}

/**
 * What the next corrections begin with: the problems that are left, after the cells that were corrected. So nothing of the
 * user's work is lost where they are written over the file that was read. A row has the serial number of the inventory,
 * also where that was corrected.
 */
export function withCorrections(inventory: Inventory, problems: readonly Problem[]): readonly Problem[] {
  const { corrections: _, ...data } = inventory.data;
  const original = inventoryOf(data);
  const nameOf = (row: number): Pick<Problem, 'row' | 'line' | 'siteId' | 'serialNumber'> => {
    const { line, cells, ...rest } = checkedRow(original, row);
    const shown = (text: string) => shownCell({ line, cells, ...rest }, text);
    return { row, line, siteId: shown(cells.site_id), serialNumber: shown(cells.enb_serial) };
  };
  const left = new Set(problems.map(({ row, fault }) => `${row} ${fault?.where?.field}`));
  const corrected = [...inventory.rows.corrections].flatMap(([row, cells]) =>
    Object.entries(cells)
      .filter(([field]) => !left.has(`${row} ${field}`))
      .map(([field, value]) => ({ ...nameOf(row), field, value })),
  );
  return [...corrected, ...problems.map((one) => ({ ...one, ...nameOf(one.row) }))];
}

/** A value without the apostrophe that keeps a spreadsheet from reading it as a formula. */
function unmarked(value: string): string {
  const plain = value.slice(1);
  return cellText(plain) === value ? plain : value;
}

/** The column of this name, unless what it holds is secret. */
function openColumn(name: string): keyof RowCells | undefined {
  const column = columnNamed(name);
  return column === undefined || isSecretColumn(column) ? undefined : (column as keyof RowCells);
}

/** The lines below the header, in which each separator is tried. Undefined without the header. */
function readLines(
  bytes: Buffer,
): readonly { readonly at: number; readonly isWhole: boolean; readonly line: Line }[] | undefined {
  for (const separator of separators) {
    const [header, ...rows] = readCsv(bytes, separator.charCodeAt(0));
    const names = (header?.cells ?? []).map((cell) =>
      cell
        .toString()
        .replace(/^\ufeff/, '')
        .trim()
        .toLowerCase(),
    );
    if (!header?.isWellFormed || !needed.every((name) => names.includes(name))) continue;
    return rows.map(({ line: at, cells, isWellFormed }) => {
      const cell = (name: string) => cells[names.indexOf(name)]?.toString() ?? '';
      return {
        at,
        isWhole: isWellFormed && cells.length === names.length,
        line: { line: cell('line'), serial: cell('serial'), field: cell('field'), value: cell('value') },
      };
    });
  }
  return undefined;
}
