import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { usbRequests, type UsbBus, type UsbDevice, type UsbInterface } from '../device/index.ts';
import { ok, refuse, type Refused, type Result } from '../faults/index.ts';
import { UsbFunction } from '../lab/index.ts';
import type { FaultEffects } from './training-faults.ts';

type Code = Extract<Awaited<ReturnType<UsbInterface['transferIn']>>, { ok: false }>['fault']['code'];
type Transfer<Value> = Result<Value, Code>;

const packetSize = 512;

/** An eNB of the lab: its serial number, and its TCP port on this computer. */
export interface LabPort {
  readonly serialNumber: string;
  readonly port: number;
}

/** An emulated USB bus with the lab's eNBs on it. Each stream of the USB interface runs over TCP to the eNB. */
export class TrainingUsbBus implements UsbBus {
  readonly #watching = new Set<() => void>();
  #devices: readonly TrainingUsbDevice[] = [];
  #fault: FaultEffects['usb'];

  /** Replaces the eNBs on the bus. */
  setEnbs(enbs: readonly LabPort[]): void {
    for (const device of this.#devices) device.unplug();
    this.#devices = enbs.map((enb, place) => new TrainingUsbDevice(enb, `1-${place + 1}`, this));
    this.tell();
  }

  /** Replaces the fault. Everything is plugged in again, unless this fault unplugs it. */
  setFault(fault: FaultEffects['usb']): void {
    this.#fault = fault;
    for (const device of this.#devices) {
      if (fault === 'unplugged') device.unplug();
      else device.plugIn();
    }
    this.tell();
  }

  get fault(): FaultEffects['usb'] {
    return this.#fault;
  }

  list(): Promise<Transfer<readonly UsbDevice[]>> {
    return Promise.resolve(ok(this.#devices.filter(({ isPlugged }) => isPlugged)));
  }

  watch(onChange: () => void): Promise<Transfer<() => void>> {
    this.#watching.add(onChange);
    return Promise.resolve(ok(() => void this.#watching.delete(onChange)));
  }

  tell(): void {
    for (const onChange of this.#watching) onChange();
  }
}

/** An eNB on the emulated bus. The time limits of transfers are left to the session, whose own limits are shorter. */
class TrainingUsbDevice implements UsbDevice {
  readonly port: string;
  readonly vendorId = 0x1209;
  readonly productId = 1;
  readonly product = 'Training eNB (simulated)';
  readonly serialNumber: string;
  readonly #bus: TrainingUsbBus;
  readonly #function: UsbFunction;
  /** By endpoint, what ends the waiting transfer from outside. */
  readonly #waiting = new Map<'in' | 'out', (refusal: Refused<Code>) => void>();
  #isPlugged = true;
  /** Resolves when the last use of the interface ends. */
  #released: Promise<void> = Promise.resolve();
  #isClaimed = false;

  constructor({ serialNumber, port }: LabPort, place: string, bus: TrainingUsbBus) {
    this.serialNumber = serialNumber;
    this.port = place;
    this.#bus = bus;
    this.#function = new UsbFunction((stream) => this.#lead(stream, port));
  }

  get isPlugged(): boolean {
    return this.#isPlugged;
  }

  plugIn(): void {
    this.#isPlugged = true;
  }

  unplug(): void {
    this.#isPlugged = false;
    for (const end of [...this.#waiting.values()]) end(refuse('usb-unplugged'));
    this.#function.reset();
  }

  async open(deadline: number): Promise<Transfer<UsbInterface>> {
    const late = new AbortController();
    await Promise.race([this.#released, pause(deadline, undefined, { signal: late.signal, ref: false })]);
    late.abort();
    if (!this.#isPlugged) return refuse('usb-unplugged');
    if (this.#bus.fault === 'no-permission') return refuse('usb-no-permission');
    if (this.#isClaimed) return refuse('usb-busy');
    this.#isClaimed = true;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#released = promise;
    return ok({
      packetSize,
      control: (request) => this.#control(request),
      transferIn: () =>
        this.#transfer('in', (end) =>
          this.#function.in(packetSize, (bytes) => end(bytes ? ok(bytes) : refuse('device-closed'))),
        ),
      transferOut: (bytes) =>
        this.#transfer('out', (end) =>
          this.#function.out(bytes, (isTaken) => end(isTaken ? ok(undefined) : refuse('device-closed'))),
        ),
      close: () => {
        this.#isClaimed = false;
        resolve(undefined);
        return Promise.resolve();
      },
    });
  }

  #control(request: keyof typeof usbRequests): Promise<Transfer<undefined>> {
    if (!this.#isPlugged) return Promise.resolve(refuse('usb-unplugged'));
    const setup = { requestType: 0x41, request: usbRequests[request], value: 0, index: 0, length: 0 };
    return Promise.resolve(this.#function.control(setup) ? ok(undefined) : refuse('device-closed'));
  }

  #transfer<Value>(
    endpoint: 'in' | 'out',
    start: (end: (outcome: Transfer<Value>) => void) => void,
  ): Promise<Transfer<Value>> {
    if (!this.#isPlugged) return Promise.resolve(refuse('usb-unplugged'));
    return new Promise((resolve) => {
      const end = (outcome: Transfer<Value>) => {
        if (this.#waiting.get(endpoint) === end) this.#waiting.delete(endpoint);
        resolve(outcome);
      };
      this.#waiting.set(endpoint, end);
      start(end);
    });
  }

  /** Leads a stream of the interface to the eNB, and back. */
  #lead(stream: Duplex, port: number): void {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    stream.pipe(socket).pipe(stream, { end: false });
    socket.on('error', () => undefined); // Its close follows.
    stream.once('close', () => socket.destroy());
    socket.once('close', () => {
      if (stream.destroyed) return;
      if (this.#bus.fault === 'comes-loose') {
        this.unplug();
        this.#bus.tell();
      } else stream.destroy();
    });
  }
}
