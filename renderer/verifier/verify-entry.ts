import {
  checkEntry,
  checkHead,
  verifySignature,
  problemFault,
  type LogProblem,
  type ReadTlogProof,
  type VerifierKey,
} from '../../main/tlog/index.ts';
import { logPorts, noteCrypto, treeHashes } from './crypto.ts';
import { listedEntry } from './entry.ts';
import { ofKind, type Input } from './inputs.ts';
import type { Report } from './report.ts';
import { pointSentence } from './sentences.ts';
import { fill, words } from './words.ts';

/** A key that may have sealed the entry, and where it comes from. */
interface GivenKey {
  readonly source: string;
  readonly key: VerifierKey;
  /** Whether the log itself names the key. */
  readonly isProven: boolean;
}

/** Verifies the proof of one entry with the keys among the inputs. */
export function verifyEntry(name: string, proof: ReadTlogProof, inputs: readonly Input[]): Report {
  const { extra, index, head } = proof;
  const { origin, size, root } = head;
  const { proven, unproven, problem: ofEntry } = checkEntry(proof, treeHashes);
  const signer = keysOf(inputs, origin).find(({ key }) => verifySignature(head.note, key, noteCrypto));
  const problem: LogProblem | undefined =
    ofEntry ?? (signer ? undefined : { code: 'log-signature-invalid', entry: index });
  const compared = [fill(words.compared.entry, { file: name })];
  if (signer) compared.push(fill(words.compared.keyOf, { source: signer.source }));
  const keyPoints = signer?.isProven === false ? [{ code: 'keys-unproven', facts: {} } as const] : [];
  const entries = extra && !problem ? [listedEntry(new TextDecoder().decode(extra))] : [];
  return {
    compared,
    proven: problem ? [] : proven.map(pointSentence),
    unproven: problem ? [] : [...keyPoints, ...unproven].map(pointSentence),
    ...(problem && { fault: problemFault(problem, name) }),
    result: words.intactProof,
    head: { origin, training: undefined, size, root },
    keys: [],
    entries,
    listed: entries.length,
  };
}

function keysOf(inputs: readonly Input[], origin: string): readonly GivenKey[] {
  const given = ofKind(inputs, 'key').map(({ name, key }) => ({ source: name, key, isProven: false }));
  const proven = ofKind(inputs, 'head').flatMap(({ name, read }) => {
    if (typeof read === 'string') return [];
    const found = checkHead(read, { heads: [], witnessKeys: [] }, logPorts);
    return !found || found.problem
      ? []
      : (read.file?.keys ?? []).map(({ key }) => ({ source: name, key, isProven: true }));
  });
  return [...proven, ...given].filter(({ key }) => key.name === origin);
}
