import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

/** A file of the page, ready to be sent. */
export interface PageFile {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Gives the file for a path such as `/` or `/assets/index.js`; undefined where the page has none. */
export type PageFiles = (path: string) => PageFile | undefined;

/** What the build writes where the nonce goes; a document gets a fresh one with every answer. */
const noncePlace = 'SITESEAL_NONCE';

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/vnd.microsoft.icon',
  '.woff2': 'font/woff2',
};

/**
 * Reads the built page. All of it is held in memory, so that what can be asked for is exactly what was built: no
 * request ever becomes a path on the disk.
 * @param folder where the build wrote the page
 * @param connect where else than to its own origin the page may connect, as a source of the policy's connect-src
 */
export function readPage(folder: string, connect = ''): PageFiles {
  const bodies = new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [`/${relative(folder, file).split(sep).join('/')}`, readFileSync(file)]),
  );
  return (path) => {
    const name = path === '/' ? '/index.html' : path;
    const body = bodies.get(name);
    const type = mediaTypes[extname(name)];
    if (body === undefined || type === undefined) return undefined;
    const nonce = randomBytes(16).toString('base64');
    const isDocument = extname(name) === '.html';
    return {
      headers: { 'Content-Type': type, ...answerHeaders(connect, nonce) },
      body: isDocument
        ? new TextEncoder().encode(body.toString('utf8').replaceAll(noncePlace, nonce))
        : new Uint8Array(body),
    };
  };
}

/**
 * The headers of every answer. Styles need a nonce, because the components write style elements (of sizes and
 * colours); scripts come from files of the page only.
 */
export function answerHeaders(connect = '', nonce?: string): Readonly<Record<string, string>> {
  const policy = [
    `default-src 'none'`,
    `script-src 'self'`,
    `style-src 'self'${nonce === undefined ? '' : ` 'nonce-${nonce}'`}`,
    `img-src 'self' data:`,
    `font-src 'self'`,
    `connect-src 'self' ${connect}`.trimEnd(),
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors 'none'`,
  ];
  return {
    'Content-Security-Policy': policy.join('; '),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  };
}
