/** The rate covers this many past milliseconds. */
const span = 5_000;
/** No rate is known before this many milliseconds have passed. */
const minimumSpan = 1_000;

/** Measures speed over the last seconds. Earlier progress does not predict when the work ends. */
export class RateMeter {
  #seen: { readonly at: number; readonly done: number }[] = [];

  /** @param at milliseconds of a clock that never goes back */
  note(at: number, done: number): void {
    // Keeps the last entry before the span, so that there is a rate even if reports are rare.
    const old = this.#seen.findLastIndex((one) => one.at <= at - span);
    this.#seen = [...this.#seen.slice(Math.max(0, old)), { at, done }];
  }

  /** Per second; undefined while unknown. */
  perSecond(): number | undefined {
    const [first, last] = [this.#seen[0], this.#seen.at(-1)];
    if (!first || !last || last.at - first.at < minimumSpan) return undefined;
    return (1000 * (last.done - first.done)) / (last.at - first.at);
  }
}
