import type { CarriedView, JobRow, JobState, JobView } from '../../../../preload/contract/index.ts';
import { hasReached, hasStepsLeft } from '../../../../preload/contract/steps.ts';
import { fill, localDate, words } from '../../app/words.ts';
import type { Tone } from '../../components/tone.ts';

/** How a job's state is shown. */
export interface ShownState {
  readonly word: string;
  readonly tone: Tone;
}

/** The state of a job in a word. A job is never called done before that is proven. Its steps are known of one job alone. */
export function shownState({
  state,
  work,
  carried,
  lastStep,
  hasStepsLeft,
  steps,
}: Pick<JobRow, 'state' | 'work' | 'carried' | 'lastStep' | 'hasStepsLeft'> &
  Partial<Pick<JobView, 'steps'>>): ShownState {
  if (work) return { word: words.states.running, tone: 'busy' };
  if (carried && state !== 'receipt') return carriedState(carried);
  switch (state) {
    case 'receipt':
      return hasStepsLeft || isUnfinished(lastStep) || (steps && isLeft(steps))
        ? { word: words.states.delivered, tone: 'good' }
        : { word: words.states.receipt, tone: 'good' };
    case 'refused':
      return { word: words.states.refused, tone: 'bad' };
    case 'sending':
      return { word: words.states.unknown, tone: 'warn' };
    case 'sent':
    case 'read-back':
    case 'verdict':
      return { word: words.states.unproven, tone: 'warn' };
    case 'selected':
    case 'connected':
    case 'identified':
      return { word: words.states.open, tone: 'plain' };
  }
}

/** Whether the last step has not ended well. */
function isUnfinished(lastStep: JobRow['lastStep']): boolean {
  return lastStep !== undefined && lastStep.state !== 'done';
}

/** Whether the eNB reported that a required step is not done. */
export function isLeft({ list, needsTunnel, reportedAt }: JobView['steps']): boolean {
  return reportedAt !== undefined && hasStepsLeft(list, needsTunnel);
}

const carriedTones: Readonly<Record<CarriedView['state'], Tone>> = {
  writing: 'warn',
  written: 'warn',
  damaged: 'bad',
  verified: 'warn',
  carried: 'plain',
};

/** The state of a bundle on a drive. However good it is, nothing is proven until the receipt is back. */
function carriedState({ state, drive, work }: CarriedView): ShownState {
  if (work) return { word: words.driveWork[work.phase].word, tone: 'busy' };
  return { word: fill(words.driveOutcome[state].word, { drive }), tone: carriedTones[state] };
}

/** What the eNB has when work is stopped in this state: an installer who has to leave must know that. */
export function leftBehind(state: JobState): string {
  if (state === 'receipt') return words.left.done;
  if (state === 'refused') return words.left.refused;
  if (hasReached(state, 'sent')) return words.left.unproven;
  return state === 'sending' ? words.left.unknown : words.left.nothing;
}

/** `unknown`: it was under way when the connection to the core was lost. */
export type BarState = 'waiting' | 'moving' | 'unknown' | 'done' | 'bad' | 'refused' | 'omitted';

/** The stages of a delivery, in order. */
export const barNames = ['connecting', 'sending', 'readingBack', 'receipt'] as const;
/** The state of each stage of a delivery. */
export type Bars = Readonly<Record<(typeof barNames)[number], BarState>>;

/**
 * The progress of a delivery, running or finished. A core that was started since knows only what is proven. When
 * everything was proven before, that says nothing about a later delivery that was interrupted.
 */
export function attemptOf({
  attempt,
  state,
  deliveryFault,
}: Pick<JobView, 'attempt' | 'state' | 'deliveryFault'>): JobState | undefined {
  return attempt ?? (state === 'receipt' && deliveryFault ? undefined : state);
}

/** The bars of step 0 for the progress of the delivery. The eNB's own checks arrive with its answer to the sending. */
export function barsOf(
  attempt: JobState,
  { work, verdict, receipt }: Pick<JobView, 'work' | 'verdict' | 'receipt'>,
  isLost = false,
): Bars {
  const bar = (begins: JobState, ends: JobState): BarState => {
    if (hasReached(attempt, ends)) return 'done';
    if (!hasReached(attempt, begins)) return 'waiting';
    if (!work) return 'bad';
    return isLost ? 'unknown' : 'moving';
  };
  const isRefused = attempt === 'refused' || (hasReached(attempt, 'sent') && verdict?.accepted === false);
  return {
    connecting: bar('selected', 'identified'),
    sending: isRefused ? 'refused' : bar('sending', 'sent'),
    // A refused bundle is not stored, so there is nothing to read back.
    readingBack: isRefused ? 'omitted' : bar('sent', 'read-back'),
    receipt: isRefused && receipt && !work ? 'done' : bar(isRefused ? 'sent' : 'read-back', 'receipt'),
  };
}

/** When the eNB's certificate ends, or that it has ended. */
export function certificateEndWords({ at, isOver }: NonNullable<JobRow['certificateEnd']>): string {
  const { over, soon } = words.job.certificateEnd;
  return fill(isOver ? over : soon, { date: localDate(at) });
}
