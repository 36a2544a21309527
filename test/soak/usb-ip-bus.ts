/** A USB bus without a kernel: one device, by USB/IP (Documentation/usb/usbip_protocol.rst of Linux). */
import { connect, type Socket } from 'node:net';
import { usbRequests, type UsbBus, type UsbInterface } from '../../main/device/index.ts';
import { ok, refuse, type Result } from '../../main/faults/index.ts';

const packetSize = 512;
const commands = { submit: 1, unlink: 2, submitted: 3 };

type Refusal = Extract<Awaited<ReturnType<UsbInterface['transferIn']>>, { ok: false }>;
type Outcome = Result<Uint8Array, Refusal['fault']['code']>;
type Transfer = (outcome: Outcome) => void;

/** The bus with the device of a TCP port of this computer. The device is plugged in while something listens there. */
export function usbIpBus(port: number): UsbBus {
  return {
    list: () =>
      Promise.resolve(
        ok([
          {
            port: '1-1',
            vendorId: 0x1209,
            productId: 1,
            product: 'Reference eNB',
            serialNumber: undefined,
            open: () => importDevice(port),
          },
        ]),
      ),
    watch: () => Promise.resolve(ok(() => undefined)),
  };
}

async function importDevice(port: number): Promise<Result<UsbInterface, Refusal['fault']['code']>> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const link = new Link(socket);
  const request = Buffer.alloc(40);
  request.writeUInt16BE(0x0111, 0);
  request.writeUInt16BE(0x8003, 2);
  request.write('1-1', 8, 'latin1');
  socket.write(request);
  const answer = await link.read(8);
  const isImported = answer?.readUInt32BE(4) === 0 && (await link.read(312)) !== undefined;
  if (!isImported) {
    socket.destroy();
    return refuse(answer ? 'usb-busy' : 'usb-unplugged');
  }
  void link.serve();
  const asNothing = async (
    outcome: Promise<Outcome>,
  ): Promise<Result<undefined, Refusal['fault']['code']>> => {
    const settled = await outcome;
    return settled.ok ? ok(undefined) : settled;
  };
  return ok({
    packetSize,
    transferIn: (timeout) => link.transfer({ isIn: true, length: packetSize, timeout }),
    transferOut: (bytes, timeout) =>
      asNothing(link.transfer({ isIn: false, length: bytes.length, bytes, timeout })),
    control: (name, timeout) =>
      asNothing(link.transfer({ isIn: false, length: 0, control: usbRequests[name], timeout })),
    close: async () => {
      if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve).destroy());
    },
  });
}

interface TransferOptions {
  readonly isIn: boolean;
  readonly length: number;
  readonly bytes?: Uint8Array;
  /** The request, for a control transfer. */
  readonly control?: number;
  readonly timeout: number;
}

/** The connection of the host to the device. */
class Link {
  readonly #socket: Socket;
  readonly #parts: AsyncIterator<Buffer>;
  readonly #pending = new Map<number, { readonly isIn: boolean; readonly end: Transfer }>();
  #held = Buffer.alloc(0);
  #sequence = 0;
  #isOver = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#parts = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** Reads this many bytes; undefined when the connection ends before. */
  async read(length: number): Promise<Buffer | undefined> {
    while (this.#held.length < length) {
      const next = await this.#parts.next().catch(() => ({ done: true, value: undefined }) as const);
      if (next.done) return undefined;
      this.#held = Buffer.concat([this.#held, next.value]);
    }
    const read = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return read;
  }

  transfer({ isIn, length, bytes, control, timeout }: TransferOptions): Promise<Outcome> {
    if (this.#isOver) return Promise.resolve(refuse('usb-unplugged'));
    return new Promise((resolve) => {
      const sequence = ++this.#sequence;
      const timer = setTimeout(() => {
        // It stays known: its answer may be on the way already.
        this.#socket.write(header(commands.unlink, ++this.#sequence, { unlinked: sequence }));
        resolve(refuse('device-no-answer'));
      }, timeout);
      const end: Transfer = (outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      };
      this.#pending.set(sequence, { isIn, end });
      const submission = header(commands.submit, sequence, { isIn, length, ...(control && { control }) });
      this.#socket.write(Buffer.concat([submission, bytes ?? new Uint8Array(0)]));
    });
  }

  /** Handles the answers until the connection ends: the device is unplugged. */
  async serve(): Promise<void> {
    for (let answer = await this.read(48); answer; answer = await this.read(48)) {
      const sequence = answer.readUInt32BE(4);
      const transfer = this.#pending.get(sequence);
      if (answer.readUInt32BE(0) !== commands.submitted || !transfer) continue;
      this.#pending.delete(sequence);
      const isStall = answer.readInt32BE(20) !== 0;
      const bytes = isStall || !transfer.isIn ? new Uint8Array(0) : await this.read(answer.readUInt32BE(24));
      transfer.end(isStall ? refuse('device-closed') : bytes ? ok(bytes) : refuse('usb-unplugged'));
    }
    this.#isOver = true;
    for (const { end } of this.#pending.values()) end(refuse('usb-unplugged'));
    this.#socket.destroy();
  }
}

function header(
  command: number,
  sequence: number,
  {
    isIn = false,
    length = 0,
    control,
    unlinked = 0,
  }: {
    readonly isIn?: boolean;
    readonly length?: number;
    readonly control?: number;
    readonly unlinked?: number;
  },
): Buffer {
  const bytes = Buffer.alloc(48);
  bytes.writeUInt32BE(command, 0);
  bytes.writeUInt32BE(sequence, 4);
  bytes.writeUInt32BE(0x0001_0002, 8);
  bytes.writeUInt32BE(isIn ? 1 : 0, 12);
  bytes.writeUInt32BE(control === undefined ? 1 : 0, 16);
  bytes.writeUInt32BE(unlinked, 20);
  if (command === commands.submit) {
    bytes.writeUInt32BE(0, 20);
    bytes.writeUInt32BE(length, 24);
  }
  if (control !== undefined) bytes.set([0x41, control], 40);
  return bytes;
}
