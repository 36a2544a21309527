import type { RunView, RunWork } from '../../../../preload/contract/index.ts';
import { count, counted, duration, fill, words } from '../../app/words.ts';
import type { Tone } from '../../components/tone.ts';

type RunEnd = Pick<RunView, 'state' | 'refused' | 'fault'>;

/** How the state of a run is shown. */
export function shownRun(run: RunEnd): { readonly word: string; readonly tone: Tone } {
  const tones: Readonly<Record<RunView['state'], Tone>> = {
    checking: 'busy',
    checked: run.refused > 0 ? 'warn' : 'good',
    making: 'busy',
    done: 'good',
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

/** How many rows have or need a bundle, if the run makes only what changes something. */
export function needed({
  rows,
  refused,
  unchanged,
}: Pick<RunView, 'rows' | 'refused' | 'unchanged'>): number {
  return rows - refused - unchanged;
}

/** Whether some eNBs need no bundle, and the user chooses whether to make those too. A stopped run has chosen. */
export function isToChoose({ state, unchanged }: Pick<RunView, 'state' | 'unchanged'>): boolean {
  return (state === 'checked' || state === 'failed') && unchanged > 0;
}

/** What the bar counts: the rows are checked again before the bundles are made. */
export function barLabel({ state, work }: Pick<RunView, 'state' | 'work'>): string {
  if (work && work.phase !== 'checking') return words.run.bars[work.phase];
  return state === 'making' ? words.run.bars.checkingAgain : words.run.bars.checking;
}

/** "1,200 of 5,000, 310 per second, 12 s left, 3 problems"; unknown values are left out. */
export function pace(work: RunWork | undefined, problems = 0): string {
  if (work?.isPaused) return fill(words.run.paused, { pace: paceOf({ ...work, rate: 0 }, problems) });
  return paceOf(work, problems);
}

function paceOf(work: RunWork | undefined, problems: number): string {
  const { done, total, rate = 0 } = work ?? { done: 0, total: 0 };
  if (total === 0) return words.run.beginning;
  const doneOf = fill(words.run.doneOf, { done: count(done), total: count(total) });
  const whole = Math.round(rate);
  const left = duration(Math.max(1, (total - done) / rate));
  const isKnown = whole > 0 && done < total;
  const said = isKnown ? fill(words.run.pace, { said: doneOf, rate: count(whole), left }) : doneOf;
  return problems > 0
    ? fill(words.run.paceAndProblems, { said, problems: counted(words.run.problems, problems) })
    : said;
}

/** The completed fraction, 0 to 1; `moving` while the total is unknown. */
export function partDone(work: RunWork | undefined): number | 'moving' {
  return work && work.total > 0 ? Math.min(1, work.done / work.total) : 'moving';
}

/** The progress in quarters. */
function quarterDone(run: Pick<RunView, 'state' | 'work'>): string | undefined {
  const part = partDone(run.work);
  const quarter = part === 'moving' ? 0 : Math.floor(part * 4);
  return quarter > 0 ? fill(words.run.percent, { what: barLabel(run), percent: quarter * 25 }) : undefined;
}

/** A run as the head of its screen says it: what it does, or its result with what is next. */
export interface RunHead {
  readonly title: string;
  readonly lead?: string;
  /** Of a result. A run that the user stopped has none. */
  readonly tone?: Tone;
}

/** The head of a run's screen. */
export function headOf(run: RunView): RunHead {
  const { rows, made, refused, unchanged, locked, fault } = run;
  const said = words.run;
  if (locked.length > 0) return { title: said.lockedTitle, lead: said.lockedLead };
  if (run.state === 'checking' || run.state === 'making') return { title: said.titles[run.state] };
  const { tone } = shownRun(run);
  const good = rows - refused;
  const left = needed(run);
  const values = { good: count(left), rows: count(rows), made: count(made) };
  switch (run.state) {
    case 'checked':
      if (unchanged > 0) return { ...comparedHead(run), tone };
      if (refused === 0) return { title: counted(said.allGood, rows), lead: said.allGoodNext, tone };
      if (good === 0) return { title: said.noneGood, lead: said.noneGoodNext, tone };
      return { title: fill(said.someGood, values), lead: counted(said.someGoodNext, refused), tone };
    case 'done':
      return {
        title: counted(said.allMade, made),
        lead:
          refused + unchanged === 0
            ? said.allMadeNext
            : sentences(
                unchanged > 0 && counted(said.unchangedNext, unchanged),
                refused > 0 && counted(said.someMadeNext, refused),
              ),
        tone,
      };
    case 'stopped': {
      const lead = sentences(
        run.endedAt === undefined && said.interrupted,
        made > 0 && counted(said.stoppedNext, made),
      );
      const title = made > 0 ? fill(said.stopped, values) : said.stoppedBefore;
      return { title, ...(lead !== '' && { lead }), ...(tone !== 'plain' && { tone }) };
    }
    case 'failed':
      return fault?.code === 'passphrase-missing'
        ? { title: said.unlockedTitle, lead: said.unlockedLead }
        : { title: said.titles.failed };
  }
}

/** The head of a run of which some rows need no bundle. */
function comparedHead(run: RunView): RunHead {
  const { rows, refused, unchanged } = run;
  const said = words.run;
  const left = needed(run);
  return {
    title: left === 0 ? said.noneNeeded : fill(counted(said.someNeeded, left), { rows: count(rows) }),
    lead: sentences(
      counted(said.someNeededNext, unchanged),
      said.notCompared,
      refused > 0 && counted(left > 0 ? said.someGoodNext : said.noneNeededNext, refused),
    ),
  };
}

function sentences(...parts: readonly (string | false)[]): string {
  return parts.filter((part) => part !== false).join(' ');
}

/** What a screen reader announces: every quarter, then the result with its warnings. A failed run has a fault, which announces itself. */
export function announcementOf(run: RunView): string | undefined {
  const { state, made, refused, unchanged } = run;
  if (run.work?.isPaused) return pace(run.work, refused);
  if (isWorking(run)) return quarterDone(run);
  if (state === 'failed' || state === 'checking' || state === 'making') return undefined;
  const values = {
    ...{ good: count(needed(run)), made: count(made) },
    ...{ unchanged: count(unchanged), refused: count(refused) },
  };
  const kind = state === 'checked' && unchanged > 0 ? 'compared' : state;
  const outcome = fill(words.run.announced[kind], values);
  return [outcome, ...run.warnings.map(({ message }) => message)].join(' ');
}

/**
 * Where a run offers to check its inventory again: beside the problems that were fixed, among the actions when nothing
 * can be made, or where a run with bundles starts over.
 */
export function placeOfCheck(run: RunView): 'rows' | 'bar' | 'folder' | 'nowhere' {
  if (isWorking(run) || run.state === 'done') return 'nowhere';
  if (run.made > 0 && canBeMade(run)) return 'folder';
  return run.refused > 0 && canBeMade(run) ? 'rows' : 'bar';
}
