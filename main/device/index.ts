/**
 * The eNB as a device: the commissioning interface for both sides, its client, and the ways to reach it. A removable
 * drive is the way that is answered later.
 */
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
  verdictAnswerSchema,
  type IdentityDocument,
  type ReceiptRequest,
  type RouteName,
} from './interface.ts';
export {
  enbMismatch,
  openSession,
  withSession,
  type EnbSession,
  type EnbTrust,
  type SessionFaultCode,
} from './session.ts';
export { findVolume, mountDrive, type Drive, type DriveFolder, type DriveSystem } from './drive/drive.ts';
export { pathOf, readEntry, replaceEntry, type DriveFaultCode, type EntryPath } from './drive/entry.ts';
export {
  fileNames,
  maximumRequestSize,
  maximumReceiptSize,
  ownFolderNames,
  readRequest,
} from './drive/layout.ts';
export { collectReceipts, type FoundReceipt } from './drive/receipts.ts';
export { createRun, type Run, type RunOutcome } from './drive/run.ts';
export { driveSystem } from './drive/system.ts';
export {
  verifyAfterRemount,
  verifyAfterReplug,
  type DriveVerdict,
  type Expected,
  type ReplugState,
  type ReplugSurroundings,
  type VerifiedEntry,
} from './drive/verify.ts';
export {
  writeToDrive,
  type DriveEntry,
  type PlacedEntry,
  type WriteOutcome,
  type WriteSurroundings,
} from './drive/write.ts';
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
export { usbTransport, usbWay } from './usb/usb.ts';
