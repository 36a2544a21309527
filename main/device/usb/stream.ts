import { Duplex } from 'node:stream';
import { StreamError } from '../transport.ts';
import type { UsbFault, UsbInterface } from './bus.ts';

/** Octets in one OUT transfer at most; whole packets of every size that bulk endpoints have. */
const maximumTransfer = 16 * 1024;

/** How long things may take, in milliseconds. */
export const usbTimeouts = {
  /** Nothing comes from the device: longer than the eNB may take for an answer, and than it keeps an idle stream. */
  silence: 40_000,
  /** The device takes nothing of what is sent. */
  send: 10_000,
  /** The device does not answer that the stream has ended. */
  close: 1_000,
};

/**
 * The octets of both bulk endpoints as one stream. A transfer that fails or times out ends it: what the device has of
 * such a transfer nobody knows, so that the only way on is a new stream, before which the device discards everything.
 * There is no half of a stream: `end` does nothing, and `destroy` tells the device, lets the transfers under way come
 * to their end, and gives the interface back; only then comes `close`.
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

  /** Receives until there is something: a packet may be empty. */
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

/** Octets cut into transfers. What ends in a whole packet is followed by an empty one: a device may wait for more. */
function* transfersOf(bytes: Uint8Array, packetSize: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += maximumTransfer) yield bytes.subarray(at, at + maximumTransfer);
  if (bytes.length % packetSize === 0) yield new Uint8Array(0);
}
