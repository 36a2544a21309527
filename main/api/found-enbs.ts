import type { FoundEnb, FoundEnbs } from '../../preload/contract/index.ts';
import { usbWay, type FoundEnb as NetworkEnb, type UsbDevice } from '../device/index.ts';
import { ok, type Result } from '../faults/index.ts';
import { NetworkSearch } from '../core/index.ts';
import type { ApiContext } from './context.ts';
import { faultView } from './views.ts';

/** The eNBs that are there by themselves: on the network, plugged in by USB, or in training the lab's. */
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

  /** The eNBs that are there now. USB that cannot be looked at is told beside them, and is no refusal. */
  async find(): Promise<Result<FoundEnbs>> {
    const door = this.#context.door();
    if (!door.ok) return door;
    if (door.value === 'training') {
      const { training } = this.#context;
      void training.start(); // they may have died
      return ok({ enbs: training.found() });
    }
    const onNetwork = this.#search.list().map(networkEnb);
    const { enbs, ...rest } = await this.#onUsb();
    return ok({ enbs: [...onNetwork, ...enbs], ...rest });
  }

  /** From the first look on, whoever shows them is told when a device comes or goes. */
  async #onUsb(): Promise<FoundEnbs> {
    const { usb } = this.#context.surroundings;
    this.#watched ??= usb.watch(() => this.#context.changed('enbs'));
    const watched = await this.#watched;
    if (!watched.ok) this.#watched = undefined; // the next look tries again
    const devices = watched.ok ? await usb.list() : watched;
    return devices.ok
      ? { enbs: devices.value.map(usbEnb) }
      : { enbs: [], usbFault: faultView(devices.fault) };
  }
}

/** What an eNB on the network says of itself is a hint: who it is it proves when it is connected. */
function networkEnb({ address, serialNumber }: NetworkEnb): FoundEnb {
  return { kind: 'ethernet', way: address, label: serialNumber ?? address };
}

function usbEnb({ serialNumber, product, port }: UsbDevice): FoundEnb {
  return { kind: 'usb', way: usbWay(serialNumber), label: serialNumber ?? `${product ?? 'USB'}, ${port}` };
}
