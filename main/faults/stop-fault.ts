import { fault, type Fault } from './fault.ts';

/** Why work stops before it has finished: the user stopped it, or the computer slept. */
export type StopCode = 'cancelled' | 'interrupted-by-sleep';

/** The fault of work that this signal has stopped. A signal that names no reason comes from the user. */
export function stopFault(signal: AbortSignal | undefined): Fault<StopCode> {
  const isSleep = signal?.reason === ('interrupted-by-sleep' satisfies StopCode);
  return fault(isSleep ? 'interrupted-by-sleep' : 'cancelled');
}
