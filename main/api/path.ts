import type { PathCheckView, PathView } from '../../preload/contract/index.ts';
import type { OpenedStore } from '../audit/index.ts';
import { Bundle } from '../bundle/index.ts';
import { ok, type Result } from '../faults/index.ts';
import {
  pathOfJob,
  ProbeLimit,
  type EnbConnection,
  type PathCheck,
  type PathFromPlace,
  type PathTask,
} from '../core/index.ts';
import type { JobRecord, Store } from '../store/index.ts';
import type { ApiContext } from './context.ts';
import { faultView, workView } from './views.ts';

/** Checks the path to the gateways of jobs as work. */
export class PathChecks {
  readonly #context: ApiContext;
  readonly #limit: ProbeLimit;
  /** By job: what the work that is running has so far. */
  readonly #running = new Map<string, readonly PathFromPlace[]>();

  constructor(context: ApiContext) {
    this.#context = context;
    this.#limit = new ProbeLimit(() => context.surroundings.monotonic());
  }

  /**
   * Checks the path of a job from this laptop, and with a connection from the eNB. Does nothing for a configuration without
   * gateways.
   */
  async check(
    { job, ...opened }: OpenedStore & { readonly job: JobRecord },
    trust: PathTask['trust'],
    connection: EnbConnection | undefined,
  ): Promise<Result<void>> {
    if (!hasGateways(job)) return ok(undefined);
    const start = { kind: 'path', subject: job.id, phase: 'laptop' } as const;
    const checked = await this.#context.works.run(start, async (work) => {
      try {
        return await pathOfJob(this.#context, opened, job, {
          trust,
          limit: this.#limit,
          ...(connection && { connection: { ...connection, signal: work.signal } }),
          signal: work.signal,
          onProgress: (path) => {
            const others = this.#running.get(job.id)?.filter(({ place }) => place !== path.place) ?? [];
            const all = [...others, path];
            this.#running.set(job.id, all);
            // The laptop's clock is compared once the eNB is connected.
            const phase = all.some(({ place }) => place === 'enb') ? 'enb' : 'laptop';
            work.report({ phase, done: 0, total: 0 });
          },
        });
      } finally {
        this.#running.delete(job.id);
      }
    });
    return checked.ok || checked.fault.code === 'cancelled' ? ok(undefined) : checked;
  }

  /** What is known of the path of a job; undefined before the first check, and without gateways. */
  view(job: JobRecord, store: Store): PathView | undefined {
    const running = this.#running.get(job.id) ?? [];
    const isRunning = (wanted: string) => running.some(({ place }) => place === wanted);
    const kept = store.pathReports.of(job.bundleSha256).filter(({ place }) => !isRunning(place));
    const work = this.#context.works.find('path', job.id);
    const places = [...running, ...kept].toSorted(laptopFirst).map(placeView);
    if (places.length === 0 && !work) return undefined;
    return { places, ...(work && { work: workView(work) }) };
  }
}

function hasGateways({ bundle }: JobRecord): boolean {
  const { configuration } = new Bundle(bundle);
  return configuration.ok && configuration.value.securityGateways.length > 0;
}

function laptopFirst(a: PathFromPlace, b: PathFromPlace): number {
  return Number(a.place !== 'laptop') - Number(b.place !== 'laptop');
}

function placeView({ place, checkedAt, checks, fault }: PathFromPlace): PathView['places'][number] {
  return { place, checkedAt, checks: checks.map(checkView), ...(fault && { fault: faultView(fault) }) };
}

function checkView({ fault, ...check }: PathCheck): PathCheckView {
  return { ...check, ...(fault && { fault: faultView(fault) }) };
}
