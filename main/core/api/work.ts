import { ok, refuse, type Result } from '../../faults/index.ts';

/** What can be under way on this laptop. */
export type WorkKind = 'delivery' | 'drive' | 'run';

/** What this core is doing, so that nothing is taken from under it. */
export class WorkUnderWay {
  readonly #kinds: WorkKind[] = [];

  /** Notes a piece of work until what is given back is called. */
  begin(kind: WorkKind): () => void {
    this.#kinds.push(kind);
    return () => {
      this.#kinds.splice(this.#kinds.indexOf(kind), 1);
    };
  }

  /** Refuses with what is under way. */
  refuseIfAny(): Result<void, 'work-under-way'> {
    const kinds = [...new Set(this.#kinds)].sort();
    return kinds.length === 0 ? ok(undefined) : refuse('work-under-way', { found: kinds.join(', ') });
  }
}
