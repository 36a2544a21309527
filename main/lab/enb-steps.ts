import type { Receipt, StepName } from '../bundle/index.ts';
import type { StartRefusal } from '../device/index.ts';
import { fault, type Fault } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import { EnbCertificates, type StepDevice } from './enb-certificates.ts';
import { certificatesOf, type Enroller } from './enb-enrolment.ts';
import { EnbKeys } from './enb-keys.ts';
import { RenewalTimer, type RenewalTime } from './enb-renewal.ts';
import type { EnbStateFile } from './enb-state.ts';
import { StepRecords, type OwnStep } from './enb-step-records.ts';

/** What an eNB needs to make steps. */
export interface StepSurroundings extends RenewalTime {
  readonly enroller: Enroller;
}

/** What the eNB answers to the start of a step. `wait` is in milliseconds. */
export type StepStart =
  | { readonly kind: 'started' }
  | { readonly kind: 'refused'; readonly code: StartRefusal }
  | { readonly kind: 'too-soon'; readonly wait: number }
  /** This eNB does not make the step. */
  | { readonly kind: 'unable' };

/** The shortest time between two starts of the same step, in milliseconds. */
const minimumInterval = 30_000;
/** How long a renewal leaves an installer to start a step after a new bundle, in milliseconds. */
const afterBundle = 60_000;

const refused = (code: StartRefusal): StepStart => ({ kind: 'refused', code });

interface Running {
  readonly step: OwnStep;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/**
 * The steps of a reference eNB after it has accepted a bundle: enrolment, when it is started, and renewal, which starts
 * automatically in time. One step runs at a time, in the background. Everything that a step has reached is on disk, so a
 * step that was running when the eNB lost its power continues.
 *
 * A bundle with other content resets the steps. The operator certificate, and what the older bundle said about its
 * renewal, stay in use until the enrolment of the new bundle is done.
 */
export class EnbSteps {
  readonly #device: StepDevice;
  readonly #surroundings: StepSurroundings;
  readonly #state: EnbStateFile;
  readonly #records: StepRecords;
  readonly #certificates: EnbCertificates;
  readonly #renewal: RenewalTimer;
  readonly #startedAt = new Map<StepName, number>();
  readonly #listeners = new Set<() => void>();
  #running: Running | undefined;

  /** Continues the step that was running, and waits for the next renewal. */
  constructor(device: StepDevice, surroundings: StepSurroundings, state: EnbStateFile) {
    this.#device = device;
    this.#surroundings = surroundings;
    this.#state = state;
    const records = new StepRecords(state, device.clock, () => this.#tell());
    this.#records = records;
    const keys = new EnbKeys(device.folder);
    this.#certificates = new EnbCertificates(device, surroundings.enroller, state, records, keys);
    this.#renewal = new RenewalTimer(state, device.clock, surroundings, () => this.#startRenewal());
    this.#certificates.dropKeys();
    const running = (['enrolment', 'renewal'] as const).find((step) => records.of(step)?.state === 'running');
    if (running) this.#run(running, new AbortController());
    this.#renewal.arm();
  }

  /** All steps in order, as the interface and receipts report them. */
  list(): Receipt['steps'] {
    return this.#records.list(this.#running?.step);
  }

  /** Whether a step is running now. */
  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Starts a step in the background. Throws the system's error if the state cannot be stored. */
  start(step: StepName): StepStart {
    const { accepted } = this.#records;
    if (!accepted) return refused('not-provisioned');
    if (this.#running) return refused('step-running');
    if (step === 'initial-ipsec' || step === 'backhaul-ipsec') return { kind: 'unable' };
    const isEnrolled = this.#state.get().operator?.content === accepted.content;
    if (step === 'renewal' && !this.#device.isTraining) return refused('renewal-by-enb');
    if (step === 'renewal' && !isEnrolled) return refused('not-enrolled');
    // There is no tunnel yet through which a request could go.
    if (step === 'enrolment' && accepted.configuration.initialIpsec.required)
      return refused('ra-outside-tunnel');
    const now = this.#surroundings.uptime();
    const wait = (this.#startedAt.get(step) ?? -Infinity) + minimumInterval - now;
    if (wait > 0) return { kind: 'too-soon', wait };
    // What is done stays done, unless its certificate has ended.
    if (step === 'renewal' || !isEnrolled || this.#hasEnded()) this.#begin(step);
    this.#startedAt.set(step, now);
    return { kind: 'started' };
  }

  /** Ends the steps of the older bundle. Called once a bundle with other content is stored. */
  reset(): void {
    this.#running?.stop.abort();
    this.#running = undefined;
    this.#startedAt.clear();
    this.#tell();
    this.#renewal.arm(afterBundle);
  }

  /** Calls back whenever a step changes; the returned function ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stops without an end to the running step: the next start continues it. */
  async close(): Promise<void> {
    const running = this.#running;
    running?.stop.abort();
    await running?.ended;
    this.#renewal.close();
  }

  #startRenewal(): boolean {
    if (this.#running) return false;
    this.#begin('renewal');
    return true;
  }

  #begin(step: OwnStep): void {
    const stop = new AbortController();
    this.#running = { step, stop, ended: Promise.resolve() };
    try {
      this.#records.reach(step, 'key');
    } catch (error) {
      this.#running = undefined;
      throw error;
    }
    this.#run(step, stop);
  }

  #run(step: OwnStep, stop: AbortController): void {
    const { signal } = stop;
    const work = step === 'enrolment' ? this.#certificates.enrol(signal) : this.#certificates.renew(signal);
    const ended = work
      .then(
        (result) => (result.ok ? undefined : result.fault),
        (error: unknown) => causeOf(error),
      )
      .then((problem) => {
        if (!signal.aborted) this.#end(step, problem);
      });
    this.#running = { step, stop, ended };
  }

  #end(step: OwnStep, problem: Fault | undefined): void {
    this.#running = undefined;
    try {
      if (problem) this.#fail(step, problem);
      this.#certificates.dropKeys();
    } catch {
      // The disk is full or gone. The records list a step that is not running any more as failed.
    }
    this.#tell();
    this.#renewal.armAfter(problem !== undefined && step === 'renewal');
  }

  #fail(step: OwnStep, problem: Fault): void {
    const { operator } = this.#state.get();
    const failures = (operator?.failures ?? 0) + 1;
    const isRenewal = step === 'renewal' && operator;
    this.#records.end(step, problem, isRenewal ? { operator: { ...operator, failures } } : {});
  }

  /** Whether the operator certificate has ended. */
  #hasEnded(): boolean {
    const [certificate] = certificatesOf([this.#state.get().operator?.certificate ?? '']);
    return !certificate || certificate.notAfter < this.#device.clock().now;
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Why a step threw: the disk is full or gone, or it is a bug. */
function causeOf(error: unknown): Fault {
  const found = errorCode(error);
  return found === 'unknown' ? fault('internal-error') : fault('store-unusable', { found });
}
