import { basename } from 'node:path';
import type { RunView } from '../../../preload/contract/index.ts';
import { ok, refuse, refused, type Fault, type Result } from '../../faults/index.ts';
import type { RunRecord, RunRowRecord } from '../../store/index.ts';
import { prepare, readProfile, type PreparedRow, type PrepareReport } from '../../workflow/index.ts';
import type { Handlers } from './api.ts';
import type { ApiContext } from './context.ts';
import { unforeseen } from '../unforeseen.ts';
import { findOperator, lockedFault } from './operators.ts';
import { faultView } from './views.ts';

/** Work that this core is doing; what is done is in the store. */
interface RunningWork {
  readonly stop: AbortController;
  done: number;
  total: number;
  rate: number;
}

type RunCalls = 'runs.list' | 'runs.get' | 'runs.check' | 'runs.make' | 'runs.stop' | 'runs.rows';

export function runHandlers(context: ApiContext): Handlers<RunCalls> {
  const running = new Map<string, RunningWork>();

  const get = (id: string): Result<RunRecord> => {
    const opened = context.store();
    if (!opened.ok) return opened;
    const run = opened.value.store.runs.get(id);
    return run ? ok(run) : refuse('not-found', { where: { field: 'run' } });
  };
  const view = (id: string): Result<RunView> => {
    const run = get(id);
    return run.ok ? ok(runView(run.value, running.get(id))) : run;
  };

  /** Starts the work and answers at once; how it goes, `runs.get` tells. */
  const start = (run: RunRecord, work: { readonly out: string; readonly skipBad: boolean } | undefined) => {
    const opened = context.store();
    if (!opened.ok) return opened;
    const { store } = opened.value;
    store.runs.put(run);
    const mine: RunningWork = { stop: new AbortController(), done: 0, total: run.rows, rate: 0 };
    running.set(run.id, mine);
    const ended = context.work.begin('run');
    context.changed('runs');
    void doWork(context, run, work, mine)
      .catch(unforeseen)
      .then((result) =>
        store.transaction(() => {
          store.runs.put(finished(run, result, work !== undefined, context.timestamp()));
          if (result.ok) store.runs.putRows(run.id, result.value.rows.map(toRowRecord));
        }),
      )
      .catch(unforeseen) // a run whose end could not be kept is shown as stopped
      .then(() => {
        ended();
        running.delete(run.id);
        context.changed('runs', 'log');
      });
    return view(run.id);
  };

  return {
    'runs.list': (request) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const { total, rows } = opened.value.store.runs.list(request);
      return ok({ total, rows: rows.map((run) => runView(run, running.get(run.id))) });
    },
    'runs.get': ({ id }) => view(id),
    'runs.check': ({ operatorId, inventory }) => {
      const path = context.pathOf(inventory);
      if (!path.ok) return path;
      const operator = findOperator(context, operatorId);
      if (!operator.ok) return operator;
      const profile = readProfile(operator.value.profile_file);
      if (!profile.ok) return profile;
      return start(
        {
          id: context.surroundings.newId(),
          operator_id: operatorId,
          operator: profile.value.document.name,
          inventory_file: path.value,
          out_folder: null,
          state: 'checking',
          rows: 0,
          made: 0,
          refused: 0,
          started_at: context.timestamp(),
          ended_at: null,
          fault: null,
        },
        undefined,
      );
    },
    'runs.make': ({ id, out, skipBad }) => {
      const run = get(id);
      if (!run.ok) return run;
      const folder = context.pathOf(out);
      if (!folder.ok) return folder;
      if (running.has(id)) return refuse('store-in-use', { where: { field: 'run' } });
      return start(
        { ...run.value, state: 'making', out_folder: folder.value, ended_at: null, fault: null },
        { out: folder.value, skipBad },
      );
    },
    'runs.stop': ({ id }) => {
      running.get(id)?.stop.abort();
      return view(id);
    },
    'runs.rows': ({ id, onlyRefused, ...request }) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const { total, rows } = opened.value.store.runs.rows(id, request, onlyRefused);
      return ok({ total, rows: rows.map(toRowView) });
    },
  };
}

async function doWork(
  context: ApiContext,
  run: RunRecord,
  work: { readonly out: string; readonly skipBad: boolean } | undefined,
  mine: RunningWork,
): Promise<Result<PrepareReport>> {
  const operator = findOperator(context, run.operator_id);
  if (!operator.ok) return operator;
  const { surroundings, stores } = context;
  let begun = { phase: '', at: 0, done: 0 };
  return prepare(
    {
      inventory: run.inventory_file,
      profile: operator.value.profile_file,
      out: work?.out ?? '',
      skipBad: work?.skipBad ?? false,
      // A run that was stopped goes on where it was when the same folder is chosen again.
      resume: true,
      dryRun: work === undefined,
    },
    {
      now: surroundings.now,
      newId: surroundings.newId,
      openStore: (training) => stores.open(training),
      takeLease: (store, name) => stores.takeLease(store, name),
      unlock: (vendor) => {
        const unlocked = context.keys.use(run.operator_id, vendor.name);
        return Promise.resolve(unlocked ? ok(unlocked) : refused(lockedFault(vendor.name)));
      },
      onProgress: ({ phase, done, total }) => {
        const now = performance.now();
        if (begun.phase !== phase) begun = { phase, at: now, done };
        mine.done = done;
        mine.total = total;
        mine.rate = now > begun.at ? (1000 * (done - begun.done)) / (now - begun.at) : 0;
        context.changed('runs');
      },
      signal: mine.stop.signal,
    },
  );
}

function finished(run: RunRecord, result: Result<PrepareReport>, isMaking: boolean, at: string): RunRecord {
  if (!result.ok) {
    const state = result.fault.code === 'cancelled' ? 'stopped' : 'failed';
    return { ...run, state, ended_at: at, fault: JSON.stringify(result.fault) };
  }
  const { made, refused: bad, rows, stoppedBy } = result.value;
  const state = stoppedBy ? 'stopped' : isMaking ? 'done' : 'checked';
  const reason = stoppedBy ? JSON.stringify(stoppedBy) : null;
  return { ...run, state, rows: rows.length, made, refused: bad, ended_at: at, fault: reason };
}

function runView(run: RunRecord, work: RunningWork | undefined): RunView {
  const isIdle = !work && (run.state === 'checking' || run.state === 'making');
  return {
    id: run.id,
    operatorId: run.operator_id,
    operator: run.operator,
    inventory: basename(run.inventory_file),
    // A core that died leaves its runs as if under way; nobody is at work on them.
    state: isIdle ? 'stopped' : (run.state as RunView['state']),
    rows: work?.total ?? run.rows,
    done: work?.done ?? run.rows,
    made: run.made,
    refused: run.refused,
    rate: work?.rate ?? 0,
    startedAt: run.started_at,
    ...(run.ended_at !== null && { endedAt: run.ended_at }),
    ...(run.fault !== null && { fault: faultView(JSON.parse(run.fault) as Fault) }),
  };
}

function toRowRecord({ row, line, siteId, serialNumber, state, fault }: PreparedRow): RunRowRecord {
  const text = fault ? JSON.stringify(fault) : null;
  return { row, line, site_id: siteId, serial_number: serialNumber, state, fault: text };
}

function toRowView({ row, line, site_id, serial_number, state, fault }: RunRowRecord) {
  return {
    row,
    line,
    siteId: site_id,
    serialNumber: serial_number,
    state: state as PreparedRow['state'],
    ...(fault !== null && { fault: faultView(JSON.parse(fault) as Fault) }),
  };
}
