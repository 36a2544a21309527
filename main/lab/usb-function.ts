import { Duplex } from 'node:stream';
import { usbRequests } from '../device/index.ts';

/** The eight bytes before a control transfer, parsed (USB 2.0 section 9.3). */
export interface UsbSetup {
  readonly requestType: number;
  readonly request: number;
  readonly value: number;
  readonly index: number;
  /** Size of the data stage, in bytes. */
  readonly length: number;
}

/** An IN transfer that waits for data. `done` receives the bytes, or undefined if the endpoint is halted. */
interface PendingIn {
  readonly length: number;
  readonly done: (bytes: Uint8Array | undefined) => void;
}

/**
 * The eNB's side of the USB interface: turns control requests and bulk transfers into streams. Independent of
 * descriptors and buses. A transfer is answered later if there is no data or no room, like a device that answers NAK.
 * Between two streams OUT transfers are accepted and discarded, and IN transfers are empty.
 */
export class UsbFunction {
  readonly #accept: (stream: Duplex) => void;
  #stream: DeviceStream | undefined;
  #isHalted = false;
  #pendingIn: PendingIn | undefined;

  /** Calls `accept` with a new stream each time the host opens the interface. */
  constructor(accept: (stream: Duplex) => void) {
    this.#accept = accept;
  }

  /** A control request to the interface. False means a stall. */
  control({ requestType, request, value, length }: UsbSetup): boolean {
    if (requestType !== 0x41 || value !== 0 || length !== 0) return false;
    if (request !== usbRequests.open && request !== usbRequests.close) return false;
    this.reset();
    if (request === usbRequests.open) this.#open();
    return true;
  }

  /** Ends the stream, as on close, bus reset or unplugging. */
  reset(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    this.#isHalted = false;
    stream?.destroy();
    stream?.releaseOut();
    this.#answerIn(new Uint8Array(0));
  }

  /** An OUT transfer. Calls `done` when it is accepted, with false if the endpoint is halted. */
  out(bytes: Uint8Array, done: (isTaken: boolean) => void): void {
    if (this.#isHalted || !this.#stream || bytes.length === 0) done(!this.#isHalted);
    else this.#stream.receive(bytes, () => done(true));
  }

  /** An IN transfer of at most `length` bytes. Answers immediately, or when there is data. */
  in(length: number, done: PendingIn['done']): void {
    if (this.#isHalted) done(undefined);
    else if (!this.#stream) done(new Uint8Array(0));
    else {
      this.#pendingIn = { length, done };
      this.#give();
    }
  }

  /** Cancels the waiting IN transfer. */
  cancelIn(): void {
    this.#pendingIn = undefined;
  }

  #open(): void {
    const stream = new DeviceStream(() => this.#give());
    this.#stream = stream;
    // If the eNB ends a stream that the host has open, it halts the endpoints. USB offers no other signal.
    stream.once('close', () => {
      if (this.#stream !== stream) return;
      this.#isHalted = true;
      stream.releaseOut();
      this.#answerIn(undefined);
    });
    this.#accept(stream);
  }

  #give(): void {
    if (this.#pendingIn) this.#stream?.provide(this.#pendingIn.length, (bytes) => this.#answerIn(bytes));
  }

  #answerIn(bytes: Uint8Array | undefined): void {
    const pending = this.#pendingIn;
    this.#pendingIn = undefined;
    pending?.done(bytes);
  }
}

/** A stream between its owner and transfers. Each side waits for the other. */
class DeviceStream extends Duplex {
  readonly #onWritten: () => void;
  #written: { readonly bytes: Uint8Array; readonly taken: () => void } | undefined;
  /** The OUT transfers that wait for the reader. */
  #waiting: readonly (() => void)[] = [];

  constructor(onWritten: () => void) {
    super();
    this.#onWritten = onWritten;
  }

  /** Bytes from the host. Calls `done` once the reader wants more. */
  receive(bytes: Uint8Array, done: () => void): void {
    if (this.push(bytes)) done();
    else this.#waiting = [...this.#waiting, done];
  }

  /** Passes bytes for the host to `give`, at most `length`, once there are some. */
  provide(length: number, give: (bytes: Uint8Array) => void): void {
    if (!this.#written) return;
    const { bytes, taken } = this.#written;
    const rest = bytes.subarray(length);
    this.#written = rest.length > 0 ? { bytes: rest, taken } : undefined;
    give(bytes.subarray(0, length));
    if (rest.length === 0) taken();
  }

  /** Completes OUT transfers that wait for the reader. */
  releaseOut(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const done of waiting) done();
  }

  override _read(): void {
    this.releaseOut();
  }

  override _write(bytes: Buffer, _encoding: string, callback: () => void): void {
    this.#written = { bytes, taken: callback };
    this.#onWritten();
  }

  override _final(callback: () => void): void {
    callback();
    this.destroy();
  }
}
