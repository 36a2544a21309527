import type { Certificate, Clock, Name } from '../pki/index.ts';
import type { Exchange } from './exchange.ts';

/** The phases of a request, as they begin. `waiting`: the RA/CA has not decided yet. `issued`: the certificate is good. */
export type CmpPhase = 'requested' | 'waiting' | 'issued' | 'confirming';

/** An RA/CA, how to reach it, and by what its answers are believed. */
export interface Peer {
  readonly exchange: Exchange;
  /** The name of the RA/CA: the recipient of every message, and the sender of its answers. */
  readonly recipient: Name;
  /** The provisioned roots. Nothing that an answer brings becomes one. */
  readonly trustAnchors: readonly Certificate[];
  /** Untrusted certificates that may help a path. */
  readonly intermediates?: readonly Certificate[];
  readonly clock: () => Clock;
  /** Waits this many milliseconds, or until the signal is aborted. */
  readonly pause: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** How long to poll for a decision, in milliseconds, all polls together. */
  readonly patience: number;
  /** Takes an answer that HMAC-SHA1 protects. */
  readonly allowHmacSha1?: boolean;
  readonly onPhase?: (phase: CmpPhase) => void;
  readonly signal?: AbortSignal;
}
