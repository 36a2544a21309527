import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A port that serves something. Closing it closes its connections. */
export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Listens on TCP. Port 0 takes a free port. Rejects with the system's error if it cannot listen.
 *
 * @param most how many connections to serve at a time; more are closed at once
 */
export async function listen(
  host: string,
  port: number,
  serve: (socket: Socket) => void,
  most?: number,
): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    // A failed connection ends, with no effect on others.
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    serve(socket);
  });
  if (most !== undefined) server.maxConnections = most;
  await new Promise<void>((resolve, reject) => {
    // Rejects until it listens. Later it may fail to accept a connection (EMFILE), and continues with the next.
    server.on('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/**
 * Listens on UDP, and sends at most one answer to each datagram. Port 0 takes a free port. Rejects with the system's error
 * if it cannot listen.
 */
export async function listenUdp(
  host: string,
  port: number,
  answerTo: (datagram: Uint8Array, from: string) => Uint8Array | undefined,
): Promise<Listening> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.bind(port, host);
  await once(socket, 'listening');
  socket.on('error', () => undefined); // The next datagram may arrive.
  socket.on('message', (datagram, { address, port: from }) => {
    const answer = answerTo(datagram, address);
    if (answer) socket.send(answer, from, address);
  });
  return { port: socket.address().port, close: () => new Promise((resolve) => socket.close(resolve)) };
}
