import type { Result } from '../faults/index.ts';
import type { Store } from '../store/index.ts';

/** Takes the lease on a piece of work, or refuses with who has it. */
export type TakeLease = (store: Store, work: string) => Result<void>;

/** Does a piece of work that no two may do at once, in this process or another. */
export async function underLease<Value>(
  store: Store,
  takeLease: TakeLease,
  work: string,
  run: () => Promise<Result<Value>>,
): Promise<Result<Value>> {
  const lease = takeLease(store, work);
  if (!lease.ok) return lease;
  try {
    return await run();
  } finally {
    store.releaseLease(work);
  }
}
