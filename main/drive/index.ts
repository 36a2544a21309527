/** Removable drives carry bundles out and receipts back. */
export {
  findVolume,
  mountDrive,
  type Drive,
  type DriveFolder,
  type DriveSystem,
  type UnfitCode,
} from './drive.ts';
export { pathOf, readEntry, replaceEntry, type DriveFaultCode, type EntryPath } from './entry.ts';
export { fileNames, maximumRequestSize, maximumReceiptSize, ownFolderNames, readRequest } from './layout.ts';
export { collectReceipts, type FoundReceipt } from './receipts.ts';
export { createRun, type Run, type RunOutcome } from './run.ts';
export { driveSystem } from './system.ts';
export {
  verifyAfterRemount,
  verifyAfterReplug,
  type DriveVerdict,
  type Expected,
  type ReplugState,
  type ReplugSurroundings,
  type VerifiedEntry,
} from './verify.ts';
export {
  writeToDrive,
  type DriveEntry,
  type PlacedEntry,
  type WriteOutcome,
  type WriteSurroundings,
} from './write.ts';
