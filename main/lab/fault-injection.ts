import { randomBytes } from 'node:crypto';
import { Duplex } from 'node:stream';
import { acceptanceCodes, type AcceptanceCode } from '../bundle/index.ts';

/** What goes wrong with a connection after this many bytes, both directions together. */
export interface StreamFault {
  /**
   * - `drop-after`: it ends.
   * - `stall`: nothing passes any more.
   * - `slow`: 1,000 bytes a second pass.
   * - `garbage`: the eNB's bytes are random.
   * - `reset-usb`: the eNB leaves the bus and comes back. On TCP the connection is reset.
   */
  readonly kind: 'drop-after' | 'stall' | 'slow' | 'garbage' | 'reset-usb';
  readonly after: number;
}

/** How a reference eNB fails, for training and for tests. */
export type Failure =
  | StreamFault
  /** It reports an identity other than that in its certificate. */
  | { readonly kind: 'wrong-identity' }
  /** It refuses every bundle, with this check. */
  | { readonly kind: 'refuse'; readonly code: AcceptanceCode }
  | { readonly kind: 'no-clock' }
  /** It closes the connection after each answer. */
  | { readonly kind: 'close-after-answer' }
  /** The connection ends as a bundle arrives, before the eNB takes it. */
  | { readonly kind: 'drop-at-bundle' };

/** The forms of `--fail`, as the help shows them. */
export const failureForms = [
  'drop-after=N',
  'stall[=N]',
  'slow[=N]',
  'garbage[=N]',
  'reset-usb[=N]',
  'wrong-identity',
  'refuse=CODE',
  'no-clock',
  'close-after-answer',
  'drop-at-bundle',
] as const;

/** Reads one of these forms, in which N is a number of bytes. Undefined for any other text. */
export function parseFailure(text: string): Failure | undefined {
  const [, kind = '', value] = /^([a-z-]+)(?:=(.+))?$/.exec(text) ?? [];
  switch (kind) {
    case 'wrong-identity':
    case 'no-clock':
    case 'close-after-answer':
    case 'drop-at-bundle':
      return value === undefined ? { kind } : undefined;
    case 'refuse': {
      const code = acceptanceCodes.find((known) => known === value);
      return code && { kind, code };
    }
    case 'drop-after':
      return value === undefined ? undefined : streamFault(kind, value);
    case 'stall':
    case 'slow':
    case 'garbage':
    case 'reset-usb':
      return streamFault(kind, value ?? '0');
    default:
      return undefined;
  }
}

function streamFault(kind: StreamFault['kind'], octets: string): StreamFault | undefined {
  return /^\d{1,9}$/.test(octets) ? { kind, after: Number(octets) } : undefined;
}

/** Whether the failure is in the connection, and not in what the eNB answers. */
export function isStreamFault(failure: Failure): failure is StreamFault {
  return 'after' in failure;
}

/** Milliseconds per byte on a slow connection. */
const slowOctet = 1;
const slowPiece = 64;

/**
 * A stream to the tool on which something goes wrong. `reset` takes the eNB off its bus and puts it back. Calls
 * `onFailing` once, when the failure starts.
 */
export class FaultyStream extends Duplex {
  readonly #stream: Duplex;
  readonly #fault: StreamFault;
  readonly #reset: () => void;
  readonly #onFailing: () => void;
  #isFailing = false;
  #left: number;

  constructor(
    stream: Duplex,
    fault: StreamFault,
    reset: () => void,
    onFailing: () => void = () => undefined,
  ) {
    super();
    this.#stream = stream;
    this.#fault = fault;
    this.#reset = reset;
    this.#onFailing = onFailing;
    this.#left = fault.after;
    stream.on('data', (bytes: Buffer) => {
      stream.pause();
      this.#pass(bytes, 'in', () => stream.resume());
    });
    stream.once('end', () => this.push(null));
    stream.once('error', (error) => this.destroy(error));
    stream.once('close', () => this.destroy());
  }

  override _read(): void {
    // Pushes bytes as they arrive. The pause above keeps the stream from running ahead.
  }

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.#pass(bytes, 'out', done);
  }

  override _final(done: () => void): void {
    this.#stream.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#stream.destroy();
    done(error);
  }

  /** Passes bytes on, as far as the fault allows. Calls `done` when there is room for more. */
  #pass(bytes: Buffer, direction: 'in' | 'out', done: () => void): void {
    const whole = bytes.subarray(0, this.#left);
    this.#left -= whole.length;
    const rest = bytes.subarray(whole.length);
    if (whole.length > 0)
      this.#give(whole, direction, rest.length > 0 ? () => this.#fail(rest, direction, done) : done);
    else if (rest.length > 0) this.#fail(rest, direction, done);
    else done();
  }

  #give(bytes: Buffer, direction: 'in' | 'out', done: () => void): void {
    if (this.destroyed) return;
    if (direction === 'out') this.#stream.write(bytes, () => done());
    else {
      this.push(bytes);
      done();
    }
  }

  /** Handles bytes that the fault affects. */
  #fail(bytes: Buffer, direction: 'in' | 'out', done: () => void): void {
    if (!this.#isFailing) this.#onFailing();
    this.#isFailing = true;
    switch (this.#fault.kind) {
      case 'drop-after':
        this.destroy();
        return;
      case 'reset-usb':
        this.#reset();
        this.destroy();
        return;
      case 'stall':
        return; // never calls done
      case 'garbage':
        this.#give(direction === 'out' ? randomBytes(bytes.length) : bytes, direction, done);
        return;
      case 'slow':
        this.#trickle(bytes, direction, done);
    }
  }

  #trickle(bytes: Buffer, direction: 'in' | 'out', done: () => void): void {
    const piece = bytes.subarray(0, slowPiece);
    const rest = bytes.subarray(piece.length);
    const next = () =>
      this.#give(piece, direction, rest.length > 0 ? () => this.#trickle(rest, direction, done) : done);
    setTimeout(next, piece.length * slowOctet);
  }
}
