import { fault } from '../../main/faults/index.ts';
import type { LogPoint, LogProblem } from '../../main/tlog/index.ts';
import { verificationSentence } from '../../main/words/index.ts';
import type { Trouble } from './report.ts';
import { fill, number, words } from './words.ts';

/** What is proven or not, as Siteseal puts it. */
export function pointSentence({ code, facts }: LogPoint): string {
  return verificationSentence(code, facts);
}

/** A problem of the log, for people. `file` is where it was found, unless it is in a known head. */
export function troubleOf({ code, rule, entry, before, source, expected, found }: LogProblem, file: string): Trouble {
  const place = placeOf(entry, before);
  return {
    fault: fault(code, {
      ...(rule !== undefined && { rule }),
      ...(expected !== undefined && { expected }),
      ...(found !== undefined && { found }),
      where: { file: source ?? file },
    }),
    ...(place !== undefined && { place }),
  };
}

/** Which entries are concerned. A problem between two checkpoints may be in any entry between them. */
function placeOf(entry: number | undefined, before: number | undefined): string | undefined {
  if (entry === undefined) return undefined;
  const last = before === undefined ? entry : before - 1;
  return last <= entry
    ? fill(words.fault.entry, { entry: number(entry) })
    : fill(words.fault.between, { entry: number(entry), last: number(last) });
}
