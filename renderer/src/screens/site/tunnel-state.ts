import type { StepState, StepsView, StepView } from '../../../../preload/contract/index.ts';
import { stepEntry } from '../../../../preload/contract/steps.ts';
import { fill, words } from '../../app/words.ts';
import type { Tone } from '../../components/tone.ts';
import { isOurs, startedBy } from './step-state.ts';

/** What the page of step 0.5 shows once the step has started. Before that, it has no outcome. */
export type TunnelOutcome = keyof typeof words.tunnel.outcomes;

export const tunnelTones: Readonly<Record<TunnelOutcome, Tone>> = {
  starting: 'busy',
  running: 'busy',
  gone: 'warn',
  failed: 'bad',
  failedElsewhere: 'bad',
  done: 'good',
};

/** Step 0.5, as the eNB reported it. */
export function tunnelStep({ list }: StepsView): StepView | undefined {
  return list.find(({ step }) => step === 'initial-ipsec');
}

/** The outcome of step 0.5; undefined while nothing has been tried. */
export function tunnelOutcome(steps: StepsView): TunnelOutcome | undefined {
  const step = tunnelStep(steps);
  if (step?.state === 'done') return 'done';
  if (startedBy(steps.work) === 'initial-ipsec') return 'starting';
  if (step?.state === 'running') return steps.work ? 'running' : 'gone';
  if (step?.state === 'failed') return isOurs(step) ? 'failed' : 'failedElsewhere';
  return undefined;
}

/** What can be seen of a tunnel that comes up, in order: the phases of the step, and its end. */
export const milestones = ['sent', 'answered', 'authenticated', 'up'] as const;
export type Milestone = (typeof milestones)[number];

/** The state of each milestone. A step that failed ended at the first that it did not reach. */
export function milestoneStates({
  state,
  phase,
}: Pick<StepView, 'state' | 'phase'>): Readonly<Record<Milestone, StepState>> {
  const reached = state === 'done' ? milestones.length : 1 + phaseNames.findIndex((name) => name === phase);
  const stateAt = (place: number): StepState =>
    place < reached ? 'done' : place > reached || state === 'waiting' ? 'waiting' : state;
  return { sent: stateAt(0), answered: stateAt(1), authenticated: stateAt(2), up: stateAt(3) };
}

const phaseNames = stepEntry('initial-ipsec').phases.map(({ name }) => name);

/** The last event of a step that runs, as a sentence. A phase without words is shown as the eNB names it. */
export function eventWords(phase: string | undefined): string {
  const events: Readonly<Record<string, string>> = words.tunnel.events;
  if (phase === undefined) return words.tunnel.events.starting;
  return (Object.hasOwn(events, phase) && events[phase]) || fill(words.tunnel.events.other, { phase });
}
