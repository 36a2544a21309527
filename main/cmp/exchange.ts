import type { Refused, Result } from '../faults/index.ts';

/** Why there is no answer to a message. */
export type ExchangeFaultCode = 'cmp-http' | 'cmp-unreachable' | 'cmp-no-answer' | 'cancelled';

/** Sends one message and returns the bytes of its answer. */
export type Exchange = (
  message: Uint8Array,
  signal?: AbortSignal,
) => Promise<
  Result<Uint8Array, ExchangeFaultCode> | (Refused<ExchangeFaultCode> & { readonly answer?: Uint8Array })
>;
