import type { CarriedView, DriveWork } from '../../../preload/contract/index.ts';
import { refuse, type Fault, type Result } from '../../faults/index.ts';
import { carriedState } from '../../workflow/index.ts';
import type { CarriedRecord } from '../../store/index.ts';
import { faultView } from './views.ts';
import type { WorkUnderWay } from './work.ts';

/** What this core is doing with removable drives: one thing at a time with each, whoever looks. */
export class DriveWorks {
  readonly #work: WorkUnderWay;
  readonly #changed: () => void;
  readonly #underWay = new Map<string, { work: DriveWork; readonly stop: AbortController }>();
  /** Why the last work on a volume did not come to its end. */
  readonly #faults = new Map<string, Fault>();

  constructor(work: WorkUnderWay, changed: () => void) {
    this.#work = work;
    this.#changed = changed;
  }

  /** Does something with a drive, until it is done or `stop` says so. */
  async do(
    volume: string,
    first: DriveWork['state'],
    action: (tell: (work: DriveWork) => void, signal: AbortSignal) => Promise<Result<void>>,
  ): Promise<Result<Record<string, never>>> {
    if (this.#underWay.has(volume)) return refuse('store-in-use', { where: { field: 'drive' } });
    const stop = new AbortController();
    const tell = (work: DriveWork) => {
      this.#underWay.set(volume, { work, stop });
      this.#changed();
    };
    this.#faults.delete(volume);
    const ended = this.#work.begin('drive', stop);
    tell({ state: first, done: 0, of: 0 });
    try {
      const result = await action(tell, stop.signal);
      if (result.ok) return { ok: true, value: {} };
      if (result.fault.code !== 'cancelled') this.#faults.set(volume, result.fault);
      return result;
    } finally {
      ended();
      this.#underWay.delete(volume);
      this.#changed();
    }
  }

  /** Stops what is done with a drive, if anything is. */
  stop(volume: string): void {
    this.#underWay.get(volume)?.stop.abort();
  }

  /** What the store says of a bundle on a drive, with what is done there now. */
  view({ state, volume, drive, updated_at: since }: CarriedRecord): CarriedView {
    const work = this.#underWay.get(volume)?.work;
    const fault = this.#faults.get(volume);
    return {
      state: carriedState(state),
      volume,
      drive,
      since,
      ...(work && { work }),
      ...(fault && { fault: faultView(fault) }),
    };
  }
}
