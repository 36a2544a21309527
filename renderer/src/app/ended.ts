import type { JobRow, RunView } from '../../../preload/contract/index.ts';
import { count, fill, words } from './words.ts';

/** The runs and jobs at one time. */
export interface Seen {
  readonly runs: readonly RunView[];
  readonly jobs: readonly JobRow[];
}

/** The long work that ended between two looks, or now waits for the user: a sentence for each. It names no site. */
export function endedSince(before: Seen, now: Seen): readonly string[] {
  const runs = now.runs.filter(
    ({ id, work }) => !work && before.runs.some((run) => run.id === id && run.work),
  );
  const deliveries = now.jobs.filter(
    ({ id, work }) => !work && before.jobs.some((job) => job.id === id && job.work),
  );
  const drives = now.jobs.filter(
    (job) => !isOnDrive(job) && before.jobs.some((one) => one.id === job.id && isOnDrive(one)),
  );
  // One drive carries the bundles of many jobs.
  return [
    ...new Set([...runs.map(runSentence), ...deliveries.map(deliverySentence), ...drives.map(driveSentence)]),
  ];
}

/** How much of the running work is done, 0 to 1; undefined without work whose length is known. */
export function partDoneOf({ runs, jobs }: Seen): number | undefined {
  const works = [...runs.map(({ work }) => work), ...jobs.map(({ carried }) => carried?.work)];
  const work = works.find((one) => one && one.total > 0);
  return work && Math.min(1, work.done / work.total);
}

/** Whether Siteseal is working on the job's drive, and needs nobody. */
function isOnDrive({ carried }: JobRow): boolean {
  return carried?.work !== undefined && !isWaiting(carried.work.phase);
}

function isWaiting(phase: string): phase is 'waiting-for-unplug' | 'waiting-for-plug' {
  return phase.startsWith('waiting');
}

function runSentence({ state, rows, refused, made }: RunView): string {
  const said = words.notices;
  switch (state) {
    case 'checked':
      return fill(said.checked, { good: count(rows - refused), rows: count(rows) });
    case 'done':
      return fill(said.bundles, { made: count(made) });
    default:
      return said.runStopped;
  }
}

function deliverySentence({ state }: JobRow): string {
  const said = words.notices;
  if (state === 'receipt') return said.delivered;
  return state === 'refused' ? said.enbRefused : said.interrupted;
}

function driveSentence({ carried }: JobRow): string {
  const said = words.notices;
  if (carried?.work && isWaiting(carried.work.phase)) return words.driveWork[carried.work.phase].title;
  return carried?.state === 'verified' || carried?.state === 'carried' ? said.driveReady : said.driveProblem;
}
