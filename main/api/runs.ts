import { basename } from 'node:path';
import type { ParsedInput, RowKind, RunView } from '../../preload/contract/index.ts';
import { isStop, ok, refuse, refused, type Result } from '../faults/index.ts';
import type { ListAnswer, RunRecord, RunRowRecord } from '../store/index.ts';
import type { Work } from '../work/index.ts';
import {
  changesCsv,
  checkOutputFolder,
  countBundles,
  inventoryTemplate,
  maximumListed,
  problemsCsv,
  readProfile,
  registrationsIn,
  type PrepareReport,
} from '../office/index.ts';
import { warningSentence } from '../words/index.ts';
import type { Handlers } from './handlers.ts';
import type { ApiContext, WorkPhases } from './context.ts';
import { openFolder, prepareBundles, unforeseen } from '../core/index.ts';
import { findOperator, lockedFault, lockedVendor } from './operators.ts';
import { toRowRecord, toRowView } from './run-rows.ts';
import { faultView, workView } from './views.ts';

type RunWork = Work<WorkPhases['run']>;

/** What making needs. A run without it only checks the inventory, and compares it with what is out. */
interface MakeRequest {
  readonly out: string;
  readonly skipBad: boolean;
}

type RunCalls =
  | 'runs.list'
  | 'runs.get'
  | 'runs.check'
  | 'runs.checkAgain'
  | 'runs.setFolder'
  | 'runs.make'
  | 'runs.rows'
  | 'runs.problems'
  | 'runs.changes'
  | 'runs.openFolder'
  | 'runs.template';

/** What is known of runs beside their records, by run. */
interface Counts {
  /**
   * The bundles in the folder of a run that a core left unfinished. Only the folder knows how many there are. Counting
   * reads the folder, so the count is kept.
   */
  readonly bundles: Map<string, number>;
  /** The problems that the work on a run has found so far. */
  readonly problems: Map<string, number>;
}

/** The runs, and the work that this core does for them. */
export function runHandlers(context: ApiContext): Handlers<RunCalls> {
  const counted: Counts = { bundles: new Map(), problems: new Map() };
  return {
    'runs.list': (request) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const { total, rows } = opened.value.store.runs.list(request);
      return ok({ total, rows: rows.map((run) => toRunView(context, counted, run)) });
    },
    'runs.get': ({ id }) => viewOf(context, counted, id),
    'runs.check': (request) => check(context, counted, request),
    'runs.checkAgain': ({ id }) => checkAgain(context, counted, id),
    'runs.setFolder': ({ id, folder }) => {
      const path = context.pathOf(folder);
      return path.ok ? setFolder(context, counted, id, path.value) : path;
    },
    'runs.make': (request) => make(context, counted, request),
    'runs.rows': ({ id, show, ...request }) => {
      const run = getRun(context, id);
      const opened = context.store();
      if (!opened.ok) return opened;
      if (!run.ok) return run;
      const { total, rows, counts } = opened.value.store.runs.rows(id, request, show);
      // Without a search, also counts the refused rows that are not listed.
      const unlisted = request.filter === '' ? Math.max(0, run.value.refused - counts.refused) : 0;
      return ok({
        total,
        rows: rows.map(toRowView),
        counts: { ...counts, all: counts.all + unlisted, refused: counts.refused + unlisted },
      });
    },
    'runs.problems': ({ id }) => problems(context, id),
    'runs.changes': ({ id }) => changes(context, id),
    'runs.openFolder': ({ id }) => showFolder(context, id),
    'runs.template': () => ok({ csv: inventoryTemplate() }),
  };
}

function viewOf(context: ApiContext, counted: Counts, id: string): Result<RunView> {
  const run = getRun(context, id);
  return run.ok ? ok(toRunView(context, counted, run.value)) : run;
}

function check(
  context: ApiContext,
  counted: Counts,
  { operatorId, inventory, generateCredentials }: ParsedInput<'runs.check'>,
): Result<RunView> {
  const path = context.pathOf(inventory);
  if (!path.ok) return path;
  const operator = findOperator(context, operatorId);
  if (!operator.ok) return operator;
  const profile = readProfile(operator.value.profileFile, context.options.folders);
  if (!profile.ok) return profile;
  return startCheck(context, counted, {
    id: context.surroundings.newId(),
    operatorId,
    operator: profile.value.document.name,
    inventoryFile: path.value,
    outFolder: undefined,
    generateCredentials,
  });
}

function checkAgain(context: ApiContext, counted: Counts, id: string): Result<RunView> {
  const run = getIdleRun(context, id);
  if (!run.ok) return run;
  const hasBundles = madeBy(context, counted, run.value) > 0;
  const separate = hasBundles && { id: context.surroundings.newId(), outFolder: undefined };
  return startCheck(context, counted, { ...run.value, ...separate });
}

function setFolder(context: ApiContext, counted: Counts, id: string, folder: string): Result<RunView> {
  const run = getIdleRun(context, id);
  if (!run.ok) return run;
  // In another folder the same eNBs would get new numbers, and the bundles already made would be outdated.
  if (madeBy(context, counted, run.value) > 0) {
    return refuse('usage-invalid', { where: { field: 'folder' } });
  }
  const changed = { ...run.value, outFolder: folder };
  const fit = checkFolder(context, changed);
  if (!fit.ok) return fit;
  const opened = context.store();
  if (!opened.ok) return opened;
  opened.value.store.runs.put(changed);
  context.changed('runs');
  return viewOf(context, counted, id);
}

function make(
  context: ApiContext,
  counted: Counts,
  { id, skipBad, onlyChanged }: ParsedInput<'runs.make'>,
): Result<RunView> {
  const run = getIdleRun(context, id);
  if (!run.ok) return run;
  const fit = checkFolder(context, run.value);
  if (!fit.ok) return fit;
  const made = madeBy(context, counted, run.value);
  return startWork(
    context,
    counted,
    {
      ...{ ...run.value, state: 'making', made, onlyChanged, endedAt: undefined, fault: undefined },
      ...(!onlyChanged && { unchanged: 0 }),
    },
    { out: fit.value, skipBad },
  );
}

async function showFolder(context: ApiContext, id: string): Promise<Result<Record<string, never>>> {
  const run = getRun(context, id);
  if (!run.ok) return run;
  const { outFolder } = run.value;
  if (outFolder === undefined) return refuse('usage-invalid', { where: { field: 'folder' } });
  const inPlace = context.inPlace(outFolder);
  if (!inPlace.ok) return inPlace;
  const shown = await openFolder(context.surroundings.showFolder, outFolder);
  return shown.ok ? ok({}) : shown;
}

function problems(context: ApiContext, id: string): Result<{ readonly csv: string }> {
  const run = getRun(context, id);
  const rows = firstRows(context, id, 'refused');
  if (!run.ok) return run;
  return rows.ok ? ok({ csv: problemsCsv(rows.value.rows, run.value.refused) }) : rows;
}

function changes(context: ApiContext, id: string): Result<{ readonly csv: string }> {
  const rows = firstRows(context, id, 'changed');
  if (!rows.ok) return rows;
  const { rows: listed, total } = rows.value;
  return ok({ csv: changesCsv(listed, total - listed.length) });
}

/** The first rows of a kind. A page would take no more of them. */
function firstRows(context: ApiContext, id: string, kind: RowKind): Result<ListAnswer<RunRowRecord>> {
  const opened = context.store();
  if (!opened.ok) return opened;
  const all = { filter: '', sort: 'row', descending: false, offset: 0, limit: maximumListed };
  return ok(opened.value.store.runs.rows(id, all, kind));
}

function toRunView(context: ApiContext, counted: Counts, run: RunRecord): RunView {
  const work = workOn(context, run.id);
  const kept = run.fault;
  const fault = kept ?? context.works.faultOf('run', run.id);
  const needed = fault && lockedVendor(fault);
  const isLocked = needed !== undefined && !context.keys.look(run.operatorId, needed);
  return {
    id: run.id,
    operatorId: run.operatorId,
    operator: run.operator,
    inventory: basename(run.inventoryFile),
    state: wasInterrupted(run, work) ? 'stopped' : run.state,
    rows: run.rows,
    made: madeBy(context, counted, run),
    refused: (work && counted.problems.get(run.id)) ?? run.refused,
    unchanged: run.unchanged,
    changed: run.changed,
    onlyChanged: run.onlyChanged,
    generateCredentials: run.generateCredentials,
    registrations: run.generateCredentials ? [...registrationsIn(run.outFolder ?? '')] : [],
    ...(work && { work: workView(work) }),
    ...(run.outFolder !== undefined && { folder: run.outFolder }),
    locked: isLocked ? [needed] : [],
    startedAt: run.startedAt,
    ...(run.endedAt !== undefined && { endedAt: run.endedAt }),
    ...(fault && { fault: faultView(fault) }),
    warnings: (run.warnings ?? []).map((one) => ({ code: one.code, message: warningSentence(one) })),
  };
}

function getRun(context: ApiContext, id: string): Result<RunRecord> {
  const opened = context.store();
  if (!opened.ok) return opened;
  const run = opened.value.store.runs.get(id);
  return run ? ok(run) : refuse('not-found', { where: { field: 'run' } });
}

/** Like `getRun`, but refuses with `work-busy` while work on the run is in progress. */
function getIdleRun(context: ApiContext, id: string): Result<RunRecord> {
  return workOn(context, id) ? refuse('work-busy', { found: 'run' }) : getRun(context, id);
}

function workOn(context: ApiContext, id: string): RunWork | undefined {
  return context.works.find('run', id);
}

/** How many bundles the run has made. */
function madeBy(context: ApiContext, counted: Counts, run: RunRecord): number {
  const work = workOn(context, run.id);
  if (work?.progress.phase === 'making') return work.progress.done;
  if (!wasInterrupted(run, work) || run.outFolder === undefined) return run.made;
  const count = counted.bundles.get(run.id) ?? countBundles(run.outFolder);
  counted.bundles.set(run.id, count);
  return count;
}

/** The folder of a run, if bundles can be written there. */
function checkFolder(
  context: ApiContext,
  { operatorId, inventoryFile, outFolder }: RunRecord,
): Result<string> {
  const operator = findOperator(context, operatorId);
  if (!operator.ok) return operator;
  if (outFolder === undefined) return refuse('usage-invalid', { where: { field: 'folder' } });
  const inPlace = context.inPlace(outFolder);
  if (!inPlace.ok) return inPlace;
  const opened = context.store();
  if (!opened.ok) return opened;
  const { batches } = opened.value.store;
  const fit = checkOutputFolder(batches, outFolder, inventoryFile, operator.value.profileFile);
  return fit.ok ? ok(outFolder) : fit;
}

function startCheck(
  context: ApiContext,
  counted: Counts,
  run: Pick<
    RunRecord,
    'id' | 'operatorId' | 'operator' | 'inventoryFile' | 'outFolder' | 'generateCredentials'
  >,
): Result<RunView> {
  const { id, operatorId, operator, inventoryFile, outFolder, generateCredentials } = run;
  return startWork(context, counted, {
    id,
    operatorId,
    operator,
    inventoryFile,
    outFolder,
    generateCredentials,
    state: 'checking',
    rows: 0,
    made: 0,
    refused: 0,
    unchanged: 0,
    changed: 0,
    onlyChanged: false,
    startedAt: context.timestamp(),
    endedAt: undefined,
    fault: undefined,
    warnings: undefined,
  });
}

/** Starts the work and returns at once. `viewOf` shows its progress. */
function startWork(
  context: ApiContext,
  counted: Counts,
  run: RunRecord,
  making?: MakeRequest,
): Result<RunView> {
  const opened = context.store();
  if (!opened.ok) return opened;
  const { store } = opened.value;
  store.runs.put(run);
  counted.bundles.delete(run.id);
  counted.problems.delete(run.id);
  const start = { kind: 'run', subject: run.id, phase: 'checking', keepsFault: true } as const;
  void context.works.run(start, async (work) => {
    const result = await doWork(context, counted, run, making, work).catch(unforeseen);
    try {
      store.transaction(() => {
        store.runs.put(finished(run, result, making, context.timestamp()));
        if (result.ok) store.runs.putRows(run.id, result.value.rows.map(toRowRecord));
      });
    } catch (error) {
      return unforeseen(error); // A run whose result could not be stored shows as stopped.
    }
    return ok(undefined);
  });
  return viewOf(context, counted, run.id);
}

/** Whether a core died in the middle of a run: the store still says running, but no work on it is in progress. */
function wasInterrupted({ state }: RunRecord, work: RunWork | undefined): boolean {
  return !work && (state === 'checking' || state === 'making');
}

async function doWork(
  context: ApiContext,
  counted: Counts,
  run: RunRecord,
  making: MakeRequest | undefined,
  work: RunWork,
): Promise<Result<PrepareReport>> {
  const operator = findOperator(context, run.operatorId);
  if (!operator.ok) return operator;
  const used = new Set<string>();
  const isAnyLocked = () => [...used].some((vendor) => !context.keys.look(run.operatorId, vendor));
  return prepareBundles(
    context,
    {
      inventory: run.inventoryFile,
      profile: operator.value.profileFile,
      out: making?.out ?? '',
      folders: context.options.folders,
      skipBad: making?.skipBad ?? false,
      resume: true,
      dryRun: making === undefined,
      compare: true,
      onlyChanged: run.onlyChanged,
      ...(run.onlyChanged && { agreed: { changed: run.changed, unchanged: run.unchanged } }),
      generateCredentials: run.generateCredentials,
    },
    {
      unlock: (vendor) => {
        const unlocked = context.keys.use(run.operatorId, vendor.name);
        used.add(vendor.name);
        return Promise.resolve(unlocked ? ok(unlocked) : refused(lockedFault(vendor.name)));
      },
      lockedFault: ({ name }) => (context.keys.use(run.operatorId, name) ? undefined : lockedFault(name)),
      onProgress: ({ refused: problems, ...progress }) => {
        counted.problems.set(run.id, problems);
        work.report(progress);
      },
      untilContinued: () => untilContinued(context, work, isAnyLocked),
      signal: work.signal,
    },
  );
}

/** Waits as long as the run is paused and its keys are unlocked. A run must let go of a key that locks, also in a pause. */
async function untilContinued(context: ApiContext, work: RunWork, isAnyLocked: () => boolean): Promise<void> {
  if (!work.isPaused || isAnyLocked()) return;
  const locked = Promise.withResolvers<undefined>();
  const end = context.onChanged(() => {
    if (isAnyLocked()) locked.resolve(undefined);
  });
  try {
    await Promise.race([work.untilContinued(), locked.promise]);
  } finally {
    end();
  }
}

function finished(
  run: RunRecord,
  result: Result<PrepareReport>,
  making: MakeRequest | undefined,
  endedAt: string,
): RunRecord {
  if (!result.ok) {
    const made = making ? countBundles(making.out) : 0;
    // Bundles made earlier stay usable, and the run can resume, even if the work did not start this time.
    const state = isStop(result.fault) || made > 0 ? 'stopped' : 'failed';
    return { ...run, state, made, endedAt, fault: result.fault };
  }
  const { made, refused: bad, total, unchanged, changed, isHeldBack, stoppedBy, warnings } = result.value;
  const state = stoppedBy ? 'stopped' : making && !isHeldBack ? 'done' : 'checked';
  const counts = { rows: total, made, refused: bad, unchanged, changed };
  return { ...run, state, ...counts, endedAt, fault: stoppedBy, warnings };
}
