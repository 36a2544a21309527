import {
  checkHead,
  problemFault,
  type ComparedHead,
  type LogPoint,
  type LogProblem,
  type LogRule,
  type ReadHead,
  type VerifierKey,
} from '../../main/tlog/index.ts';
import { logPorts } from './crypto.ts';
import { keyIn } from './entry.ts';
import type { Report } from './report.ts';
import { pointSentence } from './sentences.ts';
import { fill, number, words } from './words.ts';

/** A head file, and what is known from elsewhere. */
export interface HeadFiles {
  readonly name: string;
  readonly read: ReadHead | LogRule;
  readonly heads: readonly ComparedHead[];
  readonly witnessKeys: readonly VerifierKey[];
}

/** Verifies a head file: its keys, its signature, and that it continues the heads that are known. */
export function verifyHead({ name, read, heads, witnessKeys }: HeadFiles): Report {
  const isRead = typeof read !== 'string';
  const found = isRead ? checkHead(read, { heads, witnessKeys }, logPorts) : undefined;
  const bad: LogProblem = isRead ? { code: 'log-signature-invalid' } : { code: 'log-malformed', rule: read };
  const { proven, unproven, problem } = found ?? { proven: [], unproven: [], problem: bad };
  const { head, file } = isRead ? read : {};
  const keys = problem ? [] : (file?.keys ?? []).flatMap(({ entry }) => keyIn(entry) ?? []);
  const signed = fill(words.headProven, { entries: number(head?.size ?? 0), key: keys.at(-1)?.epoch ?? 0 });
  const sentence = (point: LogPoint) => (point.code === 'head-signed' ? signed : pointSentence(point));
  return {
    compared: [
      fill(words.compared.headFile, { file: name }),
      ...heads.map(({ source }) => fill(words.compared.extends, { file: name, source })),
    ],
    proven: problem ? [] : proven.map(sentence),
    unproven: problem ? [] : [...unproven.map(pointSentence), words.headUnproven],
    ...(problem && { fault: problemFault(problem, name) }),
    result: words.intactHead,
    head: { origin: head?.origin, training: file?.training, size: head?.size, root: head?.root },
    keys,
    entries: [],
    listed: 0,
  };
}
