/** How long the page may work before it reacts to the user again, in milliseconds. */
const longest = 16;

/** Long work with files: in slices, so that the page stays responsive, with progress, until the user stops it. */
export class Work {
  readonly signal: AbortSignal;
  readonly #total: number;
  readonly #onProgress: (part: number) => void;
  #read = 0;
  #started = performance.now();

  /**
   * @param total how many bytes there are to read
   * @param onProgress takes the part that is read, from 0 to 1, between two slices
   */
  constructor(signal: AbortSignal, total: number, onProgress: (part: number) => void) {
    this.signal = signal;
    this.#total = total;
    this.#onProgress = onProgress;
  }

  /** Notes that bytes were read. */
  took(bytes: number): void {
    this.#read += bytes;
  }

  /** Whether it is time to pause. */
  get isDue(): boolean {
    return performance.now() - this.#started > longest;
  }

  /** Lets the page react. */
  async pause(): Promise<void> {
    this.#onProgress(this.#read / this.#total);
    await nextTask();
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
