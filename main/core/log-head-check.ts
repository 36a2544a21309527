import { noteCrypto, treeHashes, type ReadHead, type ReadKey, type SignedHead } from '../audit/index.ts';
import {
  Cosignatures,
  readKeyFacts,
  rootByInclusion,
  signatureOf,
  verifyConsistency,
  verifySignature,
  type LogFinding,
  type LogPoint,
  type LogProblem,
  type VerifierKey,
} from '../tlog/index.ts';

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
 *
 * @returns undefined if there is nothing to verify the head with: no key of the log, and no head or witness that knows it
 */
export function checkHead(read: ReadHead, { heads, witnessKeys }: HeadEvidence): LogFinding | undefined {
  const { head, file, earlier } = read;
  const proven: LogPoint[] = [];
  const unproven: LogPoint[] = [];
  const finding = (problem?: LogProblem): LogFinding => ({
    entries: head.size,
    proven,
    unproven: [...unproven, ...witnesses.unknown],
    ...(problem && { problem }),
  });
  const witnesses = new Cosignatures(noteCrypto, witnessKeys);
  const inChain = checkChain(file?.keys ?? [], head, unproven);
  if (inChain) return finding(inChain);
  // Keys follow each other, one a day: a head from elsewhere can come from before the key that signed this one.
  const others = heads
    .filter((one) => !checkChain(one.keys, one.head, []) && checkSignature(one.head, one.keys.slice(-1)))
    .flatMap(({ keys }) => keys)
    .filter(({ key }) => key.name === head.origin && signatureOf(head.note, key, noteCrypto) !== undefined);
  const signed = checkSignature(head, file ? file.keys.slice(-1) : others);
  if (signed === false) return finding({ code: 'log-signature-invalid' });
  if (signed) proven.push({ code: 'head-signed', facts: { size: head.size } });
  for (const { source, head: known } of heads) {
    const problem = compare(read, known, source, proven, unproven);
    if (problem) return finding(problem);
  }
  if (earlier) {
    const problem = compare(read, earlier, undefined, proven, unproven);
    if (problem) return finding(problem);
  }
  if (!witnesses.take(head) || (earlier && !witnesses.take(earlier)))
    return finding({ code: 'log-signature-invalid' });
  proven.push(...witnesses.seen);
  const isHeld = proven.some(({ code }) => code === 'head-held' || code === 'witnessed');
  if (signed === undefined && !isHeld) return undefined;
  // Anyone can make a key, and continue a known tree with an entry that names it.
  const seen = new Set(witnesses.seen.map(({ facts }) => facts['size']));
  const trusted = [
    ...heads.map((known) => known.head),
    ...[head, ...(earlier ? [earlier] : [])].filter(({ size }) => seen.has(size)),
  ];
  const ofFile = file?.keys.some(({ key }) =>
    trusted.some(({ note }) => verifySignature(note, key, noteCrypto)),
  );
  const isKeyKnown = checkSignature(head, others) === true || (ofFile ?? isHeld);
  if (signed === undefined) unproven.push({ code: 'signature-unchecked', facts: {} });
  else if (!isKeyKnown) unproven.push({ code: 'keys-unproven', facts: {} });
  if (!isHeld) unproven.push({ code: 'no-head-known', facts: {} });
  return finding();
}

/** Whether one of these keys signed the head. Undefined if none of them says that it did. */
function checkSignature({ note }: SignedHead, keys: readonly ReadKey[]): boolean | undefined {
  if (keys.length === 0) return undefined;
  return keys.some(({ key }) => verifySignature(note, key, noteCrypto));
}

/** Follows the keys of a head file. The first is taken as the file gives it. */
function checkChain(
  keys: readonly ReadKey[],
  head: SignedHead,
  unproven: LogPoint[],
): LogProblem | undefined {
  for (const [at, { index, entry, inclusion, handoverHead }] of keys.entries()) {
    const before = keys[at - 1];
    const { size, root } = handoverHead ?? head;
    const leaf = treeHashes.leaf(entry);
    if (rootByInclusion(treeHashes, { index, size, leaf, proof: inclusion }) !== root)
      return { code: 'log-altered', entry: index };
    if (!before) continue;
    if (handoverHead && !verifySignature(handoverHead.note, before.key, noteCrypto))
      return { code: 'log-signature-invalid', entry: index };
    if (handoverHead) continue;
    if (readKeyFacts(entry)?.reason !== 'lost') return { code: 'log-resealed', entry: index };
    unproven.push({ code: 'key-lost', facts: { count: 1, entry: index } });
  }
  return undefined;
}

/** Compares the head with one that is known from elsewhere, or with the earlier one that its own file brings. */
function compare(
  { head, file }: ReadHead,
  known: SignedHead,
  source: string | undefined,
  proven: LogPoint[],
  unproven: LogPoint[],
): LogProblem | undefined {
  const from = { ...(source !== undefined && { source }) };
  if (known.origin !== head.origin)
    return { code: 'log-foreign', ...from, expected: head.origin, found: known.origin };
  if (known.size > head.size)
    return { code: 'log-rolled-back', ...from, expected: String(known.size), found: String(head.size) };
  const proof = known.size === file?.consistency?.from ? file.consistency.proof : undefined;
  if (known.size !== head.size && !proof) {
    if (source !== undefined)
      unproven.push({ code: 'head-not-comparable', facts: { source, size: known.size } });
    return undefined;
  }
  if (!verifyConsistency(treeHashes, known, head, known.size === head.size ? [] : (proof ?? [])))
    return { code: 'log-forked', ...from, entry: known.size };
  if (source !== undefined) proven.push({ code: 'head-held', facts: { source, size: known.size } });
  else proven.push({ code: 'extends', facts: { size: known.size, entries: head.size } });
  return undefined;
}
