/** The eNB as a device: both sides of the commissioning interface, its client, and the connections that carry it. */
export { advertise } from './advertisement.ts';
export type { EnbAnnouncement } from './dns-message.ts';
export {
  EthernetDiscovery,
  type Discovery,
  type DiscoverySurroundings,
  type FoundEnb,
  type Link,
  type SystemLink,
} from './discovery.ts';
export {
  ethernet,
  parseEthernetAddress,
  withScope,
  type EthernetAddress,
  type ScopeFaultCode,
} from './ethernet.ts';
export { isLinkLocal } from './link-local.ts';
export {
  contentDigest,
  defaultPort,
  identitySchema,
  maximumBodySize,
  mediaTypeOf,
  mediaTypes,
  pathAnswerSchema,
  problemSchema,
  receiptRequestSchema,
  routes,
  startOf,
  startRefusals,
  stepsSchema,
  verdictAnswerSchema,
  type IdentityDocument,
  type PathAnswer,
  type ReceiptRequest,
  type RouteName,
  type StartRefusal,
  type StepsDocument,
  type Target,
} from './interface.ts';
export {
  enbMismatch,
  openSession,
  withSession,
  type EnbSession,
  type EnbTrust,
  type SessionFaultCode,
} from './session.ts';
export { peerCertificates } from './tls.ts';
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
export { usbTransport, usbAddress } from './usb/usb.ts';
