import { duplexPair, type Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Fault } from '../faults/index.ts';
import type { Certificate } from '../pki/index.ts';
import type { Tunnel } from './ipsec.ts';
import type { Dialler } from './stand-in-dialler.ts';
import { answerSchemas, receive, send, type StandInMessage } from './stand-in-messages.ts';

/** What both sides have agreed on. */
export interface Agreement {
  readonly id: string;
  readonly peer: Certificate;
  readonly innerAddresses: readonly string[];
  readonly remoteSubnets: readonly string[];
}

/** The eNB's end of a tunnel. */
export class StandInTunnel implements Tunnel {
  readonly gateway: string;
  readonly innerAddresses: readonly string[];
  readonly remoteSubnets: readonly string[];
  readonly #socket: TLSSocket;
  readonly #id: string;
  readonly #peer: Certificate;
  readonly #dialler: Dialler;
  readonly #listeners = new Set<() => void>();
  readonly #end = new AbortController();

  /** @param socket carries nothing more; the tunnel is up as long as it is */
  constructor(
    socket: TLSSocket,
    {
      id,
      peer,
      innerAddresses,
      remoteSubnets,
      gateway,
      dialler,
    }: Agreement & { readonly gateway: string; readonly dialler: Dialler },
  ) {
    this.gateway = gateway;
    this.innerAddresses = innerAddresses;
    this.remoteSubnets = remoteSubnets;
    this.#socket = socket;
    this.#id = id;
    this.#peer = peer;
    this.#dialler = dialler;
    const ended = () => this.#ended();
    socket.once('end', ended).once('close', ended).resume();
    if (socket.destroyed) ended();
  }

  connect(address: string, port: number): Duplex {
    const [outer, inner] = duplexPair();
    void this.#ask({ kind: 'connect', tunnel: this.#id, address, port }, 'connect').then((answer) => {
      const socket = answer.ok ? answer.socket : undefined;
      if (!socket || outer.destroyed) {
        socket?.destroy();
        outer.destroy(answer.ok ? undefined : answer.error);
        return;
      }
      inner.pipe(socket).pipe(inner);
      outer.once('close', () => socket.destroy());
      socket.once('close', () => {
        if (!socket.readableEnded) outer.destroy(systemError('ECONNRESET'));
      });
    });
    return outer;
  }

  async resolve(name: string, servers: readonly string[]): Promise<readonly string[]> {
    const answer = await this.#ask(
      { kind: 'resolve', tunnel: this.#id, name, servers: [...servers] },
      'resolve',
    );
    if (!answer.ok) throw answer.error;
    answer.socket.destroy();
    return answer.message.kind === 'addresses' ? answer.message.addresses : [];
  }

  isUp(): boolean {
    return !this.#end.signal.aborted;
  }

  onDown(listener: () => void): () => void {
    if (!this.isUp()) queueMicrotask(listener);
    else this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async down(): Promise<void> {
    this.#socket.destroy();
    this.#ended();
    await Promise.resolve();
  }

  #ended(): void {
    if (!this.isUp()) return;
    this.#end.abort();
    this.#socket.destroy();
    for (const listener of [...this.#listeners]) listener();
    this.#listeners.clear();
  }

  /** Opens a connection inside the tunnel with its first message, and receives the answer. */
  async #ask(
    message: StandInMessage,
    kind: 'connect' | 'resolve',
  ): Promise<
    | { readonly ok: true; readonly socket: TLSSocket; readonly message: StandInMessage }
    | { readonly ok: false; readonly error: Error }
  > {
    const { signal } = this.#end;
    const dialled = await this.#dialler.dial(signal);
    if (!dialled.ok) return { ok: false, error: errorOf(dialled.fault) };
    const socket = dialled.value;
    const fail = (error: Error) => {
      socket.destroy();
      return { ok: false, error } as const;
    };
    const end = () => socket.destroy();
    signal.addEventListener('abort', end);
    socket.once('close', () => signal.removeEventListener('abort', end));
    if (!isSamePeer(socket, this.#peer)) return fail(systemError('EPROTO'));
    send(socket, message);
    const answer = await receive(socket, answerSchemas[kind], this.#dialler.deadline);
    if (!answer.ok) return fail(errorOf(answer.fault));
    if (answer.value.kind === 'failed') return fail(systemError(answer.value.found));
    return { ok: true, socket, message: answer.value };
  }
}

/** Whether the certificate is the one that was judged when the tunnel came up. */
function isSamePeer(socket: TLSSocket, peer: Certificate): boolean {
  return socket.getPeerX509Certificate()?.raw.equals(peer.der) ?? false;
}

/** An error as the system reports it on a connection. */
function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function errorOf({ code, found }: Fault): Error {
  if (code === 'cancelled') return systemError('ECONNRESET'); // The tunnel is down.
  return systemError(code === 'ike-no-answer' ? 'ETIMEDOUT' : (found ?? 'EPROTO'));
}
