import { ok, refuse, refused, type Result } from '../../faults/index.ts';
import {
  usbInterfaceClass,
  usbRequests,
  type UsbBus,
  type UsbDevice,
  type UsbInterface,
  type UsbTransferFaultCode,
} from './bus.ts';
import { nativeFault } from './native-faults.ts';
import {
  loadNativeModule,
  type NativeConfiguration,
  type NativeDevice,
  type NativeModule,
} from './native-module.ts';
import { driverOf, hasUsb, interfaceClasses } from './sysfs.ts';

type Attempt<Value> = Promise<Result<Value, UsbTransferFaultCode>>;

const isLinux = process.platform === 'linux';

/** The interface as Linux reports it: three bytes in hex. */
const interfaceInHex = Buffer.from([
  usbInterfaceClass.interfaceClass,
  usbInterfaceClass.subclass,
  usbInterfaceClass.protocol,
]).toString('hex');

/** The USB of this computer. Loads and touches nothing before the first call. */
export function nativeUsbBus(): UsbBus {
  /** For each device handle, when this process's last requested use of the device ends. */
  const releases = new Map<string, Promise<undefined>>();
  return {
    list: () =>
      withModule(async ({ usb }) => {
        const found = (await usb.getDevices()).filter(hasInterface);
        return found.map((device) => describe(device, releases));
      }),
    watch: (onChange) =>
      withModule(async ({ usb }) => {
        usb.addEventListener('connect', onChange);
        usb.addEventListener('disconnect', onChange);
        // The module starts listening asynchronously, and earlier events are lost.
        await usb.nativeEmitterQueue;
        for (const device of await usb.getDevices()) usb.knownDevices.set(device.handle, device);
        return () => {
          usb.removeEventListener('connect', onChange);
          usb.removeEventListener('disconnect', onChange);
        };
      }),
  };
}

/** Without a USB bus the module's listeners would crash the process, so check for one first. */
function withModule<Value>(use: (module: NativeModule) => Value | Promise<Value>): Attempt<Value> {
  if (isLinux && !hasUsb()) return Promise.resolve(refuse('usb-unavailable'));
  return attempt(async () => use(await loadNativeModule()));
}

async function attempt<Value>(work: () => Value | Promise<Value>): Attempt<Value> {
  try {
    return ok(await work());
  } catch (error) {
    return refused(nativeFault(error));
  }
}

function portOf({ bus, ports }: NativeDevice): string {
  return `${isLinux ? Number(bus) : bus}-${ports.join('.')}`;
}

/** Whether a device has the eNB interface. Linux reports this even for devices that may not be opened. */
function hasInterface(device: NativeDevice): boolean {
  if (isLinux) return interfaceClasses(portOf(device)).includes(interfaceInHex);
  try {
    return findInterface(device.configuration) !== undefined;
  } catch {
    return false; // A device that cannot be queried is of no use.
  }
}

function findInterface({ interfaces }: NativeConfiguration) {
  return interfaces.find(
    ({ alternate }) =>
      alternate.interfaceClass === usbInterfaceClass.interfaceClass &&
      alternate.interfaceSubclass === usbInterfaceClass.subclass &&
      alternate.interfaceProtocol === usbInterfaceClass.protocol,
  );
}

function describe(device: NativeDevice, releases: Map<string, Promise<undefined>>): UsbDevice {
  const { handle, vendorId, productId, productName, serialNumber } = device;
  return {
    port: portOf(device),
    vendorId,
    productId,
    product: productName ?? undefined,
    serialNumber: serialNumber ?? undefined,
    // A use that was requested earlier holds the device until it ends, even if its caller no longer waits.
    open: async (deadline) => {
      const earlier = releases.get(handle);
      const { promise: released, resolve } = Promise.withResolvers<undefined>();
      releases.set(handle, released);
      const release = () => {
        if (releases.get(handle) === released) releases.delete(handle);
        resolve(undefined);
      };
      await atMost(deadline, earlier);
      const claimed = await claim(device);
      if (!claimed.ok) {
        // The earlier use may still hold it.
        void Promise.resolve(earlier).then(release);
        return claimed;
      }
      const close = async () => {
        await claimed.value.close();
        release();
      };
      return ok({ ...claimed.value, close });
    },
  };
}

async function atMost(deadline: number, wait: Promise<undefined> | undefined): Promise<void> {
  if (!wait) return;
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), deadline);
  await Promise.race([wait, late.promise]);
  clearTimeout(timer);
}

/** Opens a device, claims its interface, and clears halts that an earlier stream left on its endpoints. */
async function claim(device: NativeDevice): Attempt<UsbInterface> {
  const opened = await attempt(() => device.open());
  if (!opened.ok) return opened;
  const claimed = await attempt(async () => {
    const found = findInterface(device.configuration);
    const bulk = found?.alternate.endpoints.filter(({ type }) => type === 'bulk');
    const [input, output] = (['in', 'out'] as const).map((way) => bulk?.find((one) => one.direction === way));
    if (!found || !input || !output) throw new Error('The interface has no bulk endpoints');
    const { interfaceNumber } = found;
    await device.claimInterface(interfaceNumber);
    await device.clearHalt('in', input.endpointNumber);
    await device.clearHalt('out', output.endpointNumber);
    return toInterface(device, interfaceNumber, input, output);
  });
  if (claimed.ok) return claimed;
  await attempt(() => device.close());
  return claimed.fault.code === 'usb-busy' ? whoHas(device) : claimed;
}

/** An interface is busy if another program holds it. On Linux a kernel driver may hold it too. */
function whoHas(device: NativeDevice): Result<never, UsbTransferFaultCode> {
  const number = isLinux ? interfaceNumberOf(device) : undefined;
  const driver = number === undefined ? undefined : driverOf(portOf(device), number);
  const isProgram = driver === undefined || driver === 'usbfs';
  return isProgram ? refuse('usb-busy') : refuse('usb-wrong-driver', { found: driver });
}

function interfaceNumberOf(device: NativeDevice): number | undefined {
  try {
    return findInterface(device.configuration)?.interfaceNumber;
  } catch {
    return undefined;
  }
}

function toInterface(
  device: NativeDevice,
  interfaceNumber: number,
  input: { readonly endpointNumber: number; readonly packetSize: number },
  output: { readonly endpointNumber: number; readonly packetSize: number },
): UsbInterface {
  return {
    packetSize: output.packetSize,
    transferIn: (timeout) =>
      attempt(async () => {
        const { data } = await device.transferIn(input.endpointNumber, input.packetSize, timeout);
        return data ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(0);
      }),
    transferOut: (bytes, timeout) =>
      attempt(async () => {
        const { bytesWritten } = await device.transferOut(output.endpointNumber, bytes, timeout);
        if (bytesWritten !== bytes.length) throw new Error(`${bytesWritten} of ${bytes.length} bytes sent`);
        return undefined;
      }),
    control: (request, timeout) =>
      attempt(async () => {
        const kind = { requestType: 'vendor', recipient: 'interface' } as const;
        const setup = { ...kind, request: usbRequests[request], value: 0, index: interfaceNumber };
        await device.controlTransferOut(setup, new Uint8Array(0), timeout);
        return undefined;
      }),
    close: async () => {
      // Closing does not release the interface. Both fail harmlessly for a device that is gone.
      await attempt(() => device.releaseInterface(interfaceNumber));
      await attempt(() => device.close());
    },
  };
}
