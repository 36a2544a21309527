import { placeOfBug, refuse, type Refused } from '../faults/index.ts';
import { storeFault } from '../store/index.ts';
import { DataFolderMissing } from './surroundings.ts';

/**
 * The refusal for an exception: the surroundings lack something, the store is unusable, or the program has a bug. For a
 * bug, writes the place of the throw to standard error unless `isQuiet`. Never writes the message, which could hold a
 * secret.
 */
export function unforeseen(error: unknown, isQuiet = false): Refused {
  if (error instanceof DataFolderMissing) {
    const found = error.found === undefined ? {} : { found: error.found };
    return refuse('data-folder-missing', { rule: 'home', ...found });
  }
  if (isCurrentFolderGone(error)) return refuse('current-folder-gone');
  try {
    return storeFault(error);
  } catch {
    const [name, ...frames] = placeOfBug(error);
    if (!isQuiet) process.stderr.write([name, ...frames, ''].join('\n'));
    return refuse('internal-error', { found: name });
  }
}

/** Resolving a relative path throws this error when the current folder was deleted. */
function isCurrentFolderGone(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'uv_cwd';
}
