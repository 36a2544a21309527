import { z } from 'zod';
import { delivery, carrying, jobParts, laterSteps, run } from './steps.ts';

/** A fault as the page shows it. The core supplies both facts and words, because it has the only catalogue. */
export const faultView = z.strictObject({
  code: z.string(),
  message: z.string(),
  expected: z.string().optional(),
  found: z.string().optional(),
  /** One phrase: file, row, line, field. */
  where: z.string().optional(),
  cause: z.string(),
  /** The role of who can fix it, if anyone has to. */
  fixer: z.string().optional(),
  /** The same in words. */
  mendedBy: z.string(),
  next: z.string(),
  /** The sentences of the underlying faults, outermost first. */
  because: z.array(z.string()),
});
export type FaultView = z.infer<typeof faultView>;

/** A file or folder that the user chose. The page cannot name one by its path. */
export const fileHandle = z.strictObject({
  /** Made by the shell; useless to anyone else. */
  id: z.string().regex(/^[0-9a-f]{32}$/),
  /** The last part of the path, for display. */
  name: z.string().max(255),
});
export type FileHandle = z.infer<typeof fileHandle>;

/** The choices on the start screen: training, preparing bundles, delivering them, reviewing the log. */
export const modes = ['training', 'office', 'site', 'log'] as const;
export type Mode = (typeof modes)[number];

/** The looks of the window. `sunlight` has the strongest contrast, and larger text. */
export const themes = ['system', 'light', 'dark', 'sunlight'] as const;
export type Theme = (typeof themes)[number];

/** What the core reports about itself, and the settings of this laptop. */
export const appState = z.strictObject({
  version: z.string(),
  shell: z.enum(['electron', 'browser']),
  /** The start choice; null on the first start. */
  mode: z.enum(modes).nullable(),
  /** Whether everything shown is training data. */
  training: z.boolean(),
  theme: z.enum(themes),
});
export type AppState = z.infer<typeof appState>;

/** The progress of a job: while a delivery runs, the phase of the delivery; otherwise what is proven. */
export const jobStates = [...delivery.phases, 'refused'] as const;
export type JobState = (typeof jobStates)[number];

/** The progress of a bundle on a removable drive. A bundle that is proven is on no drive. */
export const carriedStates = carrying.states;

/** Long work that is running; `work.stop` stops it by its `id`. */
function workView<const Phase extends string>(phases: readonly Phase[]) {
  return z.strictObject({
    id: z.string(),
    phase: z.enum(phases),
    done: z.number(),
    /** 0 while unknown. */
    total: z.number(),
    /** Per second, over the last seconds; absent while unknown. */
    rate: z.number().optional(),
  });
}

export const drivePhases = ['writing', 'verifying', 'waiting-for-unplug', 'waiting-for-plug'] as const;
export type DrivePhase = (typeof drivePhases)[number];

/** The current work on a drive. While writing, it counts the eNBs. */
export const driveWork = workView(drivePhases);
export type DriveWork = z.infer<typeof driveWork>;

/** A running delivery. It counts nothing, and its phase is the job's state. */
export const deliveryWork = workView(delivery.phases);
export type DeliveryWork = z.infer<typeof deliveryWork>;

/** A bundle on a removable drive whose receipt has not come back. */
export const carriedView = z.strictObject({
  state: z.enum(carriedStates),
  volume: z.string(),
  /** The drive's name, as the user knows it. */
  drive: z.string(),
  /** RFC 3339 */
  since: z.string(),
  work: driveWork.optional(),
  /** Why the last work on the drive did not finish. */
  fault: faultView.optional(),
});
export type CarriedView = z.infer<typeof carriedView>;

/** A removable drive that is plugged in. */
export const driveView = z.strictObject({
  volume: z.string(),
  name: z.string(),
  /** Bytes */
  size: z.number(),
  /** Bytes; absent while it is not mounted. */
  free: z.number().optional(),
  readOnly: z.boolean(),
});
export type DriveView = z.infer<typeof driveView>;

/** The result for one receipt found on a drive. */
export const collectedView = z.strictObject({
  kind: z.enum(['proven', 'refused', 'known', 'unusable']),
  /** The eNB's name; until that is proven, the name of its folder. */
  name: z.string(),
  fault: faultView.optional(),
});
export type CollectedView = z.infer<typeof collectedView>;

/** A job in a list. */
export const jobRow = z.strictObject({
  id: z.string(),
  siteId: z.string(),
  siteName: z.string(),
  serialNumber: z.string(),
  operator: z.string(),
  sequence: z.number(),
  /** The end of the bundle's validity, RFC 3339. */
  validUntil: z.string(),
  /** `expired`: the validity is over. `today`: it ends before the laptop's current day does. */
  expiry: z.enum(['expired', 'today']).optional(),
  state: z.enum(jobStates),
  /** The running delivery. */
  work: deliveryWork.optional(),
  /** RFC 3339 */
  updatedAt: z.string(),
  carried: carriedView.optional(),
  /** A newer configuration of the same eNB is on this laptop. */
  isSuperseded: z.boolean(),
  /** The user has put the job away. */
  isArchived: z.boolean(),
});
export type JobRow = z.infer<typeof jobRow>;

/** How many jobs there are in each part of the list. */
export const jobCounts = z.record(z.enum(jobParts), z.number());
export type JobCounts = z.infer<typeof jobCounts>;

/** Files that were refused for one cause. */
export const refusedFiles = z.strictObject({
  /** What the faults of all these files have in common. */
  fault: faultView,
  count: z.number(),
  /** Of at most the first 200 of them. */
  names: z.array(z.string()).min(1),
  /** The vendor root that only has to be trusted, as the files name it. */
  missingRoot: z.strictObject({ vendor: z.string(), subject: z.string() }).optional(),
});
export type RefusedFiles = z.infer<typeof refusedFiles>;

/** What has become of bundle files that were to be jobs. */
export const openedBundles = z.strictObject({
  /** The ids of the new jobs. */
  added: z.array(z.string()),
  /** How many bundles were jobs before. */
  known: z.number(),
  refused: z.array(refusedFiles),
});
export type OpenedBundles = z.infer<typeof openedBundles>;

/** One check of the acceptance, in words. */
export const checkView = z.strictObject({
  code: z.string(),
  sentence: z.string(),
  ok: z.boolean().nullable(),
  /** Why the eNB skipped the check, in words. */
  why: z.string().optional(),
});
export type CheckView = z.infer<typeof checkView>;

/** A job with everything known about it. */
export const jobView = jobRow.extend({
  hwType: z.string(),
  bundleSha256: z.string(),
  /** The vendor's name, and the subject of its root. */
  vendor: z.string(),
  vendorRoot: z.string(),
  /** RFC 3339 */
  validFrom: z.string(),
  /** The steps that the eNB has yet to do, once it has this configuration. */
  laterSteps: z.array(z.enum(laterSteps)),
  /** The job with the newest configuration of the same eNB, if this one is superseded. */
  newer: z.strictObject({ id: z.string(), sequence: z.number() }).optional(),
  /** The connection that was tried last. */
  address: z.string().optional(),
  /** Why the laptop would refuse the bundle, before it reaches the eNB. Such a job cannot be sent. */
  fault: faultView.optional(),
  /**
   * The progress of the running delivery, or of the last one since the core started; absent before the first. `state`
   * and `receipt` report what is proven by then.
   */
  attempt: z.enum(jobStates).optional(),
  /** Of the last delivery. */
  verdict: z.strictObject({ accepted: z.boolean(), checks: z.array(checkView) }).optional(),
  deliveryFault: faultView.optional(),
  receipt: z
    .strictObject({
      number: z.number(),
      /** The suggested file name. */
      fileName: z.string(),
      /** Whether the receipt says that the eNB took the configuration. An eNB may also sign a refusal. */
      accepted: z.boolean(),
      sha256: z.string(),
      receivedAt: z.string(),
      firmware: z.string(),
    })
    .optional(),
});
export type JobView = z.infer<typeof jobView>;

/** What prevents a connection by Ethernet, worst first. */
export const networkProblems = ['no-interface', 'no-link', 'no-address'] as const;

/** This computer's wired interfaces, and what prevents a connection through them. */
export const networkView = z.strictObject({
  problem: z.enum(networkProblems).nullable(),
  interfaces: z.array(
    z.strictObject({
      name: z.string(),
      link: z.enum(['up', 'down', 'unknown']),
      addresses: z.array(z.string()),
    }),
  ),
});
export type NetworkView = z.infer<typeof networkView>;

/** An eNB that was found. `address` is in the form that `jobs.identify` takes. */
export const foundEnb = z.strictObject({
  kind: z.enum(['ethernet', 'usb']),
  address: z.string(),
  /** The eNB's own name for itself: it helps to choose, and proves nothing. */
  label: z.string(),
});
export type FoundEnb = z.infer<typeof foundEnb>;

/** The eNBs found without asking for an address. */
export const foundEnbs = z.strictObject({
  enbs: z.array(foundEnb),
  /** Why USB cannot be searched. */
  usbFault: faultView.optional(),
});
export type FoundEnbs = z.infer<typeof foundEnbs>;

/** What the job expects beside what the eNB proved. */
export const comparison = z.strictObject({
  /** What is compared, in words. */
  subject: z.string(),
  expected: z.string(),
  found: z.string(),
  isEqual: z.boolean(),
});

/** Which eNB is connected, and whether it is the job's. */
export const identifiedView = z.strictObject({
  serialNumber: z.string(),
  hwType: z.string(),
  vendor: z.string(),
  firmware: z.string(),
  lastSequence: z.number(),
  /** The eNB's time, RFC 3339; null when it has no clock. */
  clock: z.string().nullable(),
  certificateSha256: z.string(),
  comparisons: z.array(comparison),
  isTheRightOne: z.boolean(),
});
export type IdentifiedView = z.infer<typeof identifiedView>;

/** One page of proof. Everything in it is for printing. */
export const reportView = z.strictObject({
  job: jobView,
  /** Reported by the operating system, not proven. */
  by: z.string(),
  training: z.boolean(),
});
export type ReportView = z.infer<typeof reportView>;

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
  /** The profile can no longer be read. */
  fault: faultView.optional(),
});
export type OperatorView = z.infer<typeof operatorView>;

/** The progress of a run. `checked`: nobody has asked to make the bundles, or bad rows block them. */
export const runStates = run.states;

export const runPhases = ['checking', 'making'] as const;
export type RunPhase = (typeof runPhases)[number];

/**
 * The current work of a run: it counts the rows checked, or the bundles made. The inventory is checked again before the
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
  work: runWork.optional(),
  /** The full path of the folder for the bundles: the user must be able to find them. */
  folder: z.string().optional(),
  /** The vendors whose keys the run needs and which are locked now. */
  locked: z.array(z.string()),
  startedAt: z.string(),
  /** Also absent when the core ended before the run did. */
  endedAt: z.string().optional(),
  fault: faultView.optional(),
});
export type RunView = z.infer<typeof runView>;

/** Which rows of a run to show. `good`: those without a problem. */
export const rowKinds = ['all', 'refused', 'good'] as const;
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
  /** The column that its fault is about. */
  field: z.string().optional(),
  fault: faultView.optional(),
});
export type RunRow = z.infer<typeof runRow>;

/** What can go wrong in training when the user chooses so. */
export const trainingFaults = [
  'cable-pulled',
  'wrong-cable',
  'enb-refuses',
  'enb-silent',
  'no-permission',
  'usb-unplugged',
  'stick-loses-data',
  'stick-pulled',
] as const;
export type TrainingFault = (typeof trainingFaults)[number];

/** What a training is about: the connections, and a fault. */
export const triedInTraining = ['ethernet', 'usb', 'drive', 'fault'] as const;
export type Tried = (typeof triedInTraining)[number];

/** The emulated devices of training, and what has been tried with them. */
export const trainingView = z.strictObject({
  /** The serial numbers of the lab's eNBs that run. */
  enbs: z.array(z.string()),
  stick: z.strictObject({
    /** `laptop`, `ejected` (still in the laptop), `hand`, or the serial number of the eNB that it is plugged into. */
    at: z.string(),
    /** What the eNB did with the bundle that it found. */
    read: z.enum(['accepted', 'refused', 'nothing', 'failed']).optional(),
  }),
  /** The chosen fault. */
  fault: z.enum(trainingFaults).nullable(),
  /** The faults that can be chosen. */
  faults: z.array(z.enum(trainingFaults)),
  tried: z.array(z.enum(triedInTraining)),
  /** Whether every job has its receipt. */
  isAllDone: z.boolean(),
});
export type TrainingView = z.infer<typeof trainingView>;

/** An entry of the audit log. */
export const logRow = z.strictObject({
  sequence: z.number(),
  time: z.string(),
  actor: z.string(),
  action: z.string(),
  /** The entry as a sentence. */
  sentence: z.string(),
  facts: z.record(z.string(), z.string()),
});
export type LogRow = z.infer<typeof logRow>;
