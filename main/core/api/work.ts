import { ok, refuse, type Result } from '../../faults/index.ts';

/** What can be under way on this laptop. */
export type WorkKind = 'delivery' | 'drive' | 'run';

interface Work {
  readonly kind: WorkKind;
  readonly stop: AbortController;
  readonly ended: Promise<unknown>;
}

/** What this core is doing, so that nothing is taken from under it. */
export class WorkUnderWay {
  readonly #works = new Set<Work>();

  /** Notes a piece of work, and what stops it, until what is given back is called. */
  begin(kind: WorkKind, stop: AbortController): () => void {
    const { promise: ended, resolve } = Promise.withResolvers<undefined>();
    const work = { kind, stop, ended };
    this.#works.add(work);
    return () => {
      this.#works.delete(work);
      resolve(undefined);
    };
  }

  /** Stops all of it, and waits until it has ended. */
  async stopAll(): Promise<void> {
    const works = [...this.#works];
    for (const { stop } of works) stop.abort();
    await Promise.all(works.map(({ ended }) => ended));
  }

  /** Refuses with what is under way. */
  refuseIfAny(): Result<void, 'work-under-way'> {
    const kinds = [...new Set([...this.#works].map(({ kind }) => kind))].sort();
    return kinds.length === 0 ? ok(undefined) : refuse('work-under-way', { found: kinds.join(', ') });
  }
}
