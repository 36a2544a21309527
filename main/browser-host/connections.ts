import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** The limit of simultaneous connections that are not a page's WebSocket. Browsers open six. */
const maximumWaiting = 64;

/** The limit of simultaneous pages. */
const maximumPages = 16;

/**
 * The connections of the host. Every socket gets an error listener immediately: a peer can reset a connection at any
 * time, and one error without a listener ends the process. The number of connections is bounded. A flood of connections
 * does not keep the user out: the oldest connection is closed first, preferably one that has not shown the cookie.
 */
export class Connections {
  /** In order of arrival; true for those that have shown the cookie. */
  readonly #waiting = new Map<Duplex, boolean>();
  readonly #pages = new Set<Duplex>();

  /** Tracks every connection that the server accepts. */
  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#waiting.delete(socket);
        this.#pages.delete(socket);
      });
      this.#waiting.set(socket, false);
      if (this.#waiting.size > maximumWaiting) this.#oldest()?.destroy();
    });
  }

  /** Notes that the connection has shown the cookie. */
  note(socket: Duplex): void {
    if (this.#waiting.has(socket)) this.#waiting.set(socket, true);
  }

  /** Moves the connection to the pages; false when there are already too many. */
  admit(socket: Duplex): boolean {
    if (this.#pages.size >= maximumPages) return false;
    this.#waiting.delete(socket);
    this.#pages.add(socket);
    return true;
  }

  /** Ends all connections at once. */
  destroy(): void {
    for (const socket of [...this.#waiting.keys(), ...this.#pages]) socket.destroy();
  }

  #oldest(): Duplex | undefined {
    const sockets = [...this.#waiting];
    return (sockets.find(([, isKnown]) => !isKnown) ?? sockets[0])?.[0];
  }
}
