import type { UnlockedVendor } from '../../workflow/index.ts';

/** Configuration keys that are unlocked, for as long as this core lives or until they are locked. */
export class UnlockedKeys {
  readonly #keys = new Map<string, Map<string, UnlockedVendor>>();

  get(operatorId: string, vendor: string): UnlockedVendor | undefined {
    return this.#keys.get(operatorId)?.get(vendor);
  }

  put(operatorId: string, vendor: UnlockedVendor): void {
    const keys = this.#keys.get(operatorId) ?? new Map<string, UnlockedVendor>();
    keys.set(vendor.name, vendor);
    this.#keys.set(operatorId, keys);
  }

  lock(operatorId: string): void {
    this.#keys.delete(operatorId);
  }
}
