import type { Rule } from '../faults/index.ts';

/** What one question about a path may cost. Each kind of work is counted, whether or not an answer was remembered. */
export const pathBounds = {
  /** Signatures of certificates and of CRLs that are checked. */
  signatures: 1024,
  /** Candidate paths that are judged. */
  paths: 256,
  /** Names that are compared with a base of a name constraint, long bases counted several times. */
  comparisons: 250_000,
} as const;

/** A kind of work that is bounded. */
export type PathWorkKind = keyof typeof pathBounds;

/** The rule that is broken where a bound is met. */
export const pathRules: Readonly<Record<PathWorkKind, Rule>> = {
  signatures: 'path-signatures',
  paths: 'path-candidates',
  comparisons: 'path-comparisons',
};

/** The work on one question so far. Where a bound is met, what is not yet judged is not trusted. */
export class PathWork {
  readonly #done: Record<PathWorkKind, number> = { signatures: 0, paths: 0, comparisons: 0 };
  #exceeded: PathWorkKind | undefined;

  /** Counts work that is about to be done; false when that would pass the bound, and the work must be left out. */
  spend(kind: PathWorkKind, amount = 1): boolean {
    if (this.#done[kind] + amount > pathBounds[kind]) {
      this.#exceeded ??= kind;
      return false;
    }
    this.#done[kind] += amount;
    return true;
  }

  /** The bound that was met first. */
  get exceeded(): PathWorkKind | undefined {
    return this.#exceeded;
  }

  /** How much was done of each kind. */
  get done(): Readonly<Record<PathWorkKind, number>> {
    return this.#done;
  }
}
