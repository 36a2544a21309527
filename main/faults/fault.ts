import type { FaultCode } from './catalogue.ts';
import type { Rule } from './rule.ts';

/** Where the problem is, in the user's terms. Only known facts are present. */
export interface Where {
  /** The file as the user named it. */
  readonly file?: string;
  /** The data row of an inventory, counted from 1 at the first row under the header. */
  readonly row?: number;
  /** The line of the file, counted from 1: the one where the row starts, or where JSON stops making sense. */
  readonly line?: number;
  /** The character of that line at which JSON stops making sense, counted from 1. */
  readonly column?: number;
  /** The column, JSON member (dotted) or ASN.1 field. */
  readonly field?: string;
  /** The byte at which DER stops making sense, counted from 0. */
  readonly offset?: number;
  /** The subject of a certificate, or the issuer of a CRL. */
  readonly certificate?: string;
  /** A network address. */
  readonly address?: string;
  /** The first entry of the audit log that is concerned, counted from 0. */
  readonly entry?: number;
  /** The last one that can be concerned, where that is not certain. */
  readonly lastEntry?: number;
}

/**
 * An expected error, as a value. It carries codes and plain facts, never a secret. The words are in `assets/locales/`,
 * so that a fault can be logged, sent to the page and read in any language.
 */
export interface Fault<Code extends FaultCode = FaultCode> {
  readonly code: Code;
  /** The broken rule, for a code that has several. The rule's sentence says what was expected. */
  readonly rule?: Rule;
  /** The expected value, where it is a value and not a rule. */
  readonly expected?: string;
  /** What was found instead: a value, or a system error code such as `ENOENT`. */
  readonly found?: string;
  readonly where?: Where;
  /** The fault that caused this one: a certificate is untrusted because its signature does not verify. */
  readonly because?: Fault;
}

/** The result of a refused operation. */
export interface Refused<Code extends FaultCode = FaultCode> {
  readonly ok: false;
  readonly fault: Fault<Code>;
}

/** The result of every operation that can be refused for a reason other than a bug. */
export type Result<Value, Code extends FaultCode = FaultCode> =
  { readonly ok: true; readonly value: Value } | Refused<Code>;

/** The result of a successful operation. */
export function ok<Value>(value: Value): { readonly ok: true; readonly value: Value } {
  return { ok: true, value };
}

export function fault<Code extends FaultCode>(code: Code, facts: Omit<Fault, 'code'> = {}): Fault<Code> {
  return { code, ...facts };
}

/** A refusal with a new fault. */
export function refuse<Code extends FaultCode>(code: Code, facts: Omit<Fault, 'code'> = {}): Refused<Code> {
  return refused(fault(code, facts));
}

/** A refusal with an existing fault. */
export function refused<Code extends FaultCode>(fault: Fault<Code>): Refused<Code> {
  return { ok: false, fault };
}

/** Adds to the fault's `where`. What the fault already says takes precedence. */
export function prependWhere<Code extends FaultCode>(fault: Fault<Code>, where: Where): Fault<Code> {
  return { ...fault, where: { ...where, ...fault.where } };
}

/** Ends an exhaustive switch. If a case is missing, the compiler reports it here. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled case: ${JSON.stringify(value)}`);
}
