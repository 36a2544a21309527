import { fault } from '../../faults/index.ts';
import type { UsbFault, UsbTransferFaultCode } from './bus.ts';

/** The meanings of the `usb` module's error messages, which differ in nothing else. The first match counts. */
const meanings: readonly (readonly [text: RegExp, code: UsbTransferFaultCode])[] = [
  [/\/sys\/bus\/usb|udev netlink|Cannot find (module|native)/i, 'usb-unavailable'],
  [/incompatible driver/i, 'usb-wrong-driver'],
  [/errno (1|13)\b|permission denied|access (is )?denied/i, 'usb-no-permission'],
  [/errno 16\b|busy|exclusive/i, 'usb-busy'],
  [/disconnected|errno (2|19|108)\b/i, 'usb-unplugged'],
  [/cancelled/i, 'device-no-answer'],
];

/** The fault for an error of the `usb` module. A stall or an unknown error means that the device has closed. */
export function nativeFault(error: unknown): UsbFault {
  const found = error instanceof Error ? error.message : String(error);
  const [, code] = meanings.find(([text]) => text.test(found)) ?? [];
  return fault(code ?? 'device-closed', { found });
}
