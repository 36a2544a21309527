import type { KeyObject } from 'node:crypto';
import {
  Bundle,
  openCredential,
  renewAt,
  stepNames,
  type Configuration,
  type Receipt,
  type StepName,
} from '../bundle/index.ts';
import type { Credentials } from '../cmp/index.ts';
import type { StartRefusal } from '../device/index.ts';
import { fault, ok, type Fault, type Result } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import { signerWithKey } from '../keys/index.ts';
import { toSeconds, type Certificate, type Clock } from '../pki/index.ts';
import {
  certificatesOf,
  obtainCertificate,
  type EnrolmentOrder,
  type Enroller,
  type EnrolmentProgress,
  type ObtainedCertificate,
} from './enb-enrolment.ts';
import { EnbKeys } from './enb-keys.ts';
import { renewalDueIn } from './enb-renewal.ts';
import type { Attempt, EnbState, EnbStateFile, OperatorCredential, StepRecord } from './enb-state.ts';

/** What an eNB needs to make steps. */
export interface StepSurroundings {
  readonly enroller: Enroller;
  /** Runs the work after this many milliseconds, unless the returned function is called first. */
  readonly later: (milliseconds: number, work: () => void) => () => void;
  /** Milliseconds since any moment of this process. Never goes back. */
  readonly uptime: () => number;
}

/** What the factory has put into the eNB, and its clock. */
export interface StepDevice {
  readonly key: KeyObject;
  readonly certificate: Certificate;
  readonly chain: readonly Certificate[];
  readonly folder: string;
  readonly isTraining: boolean;
  readonly clock: () => Clock;
}

/** What the eNB answers to the start of a step. `wait` is in milliseconds. */
export type StepStart =
  | { readonly kind: 'started' }
  | { readonly kind: 'refused'; readonly code: StartRefusal }
  | { readonly kind: 'too-soon'; readonly wait: number }
  /** This eNB does not make the step. */
  | { readonly kind: 'unable' };

/** A step that this eNB makes. */
type OwnStep = 'enrolment' | 'renewal';

/** The shortest time between two starts of the same step, in milliseconds. */
const minimumInterval = 30_000;
/** How often an eNB without a clock stores its uptime, and the longest timer, in milliseconds. */
const longestTimer = 15 * 60_000;
/** A renewal leaves an installer at least this long to start a step, in milliseconds. */
const afterBundle = 60_000;

const refused = (code: StartRefusal): StepStart => ({ kind: 'refused', code });

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
  readonly #keys: EnbKeys;
  readonly #startedAt = new Map<StepName, number>();
  readonly #listeners = new Set<() => void>();
  #running: { readonly step: OwnStep; readonly stop: AbortController; ended: Promise<void> } | undefined;
  #cancelTimer: () => void = () => undefined;
  /** `uptime` when the stored uptime of the operator certificate was right. */
  #countedFrom: number;
  /** Whether the eNB has restarted with this operator certificate. */
  #hasRestarted: boolean;
  #failedAt: number;
  #isClosed = false;

  /** Continues the step that was running, and waits for the next renewal. */
  constructor(device: StepDevice, surroundings: StepSurroundings, state: EnbStateFile) {
    this.#device = device;
    this.#surroundings = surroundings;
    this.#state = state;
    this.#keys = new EnbKeys(device.folder);
    this.#countedFrom = this.#failedAt = surroundings.uptime();
    this.#hasRestarted = state.get().operator !== undefined;
    this.#dropKeys();
    const { enrolment, renewal } = this.#records();
    if (enrolment?.state === 'running') this.#begin('enrolment');
    else if (renewal?.state === 'running') this.#begin('renewal');
    this.#arm();
  }

  /** All steps in order, as the interface and receipts report them. */
  list(): Receipt['steps'] {
    return listSteps(this.#state.get(), this.#running?.step);
  }

  /** Starts a step in the background. Throws the system's error if the state cannot be stored. */
  start(step: StepName): StepStart {
    const accepted = acceptedOf(this.#state.get());
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
    this.#dropKeys();
    this.#tell();
    this.#arm(afterBundle);
  }

  /** Calls back whenever a step changes; the returned function ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stops, without an end to the running step: the next start continues it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer();
    const running = this.#running;
    running?.stop.abort();
    await running?.ended;
    this.#keepUptime();
  }

  /** Whether a step is running now. */
  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  #records(): Partial<Record<OwnStep, StepRecord | undefined>> {
    const state = this.#state.get();
    return recordsOf(state, acceptedOf(state)?.content);
  }

  #begin(step: OwnStep): void {
    const before = this.#records()[step];
    const { startedAt = this.#time() } = before?.state === 'running' ? before : {};
    const stop = new AbortController();
    this.#record(step, { state: 'running', phase: 'key', ...(startedAt !== undefined && { startedAt }) });
    const ended = this.#run(step, stop.signal).then(
      (problem) => this.#end(step, stop.signal, problem),
      (error: unknown) => this.#end(step, stop.signal, causeOf(error)),
    );
    this.#running = { step, stop, ended };
    this.#tell();
  }

  async #run(step: OwnStep, signal: AbortSignal): Promise<Fault | undefined> {
    const result = await (step === 'enrolment' ? this.#enrol(signal) : this.#renew(signal));
    return result.ok ? undefined : result.fault;
  }

  #end(step: OwnStep, { aborted }: AbortSignal, problem: Fault | undefined): void {
    if (aborted) return;
    this.#running = undefined;
    if (problem && step === 'renewal') this.#failedAt = this.#surroundings.uptime();
    try {
      if (problem) this.#fail(step, problem);
      this.#dropKeys();
    } catch {
      // The disk is full or gone. `list` reports a step that is not running any more as failed.
    }
    this.#tell();
    this.#arm();
  }

  #fail(step: OwnStep, problem: Fault): void {
    const state = this.#state.get();
    const { startedAt, phase } = this.#records()[step] ?? {};
    const record: StepRecord = {
      state: 'failed',
      ...(phase !== undefined && { phase }),
      ...this.#times(startedAt),
      fault: reportOf(problem),
    };
    const { operator } = state;
    const isRenewal = step === 'renewal' && operator;
    this.#record(
      step,
      record,
      isRenewal ? { operator: { ...operator, failures: operator.failures + 1 } } : {},
    );
  }

  async #enrol(signal: AbortSignal): Promise<Result<void>> {
    const accepted = acceptedOf(this.#state.get());
    if (!accepted) return ok(undefined);
    const { content, configuration } = accepted;
    const { enrolment, operatorRootCertificates: roots } = configuration;
    const credentials = this.#firstCredentials(configuration);
    if (!credentials.ok) return credentials;
    try {
      const { operator, steps } = this.#state.get();
      // A certificate that has ended is asked for again with its key, to which the RA/CA has bound the credential.
      const ended = operator?.content === content ? { key: operator.key } : undefined;
      const obtained = await this.#obtain(
        { kind: 'ir', enrolment, roots: certificatesOf(roots), credentials: credentials.value },
        {
          attempt: (steps?.content === content ? steps.attempt : undefined) ?? ended,
          save: (phase, attempt) => this.#save('enrolment', signal, phase, { attempt }),
        },
        signal,
      );
      if (!obtained.ok || signal.aborted) return obtained.ok ? ok(undefined) : obtained;
      this.#finish('enrolment', obtained.value, { content, enrolment, roots, isRenewed: false });
      return ok(undefined);
    } finally {
      if (credentials.value.kind === 'mac') credentials.value.secret.fill(0);
    }
  }

  async #renew(signal: AbortSignal): Promise<Result<void>> {
    const { operator } = this.#state.get();
    if (!operator) return ok(undefined);
    const { content, enrolment, roots } = operator;
    const key = this.#keys.read(operator.key);
    if (!key.ok) return key;
    const signer = signerWithKey(key.value, certificatesOf([operator.certificate, ...operator.chain]));
    if (!signer.ok) return signer;
    const obtained = await this.#obtain(
      {
        kind: 'kur',
        enrolment,
        roots: certificatesOf(roots),
        credentials: { kind: 'signature', signer: signer.value },
      },
      {
        attempt: operator.attempt,
        save: (phase, attempt) =>
          this.#save('renewal', signal, phase, {
            operator: { ...(this.#state.get().operator ?? operator), attempt },
          }),
      },
      signal,
    );
    if (!obtained.ok || signal.aborted) return obtained.ok ? ok(undefined) : obtained;
    this.#finish('renewal', obtained.value, { content, enrolment, roots, isRenewed: true });
    return ok(undefined);
  }

  #obtain(
    terms: Omit<EnrolmentOrder, 'key' | 'clock'>,
    progress: EnrolmentProgress,
    signal: AbortSignal,
  ): Promise<Result<ObtainedCertificate>> {
    const tools = {
      keys: this.#keys,
      keyLike: this.#device.certificate.publicKey,
      enroller: this.#surroundings.enroller,
    };
    const { clock } = this.#device;
    return obtainCertificate({ ...terms, clock }, tools, progress, signal);
  }

  /** What protects the first request: the credential of the sealed part, or the vendor certificate. */
  #firstCredentials(configuration: Configuration): Result<Credentials> {
    const { key, certificate, chain } = this.#device;
    if (configuration.enrolment.protection === 'mac') {
      const opened = openCredential(configuration, { key, certificate });
      return opened.ok ? ok({ kind: 'mac', ...opened.value }) : opened;
    }
    const signer = signerWithKey(key, [certificate, ...chain]);
    return signer.ok ? ok({ kind: 'signature', signer: signer.value }) : signer;
  }

  #save(step: OwnStep, signal: AbortSignal, phase: string, changes: Changes): void {
    signal.throwIfAborted();
    const { startedAt } = this.#records()[step] ?? {};
    this.#record(step, { state: 'running', phase, ...(startedAt !== undefined && { startedAt }) }, changes);
    this.#tell();
  }

  /** The certificate is confirmed: it takes the place of the older one in the same write. */
  #finish(
    step: OwnStep,
    { key, issued: { certificate, chain } }: ObtainedCertificate,
    terms: Pick<OperatorCredential, 'content' | 'enrolment' | 'roots' | 'isRenewed'>,
  ): void {
    const operator: OperatorCredential = { key, certificate, chain, ...terms, uptime: 0, failures: 0 };
    this.#countedFrom = this.#surroundings.uptime();
    this.#hasRestarted = false;
    const { startedAt } = this.#records()[step] ?? {};
    this.#record(
      step,
      { state: 'done', ...this.#times(startedAt) },
      { operator, ...(step === 'enrolment' && { attempt: undefined }) },
    );
  }

  /** Stores the record of a step, together with these changes. */
  #record(step: OwnStep, record: StepRecord, { operator, ...changes }: Changes = {}): void {
    const state = this.#state.get();
    const content = acceptedOf(state)?.content;
    if (content === undefined) return;
    const { attempt, ...steps } = state.steps?.content === content ? state.steps : { content };
    const kept = 'attempt' in changes ? changes.attempt : attempt;
    this.#state.set({
      ...state,
      steps: { ...steps, [step]: record, ...(kept && { attempt: kept }) },
      ...(operator && { operator }),
    });
  }

  /** Times, if the eNB has a clock. */
  #times(startedAt: string | undefined): Pick<StepRecord, 'startedAt' | 'endedAt'> {
    const endedAt = this.#time();
    return { ...(startedAt !== undefined && { startedAt }), ...(endedAt !== undefined && { endedAt }) };
  }

  #time(): string | undefined {
    const { now, isExact } = this.#device.clock();
    return isExact ? toSeconds(now) : undefined;
  }

  /** Whether the operator certificate has ended. */
  #hasEnded(): boolean {
    const [certificate] = certificatesOf([this.#state.get().operator?.certificate ?? '']);
    return !certificate || certificate.notAfter < this.#device.clock().now;
  }

  /** Waits for the next renewal, for at least this many milliseconds. */
  #arm(least = 0): void {
    this.#cancelTimer();
    const due = this.#renewalDueIn();
    if (due === undefined || this.#isClosed) return;
    const wait = Math.max(Math.min(due, longestTimer), least, 0);
    this.#cancelTimer = this.#surroundings.later(wait, () => this.#tick());
  }

  #tick(): void {
    try {
      this.#keepUptime();
      if (this.#running) this.#arm(afterBundle);
      else if ((this.#renewalDueIn() ?? 1) > 0) this.#arm();
      else this.#begin('renewal');
    } catch {
      this.#arm(afterBundle); // The state cannot be stored now.
    }
  }

  #renewalDueIn(): number | undefined {
    const { operator } = this.#state.get();
    const [certificate] = operator ? certificatesOf([operator.certificate]) : [];
    if (!operator || !certificate) return undefined;
    const now = this.#surroundings.uptime();
    return renewalDueIn({
      certificate,
      renewAt: renewAt(operator),
      clock: this.#device.clock(),
      uptime: operator.uptime * 1000 + now - this.#countedFrom,
      hasRestarted: this.#hasRestarted,
      isRenewed: operator.isRenewed,
      failures: operator.failures,
      sinceFailure: now - this.#failedAt,
    });
  }

  /** An eNB without a clock remembers how long it has been running with its certificate. */
  #keepUptime(): void {
    const state = this.#state.get();
    if (!state.operator || this.#device.clock().isExact) return;
    const seconds = Math.floor((this.#surroundings.uptime() - this.#countedFrom) / 1000);
    if (seconds === 0) return;
    this.#state.set({
      ...state,
      operator: { ...state.operator, uptime: state.operator.uptime + seconds },
    });
    this.#countedFrom += seconds * 1000;
  }

  /** Deletes the keys that nothing needs any more. */
  #dropKeys(): void {
    const { steps, operator } = this.#state.get();
    const attempt = steps?.content === acceptedOf(this.#state.get())?.content ? steps?.attempt : undefined;
    this.#keys.keepOnly([attempt?.key, operator?.key, operator?.attempt?.key]);
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** What a step changes besides its record. */
interface Changes {
  /** Of the enrolment; undefined ends it. */
  readonly attempt?: Attempt | undefined;
  readonly operator?: OperatorCredential;
}

/** All steps of an eNB's state. A step that should be running but is not has failed to store its end. */
export function listSteps(state: EnbState, running?: OwnStep): Receipt['steps'] {
  const records = recordsOf(state, acceptedOf(state)?.content);
  return stepNames.map((step) => {
    const record = step === 'enrolment' || step === 'renewal' ? records[step] : undefined;
    if (!record) return { step, state: 'waiting' };
    const isLost = record.state === 'running' && step !== running;
    return isLost
      ? { step, ...record, state: 'failed', fault: { code: 'store-unusable' } }
      : { step, ...record };
  });
}

function recordsOf(
  { steps }: EnbState,
  content: string | undefined,
): Partial<Record<OwnStep, StepRecord | undefined>> {
  return steps?.content === content ? { ...steps } : {};
}

/** The configuration of the accepted bundle, and the SHA-256 of its signed content. */
function acceptedOf({
  accepted,
}: EnbState): { readonly content: string; readonly configuration: Configuration } | undefined {
  if (!accepted) return undefined;
  const { contentSha256: content, configuration } = new Bundle(Buffer.from(accepted.bundle, 'base64'));
  return content !== undefined && configuration.ok
    ? { content, configuration: configuration.value }
    : undefined;
}

/** Why a step threw: the disk is full or gone, or it is a bug. */
function causeOf(error: unknown): Fault {
  const found = errorCode(error);
  return found === 'unknown' ? fault('internal-error') : fault('store-unusable', { found });
}

/** The longest detail of a fault on the interface and in a receipt. */
const longestDetail = 1000;

/** A fault as the interface and the receipt report it. Faults hold no secrets. */
function reportOf({ code, rule, expected, found, because }: Fault): StepRecord['fault'] {
  const cause = because && reportOf(because);
  const detail = [rule, expected, found, cause?.code, cause?.detail].filter(Boolean).join(': ');
  return { code, ...(detail !== '' && { detail: detail.slice(0, longestDetail) }) };
}
