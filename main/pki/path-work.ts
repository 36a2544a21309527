import type { Rule } from '../faults/index.ts';

/** The limits of one question about a path. Work counts even if its result was cached. */
export const pathBounds = {
  /** Signature checks, of certificates and CRLs. */
  signatures: 1024,
  /** Candidate paths that are judged. */
  paths: 256,
  /** Comparisons of a name with a base of a name constraint. Long bases count several times. */
  comparisons: 250_000,
} as const;

export type PathWorkKind = keyof typeof pathBounds;

/** The rule to report for each limit. */
export const pathRules: Readonly<Record<PathWorkKind, Rule>> = {
  signatures: 'path-signatures',
  paths: 'path-candidates',
  comparisons: 'path-comparisons',
};

/** The work done on one question. Once it meets a limit, anything not yet judged is untrusted. */
export class PathWork {
  readonly #done: Record<PathWorkKind, number> = { signatures: 0, paths: 0, comparisons: 0 };
  #exceeded: PathWorkKind | undefined;

  /** Counts work before it is done. False if it would exceed the limit: skip the work then. */
  spend(kind: PathWorkKind, amount = 1): boolean {
    if (this.#done[kind] + amount > pathBounds[kind]) {
      this.#exceeded ??= kind;
      return false;
    }
    this.#done[kind] += amount;
    return true;
  }

  /** The first limit that was met. */
  get exceeded(): PathWorkKind | undefined {
    return this.#exceeded;
  }

  get done(): Readonly<Record<PathWorkKind, number>> {
    return this.#done;
  }
}
