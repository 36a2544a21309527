/** What Siteseal uses of the `usb` module: its own types leave the time limits out, and need those of a browser. */
export interface NativeModule {
  readonly usb: {
    getDevices(): Promise<readonly NativeDevice[]>;
    addEventListener(type: 'connect' | 'disconnect', listener: () => void): void;
    removeEventListener(type: 'connect' | 'disconnect', listener: () => void): void;
    /** Not of its documented interface: resolves when it listens to what the operating system tells. */
    readonly nativeEmitterQueue: Promise<unknown>;
    /** Not of its documented interface: only of these, by handle, does it tell that they have gone. */
    readonly knownDevices: Map<string, NativeDevice>;
  };
}

/** A device, as the module describes it. */
export interface NativeDevice {
  /** The bus as the operating system numbers it. */
  readonly bus: string;
  readonly ports: readonly number[];
  /** Stays the same until the device is unplugged. */
  readonly handle: string;
  readonly vendorId: number;
  readonly productId: number;
  readonly productName: string | null;
  readonly serialNumber: string | null;
  /** Opens the device for a moment when it is not open. */
  readonly configuration: NativeConfiguration;
  open(): Promise<void>;
  /** Keeps what is claimed: `releaseInterface` comes first. */
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

/** An endpoint, as the module describes it; `packetSize` in octets. */
export interface NativeEndpoint {
  readonly endpointNumber: number;
  readonly direction: 'in' | 'out';
  readonly type: string;
  readonly packetSize: number;
}

/** Loads the module, and with it native code: only when USB is asked for. */
export async function loadNativeModule(): Promise<NativeModule> {
  return (await import('usb')) as unknown as NativeModule;
}
