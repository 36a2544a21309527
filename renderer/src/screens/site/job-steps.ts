import type {
  FaultView,
  FoundEnb,
  IdentifiedView,
  JobView,
  NetworkView,
} from '../../../../preload/contract/index.ts';
import type { StepId } from '../../app/routes.ts';
import { hasReached } from './job-state.ts';

/** What is known of which eNB is connected. */
export type Identity =
  | { readonly state: 'unknown' }
  | { readonly state: 'asking' }
  | { readonly state: 'fault'; readonly fault: FaultView }
  | { readonly state: 'known'; readonly value: IdentifiedView };

/** Everything that decides which screen of a job is shown. */
export interface JobFacts {
  readonly job: JobView;
  readonly training: boolean;
  readonly network: NetworkView | undefined;
  readonly found: readonly FoundEnb[];
  /** The person goes on although the network looks unfit. */
  readonly ignoresNetwork: boolean;
  readonly way: string | undefined;
  readonly identity: Identity;
  /** The person wants to send, whatever an earlier delivery has left to tell. */
  readonly wantsToSend: boolean;
}

/** What can be missing; each has a screen of its own. */
export type Obstacle =
  | 'bundle-unusable'
  | 'no-interface'
  | 'no-link'
  | 'no-address'
  | 'no-target'
  | 'identifying'
  | 'identity-fault'
  | 'wrong-enb'
  | 'not-delivered';

type Need = (facts: JobFacts) => Obstacle | undefined;

const usableBundle: Need = ({ job }) => (job.fault ? 'bundle-unusable' : undefined);

/** The lab's eNBs are on this laptop and need no cable. */
const network: Need = ({ network: seen, found, training, ignoresNetwork, way }) =>
  training || ignoresNetwork || found.length > 0 || way !== undefined
    ? undefined
    : (seen?.problem ?? undefined);

const target: Need = ({ way }) => (way === undefined ? 'no-target' : undefined);

const identity: Need = ({ identity: seen }) => {
  if (seen.state === 'fault') return 'identity-fault';
  return seen.state === 'known' ? undefined : 'identifying';
};

const rightEnb: Need = ({ identity: seen }) =>
  seen.state === 'known' && !seen.value.isTheRightOne ? 'wrong-enb' : undefined;

const delivered: Need = ({ job }) =>
  !job.isRunning && (job.state === 'receipt' || job.state === 'refused') ? undefined : 'not-delivered';

interface Step {
  readonly id: StepId;
  /** What must hold before its screen is shown, in the order in which it is looked at. */
  readonly needs: readonly Need[];
}

/** The job as a list of steps. */
export const steps: readonly Step[] = [
  { id: 'connect', needs: [usableBundle, network] },
  { id: 'identify', needs: [usableBundle, network, target, identity, rightEnb] },
  { id: 'step-0', needs: [usableBundle, network, target, identity, rightEnb] },
  { id: 'finish', needs: [delivered] },
];

/** Whether a delivery has ended, if only with its core, and left something to tell. */
export function hasOutcome(job: JobView): boolean {
  return !job.isRunning && (job.deliveryFault !== undefined || hasReached(job.state, 'sending'));
}

/** Whether step 0 shows a delivery, under way or ended; that stands without the needs of sending. */
export function showsDelivery({ job, wantsToSend }: Pick<JobFacts, 'job' | 'wantsToSend'>): boolean {
  return job.isRunning || (hasOutcome(job) && !wantsToSend);
}

/** The first thing that is missing for a step. */
export function obstacleOf(step: StepId, facts: JobFacts): Obstacle | undefined {
  if (step === 'step-0' && showsDelivery(facts)) return undefined;
  for (const need of steps.find(({ id }) => id === step)?.needs ?? []) {
    const obstacle = need(facts);
    if (obstacle) return obstacle;
  }
  return undefined;
}

/** Where a job is taken up again when no step was named. */
export function firstStep(job: JobView): StepId {
  if (job.state === 'receipt' && !job.isRunning) return 'finish';
  return job.isRunning || hasOutcome(job) ? 'step-0' : 'connect';
}

/** Whether the person may go to a step from the list beside the screen. */
export function isReachable(step: StepId, facts: JobFacts): boolean {
  if (facts.job.isRunning) return step === 'step-0';
  if (step === 'connect') return true;
  return obstacleOf(step, facts) === undefined;
}

/** What is ticked off in the list of steps. */
export function isDone(step: StepId, facts: JobFacts): boolean {
  const { job, identity: seen } = facts;
  switch (step) {
    case 'connect':
      return seen.state === 'known' || hasReached(job.state, 'sent');
    case 'identify':
      return (seen.state === 'known' && seen.value.isTheRightOne) || hasReached(job.state, 'sent');
    case 'step-0':
    case 'finish':
      return job.state === 'receipt' && !job.isRunning;
  }
}
