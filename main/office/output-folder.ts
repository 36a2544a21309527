import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { ok, refuse, type Result } from '../faults/index.ts';
import { errorCode, makeFolder, readFile, writeFileAtomically } from '../files/index.ts';
import { fields, readDocument } from '../json/index.ts';
import { BundleFiles } from './bundle-files.ts';

const runFile = 'run.json';
const bundlesFolder = 'bundles';
/** The name of the report in the output folder. */
export const reportFile = 'report.csv';

const runFormat = 'siteseal-run/1';
const fileMark = z.strictObject({ size: z.int(), modifiedAt: z.number() });
const runSchema = z.strictObject({ format: fields.text, inventory: fileMark, profile: fileMark });

/** What a run is made of. No digest of the inventory: its secrets could be guessed against it. */
export type RunMark = z.infer<typeof runSchema>;

/** The mark of a run of these files as they are now. */
export function runMark(inventory: string, profile: string): RunMark {
  return { format: runFormat, inventory: markOf(inventory), profile: markOf(profile) };
}

function markOf(file: string): RunMark['inventory'] {
  try {
    const { size, mtimeMs } = statSync(file);
    return { size, modifiedAt: mtimeMs };
  } catch {
    return { size: 0, modifiedAt: 0 }; // reading it will say why
  }
}

/** Notes in the folder whose bundles it is to hold. */
export function writeMark(out: string, mark: RunMark): Result<void, 'output-unwritable'> {
  return writeOutput(join(out, runFile), Buffer.from(JSON.stringify(mark)));
}

/**
 * Writes a file for the user, whole or not at all, and makes the folders that lead to it.
 * @param mode for whom it is; for everyone otherwise
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

/** How many bundles lie in an output folder; none where it cannot be looked into. */
export function countBundles(out: string): number {
  const names = bundleFiles(out).list();
  return names.ok ? names.value.size : 0;
}

/** Refuses a folder with bundles that are not those of this run. */
export function checkSameRun(out: string, mark: RunMark): Result<void, 'output-not-empty'> {
  const earlier = readFile(join(out, runFile), 65536);
  const parsed = earlier.ok ? readDocument(earlier.value, runFormat, runSchema) : earlier;
  const isSame = parsed.ok && JSON.stringify(parsed.value) === JSON.stringify(mark);
  return isSame ? ok(undefined) : refuse('output-not-empty', { rule: 'same-run', where: { file: out } });
}

/**
 * Judges a folder at the time of its choice: it can be written to, and it is empty but for hidden files, or holds what
 * this run has left in it. Keys and other people's files are no company for bundles that are handed over.
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
  const stranger = names.find((name) => !name.startsWith('.') && !own.includes(name));
  if (stranger !== undefined) return refuse('output-not-empty', { where: { file: out }, found: stranger });
  return countBundles(out) === 0 ? ok(undefined) : checkSameRun(out, runMark(inventory, profile));
}
