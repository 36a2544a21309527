/** How long a piece of work took, in seconds per item. */
export interface Timing {
  /** By the clock. */
  readonly elapsed: number;
  /** Processor time of this process: `elapsed` without waiting. */
  readonly processor: number;
  /** The part of `processor` outside the operating system. */
  readonly user: number;
}

/** Times work on a number of items. */
export async function time(items: number, work: () => unknown): Promise<Timing> {
  const before = process.cpuUsage();
  const start = performance.now();
  await work();
  const elapsed = (performance.now() - start) / 1e3;
  const { user, system } = process.cpuUsage(before);
  return { elapsed: elapsed / items, processor: (user + system) / 1e6 / items, user: user / 1e6 / items };
}

/** The median; for an even number of values, the upper of the two middle ones. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** A figure with this many decimal places. */
export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
