// Operators, vendors and runs: the work in the office.
import { z } from 'zod';
import { faultView } from './app.ts';
import { run } from './steps.ts';
import { workView } from './work.ts';

/** A vendor root certificate. */
export const vendorRootView = z.strictObject({
  /** SHA-256, lower-case hex. */
  fingerprint: z.string(),
  /** The vendor's name. */
  name: z.string(),
  subject: z.string(),
  /** RFC 3339 */
  until: z.string(),
});
export type VendorRootView = z.infer<typeof vendorRootView>;

/** A vendor in an operator profile, and the configuration key for its eNBs. */
export const vendorView = z.strictObject({
  name: z.string(),
  keyFile: z.string(),
  state: z.enum(['locked', 'unlocked']),
  /** When an unlocked key locks automatically unless it is used before then, RFC 3339. */
  unlockedUntil: z.string().optional(),
  /** Known once the key is unlocked: the eNBs that it may configure, in words, and until when. */
  scope: z.array(z.string()).optional(),
  until: z.string().optional(),
  /** `soon`: within 30 days. */
  expiry: z.enum(['expired', 'soon']).optional(),
  rootFingerprints: z.array(z.string()),
});

/** An operator profile that was added on this laptop. */
export const operatorView = z.strictObject({
  id: z.string(),
  name: z.string(),
  plmn: z.string(),
  training: z.boolean(),
  vendors: z.array(vendorView),
  /** The import of eNB certificates under this profile that is running: it counts certificates. */
  importing: workView(['importing']).optional(),
  /** Whether it names the RA/CA that learns credentials, so that Siteseal can make them. */
  canGenerateCredentials: z.boolean(),
  /** The profile can no longer be read. */
  fault: faultView.optional(),
});
export type OperatorView = z.infer<typeof operatorView>;

/** The result of an import of eNB certificates. All numbers count certificates, except `files`. */
export const certificateImport = z.strictObject({
  files: z.number(),
  added: z.number(),
  replaced: z.number(),
  /** Those that the store has, or has a later one for. */
  unchanged: z.number(),
  /** CA certificates, which are skipped. */
  authorities: z.number(),
  refused: z.number(),
  /** Why, for the first of each cause, and how many have that cause. */
  problems: z.array(z.strictObject({ fault: faultView, count: z.number() })),
  /** Why it stopped early. What was imported stays. */
  stoppedBy: faultView.optional(),
});
export type CertificateImport = z.infer<typeof certificateImport>;

/** The progress of a run. `checked`: nobody has asked to make the bundles, or bad rows block them. */
export const runStates = run.states;

export const runPhases = ['checking', 'comparing', 'making'] as const;
export type RunPhase = (typeof runPhases)[number];

/**
 * The current work of a run: it counts the rows checked or compared, or the bundles made. The inventory is checked again before the
 * bundles are made, so the phase is not the run's state.
 */
export const runWork = workView(runPhases);
export type RunWork = z.infer<typeof runWork>;

/** An inventory being turned into bundles: first checked, then made. */
export const runView = z.strictObject({
  id: z.string(),
  operatorId: z.string(),
  operator: z.string(),
  inventory: z.string(),
  state: z.enum(runStates),
  /** 0 until the rows are counted. */
  rows: z.number(),
  made: z.number(),
  refused: z.number(),
  /** The good rows whose eNBs have a bundle: those that change nothing, and those that change something. */
  unchanged: z.number(),
  changed: z.number(),
  /** Whether it makes only the bundles that change something. */
  onlyChanged: z.boolean(),
  /** Whether it makes the credentials. */
  generateCredentials: z.boolean(),
  /** The names of the registrations in its folder, from which the RA/CA learns the credentials. */
  registrations: z.array(z.string()),
  work: runWork.optional(),
  /** The full path of the folder for the bundles: the user must be able to find them. */
  folder: z.string().optional(),
  /** The vendors whose keys the run needs and which are locked now. */
  locked: z.array(z.string()),
  startedAt: z.string(),
  /** Also absent when the core ended before the run did. */
  endedAt: z.string().optional(),
  fault: faultView.optional(),
  /** What to know about the good rows, in words. */
  warnings: z.array(z.strictObject({ code: z.string(), message: z.string() })),
});
export type RunView = z.infer<typeof runView>;

/**
 * Which rows of a run to show. `good`: those that have or need a bundle. `changed`: those of them whose eNBs have an
 * earlier one. `unchanged`: those whose eNBs need no other.
 */
export const rowKinds = ['all', 'refused', 'good', 'changed', 'unchanged'] as const;
export type RowKind = (typeof rowKinds)[number];

/** The result for one row of an inventory. */
export const runRow = z.strictObject({
  row: z.number(),
  line: z.number(),
  siteId: z.string(),
  serialNumber: z.string(),
  state: z.enum(run.rowStates),
  /** What a good row says, as its cells have it: to be looked at before it is signed. */
  contents: z
    .strictObject({
      siteName: z.string(),
      vendor: z.string(),
      outerIp: z.string(),
      vlan: z.string(),
      validUntil: z.string(),
    })
    .optional(),
  /** What its bundle changes for the eNB. Empty if the earlier content is not known, absent for a first bundle. */
  differences: z
    .array(
      z.strictObject({
        /** A path in the configuration, such as `backhaul.vlan`. */
        field: z.string(),
        before: z.string().optional(),
        after: z.string().optional(),
      }),
    )
    .optional(),
  /** The column that its fault is about. */
  field: z.string().optional(),
  fault: faultView.optional(),
});
export type RunRow = z.infer<typeof runRow>;
