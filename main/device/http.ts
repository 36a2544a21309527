import { Agent, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { ok, refuse, refused, type Result } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import { maximumBodySize, mediaTypeOf, type Target } from './interface.ts';
import { endOf, type StreamFaultCode } from './transport.ts';

/** Why a request has no answer. */
export type HttpFaultCode = 'device-garbage' | StreamFaultCode;

/** A complete answer. `mediaType` is in lower case without parameters, or empty if the answer has none. */
export interface HttpAnswer {
  readonly status: number;
  readonly mediaType: string;
  readonly body: Uint8Array;
  /** The milliseconds to wait that the eNB requests (Retry-After). */
  readonly retryAfter?: number;
}

/** The body of a request, with its media type and further headers. */
export interface HttpBody {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends requests one after the other over one stream, and never opens another. */
export class HttpClient {
  readonly #agent: Agent;
  readonly #stream: Duplex;
  readonly #transport: Duplex;
  #answers = 0;

  /** `transport` is the stream that carries `stream`. */
  constructor(stream: Duplex, transport: Duplex) {
    this.#stream = stream;
    this.#transport = transport;
    let isTaken = false;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1 });
    this.#agent.createConnection = (_options, callback) => {
      if (isTaken) callback?.(new Error('The connection has ended'), stream);
      else callback?.(null, stream);
      isTaken = true;
      return undefined;
    };
  }

  /** False once the eNB has ended the connection, or announced it in its last answer. */
  get isOpen(): boolean {
    return this.#stream.readable && this.#stream.writable;
  }

  /** The number of answers that have started to arrive. */
  get answers(): number {
    return this.#answers;
  }

  /**
   * Sends a request and reads the whole answer, whatever its status. A body that is too large counts as garbage. An
   * answer that is incomplete when `signal` is aborted does not count.
   */
  send(
    { method, path }: Target,
    body: HttpBody | undefined,
    signal: AbortSignal,
  ): Promise<Result<HttpAnswer, HttpFaultCode>> {
    return new Promise((resolve) => {
      const headers = body && {
        'content-type': body.mediaType,
        'content-length': String(body.bytes.length),
        ...body.headers,
      };
      const call = request({
        agent: this.#agent,
        host: 'enb',
        method,
        path,
        headers: { ...headers },
        signal,
      });
      call.on('error', (error) => resolve(this.#fault(error, signal)));
      call.once('upgrade', ({ statusCode = 0 }, socket) => {
        socket.destroy();
        resolve(refuse('device-garbage', { found: `HTTP ${statusCode}` }));
      });
      call.once('response', (response) => {
        this.#answers++;
        readBody(response).then(
          (bytes) => {
            if (!bytes) {
              call.destroy();
              resolve(refuse('device-garbage', { rule: 'body-size' }));
              return;
            }
            const mediaType = mediaTypeOf(response.headers['content-type']);
            const retryAfter = retryDelay(response.headers);
            resolve(
              ok({
                status: response.statusCode ?? 0,
                mediaType,
                body: bytes,
                ...(retryAfter !== undefined && { retryAfter }),
              }),
            );
          },
          (error: unknown) => resolve(this.#fault(error, signal)),
        );
      });
      call.end(body?.bytes);
    });
  }

  #fault(error: unknown, signal: AbortSignal): Result<never, HttpFaultCode> {
    if (signal.aborted) return refuse('device-no-answer');
    const end = endOf(this.#transport);
    if (end) return refused(end);
    const found = errorCode(error);
    const code = found.startsWith('HPE_') ? 'device-garbage' : 'device-closed';
    return refuse(code, found === 'unknown' ? {} : { found });
  }
}

/** The whole body; undefined if it is too large. */
async function readBody(response: IncomingMessage): Promise<Uint8Array | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response) {
    parts.push(part as Buffer);
    size += (part as Buffer).length;
    if (size > maximumBodySize) return undefined;
  }
  return Buffer.concat(parts);
}

/** A day, in milliseconds: the longest wait. */
const longestDelay = 86_400_000;

/**
 * The milliseconds that Retry-After asks for (RFC 9110 section 10.2.3); undefined without it. A date is relative to
 * the Date of the same answer, because the eNB's clock may be wrong. A malformed value is ignored.
 */
function retryDelay({ 'retry-after': retryAfter, date }: IncomingHttpHeaders): number | undefined {
  if (retryAfter === undefined) return undefined;
  if (/^\d+$/.test(retryAfter)) return Math.min(Number(retryAfter) * 1000, longestDelay);
  const delay = Date.parse(retryAfter) - Date.parse(date ?? '');
  return delay > 0 ? Math.min(delay, longestDelay) : 0;
}
