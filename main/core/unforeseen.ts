import { refuse, type Refused } from '../faults/index.ts';
import { storeFault } from '../store/index.ts';
import { DataFolderMissing } from './surroundings.ts';

/**
 * The refusal for an exception: what the surroundings lack, that the store cannot be used, or that the program is at
 * fault. Where it was thrown then stands on standard error unless `isQuiet`; not its message, in which a secret could
 * stand.
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
    const name = error instanceof Error ? error.name : typeof error;
    const frames =
      error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^ +at /.test(line)) : [];
    if (!isQuiet) process.stderr.write([name, ...frames, ''].join('\n'));
    return refuse('internal-error', { found: name });
  }
}

/** A relative path can be made absolute only in a folder that is there. */
function isCurrentFolderGone(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'uv_cwd';
}
