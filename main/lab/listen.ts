import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP port on which something is served, until it is closed, with its connections. */
export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens on TCP; port 0 takes a free one. Rejects with the system's error when it cannot. */
export async function listen(
  host: string,
  port: number,
  serve: (socket: Socket) => void,
): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    // A connection that breaks is over, and that is all.
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    serve(socket);
  });
  await new Promise<void>((resolve, reject) => {
    // Rejects until it listens; later it may fail to accept a connection (EMFILE), and goes on with the next.
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
