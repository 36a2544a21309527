/** What kind of thing an action is. People filter the log by it. */
export const logKinds = ['log', 'keys', 'trust', 'preparing', 'delivery', 'steps'] as const;

/** A kind of the list. */
export type LogKind = (typeof logKinds)[number];

/** All actions in the audit log, with their kind. Logs keep these codes for good. `assets/locales/` has the words. */
export const logActions = {
  'log-key': 'log',
  'log-migrated': 'log',
  started: 'log',
  stopped: 'log',
  recovered: 'log',
  'clock-set-back': 'log',
  'name-declared': 'log',
  'name-erased': 'log',
  'log-exported': 'log',
  'log-verified': 'log',
  'head-saved': 'log',
  'head-witnessed': 'log',
  'head-refused': 'log',
  'head-cosigned': 'log',
  'witness-key': 'log',
  'key-unlocked': 'keys',
  'key-unlock-failed': 'keys',
  'key-locked': 'keys',
  'key-used': 'keys',
  'office-key-made': 'keys',
  'office-key-certified': 'keys',
  'profile-added': 'trust',
  'profile-removed': 'trust',
  'vendor-root-trusted': 'trust',
  'vendor-root-distrusted': 'trust',
  'introduction-made': 'trust',
  'introduction-taken': 'trust',
  'introduction-refused': 'trust',
  'enb-certificates-imported': 'preparing',
  'run-started': 'preparing',
  'prepare-run': 'preparing',
  'pack-made': 'preparing',
  'pack-opened': 'delivery',
  'pack-refused': 'delivery',
  'bundles-opened': 'delivery',
  'bundle-opened': 'delivery',
  'bundle-not-opened': 'delivery',
  'enb-identified': 'delivery',
  'drive-written': 'delivery',
  'drive-bundle-written': 'delivery',
  'drive-verified': 'delivery',
  'drive-bundle-verified': 'delivery',
  'receipts-collected': 'delivery',
  'receipt-kept': 'delivery',
  'receipt-refused': 'delivery',
  'bundle-sending': 'delivery',
  'bundle-delivery': 'delivery',
  confirmed: 'delivery',
  'path-checked': 'steps',
  'step-started': 'steps',
  'step-ended': 'steps',
} as const satisfies Readonly<Record<string, LogKind>>;

/** A code of the list. */
export type LogAction = keyof typeof logActions;
