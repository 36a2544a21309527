/** The time at which validity is judged. */
export interface Clock {
  readonly now: Date;
  /**
   * False on a device without a clock. `now` is then the latest time it has seen from a trusted source, and the true
   * time may be later. What has ended by then has ended; whether something has started is unknown.
   */
  readonly isExact: boolean;
}

export function exactly(now: Date): Clock {
  return { now, isExact: true };
}

export function later(a: Date, b: Date): Date {
  return a > b ? a : b;
}

/** A time as documents and faults write it: RFC 3339, UTC, whole seconds. Drops fractions. */
export function toSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d+/, '');
}

/** Whether `now` is within the dates, which are inclusive (RFC 5280 section 4.1.2.5), as far as the clock can tell. */
export function isInForce(
  { notBefore, notAfter }: { readonly notBefore: Date; readonly notAfter: Date },
  { now, isExact }: Clock,
): boolean {
  return now <= notAfter && (!isExact || now >= notBefore);
}
