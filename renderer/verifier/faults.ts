import { fault, type Fault } from '../../main/faults/index.ts';
import type { LogProblem } from '../../main/tlog/index.ts';
import { Unreadable } from './read.ts';
import { fill, words } from './words.ts';

/** A problem of the log as a fault. */
export function problemFault({ code, rule, entry, before, source, expected, found }: LogProblem, file: string): Fault {
  return fault(code, {
    ...(rule !== undefined && { rule }),
    ...(expected !== undefined && { expected }),
    ...(found !== undefined && { found }),
    where: { file: source ?? file, ...(entry !== undefined && { entry: entries(entry, before) }) },
  });
}
