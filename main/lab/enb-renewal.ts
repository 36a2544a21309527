import { renewAt } from '../bundle/index.ts';
import type { Clock } from '../pki/index.ts';
import { certificatesOf } from './enb-enrolment.ts';
import type { EnbStateFile } from './enb-state.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

/** What decides when an eNB renews its certificate. Durations are in milliseconds. */
interface RenewalFacts {
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
function renewalDueIn(facts: RenewalFacts): number {
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

/** The longest timer, and how often an eNB without a clock stores its uptime, in milliseconds. */
const longestTimer = 15 * minute;

/** The timers and the uptime of an eNB. */
export interface RenewalTime {
  /** Runs the work after this many milliseconds, unless the returned function is called first. */
  readonly later: (milliseconds: number, work: () => void) => () => void;
  /** Milliseconds since any moment of this process. Never goes back. */
  readonly uptime: () => number;
}

/** Starts the renewal of an eNB's operator certificate in time. */
export class RenewalTimer {
  readonly #state: EnbStateFile;
  readonly #clock: () => Clock;
  readonly #time: RenewalTime;
  readonly #renew: () => boolean;
  #cancel: () => void = () => undefined;
  /** `uptime` when the stored uptime of the certificate was right. */
  #countedFrom: number;
  #failedAt: number;
  /** The certificate that this process has found on disk, and the one whose uptime it counts. */
  readonly #found: string | undefined;
  #counted: string | undefined;

  /** @param renew starts a renewal; false if something else runs. May throw if the state cannot be stored. */
  constructor(state: EnbStateFile, clock: () => Clock, time: RenewalTime, renew: () => boolean) {
    this.#state = state;
    this.#clock = clock;
    this.#time = time;
    this.#renew = renew;
    this.#countedFrom = this.#failedAt = time.uptime();
    this.#found = this.#counted = state.get().operator?.certificate;
  }

  /** Waits for the next renewal, for at least this many milliseconds. */
  arm(least = 0): void {
    this.#cancel();
    const due = this.#dueIn();
    if (due === undefined) return;
    const wait = Math.max(Math.min(due, longestTimer), least, 0);
    this.#cancel = this.#time.later(wait, () => this.#tick());
  }

  /** Waits again after a step has ended: after a failed renewal for longer each time. */
  armAfter(hasFailed: boolean): void {
    if (hasFailed) this.#failedAt = this.#time.uptime();
    this.arm(hasFailed ? minute : 0); // A full disk may not have counted the failure.
  }

  /** Stops waiting. */
  close(): void {
    this.#cancel();
    try {
      this.#keepUptime();
    } catch {
      // The state cannot be stored now. The uptime is only some minutes short.
    }
  }

  #tick(): void {
    try {
      this.#keepUptime();
      if ((this.#dueIn() ?? 1) > 0) this.arm();
      else if (!this.#renew()) this.arm(minute);
    } catch {
      this.arm(minute); // The state cannot be stored now.
    }
  }

  #dueIn(): number | undefined {
    const { operator } = this.#state.get();
    const [certificate] = operator ? certificatesOf([operator.certificate]) : [];
    if (!operator || !certificate) return undefined;
    const now = this.#time.uptime();
    if (operator.certificate !== this.#counted) {
      this.#counted = operator.certificate;
      this.#countedFrom = now;
    }
    return renewalDueIn({
      certificate,
      renewAt: renewAt(operator),
      clock: this.#clock(),
      uptime: operator.uptime * 1000 + now - this.#countedFrom,
      hasRestarted: operator.certificate === this.#found,
      isRenewed: operator.isRenewed,
      failures: operator.failures,
      sinceFailure: now - this.#failedAt,
    });
  }

  /** An eNB without a clock remembers how long it has been running with its certificate. */
  #keepUptime(): void {
    const state = this.#state.get();
    const seconds = Math.floor((this.#time.uptime() - this.#countedFrom) / 1000);
    if (!state.operator || this.#clock().isExact || seconds === 0) return;
    const uptime = state.operator.uptime + seconds;
    this.#state.set({ ...state, operator: { ...state.operator, uptime } });
    this.#countedFrom += seconds * 1000;
  }
}
