import { Duplex } from 'node:stream';
import { StreamError } from '../transport.ts';
import type { UsbFault, UsbInterface } from './bus.ts';

/** The most bytes in one OUT transfer: a multiple of every packet size of bulk endpoints. */
const maximumTransfer = 16 * 1024;

/** Time limits, in milliseconds. */
export const usbTimeouts = {
  /** The device sends nothing. Longer than an eNB may take to answer, and than it keeps an idle stream. */
  silence: 40_000,
  /** The device accepts no data. */
  send: 10_000,
  /** The device does not confirm the end of the stream. */
  close: 1_000,
};

/**
 * Both bulk endpoints as one byte stream. A transfer that fails or times out ends it, because nobody knows how much of
 * it the device has. The only option is then a new stream, for which the device discards everything.
 *
 * The stream cannot be half-closed: `end` does nothing. `destroy` notifies the device, lets transfers in progress
 * finish, and releases the interface. Only then does it emit `close`.
 */
export class UsbStream extends Duplex {
  readonly #usb: UsbInterface;
  #receiving: Promise<void> | undefined;
  #sending: Promise<void> | undefined;

  constructor(usb: UsbInterface) {
    super({ readableHighWaterMark: maximumTransfer, writableHighWaterMark: maximumTransfer });
    this.#usb = usb;
  }

  override _read(): void {
    this.#receiving = this.#receive();
  }

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error) => void): void {
    this.#sending = this.#send(chunk).then((fault) => callback(fault && new StreamError(fault)));
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    void this.#close().then(() => callback(error));
  }

  /** Reads until there is data: a packet may be empty. */
  async #receive(): Promise<void> {
    while (!this.destroyed) {
      const packet = await this.#usb.transferIn(usbTimeouts.silence);
      if (!packet.ok) this.destroy(new StreamError(packet.fault));
      else if (packet.value.length > 0) return void this.push(packet.value);
    }
  }

  async #send(bytes: Uint8Array): Promise<UsbFault | undefined> {
    for (const transfer of transfersOf(bytes, this.#usb.packetSize)) {
      if (this.destroyed) return undefined;
      const sent = await this.#usb.transferOut(transfer, usbTimeouts.send);
      if (!sent.ok) return sent.fault;
    }
    return undefined;
  }

  async #close(): Promise<void> {
    await this.#usb.control('close', usbTimeouts.close);
    await Promise.all([this.#receiving, this.#sending]);
    await this.#usb.close();
  }
}

/** Splits bytes into transfers. If the last packet is full, an empty one follows: a device may wait for more. */
function* transfersOf(bytes: Uint8Array, packetSize: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += maximumTransfer) yield bytes.subarray(at, at + maximumTransfer);
  if (bytes.length % packetSize === 0) yield new Uint8Array(0);
}
