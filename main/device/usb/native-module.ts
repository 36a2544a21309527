/**
 * The parts of the `usb` module that Siteseal uses. The module's own types omit the time limits and need browser
 * types.
 */
export interface NativeModule {
  readonly usb: {
    getDevices(): Promise<readonly NativeDevice[]>;
    addEventListener(type: 'connect' | 'disconnect', listener: () => void): void;
    removeEventListener(type: 'connect' | 'disconnect', listener: () => void): void;
    /** Undocumented: resolves once the module listens to events of the operating system. */
    readonly nativeEmitterQueue: Promise<unknown>;
    /** Undocumented: the module only reports that a device is gone if it is listed here, by handle. */
    readonly knownDevices: Map<string, NativeDevice>;
  };
}

/** A device, as the module describes it. */
export interface NativeDevice {
  /** The bus number of the operating system. */
  readonly bus: string;
  readonly ports: readonly number[];
  /** Stable until the device is unplugged. */
  readonly handle: string;
  readonly vendorId: number;
  readonly productId: number;
  readonly productName: string | null;
  readonly serialNumber: string | null;
  /** If the device is not open, opens it briefly. */
  readonly configuration: NativeConfiguration;
  open(): Promise<void>;
  /** Does not release claimed interfaces: call `releaseInterface` first. */
  close(): Promise<void>;
  claimInterface(number: number): Promise<void>;
  releaseInterface(number: number): Promise<void>;
  clearHalt(direction: 'in' | 'out', endpoint: number): Promise<void>;
  controlTransferOut(
    setup: {
      readonly requestType: 'vendor';
      readonly recipient: 'interface';
      readonly request: number;
      readonly value: number;
      readonly index: number;
    },
    data: Uint8Array,
    timeout: number,
  ): Promise<unknown>;
  transferIn(
    endpoint: number,
    length: number,
    timeout: number,
  ): Promise<{ readonly data?: DataView | undefined }>;
  transferOut(
    endpoint: number,
    data: Uint8Array,
    timeout: number,
  ): Promise<{ readonly bytesWritten: number }>;
}

/** The active configuration of a device, as the module describes it. */
export interface NativeConfiguration {
  readonly interfaces: readonly {
    readonly interfaceNumber: number;
    readonly alternate: {
      readonly interfaceClass: number;
      readonly interfaceSubclass: number;
      readonly interfaceProtocol: number;
      readonly endpoints: readonly NativeEndpoint[];
    };
  }[];
}

/** An endpoint, as the module describes it. `packetSize` is in bytes. */
export interface NativeEndpoint {
  readonly endpointNumber: number;
  readonly direction: 'in' | 'out';
  readonly type: string;
  readonly packetSize: number;
}

/** Loads the module, and its native code, only when USB is needed. */
export async function loadNativeModule(): Promise<NativeModule> {
  return (await import('usb')) as unknown as NativeModule;
}
