import { stepEntry, stepNames, type Receipt, type StepName } from '../bundle/index.ts';
import type { StartRefusal } from '../device/index.ts';
import { fault, refuse, type Fault, type Result } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import { EnbCertificates } from './enb-certificates.ts';
import type { StepDevice } from './enb-device.ts';
import { certificatesOf, type Enroller } from './enb-enrolment.ts';
import { EnbKeys } from './enb-keys.ts';
import { RenewalTimer, type RenewalTime } from './enb-renewal.ts';
import type { EnbStateFile } from './enb-state.ts';
import { StepRecords, type AcceptedConfiguration } from './enb-step-records.ts';
import { EnbTunnels } from './enb-tunnels.ts';
import type { GatewayRole, Ipsec, TunnelPhase } from './ipsec.ts';

/** What an eNB needs to make steps. */
export interface StepSurroundings extends RenewalTime {
  readonly enroller: Enroller;
  /** Undefined if this eNB makes no tunnels. */
  readonly ipsec?: Ipsec | undefined;
}

/** What the eNB answers to the start of a step. `wait` is in milliseconds. */
export type StepStart =
  | { readonly kind: 'started' }
  | { readonly kind: 'refused'; readonly code: StartRefusal }
  | { readonly kind: 'too-soon'; readonly wait: number }
  /** This eNB does not make the step, or the bundle has no such step. */
  | { readonly kind: 'unable' };

/** The shortest time between two starts of the same step, in milliseconds. */
const minimumInterval = 30_000;
/** How long a renewal leaves an installer to start a step after a new bundle, in milliseconds. */
const afterBundle = 60_000;
/** How long an eNB without a clock is in service without its tunnel, in milliseconds. */
const longestOutage = 24 * 3600_000;

const refused = (code: StartRefusal): StepStart => ({ kind: 'refused', code });

interface Running {
  readonly step: StepName;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/**
 * The steps of a reference eNB after it has accepted a bundle: the first tunnel, enrolment and the tunnel of service, when
 * they are started, and renewal, which starts automatically in time. One step runs at a time, in the background.
 * Everything that a step has reached is on disk, so a step that was running when the eNB lost its power continues.
 *
 * A bundle with other content resets the steps. The operator certificate, and what the older bundle said about its
 * renewal, stay in use until the enrolment of the new bundle is done; the tunnel of service until its step 2 is done.
 */
export class EnbSteps {
  readonly #device: StepDevice;
  readonly #surroundings: StepSurroundings;
  readonly #state: EnbStateFile;
  readonly #records: StepRecords;
  readonly #certificates: EnbCertificates;
  readonly #tunnels: EnbTunnels | undefined;
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
    const { enroller, ipsec } = surroundings;
    this.#tunnels = ipsec && new EnbTunnels(device, ipsec, state, records, keys, surroundings);
    this.#certificates = new EnbCertificates(device, enroller, state, records, keys, this.#tunnels);
    this.#renewal = new RenewalTimer(state, device.clock, surroundings, () => this.#startRenewal());
    this.#certificates.dropKeys();
    const running = stepNames.find((step) => records.of(step)?.state === 'running');
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
    const obstacle = this.#obstacle(step, accepted);
    if (obstacle) return obstacle;
    const now = this.#surroundings.uptime();
    const wait = (this.#startedAt.get(step) ?? -Infinity) + minimumInterval - now;
    if (wait > 0) return { kind: 'too-soon', wait };
    if (!this.#isStillDone(step, accepted)) this.#begin(step);
    this.#startedAt.set(step, now);
    return { kind: 'started' };
  }

  /** What must hold before a step starts. */
  #obstacle(step: StepName, { content, configuration }: AcceptedConfiguration): StepStart | undefined {
    const { initialIpsec, securityGateways } = configuration;
    const isEnrolled = this.#state.get().operator?.content === content;
    const hasGateway = (wanted: GatewayRole) =>
      this.#tunnels !== undefined && securityGateways.some(({ role }) => role === wanted);
    if (step === 'renewal') {
      if (!this.#device.isTraining) return refused('renewal-by-enb');
      return isEnrolled ? undefined : refused('not-enrolled');
    }
    if (this.#isInService(content)) return refused('in-service');
    const { gateway } = stepEntry(step);
    if (gateway && !hasGateway(gateway)) return { kind: 'unable' };
    if (step === 'enrolment') {
      const hasTunnel = this.#tunnels && this.#records.of('initial-ipsec')?.state === 'done';
      return initialIpsec.required && !hasTunnel ? refused('ra-outside-tunnel') : undefined;
    }
    return step === 'backhaul-ipsec' && !isEnrolled ? refused('not-enrolled') : undefined;
  }

  /** Whether the start of a step changes nothing: what is done stays done while it is of use. */
  #isStillDone(step: StepName, { content }: AcceptedConfiguration): boolean {
    switch (step) {
      case 'initial-ipsec':
        return this.#records.of(step)?.state === 'done' && this.#tunnels?.openInitial !== undefined;
      case 'enrolment':
        return this.#state.get().operator?.content === content && !this.#hasEnded();
      default:
        return false;
    }
  }

  /**
   * From the end of step 2 until a bundle with other content is accepted, or the operator certificate has ended. Without a
   * clock, until the tunnel has been down for a day.
   */
  #isInService(content: string): boolean {
    if (this.#state.get().service?.content !== content || this.#hasEnded()) return false;
    return this.#device.clock().isExact || (this.#tunnels?.downFor() ?? 0) < longestOutage;
  }

  /** Ends the steps of the older bundle. Called once a bundle with other content is stored. */
  reset(): void {
    this.#running?.stop.abort();
    this.#running = undefined;
    this.#startedAt.clear();
    void this.#tunnels?.endInitial();
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
    // The step may wait for a tunnel that comes up.
    await Promise.all([this.#tunnels?.close(), running?.ended]);
    this.#renewal.close();
  }

  #startRenewal(): boolean {
    if (this.#running) return false;
    this.#begin('renewal');
    return true;
  }

  #begin(step: StepName): void {
    const stop = new AbortController();
    this.#running = { step, stop, ended: Promise.resolve() };
    try {
      const [first] = stepEntry(step).phases;
      this.#records.reach(step, first.name);
    } catch (error) {
      this.#running = undefined;
      throw error;
    }
    this.#run(step, stop);
  }

  #run(step: StepName, stop: AbortController): void {
    const { signal } = stop;
    const ended = this.#work(step, signal)
      .then(
        (result) => (result.ok ? undefined : result.fault),
        (error: unknown) => causeOf(error),
      )
      .then((problem) => {
        if (!signal.aborted) this.#end(step, problem);
      });
    this.#running = { step, stop, ended };
  }

  #work(step: StepName, signal: AbortSignal): Promise<Result<void>> {
    const tunnels = this.#tunnels;
    switch (step) {
      case 'initial-ipsec':
        return this.#withPhases(step, signal, (...how) => tunnels?.makeInitial(...how));
      case 'enrolment':
        return this.#certificates.enrol(signal);
      case 'backhaul-ipsec':
        return this.#withPhases(step, signal, (...how) => tunnels?.makeTraffic(...how));
      case 'renewal':
        return this.#certificates.renew(signal);
    }
  }

  /** Makes a tunnel, and stores its phases. Throws the system's error if one cannot be stored. */
  async #withPhases(
    step: StepName,
    signal: AbortSignal,
    make: (onPhase: (phase: TunnelPhase) => void, signal: AbortSignal) => Promise<Result<void>> | undefined,
  ): Promise<Result<void>> {
    const unstored = new AbortController();
    const onPhase = (phase: TunnelPhase) => {
      if (signal.aborted) return;
      try {
        this.#records.reach(step, phase);
      } catch (error) {
        unstored.abort(error);
      }
    };
    const made = await make(onPhase, AbortSignal.any([signal, unstored.signal]));
    unstored.signal.throwIfAborted();
    // An eNB that made tunnels was started again without IPsec.
    return made ?? refuse('ike-unavailable');
  }

  #end(step: StepName, problem: Fault | undefined): void {
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

  #fail(step: StepName, problem: Fault): void {
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
