import type { UnlockedVendor } from '../office/index.ts';
import { storeFault } from '../store/index.ts';
import { logLocked } from './prepare.ts';
import type { Stores } from './stores.ts';
import type { Surroundings } from './surroundings.ts';

/** How long an unused key stays unlocked, in milliseconds. */
export const lockAfter = 15 * 60_000;

/** An unlocked key, and when it locks unless it is used before. */
export interface UnlockedKey {
  readonly vendor: UnlockedVendor;
  readonly until: Date;
}

/** Whose key it is, and in which store the log says so. */
export interface HeldKeyOwner {
  /** The operator's name. */
  readonly operator: string;
  readonly training: boolean;
}

interface HeldKey extends UnlockedKey {
  readonly owner: HeldKeyOwner;
  readonly stop: () => void;
}

/**
 * The unlocked configuration keys. A key locks when asked, after some time without use, when the computer sleeps, or when
 * this core ends. Work that has taken a key asks again and again whether it is still unlocked, and stops where it is not.
 * Logs each key that locks.
 */
export class UnlockedKeys {
  readonly #keys = new Map<string, Map<string, HeldKey>>();
  readonly #surroundings: Pick<Surroundings, 'now' | 'later'>;
  readonly #stores: Pick<Stores, 'open'>;
  readonly #onChanged: () => void;

  /** @param onChanged a key was unlocked or locked, or its time to lock has changed */
  constructor(
    surroundings: Pick<Surroundings, 'now' | 'later'>,
    stores: Pick<Stores, 'open'>,
    onChanged: () => void,
  ) {
    this.#surroundings = surroundings;
    this.#stores = stores;
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
    if (!this.look(operatorId, vendor)) return undefined;
    const key = this.#keys.get(operatorId)?.get(vendor);
    if (key) this.put(operatorId, key.vendor, key.owner);
    return key?.vendor;
  }

  /** Keeps an unlocked key for a while. Replaces an earlier key of the same vendor. */
  put(operatorId: string, vendor: UnlockedVendor, owner: HeldKeyOwner): void {
    // Timers stand still while a computer sleeps, so a key that has locked may still be there.
    if (this.look(operatorId, vendor.name)) this.#forget(operatorId, vendor.name);
    else this.#lock(operatorId, vendor.name, 'unused');
    const { now, later } = this.#surroundings;
    const stop = later(lockAfter, () => {
      this.#lock(operatorId, vendor.name, 'unused');
      this.#onChanged();
    });
    const keys = this.#keys.get(operatorId) ?? new Map<string, never>();
    this.#keys.set(
      operatorId,
      keys.set(vendor.name, { vendor, until: new Date(now().getTime() + lockAfter), owner, stop }),
    );
    this.#onChanged();
  }

  /** Locks an operator's keys. */
  lock(operatorId: string): void {
    for (const vendor of this.#keys.get(operatorId)?.keys() ?? [])
      this.#lock(operatorId, vendor, this.look(operatorId, vendor) ? 'by-user' : 'unused');
    this.#onChanged();
  }

  /** Locks all keys: this core ends, or the computer sleeps. The stores must still be open. */
  lockAll(why: 'ended' | 'sleep'): void {
    for (const [operatorId, keys] of this.#keys)
      for (const vendor of keys.keys())
        this.#lock(operatorId, vendor, this.look(operatorId, vendor) ? why : 'unused');
    this.#onChanged();
  }

  /** Locks an operator's keys whose store is deleted, with its log. */
  drop(operatorId: string): void {
    for (const vendor of this.#keys.get(operatorId)?.keys() ?? []) this.#forget(operatorId, vendor);
    this.#onChanged();
  }

  #lock(operatorId: string, vendor: string, reason: Parameters<typeof logLocked>[2]): void {
    const key = this.#forget(operatorId, vendor);
    if (!key) return;
    const { operator, training } = key.owner;
    try {
      const opened = this.#stores.open(training);
      if (opened.ok) logLocked({ operator, log: opened.value.log }, key.vendor, reason);
    } catch (error) {
      storeFault(error); // The disk is full, or the store is locked. The key is locked all the same.
    }
  }

  #forget(operatorId: string, vendor: string): HeldKey | undefined {
    const keys = this.#keys.get(operatorId);
    const key = keys?.get(vendor);
    key?.stop();
    keys?.delete(vendor);
    return key;
  }
}
