import type { Surroundings } from './surroundings.ts';

/** How often to look whether the computer has slept, in milliseconds. */
const interval = 2_000;

/** A look that comes this much too late, in milliseconds, means that nothing ran meanwhile. */
const longestDelay = 20_000;

/** A watch for sleep. */
export interface SleepWatch {
  /** Someone else has reported the sleep. */
  note(): void;
  stop(): void;
}

/**
 * Calls back soon after this computer has slept, or this process was paused for as long. It then is too late to prepare
 * for that, but connections need not wait for their deadlines. Timers may stand still in sleep; the time since the
 * computer started does not.
 */
export function watchSleep(
  { later, monotonic }: Pick<Surroundings, 'later' | 'monotonic'>,
  onSleep: () => void,
): SleepWatch {
  let last = monotonic();
  const look = () => {
    const before = last;
    last = monotonic();
    stop = later(interval, look);
    if (last - before > interval + longestDelay) onSleep();
  };
  let stop = later(interval, look);
  return {
    note: () => (last = monotonic()),
    stop: () => stop(),
  };
}
