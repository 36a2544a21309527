import type { Pause } from '../audit/index.ts';
import { fault } from '../faults/index.ts';

/** The longest time, in milliseconds, for which work holds the event loop. */
const longestSlice = 20;

/** Lets long work yield to the event loop, and stop once the signal is aborted. */
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
