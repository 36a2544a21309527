import { fault, type Fault } from './fault.ts';

/** Why work stops before it has finished: the user stopped it, or the computer slept. */
const stopCodes = ['cancelled', 'interrupted-by-sleep'] as const;
export type StopCode = (typeof stopCodes)[number];

/** Whether work has ended because it was stopped, and not because something failed. */
export function isStop({ code }: Fault): boolean {
  return stopCodes.some((stop) => stop === code);
}

/** The fault of work that this signal has stopped. A signal that names no reason comes from the user. */
export function stopFault(signal: AbortSignal | undefined): Fault<StopCode> {
  return fault(stopCodes.find((code) => code === signal?.reason) ?? 'cancelled');
}
