import {
  ethernet,
  parseEthernetAddress,
  usbTransport,
  usbWay,
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
  const texts = [address, usb === undefined ? undefined : usbWay(usb === true ? undefined : usb)];
  const [text, ...others] = texts.filter((one) => one !== undefined);
  return text !== undefined && others.length === 0
    ? parseWay(text, bus)
    : refuse('usage-invalid', { rule: 'one-way' });
}

/**
 * The transport of a way in one text: `usb:SERIAL`, `usb:` for the only device that is there, else `HOST[:PORT]`. The
 * name of a transport is such a text, so that what is kept of a delivery leads to the eNB again.
 */
export function parseWay(text: string, bus: UsbBus): Result<StreamTransport, 'address-invalid'> {
  const prefix = usbWay(undefined);
  if (text.startsWith(prefix)) return ok(usbTransport(bus, text.slice(prefix.length) || undefined));
  const address = parseEthernetAddress(text);
  return address.ok ? ok(ethernet(address.value)) : address;
}
