import {
  ethernet,
  parseEthernetAddress,
  usbTransport,
  usbWay,
  withScope,
  type ScopeFaultCode,
  type StreamTransport,
} from '../device/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import type { Surroundings } from './surroundings.ts';

/** How an eNB is reached: exactly one member. */
export interface EnbWay {
  /** `HOST[:PORT]` */
  readonly ethernet?: string | undefined;
  /** The serial number of the USB device, or true for the only one that is there. */
  readonly usb?: string | true | undefined;
}

/** What leads to eNBs: the USB of this computer, and its links as they are now. */
export type EnbRoads = Pick<Surroundings, 'usb' | 'links'>;

/** The transport that a way names; refuses with `usage-invalid` when it names none or several. */
export function transportFor(
  { ethernet: address, usb }: EnbWay,
  surroundings: EnbRoads,
): Result<StreamTransport> {
  const texts = [address, usb === undefined ? undefined : usbWay(usb === true ? undefined : usb)];
  const [text, ...others] = texts.filter((one) => one !== undefined);
  return text !== undefined && others.length === 0
    ? parseWay(text, surroundings)
    : refuse('usage-invalid', { rule: 'one-way' });
}

/**
 * The transport of a way in one text: `usb:SERIAL`, `usb:` for the only device that is there, else `HOST[:PORT]`. The
 * name of a transport is such a text, so that what is kept of a delivery leads to the eNB again. A link-local address
 * gets its scope here, so that a person who has to choose one is asked before anything is connected.
 */
export function parseWay(
  text: string,
  { usb, links }: EnbRoads,
): Result<StreamTransport, 'address-invalid' | ScopeFaultCode> {
  const prefix = usbWay(undefined);
  if (text.startsWith(prefix)) return ok(usbTransport(usb, text.slice(prefix.length) || undefined));
  const address = parseEthernetAddress(text);
  const scoped = address.ok ? withScope(address.value, links()) : address;
  return scoped.ok ? ok(ethernet(scoped.value, links)) : scoped;
}
