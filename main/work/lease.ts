import type { Result } from '../faults/index.ts';
import { storeFault, type Store } from '../store/index.ts';

/** Takes the lease on a piece of work, or refuses with who has it. */
export type TakeLease = (store: Store, work: string) => Result<void>;

/**
 * Does a piece of work that no two may do at once, in this process or another. A store that cannot be used any more
 * ends it with `store-unusable`.
 */
export async function underLease<Value>(
  store: Store,
  takeLease: TakeLease,
  work: string,
  run: () => Promise<Result<Value>>,
): Promise<Result<Value>> {
  try {
    const lease = takeLease(store, work);
    if (!lease.ok) return lease;
  } catch (error) {
    return storeFault(error);
  }
  try {
    return await run();
  } catch (error) {
    return storeFault(error);
  } finally {
    giveBack(store, work);
  }
}

/** Gives a lease back. One that the store cannot give up, as its disk is full, ends with this process. */
export function giveBack(store: Store, work: string): void {
  try {
    store.leases.release(work);
  } catch (error) {
    storeFault(error);
  }
}
