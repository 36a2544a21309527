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
/** The file name of the changes in the output folder. */
export const changesFile = 'changes.csv';
/** The file name of the problems in the output folder. */
export const problemsFile = 'problems.csv';

/** Whether a file of the output folder is a registration, by its name. */
export function isRegistration(name: string): boolean {
  return /^registration(-[0-9a-f]{8})?\.p7m$/.test(name);
}

const runFormat = 'siteseal-run/2';
const runSchema = z.strictObject({ format: fields.text, batch: fields.text });

/** The files of a run as they are now. */
export function marksOf(inventory: string, profile: string, corrections?: string): Omit<BatchRecord, 'id'> {
  return {
    inventory: markOf(inventory),
    profile: markOf(profile),
    corrections: corrections === undefined ? undefined : markOf(corrections),
  };
}

function markOf(file: string): FileMark {
  try {
    const { size, mtimeMs } = statSync(file);
    return { file, size, modifiedAt: mtimeMs };
  } catch {
    return { file, size: 0, modifiedAt: 0 }; // reading the file reports the error
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

/** The names of the registrations in an output folder, in order; none if the folder is unreadable. */
export function registrationsIn(out: string): readonly string[] {
  try {
    return readdirSync(out).filter(isRegistration).sort();
  } catch {
    return [];
  }
}

/** How many bundles an output folder holds; 0 if the folder is unreadable. */
export function countBundles(out: string): number {
  const names = bundleFiles(out).list();
  return names.ok ? names.value.size : 0;
}

/**
 * The batch that an output folder belongs to. Undefined for a folder without bundles that belongs to none.
 *
 * Refuses a folder with bundles from another inventory or profile, or another store, with `output-not-empty`, and with
 * `inventory-changed` if the file has changed since they were made.
 * @param marks of the run's files
 * @param bundles how many there are in the folder
 */
export function findBatch(
  batches: Pick<Store['batches'], 'get'>,
  out: string,
  marks: Omit<BatchRecord, 'id'>,
  bundles: number,
): Result<BatchRecord | undefined, 'output-not-empty' | 'inventory-changed'> {
  const earlier = readFile(join(out, runFile), 65536);
  const parsed = earlier.ok ? readDocument(earlier.value, runFormat, runSchema) : earlier;
  const batch = parsed.ok ? batches.get(parsed.value.batch) : undefined;
  const names = ['inventory', 'profile', 'corrections'] as const;
  const other = batch && names.find((name) => !isSame(batch[name], marks[name]));
  if (batch && !other) return ok(batch);
  if (bundles === 0) return ok(undefined);
  const [before, now] = other ? [batch[other], marks[other]] : [];
  return now && before?.file === now.file
    ? refuse('inventory-changed', { where: { file: now.file } })
    : refuse('output-not-empty', { rule: 'same-run', where: { file: out } });
}

/** Whether it is the same file, wherever it is now. */
function isSame(one: FileMark | undefined, other: FileMark | undefined): boolean {
  return one?.size === other?.size && one?.modifiedAt === other?.modifiedAt;
}

/**
 * Checks an output folder when the user chooses it. It must be writable, and empty apart from hidden files and the
 * results of this same run. The user hands this folder over, so it must not hold keys or unrelated files.
 */
export function checkOutputFolder(
  batches: Pick<Store['batches'], 'get'>,
  out: string,
  inventory: string,
  profile: string,
): Result<void, 'output-not-empty' | 'output-unwritable' | 'inventory-changed'> {
  let names: readonly string[];
  try {
    accessSync(out, constants.W_OK);
    names = readdirSync(out);
  } catch (error) {
    return refuse('output-unwritable', { where: { file: out }, found: errorCode(error) });
  }
  const own = [bundlesFolder, reportFile, problemsFile, changesFile, runFile];
  const foreign = names.find((name) => !name.startsWith('.') && !own.includes(name) && !isRegistration(name));
  if (foreign !== undefined) return refuse('output-not-empty', { where: { file: out }, found: foreign });
  const batch = findBatch(batches, out, marksOf(inventory, profile), countBundles(out));
  return batch.ok ? ok(undefined) : batch;
}
