import type { Result } from '../faults/index.ts';
import { builtFile, readBuilt, saveCopy, type SavedCopy } from './built-file.ts';

/** The stand-alone verifier of logs, as the build makes it. The window has it; the command line builds it first. */
const page = builtFile('verifier', 'siteseal-log-verifier.html');

/** Copies the stand-alone verifier of logs to a file, which is replaced. */
export function saveLogVerifier(file: string): Result<SavedCopy> {
  const bytes = readBuilt(page);
  return bytes.ok ? saveCopy(file, bytes.value) : bytes;
}
