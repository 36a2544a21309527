/** Every action that the audit log records. Logs keep these codes for good; the words for each are in `assets/locales/`. */
export const logActions = [
  'prepare-run',
  'drive-written',
  'drive-verified',
  'receipts-collected',
  'bundle-sending',
  'bundle-delivery',
  'vendor-root-trusted',
  'vendor-root-distrusted',
] as const;

/** A code of the list. */
export type LogAction = (typeof logActions)[number];
