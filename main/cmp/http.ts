import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import { fault, type Fault, type Rule } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import { certificatesToPem, type Certificate } from '../pki/index.ts';
import type { Exchange, ExchangeFaultCode } from './exchange.ts';
import { maximumMessage } from './message.ts';

/** The media type of a PKIMessage (RFC 9811 section 3.3). */
export const cmpMediaType = 'application/pkixcmp';

/** In milliseconds. */
export interface Deadlines {
  /** Until the connection is made, with the lookup of the name. */
  readonly connect: number;
  /** The longest time in which nothing arrives. */
  readonly progress: number;
  /** Until the whole answer is there. */
  readonly whole: number;
}

/** Long enough for a CA with a slow key module, and for a slow backhaul. */
export const usualDeadlines: Deadlines = { connect: 10_000, progress: 30_000, whole: 60_000 };

/** How to reach a server of CMP. */
export interface HttpOptions {
  readonly deadlines?: Deadlines;
  /** Connects to another address: `host:port` of the URL to `address:port`, as curl's `--connect-to`. */
  readonly connectTo?: Readonly<Record<string, string>>;
  /** Makes the connection, for example through a tunnel. It gets the port of the URL. */
  readonly connect?: ((port: number) => Duplex) | undefined;
  /** The only roots for https. Without them no https server is trusted. */
  readonly trustAnchors?: readonly Certificate[];
}

/**
 * The HTTP transfer of CMP (RFC 9811). Every message has its own connection, to exactly the address of the URL: no
 * proxy, redirect, cookie or cache takes part.
 */
export function httpExchange(url: string, options: HttpOptions = {}): Exchange {
  const target = new URL(url);
  return async (message, signal) => {
    const answer = await post(target, message, options, signal);
    if ('code' in answer) return { ok: false, fault: { ...answer, where: { address: url } } };
    const { status, body } = answer;
    const broken = brokenRule(answer);
    if (!broken) return { ok: true, value: body };
    const found = [`HTTP ${status}`, ...broken.details].join(', ').slice(0, longestFound);
    return {
      ok: false,
      fault: fault('cmp-http', { rule: broken.rule, found, where: { address: url } }),
      ...(mayBeMessage(body) && { answer: body }),
    };
  };
}

/** The longest text of an answer that is shown: a header can have many thousand characters. */
const longestFound = 300;

interface Answer {
  readonly status: number;
  /** In lower case without parameters; empty without one. */
  readonly mediaType: string;
  readonly location: string | undefined;
  readonly body: Uint8Array;
}

function post(
  url: URL,
  message: Uint8Array,
  { deadlines = usualDeadlines, connectTo = {}, connect, trustAnchors = [] }: HttpOptions,
  signal: AbortSignal | undefined,
): Promise<Answer | Fault<ExchangeFaultCode>> {
  // Not even a connection may start then.
  if (signal?.aborted) return Promise.resolve(fault('cancelled'));
  return new Promise((resolve) => {
    const isHttps = url.protocol === 'https:';
    const call = (isHttps ? httpsRequest : httpRequest)({
      ...addressOf(url, connectTo),
      ...(connect ? { createConnection: () => connectionOf(url, connect, trustAnchors) } : { agent: false }),
      ...(isHttps && trustOnly(trustAnchors)),
      method: 'POST',
      path: url.pathname + url.search,
      headers: {
        host: url.host,
        'content-type': cmpMediaType,
        'content-length': message.length,
        'cache-control': 'no-cache',
      },
    });
    const end = (outcome: Answer | Fault<ExchangeFaultCode>) => {
      clearTimeout(connecting);
      clearTimeout(whole);
      signal?.removeEventListener('abort', cancel);
      resolve(outcome);
      call.destroy();
    };
    const late = (milliseconds: number) => () => end(fault('cmp-no-answer', { found: `${milliseconds} ms` }));
    const cancel = () => end(fault('cancelled'));
    const connecting = setTimeout(late(deadlines.connect), deadlines.connect);
    const whole = setTimeout(late(deadlines.whole), deadlines.whole);
    signal?.addEventListener('abort', cancel);
    call.on('error', (error) => end(faultOf(error)));
    call.once('socket', (socket: Duplex & Partial<Socket>) => {
      const connected = () => {
        clearTimeout(connecting);
        socket.setTimeout?.(deadlines.progress, late(deadlines.progress));
      };
      // A stream through a tunnel can be open already.
      if (!isHttps && !socket.connecting) connected();
      else socket.once(isHttps ? 'secureConnect' : 'connect', connected);
    });
    call.once('upgrade', ({ statusCode = 0 }) =>
      end(fault('cmp-http', { rule: 'cmp-http-status', found: `HTTP ${statusCode}` })),
    );
    call.once('response', (response) => {
      readAnswer(response).then(end, (error: unknown) => end(faultOf(error)));
    });
    call.end(message);
  });
}

/** The only trust anchors. The check is explicit, because NODE_TLS_REJECT_UNAUTHORIZED=0 would turn off the default. */
function trustOnly(trustAnchors: readonly Certificate[]) {
  return { ca: certificatesToPem(trustAnchors), rejectUnauthorized: true };
}

/** A connection that the caller makes, with TLS in it for https. */
function connectionOf(
  url: URL,
  connect: (port: number) => Duplex,
  trustAnchors: readonly Certificate[],
): Duplex {
  const stream = connect(Number(portOf(url)));
  if (url.protocol !== 'https:') return stream;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const socket = tlsConnect({
    socket: stream,
    ...trustOnly(trustAnchors),
    host,
    ...(isIP(host) === 0 && { servername: host }),
  });
  stream.once('error', (error) => socket.destroy(error));
  return socket;
}

/** Where to connect, for a server that sees the host of the URL all the same. */
function addressOf(url: URL, connectTo: Readonly<Record<string, string>>): RequestOptions {
  const port = portOf(url);
  const other = connectTo[`${url.hostname}:${port}`];
  const address = other === undefined ? { hostname: url.hostname, port } : new URL(`tcp://${other}`);
  return { host: address.hostname.replace(/^\[(.*)\]$/, '$1'), port: address.port };
}

function portOf(url: URL): string {
  return url.port || (url.protocol === 'https:' ? '443' : '80');
}

async function readAnswer(response: IncomingMessage): Promise<Answer | Fault<ExchangeFaultCode>> {
  const { statusCode: status = 0, headers } = response;
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response) {
    parts.push(part as Buffer);
    size += (part as Buffer).length;
    if (size > maximumMessage) return fault('cmp-http', { rule: 'cmp-http-size', found: `HTTP ${status}` });
  }
  const mediaType = (headers['content-type'] ?? '').replace(/;.*/s, '').trim().toLowerCase();
  return { status, mediaType, location: headers.location, body: Buffer.concat(parts) };
}

/** Codes of TLS when a server's certificate does not hold. */
const certificateCodes = /CERT|UNABLE_TO|ERR_TLS/;

function faultOf(error: unknown): Fault<ExchangeFaultCode> {
  const found = errorCode(error);
  if (found.startsWith('HPE_')) return fault('cmp-http', { rule: 'cmp-http-syntax', found });
  if (found === 'ETIMEDOUT') return fault('cmp-no-answer', { found });
  return fault('cmp-unreachable', {
    ...(certificateCodes.test(found) && { rule: 'cmp-https' as const }),
    found,
  });
}

/** Whether bytes start like a PKIMessage, which is a SEQUENCE. */
function mayBeMessage(bytes: Uint8Array): boolean {
  return bytes[0] === 0x30;
}

/** The rule that explains a status better than that it is not 200. */
const statusRules: ReadonlyMap<number, Rule> = new Map([
  [401, 'cmp-http-login'],
  [404, 'cmp-http-path'],
  [405, 'cmp-http-path'],
  [407, 'cmp-http-login'],
  [511, 'cmp-http-login'],
]);

/** The rule that an answer breaks, with what was found beside its status; undefined for a good answer. */
function brokenRule({
  status,
  mediaType,
  location,
  body,
}: Answer): { rule: Rule; details: readonly string[] } | undefined {
  const shown = mediaType === '' ? [] : [mediaType];
  if (status >= 300 && status < 400)
    return { rule: 'cmp-http-redirect', details: location === undefined ? [] : [location] };
  const ofStatus = statusRules.get(status);
  if (ofStatus) return { rule: ofStatus, details: [] };
  if (mediaType === 'text/html' || looksLikeHtml(body))
    return { rule: 'cmp-http-html', details: titleOf(body) };
  if (status !== 200) return { rule: 'cmp-http-status', details: shown };
  if (body.length === 0) return { rule: 'cmp-http-empty', details: shown };
  return mediaType === cmpMediaType ? undefined : { rule: 'cmp-http-media-type', details: shown };
}

function looksLikeHtml(body: Uint8Array): boolean {
  return /^\s*<(!doctype html|html|head|body)\b/i.test(beginningOf(body));
}

/** The title of a page, which often names the proxy. */
function titleOf(body: Uint8Array): readonly string[] {
  const [, title = ''] = /<title[^>]*>([^<]{1,200})/i.exec(beginningOf(body)) ?? [];
  const plain = title.replace(/\s+/g, ' ').trim();
  return plain === '' ? [] : [`“${plain}”`];
}

function beginningOf(body: Uint8Array): string {
  return Buffer.from(body.subarray(0, 4096)).toString('utf8');
}
