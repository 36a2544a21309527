import type { Rule } from '../faults/index.ts';

/**
 * A reader throws this at the first byte that is not DER, or that does not fit the structure. `decode` catches it.
 * Code that walks a structure may throw it for its own rules.
 */
export class DerError extends Error {
  /** The broken rule, of X.690 or of the structure. */
  readonly rule: Rule;
  /** The byte offset in the outermost input, from 0. */
  readonly offset: number;
  constructor(rule: Rule, offset: number) {
    super(`${rule} at ${offset}`);
    this.rule = rule;
    this.offset = offset;
  }
}
