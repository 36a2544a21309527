import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

/** A file of the page, ready to send. */
export interface PageFile {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Returns the file for a path such as `/` or `/assets/index.js`; undefined when the page has no such file. */
export type PageFiles = (path: string) => PageFile | undefined;

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
 * Reads the built page. All of it is held in memory, so requests can reach exactly what was built: no request ever
 * becomes a path on the disk.
 * @param folder where the build wrote the page
 * @param connect where the page may connect besides its own origin, as a source of the policy's connect-src
 */
export function readPage(folder: string, connect?: string): PageFiles {
  const files = new Map<string, PageFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const type = mediaTypes[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const file = join(entry.parentPath, entry.name);
    files.set(`/${relative(folder, file).split(sep).join('/')}`, {
      headers: { 'Content-Type': type, ...answerHeaders(connect) },
      body: new Uint8Array(readFileSync(file)),
    });
  }
  return (path) => files.get(path === '/' ? '/index.html' : path);
}

/**
 * The headers of every answer. The page follows the strictest policy: scripts, styles and fonts are its own files, and
 * no element has an inline style.
 */
export function answerHeaders(connect?: string): Readonly<Record<string, string>> {
  const policy = [
    `default-src 'none'`,
    `script-src 'self'`,
    `style-src 'self'`,
    `img-src 'self' data:`,
    `font-src 'self'`,
    `connect-src 'self'${connect === undefined ? '' : ` ${connect}`}`,
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
