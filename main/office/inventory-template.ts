import { writeFileSync } from 'node:fs';
import { ok, refuse, type Result } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import { writeCsv } from '../words/index.ts';
import { columnEntries } from './inventory-columns.ts';

/** The columns of a new inventory, in their order. */
export const templateColumns: readonly string[] = columnEntries.map(([name]) => name);

/** An inventory to start from: every column, and one example row without credentials. */
export function inventoryTemplate(): string {
  return writeCsv([templateColumns, columnEntries.map(([, { example }]) => example)]);
}

/** Writes the template to a new file. Never overwrites one, which may be an inventory with credentials. */
export function writeInventoryTemplate(file: string): Result<void, 'output-unwritable'> {
  try {
    writeFileSync(file, inventoryTemplate(), { flag: 'wx' });
    return ok(undefined);
  } catch (error) {
    return refuse('output-unwritable', { where: { file }, found: errorCode(error) });
  }
}
