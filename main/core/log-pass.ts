import { isFiltered, LogSnapshot, type OpenedStore } from '../audit/index.ts';
import { ok, refused, type Fault, type Result } from '../faults/index.ts';
import type { LogFilter, LogRow } from '../store/index.ts';
import { pauseFor, type Pause } from '../work/index.ts';

/** How long work on the log reports, yields and stops. */
export interface LogControls {
  readonly signal?: AbortSignal | undefined;
  /** How many entries have passed. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Yields to the event loop from time to time, and stops the work. Otherwise `signal` does. */
  readonly pause?: Pause | undefined;
}

interface PassControls extends LogControls {
  /** How often the work reads all entries. */
  readonly passes: number;
}

/** Progress is reported once for so many entries. */
const reportEvery = 1_000;

/** Reads the log as it is at a checkpoint, as often as needed, and knows which entries a filter lists. */
export class LogPass {
  readonly snapshot: LogSnapshot;
  /** Undefined for the whole log. */
  readonly filter: LogFilter | undefined;
  readonly #onProgress: LogControls['onProgress'];
  readonly #passes: number;
  readonly pause: Pause;
  /** A byte for each entry: whether it is listed. Undefined if all are. */
  readonly #marks: Uint8Array | undefined;
  #listed: number;
  #passed = 0;

  private constructor(opened: OpenedStore, filter: LogFilter, controls: PassControls) {
    this.snapshot = new LogSnapshot(opened);
    this.filter = isFiltered(filter) ? filter : undefined;
    this.#onProgress = controls.onProgress;
    this.#passes = controls.passes;
    this.pause = controls.pause ?? pauseFor(controls.signal);
    const { size } = this.snapshot;
    this.#marks = this.filter && new Uint8Array(size);
    this.#listed = this.filter ? 0 : size;
  }

  /** Finds the entries that are listed. */
  static async start(
    opened: OpenedStore,
    filter: LogFilter,
    controls: PassControls,
  ): Promise<Result<LogPass, 'cancelled'>> {
    const pass = new LogPass(opened, filter, controls);
    const stopped = await pass.#mark();
    return stopped ? refused(stopped) : ok(pass);
  }

  /** How many entries are listed. */
  get listed(): number {
    return this.#listed;
  }

  isListed(sequence: number): boolean {
    return this.#marks?.[sequence] !== 0;
  }

  /** Passes all entries in order. Returns the fault if the work must stop. */
  async each(
    take: (row: LogRow, isListed: boolean) => void | Promise<void>,
  ): Promise<Fault<'cancelled'> | undefined> {
    return this.snapshot.each((row) => {
      this.#count();
      return take(row, this.isListed(row.sequence));
    }, this.pause);
  }

  /** The listed entries, in order. Ends early if the work must stop. */
  async *listedRows(): AsyncIterable<LogRow> {
    for (const part of this.snapshot.parts()) {
      for (const row of part) {
        this.#count();
        if (this.isListed(row.sequence)) yield row;
        if (await this.pause()) return;
      }
    }
  }

  async #mark(): Promise<Fault<'cancelled'> | undefined> {
    const marks = this.#marks;
    if (!marks) return undefined;
    const take = ({ sequence }: LogRow) => {
      marks[sequence] = 1;
      this.#listed++;
    };
    return this.snapshot.each(take, this.pause, this.filter);
  }

  #count(): void {
    this.#passed++;
    if (this.#passed % reportEvery === 0)
      this.#onProgress?.(Math.floor(this.#passed / this.#passes), this.snapshot.size);
  }
}
