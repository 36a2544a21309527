import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as turnOfOthers } from 'node:timers/promises';
import { cmpMediaType, maximumMessage, type CmpAnswer } from '../../cmp/index.ts';
import { readBody } from '../http-body.ts';
import { listen, type Listening } from '../listen.ts';
import { RequestsAhead } from '../requests-ahead.ts';

/** Answers one message with another. The answer to a wrong message is a message, too. */
export interface CmpAuthority {
  answer(message: Uint8Array): Promise<CmpAnswer>;
}

/** The limits of the server. Tests pass their own. */
export interface ServerLimits {
  /** How long a client may take to send a whole request, and to take the answer, in milliseconds. */
  readonly deadline: number;
  readonly connections: number;
}

const defaultLimits: ServerLimits = { deadline: 30_000, connections: 256 };

/** What a client can ask for in the path (RFC 9811 section 3.3, RFC 9483 section 6.1). The message alone decides. */
const operations = [
  'initialization',
  'certification',
  'keyupdate',
  'pkcs10',
  'revocation',
  'getcacerts',
  'getrootupdate',
  'getcertreqtemplate',
  'getcrls',
  'nested',
];

const operation = `(?:/(?:${operations.join('|')}))?`;
const path = new RegExp(`^(?:/pkix)?/?$|^/\\.well-known/cmp(?:/p/[^/]+)?${operation}/?$`);

/** A refusal before any message is read. */
interface Refusal {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An RA/CA over HTTP (RFC 9811). Answers one message after the other. */
export class RaCaServer {
  readonly #authority: CmpAuthority;
  readonly #limits: ServerLimits;
  readonly #http: Server;
  readonly #onError: (error: unknown) => void;
  /** The time limit of each connection for its current request. */
  readonly #deadlines = new WeakMap<Socket, NodeJS.Timeout>();
  readonly #ahead = new RequestsAhead();
  /** Settles when the last message has been answered. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @param onError gets what the authority throws; the client gets only a 500 */
  constructor(
    authority: CmpAuthority,
    onError: (error: unknown) => void = () => undefined,
    limits: ServerLimits = defaultLimits,
  ) {
    this.#authority = authority;
    this.#onError = onError;
    this.#limits = limits;
    // The time limits of Node.js only work for a server that listens itself.
    this.#http = createServer((request, response) => {
      if (!this.#ahead.takes(request, response)) return;
      // The deadline of the next request on this connection starts with this answer.
      response.once('finish', () => this.#startDeadline(request.socket));
      void this.#handle(request, response);
    });
  }

  /** Listens on TCP. Port 0 takes a free port. Rejects with the system's error if it cannot listen. */
  listen(host: string, port: number): Promise<Listening> {
    const serve = (socket: Socket) => {
      this.#startDeadline(socket);
      socket.once('close', () => clearTimeout(this.#deadlines.get(socket)));
      this.#http.emit('connection', socket);
    };
    return listen(host, port, serve, this.#limits.connections);
  }

  #startDeadline(socket: Socket): void {
    clearTimeout(this.#deadlines.get(socket));
    if (socket.destroyed) return;
    // Only the connection keeps the process alive.
    const deadline = setTimeout(() => socket.destroy(), this.#limits.deadline).unref();
    this.#deadlines.set(socket, deadline);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const refusal = refusalOf(request);
      const message = refusal ? undefined : await readBody(request, maximumMessage);
      if (!message) {
        send(response, refusal ?? tooLarge);
        return;
      }
      clearTimeout(this.#deadlines.get(request.socket)); // From here on, the client waits.
      const isGone = () => request.socket.destroyed;
      const answer = await this.#inTurn(async () =>
        isGone() ? undefined : await this.#authority.answer(message),
      );
      if (!answer) return;
      this.#startDeadline(request.socket);
      // A client that cannot write messages may not be able to read one either.
      response.writeHead(answer.isToMessage ? 200 : 400, {
        'content-type': cmpMediaType,
        'content-length': answer.bytes.length,
        'cache-control': 'no-store',
      });
      response.end(answer.bytes);
    } catch (error) {
      if (request.destroyed && !request.complete) return; // The client is gone, or too slow.
      this.#onError(error);
      if (response.headersSent) response.destroy();
      else send(response, { status: 500, text: 'Internal error in the RA/CA.' });
    }
  }

  /**
   * Two messages about the same credential or transaction must not be judged at the same time. Between two messages the
   * connections have their turn, because a message can cost much: meanwhile clients leave, and deadlines end.
   */
  #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const result = this.#turn.then(() => turnOfOthers()).then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

const tooLarge: Refusal = { status: 413, text: 'The message is larger than 1 MiB.' };

function refusalOf({ method, url = '', headers }: IncomingMessage): Refusal | undefined {
  if (!path.test(pathOf(url))) {
    return {
      status: 404,
      text: `There is nothing here. Send CMP messages to /.well-known/cmp, /.well-known/cmp/p/NAME, or /pkix/. One of these can follow the first two: /${operations.join(', /')}.`,
    };
  }
  if (method !== 'POST') {
    return {
      status: 405,
      text: 'This is an RA/CA for CMP (RFC 9811). Send messages with POST.',
      headers: { allow: 'POST' },
    };
  }
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== cmpMediaType) return { status: 415, text: `Send ${cmpMediaType}, in DER.` };
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    return { status: 415, text: 'Send the message without a content encoding.' };
  return undefined;
}

/** The path of a request target, which can be a whole URL (RFC 9112 section 3.2). */
function pathOf(target: string): string {
  const base = 'http://ra-ca';
  return URL.canParse(target, base) ? new URL(target, base).pathname : '';
}

function send(response: ServerResponse, { status, text, headers = {} }: Refusal): void {
  const body = Buffer.from(`${text}\n`);
  response.writeHead(status, {
    ...headers,
    'content-type': 'text/plain; charset=utf-8',
    'content-length': body.length,
    'cache-control': 'no-store',
  });
  response.end(body);
}
