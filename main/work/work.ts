import { randomUUID } from 'node:crypto';
import type { StopCode } from '../faults/index.ts';
import { pauseFor } from './pause.ts';
import { RateMeter } from './rate-meter.ts';

/** How far work is. */
export interface Progress<Phase extends string> {
  readonly phase: Phase;
  readonly done: number;
  /** 0 while unknown. */
  readonly total: number;
}

/** One piece of long work, such as a delivery, from start to end. */
export class Work<Phase extends string = string> {
  /** Its name in `work.stop` while it runs. */
  readonly id = randomUUID();
  /** What it does exactly, to show. */
  readonly about: string | undefined;
  readonly #controller = new AbortController();
  readonly #onProgress: () => void;
  #progress: Progress<Phase>;
  #meter = new RateMeter();
  #paused: PromiseWithResolvers<void> | undefined;
  /** Yields to the event loop if the work has held it too long. Returns `cancelled` once the work must stop. */
  readonly pause = pauseFor(this.#controller.signal);

  constructor(phase: Phase, onProgress: () => void, about?: string) {
    this.about = about;
    this.#progress = { phase, done: 0, total: 0 };
    this.#onProgress = onProgress;
  }

  get progress(): Progress<Phase> {
    return this.#progress;
  }

  /** Items per second, over the last seconds; undefined while unknown. */
  get rate(): number | undefined {
    return this.#meter.perSecond();
  }

  /** Aborted when someone stops the work. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isPaused(): boolean {
    return this.#paused !== undefined;
  }

  /** Asks the work to wait, or to continue. Only work that waits for `untilContinued` does. */
  setPaused(isPaused: boolean): void {
    if (isPaused === this.isPaused || this.signal.aborted) return;
    this.#paused?.resolve();
    this.#paused = isPaused ? Promise.withResolvers() : undefined;
    // The rate must not count the pause.
    this.#meter = new RateMeter();
    this.#onProgress();
  }

  /** Waits as long as the work is paused. */
  readonly untilContinued = async (): Promise<void> => {
    await this.#paused?.promise;
  };

  /** Asks the work to stop. It ends as soon as it can be left safely, with this fault. */
  stop(why: StopCode = 'cancelled'): void {
    this.#controller.abort(why);
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  /** Records how far the work is. A new phase starts a new count. */
  report(progress: Progress<Phase>): void {
    if (progress.phase !== this.#progress.phase) this.#meter = new RateMeter();
    this.#meter.note(performance.now(), progress.done);
    this.#progress = progress;
    this.#onProgress();
  }
}
