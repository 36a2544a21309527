import type { Fault, Result } from '../../faults/index.ts';

/** The USB interface of an eNB: class, subclass and protocol of the interface descriptor (USB 2.0 section 9.6.5). */
export const usbInterfaceClass = { interfaceClass: 0xff, subclass: 0x53, protocol: 0x01 };

/** The interface's control requests: bmRequestType 0x41, wValue 0, wIndex the interface, wLength 0. */
export const usbRequests = {
  /** Starts a new stream. Discards all earlier bytes in both directions. */
  open: 0x01,
  /** Ends the stream. Completes any transfer of the device that is in progress. */
  close: 0x02,
} as const;

/** What is wrong with this computer's USB, or with the device. */
export type UsbFaultCode =
  | 'usb-unavailable'
  | 'usb-device-missing'
  | 'usb-device-ambiguous'
  | 'usb-wrong-driver'
  | 'usb-no-permission'
  | 'usb-busy'
  | 'usb-unplugged';

/** How a transfer can fail: no answer in time, an endpoint that the device has halted, or worse. */
export type UsbTransferFaultCode = UsbFaultCode | 'device-no-answer' | 'device-closed';

/** A device on the bus that has the interface. */
export interface UsbDevice {
  /**
   * Where the device is plugged in, as the operating system counts: `1-2.4` is port 4 of the hub in port 2 of bus 1.
   */
  readonly port: string;
  readonly vendorId: number;
  readonly productId: number;
  readonly product: string | undefined;
  /** The serial number in its descriptor. Helps the user choose, but proves nothing. */
  readonly serialNumber: string | undefined;
  /** Claims the interface. Waits at most `deadline` ms for this process's earlier use of it to end. */
  open(deadline: number): Promise<Result<UsbInterface, UsbTransferFaultCode>>;
}

/** A claimed interface. Do not call a method again before its last call has ended. Times are in milliseconds. */
export interface UsbInterface {
  /** The largest packet of the bulk OUT endpoint, in bytes. */
  readonly packetSize: number;
  /**
   * One packet from the bulk IN endpoint, possibly empty. Asks for no more than one packet, so that a transfer that
   * times out loses no data.
   */
  transferIn(timeout: number): Promise<Result<Uint8Array, UsbTransferFaultCode>>;
  /** Sends all bytes to the bulk OUT endpoint. An empty array becomes an empty packet. */
  transferOut(bytes: Uint8Array, timeout: number): Promise<Result<undefined, UsbTransferFaultCode>>;
  /** Sends one of the control requests. */
  control(
    request: keyof typeof usbRequests,
    timeout: number,
  ): Promise<Result<undefined, UsbTransferFaultCode>>;
  /** Releases the interface. Call it only when no transfer is in progress. */
  close(): Promise<void>;
}

/** The USB of this computer, as far as Siteseal needs it. */
export interface UsbBus {
  /** The devices that have the interface, whether or not they can be opened. */
  list(): Promise<Result<readonly UsbDevice[], UsbTransferFaultCode>>;
  /**
   * Once it has resolved, calls `onChange` when devices appear or disappear, until the function it returns is called.
   */
  watch(onChange: () => void): Promise<Result<() => void, UsbTransferFaultCode>>;
}

/** The fault of a transfer. */
export type UsbFault = Fault<UsbTransferFaultCode>;
