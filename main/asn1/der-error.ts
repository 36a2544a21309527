import type { Rule } from '../faults/index.ts';

/**
 * Thrown by a reader at the first octet that is not DER, or not what the structure asks for. It never leaves
 * `decode`; code that walks a structure may throw it for a rule of its own.
 */
export class DerError extends Error {
  /** The rule of X.690, or of the structure, that was broken. */
  readonly rule: Rule;
  /** Where, counted from 0 in the outermost input. */
  readonly offset: number;
  constructor(rule: Rule, offset: number) {
    super(`${rule} at ${offset}`);
    this.rule = rule;
    this.offset = offset;
  }
}
