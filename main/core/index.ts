/** The whole application without a window. The shells reach everything through here. */
export type { DeliveryPhase } from '../../preload/contract/steps.ts';
export type { Acceptance } from '../bundle/index.ts';
export { createCore, type Core } from './core.ts';
export { collectReceiptsAt, verifyDriveAt, writeFilesToDrive, type DriveAddress } from './drives.ts';
export {
  connectionTo,
  deliverFile,
  discoverEnbs,
  identifyEnb,
  listUsb,
  receiptFrom,
  type EnbAddress,
} from './enbs.ts';
export { prepareBundles, unlockWith } from './prepare.ts';
export { runDemo } from './demo.ts';
export { startLabEnb, type LabDrive, type LabEnbRequest, type RunningLabEnb } from './lab-enb.ts';
export { failureForms, parseFailure, type Failure } from '../lab/index.ts';
export { limitYoungObjects } from './memory.ts';
export { systemSurroundings, type Surroundings } from './surroundings.ts';
export type { TrustFiles } from './trust-files.ts';
export { unforeseen } from './unforeseen.ts';
export {
  inspectBundle,
  verifyBundle,
  verifyCertificate,
  verifyReceiptFile,
  type BundleInspection,
  type PassphraseFor,
} from './verify.ts';
export { productVersion } from './version.ts';
export { maximumEpoch } from '../pki/index.ts';
export { readFile as readSmallFile } from '../files/index.ts';
export { passphraseFromFile } from '../keys/index.ts';
export { nameToText } from '../pki/index.ts';
export type { DriveVerdict } from '../drive/index.ts';
export type { CarryOutcome, CollectedReceipt, DeliveryReport } from '../site/index.ts';
export type { PrepareProgress, PrepareReport } from '../office/index.ts';
export { startCore, type CoreOptions, type RunningCore } from './part.ts';
export type { Port } from './port.ts';
