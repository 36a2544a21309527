import { fault, type Fault } from '../faults/index.ts';

/** Yields to the event loop if work has held it too long. Returns `cancelled` once the work must stop. */
export type Pause = () => Promise<Fault<'cancelled'> | undefined>;

/** The longest time, in milliseconds, for which work may block the event loop. */
const longestSlice = 20;

/** Lets long work that starts now yield to the event loop, and stop once the signal is aborted. */
export function pauseFor(signal?: AbortSignal): Pause {
  let start = performance.now();
  return async () => {
    if (performance.now() - start > longestSlice) {
      await new Promise((resolve) => setImmediate(resolve));
      start = performance.now();
    }
    return signal?.aborted ? fault('cancelled') : undefined;
  };
}
