import type { UnlockedVendor } from '../office/index.ts';
import type { Surroundings } from './surroundings.ts';

/** How long an unused key stays unlocked, in milliseconds. */
export const lockAfter = 15 * 60_000;

/** An unlocked key, and when it locks unless it is used before. */
export interface UnlockedKey {
  readonly vendor: UnlockedVendor;
  readonly until: Date;
}

/**
 * The unlocked configuration keys. A key locks when asked, after some time without use, or when this core ends. Work
 * that has taken a key keeps it until the work finishes.
 */
export class UnlockedKeys {
  readonly #keys = new Map<string, Map<string, UnlockedKey & { readonly stop: () => void }>>();
  readonly #surroundings: Pick<Surroundings, 'now' | 'later'>;
  readonly #onChanged: () => void;

  /** @param onChanged a key was unlocked or locked, or its time to lock has changed */
  constructor(surroundings: Pick<Surroundings, 'now' | 'later'>, onChanged: () => void) {
    this.#surroundings = surroundings;
    this.#onChanged = onChanged;
  }

  /** The key as it is. Looking does not count as use. */
  look(operatorId: string, vendor: string): UnlockedKey | undefined {
    const key = this.#keys.get(operatorId)?.get(vendor);
    // Timers stand still while a computer sleeps, but its clock does not.
    return key && key.until > this.#surroundings.now() ? key : undefined;
  }

  /** The key, for work. This counts as use and postpones the lock. */
  use(operatorId: string, vendor: string): UnlockedVendor | undefined {
    const key = this.look(operatorId, vendor);
    if (key) this.put(operatorId, key.vendor);
    return key?.vendor;
  }

  /** Keeps an unlocked key for a while. Replaces an earlier key of the same vendor. */
  put(operatorId: string, vendor: UnlockedVendor): void {
    this.#forget(operatorId, vendor.name);
    const { now, later } = this.#surroundings;
    const stop = later(lockAfter, () => {
      this.#forget(operatorId, vendor.name);
      this.#onChanged();
    });
    const keys = this.#keys.get(operatorId) ?? new Map<string, never>();
    this.#keys.set(
      operatorId,
      keys.set(vendor.name, { vendor, until: new Date(now().getTime() + lockAfter), stop }),
    );
    this.#onChanged();
  }

  /** Locks an operator's keys. */
  lock(operatorId: string): void {
    for (const vendor of this.#keys.get(operatorId)?.keys() ?? []) this.#forget(operatorId, vendor);
    this.#onChanged();
  }

  #forget(operatorId: string, vendor: string): void {
    const keys = this.#keys.get(operatorId);
    keys?.get(vendor)?.stop();
    keys?.delete(vendor);
  }
}
