/** What people do with Siteseal: prepare bundles from an inventory, deliver them over a stream or a drive, take receipts. */
export { maximumBundleFile } from './bundle-files.ts';
export { writeCsv } from './csv.ts';
export {
  maximumListed,
  prepare,
  type PrepareProgress,
  type PrepareRequest,
  type PrepareSurroundings,
} from './prepare.ts';
export type { PreparedRow, PrepareReport } from './report.ts';
export { checkOutputFolder, countBundles, writeOutput } from './output-folder.ts';
export { deliver, type DeliveryReport, type DeliveryRequest, type DeliverySurroundings } from './deliver.ts';
export {
  aloneOnDrive,
  carriedState,
  carriedStates,
  carry,
  driveWork,
  expectedOn,
  nameOf,
  noteEjected,
  noteVerdict,
  type CarriedState,
  type CarryItem,
  type CarryOutcome,
  type CarrySurroundings,
} from './carry.ts';
export { collect, type CollectedReceipt } from './collect.ts';
export { provenState } from './delivery-record.ts';
export { fetchReceipt, keepReceipt, takeReceipt, type ReceiptSurroundings } from './receipts.ts';
export { readProfile, unlockVendor, type Profile, type UnlockedVendor, type Vendor } from './profile.ts';
