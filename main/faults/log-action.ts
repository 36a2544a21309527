/** All actions in the audit log. Logs keep these codes for good. `assets/locales/` has the words. */
export const logActions = [
  'prepare-run',
  'drive-written',
  'drive-verified',
  'receipts-collected',
  'bundle-sending',
  'bundle-delivery',
  'path-checked',
  'step-started',
  'step-ended',
  'vendor-root-trusted',
  'vendor-root-distrusted',
] as const;

/** A code of the list. */
export type LogAction = (typeof logActions)[number];
