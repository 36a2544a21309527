import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { ok, refuse, type Result } from '../faults/index.ts';
import { errorCode, makeFolder, readFile, writeFileAtomically } from '../files/index.ts';
import { fields, readDocument } from '../json/index.ts';
import type { BatchRecord, FileMark, Store } from '../store/index.ts';
import { BundleFiles } from './bundle-files.ts';

const runFile = 'run.json';
/** The folder of the bundles in the output folder. */
export const bundlesFolder = 'bundles';
/** The report's file name in the output folder. */
export const reportFile = 'report.csv';

const runFormat = 'siteseal-run/2';
const runSchema = z.strictObject({ format: fields.text, batch: fields.text });

/** The files of a run as they are now. */
export function marksOf(inventory: string, profile: string): Omit<BatchRecord, 'id'> {
  return { inventory: markOf(inventory), profile: markOf(profile) };
}

function markOf(file: string): FileMark {
  try {
    const { size, mtimeMs } = statSync(file);
    return { size, modifiedAt: mtimeMs };
  } catch {
    return { size: 0, modifiedAt: 0 }; // reading the file reports the error
  }
}

/** Records in the output folder which batch its bundles belong to. */
export function writeBatch(out: string, batch: string): Result<void, 'output-unwritable'> {
  return writeOutput(join(out, runFile), Buffer.from(JSON.stringify({ format: runFormat, batch })));
}

/**
 * Writes a file for the user atomically, and creates its parent folders.
 * @param mode the file's permissions; readable by everyone if omitted
 */
export function writeOutput(
  path: string,
  bytes: Uint8Array,
  mode?: number,
): Result<void, 'output-unwritable'> {
  const folder = dirname(path);
  const made = attempt(folder, () => makeFolder(folder));
  return made.ok ? attempt(path, () => writeFileAtomically(path, bytes, mode)) : made;
}

function attempt(file: string, write: () => void): Result<void, 'output-unwritable'> {
  try {
    write();
    return ok(undefined);
  } catch (error) {
    return refuse('output-unwritable', { where: { file }, found: errorCode(error) });
  }
}

/** The bundles of an output folder. */
export function bundleFiles(out: string): BundleFiles {
  return new BundleFiles(join(out, bundlesFolder));
}

/** How many bundles an output folder holds; 0 if the folder is unreadable. */
export function countBundles(out: string): number {
  const names = bundleFiles(out).list();
  return names.ok ? names.value.size : 0;
}

/** The files of a run, by name. */
interface RunFiles {
  readonly out: string;
  readonly inventory: string;
  readonly profile: string;
}

/**
 * The batch that an output folder belongs to. Undefined for a folder without bundles that belongs to none.
 *
 * Refuses a folder with bundles: with `output-not-empty` if they are not from this store, and with `inventory-changed`
 * if the inventory or the profile is not what it was when they were made.
 * @param marks of the run's files
 */
export function findBatch(
  batches: Pick<Store['batches'], 'get'>,
  { out, ...files }: RunFiles,
  marks: Omit<BatchRecord, 'id'>,
  bundles: number,
): Result<BatchRecord | undefined, 'output-not-empty' | 'inventory-changed'> {
  const earlier = readFile(join(out, runFile), 65536);
  const parsed = earlier.ok ? readDocument(earlier.value, runFormat, runSchema) : earlier;
  const batch = parsed.ok ? batches.get(parsed.value.batch) : undefined;
  if (!batch)
    return bundles === 0
      ? ok(undefined)
      : refuse('output-not-empty', { rule: 'same-run', where: { file: out } });
  const changed = (['inventory', 'profile'] as const).find(
    (name) => JSON.stringify(batch[name]) !== JSON.stringify(marks[name]),
  );
  if (!changed) return ok(batch);
  return bundles === 0 ? ok(undefined) : refuse('inventory-changed', { where: { file: files[changed] } });
}

/**
 * Checks an output folder when the user chooses it. It must be writable, and empty apart from hidden files and the
 * results of this same run. The user hands this folder over, so it must not hold keys or unrelated files.
 */
export function checkOutputFolder(
  batches: Pick<Store['batches'], 'get'>,
  files: RunFiles,
): Result<void, 'output-not-empty' | 'output-unwritable' | 'inventory-changed'> {
  const { out, inventory, profile } = files;
  let names: readonly string[];
  try {
    accessSync(out, constants.W_OK);
    names = readdirSync(out);
  } catch (error) {
    return refuse('output-unwritable', { where: { file: out }, found: errorCode(error) });
  }
  const own = [bundlesFolder, reportFile, runFile];
  const foreign = names.find((name) => !name.startsWith('.') && !own.includes(name));
  if (foreign !== undefined) return refuse('output-not-empty', { where: { file: out }, found: foreign });
  const batch = findBatch(batches, files, marksOf(inventory, profile), countBundles(out));
  return batch.ok ? ok(undefined) : batch;
}
