/** The timers and the uptime of an eNB, which only pass when a test says so. */
export class ManualTime {
  #now = 0;
  readonly #timers = new Set<{ readonly at: number; readonly work: () => void }>();

  readonly uptime = (): number => this.#now;

  readonly later = (milliseconds: number, work: () => void): (() => void) => {
    const timer = { at: this.#now + milliseconds, work };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Milliseconds until the next timer; undefined without one. */
  get next(): number | undefined {
    const times = [...this.#timers].map(({ at }) => at - this.#now);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** Lets this time pass, and runs the timers in their order. `settle` waits for what a timer has started. */
  async pass(milliseconds: number, settle: () => Promise<unknown>): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      const [next] = [...this.#timers].toSorted((a, b) => a.at - b.at);
      if (!next || next.at > end) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.work();
      await settle();
    }
    this.#now = end;
  }
}
