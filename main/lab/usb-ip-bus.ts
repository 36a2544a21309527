import type { Duplex } from 'node:stream';
import { usbRequests, type UsbBus, type UsbDevice, type UsbInterface } from '../device/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { usbEndpoint, usbIds } from './usb-descriptors.ts';

type Code = Extract<Awaited<ReturnType<UsbInterface['transferIn']>>, { ok: false }>['fault']['code'];
type Transfer<Value> = Result<Value, Code>;

const packetSize = 512;
const version = 0x0111;
const importRequest = 0x8003;
/** The answer to an import: 8 bytes, and 312 that describe the device. */
const importAnswerSize = 320;
const headerSize = 48;
const submit = 1;
const deviceId = 0x0001_0002;

/**
 * A USB bus with one eNB, over USB/IP (`usb-ip.ts`). It needs no kernel module, because this process is the host. A transfer
 * that takes too long unplugs the device.
 */
export class UsbIpBus implements UsbBus {
  readonly #device: UsbDevice;

  /** @param connect connects to the port of the eNB */
  constructor(connect: () => Duplex, serialNumber: string) {
    this.#device = {
      port: '1-1',
      vendorId: usbIds.vendor,
      productId: usbIds.product,
      product: undefined,
      serialNumber,
      open: (deadline) => UsbIpInterface.open(connect(), deadline),
    };
  }

  list(): Promise<Transfer<readonly UsbDevice[]>> {
    return Promise.resolve(ok([this.#device]));
  }

  watch(): Promise<Transfer<() => void>> {
    return Promise.resolve(ok(() => undefined));
  }
}

class UsbIpInterface implements UsbInterface {
  readonly packetSize = packetSize;
  readonly #stream: Duplex;
  /** By sequence number, the transfers that wait for an answer. Only those from the device bring bytes. */
  readonly #waiting = new Map<number, Waiting>();
  #held = Buffer.alloc(0);
  #sequence = 0;

  private constructor(stream: Duplex) {
    this.#stream = stream;
  }

  static open(stream: Duplex, deadline: number): Promise<Transfer<UsbInterface>> {
    return new Promise((resolve) => {
      const usb = new UsbIpInterface(stream);
      const timer = setTimeout(() => stream.destroy(), deadline);
      stream.on('error', () => undefined); // Its close follows.
      stream.once('close', () => {
        clearTimeout(timer);
        for (const { tell } of [...usb.#waiting.values()]) tell(undefined);
        resolve(refuse('usb-unplugged'));
      });
      const request = Buffer.alloc(40);
      request.writeUInt16BE(version, 0);
      request.writeUInt16BE(importRequest, 2);
      request.write('1-1', 8, 'latin1');
      stream.write(request);
      let isImported = false;
      stream.on('data', (bytes: Buffer) => {
        usb.#held = Buffer.concat([usb.#held, bytes]);
        if (!isImported) {
          if (usb.#held.length < 8) return;
          if (usb.#held.readUInt32BE(4) !== 0) return void stream.destroy();
          if (usb.#held.length < importAnswerSize) return;
          usb.#held = usb.#held.subarray(importAnswerSize);
          isImported = true;
          clearTimeout(timer);
          resolve(ok(usb));
        }
        usb.#take();
      });
    });
  }

  async transferIn(timeout: number): Promise<Transfer<Uint8Array>> {
    const answer = await this.#submit({ endpoint: usbEndpoint, isIn: true, length: packetSize }, timeout);
    return answer.ok ? ok(answer.value.bytes) : answer;
  }

  async transferOut(bytes: Uint8Array, timeout: number): Promise<Transfer<undefined>> {
    const order = { endpoint: usbEndpoint, isIn: false, length: bytes.length, bytes };
    const answer = await this.#submit(order, timeout);
    return answer.ok ? ok(undefined) : answer;
  }

  async control(request: keyof typeof usbRequests, timeout: number): Promise<Transfer<undefined>> {
    const setup = Buffer.from([0x41, usbRequests[request], 0, 0, 0, 0, 0, 0]);
    const answer = await this.#submit({ endpoint: 0, isIn: false, length: 0, setup }, timeout);
    return answer.ok ? ok(undefined) : answer;
  }

  close(): Promise<void> {
    this.#stream.destroy();
    return Promise.resolve();
  }

  #submit(order: Order, timeout: number): Promise<Transfer<Answer>> {
    if (this.#stream.destroyed) return Promise.resolve(refuse('usb-unplugged'));
    this.#sequence += 1;
    const sequence = this.#sequence;
    const { promise, resolve: tell } = Promise.withResolvers<Answer | undefined>();
    const timer = setTimeout(() => this.#stream.destroy(), timeout);
    this.#waiting.set(sequence, { isIn: order.isIn, tell });
    this.#stream.write(submission(sequence, order));
    return promise.then((answer) => {
      clearTimeout(timer);
      if (!answer) return refuse('usb-unplugged');
      return answer.status === 0 ? ok(answer) : refuse('device-closed');
    });
  }

  #take(): void {
    while (this.#held.length >= headerSize) {
      const sequence = this.#held.readUInt32BE(4);
      const waiting = this.#waiting.get(sequence);
      const size = waiting?.isIn ? this.#held.readUInt32BE(24) : 0;
      if (this.#held.length < headerSize + size) return;
      const status = this.#held.readInt32BE(20);
      const bytes = Uint8Array.from(this.#held.subarray(headerSize, headerSize + size));
      this.#held = this.#held.subarray(headerSize + size);
      this.#waiting.delete(sequence);
      waiting?.tell({ status, bytes });
    }
  }
}

interface Answer {
  readonly status: number;
  readonly bytes: Uint8Array;
}

interface Waiting {
  readonly isIn: boolean;
  readonly tell: (answer: Answer | undefined) => void;
}

interface Order {
  readonly endpoint: number;
  readonly isIn: boolean;
  readonly length: number;
  readonly setup?: Uint8Array;
  readonly bytes?: Uint8Array;
}

function submission(sequence: number, { endpoint, isIn, length, setup, bytes }: Order): Buffer {
  const header = Buffer.alloc(headerSize);
  header.writeUInt32BE(submit, 0);
  header.writeUInt32BE(sequence, 4);
  header.writeUInt32BE(deviceId, 8);
  header.writeUInt32BE(isIn ? 1 : 0, 12);
  header.writeUInt32BE(endpoint, 16);
  header.writeUInt32BE(length, 24);
  if (setup) header.set(setup, 40);
  return bytes ? Buffer.concat([header, bytes]) : header;
}
