import { fault, type Fault } from '../../main/faults/index.ts';
import {
  parseCheckpoint,
  parseVerifierKey,
  rootByInclusion,
  verifySignature,
  type LogProblem,
  type TlogProof,
  type VerifierKey,
} from '../../main/tlog/index.ts';
import { noteCrypto, treeHashes } from './crypto.ts';
import { listedEntry, parseEntry } from './entry.ts';
import { judgeHead } from './head-file.ts';
import { ofKind, type Input } from './inputs.ts';
import type { ListedEntry, Report } from './report.ts';
import { pointSentence, problemFault } from './sentences.ts';
import { fill, words } from './words.ts';

/** A key that may have sealed the entry, and where it comes from. */
interface GivenKey {
  readonly source: string;
  readonly key: VerifierKey;
  /** Whether the log itself names the key. */
  readonly isProven: boolean;
}

/** Verifies the proof of one entry with the keys among the inputs. */
export function verifyEntry(
  name: string,
  { extra, index, inclusion, checkpoint: note }: TlogProof,
  inputs: readonly Input[],
): Report {
  const checkpoint = parseCheckpoint(note);
  if (!checkpoint) throw new Error('The proof was parsed with its checkpoint');
  const { origin, size, root } = checkpoint;
  const entry = extra && listed(extra);
  const signer = keysOf(inputs, origin).find(({ key }) => verifySignature(checkpoint.note, key, noteCrypto));
  const leaf = extra && treeHashes.leaf(extra);
  const isIncluded =
    leaf !== undefined && rootByInclusion(treeHashes, { index, size, leaf, proof: inclusion }) === root;
  const wrong: Fault | undefined = !entry
    ? fault('log-malformed', { rule: 'log-entry-form', where: { file: name } })
    : faultIn(
        { isIncluded, isSigned: signer !== undefined, isInPlace: entry.sequence === index },
        index,
        name,
      );
  const compared = [fill(words.compared.entry, { file: name })];
  if (signer) compared.push(fill(words.compared.keyOf, { source: signer.source }));
  return {
    compared,
    proven: wrong ? [] : [pointSentence({ code: 'in-log', facts: { entry: index, entries: size } })],
    unproven: wrong
      ? []
      : [
          ...(signer?.isProven === false ? [pointSentence({ code: 'keys-unproven', facts: {} })] : []),
          pointSentence({ code: 'who-declared', facts: {} }),
          pointSentence({ code: 'times-local', facts: {} }),
        ],
    ...(wrong && { fault: wrong }),
    result: words.intactProof,
    head: { origin, training: undefined, size, root },
    keys: [],
    entries: entry && !wrong ? [entry] : [],
    listed: entry && !wrong ? 1 : 0,
  };
}

function faultIn(
  { isIncluded, isSigned, isInPlace }: Readonly<Record<'isIncluded' | 'isSigned' | 'isInPlace', boolean>>,
  entry: number,
  name: string,
): Fault | undefined {
  const problem: LogProblem['code'] | undefined =
    isIncluded && isInPlace ? (isSigned ? undefined : 'log-signature-invalid') : 'log-altered';
  return problem && problemFault({ code: problem, entry }, name);
}

function keysOf(inputs: readonly Input[], origin: string): readonly GivenKey[] {
  const given = ofKind(inputs, 'key').map(({ name, key }) => ({ source: name, key, isProven: false }));
  const proven = ofKind(inputs, 'head').flatMap(({ name, head }) =>
    judgeHead(head).keys.flatMap(({ key: text }) => {
      const key = parseVerifierKey(text, noteCrypto);
      return key ? [{ source: name, key, isProven: true }] : [];
    }),
  );
  return [...proven, ...given].filter(({ key }) => key.name === origin);
}

function listed(bytes: Uint8Array): ListedEntry | undefined {
  try {
    return listedEntry(parseEntry(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch {
    return undefined; // Not an entry.
  }
}
