import { ok, refuse, type Result } from '../faults/index.ts';
import type { WitnessedRecord } from '../store/index.ts';
import {
  keyProblem,
  parseVerifierKey,
  verifyConsistency,
  verifySignature,
  type ReadHead,
  type ReadKey,
  type SignedHead,
  type VerifierKey,
} from '../tlog/index.ts';
import { logPorts, noteCrypto, treeHashes } from './hashes.ts';

/** What a witness knows before it reads a head. */
export interface WitnessMemory {
  readonly training: boolean;
  /** The newest head of this log that it has seen. */
  readonly seen: WitnessedRecord | undefined;
  /** The log's key that the user has compared, as text. */
  readonly trustedKey?: string;
}

/** Why a witness does not cosign a head. */
export type HeadFaultCode =
  | 'log-training-mismatch'
  | 'log-malformed'
  | 'log-altered'
  | 'log-signature-invalid'
  | 'log-rolled-back'
  | 'log-forked'
  | 'head-unproven'
  | 'head-key-unknown';

/** A head that a witness may cosign: it continues everything that the witness has seen of this log. */
export interface JudgedHead {
  /** The key that signed it. */
  readonly key: VerifierKey;
  /** The same as text. */
  readonly keyText: string;
  /** Nothing but the file says that the key is the log's: the first head of this log, or a key that was compared. */
  readonly isKeyTaken: boolean;
}

/**
 * Judges a head as a witness. The head must be signed by the key that the witness saw last, or by one that its keys have
 * signed in one after the other, and must continue the newest head that the witness has seen.
 *
 * The first head of a log has nothing to continue. Its key is then taken as the file gives it.
 */
export function judgeHead(read: ReadHead, memory: WitnessMemory): Result<JudgedHead, HeadFaultCode> {
  const { head, file } = read;
  const { seen, training } = memory;
  if (file && file.training !== training)
    return refuse('log-training-mismatch', { found: file.training ? 'training' : 'real' });
  if (seen && head.size < seen.size)
    return refuse('log-rolled-back', {
      rule: 'head-older',
      expected: String(seen.size),
      found: String(head.size),
    });
  // A note alone proves nothing but that a known key signed it.
  const isSame = seen?.size === head.size;
  if (!file && !isSame) return unproven(seen);
  const judged = keyOf(read, memory);
  if (!judged.ok) return judged;
  if (!verifySignature(head.note, judged.value.key, noteCrypto)) return refuse('log-signature-invalid');
  if (!seen) return judged;
  const proof = isSame ? [] : file?.consistency?.from === seen.size ? file.consistency.proof : undefined;
  if (!proof) return unproven(seen);
  const isContinued = verifyConsistency(treeHashes, seen, head, proof);
  return isContinued ? judged : refuse('log-forked', { where: { entry: seen.size } });
}

function unproven(seen: WitnessedRecord | undefined) {
  const expected = seen && { rule: 'head-continues' as const, expected: String(seen.size) };
  return refuse('head-unproven', expected ?? { rule: 'head-file' });
}

/** The key that must have signed the head. */
function keyOf(read: ReadHead, { seen, trustedKey }: WitnessMemory): Result<JudgedHead, HeadFaultCode> {
  const { head, file } = read;
  const last = file?.keys.at(-1);
  if (!file || !last) return seen ? ok(seenKey(seen)) : unproven(seen);
  if (trustedKey !== undefined && trustedKey !== last.text) return keyUnknown(last);
  if (seen && trustedKey === undefined) return chainedKey(read, file.keys, seen);
  return follow(last, undefined, head, { isKeyTaken: true });
}

function seenKey({ key: keyText }: WitnessedRecord): JudgedHead {
  const key = parseVerifierKey(keyText, noteCrypto);
  if (!key) throw new Error('The key of a witnessed head is malformed');
  return { key, keyText, isKeyTaken: false };
}

/** The last key, if each key after the one that was seen is signed in by the one before it. */
function chainedKey(
  { head, file }: ReadHead,
  keys: readonly ReadKey[],
  seen: WitnessedRecord,
): Result<JudgedHead, HeadFaultCode> {
  const at = keys.findIndex(({ text }) => text === seen.key);
  const [last] = keys.slice(-1);
  if (at < 0) return last && file?.consistency?.from === seen.size ? keyUnknown(last) : unproven(seen);
  let judged: Result<JudgedHead, HeadFaultCode> = ok(seenKey(seen));
  for (const next of keys.slice(at + 1)) {
    if (!judged.ok) return judged;
    if (!next.handoverHead) return keyUnknown(next);
    judged = follow(next, judged.value.key, head, { isKeyTaken: false });
  }
  return judged;
}

/** A key, if it follows from the one before it. */
function follow(
  next: ReadKey,
  before: VerifierKey | undefined,
  head: SignedHead,
  { isKeyTaken }: Pick<JudgedHead, 'isKeyTaken'>,
): Result<JudgedHead, HeadFaultCode> {
  const { key, text: keyText, index } = next;
  const problem = keyProblem(next, before, head, logPorts);
  if (!problem) return ok({ key, keyText, isKeyTaken });
  return problem.code === 'log-signature-invalid'
    ? refuse('log-signature-invalid')
    : refuse('log-altered', { where: { entry: index } });
}

function keyUnknown({ text }: ReadKey) {
  return refuse('head-key-unknown', { found: text });
}
