import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Where Linux tells of its USB devices. */
const devices = '/sys/bus/usb/devices';

/** Whether Linux tells of USB devices at all; where it does not, there is no USB to look at. */
export function hasUsb(): boolean {
  return existsSync(devices);
}

/** The three octets of each interface of a device in its active configuration, in hex: known without opening it. */
export function interfaceClasses(port: string): readonly string[] {
  return interfaceFolders(port).map((folder) =>
    ['bInterfaceClass', 'bInterfaceSubClass', 'bInterfaceProtocol']
      .map((name) => read(folder, name))
      .join(''),
  );
}

/** The driver of the kernel that has an interface; `usbfs` stands for a program. */
export function driverOf(port: string, interfaceNumber: number): string | undefined {
  const ending = `.${interfaceNumber}`;
  const folder = interfaceFolders(port).find((path) => path.endsWith(ending));
  try {
    return folder && basename(readlinkSync(join(folder, 'driver')));
  } catch {
    return undefined; // none has it
  }
}

/** The folders are named by port, configuration and interface: `1-2.4:1.0`. */
function interfaceFolders(port: string): readonly string[] {
  return readdirSync(devices)
    .filter((name) => name.startsWith(`${port}:`))
    .map((name) => join(devices, name));
}

/** An attribute; empty when the device has gone meanwhile. */
function read(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'latin1').trim();
  } catch {
    return '';
  }
}
