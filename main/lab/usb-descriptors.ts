import { usbInterfaceClass } from '../device/index.ts';
import type { UsbSetup } from './usb-function.ts';

/** A number for tests. Each vendor uses its own. */
export const usbIds = { vendor: 0x1209, product: 0x0001, device: 0x0100 };

/** The endpoints: 1 IN and 1 OUT. */
export const usbEndpoint = 1;

/** The largest packet of a bulk endpoint at high speed (USB 2.0 section 5.8.3). */
const packetSize = 512;

/** The request by which Windows asks for the Microsoft OS 2.0 descriptors. Any unused number works. */
const microsoftRequest = 0x20;

/** Windows lists the interface under this GUID. Any GUID works, if all eNBs of a product share it. */
const interfaceGuid = '{6C1B7E0A-5A53-4C57-9D0E-1B8E5E5C9A53}';

const { interfaceClass, subclass, protocol } = usbInterfaceClass;

const device = [
  ...[18, 1, ...u16(0x0210), 0, 0, 0, 64, ...u16(usbIds.vendor), ...u16(usbIds.product)],
  ...[...u16(usbIds.device), 1, 2, 3, 1],
];

const interfaceAndEndpoints = [
  ...[9, 4, 0, 0, 2, interfaceClass, subclass, protocol, 0],
  ...[7, 5, usbEndpoint, 2, ...u16(packetSize), 0],
  ...[7, 5, 0x80 | usbEndpoint, 2, ...u16(packetSize), 0],
];

const configuration = [
  ...[9, 2, ...u16(9 + interfaceAndEndpoints.length), 1, 1, 0, 0x80, 50],
  ...interfaceAndEndpoints,
];

/** Makes Windows use WinUSB without a driver from the vendor: a compatible ID, and the GUID in the registry. */
const microsoft = microsoftDescriptors();

/** Announces Microsoft OS 2.0 descriptors: a platform capability with Microsoft's UUID. */
const binaryObjectStore = [
  ...[5, 15, ...u16(33), 1, 28, 16, 5, 0, ...Buffer.from('df60ddd88945c74c9cd2659d9e648a9f', 'hex')],
  ...[0, 0, 3, 6, ...u16(microsoft.length), microsoftRequest, 0],
];

function microsoftDescriptors(): readonly number[] {
  const name = utf16('DeviceInterfaceGUIDs\0');
  const guids = utf16(`${interfaceGuid}\0\0`);
  const property = [...u16(4), ...u16(7), ...u16(name.length), ...name, ...u16(guids.length), ...guids];
  const compatible = [...u16(3), ...Buffer.from('WINUSB\0\0'), ...Buffer.alloc(8)];
  const features = [compatible, property].flatMap((one) => [...u16(one.length + 2), ...one]);
  return [...u16(10), ...u16(0), 0, 0, 3, 6, ...u16(10 + features.length), ...features];
}

/** The answer to a request to the device (USB 2.0 section 9.4). Undefined means a stall. */
export function answerSetup(
  { requestType, request, value, index }: UsbSetup,
  serialNumber: string,
): Uint8Array | undefined {
  const descriptors: Readonly<Record<number, readonly number[] | undefined>> = {
    1: device,
    2: configuration,
    3: stringDescriptor(value & 0xff, serialNumber),
    15: binaryObjectStore,
  };
  const answers: Readonly<Record<string, readonly number[] | undefined>> = {
    '80/6': descriptors[value >> 8],
    '80/8': [1], // get the configuration
    '80/0': [0, 0], // get the status
    '0/9': [], // set the configuration
    '1/11': [], // set the alternate setting
    '2/1': [], // clear the halt of an endpoint: opening the interface clears it too
    [`c0/${microsoftRequest}`]: index === 7 ? microsoft : undefined,
  };
  const answer = answers[`${requestType.toString(16)}/${request}`];
  return answer && Uint8Array.from(answer);
}

function stringDescriptor(index: number, serialNumber: string): readonly number[] | undefined {
  const text = [undefined, 'Siteseal lab', 'Reference eNB', serialNumber][index];
  const content = index === 0 ? u16(0x0409) : text === undefined ? undefined : utf16(text);
  return content && [content.length + 2, 3, ...content];
}

function u16(value: number): readonly number[] {
  return [value & 0xff, value >> 8];
}

function utf16(text: string): readonly number[] {
  return [...Buffer.from(text, 'utf16le')];
}
