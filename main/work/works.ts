import {
  ok,
  refuse,
  refused,
  stopFault,
  type Fault,
  type FaultCode,
  type Result,
  type StopCode,
} from '../faults/index.ts';
import { Work } from './work.ts';

/** The work to start. */
export interface WorkStart<Kind extends string, Phase extends string> {
  readonly kind: Kind;
  /** What it works on. For each kind only one work runs per subject. Without a subject any number run. */
  readonly subject?: string;
  /** Its first phase. */
  readonly phase: Phase;
  /** What it does exactly, to show. */
  readonly about?: string | undefined;
  /** If set, `faultOf` reports the failure of this work instead of that of the work before it. */
  readonly keepsFault?: boolean;
}

interface Running {
  readonly kind: string;
  readonly key: string;
  readonly work: Work;
  readonly ended: Promise<void>;
}

/** All long work of this process. `Phases` has the phases of each kind of work. */
export class Works<Phases extends Readonly<Record<keyof Phases, string>>> {
  readonly #running = new Map<string, Running>();
  /** Why the last work failed, by kind and subject. */
  readonly #faults = new Map<string, Fault>();
  readonly #onChanged: (kind: keyof Phases, hasEnded: boolean) => void;

  #isClosed = false;

  /** @param onChanged is called on each start, progress and end */
  constructor(onChanged: (kind: keyof Phases, hasEnded: boolean) => void) {
    this.#onChanged = onChanged;
  }

  /**
   * Runs work until it finishes. Refuses with `work-busy` while the same kind of work runs on the same subject, and
   * with `cancelled` after `stopAll`.
   */
  async run<Kind extends keyof Phases & string, Value, Code extends FaultCode>(
    { kind, subject, phase, about, keepsFault = false }: WorkStart<Kind, Phases[Kind]>,
    action: (work: Work<Phases[Kind]>) => Promise<Result<Value, Code>>,
  ): Promise<Result<Value, Code | 'work-busy' | StopCode>> {
    const work = new Work(phase, () => this.#onChanged(kind, false), about);
    const key = keyOf(kind, subject ?? work.id);
    if (this.#isClosed) return refuse('cancelled');
    if (this.#running.has(key)) return refuse('work-busy', { found: kind });
    const { promise: ended, resolve } = Promise.withResolvers<undefined>();
    this.#running.set(key, { kind, key, work, ended });
    if (keepsFault) this.#faults.delete(key);
    this.#onChanged(kind, false);
    try {
      const result = asStopped(await action(work), work.signal);
      if (!result.ok && keepsFault && result.fault.code !== 'cancelled') this.#faults.set(key, result.fault);
      return result;
    } finally {
      this.#running.delete(key);
      this.#onChanged(kind, true);
      resolve(undefined);
    }
  }

  /** The running work of a kind on a subject. */
  find<Kind extends keyof Phases & string>(kind: Kind, subject: string): Work<Phases[Kind]> | undefined {
    // `run` only puts works of this kind's phases under this key.
    return this.#running.get(keyOf(kind, subject))?.work as Work<Phases[Kind]> | undefined;
  }

  /** What the running works of a kind work on. */
  subjects(kind: keyof Phases & string): readonly string[] {
    const prefix = keyOf(kind, '');
    return [...this.#running.keys()].flatMap((key) =>
      key.startsWith(prefix) ? [key.slice(prefix.length)] : [],
    );
  }

  /**
   * Why the last work of a kind that keeps its fault failed on a subject. Undefined if it succeeded, was stopped, or
   * runs again.
   */
  faultOf(kind: keyof Phases & string, subject: string): Fault | undefined {
    return this.#faults.get(keyOf(kind, subject));
  }

  /** Stops a work. Does nothing if it has already ended. */
  stop(id: string): void {
    for (const { work } of this.#running.values()) if (work.id === id) work.stop();
  }

  /** Pauses a work of a kind that can wait, or lets it continue. Does nothing if it has already ended. */
  setPaused(kind: keyof Phases & string, id: string, isPaused: boolean): void {
    for (const one of this.#running.values())
      if (one.kind === kind && one.work.id === id) one.work.setPaused(isPaused);
  }

  /** Stops the work of a kind on a subject, and waits until it has ended. */
  async end(kind: keyof Phases & string, subject: string): Promise<void> {
    const running = this.#running.get(keyOf(kind, subject));
    running?.work.stop();
    await running?.ended;
  }

  /** Stops the works of these kinds. */
  stopKinds(kinds: readonly (keyof Phases)[], why: StopCode): void {
    for (const { kind, work } of this.#running.values())
      if (kinds.some((one) => one === kind)) work.stop(why);
  }

  /** Whether any work of these kinds is running and not paused. */
  isRunning(kinds: readonly (keyof Phases)[]): boolean {
    return [...this.#running.values()].some(
      ({ kind, work }) => !work.isPaused && kinds.some((one) => one === kind),
    );
  }

  /** Stops all works for good, and waits until they have ended. */
  async stopAll(): Promise<void> {
    this.#isClosed = true;
    const all = [...this.#running.values()];
    for (const { work } of all) work.stop();
    await Promise.all(all.map(({ ended }) => ended));
  }

  /** Refuses with the kinds of work that are running, apart from `except`. */
  refuseIfAnyExcept(...except: readonly (keyof Phases)[]): Result<void, 'work-under-way'> {
    const running = [...this.#running.values()].map(({ kind }) => kind);
    const kinds = [...new Set(running)].filter((kind) => !except.some((other) => other === kind)).sort();
    return kinds.length === 0 ? ok(undefined) : refuse('work-under-way', { found: kinds.join(', ') });
  }
}

/** The result of work whose connection was closed to stop it: why it was stopped, not that the connection closed. */
function asStopped<Value, Code extends FaultCode>(
  result: Result<Value, Code>,
  signal: AbortSignal,
): Result<Value, Code | StopCode> {
  const isOfStop = !result.ok && refusalsOfAbort.some((code) => code === result.fault.code);
  return isOfStop && signal.aborted ? refused(stopFault(signal)) : result;
}

/** What work refuses with when its signal is aborted. */
const refusalsOfAbort: readonly FaultCode[] = ['cancelled', 'device-closed'];

function keyOf(kind: string, subject: string): string {
  return `${kind} ${subject}`;
}
