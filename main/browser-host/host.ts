import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { RunningCore } from '../host/index.ts';
import { answerHeaders, readPage, type PageFiles } from '../page/index.ts';
import { Admission } from './admission.ts';
import { Connections } from './connections.ts';
import { webSocketPort } from './web-socket-port.ts';

/** What is served, and on which port of loopback. */
export interface BrowserHostOptions {
  /** Where the build wrote the page. */
  readonly pageFolder: string;
  /** May still be on its way: what the page asks for waits until then. */
  readonly core: Pick<RunningCore, 'serve'> | Promise<Pick<RunningCore, 'serve'>>;
  /** 0, or nothing, for any that is free. */
  readonly port?: number;
}

/** A server that runs. */
export interface BrowserHost {
  /** The address to open. It works once. */
  readonly address: string;
  /** Resolves when the address was used. */
  readonly entered: Promise<void>;
  /** Takes leave of the pages and stops. The core goes on. */
  close(): Promise<void>;
}

/** More than any message of a page: it sends calls, and never a file. */
const maximumMessage = 4 * 1024 * 1024;

/** The WebSocket's code for "the server goes away". */
const goingAway = 1001;

/** Milliseconds for the browser to answer when the host takes leave. */
const leaveTaking = 500;

/** How long a client may take for a request, in milliseconds, and how often that is looked at. */
const patience = { headersTimeout: 5_000, requestTimeout: 10_000, connectionsCheckingInterval: 1_000 };

/** Starts to serve on loopback. Rejects when the port cannot be had. */
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
      // A browser that does not answer the leave-taking must not hold us up.
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
    // It stays for good: a connection that the system cannot accept later is an error as well, and only that client's.
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
  /** Called when the token was used. */
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

  // Only the form with a slash is of this server; anything else, such as a whole address, is not in the page.
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
  // No redirect: a browser that comes from a file would leave out a cookie of SameSite=Strict on it.
  const key = Buffer.from(`<meta name="siteseal-key" content="${entry.key}">\n`);
  send(200, { ...file.headers, 'Set-Cookie': entry.cookie }, Buffer.concat([file.body, key]));
}

const usedUp =
  'The address that Siteseal prints when it starts works once, in one browser. To open Siteseal again, stop it ' +
  'and start it again.';
