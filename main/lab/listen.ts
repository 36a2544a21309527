import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP port that serves something. Closing it closes its connections. */
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
