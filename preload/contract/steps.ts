// Steps and states as data, for the core and the page alike. This file imports nothing, so that the page can run it.

/** Step 0: the bundle reaches the eNB. */
export const delivery = {
  /** The progress of its connection, in order. `sending`: the bundle may have reached the eNB. */
  phases: ['selected', 'connected', 'identified', 'sending', 'sent', 'read-back', 'verdict', 'receipt'],
  /**
   * What is proven, whatever happened to the connection. A later state proves more. `sending`: the bundle may have
   * reached the eNB, which has not confirmed it. `sent`: the eNB answered that it accepted the bundle. `verdict`: it
   * also gave back the same bytes. `receipt`: it also signed for them.
   */
  proven: ['selected', 'refused', 'sending', 'sent', 'verdict', 'receipt'],
} as const;

/**
 * The progress of a bundle on a removable drive. `writing`: it may be on the drive. `written`: this computer believes
 * that it is. `damaged`: after a remount the drive did not hold what was written. `verified`: it did. `carried`: it did,
 * and the drive is on its way.
 */
export const carrying = { states: ['writing', 'written', 'damaged', 'verified', 'carried'] } as const;

/** What an eNB does with its configuration automatically after step 0, in this order. */
export const laterSteps = ['step-0.5', 'step-1', 'step-2'] as const;
export type LaterStep = (typeof laterSteps)[number];

/**
 * The parts of the list of jobs that can be shown alone. `active` has every job but the ones that are put away: by the
 * user, or because a newer configuration of the same eNB superseded them. Every job is in exactly one of the others.
 * `under-way`: it is being worked on, even if it is put away, or the bundle was sent, or may have been, or is on a drive.
 * `problem`: the eNB refused it, it expired, or the drive has it not or damaged.
 */
export const jobParts = ['active', 'to-do', 'under-way', 'problem', 'done', 'put-away'] as const;
export type JobPart = (typeof jobParts)[number];

/** What a list of jobs can show: one part, or all jobs. */
export const jobSelections = [...jobParts, 'all'] as const;
export type JobSelection = (typeof jobSelections)[number];

/** The progress of a run, and the result for each row of its inventory. */
export const run = {
  states: ['checking', 'checked', 'making', 'done', 'stopped', 'failed'],
  rowStates: ['made', 'refused', 'skipped'],
} as const;

export type CarriedState = (typeof carrying.states)[number];
export type DeliveryPhase = (typeof delivery.phases)[number];
export type ProvenDelivery = (typeof delivery.proven)[number];

/** Whether a delivery has progressed at least this far. `refused` counts as the verdict. */
export function hasReached(state: DeliveryPhase | 'refused', least: DeliveryPhase | 'refused'): boolean {
  const place = (one: typeof state) => delivery.phases.indexOf(one === 'refused' ? 'verdict' : one);
  return place(state) >= place(least);
}
