import type { Socket } from 'node:net';
import { usbInterfaceClass } from '../device/index.ts';
import { listen, type Listening } from './listen.ts';
import { answerSetup, usbEndpoint, usbIds } from './usb-descriptors.ts';
import type { UsbFunction, UsbSetup } from './usb-function.ts';

/**
 * USB/IP, version 1.1.1 (Documentation/usb/usbip_protocol.rst of Linux): the device is on the bus of the host that
 * imports it, while the connection lasts. Numbers are big-endian.
 */
const version = 0x0111;
const busId = '1-1';
const deviceId = 0x0001_0002;
const operations = { import: 0x8003, imported: 0x0003, list: 0x8005, listed: 0x0005 };
const commands = { submit: 1, unlink: 2, submitted: 3, unlinked: 4 };
const headerSize = 48;
const stall = -32; // EPIPE
const reset = -104; // ECONNRESET
const busy = 2;
/** The most bytes of one transfer. No host sends more. */
const maximumTransfer = 1024 * 1024;

/** A transfer that the host has requested. */
interface Submission {
  readonly sequence: number;
  readonly isIn: boolean;
  readonly endpoint: number;
  readonly length: number;
  readonly setup: UsbSetup;
  readonly bytes: Uint8Array;
}

/** Offers an eNB's USB function on TCP. The serial number is that of its descriptor. */
export class UsbIpServer {
  readonly #function: UsbFunction;
  readonly #serialNumber: string;
  #host: Socket | undefined;

  constructor(usbFunction: UsbFunction, serialNumber: string) {
    this.#function = usbFunction;
    this.#serialNumber = serialNumber;
  }

  /**
   * Listens. Port 0 takes a free port. Rejects with the system's error if it cannot listen. Closing unplugs the
   * device.
   */
  listen(host: string, port: number): Promise<Listening> {
    return listen(host, port, (socket) => void this.#serve(socket));
  }

  /** Leaves the bus. The device returns when the host imports it again. */
  unplug(): void {
    this.#host?.destroy();
  }

  async #serve(socket: Socket): Promise<void> {
    const read = reader(socket);
    try {
      const request = await read(8);
      const code = request.readUInt16BE(2);
      if (code === operations.list) socket.end(listReply());
      if (code !== operations.import) return void socket.end();
      await read(32); // The bus id. There is only one device.
      if (this.#host) return void socket.end(operation(operations.imported, busy));
      this.#host = socket;
      socket.write(Buffer.concat([operation(operations.imported), deviceRecord()]));
      await this.#serveTransfers(socket, read);
    } catch {
      socket.destroy(); // The connection ended mid-message, or the peer is not a host.
    } finally {
      if (this.#host === socket) {
        this.#host = undefined;
        this.#function.reset();
      }
    }
  }

  async #serveTransfers(socket: Socket, read: Read): Promise<never> {
    /** The transfers in progress, by sequence number. IN transfers can be cancelled. */
    const pending = new Map<number, Submission>();
    for (;;) {
      const header = await read(headerSize);
      const sequence = header.readUInt32BE(4);
      if (header.readUInt32BE(0) === commands.unlink) {
        const unlinked = pending.get(header.readUInt32BE(20));
        if (unlinked) pending.delete(unlinked.sequence);
        if (unlinked?.isIn) this.#function.cancelIn();
        socket.write(reply(commands.unlinked, sequence, unlinked ? reset : 0));
        continue;
      }
      const submission = await readSubmission(header, read);
      pending.set(sequence, submission);
      this.#submit(submission, (status, bytes = new Uint8Array(0), actual = bytes.length) => {
        if (!pending.delete(sequence)) return;
        socket.write(Buffer.concat([reply(commands.submitted, sequence, status, actual), bytes]));
      });
    }
  }

  #submit(
    { endpoint, isIn, length, setup, bytes }: Submission,
    done: (status: number, bytes?: Uint8Array, actual?: number) => void,
  ): void {
    if (endpoint === 0) {
      const isForInterface = setup.requestType === 0x41;
      const answer = isForInterface ? new Uint8Array(0) : answerSetup(setup, this.#serialNumber);
      const isStall = !answer || (isForInterface && !this.#function.control(setup));
      if (isStall) done(stall);
      else done(0, answer.subarray(0, length));
    } else if (endpoint !== usbEndpoint) done(stall);
    else if (isIn) this.#function.in(length, (given) => (given ? done(0, given) : done(stall)));
    else this.#function.out(bytes, (isTaken) => (isTaken ? done(0, undefined, bytes.length) : done(stall)));
  }
}

async function readSubmission(header: Buffer, read: Read): Promise<Submission> {
  const isIn = header.readUInt32BE(12) === 1;
  const length = header.readUInt32BE(24);
  if (header.readUInt32BE(0) !== commands.submit || length > maximumTransfer)
    throw new Error('The peer is not a USB/IP host');
  return {
    sequence: header.readUInt32BE(4),
    isIn,
    endpoint: header.readUInt32BE(16),
    length,
    setup: {
      requestType: header.readUInt8(40),
      request: header.readUInt8(41),
      value: header.readUInt16LE(42),
      index: header.readUInt16LE(44),
      length: header.readUInt16LE(46),
    },
    bytes: isIn ? new Uint8Array(0) : await read(length),
  };
}

function operation(code: number, status = 0): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16BE(version, 0);
  bytes.writeUInt16BE(code, 2);
  bytes.writeUInt32BE(status, 4);
  return bytes;
}

function reply(command: number, sequence: number, status: number, actual = 0): Buffer {
  const bytes = Buffer.alloc(headerSize);
  bytes.writeUInt32BE(command, 0);
  bytes.writeUInt32BE(sequence, 4);
  bytes.writeInt32BE(status, 20);
  bytes.writeUInt32BE(actual, 24);
  return bytes;
}

/** The device as USB/IP describes it before any descriptor is read. */
function deviceRecord(): Buffer {
  const bytes = Buffer.alloc(312);
  const highSpeed = 3;
  bytes.write('/sys/devices/siteseal/1-1', 0, 'latin1');
  bytes.write(busId, 256, 'latin1');
  bytes.writeUInt32BE(deviceId >>> 16, 288);
  bytes.writeUInt32BE(deviceId & 0xffff, 292);
  bytes.writeUInt32BE(highSpeed, 296);
  bytes.writeUInt16BE(usbIds.vendor, 300);
  bytes.writeUInt16BE(usbIds.product, 302);
  bytes.writeUInt16BE(usbIds.device, 304);
  // Class, subclass and protocol are those of the interface, then configuration 1 of 1, with 1 interface.
  bytes.set([0, 0, 0, 1, 1, 1], 306);
  return bytes;
}

function listReply(): Buffer {
  const count = Buffer.from([0, 0, 0, 1]);
  const { interfaceClass, subclass, protocol } = usbInterfaceClass;
  const interfaces = Buffer.from([interfaceClass, subclass, protocol, 0]);
  return Buffer.concat([operation(operations.listed), count, deviceRecord(), interfaces]);
}

type Read = (length: number) => Promise<Buffer>;

/** Reads exactly this many bytes per call. Rejects if the stream ends first. */
function reader(socket: Socket): Read {
  const parts = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let held = Buffer.alloc(0);
  return async (length) => {
    while (held.length < length) {
      const next = await parts.next();
      if (next.done) throw new Error('The stream ended');
      held = Buffer.concat([held, next.value]);
    }
    const read = held.subarray(0, length);
    held = held.subarray(length);
    return read;
  };
}
