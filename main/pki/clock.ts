/** The time by which validity is judged. */
export interface Clock {
  readonly now: Date;
  /**
   * False on a device without a clock: `now` is then the latest time that it has seen from a trusted source, and the
   * true time is that or later. What has ended by then has ended; of what has not yet begun nothing can be said.
   */
  readonly isExact: boolean;
}

/** A clock that is right. */
export function exactly(now: Date): Clock {
  return { now, isExact: true };
}

/** The later of two times. */
export function later(a: Date, b: Date): Date {
  return a > b ? a : b;
}

/** A time as documents and faults have it: RFC 3339, UTC, whole seconds; a fraction is cut off. */
export function toSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d+/, '');
}

/** Whether the time lies within the dates, which are inclusive (RFC 5280 section 4.1.2.5), as far as the clock can tell. */
export function isInForce(
  { notBefore, notAfter }: { readonly notBefore: Date; readonly notAfter: Date },
  { now, isExact }: Clock,
): boolean {
  return now <= notAfter && (!isExact || now >= notBefore);
}
