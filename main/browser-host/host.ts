import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { RunningCore } from '../core/index.ts';
import { answerHeaders, readPage, type PageFiles } from '../page/index.ts';
import { Admission } from './admission.ts';
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
  /** Takes leave of the pages and stops. The core goes on. */
  close(): Promise<void>;
}

/** More than any message of a page: it sends calls, and never a file. */
const maximumMessage = 4 * 1024 * 1024;

/** The WebSocket's code for "the server goes away". */
const goingAway = 1001;

/** Milliseconds for the browser to answer when the host takes leave. */
const leaveTaking = 500;

/** Starts to serve on loopback. Rejects when the port cannot be had. */
export async function startBrowserHost(options: BrowserHostOptions): Promise<BrowserHost> {
  const server = createServer({ requestTimeout: 10_000 });
  await listen(server, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  const admission = new Admission(port);
  const page = readPage(options.pageFolder, `ws://127.0.0.1:${port}`);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maximumMessage });

  server.on('request', (request, response) => answer(request, response, admission, page));
  server.on('upgrade', (request, socket, head) => {
    if (request.url !== '/port' || !admission.mayConnect(request)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    socket.on('error', () => socket.destroy());
    Promise.resolve(options.core).then(
      (core) =>
        sockets.handleUpgrade(request, socket, head, (webSocket) => core.serve(webSocketPort(webSocket))),
      () => socket.destroy(),
    );
  });

  const { address } = admission;
  return {
    address,
    async close() {
      for (const socket of sockets.clients) socket.close(goingAway);
      // A browser that does not answer the leave-taking must not hold us up.
      const cut = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
        server.closeAllConnections();
      }, leaveTaking);
      await Promise.all(
        [sockets, server].map((one) => new Promise<unknown>((resolve) => one.close(resolve))),
      );
      clearTimeout(cut);
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  admission: Admission,
  page: PageFiles,
): void {
  const say = (status: number, sentence: string, headers: Record<string, string> = {}): void => {
    response.writeHead(status, {
      ...answerHeaders(),
      'Content-Type': 'text/plain; charset=utf-8',
      ...headers,
    });
    response.end(request.method === 'HEAD' ? undefined : `${sentence}\n`);
  };
  if (!admission.isForUs(request)) return say(403, 'This request comes from elsewhere.');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return say(405, 'Only GET and HEAD are answered.', { Allow: 'GET, HEAD' });
  }
  // Only the form with a slash is of this server; anything else, such as a whole address, is not in the page.
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  const token = new URLSearchParams(query).get('token');
  if (path === '/' && token !== null && request.method === 'GET') {
    const cookie = admission.redeem(token);
    if (cookie !== undefined) return say(303, 'Go on.', { Location: '/', 'Set-Cookie': cookie });
    if (!admission.isKnown(request)) return say(403, usedUp);
    return say(303, 'Go on.', { Location: '/' });
  }
  if (!admission.isKnown(request)) return say(403, usedUp);
  const file = page(path);
  if (file === undefined) return say(404, 'There is nothing here.');
  response.writeHead(200, { ...file.headers, 'Content-Length': file.body.byteLength });
  response.end(request.method === 'HEAD' ? undefined : file.body);
}

const usedUp =
  'Siteseal opens with the address that it wrote when it started, once, in one browser. To open it again, ' +
  'stop it and start it again.';
