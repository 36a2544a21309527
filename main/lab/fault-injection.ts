import { randomBytes } from 'node:crypto';
import { Duplex } from 'node:stream';
import { acceptanceCodes, type AcceptanceCode } from '../bundle/index.ts';

/** What is wrong with a connection, once this many octets have passed, both ways together. */
export interface StreamFault {
  /**
   * `drop-after`: it ends. `stall`: nothing passes any more. `slow`: 1,000 octets a second pass. `garbage`: the eNB's
   * octets are random ones. `reset-usb`: the eNB leaves the bus and comes back; on TCP, the connection is reset.
   */
  readonly kind: 'drop-after' | 'stall' | 'slow' | 'garbage' | 'reset-usb';
  readonly after: number;
}

/** How a reference eNB fails, for training and for tests. */
export type Failure =
  | StreamFault
  /** It says that it is another eNB than its certificate says. */
  | { readonly kind: 'wrong-identity' }
  /** It refuses every bundle, by this check. */
  | { readonly kind: 'refuse'; readonly code: AcceptanceCode }
  | { readonly kind: 'no-clock' }
  /** It closes the connection after each answer. */
  | { readonly kind: 'close-after-answer' };

/** The forms of `--fail`, for people. */
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
] as const;

/** Reads one of the forms; N are octets. Undefined when it is none of them. */
export function parseFailure(text: string): Failure | undefined {
  const [, kind = '', value] = /^([a-z-]+)(?:=(.+))?$/.exec(text) ?? [];
  switch (kind) {
    case 'wrong-identity':
    case 'no-clock':
    case 'close-after-answer':
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

/** Whether it is the connection that fails, and not what the eNB says on it. */
export function isStreamFault(failure: Failure): failure is StreamFault {
  return 'after' in failure;
}

/** Milliseconds that an octet takes on a slow connection. */
const slowOctet = 1;
const slowPiece = 64;

/**
 * A stream to the tool on which something goes wrong. `reset` takes the eNB off its bus and puts it back; `onFailing` is
 * called once, when it begins to go wrong.
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
    // Octets are pushed as they come; the pause above keeps the stream from running ahead.
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

  /** Passes octets on, as long as the fault allows; `done` when there is room for more. */
  #pass(bytes: Buffer, way: 'in' | 'out', done: () => void): void {
    const whole = bytes.subarray(0, this.#left);
    this.#left -= whole.length;
    const rest = bytes.subarray(whole.length);
    if (whole.length > 0) this.#give(whole, way, rest.length > 0 ? () => this.#fail(rest, way, done) : done);
    else if (rest.length > 0) this.#fail(rest, way, done);
    else done();
  }

  #give(bytes: Buffer, way: 'in' | 'out', done: () => void): void {
    if (this.destroyed) return;
    if (way === 'out') this.#stream.write(bytes, () => done());
    else {
      this.push(bytes);
      done();
    }
  }

  /** What becomes of octets that the fault does not let pass as they are. */
  #fail(bytes: Buffer, way: 'in' | 'out', done: () => void): void {
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
        return; // never done
      case 'garbage':
        this.#give(way === 'out' ? randomBytes(bytes.length) : bytes, way, done);
        return;
      case 'slow':
        this.#trickle(bytes, way, done);
    }
  }

  #trickle(bytes: Buffer, way: 'in' | 'out', done: () => void): void {
    const piece = bytes.subarray(0, slowPiece);
    const rest = bytes.subarray(piece.length);
    const next = () => this.#give(piece, way, rest.length > 0 ? () => this.#trickle(rest, way, done) : done);
    setTimeout(next, piece.length * slowOctet);
  }
}
