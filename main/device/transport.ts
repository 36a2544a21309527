import type { Duplex } from 'node:stream';
import type { Fault, Result } from '../faults/index.ts';
import type { UsbFaultCode } from './usb/bus.ts';

/** Time limits, in milliseconds. */
export interface Deadlines {
  /** For opening the stream. */
  readonly connect: number;
  /** For the TLS handshake. */
  readonly handshake: number;
  /** For a complete answer to a request. */
  readonly request: number;
}

/** For a healthy eNB on the local link. */
export const defaultDeadlines: Deadlines = { connect: 5_000, handshake: 10_000, request: 30_000 };

/** A connection to an eNB as a byte stream. TLS and HTTP run over it, whatever it is. */
export interface StreamTransport {
  /** The connection as the user writes it: `HOST:PORT`, `usb:SERIAL`. */
  readonly name: string;
  /** Opens the stream. Refuses if it is not open within `deadline` milliseconds. */
  open(deadline: number): Promise<Result<Duplex, TransportFaultCode>>;
}

/** Why a stream could not be opened. */
export type TransportFaultCode = 'device-unreachable' | 'device-garbage' | 'address-scope' | StreamFaultCode;

/** What can end an open stream. */
export type StreamFaultCode = 'device-no-answer' | 'device-closed' | UsbFaultCode;

/** The error that ends a stream if its transport knows the reason. */
export class StreamError extends Error {
  readonly fault: Fault<StreamFaultCode>;

  constructor(fault: Fault<StreamFaultCode>) {
    super(fault.code);
    this.fault = fault;
  }
}

/** Why a stream ended, if its transport knows. It knows sooner and better than the protocols on the stream. */
export function endOf(stream: Duplex): Fault<StreamFaultCode> | undefined {
  return stream.errored instanceof StreamError ? stream.errored.fault : undefined;
}
