import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** The parts of a request that decide about admission. */
export type RequestHead = Pick<IncomingMessage, 'headers'>;

/** What a browser gets for the token. */
export interface Entry {
  /** The `Set-Cookie` header. */
  readonly cookie: string;
  /** The page's own secret, for its WebSocket. */
  readonly key: string;
}

/** The WebSocket's protocol (RFC 6455 section 1.9). The page offers its key as a second protocol. */
const protocol = 'siteseal';

/**
 * Decides which requests are admitted. Other programs and other users of the computer can reach the port, and other
 * sites can make the browser send requests. Three secrets keep them out:
 *
 * - The address that the user opens holds a token. It works once, and gives the browser a cookie and the page a key.
 * - The cookie gets the files of the page. A browser sends it to every port of 127.0.0.1, so another program's server
 *   there can learn it.
 * - The key opens the WebSocket to the core. Only scripts of exactly this origin have it.
 */
export class Admission {
  readonly #host: string;
  readonly #cookieName: string;
  readonly #cookie = secret();
  readonly #key = secret();
  #token: string | undefined = secret();

  /** @param port of the server: a browser keeps one set of cookies for all ports of a host */
  constructor(port: number) {
    this.#host = `127.0.0.1:${port}`;
    this.#cookieName = `siteseal-${port}`;
  }

  /** The origin of the page, as a browser names it (RFC 6454 section 6.2). */
  get origin(): string {
    return `http://${this.#host}`;
  }

  /** The address to open. It holds the token until the token is used. */
  get address(): string {
    return `${this.origin}/?token=${this.#token ?? ''}`;
  }

  /** Uses up the token; undefined when it is wrong or already used. */
  redeem(token: string): Entry | undefined {
    if (this.#token === undefined || !isSame(token, this.#token)) return undefined;
    this.#token = undefined;
    return {
      cookie: `${this.#cookieName}=${this.#cookie}; HttpOnly; SameSite=Strict; Path=/`,
      key: this.#key,
    };
  }

  /**
   * Whether a request is meant for this server and does not come from another site. Host shows a name that was made to
   * lead here (DNS rebinding). Origin or Sec-Fetch-Site shows another site.
   */
  isForUs(request: RequestHead): boolean {
    const { 'sec-fetch-site': site } = request.headers;
    return this.#isHere(request) && (site === undefined || site === 'same-origin' || site === 'none');
  }

  /**
   * Whether a request may bring the token. This is `isForUs`, except that the user's own file that leads here counts as
   * another site in a browser. Such a request must open a tab, not a part of another page.
   */
  mayEnter(request: RequestHead): boolean {
    const { 'sec-fetch-mode': mode, 'sec-fetch-dest': destination } = request.headers;
    return (
      this.isForUs(request) || (this.#isHere(request) && mode === 'navigate' && destination === 'document')
    );
  }

  /** Whether a request has the cookie. */
  isKnown({ headers }: RequestHead): boolean {
    const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
    const prefix = `${this.#cookieName}=`;
    return pairs.some((pair) => pair.startsWith(prefix) && isSame(pair.slice(prefix.length), this.#cookie));
  }

  /**
   * Whether a WebSocket may be opened: only with cookie and key, from our own page. Browsers always report the origin.
   */
  mayConnect(request: RequestHead): boolean {
    const { origin, 'sec-websocket-protocol': offered = '' } = request.headers;
    const [first, key = ''] = offered.split(',').map((name) => name.trim());
    const hasKey = first === protocol && isSame(key, this.#key);
    return hasKey && this.isForUs(request) && origin === this.origin && this.isKnown(request);
  }

  #isHere({ headers: { host, origin } }: RequestHead): boolean {
    return host === this.#host && (origin === undefined || origin === this.origin);
  }
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

/** Compares in constant time. The length of our secrets is not secret. */
function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
