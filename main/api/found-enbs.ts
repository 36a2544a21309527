import { isIPv6 } from 'node:net';
import type { FoundEnb, FoundEnbs } from '../../preload/contract/index.ts';
import { isLinkLocal, usbAddress, type FoundEnb as NetworkEnb, type UsbDevice } from '../device/index.ts';
import { ok, type Result } from '../faults/index.ts';
import { NetworkSearch, permit, type Surroundings } from '../core/index.ts';
import type { ApiContext } from './context.ts';
import { faultView } from './views.ts';

/** Finds eNBs automatically: on the network and by USB, or in training those of the lab. */
export class EnbFinder {
  readonly #context: ApiContext;
  /** Real and emulated devices have separate searches. */
  readonly #searches = new Map<Surroundings, EnbSearch>();

  constructor(context: ApiContext) {
    this.#context = context;
    context.onClose(async () => {
      await Promise.all([...this.#searches.values()].map((search) => search.close()));
    });
  }

  /** The eNBs present now. If USB cannot be read, the result carries that fault and still succeeds. */
  async find(): Promise<Result<FoundEnbs>> {
    const mode = this.#context.mode();
    if (!mode.ok) return mode;
    const { surroundings } = this.#context;
    const search =
      this.#searches.get(surroundings) ?? new EnbSearch(surroundings, () => this.#context.changed('enbs'));
    this.#searches.set(surroundings, search);
    return ok(await search.find());
  }
}

/** The search among some devices. */
class EnbSearch {
  readonly #usb: Surroundings['usb'];
  readonly #network: NetworkSearch;
  readonly #onChange: () => void;
  readonly #hasUsb: boolean;
  #watched: ReturnType<Surroundings['usb']['watch']> | undefined;

  constructor(surroundings: Surroundings, onChange: () => void) {
    this.#usb = surroundings.usb;
    this.#network = new NetworkSearch(surroundings, onChange);
    this.#onChange = onChange;
    this.#hasUsb = permit(surroundings, 'usb').ok;
  }

  async find(): Promise<FoundEnbs> {
    const onNetwork = this.#network.list().map(networkEnb);
    const { enbs, ...rest } = await this.#onUsb();
    return { enbs: [...onNetwork, ...enbs], ...rest };
  }

  /** The first call starts a watch, which reports each device that is plugged in or unplugged. */
  async #onUsb(): Promise<FoundEnbs> {
    if (!this.#hasUsb) return { enbs: [] };
    this.#watched ??= this.#usb.watch(this.#onChange);
    const watched = await this.#watched;
    if (!watched.ok) this.#watched = undefined; // The next call tries again.
    const devices = watched.ok ? await this.#usb.list() : watched;
    return devices.ok
      ? { enbs: devices.value.map(usbEnb) }
      : { enbs: [], usbFault: faultView(devices.fault) };
  }

  async close(): Promise<void> {
    const watched = await this.#watched;
    if (watched?.ok) watched.value();
  }
}

/** An eNB's report about itself on the network is only a hint. It proves its identity on connection. */
function networkEnb({ address, host, serialNumber }: NetworkEnb): FoundEnb {
  const isDirect = isIPv6(host) && isLinkLocal(host);
  return {
    kind: 'ethernet',
    address,
    label: serialNumber ?? address,
    ...(isDirect && { needsNoAddress: true }),
  };
}

function usbEnb({ serialNumber, product, port }: UsbDevice): FoundEnb {
  return {
    kind: 'usb',
    address: usbAddress(serialNumber),
    label: serialNumber ?? `${product ?? 'USB'}, ${port}`,
  };
}
