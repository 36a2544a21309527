import type { Duplex } from 'node:stream';
import type { Fault, Result } from '../faults/index.ts';
import type { UsbFaultCode } from './usb/bus.ts';

/** How long one thing may take, in milliseconds. */
export interface Deadlines {
  /** Until the stream is open. */
  readonly connect: number;
  /** Until the TLS handshake is done. */
  readonly handshake: number;
  /** Until a request is answered in full. */
  readonly request: number;
}

/** For a healthy eNB on the local link. */
export const defaultDeadlines: Deadlines = { connect: 5_000, handshake: 10_000, request: 30_000 };

/** A way to an eNB that gives a byte stream; TLS and HTTP run over it, whatever it is. */
export interface StreamTransport {
  /** The way as a person gives it: `HOST:PORT`, `usb:SERIAL`. */
  readonly name: string;
  /** Opens the stream; refuses when it is not open within `deadline` milliseconds. */
  open(deadline: number): Promise<Result<Duplex, TransportFaultCode>>;
}

/** Why a stream could not be opened. */
export type TransportFaultCode = 'device-unreachable' | 'device-garbage' | 'address-scope' | StreamFaultCode;

/** What can end a stream that was open. */
export type StreamFaultCode = 'device-no-answer' | 'device-closed' | UsbFaultCode;

/** The error with which a stream ends when its transport knows why. */
export class StreamError extends Error {
  readonly fault: Fault<StreamFaultCode>;

  constructor(fault: Fault<StreamFaultCode>) {
    super(fault.code);
    this.fault = fault;
  }
}

/** Why a stream has ended, when its transport knows: sooner and better than what is layered on the stream. */
export function endOf(stream: Duplex): Fault<StreamFaultCode> | undefined {
  return stream.errored instanceof StreamError ? stream.errored.fault : undefined;
}
