import type { PathCheckView, PathView } from '../../../../preload/contract/index.ts';
import {
  pathChecks,
  type PathCheckName,
  type PathOutcome,
  type PathPlace,
} from '../../../../preload/contract/steps.ts';
import { fill, localClock, localTimeWithZone, words } from '../../app/words.ts';
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

/**
 * The checks by gateway, in their order. A check of which nothing is known yet is in the last group, until it is made: so
 * the list keeps its place while it fills.
 */
export function pathGroups(path: PathView | undefined): readonly PathGroup[] {
  const views = path?.places.flatMap(({ checks }) => checks) ?? [];
  const isOpen = path?.work !== undefined || views.length === 0;
  const hasView = (check: PathCheckName, gateway?: string) =>
    views.some((view) => view.check === check && view.gateway === gateway);
  const isUnknown = (check: PathCheckName) => isOpen && !views.some((view) => view.check === check);
  const gateways = new Set(views.flatMap(({ gateway }) => gateway ?? []));
  return [...gateways, undefined]
    .map((gateway) => ({
      gateway,
      rows: pathChecks.names
        .filter((check) => hasView(check, gateway) || (gateway === undefined && isUnknown(check)))
        .map((check) => rowOf(path, check, gateway)),
    }))
    .filter(({ rows }) => rows.length > 0);
}

function rowOf(path: PathView | undefined, check: PathCheckName, gateway: string | undefined): PathRow {
  const cells = pathChecks.places.map((place): PathCell => {
    const isNow = path?.work?.phase === place;
    const view = isToCome(path, place)
      ? undefined
      : path?.places
          .find((one) => one.place === place)
          ?.checks.find((one) => one.check === check && one.gateway === gateway);
    return { place, state: view?.outcome ?? (isNow ? 'checking' : 'waiting'), view };
  });
  return { check, cells };
}

/** Whether a place waits for the one that checks now. Its earlier results count no more. */
function isToCome(path: PathView | undefined, place: PathPlace): boolean {
  const order = (one: PathPlace) => pathChecks.places.indexOf(one);
  return path?.work !== undefined && order(place) > order(path.work.phase);
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

/** Whether a check failed for another reason than one that the screen already shows. */
export function hasOtherFailure(path: PathView | undefined, told: string): boolean {
  const failures = pathGroups(path).flatMap(({ rows }) => rows.flatMap(failuresOf));
  return failures.some(({ view }) => view?.fault?.code !== told);
}

export type PathSummary = keyof typeof words.path.summaries;

/**
 * What the checks mean together. `failed`: no first gateway can bring up the tunnel. `troubled`: something failed that does
 * not keep the tunnel from coming up. `partly`: nothing failed, and something could not be checked.
 */
export function pathSummary(path: PathView | undefined): PathSummary {
  const groups = pathGroups(path);
  const rows = groups.flatMap((group) => group.rows);
  const first = groups.filter((group) => group.rows.some(({ check }) => check === 'answer'));
  const isBlocked = (row: PathRow) => !harmless.has(row.check) && hasFailed(row);
  if (rows.some((row) => row.check === 'clock' && hasFailed(row))) return 'failed';
  if (first.length > 0 && first.every((group) => group.rows.some(isBlocked))) return 'failed';
  if (rows.some(hasFailed)) return 'troubled';
  if (rows.every((row) => countingCell(row) === undefined))
    return path?.places.length ? 'impossible' : 'unchecked';
  const isOpen = (row: PathRow) =>
    row.cells.some(({ state }) => state === 'not-possible' || state === 'waiting');
  return rows.some((row) => countingCell(row) === undefined && isOpen(row)) ? 'partly' : 'passed';
}

/** What can fail without keeping the first tunnel from coming up. The operator must know of it all the same. */
const harmless: ReadonlySet<PathCheckName> = new Set(['traffic-gateway', 'ra-silent']);

function hasFailed(row: PathRow): boolean {
  return countingCell(row)?.state === 'failed';
}

/** The tone of each summary. What was not possible is no problem. */
export const summaryTones: Readonly<Record<PathSummary, Tone>> = {
  unchecked: 'plain',
  passed: 'good',
  partly: 'good',
  impossible: 'plain',
  troubled: 'warn',
  failed: 'warn',
};

/** What of a figure helps on site, by check; otherwise all of it. Addresses and algorithms are for the operator. */
const helpful: Readonly<Partial<Record<PathCheckName, (figure: string) => string | undefined>>> = {
  answer: (figure) => figure.split(', ')[0],
  'ra-silent': () => undefined,
  clock: (figure) => (Number.isNaN(Date.parse(figure)) ? figure : localClock(figure)),
};

/** The figure of a check in the table. */
export function shownFigure({ check, figure }: Pick<PathCheckView, 'check' | 'figure'>): string | undefined {
  return figure === undefined ? undefined : (helpful[check] ?? String)(figure);
}

/** The complete figures of a check, by gateway and place. */
export function exactFigures(path: PathView | undefined, check: PathCheckName): readonly string[] {
  return (path?.places ?? []).flatMap(({ place, checks }) =>
    checks.flatMap(({ gateway, figure, ...view }) =>
      view.check !== check || figure === undefined
        ? []
        : [ofGateway(gateway, fill(words.path.line, { name: words.path.places[place], outcome: figure }))],
    ),
  );
}

/** The gateways that were asked for the first tunnel. */
export function firstGateways(path: PathView | undefined): readonly string[] {
  const views = path?.places.flatMap(({ checks }) => checks) ?? [];
  return [
    ...new Set(views.flatMap(({ check, gateway }) => (check === 'answer' && gateway ? [gateway] : []))),
  ];
}

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
  const { names, outcomes, line } = words.path;
  const result = [outcomes[outcome], figure, fault?.message].filter((part) => part !== undefined).join('; ');
  return ofGateway(gateway, fill(line, { name: names[check], outcome: result }));
}

function ofGateway(gateway: string | undefined, line: string): string {
  return gateway === undefined ? line : fill(words.path.lineOf, { gateway, line });
}
