/** A USB bus in this process, behind the port that the transport uses, with devices that tests control. */
import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import { usbRequests, type UsbBus, type UsbDevice, type UsbInterface } from '../../main/device/index.ts';
import { ok, refuse, type Result } from '../../main/faults/index.ts';
import { UsbFunction } from '../../main/lab/index.ts';

type Refusal = Extract<Awaited<ReturnType<UsbInterface['transferIn']>>, { ok: false }>;
type Outcome<Value> = Result<Value, Refusal['fault']['code']>;

/** A device that is plugged in. A failure that a test sets persists until the test clears it. */
export class FakeUsbDevice implements UsbDevice {
  readonly port: string;
  readonly vendorId = 0x1209;
  readonly productId = 1;
  readonly product = 'Reference eNB';
  readonly serialNumber: string | undefined;
  readonly packetSize = 512;
  /** What the host did, in order. */
  readonly calls: string[] = [];
  /** The sizes of the OUT transfers. */
  readonly sent: number[] = [];
  /** The fault for opening the interface. */
  openFault: Refusal['fault']['code'] | undefined;
  /** Control requests are stalled, or never answered. */
  controlFault: 'device-closed' | 'device-no-answer' | undefined;
  readonly #function: UsbFunction;
  readonly #tell: () => void;
  #isPlugged = true;
  #isClaimed = false;
  /** By endpoint, the functions that end waiting transfers from outside. */
  readonly #waiting = new Map<'in' | 'out', (refusal: Refusal) => void>();

  constructor(
    accept: (stream: Duplex) => void,
    serialNumber: string | undefined,
    port: string,
    tell: () => void,
  ) {
    this.#tell = tell;
    this.#function = new UsbFunction(accept);
    this.serialNumber = serialNumber;
    this.port = port;
  }

  get isPlugged(): boolean {
    return this.#isPlugged;
  }

  get isClaimed(): boolean {
    return this.#isClaimed;
  }

  /** Ends the current transfers, and all later ones. */
  unplug(): void {
    this.#isPlugged = false;
    this.#endAll(refuse('usb-unplugged'));
    this.#function.reset();
    this.#tell();
  }

  plugIn(): void {
    this.#isPlugged = true;
    this.#tell();
  }

  /** Lets the time limit of a waiting transfer pass. */
  timeOut(endpoint: 'in' | 'out'): void {
    const end = this.#waiting.get(endpoint);
    assert(end, `no ${endpoint} transfer waits`);
    if (endpoint === 'in') this.#function.cancelIn();
    end(refuse('device-no-answer'));
  }

  #endAll(refusal: Refusal): void {
    for (const end of [...this.#waiting.values()]) end(refusal);
  }

  open(): Promise<Outcome<UsbInterface>> {
    if (!this.#isPlugged) return Promise.resolve(refuse('usb-unplugged'));
    if (this.openFault) return Promise.resolve(refuse(this.openFault));
    if (this.#isClaimed) return Promise.resolve(refuse('usb-busy'));
    this.#isClaimed = true;
    this.calls.push('claim');
    return Promise.resolve(
      ok({
        packetSize: this.packetSize,
        control: (request) => this.#control(request),
        transferIn: () => this.#transferIn(),
        transferOut: (bytes) => this.#transferOut(bytes),
        close: () => {
          assert.equal(this.#waiting.size, 0, 'the interface is given back while a transfer is under way');
          this.#isClaimed = false;
          this.calls.push('release');
          return Promise.resolve();
        },
      }),
    );
  }

  #control(request: keyof typeof usbRequests): Promise<Outcome<undefined>> {
    this.calls.push(request);
    if (!this.#isPlugged) return Promise.resolve(refuse('usb-unplugged'));
    if (this.controlFault) return Promise.resolve(refuse(this.controlFault));
    const setup = { requestType: 0x41, request: usbRequests[request], value: 0, index: 0, length: 0 };
    assert(this.#function.control(setup));
    return Promise.resolve(ok(undefined));
  }

  #transferIn(): Promise<Outcome<Uint8Array>> {
    return this.#transfer('in', (end) =>
      this.#function.in(this.packetSize, (bytes) => end(bytes ? ok(bytes) : refuse('device-closed'))),
    );
  }

  #transferOut(bytes: Uint8Array): Promise<Outcome<undefined>> {
    this.sent.push(bytes.length);
    return this.#transfer('out', (end) =>
      this.#function.out(bytes, (isTaken) => end(isTaken ? ok(undefined) : refuse('device-closed'))),
    );
  }

  #transfer<Value>(
    endpoint: 'in' | 'out',
    start: (end: (outcome: Outcome<Value>) => void) => void,
  ): Promise<Outcome<Value>> {
    assert(!this.#waiting.has(endpoint), `two ${endpoint} transfers at a time`);
    assert(this.#isClaimed, 'a transfer without the interface');
    if (!this.#isPlugged) return Promise.resolve(refuse('usb-unplugged'));
    return new Promise((resolve) => {
      const end = (outcome: Outcome<Value>) => {
        if (this.#waiting.get(endpoint) === end) this.#waiting.delete(endpoint);
        resolve(outcome);
      };
      this.#waiting.set(endpoint, end);
      start(end);
    });
  }
}

export class FakeUsbBus implements UsbBus {
  readonly #devices: FakeUsbDevice[] = [];
  readonly #watching = new Set<() => void>();
  /** The fault for searching the bus. */
  fault: Refusal['fault']['code'] | undefined;

  /** Plugs a device in; `accept` gets its end of each stream. */
  plugIn(accept: (stream: Duplex) => void, serialNumber: string | null = 'LAB0001'): FakeUsbDevice {
    const port = `1-${this.#devices.length + 1}`;
    const tell = () => this.#watching.forEach((onChange) => onChange());
    const device = new FakeUsbDevice(accept, serialNumber ?? undefined, port, tell);
    this.#devices.push(device);
    tell();
    return device;
  }

  list(): Promise<Outcome<readonly FakeUsbDevice[]>> {
    return Promise.resolve(
      this.fault ? refuse(this.fault) : ok(this.#devices.filter(({ isPlugged }) => isPlugged)),
    );
  }

  watch(onChange: () => void): Promise<Outcome<() => void>> {
    if (this.fault) return Promise.resolve(refuse(this.fault));
    this.#watching.add(onChange);
    return Promise.resolve(ok(() => void this.#watching.delete(onChange)));
  }

  /** The number of change listeners. */
  get watchers(): number {
    return this.#watching.size;
  }
}
