import type { Fault } from '../../main/faults/index.ts';
import {
  parseCheckpoint,
  verifyCosignature,
  type KnownHead,
  type LogPoint,
  type LogProblem,
  type VerifierKey,
} from '../../main/tlog/index.ts';
import { noteCrypto } from './crypto.ts';
import { extendsHead, isSignedBy, judgeHead, type Head, type HeadFile } from './head-file.ts';
import type { Report } from './report.ts';
import { pointSentence, problemFault } from './sentences.ts';
import { fill, number, words } from './words.ts';

/** A head file, and what is known from elsewhere. */
export interface HeadFiles {
  readonly name: string;
  readonly file: HeadFile;
  readonly heads: readonly KnownHead[];
  readonly witnessKeys: readonly VerifierKey[];
}

/** Verifies a head file: its keys, its signature, and that it continues the heads that are known. */
export function verifyHead({ name, file, heads, witnessKeys }: HeadFiles): Report {
  const { checkpoint, consistency, training } = file;
  const { keys, problem } = judgeHead(file);
  const compared = [fill(words.compared.headFile, { file: name })];
  const proven: LogPoint[] = [];
  const unproven: LogPoint[] = [];
  let wrong: Fault | undefined = problem && problemFault(problem, name);
  const earlier = consistency?.earlier;
  const known = heads.flatMap(({ source, text }) => {
    const head = parseCheckpoint(text);
    return head ? [{ source, head }] : [];
  });
  for (const { source, head } of earlier ? [{ source: name, head: earlier }, ...known] : known) {
    if (wrong) break;
    const isHeld = head.origin === checkpoint.origin ? extendsHead(file, head) : false;
    if (source !== name) compared.push(fill(words.compared.extends, { file: name, source }));
    if (isHeld === false) wrong = problemFault(disagreement(checkpoint, head, source), name);
    else if (isHeld === undefined)
      unproven.push({ code: 'head-not-comparable', facts: { source, size: head.size } });
    else if (source === name)
      proven.push({ code: 'extends', facts: { size: head.size, entries: checkpoint.size } });
    else proven.push({ code: 'head-held', facts: { source, size: head.size } });
  }
  const seen = earlier ? [checkpoint, earlier] : [checkpoint];
  if (!wrong) proven.push(...seen.flatMap((head) => witnesses(head, witnessKeys)));
  const later = keys.slice(1);
  const chained = later.filter(({ reason }) => reason === 'rotated');
  const lost = later.filter(({ reason }) => reason === 'lost');
  if (chained.length > 0) proven.push({ code: 'keys-chained', facts: { count: chained.length } });
  const lastLost = lost.at(-1);
  if (lastLost) unproven.push({ code: 'key-lost', facts: { count: lost.length, entry: lastLost.entry } });
  // Anyone can make a key, and continue a known tree with an entry that names it.
  const trusted = [
    ...known.map(({ head }) => head),
    ...seen.filter((head) => witnesses(head, witnessKeys).length > 0),
  ];
  const isKnown = keys.some((key) => trusted.some((head) => isSignedBy(head, key)));
  if (!isKnown) unproven.push({ code: 'keys-unproven', facts: {} });
  const signed = fill(words.headProven, { entries: number(checkpoint.size), key: keys.at(-1)?.epoch ?? 0 });
  return {
    compared,
    proven: wrong ? [] : [signed, ...proven.map(pointSentence)],
    unproven: wrong ? [] : [...unproven.map(pointSentence), words.headUnproven],
    ...(wrong && { fault: wrong }),
    result: words.intactHead,
    head: { origin: checkpoint.origin, training, size: checkpoint.size, root: checkpoint.root },
    keys,
    entries: [],
    listed: 0,
  };
}

/** The known witnesses that have signed a head. */
function witnesses({ note, size }: Head, keys: readonly VerifierKey[]): readonly LogPoint[] {
  return keys.flatMap((key) => {
    const seconds = verifyCosignature(note, key, noteCrypto);
    if (seconds === undefined) return [];
    const time = `${new Date(seconds * 1_000).toISOString().slice(0, 19)}Z`;
    return [{ code: 'witnessed', facts: { witness: key.name, size, time } } as const];
  });
}

function disagreement({ origin, size }: Head, known: Head, source: string): LogProblem {
  if (known.origin === origin && known.size > size)
    return { code: 'log-rolled-back', source, expected: String(known.size), found: String(size) };
  return known.origin === origin
    ? { code: 'log-forked', source, entry: known.size }
    : { code: 'log-foreign', source, expected: origin, found: known.origin };
}
