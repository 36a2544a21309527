import { refuse, type Refused } from '../faults/index.ts';
import { storeFault } from '../store/index.ts';

/**
 * What is told of an exception: that the store cannot be used, or that the program is at fault. Where it was thrown then
 * stands on standard error unless `isQuiet`, for whoever mends it; not its message, in which a secret could stand.
 */
export function unforeseen(error: unknown, isQuiet = false): Refused<'store-unusable' | 'internal-error'> {
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
