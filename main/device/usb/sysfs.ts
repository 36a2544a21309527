import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Where Linux lists its USB devices. */
const devices = '/sys/bus/usb/devices';

/** Whether Linux lists USB devices. If not, there is no USB. */
export function hasUsb(): boolean {
  return existsSync(devices);
}

/**
 * The three bytes of each interface in a device's active configuration, in hex. Available without opening the device.
 */
export function interfaceClasses(port: string): readonly string[] {
  return interfaceFolders(port).map((folder) =>
    ['bInterfaceClass', 'bInterfaceSubClass', 'bInterfaceProtocol']
      .map((name) => read(folder, name))
      .join(''),
  );
}

/** The kernel driver that holds an interface. `usbfs` means a program. */
export function driverOf(port: string, interfaceNumber: number): string | undefined {
  const ending = `.${interfaceNumber}`;
  const folder = interfaceFolders(port).find((path) => path.endsWith(ending));
  try {
    return folder && basename(readlinkSync(join(folder, 'driver')));
  } catch {
    return undefined; // No driver holds it.
  }
}

/** The folders have names of port, configuration and interface: `1-2.4:1.0`. */
function interfaceFolders(port: string): readonly string[] {
  return readdirSync(devices)
    .filter((name) => name.startsWith(`${port}:`))
    .map((name) => join(devices, name));
}

/** An attribute; empty if the device has gone in the meantime. */
function read(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'latin1').trim();
  } catch {
    return '';
  }
}
