import { z } from 'zod';
import { delivery, carrying, run } from './steps.ts';

/** A fault as the page shows it: facts and words, from the core, which has the one catalogue. */
export const faultView = z.strictObject({
  code: z.string(),
  message: z.string(),
  expected: z.string().optional(),
  found: z.string().optional(),
  /** One phrase: file, row, line, field. */
  where: z.string().optional(),
  cause: z.string(),
  mendedBy: z.string(),
  next: z.string(),
  /** The sentences of the faults beneath, outermost first. */
  because: z.array(z.string()),
});
export type FaultView = z.infer<typeof faultView>;

/** Stands for a file or folder that the person chose. The page cannot name any by a path. */
export const fileHandle = z.strictObject({
  /** Made by the shell; worth nothing to anyone else. */
  id: z.string().regex(/^[0-9a-f]{32}$/),
  /** The last part of the name, for showing. */
  name: z.string().max(255),
});
export type FileHandle = z.infer<typeof fileHandle>;

/** The ways into the application: training, preparing bundles, delivering them. */
export const doors = ['training', 'office', 'site'] as const;
export type Door = (typeof doors)[number];

/** What the core says of itself, and what was chosen on this laptop. */
export const appState = z.strictObject({
  version: z.string(),
  shell: z.enum(['electron', 'browser']),
  /** Which door was chosen; null at the first start. */
  door: z.enum(doors).nullable(),
  /** Whether all that is shown is training data. */
  training: z.boolean(),
  theme: z.enum(['system', 'light', 'dark']),
});
export type AppState = z.infer<typeof appState>;

/** How far a job has come: while a delivery runs the phase of the delivery, else what is proven. */
export const jobStates = [...delivery.phases, 'refused'] as const;
export type JobState = (typeof jobStates)[number];

/** How far a bundle has come on a removable drive; proven, it is on none. */
export const carriedStates = carrying.states;

/** Long work that runs now; `work.stop` stops it by its `id`. */
function workView<const Phase extends string>(phases: readonly Phase[]) {
  return z.strictObject({
    id: z.string(),
    phase: z.enum(phases),
    done: z.number(),
    /** 0 while it is not known. */
    total: z.number(),
    /** Per second, over the last seconds; absent while it is not known. */
    rate: z.number().optional(),
  });
}

export const drivePhases = ['writing', 'verifying', 'waiting-for-unplug', 'waiting-for-plug'] as const;
export type DrivePhase = (typeof drivePhases)[number];

/** What is done with a drive now. The writing counts the eNBs. */
export const driveWork = workView(drivePhases);
export type DriveWork = z.infer<typeof driveWork>;

/** A delivery that runs now: it counts nothing, and its phase is the job's state. */
export const deliveryWork = workView(delivery.phases);
export type DeliveryWork = z.infer<typeof deliveryWork>;

/** A bundle on a removable drive, for which no receipt has come back. */
export const carriedView = z.strictObject({
  state: z.enum(carriedStates),
  volume: z.string(),
  /** The drive as a person knows it. */
  drive: z.string(),
  /** RFC 3339 */
  since: z.string(),
  work: driveWork.optional(),
  /** Why the last work on the drive did not come to its end. */
  fault: faultView.optional(),
});
export type CarriedView = z.infer<typeof carriedView>;

/** A removable drive that is plugged in. */
export const driveView = z.strictObject({
  volume: z.string(),
  name: z.string(),
  /** Octets */
  size: z.number(),
  /** Octets; absent while it is not mounted. */
  free: z.number().optional(),
  readOnly: z.boolean(),
});
export type DriveView = z.infer<typeof driveView>;

/** What came of one receipt that was on a drive. */
export const collectedView = z.strictObject({
  kind: z.enum(['proven', 'refused', 'known', 'unusable']),
  /** Of the eNB; as long as that is not proven, the name of its folder. */
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
  /** The validity is over, or ends before this day of the laptop does. */
  expiry: z.enum(['expired', 'today']).optional(),
  state: z.enum(jobStates),
  /** The delivery that runs now. */
  work: deliveryWork.optional(),
  /** RFC 3339 */
  updatedAt: z.string(),
  carried: carriedView.optional(),
});
export type JobRow = z.infer<typeof jobRow>;

/** One check of the acceptance, in words. */
export const checkView = z.strictObject({
  code: z.string(),
  sentence: z.string(),
  ok: z.boolean().nullable(),
  /** Why it was not made, in words. */
  why: z.string().optional(),
});
export type CheckView = z.infer<typeof checkView>;

/** A job with all that is known of it. */
export const jobView = jobRow.extend({
  hwType: z.string(),
  bundleSha256: z.string(),
  vendor: z.string(),
  /** RFC 3339 */
  validFrom: z.string(),
  /** The way that was tried last. */
  way: z.string().optional(),
  /** What the laptop says of the bundle before it meets the eNB; a job that would be refused cannot be sent. */
  fault: faultView.optional(),
  /**
   * How far the delivery that is under way has come, or the last one since the core was started; absent when there was
   * none. What is proven by then, `state` and `receipt` tell.
   */
  attempt: z.enum(jobStates).optional(),
  /** The last delivery's. */
  verdict: z.strictObject({ accepted: z.boolean(), checks: z.array(checkView) }).optional(),
  deliveryFault: faultView.optional(),
  receipt: z
    .strictObject({
      number: z.number(),
      /** What it is called as a file. */
      fileName: z.string(),
      /** Whether it says that the eNB has taken the configuration; it can be signed under a refusal, too. */
      accepted: z.boolean(),
      sha256: z.string(),
      receivedAt: z.string(),
      firmware: z.string(),
    })
    .optional(),
});
export type JobView = z.infer<typeof jobView>;

/** What stands against connecting by Ethernet, worst first. */
export const networkProblems = ['no-interface', 'no-link', 'no-address'] as const;

/** This computer's wired interfaces, and what stands against connecting by them. */
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

/** An eNB that was found. `way` is how it is reached, as `jobs.identify` takes it. */
export const foundEnb = z.strictObject({
  kind: z.enum(['ethernet', 'usb']),
  way: z.string(),
  /** As it calls itself: a help to choose, and no proof. */
  label: z.string(),
});
export type FoundEnb = z.infer<typeof foundEnb>;

/** The eNBs that are there by themselves. */
export const foundEnbs = z.strictObject({
  enbs: z.array(foundEnb),
  /** Why USB cannot be looked at. */
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

/** Which eNB was connected, and whether it is the job's. */
export const identifiedView = z.strictObject({
  serialNumber: z.string(),
  hwType: z.string(),
  vendor: z.string(),
  firmware: z.string(),
  lastSequence: z.number(),
  /** The eNB's time, RFC 3339, or null when it has no clock. */
  clock: z.string().nullable(),
  certificateSha256: z.string(),
  comparisons: z.array(comparison),
  isTheRightOne: z.boolean(),
});
export type IdentifiedView = z.infer<typeof identifiedView>;

/** One page of proof. Everything in it is for printing. */
export const reportView = z.strictObject({
  job: jobView,
  writtenAt: z.string(),
  /** Declared by the operating system, not proved. */
  by: z.string(),
  training: z.boolean(),
});
export type ReportView = z.infer<typeof reportView>;

/** A vendor in an operator profile, and the configuration key for its eNBs. */
export const vendorView = z.strictObject({
  name: z.string(),
  keyFile: z.string(),
  state: z.enum(['locked', 'unlocked']),
  /** When an unlocked key locks itself unless it is used before, RFC 3339. */
  unlockedUntil: z.string().optional(),
  /** Known once the key is unlocked: the eNBs that it may configure, in words, and until when. */
  scope: z.array(z.string()).optional(),
  until: z.string().optional(),
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

/** How far a run has come. `checked`: nobody has asked to make it, or bad rows hold it back. */
export const runStates = run.states;

export const runPhases = ['checking', 'making'] as const;
export type RunPhase = (typeof runPhases)[number];

/**
 * What a run is doing now: it counts the rows that it has checked, or the bundles that are made. The inventory is checked
 * again before the bundles are made, so the phase is not the run's state.
 */
export const runWork = workView(runPhases);
export type RunWork = z.infer<typeof runWork>;

/** An inventory on its way to bundles: first checked, then made. */
export const runView = z.strictObject({
  id: z.string(),
  operatorId: z.string(),
  operator: z.string(),
  inventory: z.string(),
  state: z.enum(runStates),
  /** 0 as long as they are not counted. */
  rows: z.number(),
  made: z.number(),
  refused: z.number(),
  work: runWork.optional(),
  /** The folder that it makes its bundles in, in full: a person has to find them. */
  folder: z.string().optional(),
  /** The vendors whose keys it needs, and which are locked now. */
  locked: z.array(z.string()),
  startedAt: z.string(),
  /** Absent also when the core ended in the middle of it. */
  endedAt: z.string().optional(),
  fault: faultView.optional(),
});
export type RunView = z.infer<typeof runView>;

/** What became of one row of an inventory. */
export const runRow = z.strictObject({
  row: z.number(),
  line: z.number(),
  siteId: z.string(),
  serialNumber: z.string(),
  state: z.enum(run.rowStates),
  /** The column that its fault is about. */
  field: z.string().optional(),
  fault: faultView.optional(),
});
export type RunRow = z.infer<typeof runRow>;

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
