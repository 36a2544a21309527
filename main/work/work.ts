import { randomUUID } from 'node:crypto';
import { fault, type Fault } from '../faults/index.ts';
import { RateMeter } from './rate-meter.ts';

/** How far work is. */
export interface Progress<Phase extends string> {
  readonly phase: Phase;
  readonly done: number;
  /** 0 while it is not known. */
  readonly total: number;
}

/** The longest time, in milliseconds, for which work keeps the event loop from everything else. */
const longestSlice = 20;

/** One piece of long work, such as a delivery, from its start to its end. */
export class Work<Phase extends string = string> {
  /** Names it in `work.stop`, as long as it runs. */
  readonly id = randomUUID();
  readonly #controller = new AbortController();
  readonly #onProgress: () => void;
  #progress: Progress<Phase>;
  #meter = new RateMeter();
  #sliceStart = performance.now();

  constructor(phase: Phase, onProgress: () => void) {
    this.#progress = { phase, done: 0, total: 0 };
    this.#onProgress = onProgress;
  }

  get progress(): Progress<Phase> {
    return this.#progress;
  }

  /** How many it does in a second, over the last seconds; undefined while that is not known. */
  get rate(): number | undefined {
    return this.#meter.perSecond();
  }

  /** Is aborted when someone stops the work. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Asks the work to stop. It ends when it has reached a state that it can be left in. */
  stop(): void {
    this.#controller.abort();
  }

  /** Notes how far the work is. A new phase starts a new count. */
  report(progress: Progress<Phase>): void {
    if (progress.phase !== this.#progress.phase) this.#meter = new RateMeter();
    this.#meter.note(performance.now(), progress.done);
    this.#progress = progress;
    this.#onProgress();
  }

  /** Yields to the event loop when the work has held it too long. Returns `cancelled` once the work is to stop. */
  async pause(): Promise<Fault<'cancelled'> | undefined> {
    if (performance.now() - this.#sliceStart > longestSlice) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#sliceStart = performance.now();
    }
    return this.signal.aborted ? fault('cancelled') : undefined;
  }
}
