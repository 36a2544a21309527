import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Link } from './discovery.ts';
import {
  multicastGroups,
  multicastPort,
  readQuestion,
  writeAnnouncement,
  type EnbAnnouncement,
} from './dns-message.ts';

/**
 * Answers DNS-SD questions for eNBs on these links, until the returned function is called. It only answers and never
 * announces itself, because Siteseal asks for eNBs. Rejects with the system's error if it cannot listen.
 */
export async function advertise(
  announcement: EnbAnnouncement,
  links: readonly Link[],
): Promise<() => Promise<void>> {
  const sockets: Socket[] = [];
  const close = async () => {
    await Promise.all(
      sockets.map((socket) => {
        const closed = once(socket, 'close');
        socket.close();
        return closed;
      }),
    );
  };
  try {
    for (const family of ['IPv4', 'IPv6'] as const) {
      const ofFamily = links.filter((link) => link.family === family);
      if (ofFamily.length === 0) continue;
      const socket = await bind(family);
      sockets.push(socket);
      answerOn(socket, family, ofFamily, announcement);
    }
    return close;
  } catch (error) {
    await close();
    throw error;
  }
}

/** Other programs on this computer may use the same port, for other services. */
async function bind(family: Link['family']): Promise<Socket> {
  const isFour = family === 'IPv4';
  const socket = createSocket({ type: isFour ? 'udp4' : 'udp6', reuseAddr: true, ipv6Only: !isFour });
  const bound = once(socket, 'listening');
  socket.bind({ port: multicastPort });
  try {
    await bound;
  } catch (error) {
    socket.close();
    throw error;
  }
  return socket;
}

function answerOn(
  socket: Socket,
  family: Link['family'],
  links: readonly Link[],
  announcement: EnbAnnouncement,
): void {
  const isFour = family === 'IPv4';
  const group = multicastGroups[family];
  const interfaces = links.map(({ address, scope }) => (isFour ? address : `::%${scope}`));
  const answerAll = (answer: Uint8Array) => {
    for (const [index, one] of interfaces.entries()) {
      try {
        socket.setMulticastInterface(one);
      } catch {
        continue; // The link is gone.
      }
      const to = isFour ? group : `${group}%${links[index]?.scope ?? ''}`;
      socket.send(answer, multicastPort, to, () => undefined);
    }
  };
  socket.on('message', (bytes, { address, port }) => {
    const question = readQuestion(bytes);
    if (!question) return;
    // Another port means that the sender is not a multicast DNS peer, and only hears a direct answer.
    const isUnicast = question.isUnicast || port !== multicastPort;
    const answer = writeAnnouncement(announcement, { ...question, isUnicast });
    if (isUnicast) socket.send(answer, port, address, () => undefined);
    else answerAll(answer);
  });
  socket.on('error', () => undefined); // A missing link asks nothing.
  for (const one of interfaces) socket.addMembership(group, one);
}
