import type { Fault } from '../../main/faults/index.ts';
import type { KnownHead } from '../../main/tlog/index.ts';
import { parseCheckpoint } from '../../main/tlog/index.ts';
import { extendsHead, judgeHead, type Head, type HeadFile } from './head-file.ts';
import type { Report } from './report.ts';
import { pointSentence, problemFault } from './sentences.ts';
import { fill, number, words } from './words.ts';

/** Verifies a head file on its own, and against other heads of its log. */
export function verifyHead(name: string, file: HeadFile, heads: readonly KnownHead[]): Report {
  const { checkpoint, training } = file;
  const { keys, problem } = judgeHead(file);
  const compared = [fill(words.compared.headFile, { file: name })];
  const proven: string[] = [];
  const unproven: string[] = [];
  let wrong: Fault | undefined = problem && problemFault(problem, name);
  if (!wrong) proven.push(fill(words.headProven, { entries: number(checkpoint.size), key: keys.length }));
  for (const { source, text } of heads) {
    const known = parseCheckpoint(text);
    if (wrong || !known) continue;
    const isHeld = known.origin === checkpoint.origin ? extendsHead(file, known) : false;
    const facts = { source, size: known.size };
    if (isHeld === undefined) unproven.push(pointSentence({ code: 'head-not-comparable', facts }));
    else compared.push(fill(words.compared.extends, { file: name, source }));
    if (isHeld === true) proven.push(pointSentence({ code: 'head-held', facts }));
    if (isHeld === false) wrong = problemFault(disagreement(checkpoint, known, source), name);
  }
  if (!wrong) unproven.push(words.headUnproven);
  return {
    compared,
    proven,
    unproven,
    ...(wrong && { fault: wrong }),
    result: words.intactHead,
    head: { origin: checkpoint.origin, training, size: checkpoint.size, root: checkpoint.root },
    keys,
    entries: [],
    listed: 0,
  };
}

function disagreement({ origin }: Head, known: Head, source: string) {
  return known.origin === origin
    ? ({ code: 'log-forked', source, before: known.size } as const)
    : ({ code: 'log-foreign', source, expected: origin, found: known.origin } as const);
}
