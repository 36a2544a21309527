/** Milliseconds of the past that the rate is taken over. */
const span = 5_000;
/** Milliseconds that have to be known before there is a rate at all. */
const least = 1_000;

/** How fast something goes, over the last seconds: what it did before they began says nothing of when it ends. */
export class RateMeter {
  #seen: { readonly at: number; readonly done: number }[] = [];

  /** @param at milliseconds of a clock that only goes forwards */
  note(at: number, done: number): void {
    // The last one from before the span stays, so that there is a rate when news is rare.
    const old = this.#seen.findLastIndex((one) => one.at <= at - span);
    this.#seen = [...this.#seen.slice(Math.max(0, old)), { at, done }];
  }

  /** A second; undefined as long as it is not known. */
  perSecond(): number | undefined {
    const [first, last] = [this.#seen[0], this.#seen.at(-1)];
    if (!first || !last || last.at - first.at < least) return undefined;
    return (1000 * (last.done - first.done)) / (last.at - first.at);
  }
}
