import type { FoundEnb, FoundEnbs } from '../../preload/contract/index.ts';
import { usbAddress, type FoundEnb as NetworkEnb, type UsbDevice } from '../device/index.ts';
import { ok, type Result } from '../faults/index.ts';
import { NetworkSearch } from '../core/index.ts';
import type { ApiContext } from './context.ts';
import { faultView } from './views.ts';

/** Finds eNBs automatically: on the network and by USB, or in training those of the lab. */
export class EnbFinder {
  readonly #context: ApiContext;
  readonly #search: NetworkSearch;
  #watched: ReturnType<ApiContext['surroundings']['usb']['watch']> | undefined;

  constructor(context: ApiContext) {
    this.#context = context;
    this.#search = new NetworkSearch(context.surroundings, () => context.changed('enbs'));
    context.onClose(async () => {
      const watched = await this.#watched;
      if (watched?.ok) watched.value();
    });
  }

  /** The eNBs present now. If USB cannot be read, the result carries that fault and still succeeds. */
  async find(): Promise<Result<FoundEnbs>> {
    const mode = this.#context.mode();
    if (!mode.ok) return mode;
    if (mode.value === 'training') {
      return ok({ enbs: this.#context.training.found() });
    }
    const onNetwork = this.#search.list().map(networkEnb);
    const { enbs, ...rest } = await this.#onUsb();
    return ok({ enbs: [...onNetwork, ...enbs], ...rest });
  }

  /** The first call starts a watch, which reports each device that is plugged in or unplugged. */
  async #onUsb(): Promise<FoundEnbs> {
    const { usb } = this.#context.surroundings;
    this.#watched ??= usb.watch(() => this.#context.changed('enbs'));
    const watched = await this.#watched;
    if (!watched.ok) this.#watched = undefined; // The next call tries again.
    const devices = watched.ok ? await usb.list() : watched;
    return devices.ok
      ? { enbs: devices.value.map(usbEnb) }
      : { enbs: [], usbFault: faultView(devices.fault) };
  }
}

/** An eNB's report about itself on the network is only a hint. It proves its identity on connection. */
function networkEnb({ address, serialNumber }: NetworkEnb): FoundEnb {
  return { kind: 'ethernet', address, label: serialNumber ?? address };
}

function usbEnb({ serialNumber, product, port }: UsbDevice): FoundEnb {
  return {
    kind: 'usb',
    address: usbAddress(serialNumber),
    label: serialNumber ?? `${product ?? 'USB'}, ${port}`,
  };
}
