import {
  ethernet,
  parseEthernetAddress,
  usbTransport,
  type StreamTransport,
  type UsbBus,
} from '../device/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';

/** How an eNB is reached: exactly one member. */
export interface EnbWay {
  /** `HOST[:PORT]` */
  readonly ethernet?: string | undefined;
  /** The serial number of the USB device, or true for the only one that is there. */
  readonly usb?: string | true | undefined;
}

/** The transport that a way names; refuses with `usage-invalid` when it names none or several. */
export function transportFor({ ethernet: address, usb }: EnbWay, bus: UsbBus): Result<StreamTransport> {
  const ways: readonly (Result<StreamTransport> | undefined)[] = [
    address === undefined ? undefined : toEthernet(address),
    usb === undefined ? undefined : ok(usbTransport(bus, usb === true ? undefined : usb)),
  ];
  const [way, ...others] = ways.filter((one) => one !== undefined);
  return way && others.length === 0 ? way : refuse('usage-invalid', { rule: 'one-way' });
}

function toEthernet(address: string): Result<StreamTransport> {
  const parsed = parseEthernetAddress(address);
  return parsed.ok ? ok(ethernet(parsed.value)) : parsed;
}
