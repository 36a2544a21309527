import { basename } from 'node:path';
import type { RunView } from '../../preload/contract/index.ts';
import { ok, refuse, refused, visibleText, type Result } from '../faults/index.ts';
import type { RunRecord, RunRowRecord } from '../store/index.ts';
import type { Work } from '../work/index.ts';
import {
  checkOutputFolder,
  countBundles,
  maximumListed,
  readProfile,
  type PreparedRow,
  type PrepareReport,
} from '../office/index.ts';
import type { Handlers } from './handlers.ts';
import type { ApiContext, WorkPhases } from './context.ts';
import { prepareBundles, unforeseen } from '../core/index.ts';
import { findOperator, lockedFault, lockedVendor } from './operators.ts';
import { problemsCsv } from './problems-csv.ts';
import { faultView, workView } from './views.ts';

type RunWork = Work<WorkPhases['run']>;

/** What is asked of a run: to make its bundles; without it, to check alone. */
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
  | 'runs.problems';

/** Inventories on their way to bundles. */
export function runHandlers(context: ApiContext): Handlers<RunCalls> {
  const desk = new RunDesk(context);
  return {
    'runs.list': (request) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const { total, rows } = opened.value.store.runs.list(request);
      return ok({ total, rows: rows.map((run) => desk.viewOf(run)) });
    },
    'runs.get': ({ id }) => desk.view(id),
    'runs.check': ({ operatorId, inventory }) => {
      const path = context.pathOf(inventory);
      return path.ok ? desk.check(operatorId, path.value) : path;
    },
    'runs.checkAgain': ({ id }) => desk.checkAgain(id),
    'runs.setFolder': ({ id, folder }) => {
      const path = context.pathOf(folder);
      return path.ok ? desk.setFolder(id, path.value) : path;
    },
    'runs.make': ({ id, skipBad }) => desk.make(id, skipBad),
    'runs.rows': ({ id, onlyRefused, ...request }) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const { total, rows } = opened.value.store.runs.rows(id, request, onlyRefused);
      return ok({ total, rows: rows.map(toRowView) });
    },
    'runs.problems': ({ id }) => desk.problems(id),
  };
}

/** The runs, and the work that this core does for them. */
class RunDesk {
  readonly #context: ApiContext;
  /** Bundles of runs that a core left in the middle: how many there are, only their folders know. */
  readonly #counted = new Map<string, number>();

  constructor(context: ApiContext) {
    this.#context = context;
  }

  view(id: string): Result<RunView> {
    const run = this.#get(id);
    return run.ok ? ok(this.viewOf(run.value)) : run;
  }

  check(operatorId: string, inventory: string): Result<RunView> {
    const operator = findOperator(this.#context, operatorId);
    if (!operator.ok) return operator;
    const profile = readProfile(operator.value.profileFile, this.#context.options.folders);
    if (!profile.ok) return profile;
    return this.#check({
      id: this.#context.surroundings.newId(),
      operatorId,
      operator: profile.value.document.name,
      inventoryFile: inventory,
      outFolder: undefined,
    });
  }

  checkAgain(id: string): Result<RunView> {
    const run = this.#idle(id);
    if (!run.ok) return run;
    const hasBundles = this.#made(run.value) > 0;
    const anew = hasBundles && { id: this.#context.surroundings.newId(), outFolder: undefined };
    return this.#check({ ...run.value, ...anew });
  }

  setFolder(id: string, folder: string): Result<RunView> {
    const run = this.#idle(id);
    if (!run.ok) return run;
    // In another folder the same eNBs would get new numbers, and what is made already would be outdated.
    if (this.#made(run.value) > 0) return refuse('usage-invalid', { where: { field: 'folder' } });
    const changed = { ...run.value, outFolder: folder };
    const fit = this.#checkFolder(changed);
    if (!fit.ok) return fit;
    const opened = this.#context.store();
    if (!opened.ok) return opened;
    opened.value.store.runs.put(changed);
    this.#context.changed('runs');
    return this.view(id);
  }

  make(id: string, skipBad: boolean): Result<RunView> {
    const run = this.#idle(id);
    if (!run.ok) return run;
    const fit = this.#checkFolder(run.value);
    if (!fit.ok) return fit;
    const made = this.#made(run.value);
    return this.#start(
      { ...run.value, state: 'making', made, endedAt: undefined, fault: undefined },
      { out: fit.value, skipBad },
    );
  }

  problems(id: string): Result<{ readonly csv: string }> {
    const run = this.#get(id);
    const opened = this.#context.store();
    if (!opened.ok) return opened;
    if (!run.ok) return run;
    const all = { filter: '', sort: 'row', descending: false, offset: 0, limit: maximumListed };
    const { rows } = opened.value.store.runs.rows(id, all, true);
    return ok({ csv: problemsCsv(rows.map(toRowView), run.value.refused) });
  }

  viewOf(run: RunRecord): RunView {
    const work = this.#workOn(run.id);
    const kept = run.fault;
    const fault = kept ?? this.#context.works.faultOf('run', run.id);
    const needed = fault && lockedVendor(fault);
    const isLocked = needed !== undefined && !this.#context.keys.look(run.operatorId, needed);
    return {
      id: run.id,
      operatorId: run.operatorId,
      operator: run.operator,
      inventory: basename(run.inventoryFile),
      state: wasInterrupted(run, work) ? 'stopped' : run.state,
      rows: run.rows,
      made: this.#made(run),
      refused: run.refused,
      ...(work && { work: workView(work) }),
      ...(run.outFolder !== undefined && { folder: run.outFolder }),
      locked: isLocked ? [needed] : [],
      startedAt: run.startedAt,
      ...(run.endedAt !== undefined && { endedAt: run.endedAt }),
      ...(fault && { fault: faultView(fault) }),
    };
  }

  #get(id: string): Result<RunRecord> {
    const opened = this.#context.store();
    if (!opened.ok) return opened;
    const run = opened.value.store.runs.get(id);
    return run ? ok(run) : refuse('not-found', { where: { field: 'run' } });
  }

  /** A run that nobody is at work on. */
  #idle(id: string): Result<RunRecord> {
    return this.#workOn(id) ? refuse('work-busy', { found: 'run' }) : this.#get(id);
  }

  #workOn(id: string): RunWork | undefined {
    return this.#context.works.find('run', id);
  }

  #made(run: RunRecord): number {
    const work = this.#workOn(run.id);
    if (work?.progress.phase === 'making') return work.progress.done;
    if (!wasInterrupted(run, work) || run.outFolder === undefined) return run.made;
    const counted = this.#counted.get(run.id) ?? countBundles(run.outFolder);
    this.#counted.set(run.id, counted);
    return counted;
  }

  /** The folder of a run, when it is fit for its bundles. */
  #checkFolder({ operatorId, inventoryFile, outFolder }: RunRecord): Result<string> {
    const operator = findOperator(this.#context, operatorId);
    if (!operator.ok) return operator;
    if (outFolder === undefined) return refuse('usage-invalid', { where: { field: 'folder' } });
    const inPlace = this.#context.inPlace(outFolder);
    if (!inPlace.ok) return inPlace;
    const fit = checkOutputFolder(outFolder, inventoryFile, operator.value.profileFile);
    return fit.ok ? ok(outFolder) : fit;
  }

  #check(
    run: Pick<RunRecord, 'id' | 'operatorId' | 'operator' | 'inventoryFile' | 'outFolder'>,
  ): Result<RunView> {
    const { id, operatorId, operator, inventoryFile, outFolder } = run;
    return this.#start({
      id,
      operatorId,
      operator,
      inventoryFile,
      outFolder,
      state: 'checking',
      rows: 0,
      made: 0,
      refused: 0,
      startedAt: this.#context.timestamp(),
      endedAt: undefined,
      fault: undefined,
    });
  }

  /** Starts the work and answers at once; how it goes, `view` tells. */
  #start(run: RunRecord, making?: MakeRequest): Result<RunView> {
    const context = this.#context;
    const opened = context.store();
    if (!opened.ok) return opened;
    const { store } = opened.value;
    store.runs.put(run);
    this.#counted.delete(run.id);
    const start = { kind: 'run', subject: run.id, phase: 'checking', keepsFault: true } as const;
    void context.works.run(start, async (work) => {
      const result = await doWork(context, run, making, work).catch(unforeseen);
      try {
        store.transaction(() => {
          store.runs.put(finished(run, result, making, context.timestamp()));
          if (result.ok) store.runs.putRows(run.id, result.value.rows.map(toRowRecord));
        });
      } catch (error) {
        return unforeseen(error); // a run whose end could not be kept is shown as stopped
      }
      return ok(undefined);
    });
    return this.view(run.id);
  }
}

/** Whether a core died in the middle of a run: nobody is at work on it, whatever the store says. */
function wasInterrupted({ state }: RunRecord, work: RunWork | undefined): boolean {
  return !work && (state === 'checking' || state === 'making');
}

async function doWork(
  context: ApiContext,
  run: RunRecord,
  making: MakeRequest | undefined,
  work: RunWork,
): Promise<Result<PrepareReport>> {
  const operator = findOperator(context, run.operatorId);
  if (!operator.ok) return operator;
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
    },
    {
      unlock: (vendor) => {
        const unlocked = context.keys.use(run.operatorId, vendor.name);
        return Promise.resolve(unlocked ? ok(unlocked) : refused(lockedFault(vendor.name)));
      },
      onProgress: (progress) => work.report(progress),
      signal: work.signal,
    },
  );
}

function finished(
  run: RunRecord,
  result: Result<PrepareReport>,
  making: MakeRequest | undefined,
  endedAt: string,
): RunRecord {
  if (!result.ok) {
    const made = making ? countBundles(making.out) : 0;
    // What is made can be used, and gone on with, although the work was not even begun this time.
    const state = result.fault.code === 'cancelled' || made > 0 ? 'stopped' : 'failed';
    return { ...run, state, made, endedAt, fault: result.fault };
  }
  const { made, refused: bad, total, stoppedBy } = result.value;
  const isHeldBack = bad > 0 && !making?.skipBad;
  const state = stoppedBy ? 'stopped' : making && !isHeldBack ? 'done' : 'checked';
  return { ...run, state, rows: total, made, refused: bad, endedAt, fault: stoppedBy };
}

function toRowRecord({ row, line, siteId, serialNumber, state, fault }: PreparedRow): RunRowRecord {
  return { row, line, siteId, serialNumber, state, fault };
}

function toRowView({ siteId, serialNumber, fault, ...row }: RunRowRecord) {
  const field = fault?.where?.field;
  return {
    ...row,
    siteId: visibleText(siteId),
    serialNumber: visibleText(serialNumber),
    ...(field !== undefined && { field }),
    ...(fault && { fault: faultView(fault) }),
  };
}
