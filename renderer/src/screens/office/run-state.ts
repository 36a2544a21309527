import type { RunView, RunWork } from '../../../../preload/contract/index.ts';
import { count, duration, fill, words } from '../../app/words.ts';
import type { Tone } from '../../components/tone.ts';

type RunEnd = Pick<RunView, 'state' | 'refused' | 'fault'>;

/** How the state of a run is shown. */
export function shownRun(run: RunEnd): { readonly word: string; readonly tone: Tone } {
  const tones: Readonly<Record<RunView['state'], Tone>> = {
    checking: 'busy',
    checked: run.refused > 0 ? 'warn' : 'good',
    making: 'busy',
    done: run.refused > 0 ? 'warn' : 'good',
    stopped: unexpected(run.fault) ? 'warn' : 'plain',
    failed: 'bad',
  };
  return { word: words.runStates[run.state], tone: tones[run.state] };
}

/** The run's fault, unless the user stopped it or a key is locked. Other parts of the screen show those. */
export function unexpected(fault: RunView['fault']): RunView['fault'] {
  return fault && fault.code !== 'cancelled' && fault.code !== 'passphrase-missing' ? fault : undefined;
}

/** Whether work is under way. */
export function isWorking({ state }: Pick<RunView, 'state'>): boolean {
  return state === 'checking' || state === 'making';
}

/** Whether some rows can still be made: after checking, and also after a run that failed or was stopped. */
export function canBeMade({ state, rows, refused }: Pick<RunView, 'state' | 'rows' | 'refused'>): boolean {
  return (state === 'checked' || state === 'stopped' || state === 'failed') && rows > refused;
}

/** What the bar counts: the rows are checked again before the bundles are made. */
export function barLabel({ state, work }: Pick<RunView, 'state' | 'work'>): string {
  if (work?.phase === 'making') return words.run.bars.making;
  return state === 'making' ? words.run.bars.checkingAgain : words.run.bars.checking;
}

/** "1,200 of 5,000, 310 a second, 12 s left"; unknown values are left out. */
export function pace(work: RunWork | undefined): string {
  const { done, total, rate = 0 } = work ?? { done: 0, total: 0 };
  if (total === 0) return words.run.beginning;
  const said = fill(words.run.doneOf, { done: count(done), total: count(total) });
  const whole = Math.round(rate);
  if (whole === 0 || done >= total) return said;
  return fill(words.run.pace, {
    said,
    rate: count(whole),
    left: duration(Math.max(1, (total - done) / rate)),
  });
}

/** The completed fraction, 0 to 1; `moving` while the total is unknown. */
export function partDone(work: RunWork | undefined): number | 'moving' {
  return work && work.total > 0 ? Math.min(1, work.done / work.total) : 'moving';
}

/** What a screen reader announces: every quarter, not every row. */
export function quarterDone(run: Pick<RunView, 'state' | 'work'>): string | undefined {
  const part = partDone(run.work);
  const quarter = part === 'moving' ? 0 : Math.floor(part * 4);
  return quarter > 0 ? fill(words.run.percent, { what: barLabel(run), percent: quarter * 25 }) : undefined;
}

/** The result of a run, in one sentence; undefined where its fault already says it. */
export function outcomeOf(run: RunView): string | undefined {
  const { state, rows, made, refused, locked, fault, endedAt } = run;
  const values = {
    good: count(rows - refused),
    made: count(made),
    refused: count(refused),
    rows: count(rows),
  };
  const said = words.run;
  switch (state) {
    case 'checked':
      return fill(refused === 0 ? said.allGood : rows === refused ? said.noneGood : said.someGood, values);
    case 'done':
      return fill(refused === 0 ? said.allMade : said.someMade, values);
    case 'stopped': {
      const came = fill(made > 0 ? said.stopped : said.stoppedBefore, values);
      return endedAt === undefined ? `${said.interrupted} ${came}` : came;
    }
    case 'failed':
      return fault?.code === 'passphrase-missing' && locked.length === 0 ? said.unlockedNow : undefined;
    default:
      return undefined;
  }
}
