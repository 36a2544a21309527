import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { ok, type Result } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import { writeOutput } from '../office/index.ts';

/** The most bytes of a file that the build makes. */
const mostBytes = 16 * 1_048_576;

/** The place of a file that the build makes. */
export function builtFile(...names: readonly string[]): string {
  return join(import.meta.dirname, '..', '..', 'build', ...names);
}

/** A file that the build has made. */
export function readBuilt(file: string): ReturnType<typeof readFile> {
  return readFile(file, mostBytes);
}

/** A copy of a file that the build has made. */
export interface SavedCopy {
  readonly file: string;
  /** SHA-256 of the file, in hex, to compare copies. */
  readonly sha256: string;
}

/** Writes a copy to a file, which is replaced. */
export function saveCopy(file: string, bytes: Uint8Array): Result<SavedCopy> {
  const written = writeOutput(file, bytes);
  return written.ok ? ok({ file, sha256: createHash('sha256').update(bytes).digest('hex') }) : written;
}
