import type { Refused } from '../faults/index.ts';

/** Why there is no answer to a message. */
export type ExchangeFaultCode = 'cmp-http' | 'cmp-unreachable' | 'cmp-no-answer' | 'cancelled';

/**
 * A failed exchange. `answer` is the body of an answer that does not count, if it may be a PKIMessage. Its text can help
 * the user, but nobody has authenticated it.
 */
export interface ExchangeRefused extends Refused<ExchangeFaultCode> {
  readonly answer?: Uint8Array;
}

/** Sends one message and returns the bytes of its answer. */
export type Exchange = (
  message: Uint8Array,
  signal?: AbortSignal,
) => Promise<{ readonly ok: true; readonly value: Uint8Array } | ExchangeRefused>;
