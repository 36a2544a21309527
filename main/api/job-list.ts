import { join } from 'node:path';
import { drivePhases, type JobRow, type JobSelection } from '../../preload/contract/index.ts';
import { addJobs, addJobsIn } from '../core/index.ts';
import { ok, refuse } from '../faults/index.ts';
import type { JobRecord, JobsAnswer, ListRequest, Store } from '../store/index.ts';
import type { ApiContext } from './context.ts';
import type { Handlers } from './handlers.ts';
import { openedBundles } from './refused-files.ts';
import { lastReport } from './steps.ts';
import { carriedView, certificateEndOf, expiryOf, workView } from './views.ts';

type ListCalls =
  'jobs.list' | 'jobs.ofEnb' | 'jobs.open' | 'jobs.openRun' | 'jobs.archive' | 'jobs.archiveDone';

/** The list of jobs on this laptop: what it shows, what is added to it, and what is put away. */
export function jobListHandlers(context: ApiContext): Handlers<ListCalls> {
  const { folders } = context.options;
  return {
    'jobs.list': (request) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const { store } = opened.value;
      const { rows, ...counted } = listJobs(context, store, request);
      return ok({ ...counted, rows: rows.map((job) => rowOf(context, job, store)) });
    },
    'jobs.ofEnb': (enb) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const { store } = opened.value;
      const jobs = store.jobs.ofEnb(enb, context.surroundings.now());
      return ok({ rows: jobs.map((job) => rowOf(context, job, store)) });
    },
    'jobs.open': ({ files }) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const named = files.map((file) => ({ name: file.name, path: context.pathOf(file) }));
      return context.works.run({ kind: 'opening', phase: 'opening' }, async (work) => {
        const jobs = await addJobs(context, opened.value, named, () => work.pause(), folders);
        return jobs.ok ? ok(openedBundles(jobs.value)) : jobs;
      });
    },
    'jobs.openRun': ({ runId }) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const folder = opened.value.store.runs.get(runId)?.outFolder;
      if (typeof folder !== 'string') return refuse('not-found', { where: { field: 'run' } });
      const bundles = context.inPlace(join(folder, 'bundles'));
      if (!bundles.ok) return bundles;
      return context.works.run({ kind: 'opening', subject: runId, phase: 'opening' }, async (work) => {
        const jobs = await addJobsIn(context, opened.value, bundles.value, () => work.pause(), folders);
        return jobs.ok ? ok(openedBundles(jobs.value)) : jobs;
      });
    },
    'jobs.archive': ({ ids, archived }) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const { store } = opened.value;
      const isBusy = ids.some((id) => {
        const job = store.jobs.get(id);
        return job && isUnderWay(rowOf(context, job, store));
      });
      if (archived && isBusy) return refuse('work-busy', { found: 'delivery' });
      store.jobs.archive(ids, archived ? context.timestamp() : undefined);
      context.changed('jobs');
      return ok({});
    },
    'jobs.archiveDone': ({ filter }) => {
      const opened = context.store();
      if (!opened.ok) return opened;
      const { store } = opened.value;
      const all = {
        filter,
        show: 'done',
        sort: 'updatedAt',
        descending: false,
        offset: 0,
        limit: -1,
      } as const;
      const done = listJobs(context, store, all).rows.map(({ id }) => id);
      store.jobs.archive(done, context.timestamp());
      context.changed('jobs');
      return ok({ archived: done.length });
    },
  };
}

/** The requested jobs of the store. */
function listJobs(
  { works, surroundings }: ApiContext,
  { jobs }: Store,
  { show, ...request }: ListRequest & { readonly show: JobSelection },
): JobsAnswer {
  // As on the page, a drive that is ejected or read from says nothing about the jobs on it.
  const volumes = works.subjects('drive').filter((volume) => {
    const phase = works.find('drive', volume)?.progress.phase;
    return drivePhases.some((known) => known === phase);
  });
  const running = [...works.subjects('delivery'), ...volumes];
  return jobs.list({ ...request, part: show, now: surroundings.now(), running });
}

/** Whether the job, or the drive that its bundle is on, is being worked on. */
function isUnderWay({ work, carried }: JobRow): boolean {
  return work !== undefined || carried?.work !== undefined;
}

/** A job as a row of a list. */
export function rowOf(
  context: ApiContext,
  job: JobRecord,
  store: Store,
  newerId = store.jobs.newer(job.id, context.surroundings.now()),
): JobRow {
  const carried = store.carried.get(job.bundleSha256);
  const work = context.works.find('delivery', job.id);
  const now = context.surroundings.now();
  const expiry = expiryOf(job.validUntil, now);
  const certificateEnd = certificateEndOf(store.enbCertificates.of(job), job.validUntil, now);
  return {
    id: job.id,
    siteId: job.siteId,
    siteName: job.siteName,
    serialNumber: job.serialNumber,
    operator: job.operator,
    sequence: job.sequence,
    validUntil: job.validUntil,
    ...(expiry && { expiry }),
    ...(certificateEnd && { certificateEnd }),
    state: work?.progress.phase ?? job.state,
    ...(work && { work: workView(work) }),
    updatedAt: job.updatedAt,
    ...(carried && { carried: carriedView(context, carried) }),
    ...lastReport(context, job, store),
    isSuperseded: newerId !== undefined,
    isArchived: job.archivedAt !== undefined,
  };
}
