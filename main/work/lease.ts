import type { Result } from '../faults/index.ts';
import { storeFault, type Store } from '../store/index.ts';

/** Takes the lease on a piece of work, or refuses with its holder. */
export type TakeLease = (store: Store, work: string) => Result<void>;

/**
 * Does work that must not run twice at once, in this process or another. If the store becomes unusable, the work ends
 * with `store-unusable`.
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

/** Gives a lease back. If the store cannot release it, because its disk is full, it ends with this process. */
export function giveBack(store: Store, work: string): void {
  try {
    store.leases.release(work);
  } catch (error) {
    storeFault(error);
  }
}
