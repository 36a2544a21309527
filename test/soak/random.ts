/**
 * Pseudo-random choices, the same for the same seed and name. Every delivery has its own, whatever runs in parallel.
 */
export class Chance {
  #state: number;

  constructor(seed: number, name: string) {
    let state = seed >>> 0;
    for (const letter of name) state = Math.imul(state ^ letter.charCodeAt(0), 0x01000193) >>> 0;
    this.#state = state;
  }

  /** A whole number from 0 to `end` - 1 (mulberry32). */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % end;
  }

  /** True in `percent` of 100. */
  happens(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<Value>(values: readonly Value[]): Value {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new Error('There is nothing to pick');
    return value;
  }
}
