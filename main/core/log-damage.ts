import type { OpenedStore } from '../audit/index.ts';
import { refuse, type Refused } from '../faults/index.ts';
import { storeFault } from '../store/index.ts';
import { parseCheckpoint, readEntry } from '../tlog/index.ts';

/**
 * The refusal for an exception in work that reads the whole log: the store is unusable, or the log is damaged. Throws any
 * other exception again, as that is a bug.
 */
export function logFault(
  opened: OpenedStore,
  error: unknown,
): Refused<'store-unusable' | 'store-locked' | 'log-malformed' | 'log-altered'> {
  try {
    return storeFault(error);
  } catch {
    const damage = damageOf(opened);
    if (damage) return damage;
    throw error;
  }
}

/** The first row of the log that cannot be what the program wrote. */
function damageOf({ store }: OpenedStore): Refused<'log-malformed' | 'log-altered'> | undefined {
  let next = 0;
  for (const { sequence, entry } of store.log.read(0, Number.MAX_SAFE_INTEGER)) {
    const read = readEntry(entry);
    if (typeof read === 'string') return refuse('log-malformed', { rule: read, where: { entry: sequence } });
    if (sequence !== next || read.sequence !== next) return refuse('log-altered', { where: { entry: next } });
    next++;
  }
  if (next < (store.log.head()?.size ?? 0)) return refuse('log-altered', { where: { entry: next } });
  const isKept = store.log.checkpoints().every(({ checkpoint }) => parseCheckpoint(checkpoint));
  return isKept ? undefined : refuse('log-malformed', { rule: 'log-checkpoint-form' });
}
