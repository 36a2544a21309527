import { ok, refuse, type Result } from '../../faults/index.ts';
import type { StreamTransport } from '../transport.ts';
import type { UsbBus, UsbDevice, UsbTransferFaultCode } from './bus.ts';
import { UsbStream } from './stream.ts';

/** A USB connection to an eNB as text: `usb:SERIAL`, or `usb:` for the only eNB. */
export function usbAddress(serialNumber: string | undefined): string {
  return `usb:${serialNumber ?? ''}`;
}

/** An eNB on USB: the one with this serial number in its descriptor, or the only one. */
export function usbTransport(bus: UsbBus, serialNumber?: string): StreamTransport {
  return {
    name: usbAddress(serialNumber),
    open: async (deadline) => {
      const device = await choose(bus, serialNumber);
      if (!device.ok) return device;
      const opened = await device.value.open(deadline);
      if (!opened.ok) return opened;
      const started = await opened.value.control('open', deadline);
      if (started.ok) return ok(new UsbStream(opened.value));
      await opened.value.close();
      // An eNB accepts this request. A device that refuses it is something else.
      const { code, ...facts } = started.fault;
      return code === 'device-closed' ? refuse('device-garbage', facts) : started;
    },
  };
}

async function choose(
  bus: UsbBus,
  serialNumber: string | undefined,
): Promise<Result<UsbDevice, UsbTransferFaultCode>> {
  const devices = await bus.list();
  if (!devices.ok) return devices;
  const fitting = devices.value.filter(
    (device) => serialNumber === undefined || device.serialNumber === serialNumber,
  );
  const [device, ...others] = fitting;
  const found = devices.value.map(labelOf).join(', ');
  if (!device) return refuse('usb-device-missing', { ...(found !== '' && { found }) });
  return others.length === 0 ? ok(device) : refuse('usb-device-ambiguous', { found });
}

function labelOf({ serialNumber, port }: UsbDevice): string {
  return serialNumber ?? `port ${port}`;
}
