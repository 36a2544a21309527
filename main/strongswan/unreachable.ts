import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { errorCode } from '../files/index.ts';

const ikePort = 500;

/** How long a refusal from the network may take, in milliseconds. */
const refusalDeadline = 500;

/**
 * Why datagrams do not reach the address, as a system's error code; undefined if nothing says so. strongSwan does not
 * tell: its socket is not connected, so that it hears no ICMP, and what it cannot send it sends again.
 * @param asks whether to send an empty datagram, which IKE ignores, and to wait for a refusal
 */
export async function whyUnreachable(address: string, asks: boolean): Promise<string | undefined> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  const deadline = AbortSignal.timeout(refusalDeadline);
  try {
    socket.connect(ikePort, address);
    await once(socket, 'connect', { signal: deadline });
    if (!asks) return undefined;
    socket.send(Buffer.alloc(0));
    await once(socket, 'message', { signal: deadline });
    return undefined;
  } catch (error) {
    return deadline.aborted ? undefined : errorCode(error);
  } finally {
    socket.close();
  }
}
