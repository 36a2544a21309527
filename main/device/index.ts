/** The eNB as a device: the commissioning interface for both sides, its client, and the ways to reach it. */
export { ethernet, parseEthernetAddress, type EthernetAddress } from './ethernet.ts';
export {
  contentDigest,
  defaultPort,
  identitySchema,
  maximumBodySize,
  mediaTypeOf,
  mediaTypes,
  problemSchema,
  receiptRequestSchema,
  routes,
  stepsSchema,
  type IdentityDocument,
  type Problem,
  type ReceiptRequest,
  type RouteName,
} from './interface.ts';
export {
  enbMismatch,
  openSession,
  type EnbSession,
  type EnbTrust,
  type SessionFaultCode,
} from './session.ts';
export { defaultDeadlines, StreamError, type Deadlines, type StreamTransport } from './transport.ts';
export {
  usbInterfaceClass,
  usbRequests,
  type UsbBus,
  type UsbDevice,
  type UsbFault,
  type UsbInterface,
} from './usb/bus.ts';
export { nativeUsbBus } from './usb/native-bus.ts';
export { usbTransport } from './usb/usb.ts';
