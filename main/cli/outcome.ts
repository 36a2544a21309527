import { catalogue, exitCodes, type Fault } from '../faults/index.ts';
import { faultLines, faultRecord, faultSentence, fill, words } from '../words/index.ts';

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

/** How many things the terminal shows; the report or the document has the others. */
const maximumShown = 20;

/** A line for each of the first problems, and how many more there are. */
export function problemLines(problems: readonly Fault[], count: number): readonly string[] {
  return firstLines(problems, count, (one) => `${one.code}: ${faultSentence(one)}`);
}

/** A line for each of the first things, and how many more there are. */
export function firstLines<One>(
  things: readonly One[],
  count: number,
  line: (one: One) => string,
): readonly string[] {
  const lines = things.slice(0, maximumShown).map(line);
  if (count > maximumShown) lines.push(fill(words.cli.prepare.more, { count: count - maximumShown }));
  return lines;
}

/** The outcome of work on many things: refused if it was stopped, or by its first problem. */
export function endedWith({
  document,
  lines,
  problems: [first],
  stoppedBy,
}: {
  readonly document: object;
  readonly lines: readonly string[];
  readonly problems: readonly Fault[];
  readonly stoppedBy: Fault | undefined;
}): Outcome {
  if (stoppedBy) return failed(stoppedBy, document, lines);
  return first ? { document, lines, exitCode: exitCodeOf(first) } : done(document, lines);
}
