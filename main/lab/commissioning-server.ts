import { constants } from 'node:crypto';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { stepNames, type StepName } from '../bundle/index.ts';
import {
  contentDigest,
  maximumBodySize,
  mediaTypeOf,
  mediaTypes,
  receiptRequestSchema,
  routes,
  startOf,
  type RouteName,
  type StartRefusal,
  type Target,
} from '../device/index.ts';
import { fault } from '../faults/index.ts';
import { parseJson, readValue } from '../json/index.ts';
import { certificatesToPem } from '../pki/index.ts';
import { faultSentence } from '../words/index.ts';
import { FaultyStream, isStreamFault } from './fault-injection.ts';
import { readBody } from './http-body.ts';
import { listen, type Listening } from './listen.ts';
import type { ReferenceEnb, ReferenceEnbOptions } from './reference-enb.ts';
import { RequestsAhead } from './requests-ahead.ts';

/** An answer: a status with a body of JSON or bytes, or a problem. */
type Answer =
  | { readonly status: number; readonly json: unknown }
  | { readonly status: number; readonly bytes: Uint8Array }
  /** The states of the steps, until no step runs. */
  | { readonly status: number; readonly events: 'steps' }
  | {
      readonly status: number;
      readonly problem: string;
      /** A code for machines. */
      readonly code?: string;
      readonly headers?: Readonly<Record<string, string>>;
    };

/** A route, with the step that its path names. */
interface FoundRoute {
  readonly route: RouteName;
  readonly step?: StepName;
}

/** The most connections over TCP at a time. Their clients have proven nothing. */
const mostConnections = 64;

/** The eNB's side of the commissioning interface, on any stream. */
export class CommissioningServer {
  readonly #enb: ReferenceEnb;
  readonly #secureContext: ReturnType<typeof createSecureContext>;
  readonly #http: Server;
  readonly #options: ReferenceEnbOptions;
  readonly #requestTimeout: number;
  /** The deadline of the current request, for each connection. */
  readonly #deadlines = new WeakMap<Duplex, NodeJS.Timeout>();
  /** Connections over TCP. On other connections the steps are polled. */
  readonly #overTcp = new WeakSet<Duplex>();
  readonly #heartbeat: number;
  readonly #ahead = new RequestsAhead();

  /**
   * Ends a connection after `idleTimeout` milliseconds without data, in any state. Also ends one whose request takes
   * more than twice that time, counted from the last answer.
   */
  constructor(enb: ReferenceEnb, options: ReferenceEnbOptions, idleTimeout = 30_000) {
    const { key, certificate, chain } = options;
    this.#enb = enb;
    this.#options = options;
    this.#requestTimeout = 2 * idleTimeout;
    this.#heartbeat = idleTimeout / 2;
    this.#secureContext = createSecureContext({
      key: key.export({ format: 'pem', type: 'pkcs8' }),
      cert: certificatesToPem([certificate, ...chain]),
      minVersion: 'TLSv1.3',
      // Without tickets that carry the session, and without a session cache, no session can be resumed.
      secureOptions: constants.SSL_OP_NO_TICKET,
    });
    this.#http = createHttpServer({ keepAliveTimeout: idleTimeout }, (request, response) => {
      if (!this.#ahead.takes(request, response)) return;
      response.once('finish', () => this.#deadlines.get(request.socket)?.refresh());
      void this.#handle(request, response);
    });
    // Other time limits of Node.js only work for a server that listens itself.
    this.#http.timeout = idleTimeout;
  }

  /** Serves the interface on a stream. `reset` breaks the connection the way its bus does. */
  accept(wire: Duplex, reset: () => void = () => wire.destroy()): void {
    const { failure } = this.#options;
    const stream = failure && isStreamFault(failure) ? new FaultyStream(wire, failure, reset) : wire;
    const socket = new TLSSocket(stream, { isServer: true, secureContext: this.#secureContext });
    const drop = () => stream.destroy();
    socket.on('error', drop);
    stream.on('error', drop);
    const deadline = setTimeout(drop, this.#requestTimeout).unref(); // Only the stream keeps the process alive.
    this.#deadlines.set(socket, deadline);
    if (wire instanceof Socket) this.#overTcp.add(socket);
    stream.once('close', () => clearTimeout(deadline));
    this.#http.emit('connection', socket);
  }

  /** Listens on TCP. Port 0 takes a free port. Rejects with the system's error if it cannot listen. */
  listen(host: string, port: number): Promise<Listening> {
    return listen(
      host,
      port,
      (socket) => this.accept(socket, () => socket.resetAndDestroy()),
      mostConnections,
    );
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      this.#send(response, await this.#answer(request));
    } catch {
      // The peer is gone, or this eNB cannot store its state. It must not report success either way.
      if (response.headersSent) response.destroy();
      else this.#send(response, { status: 500, problem: 'The eNB cannot keep its state' });
    }
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const found = findRoute(request);
    if (!('route' in found)) return found;
    const { route, step } = found;
    if (route === 'putBundle' && this.#options.failure?.kind === 'drop-at-bundle') {
      request.socket.destroy();
      return { status: 500, problem: 'The connection is gone' };
    }
    const body = await readBody(request, maximumBodySize);
    if (!body) return { status: 413, problem: 'The body is larger than 1 MiB' };
    switch (route) {
      case 'identity':
        return { status: 200, json: this.#enb.describe() };
      case 'steps':
        return this.#takesEvents(request)
          ? { status: 200, events: 'steps' }
          : { status: 200, json: { steps: this.#enb.steps() } };
      case 'getBundle': {
        const bytes = this.#enb.acceptedBundle();
        return bytes ? { status: 200, bytes } : { status: 404, problem: 'No bundle accepted yet' };
      }
      case 'putBundle':
        return this.#putBundle(request, body);
      case 'receipt':
        return await this.#receipt(request, body);
      case 'startStep':
        return step ? this.#startStep(step) : { status: 404, problem: 'No such resource' };
      case 'checkPath':
        return await this.#checkPath();
    }
  }

  #startStep(step: StepName): Answer {
    const start = this.#enb.startStep(step);
    switch (start.kind) {
      case 'started':
        return { status: 202, json: { steps: this.#enb.steps() } };
      case 'refused':
        return refusal(start.code);
      case 'too-soon':
        return wait(start.wait, 'This step was started moments ago');
      case 'unable':
        return { status: 501, problem: 'This eNB does not make this step' };
    }
  }

  async #checkPath(): Promise<Answer> {
    const reply = await this.#enb.checkPath();
    switch (reply.kind) {
      case 'checked':
        return { status: 200, json: reply.answer };
      case 'refused':
        return refusal(reply.code);
      case 'too-soon':
        return wait(reply.wait, 'The path was checked moments ago');
      case 'unable':
        return { status: 501, problem: 'This eNB does not check its path' };
    }
  }

  #putBundle({ headers }: IncomingMessage, body: Uint8Array): Answer {
    if (mediaTypeOf(headers['content-type']) !== mediaTypes.pkcs7)
      return { status: 415, problem: `Send ${mediaTypes.pkcs7}` };
    const digests = (headers['content-digest'] ?? '').toString().split(',');
    if (!digests.some((digest) => digest.trim() === contentDigest(body))) {
      return { status: 400, problem: 'Content-Digest is missing or does not match the body' };
    }
    const verdict = this.#enb.takeBundle(body);
    return { status: verdict.accepted ? 200 : 422, json: verdict };
  }

  async #receipt({ headers }: IncomingMessage, body: Uint8Array): Promise<Answer> {
    if (mediaTypeOf(headers['content-type']) !== mediaTypes.json)
      return { status: 415, problem: `Send ${mediaTypes.json}` };
    const value = parseJson(body);
    const request = value.ok ? readValue(value.value, receiptRequestSchema) : value;
    if (!request.ok) return { status: 400, problem: faultSentence(request.fault) };
    const bytes = await this.#enb.makeReceipt(request.value);
    return bytes ? { status: 200, bytes } : { status: 409, problem: 'No bundle received yet' };
  }

  #takesEvents({ headers: { accept = '' }, socket }: IncomingMessage): boolean {
    const isWanted = accept.split(',').some((type) => mediaTypeOf(type) === mediaTypes.events);
    return isWanted && this.#overTcp.has(socket);
  }

  /** Server-sent events: the steps now, and whenever they change, until no step runs. */
  #sendSteps(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': mediaTypes.events, 'cache-control': 'no-store' });
    // Not of the response: one that still waits for its turn on the connection never ends.
    const { socket } = response.req;
    const finish = () => {
      stop();
      clearInterval(heartbeat);
      socket.off('close', finish);
    };
    const tell = () => {
      response.write(`data: ${JSON.stringify({ steps: this.#enb.steps() })}\n\n`);
      if (this.#enb.isStepRunning) return;
      finish();
      response.end();
    };
    // A comment shows both sides that the connection still works.
    const heartbeat = setInterval(() => {
      this.#deadlines.get(socket)?.refresh();
      response.write(':\n\n');
    }, this.#heartbeat);
    const stop = this.#enb.onStepChange(tell);
    socket.once('close', finish);
    tell();
  }

  #send(response: ServerResponse, answer: Answer): void {
    if ('events' in answer) {
      this.#sendSteps(response);
      return;
    }
    const [mediaType, body] =
      'bytes' in answer
        ? [mediaTypes.pkcs7, Buffer.from(answer.bytes)]
        : 'json' in answer
          ? [mediaTypes.json, Buffer.from(JSON.stringify(answer.json))]
          : [
              mediaTypes.problem,
              Buffer.from(
                JSON.stringify({ title: answer.problem, status: answer.status, code: answer.code }),
              ),
            ];
    response.writeHead(answer.status, {
      'content-type': mediaType,
      'content-length': body.length,
      'cache-control': 'no-store',
      ...(this.#options.failure?.kind === 'close-after-answer' && { connection: 'close' }),
      ...('bytes' in answer && { 'content-digest': contentDigest(answer.bytes) }),
      ...('headers' in answer && answer.headers),
    });
    response.end(body);
  }
}

function refusal(code: StartRefusal): Answer {
  return { status: 409, problem: faultSentence(fault(code)), code };
}

/** Asks the client to wait, in milliseconds. */
function wait(milliseconds: number, problem: string): Answer {
  return { status: 503, problem, headers: { 'retry-after': String(Math.ceil(milliseconds / 1000)) } };
}

/** Every target, with its route and the step in its path. */
const targets: readonly (Target & FoundRoute)[] = [
  ...Object.entries(routes).map(([route, target]) => ({ route: route as RouteName, ...target })),
  ...stepNames.map((step) => ({ route: 'startStep' as const, step, ...startOf(step) })),
].filter(({ path }) => !path.includes('{'));

/** The route of a request, or the answer if there is no such route. */
function findRoute({ method, url }: IncomingMessage): FoundRoute | Answer {
  const atPath = targets.filter(({ path }) => path === url);
  if (atPath.length === 0) return { status: 404, problem: 'No such resource' };
  const found = atPath.find((target) => target.method === method);
  if (found) return found;
  const allow = atPath.map((target) => target.method).join(', ');
  return { status: 405, problem: 'No such method on this resource', headers: { allow } };
}
