import type { Clock } from '../pki/index.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

/** What decides when an eNB renews its certificate. Durations are in milliseconds. */
export interface RenewalFacts {
  readonly certificate: { readonly notBefore: Date; readonly notAfter: Date };
  /** Percent of the certificate's life. */
  readonly renewAt: number;
  readonly clock: Clock;
  /**
   * How long the eNB has been running with this certificate. With a clock, only since it has started.
   */
  readonly uptime: number;
  /** Whether the eNB has restarted with this certificate. Nobody knows how long it was off. */
  readonly hasRestarted: boolean;
  /** Whether the certificate comes from a renewal. */
  readonly isRenewed: boolean;
  /** How many renewals have failed in a row, and how long ago the last one did. */
  readonly failures: number;
  readonly sinceFailure: number;
}

/** The milliseconds until the next renewal starts; 0 or less if it is due. */
export function renewalDueIn(facts: RenewalFacts): number {
  const pause = facts.failures > 0 ? pauseAfter(facts.failures) - facts.sinceFailure : 0;
  return Math.max(pause, dueByLife(facts), earliest(facts));
}

/**
 * A certificate is not renewed right after it was issued, whatever its dates say. If it was renewed and is already due
 * again, the clocks of eNB and RA/CA differ, and another renewal does not help.
 */
function earliest(facts: RenewalFacts): number {
  const { hasRestarted, isRenewed, uptime } = facts;
  if (hasRestarted) return 0;
  const wasDue = dueByLife(facts) + uptime <= 0;
  return (isRenewed && wasDue ? day : minute) - uptime;
}

/** With a clock, at `renewAt`. Without one, after as much uptime, and after a restart, at most once a day. */
function dueByLife({ certificate, renewAt, clock, uptime, hasRestarted, isRenewed }: RenewalFacts): number {
  const start = certificate.notBefore.getTime();
  const age = ((certificate.notAfter.getTime() - start) * renewAt) / 100;
  if (clock.isExact) return start + age - clock.now.getTime();
  const due = hasRestarted ? Math.min(age, isRenewed ? day : 0) : age;
  return due - uptime;
}

/** How long to wait after this many failures in a row: a minute, then twice as long each time, at most a day. */
function pauseAfter(failures: number): number {
  return Math.min(minute * 2 ** (failures - 1), day);
}
