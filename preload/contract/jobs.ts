// Jobs, drives, eNBs and reports: the work on site.
import { z } from 'zod';
import { faultView } from './app.ts';
import { carrying, delivery, following, jobParts, pathChecks, stepNames, stepStates } from './steps.ts';
import { workView } from './work.ts';

/** The progress of a job: while a delivery runs, the phase of the delivery; otherwise what is proven. */
export const jobStates = [...delivery.phases, 'refused'] as const;
export type JobState = (typeof jobStates)[number];

/** The progress of a bundle on a removable drive. A bundle that is proven is on no drive. */
export const carriedStates = carrying.states;

export const drivePhases = ['writing', 'verifying', 'waiting-for-unplug', 'waiting-for-plug'] as const;
export type DrivePhase = (typeof drivePhases)[number];

/** The current work on a drive. While writing, it counts the eNBs. */
export const driveWork = workView(drivePhases);
export type DriveWork = z.infer<typeof driveWork>;

/** A running delivery. It counts nothing, and its phase is the job's state. */
export const deliveryWork = workView(delivery.phases);
export type DeliveryWork = z.infer<typeof deliveryWork>;

/** The current connection that follows an eNB's steps. It counts nothing. */
export const followingWork = workView(following.phases).extend({
  /** The step that the eNB is asked to start. */
  start: z.enum(stepNames).optional(),
});
export type FollowingWork = z.infer<typeof followingWork>;

/** One step of the eNB after step 0. */
export const stepView = z.strictObject({
  step: z.enum(stepNames),
  state: z.enum(stepStates),
  /** As the eNB names it. A newer eNB can report a phase that no table here has. */
  phase: z.string().optional(),
  /** The eNB's own times, RFC 3339. */
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
  fault: faultView.optional(),
  /** The job's receipt says the same, so the eNB has signed for it. */
  isSigned: z.boolean(),
});
export type StepView = z.infer<typeof stepView>;

/** The eNB's steps after step 0. */
export const stepsView = z.strictObject({
  /** The steps that the configuration asks for, in order, and any other that the eNB has started. */
  list: z.array(stepView),
  /** The configuration forbids step 1 outside the tunnel of step 0.5. */
  needsTunnel: z.boolean(),
  /**
   * When the eNB reported them, RFC 3339. Absent while nobody has asked. The connection proved the eNB's identity, but
   * the eNB signed only for the steps that say so.
   */
  reportedAt: z.string().optional(),
  /**
   * The eNB's firmware says that its tunnels are not IPsec as the standard has it. `stand-in`: something else in its
   * place, for training. `childless`: both sides prove who they are, and no traffic can pass.
   */
  ipsecKind: z.enum(['stand-in', 'childless']).optional(),
  /** The report is the receipt's: the eNB signed for all of it. */
  isFromReceipt: z.literal(true).optional(),
  work: followingWork.optional(),
  /** Why the last look did not finish. */
  fault: faultView.optional(),
});
export type StepsView = z.infer<typeof stepsView>;

/** The current checks of the path. Its phase is the place from which they are made. */
export const pathWork = workView(pathChecks.places);
export type PathWork = z.infer<typeof pathWork>;

/** One check of the path. */
export const pathCheckView = z.strictObject({
  check: z.enum(pathChecks.names),
  /** The gateway that it is about, as the bundle names it. */
  gateway: z.string().optional(),
  outcome: z.enum(pathChecks.outcomes),
  /** What was measured or found, for people: an address, a time, a size. */
  figure: z.string().optional(),
  /** Why it failed or was not possible. */
  fault: faultView.optional(),
});
export type PathCheckView = z.infer<typeof pathCheckView>;

/** The path to the security gateways, before step 0.5. */
export const pathView = z.strictObject({
  places: z.array(
    z.strictObject({
      place: z.enum(pathChecks.places),
      /** RFC 3339 */
      checkedAt: z.string(),
      checks: z.array(pathCheckView),
      /** Why nothing could be checked from there. */
      fault: faultView.optional(),
    }),
  ),
  work: pathWork.optional(),
});
export type PathView = z.infer<typeof pathView>;

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
  /** Why it cannot carry bundles. */
  fault: faultView.optional(),
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
  /**
   * When the eNB's certificate ends, if this computer has the certificate and it ends before the validity does (RFC 3339).
   * From then on the eNB is refused.
   */
  certificateEnd: z.strictObject({ at: z.string(), isOver: z.boolean() }).optional(),
  state: z.enum(jobStates),
  /** The running delivery. */
  work: deliveryWork.optional(),
  /** RFC 3339 */
  updatedAt: z.string(),
  carried: carriedView.optional(),
  /**
   * The step that the eNB reported last, after step 0. `unfinished`: it ran, and nobody follows it any more. Absent while
   * no step is reported to have started.
   */
  lastStep: z
    .strictObject({
      step: z.enum(stepNames),
      state: z.enum(['running', 'unfinished', 'done', 'failed']),
    })
    .optional(),
  /** The eNB reported that a step that its configuration requires is not done. */
  hasStepsLeft: z.literal(true).optional(),
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

/** The result of opening bundle files. */
export const openedBundles = z.strictObject({
  /** The ids of the new jobs. */
  added: z.array(z.string()),
  /** How many bundles were jobs before. */
  known: z.number(),
  /** How many jobs are superseded by these. */
  superseded: z.number(),
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
  /** What the eNB does with this configuration. */
  steps: stepsView,
  /** Absent while nobody has checked the path, or if the configuration has no security gateway. */
  path: pathView.optional(),
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
  /** Reached by IPv6 on the cable itself, so this computer needs no address of the eNB's network. */
  needsNoAddress: z.literal(true).optional(),
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
