import type { CarriedView, JobRow, JobState, JobView } from '../../../../preload/contract/index.ts';
import { fill, words } from '../../app/words.ts';
import type { Tone } from '../../parts/tone.ts';

/** How a job's state is shown. */
export interface ShownState {
  readonly word: string;
  readonly tone: Tone;
}

const order: readonly JobState[] = [
  'selected',
  'connected',
  'identified',
  'sending',
  'sent',
  'read-back',
  'verdict',
  'receipt',
];

/** Whether a delivery has come at least as far. `refused` comes after the verdict. */
export function hasReached(state: JobState, least: JobState): boolean {
  const place = state === 'refused' ? order.indexOf('verdict') : order.indexOf(state);
  return place >= order.indexOf(least);
}

/** The state of a job in a word. What is not proven is not called done. */
export function shownState({
  state,
  isRunning,
  carried,
}: Pick<JobRow, 'state' | 'isRunning' | 'carried'>): ShownState {
  if (isRunning) return { word: words.states.running, tone: 'busy' };
  if (carried && state !== 'receipt') return carriedState(carried);
  switch (state) {
    case 'receipt':
      return { word: words.states.receipt, tone: 'good' };
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

const carriedTones: Readonly<Record<CarriedView['state'], Tone>> = {
  writing: 'warn',
  written: 'warn',
  damaged: 'bad',
  verified: 'warn',
  carried: 'plain',
};

/** The state of what is on a drive: however good, it is not proven before the receipt is back. */
function carriedState({ state, drive, work }: CarriedView): ShownState {
  if (work) return { word: words.driveWork[work.state].word, tone: 'busy' };
  return { word: fill(words.driveOutcome[state].word, { drive }), tone: carriedTones[state] };
}

/** What the eNB has when the work is stopped in this state: what an installer who has to leave must know. */
export function leftBehind(state: JobState): string {
  if (state === 'receipt') return words.left.done;
  if (state === 'refused') return words.left.refused;
  if (hasReached(state, 'sent')) return words.left.unproven;
  return state === 'sending' ? words.left.unknown : words.left.nothing;
}

export type BarState = 'waiting' | 'moving' | 'done' | 'bad' | 'refused' | 'omitted';

export interface Bars {
  readonly sending: BarState;
  readonly readingBack: BarState;
  readonly checks: BarState;
}

/** The three bars of step 0 from what is known of the delivery. */
export function barsOf({
  state,
  isRunning,
  verdict,
}: Pick<JobView, 'state' | 'isRunning' | 'verdict'>): Bars {
  const bar = (begins: JobState, ends: JobState): BarState => {
    if (hasReached(state, ends)) return 'done';
    if (!hasReached(state, begins)) return 'waiting';
    return isRunning ? 'moving' : 'bad';
  };
  // What was refused is not stored, and there is nothing to read back.
  if (state === 'refused' || (hasReached(state, 'sent') && verdict?.accepted === false)) {
    return { sending: 'done', readingBack: 'omitted', checks: 'refused' };
  }
  return {
    sending: isRunning || hasReached(state, 'sending') ? bar('selected', 'sent') : 'waiting',
    readingBack: bar('sent', 'read-back'),
    checks: bar('read-back', 'receipt'),
  };
}
