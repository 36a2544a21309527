import { fault, type Fault } from '../faults/index.ts';
import type { LogProblem } from './log-problem.ts';

/**
 * A problem of a log as a fault. A problem between two checkpoints may be in any entry between them.
 * @param inFile where it was found, unless it is in a known head
 */
export function problemFault(
  { code, rule, entry, before, row, line, field, source, expected, found }: LogProblem,
  inFile?: string,
): Fault {
  const file = source ?? inFile;
  const lastEntry = before === undefined ? undefined : before - 1;
  const where = {
    ...(file !== undefined && { file }),
    ...(row !== undefined && { row }),
    ...(line !== undefined && { line }),
    ...(field !== undefined && { field }),
    ...(entry !== undefined && { entry }),
    ...(lastEntry !== undefined && entry !== undefined && lastEntry > entry && { lastEntry }),
  };
  return fault(code, {
    ...(rule && { rule }),
    ...(expected !== undefined && { expected }),
    ...(found !== undefined && { found }),
    ...(Object.keys(where).length > 0 && { where }),
  });
}
