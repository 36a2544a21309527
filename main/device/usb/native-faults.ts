import { fault } from '../../faults/index.ts';
import type { UsbFault, UsbTransferFaultCode } from './bus.ts';

/** What the texts of the `usb` module mean, the only thing in which its errors differ. The first that fits counts. */
const meanings: readonly (readonly [text: RegExp, code: UsbTransferFaultCode])[] = [
  [/\/sys\/bus\/usb|udev netlink|Cannot find (module|native)/i, 'usb-unavailable'],
  [/incompatible driver/i, 'usb-wrong-driver'],
  [/errno (1|13)\b|permission denied|access (is )?denied/i, 'usb-no-permission'],
  [/errno 16\b|busy|exclusive/i, 'usb-busy'],
  [/disconnected|errno (2|19|108)\b/i, 'usb-unplugged'],
  [/cancelled/i, 'device-no-answer'],
];

/** The fault of an error of the `usb` module: a stall, and what cannot be told, is a device that has closed. */
export function nativeFault(error: unknown): UsbFault {
  const found = error instanceof Error ? error.message : String(error);
  const [, code] = meanings.find(([text]) => text.test(found)) ?? [];
  return fault(code ?? 'device-closed', { found });
}
