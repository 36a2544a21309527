import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Connections at a time that are not a page's WebSocket: browsers open six. */
const maximumWaiting = 64;

/** Pages at a time. */
const maximumPages = 16;

/**
 * The connections of the host. Every socket gets a listener for errors in its first moment, since one error without a
 * listener ends the process: a peer can reset a connection at any time. Their number is bounded, and a flood of
 * connections does not keep the user out: the oldest one that has shown nothing goes first.
 */
export class Connections {
  /** In the order of their arrival; true for those that have shown the cookie. */
  readonly #waiting = new Map<Duplex, boolean>();
  readonly #pages = new Set<Duplex>();

  /** Looks after every connection that the server accepts. */
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

  /** Makes the connection a page's own; false when there are too many of these. */
  admit(socket: Duplex): boolean {
    if (this.#pages.size >= maximumPages) return false;
    this.#waiting.delete(socket);
    this.#pages.add(socket);
    return true;
  }

  /** Ends all of them at once. */
  destroy(): void {
    for (const socket of [...this.#waiting.keys(), ...this.#pages]) socket.destroy();
  }

  #oldest(): Duplex | undefined {
    const sockets = [...this.#waiting];
    return (sockets.find(([, isKnown]) => !isKnown) ?? sockets[0])?.[0];
  }
}
