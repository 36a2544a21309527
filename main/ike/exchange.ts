import { ok, refuse, type Result } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import type { DatagramChannel } from './datagrams.ts';
import { readHeader, readMessage, type InitMessage } from './message.ts';

/** How long to wait for an answer, in milliseconds. Before each further wait the same bytes are sent again. */
const waits = [1_000, 2_000] as const;

/** The port on which IKE and ESP share a socket, and the marker in front of IKE there (RFC 3948 section 2.2). */
const portWithMarker = 4500;
const marker = Buffer.alloc(4);

/** Adds the marker where the port requires it. */
export function toDatagram(message: Uint8Array, port: number): Uint8Array {
  return port === portWithMarker ? Buffer.concat([marker, message]) : message;
}

/** Removes the marker; undefined for bytes on 4500 that have none. */
export function fromDatagram(datagram: Uint8Array, port: number): Uint8Array | undefined {
  if (port !== portWithMarker) return datagram;
  return marker.equals(datagram.subarray(0, marker.length)) ? datagram.subarray(marker.length) : undefined;
}

export type ExchangeFaultCode = 'ike-no-answer' | 'ike-unreachable' | 'ike-malformed' | 'cancelled';

/** Where one message goes. */
export interface Peer {
  readonly channel: DatagramChannel;
  readonly host: string;
  readonly port: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends a request, again if no answer comes, and returns the answer. Answers to somebody else are ignored. One that bears
 * this request's SPI is final, since nobody can guess that.
 */
export async function exchange(
  peer: Peer,
  request: InitMessage,
  bytes: Uint8Array,
): Promise<Result<Required<InitMessage>, ExchangeFaultCode>> {
  const { channel, host, port, signal } = peer;
  const where = { address: host };
  let hasGarbage = false;
  try {
    for (const wait of waits) {
      channel.send(toDatagram(bytes, port));
      const end = performance.now() + wait;
      for (let left: number = wait; left > 0; left = end - performance.now()) {
        const datagram = await channel.receive(left, signal);
        if (!datagram) break;
        const answer = fromDatagram(datagram, port);
        const header = answer && readHeader(answer);
        if (!answer || !header) hasGarbage = true;
        else if (Buffer.compare(header.initiatorSpi, request.initiatorSpi) === 0) return final(answer, host);
      }
    }
  } catch (error) {
    return signal?.aborted ? refuse('cancelled') : refusal(errorCode(error), host);
  }
  return hasGarbage
    ? refuse('ike-malformed', { rule: 'ike-header', where })
    : refuse('ike-no-answer', { where });
}

function final(bytes: Uint8Array, address: string): Result<Required<InitMessage>, 'ike-malformed'> {
  const answer = readMessage(bytes);
  if (!answer.ok) return refuse('ike-malformed', { ...answer.fault, where: { address } });
  return answer.value.isResponse
    ? ok(answer.value)
    : refuse('ike-malformed', { rule: 'ike-header', where: { address } });
}

/** A message too large for a link on the path has no answer; everything else keeps all messages from leaving. */
function refusal(found: string, address: string) {
  const code = found === 'EMSGSIZE' ? 'ike-no-answer' : 'ike-unreachable';
  return refuse(code, { found, where: { address } });
}
