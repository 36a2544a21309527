import { randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { ok, refuse, type Result } from '../faults/index.ts';
import { transformTypes } from './algorithms.ts';
import type { DatagramNetwork } from './datagrams.ts';
import { exchange, toDatagram, type ExchangeFaultCode } from './exchange.ts';
import { makeKeyExchange } from './key-exchange.ts';
import { spiSize, writeMessage, type InitMessage } from './message.ts';
import { readProposal, type Proposal } from './proposal.ts';

/** A question that leaves no state at the gateway. */
export interface StatelessQuestion {
  readonly network: DatagramNetwork;
  readonly host: string;
  readonly port: number;
  /**
   * The size of the IP packet, in bytes, without options of IP. The message is padded up to it. Where the system knows of
   * a smaller link, it sends fragments instead: Node.js has no switch against that.
   */
  readonly size?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An encryption algorithm for private use (RFC 7296 section 6), which no gateway has. */
const unknownEncryption = { type: transformTypes.encryption, id: 65_000 } as const;

/** Headers of IP and UDP, in bytes. */
const headers = { ipv4: 28, ipv6: 48 } as const;
/** The header of the payload that pads a message, in bytes. */
const paddingHeader = 4;

/**
 * Asks whether UDP of a size reaches a gateway and its answer comes back, by an IKE_SA_INIT whose only proposal no gateway
 * accepts: it refuses, and keeps no state (RFC 7296 section 2.6.1 asks for no more). Any answer of IKEv2 counts. The
 * answer is small, so nothing is known about large messages on the way back.
 */
export async function probeWithoutState(
  question: StatelessQuestion,
): Promise<Result<{ readonly milliseconds: number }, ExchangeFaultCode | 'runtime-lacks-algorithm'>> {
  const { network, host, port, size, signal } = question;
  const usual = readProposal('aes128-sha256-ecp256');
  const [keyExchange] = [19, 14].flatMap((group) => makeKeyExchange(group) ?? []);
  if (!usual || !keyExchange) return refuse('runtime-lacks-algorithm');
  const request: InitMessage = {
    initiatorSpi: randomBytes(spiSize),
    responderSpi: new Uint8Array(spiSize),
    isResponse: false,
    proposals: [unacceptable(usual)],
    keyExchange,
    nonce: randomBytes(32),
  };
  const least = toDatagram(writeMessage(request), port).length + (isIPv6(host) ? headers.ipv6 : headers.ipv4);
  const missing = size === undefined ? 0 : size - least - paddingHeader;
  const padded = missing > 0 ? { ...request, padding: missing } : request;
  const channel = network.open(host, port);
  const start = performance.now();
  try {
    const answer = await exchange({ channel, host, port, signal }, request, writeMessage(padded));
    return answer.ok ? ok({ milliseconds: Math.round(performance.now() - start) }) : answer;
  } finally {
    channel.close();
  }
}

function unacceptable({ transforms }: Proposal): Proposal {
  return {
    transforms: transforms.map((one) => (one.type === transformTypes.encryption ? unknownEncryption : one)),
  };
}
