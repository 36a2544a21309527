import type { Fault, Result } from '../../faults/index.ts';

/** The interface of an eNB on USB: class, subclass and protocol of the interface descriptor (USB 2.0 section 9.6.5). */
export const usbInterfaceClass = { interfaceClass: 0xff, subclass: 0x53, protocol: 0x01 };

/** The control requests of the interface: bmRequestType 0x41, wValue 0, wIndex the interface, wLength 0. */
export const usbRequests = {
  /** A new stream begins; all octets from before are discarded, both ways. */
  open: 0x01,
  /** The stream has ended; a transfer that the device has under way is brought to its end. */
  close: 0x02,
} as const;

/** What is wrong with USB on this computer, or with the device on it. */
export type UsbFaultCode =
  | 'usb-unavailable'
  | 'usb-device-missing'
  | 'usb-device-ambiguous'
  | 'usb-wrong-driver'
  | 'usb-no-permission'
  | 'usb-busy'
  | 'usb-unplugged';

/** What a transfer can end in: no answer in time, an endpoint that the device has halted, or worse. */
export type UsbTransferFaultCode = UsbFaultCode | 'device-no-answer' | 'device-closed';

/** A device on the bus that has the interface. */
export interface UsbDevice {
  /** Where it is plugged in, as the operating system counts: `1-2.4` is port 4 of the hub in port 2 of bus 1. */
  readonly port: string;
  readonly vendorId: number;
  readonly productId: number;
  readonly product: string | undefined;
  /** As its descriptor says: a help to choose, and no proof. */
  readonly serialNumber: string | undefined;
  /** Claims the interface. Waits at most `deadline` ms for this process's own last use of it to end. */
  open(deadline: number): Promise<Result<UsbInterface, UsbTransferFaultCode>>;
}

/** A claimed interface. Of each method one call at a time; times are in milliseconds. */
export interface UsbInterface {
  /** The largest packet of the bulk OUT endpoint, in octets. */
  readonly packetSize: number;
  /**
   * One packet from the bulk IN endpoint, possibly empty. As no more than that is ever asked for, a transfer that times
   * out has no part that came already.
   */
  transferIn(timeout: number): Promise<Result<Uint8Array, UsbTransferFaultCode>>;
  /** All octets to the bulk OUT endpoint; none is an empty packet. */
  transferOut(bytes: Uint8Array, timeout: number): Promise<Result<undefined, UsbTransferFaultCode>>;
  /** Sends one of the control requests. */
  control(
    request: keyof typeof usbRequests,
    timeout: number,
  ): Promise<Result<undefined, UsbTransferFaultCode>>;
  /** Gives the interface back; to be called when no transfer is under way. */
  close(): Promise<void>;
}

/** The USB of this computer, as far as Siteseal needs it. */
export interface UsbBus {
  /** The devices that have the interface, whether they can be opened or not. */
  list(): Promise<Result<readonly UsbDevice[], UsbTransferFaultCode>>;
  /** Tells when devices have come or gone after it has resolved, until the function that it gives is called. */
  watch(onChange: () => void): Promise<Result<() => void, UsbTransferFaultCode>>;
}

/** The fault of a transfer. */
export type UsbFault = Fault<UsbTransferFaultCode>;
