import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

/** What the probe needs of the network: UDP conversations, each with one address and port. */
export interface DatagramNetwork {
  /** @param host an address, not a name */
  open(host: string, port: number): DatagramChannel;
}

/** A connected UDP socket: it hears nobody else. */
export interface DatagramChannel {
  send(bytes: Uint8Array): void;
  /**
   * The next datagram; undefined if none comes within this many milliseconds. Rejects with the system's error, such as
   * `ECONNREFUSED` when nothing listens there, and with the signal's reason.
   */
  receive(milliseconds: number, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  close(): void;
}

/** The most datagrams that wait to be received. A peer that sends more loses them. */
const maximumWaiting = 16;

/** UDP of this computer. */
export const systemDatagrams: DatagramNetwork = {
  open: (host, port) => new SystemChannel(host, port),
};

class SystemChannel implements DatagramChannel {
  readonly #socket: Socket;
  /** Whether the socket is connected, as soon as that is known. */
  readonly #connected: Promise<boolean>;
  #isClosed = false;
  readonly #waiting: Uint8Array[] = [];
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(host: string, port: number) {
    this.#socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    this.#socket.on('message', (bytes) => {
      if (this.#waiting.length < maximumWaiting) this.#waiting.push(bytes);
      this.#wake?.();
    });
    this.#socket.on('error', (error) => this.#fail(error));
    this.#connected = new Promise((resolve) => {
      this.#socket.connect(port, host, (error?: Error) => {
        if (error) this.#fail(error);
        resolve(!error);
      });
    });
  }

  send(bytes: Uint8Array): void {
    void this.#connected.then((isConnected) => {
      if (!isConnected || this.#isClosed) return;
      this.#socket.send(bytes, (error) => {
        if (error) this.#fail(error);
      });
    });
  }

  async receive(milliseconds: number, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    signal?.throwIfAborted();
    if (this.#waiting.length === 0 && !this.#error) await this.#wait(milliseconds, signal);
    signal?.throwIfAborted();
    const next = this.#waiting.shift();
    if (next) return next;
    const error = this.#error;
    this.#error = undefined;
    if (error) throw error;
    return undefined;
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.close();
  }

  #fail(error: Error): void {
    this.#error = error;
    this.#wake?.();
  }

  #wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      signal?.addEventListener('abort', end);
      this.#wake = end;
    });
  }
}
