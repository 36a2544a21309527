import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** What is judged of a request. */
export type Asked = Pick<IncomingMessage, 'headers'>;

/**
 * Who is let in. The address that the person is given holds a token that works once, and gives their browser a
 * cookie. Other programs and other users of the computer can reach the port, and other sites can make the browser
 * ask: neither has the cookie, or can send it from an origin of its own.
 */
export class Admission {
  readonly #host: string;
  readonly #cookieName: string;
  readonly #cookie = secret();
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

  /** The address to open, as long as its token was not used. */
  get address(): string {
    return `${this.origin}/?token=${this.#token ?? ''}`;
  }

  /** Takes the token: the header that sets the cookie, or undefined when the token is not, or no longer, right. */
  redeem(token: string): string | undefined {
    if (this.#token === undefined || !isSame(token, this.#token)) return undefined;
    this.#token = undefined;
    return `${this.#cookieName}=${this.#cookie}; HttpOnly; SameSite=Strict; Path=/`;
  }

  /**
   * Whether a request is meant for this server and does not come from another site: a name that was made to lead
   * here (DNS rebinding) stands in Host, another site in Origin or Sec-Fetch-Site.
   */
  isForUs({ headers }: Asked): boolean {
    const { host, origin, 'sec-fetch-site': site } = headers;
    return (
      host === this.#host &&
      (origin === undefined || origin === this.origin) &&
      (site === undefined || site === 'same-origin' || site === 'none')
    );
  }

  /** Whether a request has the cookie. */
  isKnown({ headers }: Asked): boolean {
    const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
    const prefix = `${this.#cookieName}=`;
    return pairs.some((pair) => pair.startsWith(prefix) && isSame(pair.slice(prefix.length), this.#cookie));
  }

  /** Whether a WebSocket may be opened: browsers always say where it comes from. */
  mayConnect(asked: Asked): boolean {
    return this.isForUs(asked) && asked.headers.origin === this.origin && this.isKnown(asked);
  }
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
