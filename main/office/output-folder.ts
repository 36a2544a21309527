import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { ok, refuse, type Result } from '../faults/index.ts';
import { errorCode, makeFolder, readFile, writeFileAtomically } from '../files/index.ts';
import { fields, readDocument } from '../json/index.ts';
import { BundleFiles } from './bundle-files.ts';

const runFile = 'run.json';
const bundlesFolder = 'bundles';
/** The report's file name in the output folder. */
export const reportFile = 'report.csv';

const runFormat = 'siteseal-run/1';
const fileMark = z.strictObject({ size: z.int(), modifiedAt: z.number() });
const runSchema = z.strictObject({ format: fields.text, inventory: fileMark, profile: fileMark });

/** Identifies the input files of a run. Holds no digest of the inventory, which would help to guess its secrets. */
export type RunMark = z.infer<typeof runSchema>;

/** The mark of a run that reads these files in their current state. */
export function runMark(inventory: string, profile: string): RunMark {
  return { format: runFormat, inventory: markOf(inventory), profile: markOf(profile) };
}

function markOf(file: string): RunMark['inventory'] {
  try {
    const { size, mtimeMs } = statSync(file);
    return { size, modifiedAt: mtimeMs };
  } catch {
    return { size: 0, modifiedAt: 0 }; // reading the file reports the error
  }
}

/** Records in the output folder which run its bundles belong to. */
export function writeMark(out: string, mark: RunMark): Result<void, 'output-unwritable'> {
  return writeOutput(join(out, runFile), Buffer.from(JSON.stringify(mark)));
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

/** Refuses an output folder whose mark is missing, unreadable or from another run. */
export function checkSameRun(out: string, mark: RunMark): Result<void, 'output-not-empty'> {
  const earlier = readFile(join(out, runFile), 65536);
  const parsed = earlier.ok ? readDocument(earlier.value, runFormat, runSchema) : earlier;
  const isSame = parsed.ok && JSON.stringify(parsed.value) === JSON.stringify(mark);
  return isSame ? ok(undefined) : refuse('output-not-empty', { rule: 'same-run', where: { file: out } });
}

/**
 * Checks an output folder when the user chooses it. It must be writable, and empty apart from hidden files and the
 * results of this same run. The user hands this folder over, so it must not hold keys or unrelated files.
 */
export function checkOutputFolder(
  out: string,
  inventory: string,
  profile: string,
): Result<void, 'output-not-empty' | 'output-unwritable'> {
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
  return countBundles(out) === 0 ? ok(undefined) : checkSameRun(out, runMark(inventory, profile));
}
