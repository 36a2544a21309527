import type { JobRow, StepName, StepsView, StepView } from '../../../../preload/contract/index.ts';
import { isRequired, lastStarted, nextStep, stepEntry } from '../../../../preload/contract/steps.ts';
import { fill, listed, localClock, localTime, words } from '../../app/words.ts';
import type { Tone } from '../../components/tone.ts';

/** What the steps mean for somebody who is about to leave. Only `complete` and `inService` let them. */
export type Situation = keyof typeof words.steps.situations;

/** The tone of each situation. */
export const situationTones: Readonly<Record<Situation, Tone>> = {
  unseen: 'good',
  waiting: 'good',
  blocked: 'good',
  starting: 'busy',
  running: 'busy',
  gone: 'warn',
  failed: 'bad',
  failedElsewhere: 'bad',
  tunnel: 'good',
  enrolled: 'good',
  complete: 'good',
  inService: 'good',
};

/** The situation after the last step that is done. */
const situationsAfter: Readonly<Record<StepName, Situation>> = {
  'initial-ipsec': 'tunnel',
  enrolment: 'enrolled',
  'backhaul-ipsec': 'inService',
  renewal: 'inService',
};

/**
 * The situation, and the step that it is about. A step that runs comes first. Otherwise the last step that has started
 * counts: an eNB can do a step whose failed predecessor its configuration does not require.
 */
export function situationOf({ list, needsTunnel, reportedAt, work }: StepsView): {
  readonly kind: Situation;
  readonly step?: StepView;
} {
  const started = startedBy(work);
  if (started) return { kind: 'starting', step: startingStep(started) };
  if (reportedAt === undefined) return { kind: 'unseen' };
  const running = list.find(({ state }) => state === 'running');
  if (running) return { kind: work ? 'running' : 'gone', step: running };
  const last = lastStarted(list);
  if (last?.state === 'failed' && isRequired(last.step, needsTunnel)) {
    return { kind: isOurs(last) ? 'failed' : 'failedElsewhere', step: last };
  }
  const done = list.findLast(({ state }) => state === 'done');
  const next = nextStep(list, needsTunnel);
  if (!done) return { kind: next === 'enrolment' ? 'waiting' : 'blocked' };
  const kind = situationsAfter[done.step];
  return { kind: kind === 'enrolled' && next === undefined ? 'complete' : kind };
}

/** Whether the installer can fix a step that failed. */
export function isOurs({ fault }: Pick<StepView, 'fault'>): boolean {
  return !fault || fault.fixer === 'installer';
}

/** "Done: steps 0 and 0.5. Still to do: steps 1 and 2." Before the eNB has reported its steps, the rest is not known. */
export function progressLine({ list, needsTunnel, reportedAt }: StepsView): string {
  const numbered = list.flatMap(({ step, state }) => {
    const { number } = stepEntry(step);
    return number === undefined
      ? []
      : [{ number, isDone: state === 'done', isRequired: isRequired(step, needsTunnel) }];
  });
  const done = ['0', ...numbered.filter((one) => one.isDone).map(({ number }) => number)];
  const open = numbered.filter((one) => !one.isDone && one.isRequired).map(({ number }) => number);
  const { progress } = words.steps;
  const steps = (numbers: readonly string[]) =>
    fill(progress[numbers.length === 1 ? 'step' : 'steps'], { numbers: listed(numbers) });
  const rest = reportedAt === undefined ? progress.unknown : progress.open;
  return [
    fill(progress.done, { steps: steps(done) }),
    open.length === 0 ? progress.nothing : fill(rest, { steps: steps(open) }),
  ].join(' ');
}

/** The step that the eNB is asked to start, and has not yet started. */
export function startedBy(work: StepsView['work']): StepName | undefined {
  return work?.phase === 'starting' ? work.start : undefined;
}

/** A step while the eNB is asked to start it. What it reported about an earlier try is of no use any more. */
export function startingStep(step: StepName): StepView {
  return { step, state: 'running', phase: words.steps.starting, isSigned: false };
}

/** "step 1", or "the renewal". */
export function shortName(step: StepName): string {
  const { number } = stepEntry(step);
  return number === undefined ? words.steps.renewal : fill(words.steps.numbered, { number });
}

/** The state of a step in words; of a running one its phase. A phase without words is shown as the eNB names it. */
export function stateWords({ state, phase }: Pick<StepView, 'state' | 'phase'>): string {
  if (state !== 'running' || phase === undefined) return words.steps.states[state];
  const known: Readonly<Record<string, string>> = words.steps.phases;
  return (Object.hasOwn(known, phase) && known[phase]) || phase;
}

/** What the eNB has after a step that ended early in this phase. Undefined if its fault says more about that. */
export function leftBy({ step, state, phase, fault }: StepView): string | undefined {
  const { phases, isRepeated } = stepEntry(step);
  const known = phases.find(({ name }) => name === phase);
  if (!known || fault?.code === 'credential-bound-elsewhere') return undefined;
  // A tunnel that nobody followed may be up by now.
  if (known.has === 'nothing' && state !== 'failed') return undefined;
  if (isRepeated) return words.steps.has.renewal;
  // A proven refusal issues nothing.
  const isRefused = fault?.code === 'cmp-refused' && known.has === 'request';
  return words.steps.has[isRefused ? 'key' : known.has];
}

/** How far a running step is, 0 to 1. `moving` if its phase has no place in the table. */
export function amountOf({ step, phase }: StepView): number | 'moving' {
  const { phases } = stepEntry(step);
  const place = phases.findIndex(({ name }) => name === phase);
  return place === -1 ? 'moving' : (place + 0.5) / phases.length;
}

/** When a step ran, by the eNB's clock; undefined if the eNB names no time. */
export function timesOf({ startedAt, endedAt }: StepView, format = localClock): string | undefined {
  if (startedAt !== undefined && endedAt !== undefined) {
    const [from, until] = [format(startedAt), format(endedAt)];
    // Most steps take seconds, and the minute says enough.
    return from === until ? from : fill(words.steps.until, { from, until });
  }
  if (startedAt !== undefined) return fill(words.steps.since, { from: format(startedAt) });
  return endedAt === undefined ? undefined : format(endedAt);
}

/** Whether a step has ended, so that it matters whether the eNB signed for it. */
export function hasEnded({ state }: Pick<StepView, 'state'>): boolean {
  return state === 'done' || state === 'failed';
}

/** A step as one line of the report: its state, its times, and what that rests on. */
export function stepLine(step: StepView): string {
  const { reported, signed } = words.steps;
  const failure = step.fault && [step.fault.message, step.fault.found].filter(Boolean).join(' ');
  const parts = [
    stateWords(step),
    failure,
    timesOf(step, localTime),
    hasEnded(step) ? (step.isSigned ? signed : reported) : undefined,
  ];
  return parts.filter((part) => part !== undefined).join('; ');
}

const listedTones: Readonly<Record<NonNullable<JobRow['lastStep']>['state'], Tone>> = {
  running: 'busy',
  unfinished: 'warn',
  done: 'good',
  failed: 'bad',
};

/** The last step of a job in a list of jobs. */
export function shownStep({ step, state }: NonNullable<JobRow['lastStep']>): {
  readonly word: string;
  readonly tone: Tone;
} {
  const name = shortName(step);
  const capital = name.charAt(0).toUpperCase() + name.slice(1);
  return { word: fill(words.steps.listed[state], { step: capital }), tone: listedTones[state] };
}
