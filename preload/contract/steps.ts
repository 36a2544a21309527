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

/** The state of a step, as the eNB reports it. */
export const stepStates = ['waiting', 'running', 'done', 'failed'] as const;
export type StepState = (typeof stepStates)[number];

/**
 * The phases of asking the RA/CA for a certificate. `has`: what the eNB has once it reports the phase, whatever happens
 * after that. `request`: the RA/CA may have issued a certificate, and asking again gives the same one.
 */
const asking = [
  { name: 'key', has: 'key' },
  { name: 'requested', has: 'request' },
  /** Only while the RA/CA lets the eNB wait. */
  { name: 'waiting', has: 'request' },
  { name: 'issued', has: 'certificate' },
  { name: 'confirming', has: 'certificate' },
] as const;

/**
 * The phases of a tunnel: the first message is sent, the gateway answered it, both sides have authenticated. The tunnel
 * is up once the step is done. One that ends before leaves nothing behind.
 */
const tunnelling = [
  { name: 'sent', has: 'nothing' },
  { name: 'answered', has: 'nothing' },
  { name: 'authenticated', has: 'nothing' },
] as const;

/**
 * The steps after step 0, in the order of the standard. `name`: in receipts and on the eNB's interface. `number`: as
 * people say it. `gateway`: the role of the security gateway without which a configuration has no such step. `after`:
 * the step that must be done first. `isOptional`: a step after it waits for it only if the configuration requires the
 * first tunnel. `isStartable`: the installer can start it. `isLast`: once it is done, the eNB is in service, and no step
 * can be started any more.
 */
export const laterSteps = [
  {
    name: 'initial-ipsec',
    number: '0.5',
    gateway: 'initial',
    isOptional: true,
    isStartable: true,
    phases: tunnelling,
  },
  { name: 'enrolment', number: '1', after: 'initial-ipsec', isStartable: true, phases: asking },
  {
    name: 'backhaul-ipsec',
    number: '2',
    gateway: 'traffic',
    after: 'enrolment',
    isStartable: true,
    isLast: true,
    phases: tunnelling,
  },
  { name: 'renewal', after: 'enrolment', isRepeated: true, phases: asking },
] as const satisfies readonly StepEntry[];

interface StepEntry {
  readonly name: string;
  readonly number?: string;
  readonly gateway?: 'initial' | 'traffic';
  readonly after?: string;
  readonly isOptional?: true;
  readonly isStartable?: true;
  readonly isLast?: true;
  /** The eNB does it again and again, long after the installer has left. */
  readonly isRepeated?: true;
  readonly phases: readonly [StepPhase, ...StepPhase[]];
}

interface StepPhase {
  readonly name: string;
  readonly has: 'nothing' | 'key' | 'request' | 'certificate';
}

/** How far a tunnel is, in this order. With the next gateway it starts again. */
export const tunnelPhases = tunnelling.map(({ name }) => name);
export type TunnelPhase = (typeof tunnelling)[number]['name'];

export const stepNames = laterSteps.map(({ name }) => name);
export type StepName = (typeof laterSteps)[number]['name'];

const startableSteps = laterSteps.flatMap((entry) => ('isStartable' in entry ? [entry.name] : []));
/** A step that the installer can start. */
export type StartableStep = (typeof startableSteps)[number];

/** The entry of a step in the table. */
export function stepEntry(step: StepName): StepEntry {
  const entry = laterSteps.find(({ name }) => name === step);
  if (!entry) throw new Error(`Not a step: ${step}`);
  return entry;
}

/** The step that an eNB started last, in the order of the table; undefined before the first. */
export function lastStarted<Step extends { readonly step: StepName; readonly state: StepState }>(
  steps: readonly Step[],
): Step | undefined {
  return stepNames
    .flatMap((name) => steps.find(({ step }) => step === name) ?? [])
    .findLast(({ state }) => state !== 'waiting');
}

/** The steps that a configuration asks for. Renewal comes later, and is no part of the work on site. */
export function stepsOf(gateways: readonly string[]): readonly StepName[] {
  const entries: readonly (StepEntry & { readonly name: StepName })[] = laterSteps;
  return entries
    .filter(({ gateway, isRepeated }) => !isRepeated && (gateway === undefined || gateways.includes(gateway)))
    .map(({ name }) => name);
}

/** Why the installer cannot start a step now. `first`: another step must be done before. `in-service`: all are done. */
export type StartObstacle = 'running' | 'first' | 'done' | 'in-service' | 'automatic';

/** A step and its state, whatever else is known about it. */
interface SteppedTo {
  readonly step: StepName;
  readonly state: StepState;
}

/** What prevents the start of a step, given the steps of the configuration and whether it requires the first tunnel. */
export function startObstacle(
  step: StepName,
  steps: readonly SteppedTo[],
  needsTunnel: boolean,
): StartObstacle | undefined {
  const { after, isStartable } = stepEntry(step);
  const before = stepNames.find((name) => name === after);
  const stateOf = (name: StepName) => steps.find((one) => one.step === name)?.state;
  if (!isStartable) return 'automatic';
  if (stateOf(step) === 'done') return 'done';
  if (steps.some((one) => stepEntry(one.step).isLast && one.state === 'done')) return 'in-service';
  if (steps.some(({ state }) => state === 'running')) return 'running';
  return before && isRequired(before, needsTunnel) && stateOf(before) !== 'done' ? 'first' : undefined;
}

/** Whether the steps after this one wait for it. */
export function isRequired(step: StepName, needsTunnel: boolean): boolean {
  return needsTunnel || !stepEntry(step).isOptional;
}

/** Whether a step that the configuration requires is not done. Renewal comes long after the work on site. */
export function hasStepsLeft(steps: readonly SteppedTo[], needsTunnel: boolean): boolean {
  return steps.some(
    ({ step, state }) => state !== 'done' && isRequired(step, needsTunnel) && !stepEntry(step).isRepeated,
  );
}

/** The step that the installer starts next: the first of these that is required, not done, and has no obstacle. */
export function nextStep(steps: readonly SteppedTo[], needsTunnel: boolean): StartableStep | undefined {
  const asked = startableSteps.filter((name) => steps.some(({ step }) => step === name));
  return asked.find(
    (step) => isRequired(step, needsTunnel) && startObstacle(step, steps, needsTunnel) === undefined,
  );
}

/**
 * The progress of following an eNB's steps on a connection. `starting`: the eNB is asked to start a step, and may wait
 * before it does.
 */
export const following = { phases: ['connecting', 'starting', 'following'] } as const;

/**
 * The checks of the path before step 0.5, in the order in which they run: the gateway's name resolves; an initial gateway
 * answers IKE; it lists the vendor's root; a traffic gateway does not; UDP 4500 gets through; large messages do; the RA/CA
 * is silent outside the tunnel; the clock is right.
 */
export const pathChecks = {
  names: ['name', 'answer', 'vendor-root', 'traffic-gateway', 'port-4500', 'sizes', 'ra-silent', 'clock'],
  /** `not-possible`: it cannot be made from this place. `skipped`: an earlier one failed, or the bundle does not need it. */
  outcomes: ['passed', 'failed', 'not-possible', 'skipped'],
  /** From where. The eNB's outcome counts; the laptop may be on another network. */
  places: ['laptop', 'enb'],
} as const;
export type PathCheckName = (typeof pathChecks.names)[number];
export type PathOutcome = (typeof pathChecks.outcomes)[number];
export type PathPlace = (typeof pathChecks.places)[number];

/** How a bundle reaches an eNB: over a cable of either kind, or on a drive that someone carries there. */
export const connections = ['ethernet', 'usb', 'drive'] as const;
export type Connection = (typeof connections)[number];

/**
 * The parts of the list of jobs that can be shown alone. `active` has every job but the ones that are put away: by the
 * user, or because a newer configuration of the same eNB superseded them. Every job is in exactly one of the others.
 * `under-way`: it is being worked on, even if it is put away, or the bundle was sent, or may have been, or is on a drive,
 * or the eNB reported that a step is left.
 * `problem`: the eNB refused it, it expired, the drive has it not or damaged, or the step that the eNB started last failed.
 */
export const jobParts = ['active', 'to-do', 'under-way', 'problem', 'done', 'put-away'] as const;
export type JobPart = (typeof jobParts)[number];

/** What a list of jobs can show: one part, or all jobs. */
export const jobSelections = [...jobParts, 'all'] as const;
export type JobSelection = (typeof jobSelections)[number];

/** The progress of a run, and the result for each row of its inventory. */
export const run = {
  states: ['checking', 'checked', 'making', 'done', 'stopped', 'failed'],
  rowStates: ['made', 'refused', 'skipped', 'unchanged'],
} as const;

export type CarriedState = (typeof carrying.states)[number];
export type FollowingPhase = (typeof following.phases)[number];
export type DeliveryPhase = (typeof delivery.phases)[number];
export type ProvenDelivery = (typeof delivery.proven)[number];

/** Whether a delivery has progressed at least this far. `refused` counts as the verdict. */
export function hasReached(state: DeliveryPhase | 'refused', least: DeliveryPhase | 'refused'): boolean {
  const place = (one: typeof state) => delivery.phases.indexOf(one === 'refused' ? 'verdict' : one);
  return place(state) >= place(least);
}
