/**
 * What the command line and the window share: the stores, the trusted vendors, the unlocked keys, and one function for
 * each use case.
 */
export type { DeliveryPhase } from '../../preload/contract/steps.ts';
export type { LogEntry, OpenedStore } from '../audit/index.ts';
export type { Acceptance } from '../bundle/index.ts';
export type { Drive, DriveVerdict } from '../drive/index.ts';
export { readFile as readSmallFile } from '../files/index.ts';
export { passphraseFromFile } from '../keys/index.ts';
export {
  inventoryTemplate,
  templateColumns,
  writeInventoryTemplate,
  type ImportProgress,
  type ImportReport,
  type PrepareProgress,
  type PrepareReport,
} from '../office/index.ts';
export { maximumEpoch, nameToText } from '../pki/index.ts';
export type { CarryOutcome, CollectedReceipt, DeliveryReport, Steps } from '../site/index.ts';
export { askedBy, stepFault, type PathFromPlace } from '../site/index.ts';
export { RateMeter } from '../work/index.ts';
export { ProbeLimit } from '../ike/index.ts';
export { pathProblem, type PathCheck } from '../path/index.ts';
export { enrol, isUnfinished, renew, revoke, type EnrolledCertificate } from './cmp-enrolment.ts';
export type { CmpWatcher, CredentialFiles, RaCa } from './cmp-peer.ts';
export { askCaCertificates, askRootUpdate, type CmpQuestion } from './cmp-questions.ts';
export { createCore, type Core } from './core.ts';
export type { SavedCopy } from './built-file.ts';
export { readParts, readSbom, sbomName, saveSbom, type SoftwarePart } from './sbom.ts';
export {
  collectReceiptFiles,
  collectReceipts,
  collectReceiptsAt,
  ejectDrive,
  listDrives,
  mountVolume,
  verifyDrive,
  verifyDriveAt,
  writeFilesToDrive,
  writeToDrive,
  type DriveAddress,
  type MountedDrive,
} from './drives.ts';
export { importEnbCertificates } from './enb-certificates.ts';
export { parseAddress } from './enb-address.ts';
export { keyTypes, type KeyType } from './enrolment-folder.ts';
export {
  connectionTo,
  deliverBundle,
  deliverFile,
  discoverEnbs,
  identifyEnb,
  identifyForJob,
  listUsb,
  receiptFrom,
  type EnbAddress,
  type EnbConnection,
  type IdentifiedEnb,
} from './enbs.ts';
export { probeHost } from './ike-probe.ts';
export { addJobs, addJobsIn, type AddedJobs } from './jobs.ts';
export type { LogPoint } from '../tlog/index.ts';
export { saveHead, takeCosigned, type SavedHead, type TakenCosignature } from './log-head.ts';
export { witnessHead, type WitnessReport, type WitnessRequest } from './log-witness.ts';
export { noteVerified, verifyLog, type LogVerification, type VerifyLogRequest } from './log-verify.ts';
export { verifyLogFile, type VerifyLogFileRequest } from './log-verify-file.ts';
export {
  exportLog,
  logExportFormats,
  personOf,
  type LogExport,
  type LogExportFormat,
  type LogExportRequest,
} from './log-export.ts';
export { saveLogVerifier } from './log-verifier.ts';
export { keepHeapSmall } from './memory.ts';
export { kindOfFile } from './file-kind.ts';
export { networkProblem, readInterfaces } from './network.ts';
export { NetworkSearch } from './network-search.ts';
export {
  initOfficeKey,
  takeOfficeCertificate,
  type CertifiedOfficeKey,
  type OfficeKeyFiles,
  type OfficeKeyPlace,
} from './office-key.ts';
export { openFolder } from './open-folder.ts';
export { addOperator, removeOperator } from './operators.ts';
export { openOffice, type OpenOffice } from './open-office.ts';
export {
  createIntroduction,
  listIntroductions,
  takeIntroduction,
  type KnownOperator,
  type MadeIntroduction,
  type TakenIntroduction,
  type TakeReport,
} from './introductions.ts';
export {
  makePack,
  openPack,
  verifyPack,
  type MadePack,
  type OpenedPack,
  type PackControls,
  type VerifiedPack,
} from './packs.ts';
export { pathOfFile, pathOfJob, type PathRequest, type PathTask } from './path.ts';
export { permit, withoutPolicy, type Policy, type PolicyFaultCode } from './policy.ts';
export {
  prepareBundles,
  registrationsFrom,
  unlockInventoryWith,
  unlockWith,
  type PrepareControls,
} from './prepare.ts';
export { receiptFileName } from './receipt-keeping.ts';
export { stepNames, type StepName } from '../bundle/index.ts';
export { watchSleep } from './sleep.ts';
export { stepsNow, stepsOfEnb, stepsOfJob } from './steps.ts';
export { Stores } from './stores.ts';
export { systemSurroundings, type Surroundings } from './surroundings.ts';
export { readCertificates, readRoots, readTrust, trustOf, type TrustFiles } from './trust-files.ts';
export { unforeseen } from './unforeseen.ts';
export { UnlockedKeys } from './unlocked-keys.ts';
export {
  combinedTrust,
  enbTrust,
  knownVendor,
  readVendorRoot,
  trustRoot,
  trustedVendor,
  trustedVendors,
  type KnownVendor,
  type TrustedVendor,
} from './vendors.ts';
export {
  inspectBundle,
  readKey,
  verifyBundle,
  verifyCertificate,
  verifyReceiptFile,
  type BundleInspection,
  type PassphraseFor,
} from './verify-files.ts';
export { nodeVersion, productVersion } from './version.ts';
