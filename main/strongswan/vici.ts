import { createConnection, type Socket } from 'node:net';
import {
  decodeViciMessage,
  encodeViciMessage,
  encodeViciName,
  textOf,
  ViciError,
  ViciReader,
  type ViciMessage,
  type ViciSection,
} from './vici-message.ts';

const packet = {
  request: 0,
  response: 1,
  unknownCommand: 2,
  register: 3,
  unregister: 4,
  confirmed: 5,
  unknownEvent: 6,
  event: 7,
} as const;

/** The largest packet that strongSwan sends or takes. */
const maximumPacket = 512 * 1024;

/** For everything that strongSwan answers at once, in milliseconds. */
const defaultDeadline = 5000;

interface Waiting {
  readonly answer: number;
  readonly resolve: (message: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/** Hears an event. */
type ViciListener = (message: ViciSection) => void;

/**
 * A connection to strongSwan. It answers one request after the other, so that a request that takes long, and events,
 * each need a separate connection. Everything rejects with a `ViciError` once the connection is lost. A request that
 * misses its deadline ends the connection, because its answer could be taken for the next one's.
 */
export class Vici {
  readonly #socket: Socket;
  readonly #waiting: Waiting[] = [];
  readonly #listeners = new Map<string, Set<ViciListener>>();
  readonly #closed: Promise<void>;
  #received: Buffer = Buffer.alloc(0);
  #lost: ViciError | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('error', (error) => this.#lose(new ViciError('The connection failed', { cause: error })));
    socket.on('close', () => this.#lose(new ViciError('The connection is closed')));
  }

  /** Connects to the socket at this path. */
  static async open(path: string, deadline = defaultDeadline): Promise<Vici> {
    const socket = createConnection(path);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => socket.destroy(new Error('It takes too long')), deadline);
      socket.once('connect', resolve);
      socket.once('error', (cause) => reject(new ViciError('No connection', { cause })));
      socket.once('close', () => clearTimeout(timer));
      socket.once('connect', () => clearTimeout(timer));
    });
    return new Vici(socket);
  }

  /** Resolves once the connection has ended, for whatever reason. */
  get closed(): Promise<void> {
    return this.#closed;
  }

  /** Sends a command, and returns its answer. */
  async request(
    command: string,
    message: ViciMessage = {},
    deadline = defaultDeadline,
  ): Promise<ViciSection> {
    const body = encodeViciMessage(message);
    try {
      return decodeViciMessage(await this.#send(packet.request, command, body, packet.response, deadline));
    } finally {
      body.fill(0);
    }
  }

  /** A command that can fail, such as `load-conn`. Rejects with strongSwan's reason. */
  async order(command: string, message: ViciMessage = {}, deadline = defaultDeadline): Promise<ViciSection> {
    const answer = await this.request(command, message, deadline);
    if (answer.success === 'yes') return answer;
    throw new ViciError(textOf(answer, 'errmsg') ?? `${command} failed`);
  }

  /** Sends a command, and hears the events that it causes until it is answered. */
  async stream(
    command: string,
    event: string,
    message: ViciMessage,
    onEvent: ViciListener,
    deadline = defaultDeadline,
  ): Promise<ViciSection> {
    const stop = await this.listen(event, onEvent);
    try {
      return await this.request(command, message, deadline);
    } finally {
      await stop().catch(() => undefined);
    }
  }

  /** Hears an event from now on; the returned function ends that. */
  async listen(event: string, listener: ViciListener): Promise<() => Promise<void>> {
    const listeners = this.#listeners.get(event) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(event, listeners);
    if (listeners.size === 1) await this.#send(packet.register, event, undefined, packet.confirmed);
    return async () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      this.#listeners.delete(event);
      await this.#send(packet.unregister, event, undefined, packet.confirmed);
    };
  }

  close(): void {
    this.#socket.destroy();
    this.#lose(new ViciError('The connection is closed'));
  }

  #send(
    type: number,
    name: string,
    body: Uint8Array = Buffer.alloc(0),
    answer: number,
    deadline = defaultDeadline,
  ): Promise<Buffer> {
    if (this.#lost) return Promise.reject(this.#lost);
    const head = Buffer.concat([Buffer.alloc(4), Uint8Array.of(type), encodeViciName(name)]);
    const length = head.length - 4 + body.length;
    if (length > maximumPacket) return Promise.reject(new ViciError(`A packet of ${length} bytes`));
    head.writeUInt32BE(length);
    return new Promise<Buffer>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#lose(new ViciError(`No answer to ${name} in ${deadline} ms`));
        this.#socket.destroy();
      }, deadline);
      const settle =
        <Value>(how: (value: Value) => void) =>
        (value: Value) => {
          clearTimeout(timer);
          how(value);
        };
      this.#waiting.push({ answer, resolve: settle(resolve), reject: settle(reject) });
      const whole = Buffer.concat([head, body]);
      this.#socket.write(whole, () => whole.fill(0)); // It can hold a private key.
    });
  }

  #receive(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    try {
      while (this.#received.length >= 4 && !this.#lost) {
        const length = this.#received.readUInt32BE();
        if (length > maximumPacket) throw new ViciError(`A packet of ${length} bytes`);
        if (this.#received.length < 4 + length) return;
        const whole = this.#received.subarray(4, 4 + length);
        this.#received = this.#received.subarray(4 + length);
        this.#take(whole);
      }
    } catch (error) {
      if (!(error instanceof ViciError)) throw error;
      this.#lose(error);
      this.#socket.destroy();
    }
  }

  #take(whole: Buffer): void {
    const reader = new ViciReader(whole);
    const type = reader.byte();
    if (type === packet.event) {
      const listeners = this.#listeners.get(reader.name());
      const message = decodeViciMessage(reader.rest());
      for (const listener of [...(listeners ?? [])]) listener(message);
      return;
    }
    const waiting = this.#waiting.shift();
    if (!waiting) throw new ViciError('An answer that nobody asked for');
    if (type === waiting.answer) waiting.resolve(reader.rest());
    else if (type === packet.unknownCommand) waiting.reject(new ViciError('An unknown command'));
    else if (type === packet.unknownEvent) waiting.reject(new ViciError('An unknown event'));
    else {
      waiting.reject(new ViciError('An answer to something else'));
      throw new ViciError('An answer to something else');
    }
  }

  #lose(error: ViciError): void {
    this.#lost ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#lost);
  }
}
