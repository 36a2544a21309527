import type { FaultCode } from './catalogue.ts';
import type { Rule } from './rule.ts';

/** Where a fault lies, as a person would look for it. Only what is known is present. */
export interface Where {
  /** The file as the user named it. */
  readonly file?: string;
  /** The data row of an inventory, counted from 1 at the first row under the header. */
  readonly row?: number;
  /** The line of the file, counted from 1: where the row starts, or JSON stopped making sense. */
  readonly line?: number;
  /** The character of that line at which JSON stopped making sense, counted from 1. */
  readonly column?: number;
  /** The column, JSON member (dotted) or ASN.1 field. */
  readonly field?: string;
  /** The octet at which DER stopped making sense, counted from 0. */
  readonly offset?: number;
  /** The subject of a certificate, or the issuer of a CRL. */
  readonly certificate?: string;
  /** A network address. */
  readonly address?: string;
}

/**
 * An expected error, as a value. It carries codes and plain facts; the words are in `assets/locales/`, so that a
 * fault can be logged, sent to the page and read in any language. It never carries a secret.
 */
export interface Fault<Code extends FaultCode = FaultCode> {
  readonly code: Code;
  /** The rule that was broken, when a code has several; its sentence says what was expected. */
  readonly rule?: Rule;
  /** The value that was expected, when it is a value and not a rule. */
  readonly expected?: string;
  /** What was found instead: a value, or a code of the system such as `ENOENT`. */
  readonly found?: string;
  readonly where?: Where;
  /** The fault beneath this one: an untrusted certificate because its signature does not verify. */
  readonly because?: Fault;
}

/** The answer of an operation that was refused. */
export interface Refused<Code extends FaultCode = FaultCode> {
  readonly ok: false;
  readonly fault: Fault<Code>;
}

/** What every operation returns that can be refused for a reason that is not a bug. */
export type Result<Value, Code extends FaultCode = FaultCode> =
  { readonly ok: true; readonly value: Value } | Refused<Code>;

/** Makes the answer of an operation that was done. */
export function ok<Value>(value: Value): { readonly ok: true; readonly value: Value } {
  return { ok: true, value };
}

/** Makes a fault. */
export function fault<Code extends FaultCode>(code: Code, facts: Omit<Fault, 'code'> = {}): Fault<Code> {
  return { code, ...facts };
}

/** Makes the refusal that carries a new fault. */
export function refuse<Code extends FaultCode>(code: Code, facts: Omit<Fault, 'code'> = {}): Refused<Code> {
  return refused(fault(code, facts));
}

/** Makes the refusal that carries a fault at hand. */
export function refused<Code extends FaultCode>(fault: Fault<Code>): Refused<Code> {
  return { ok: false, fault };
}

/** The same fault with more said about where; what the fault itself knew stays. */
export function prependWhere<Code extends FaultCode>(fault: Fault<Code>, where: Where): Fault<Code> {
  return { ...fault, where: { ...where, ...fault.where } };
}

/** Ends an exhaustive switch: reached only when a case was forgotten, and then the compiler says so first. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled case: ${JSON.stringify(value)}`);
}
