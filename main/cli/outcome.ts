import { catalogue, exitCodes, type Fault } from '../faults/index.ts';
import { faultLines, faultRecord } from '../words/index.ts';

/**
 * The result of a command: one JSON document for scripts (undefined when it has been printed already), lines for
 * people, and the exit code.
 */
export interface Outcome {
  readonly document: unknown;
  readonly lines: readonly string[];
  readonly exitCode: number;
}

/** A command that succeeded. */
export function done(document: unknown, lines: readonly string[]): Outcome {
  return { document, lines, exitCode: 0 };
}

/** The exit code for a fault, from its category. */
export function exitCodeOf(fault: Fault): number {
  return exitCodes[catalogue[fault.code]];
}

/** A refusal. The document holds the fault, and whatever else is known. */
export function failed(fault: Fault, document: object = {}, lines: readonly string[] = []): Outcome {
  return {
    document: { ...document, fault: faultRecord(fault) },
    lines: [...lines, ...faultLines(fault)],
    exitCode: exitCodeOf(fault),
  };
}
