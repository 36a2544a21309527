import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { ok, type Result } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import { writeOutput } from '../office/index.ts';

/** The stand-alone verifier of logs, as the build makes it. The window has it; the command line builds it first. */
const builtFile = join(import.meta.dirname, '..', '..', 'build', 'verifier', 'siteseal-log-verifier.html');

/** The most bytes of it. */
const mostBytes = 16 * 1_048_576;

/** A copy of the verifier. */
export interface SavedVerifier {
  readonly file: string;
  /** SHA-256 of the file, in hex, to compare copies. */
  readonly sha256: string;
}

/** Copies the stand-alone verifier of logs to a file, which is replaced. */
export function saveLogVerifier(file: string): Result<SavedVerifier> {
  const page = readFile(builtFile, mostBytes);
  if (!page.ok) return page;
  const written = writeOutput(file, page.value);
  if (!written.ok) return written;
  return ok({ file, sha256: createHash('sha256').update(page.value).digest('hex') });
}
