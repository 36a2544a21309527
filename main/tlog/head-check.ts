import type { SignedHead } from './checkpoint.ts';
import type { ReadHead, ReadKey } from './head-file.ts';
import { readKeyFacts } from './log-keys.ts';
import type { LogFinding, LogPoint, LogPorts, LogProblem } from './log-problem.ts';
import { Cosignatures } from './log-witnesses.ts';
import { verifySignature, type VerifierKey } from './note.ts';
import { rootByInclusion, verifyConsistency } from './proofs.ts';

/** A head to compare with. */
export interface ComparedHead {
  readonly source: string;
  readonly head: SignedHead;
  /** The keys of the log, if the head came in a file that has them. */
  readonly keys: readonly ReadKey[];
}

/** What a head is verified with. */
export interface HeadEvidence {
  readonly heads: readonly ComparedHead[];
  readonly witnessKeys: readonly VerifierKey[];
}

/**
 * Verifies a head without its log: the keys that its file gives, one after the other, or else keys from other files; the
 * signature; and heads that are known from elsewhere, as far as the file proves that it continues them.
 */
export function checkHead(read: ReadHead, { heads, witnessKeys }: HeadEvidence, ports: LogPorts): LogFinding {
  const { head, file, earlier } = read;
  const proven: LogPoint[] = [];
  const unproven: LogPoint[] = [];
  const finding = (problem?: LogProblem): LogFinding => ({
    entries: head.size,
    proven,
    unproven: [...unproven, ...witnesses.unknown],
    ...(problem && { problem }),
  });
  const witnesses = new Cosignatures(ports.crypto, witnessKeys);
  for (const [at, key] of file?.keys.entries() ?? []) {
    const before = file?.keys[at - 1];
    const problem = keyProblem(key, before?.key, head, ports);
    if (problem) return finding(problem);
    if (before && !key.handoverHead)
      unproven.push({ code: 'key-lost', facts: { count: 1, entry: key.index } });
  }
  const others = heads.filter(({ head: { origin } }) => origin === head.origin).flatMap(({ keys }) => keys);
  const signers = file ? file.keys.slice(-1) : others;
  const isSigned = signers.some(({ key }) => verifySignature(head.note, key, ports.crypto));
  if (isSigned) proven.push({ code: 'head-signed', facts: { size: head.size } });
  else if (signers.length > 0) return finding({ code: 'log-signature-invalid' });
  for (const { source, head: known } of [
    ...heads,
    ...(earlier ? [{ head: earlier, source: undefined }] : []),
  ]) {
    const found = compare(read, known, source, ports);
    if ('facts' in found) (found.code === 'head-not-comparable' ? unproven : proven).push(found);
    else return finding(found);
  }
  if (!witnesses.take(head) || (earlier && !witnesses.take(earlier)))
    return finding({ code: 'log-signature-invalid' });
  proven.push(...witnesses.seen);
  const isHeld = proven.some(({ code }) => code === 'head-held' || code === 'witnessed');
  if (!isSigned) unproven.push({ code: 'signature-unchecked', facts: {} });
  else if (!isHeld) unproven.push({ code: 'keys-unproven', facts: {} });
  if (!isHeld) unproven.push({ code: 'no-head-known', facts: {} });
  return finding();
}

/**
 * Why a key of a head file does not follow from the one before it: it is not in the log, or that key has not signed it
 * in. Nothing comes before the first key, which is taken as the file gives it.
 */
export function keyProblem(
  { index, entry, inclusion, handoverHead }: ReadKey,
  before: VerifierKey | undefined,
  head: SignedHead,
  { hashes, crypto }: LogPorts,
): LogProblem | undefined {
  const { size, root } = handoverHead ?? head;
  const leaf = hashes.leaf(entry);
  if (rootByInclusion(hashes, { index, size, leaf, proof: inclusion }) !== root)
    return { code: 'log-altered', entry: index };
  if (!before) return undefined;
  if (handoverHead)
    return verifySignature(handoverHead.note, before, crypto)
      ? undefined
      : { code: 'log-signature-invalid', entry: index };
  return readKeyFacts(entry)?.reason === 'lost' ? undefined : { code: 'log-resealed', entry: index };
}

/** Compares the head with one that is known from elsewhere, or with the earlier one that its own file brings. */
function compare(
  { head, file }: ReadHead,
  known: SignedHead,
  source: string | undefined,
  { hashes }: LogPorts,
): LogPoint | LogProblem {
  const from = { ...(source !== undefined && { source }) };
  if (known.origin !== head.origin)
    return { code: 'log-foreign', ...from, expected: head.origin, found: known.origin };
  if (known.size > head.size)
    return { code: 'log-rolled-back', ...from, expected: String(known.size), found: String(head.size) };
  const { size } = known;
  const proof =
    size === head.size ? [] : size === file?.consistency?.from ? file.consistency.proof : undefined;
  if (!proof) return { code: 'head-not-comparable', facts: { ...from, size } };
  if (!verifyConsistency(hashes, known, head, proof)) return { code: 'log-forked', ...from, entry: size };
  return source === undefined
    ? { code: 'extends', facts: { size, entries: head.size } }
    : { code: 'head-held', facts: { source, size } };
}
