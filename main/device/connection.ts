import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { ok, refuse, refused, type Result, unlessAborted } from '../faults/index.ts';
import type { Certificate } from '../pki/index.ts';
import { HttpClient, type HttpAnswer, type HttpBody, type HttpFaultCode } from './http.ts';
import type { Target } from './interface.ts';
import { connectTls, type TlsFaultCode } from './tls.ts';
import { endOf, type Deadlines, type StreamTransport, type TransportFaultCode } from './transport.ts';

/** Why there is no connection. */
export type ConnectFaultCode = TransportFaultCode | TlsFaultCode;

/** Why a request has no answer. `enb-mismatch`: a different eNB answers than at first. */
export type RequestFaultCode = ConnectFaultCode | HttpFaultCode | 'enb-mismatch';

/**
 * The minimum time, in milliseconds, before retrying a request that a busy eNB did not take. Limits the number of
 * tries.
 */
const minimumPause = 250;

/** One open stream to the eNB, with the protocols on it. */
interface Opened {
  readonly stream: Duplex;
  readonly socket: TLSSocket;
  readonly client: HttpClient;
  /** The eNB's certificate first, then the others that it sent. */
  readonly certificates: readonly [Certificate, ...Certificate[]];
}

/**
 * Sends requests to one eNB. An eNB may close its stream after an answer (`Connection: close`, HTTP/1.0, or without
 * notice). The next request then opens a new stream, and is only sent if the eNB proves that it has the key of the
 * very same certificate. Each request has a single deadline for all of this.
 */
export class EnbConnection {
  readonly #transport: StreamTransport;
  readonly #deadlines: Deadlines;
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal | undefined;
  /** Aborted by `signal` and by `close`. */
  readonly #hangUp: AbortSignal;
  #opened: Opened | undefined;

  /** Aborting `signal` hangs up, like `close`. */
  constructor(transport: StreamTransport, deadlines: Deadlines, signal?: AbortSignal) {
    this.#transport = transport;
    this.#deadlines = deadlines;
    this.#signal = signal;
    this.#hangUp = signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal;
  }

  /** Opens the first stream. The caller must check the eNB's certificate before it sends anything. */
  async open(
    onConnected: () => void,
  ): Promise<Result<readonly [Certificate, ...Certificate[]], ConnectFaultCode>> {
    const opened = await this.#connect(this.#deadlines, onConnected);
    if (!opened.ok) return opened;
    this.#opened = opened.value;
    return ok(opened.value.certificates);
  }

  /**
   * Sends a request and reads the whole answer. While the eNB answers 503 with Retry-After, retries until the
   * deadline, in milliseconds. The result is then the last of these answers.
   */
  async send(
    target: Target,
    body?: HttpBody,
    deadline = this.#deadlines.request,
  ): Promise<Result<HttpAnswer, RequestFaultCode>> {
    const timeout = AbortSignal.timeout(deadline);
    const end = performance.now() + deadline;
    let busy: Result<HttpAnswer, RequestFaultCode> | undefined;
    for (;;) {
      const answer = await this.#exchange(target, body, timeout, end);
      const isLate = !answer.ok && timeout.aborted && answer.fault.code === 'device-no-answer';
      if (isLate) return busy ?? refuse('device-no-answer', { found: `${deadline} ms` });
      if (!answer.ok || answer.value.status !== 503 || answer.value.retryAfter === undefined) return answer;
      busy = answer;
      const delay = Math.max(answer.value.retryAfter, minimumPause);
      if (performance.now() + delay >= end) return answer;
      await pause(delay, undefined, { signal: this.#hangUp }).catch(() => undefined);
    }
  }

  /** Ends the connection, and any request in progress. */
  close(): void {
    this.#closing.abort();
    this.#opened?.socket.destroy();
  }

  /** Waits until the stream of a closed connection is released. Nobody can open a USB interface before that. */
  async released(): Promise<void> {
    const stream = this.#opened?.stream;
    if (!stream || stream.destroy().closed) return;
    await once(stream, 'close', { signal: AbortSignal.timeout(this.#deadlines.connect) }).catch(
      () => undefined,
    );
  }

  /**
   * One request and its answer. An eNB may close a stream just as the next request arrives. A request without an
   * answer, on a stream that has had answers, is therefore sent again once, on a new stream. This is safe: all
   * requests of the interface can be repeated.
   */
  async #exchange(
    target: Target,
    body: HttpBody | undefined,
    timeout: AbortSignal,
    end: number,
  ): Promise<Result<HttpAnswer, RequestFaultCode>> {
    const opened = await this.#current(end);
    if (!opened.ok) return opened;
    const { client } = opened.value;
    const before = client.answers;
    const answer = await client.send(target, body, timeout);
    const isUnanswered = !answer.ok && answer.fault.code === 'device-closed' && client.answers === before;
    if (!isUnanswered || before === 0 || this.#hangUp.aborted) return answer;
    const again = await this.#reopen(end, opened.value);
    return again.ok ? again.value.client.send(target, body, timeout) : again;
  }

  /** The open stream, or a new one. Opens none if the transport of the earlier stream has failed. */
  async #current(end: number): Promise<Result<Opened, RequestFaultCode>> {
    const opened = this.#opened;
    if (!opened || this.#hangUp.aborted) return refuse('device-closed');
    const failure = endOf(opened.stream);
    if (failure) return refused(failure);
    return opened.client.isOpen ? ok(opened) : this.#reopen(end, opened);
  }

  async #reopen(end: number, earlier: Opened): Promise<Result<Opened, RequestFaultCode>> {
    const left = () => Math.max(1, Math.ceil(end - performance.now()));
    earlier.socket.destroy();
    // A USB interface must be released before it can be opened again.
    if (!earlier.stream.destroy().closed)
      await unlessAborted(once(earlier.stream, 'close'), AbortSignal.timeout(left())).catch(() => undefined);
    const connect = Math.min(this.#deadlines.connect, left());
    const opened = await this.#connect({ connect, handshake: Math.min(this.#deadlines.handshake, left()) });
    if (!opened.ok) {
      const isForeign = opened.fault.code === 'enb-untrusted';
      return isForeign ? opened : refuse('device-closed', { because: opened.fault });
    }
    const [expected, found] = [earlier, opened.value].map(({ certificates: [{ sha256 }] }) => sha256);
    if (expected !== found) {
      opened.value.socket.destroy();
      return refuse('enb-mismatch', {
        rule: 'same-certificate',
        ...(expected && { expected }),
        ...(found && { found }),
      });
    }
    this.#opened = opened.value;
    return opened;
  }

  async #connect(
    deadlines: Pick<Deadlines, 'connect' | 'handshake'>,
    onConnected: () => void = () => undefined,
  ): Promise<Result<Opened, ConnectFaultCode>> {
    const opening = this.#transport.open(deadlines.connect);
    const stream = await unlessAborted(opening, this.#hangUp);
    if (!stream) {
      void opening.then((late) => late.ok && late.value.destroy());
      return refuse('device-closed');
    }
    if (!stream.ok) return stream;
    onConnected();
    hangUpOn(this.#signal, stream.value);
    const tls = await unlessAborted(connectTls(stream.value, deadlines.handshake), this.#closing.signal);
    if (!tls?.ok) {
      stream.value.destroy();
      return tls ?? refuse('device-closed');
    }
    const { socket, certificates } = tls.value;
    return ok({ stream: stream.value, socket, client: new HttpClient(socket, stream.value), certificates });
  }
}

/** Closes a stream as soon as the signal is aborted. */
function hangUpOn(signal: AbortSignal | undefined, stream: Duplex): void {
  const hangUp = () => stream.destroy();
  if (signal?.aborted) hangUp();
  signal?.addEventListener('abort', hangUp);
  stream.once('close', () => signal?.removeEventListener('abort', hangUp));
}
