import type { RunView } from '../../../../preload/contract/index.ts';
import { count, duration, fill, words } from '../../app/words.ts';
import type { Tone } from '../../parts/tone.ts';

/** How the state of a run is shown. */
export function shownRun(run: Pick<RunView, 'state' | 'refused'>): {
  readonly word: string;
  readonly tone: Tone;
} {
  const tones: Readonly<Record<RunView['state'], Tone>> = {
    checking: 'busy',
    checked: run.refused > 0 ? 'warn' : 'good',
    making: 'busy',
    done: run.refused > 0 ? 'warn' : 'good',
    stopped: 'warn',
    failed: 'bad',
  };
  return { word: words.runStates[run.state], tone: tones[run.state] };
}

/** Whether work is under way. */
export function isWorking({ state }: Pick<RunView, 'state'>): boolean {
  return state === 'checking' || state === 'making';
}

/** "1,200 of 5,000, 310 a second, 12 s left" */
export function pace({ rows, done, rate }: Pick<RunView, 'rows' | 'done' | 'rate'>): string {
  const said = fill(words.run.doneOf, { done: count(done), rows: count(rows) });
  if (rate <= 0 || done >= rows) return said;
  const left = duration((rows - done) / rate);
  return fill(words.run.pace, { said, rate: count(Math.round(rate * 10) / 10), left });
}

/** The part that is done, 0 to 1; `moving` while nobody knows how much there is. */
export function partDone({ rows, done }: Pick<RunView, 'rows' | 'done'>): number | 'moving' {
  return rows > 0 ? Math.min(1, done / rows) : 'moving';
}

/** What a screen reader hears: every quarter, not every row. */
export function quarterDone(run: Pick<RunView, 'rows' | 'done'>): string | undefined {
  const part = partDone(run);
  const quarter = part === 'moving' ? 0 : Math.floor(part * 4);
  return quarter > 0 ? fill(words.run.percent, { percent: quarter * 25 }) : undefined;
}
