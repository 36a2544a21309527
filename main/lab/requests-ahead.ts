import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** The most requests that a connection may have without an answer. Node.js itself takes any number of small ones. */
const mostAhead = 8;

/** Ends connections that send request after request and wait for no answer. */
export class RequestsAhead {
  readonly #open = new WeakMap<Duplex, number>();

  /** Whether to answer a request. If not, its connection is gone. */
  takes({ socket }: IncomingMessage, response: ServerResponse): boolean {
    const open = this.#open.get(socket) ?? 0;
    if (open >= mostAhead) {
      socket.destroy();
      return false;
    }
    this.#open.set(socket, open + 1);
    response.once('finish', () => this.#open.set(socket, (this.#open.get(socket) ?? 1) - 1));
    return true;
  }
}
