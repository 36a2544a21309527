/** How long the page may work before it reacts to the user again, in milliseconds. */
const longest = 16;

/** Cuts long work into slices, so that the page stays responsive, and stops it when the user wants that. */
export class Slices {
  readonly #signal: AbortSignal;
  readonly #onPause: () => void;
  #started = performance.now();

  /** Calls `onPause` between two slices. */
  constructor(signal: AbortSignal, onPause: () => void) {
    this.#signal = signal;
    this.#onPause = onPause;
  }

  /** Whether it is time to pause. */
  get isDue(): boolean {
    return performance.now() - this.#started > longest;
  }

  /** Lets the page react. Throws the signal's reason if the user has stopped the work. */
  async pause(): Promise<void> {
    this.#onPause();
    await nextTask();
    this.#signal.throwIfAborted();
    this.#started = performance.now();
  }
}

/** A task after those that wait. A timer would wait 4 ms each time. */
function nextTask(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
