/** The office side of Siteseal: turns an inventory into bundles. */
export { maximumBundleFile } from './bundle-files.ts';
export type { UnlockInventory } from './encrypted-inventory.ts';
export {
  importCertificates,
  type ImportProgress,
  type ImportReport,
  type ImportRequest,
  type ImportSurroundings,
} from './import-certificates.ts';
export { changesCsv } from './changes.ts';
export { maximumListed } from './batch/checked-rows.ts';
export { inventoryTemplate, templateColumns, writeInventoryTemplate } from './inventory-template.ts';
export { prepare, prepareRegistrations } from './prepare.ts';
export type { KeyOwner, PrepareProgress, PrepareRequest, PrepareSurroundings } from './prepare-request.ts';
export { checkOfficeCertificate, unlockOffice } from './office-key.ts';
export { makeOfficeKey, minimumOfficePassphrase } from './office-request.ts';
export { problemsCsv } from './problems.ts';
export type { PreparedRow, PrepareReport, RowContents } from './report.ts';
export { checkOutputFolder, countBundles, registrationsIn, writeOutput } from './output-folder.ts';
export {
  keyFacts,
  readProfile,
  unlockVendor,
  type Profile,
  type UnlockedVendor,
  type Vendor,
} from './profile.ts';
