import {
  ethernet,
  parseEthernetAddress,
  usbTransport,
  usbAddress,
  withScope,
  type ScopeFaultCode,
  type StreamTransport,
} from '../device/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { permit, type PolicyFaultCode } from './policy.ts';
import type { Surroundings } from './surroundings.ts';

/** The connection to an eNB. Exactly one member is set. */
export interface ConnectionOptions {
  /** `HOST[:PORT]` */
  readonly ethernet?: string | undefined;
  /** The serial number of the USB device, or true for the only device present. */
  readonly usb?: string | true | undefined;
}

/** What can lead to an eNB: this computer's USB, and its current network links, as far as the policy allows. */
export type LocalPorts = Pick<Surroundings, 'usb' | 'links' | 'policy'>;

/**
 * The transport for a connection. Refuses with `usage-invalid` unless exactly one member is set, and with
 * `forbidden-by-policy` where the policy forbids it.
 */
export function transportFor(
  { ethernet: address, usb }: ConnectionOptions,
  surroundings: LocalPorts,
): Result<StreamTransport> {
  const texts = [address, usb === undefined ? undefined : usbAddress(usb === true ? undefined : usb)];
  const [text, ...others] = texts.filter((one) => one !== undefined);
  return text !== undefined && others.length === 0
    ? parseAddress(text, surroundings)
    : refuse('usage-invalid', { rule: 'one-way' });
}

/**
 * Parses a connection: `usb:SERIAL`, `usb:` for the only device present, otherwise `HOST[:PORT]`. The name of a
 * transport has this form too, so a stored delivery leads back to its eNB.
 *
 * A link-local address gets its scope here. So a user who has to choose one is asked before anything is connected.
 */
export function parseAddress(
  text: string,
  { usb, links, policy }: LocalPorts,
): Result<StreamTransport, 'address-invalid' | ScopeFaultCode | PolicyFaultCode> {
  const prefix = usbAddress(undefined);
  const isUsb = text.startsWith(prefix);
  const permitted = permit({ policy }, isUsb ? 'usb' : 'ethernet');
  if (!permitted.ok) return permitted;
  if (isUsb) return ok(usbTransport(usb, text.slice(prefix.length) || undefined));
  const address = parseEthernetAddress(text);
  const scoped = address.ok ? withScope(address.value, links()) : address;
  return scoped.ok ? ok(ethernet(scoped.value, links)) : scoped;
}
