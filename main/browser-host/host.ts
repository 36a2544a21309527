import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { RunningCore } from '../host/index.ts';
import { answerHeaders, readPage, type PageFiles } from '../page/index.ts';
import { Admission } from './admission.ts';
import { Connections } from './connections.ts';
import { webSocketPort } from './web-socket-port.ts';

/** What to serve, and on which port of loopback. */
export interface BrowserHostOptions {
  /** Where the build wrote the page. */
  readonly pageFolder: string;
  /** May still be starting: calls of the page wait for it. */
  readonly core: Pick<RunningCore, 'serve'> | Promise<Pick<RunningCore, 'serve'>>;
  /** 0 or undefined takes any free port. */
  readonly port?: number;
}

/** A running server. */
export interface BrowserHost {
  /** The address to open. It works once. */
  readonly address: string;
  /** Resolves when the address is used. */
  readonly entered: Promise<void>;
  /** Closes the connections to the pages and stops. The core keeps running. */
  close(): Promise<void>;
}

/** Larger than any message of a page, which sends calls and never a file. */
const maximumMessage = 4 * 1024 * 1024;

/** The WebSocket close code for "going away". */
const goingAway = 1001;

/** How long the browser may take to answer the close frame, in milliseconds. */
const leaveTaking = 500;

/** How long a client may take for a request, and how often that is checked, in milliseconds. */
const patience = { headersTimeout: 5_000, requestTimeout: 10_000, connectionsCheckingInterval: 1_000 };

/** Starts to serve on loopback. Rejects when the port is not available. */
export async function startBrowserHost(options: BrowserHostOptions): Promise<BrowserHost> {
  const server = createServer(patience);
  const connections = new Connections(server);
  await listen(server, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  const admission = new Admission(port);
  const page = readPage(options.pageFolder, `ws://127.0.0.1:${port}`);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maximumMessage });
  const { promise: entered, resolve } = Promise.withResolvers<undefined>();

  server.on('request', (request, response) => {
    if (admission.isKnown(request)) connections.note(request.socket);
    answer(request, response, { admission, page, onEntered: () => resolve(undefined) });
  });
  server.on('upgrade', (request, socket, head) => {
    if (request.url !== '/port' || !admission.mayConnect(request)) return refuse(socket, '403 Forbidden');
    if (!connections.admit(socket)) return refuse(socket, '503 Service Unavailable');
    Promise.resolve(options.core).then(
      (core) =>
        sockets.handleUpgrade(request, socket, head, (webSocket) => core.serve(webSocketPort(webSocket))),
      () => socket.destroy(),
    );
  });

  const { address } = admission;
  return {
    address,
    entered,
    async close() {
      for (const socket of sockets.clients) socket.close(goingAway);
      // A browser that does not answer the close frame must not delay the stop.
      const cut = setTimeout(() => connections.destroy(), leaveTaking);
      await Promise.all(
        [sockets, server].map((one) => new Promise<unknown>((resolve) => one.close(resolve))),
      );
      clearTimeout(cut);
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    // This listener stays: failing to accept a later connection is also an error, and only that client's.
    server.on('error', reject);
    server.listen({ host: '127.0.0.1', port, exclusive: true }, resolve);
  });
}

/** Refuses an upgrade, and does not wait for the other side to close. */
function refuse(socket: Duplex, status: string): void {
  const lines = [`HTTP/1.1 ${status}`, 'Connection: close', 'Content-Length: 0', '', ''];
  socket.end(lines.join('\r\n'), () => socket.destroy());
}

interface Answering {
  readonly admission: Admission;
  readonly page: PageFiles;
  /** Called when the token is used. */
  readonly onEntered: () => void;
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { admission, page, onEntered }: Answering,
): void {
  const send = (status: number, headers: Readonly<Record<string, string>>, body: Uint8Array): void => {
    response.writeHead(status, { ...answerHeaders(), ...headers, 'Content-Length': body.byteLength });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
  const say = (status: number, sentence: string, headers: Readonly<Record<string, string>> = {}): void =>
    send(status, { 'Content-Type': 'text/plain; charset=utf-8', ...headers }, Buffer.from(`${sentence}\n`));

  // This server answers only paths that start with a slash. Anything else, such as a whole address, is not in the page.
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  const token = path === '/' ? new URLSearchParams(query).get('token') : null;
  if (!(token === null ? admission.isForUs(request) : admission.mayEnter(request)))
    return say(403, 'This request comes from another site or program.');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return say(405, 'Only GET and HEAD are supported.', { Allow: 'GET, HEAD' });
  }
  const entry = token !== null && request.method === 'GET' ? admission.redeem(token) : undefined;
  if (entry) onEntered();
  if (!entry && !admission.isKnown(request)) return say(403, usedUp);
  if (!entry && token !== null) return say(303, 'Continue at /.', { Location: '/' });
  const file = page(path);
  if (file === undefined) return say(404, 'Nothing here.');
  if (!entry) return send(200, file.headers, file.body);
  // No redirect: a browser that comes from a file would omit a SameSite=Strict cookie on it.
  // At the start of the head, because the page's first script may run before the browser has read the whole document.
  const head = `<head><meta name="siteseal-key" content="${entry.key}">`;
  const body = Buffer.from(Buffer.from(file.body).toString('utf8').replace('<head>', head));
  send(200, { ...file.headers, 'Set-Cookie': entry.cookie }, body);
}

const usedUp =
  'The address that Siteseal prints when it starts works once, in one browser. To open Siteseal again, stop it ' +
  'and start it again.';
