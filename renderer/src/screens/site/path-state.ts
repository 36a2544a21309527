import type { PathCheckView, PathView } from '../../../../preload/contract/index.ts';
import {
  pathChecks,
  type PathCheckName,
  type PathOutcome,
  type PathPlace,
} from '../../../../preload/contract/steps.ts';
import { fill, localTimeWithZone, words } from '../../app/words.ts';
import type { Tone } from '../../components/tone.ts';

/** The state of a check at one place. `checking`: it is being made now. `waiting`: it has not been made. */
export type PathCellState = PathOutcome | 'checking' | 'waiting';

/** A check from one place. */
export interface PathCell {
  readonly place: PathPlace;
  readonly state: PathCellState;
  readonly view?: PathCheckView | undefined;
}

/** One check of one gateway, from each place. */
export interface PathRow {
  readonly check: PathCheckName;
  readonly cells: readonly PathCell[];
}

/** The checks of one gateway, or those that are about none. */
export interface PathGroup {
  readonly gateway: string | undefined;
  readonly rows: readonly PathRow[];
}

/** The checks by gateway, in their order. Before the first result, every check that there is. */
export function pathGroups(path: PathView | undefined): readonly PathGroup[] {
  const views = path?.places.flatMap(({ checks }) => checks) ?? [];
  if (views.length === 0)
    return [{ gateway: undefined, rows: pathChecks.names.map((check) => rowOf(path, check)) }];
  const gateways = [...new Set(views.map(({ gateway }) => gateway))];
  const inOrder = [...gateways.filter((gateway) => gateway !== undefined), undefined];
  return inOrder
    .map((gateway) => ({
      gateway,
      rows: pathChecks.names
        .filter((name) => views.some((view) => view.check === name && view.gateway === gateway))
        .map((check) => rowOf(path, check, gateway)),
    }))
    .filter(({ rows }) => rows.length > 0);
}

function rowOf(path: PathView | undefined, check: PathCheckName, gateway?: string): PathRow {
  const cells = pathChecks.places.map((place): PathCell => {
    const view = path?.places
      .find((one) => one.place === place)
      ?.checks.find((one) => one.check === check && one.gateway === gateway);
    const now = stateNow(path, place);
    return now ? { place, state: now } : { place, state: view?.outcome ?? 'waiting', view };
  });
  return { check, cells };
}

/** While the path is checked, earlier results count no more: one place after the other is checked again. */
function stateNow(path: PathView | undefined, place: PathPlace): 'checking' | 'waiting' | undefined {
  if (!path?.work) return undefined;
  const order = (one: PathPlace) => pathChecks.places.indexOf(one);
  if (place === path.work.phase) return 'checking';
  return order(place) > order(path.work.phase) ? 'waiting' : undefined;
}

/** The cell whose outcome counts: the eNB's, if it could make the check. */
export function countingCell({ cells }: PathRow): PathCell | undefined {
  return cells.findLast(({ state }) => state === 'passed' || state === 'failed');
}

/**
 * The failures of a check that are worth reading. One that does not count has nothing to say if it is the same, or if the
 * eNB, which is on the right network, passed.
 */
export function failuresOf(row: PathRow): readonly PathCell[] {
  const counting = countingCell(row);
  return row.cells.filter(
    ({ state, view }) =>
      state === 'failed' &&
      (view === counting?.view ||
        (counting?.state === 'failed' && view?.fault?.code !== counting.view?.fault?.code)),
  );
}

export type PathSummary = keyof typeof words.path.summaries;

/** What the checks mean together, once they are made. `partly`: none failed, and some could not be made. */
export function pathSummary(path: PathView | undefined): PathSummary {
  const rows = pathGroups(path).flatMap((group) => group.rows);
  const counting = rows.map(countingCell);
  if (counting.some((cell) => cell?.state === 'failed')) return 'failed';
  const isOpen = (row: PathRow) =>
    row.cells.some(({ state }) => state === 'not-possible' || state === 'waiting');
  if (counting.every((cell) => cell === undefined)) return path?.places.length ? 'impossible' : 'unchecked';
  return rows.some((row, place) => counting[place] === undefined && isOpen(row)) ? 'partly' : 'passed';
}

/** The tone of each summary. No outcome that was not possible is a problem. */
export const summaryTones: Readonly<Record<PathSummary, Tone>> = {
  unchecked: 'plain',
  passed: 'good',
  partly: 'good',
  impossible: 'plain',
  failed: 'warn',
};

/** When the path was checked last, from any place. */
export function lastChecked(path: PathView | undefined): string | undefined {
  return path?.places
    .map(({ checkedAt }) => checkedAt)
    .toSorted()
    .at(-1);
}

/** The checks from one place, as lines of the report. */
export interface PathLines {
  readonly title: string;
  readonly lines: readonly string[];
}

/** The checks of the path for the report, by place, with the time. */
export function pathLines(path: PathView | undefined): readonly PathLines[] {
  return (path?.places ?? []).map(({ place, checkedAt, checks, fault }) => ({
    title: `${words.path.places[place]}, ${localTimeWithZone(checkedAt)}`,
    lines: fault ? [fault.message] : checks.map(pathLine),
  }));
}

function pathLine({ check, gateway, outcome, figure, fault }: PathCheckView): string {
  const { names, outcomes, line, lineOf } = words.path;
  const result = [outcomes[outcome], figure, fault?.message].filter((part) => part !== undefined).join('; ');
  const said = fill(line, { name: names[check], outcome: result });
  return gateway === undefined ? said : fill(lineOf, { gateway, line: said });
}
