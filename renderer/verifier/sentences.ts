import { fault, type Fault } from '../../main/faults/index.ts';
import type { LogPoint, LogProblem } from '../../main/tlog/index.ts';
import { verificationSentence } from '../../main/words/index.ts';

/** What is proven or not, as Siteseal puts it. */
export function pointSentence({ code, facts }: LogPoint): string {
  return verificationSentence(code, facts);
}

/**
 * A problem of the log as a fault. A problem between two checkpoints may be in any entry between them.
 * @param file where it was found, unless it is in a known head
 */
export function problemFault(
  { code, rule, entry, before, row, line, field, source, expected, found }: LogProblem,
  file: string,
): Fault {
  const lastEntry = before === undefined ? 0 : before - 1;
  return fault(code, {
    ...(rule !== undefined && { rule }),
    ...(expected !== undefined && { expected }),
    ...(found !== undefined && { found }),
    where: {
      file: source ?? file,
      ...(row !== undefined && { row }),
      ...(line !== undefined && { line }),
      ...(field !== undefined && { field }),
      ...(entry !== undefined && { entry }),
      ...(entry !== undefined && lastEntry > entry && { lastEntry }),
    },
  });
}
