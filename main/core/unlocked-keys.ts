import type { UnlockedVendor } from '../office/index.ts';
import type { Surroundings } from './surroundings.ts';

/** Milliseconds without use after which a key locks itself. */
export const lockAfter = 15 * 60_000;

/** A key that is unlocked, and when it locks itself unless it is used before. */
export interface UnlockedKey {
  readonly vendor: UnlockedVendor;
  readonly until: Date;
}

/**
 * Configuration keys that are unlocked: until they are locked, until they were not used for a while, or as long as this
 * core lives. Work that has taken a key keeps it to its own end.
 */
export class UnlockedKeys {
  readonly #keys = new Map<string, Map<string, UnlockedKey & { readonly stop: () => void }>>();
  readonly #surroundings: Pick<Surroundings, 'now' | 'later'>;
  readonly #onChanged: () => void;

  /** @param onChanged a key was unlocked or locked, or locks itself at another time */
  constructor(surroundings: Pick<Surroundings, 'now' | 'later'>, onChanged: () => void) {
    this.#surroundings = surroundings;
    this.#onChanged = onChanged;
  }

  /** A key as it is; looking at it is no use. */
  look(operatorId: string, vendor: string): UnlockedKey | undefined {
    const key = this.#keys.get(operatorId)?.get(vendor);
    // A computer that slept has not counted the time, but has gone on with its clock.
    return key && key.until > this.#surroundings.now() ? key : undefined;
  }

  /** A key to work with, which stays unlocked for a while from now. */
  use(operatorId: string, vendor: string): UnlockedVendor | undefined {
    const key = this.look(operatorId, vendor);
    if (key) this.put(operatorId, key.vendor);
    return key?.vendor;
  }

  /** Keeps an unlocked key for a while from now, in the place of an earlier one of the same vendor. */
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
