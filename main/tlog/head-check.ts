import type { SignedHead } from './checkpoint.ts';
import type { ReadHead, ReadKey } from './head-file.ts';
import { readKeyFacts } from './log-keys.ts';
import type { LogFinding, LogPoint, LogPorts, LogProblem } from './log-problem.ts';
import { Cosignatures } from './log-witnesses.ts';
import { signatureOf, verifySignature, type VerifierKey } from './note.ts';
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
 *
 * @returns undefined if there is nothing to verify the head with: no key of the log, and no head or witness that knows it
 */
export function checkHead(
  read: ReadHead,
  { heads, witnessKeys }: HeadEvidence,
  ports: LogPorts,
): LogFinding | undefined {
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
  const others = keysOf(heads, head, ports);
  const signed = isSigned(head, file ? file.keys.slice(-1) : others, ports);
  if (signed === false) return finding({ code: 'log-signature-invalid' });
  if (signed) proven.push({ code: 'head-signed', facts: { size: head.size } });
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
  if (signed === undefined && !isHeld) return undefined;
  if (signed === undefined) unproven.push({ code: 'signature-unchecked', facts: {} });
  else if (isSigned(head, others, ports) !== true && !isKeyTrusted())
    unproven.push({ code: 'keys-unproven', facts: {} });
  if (!isHeld) unproven.push({ code: 'no-head-known', facts: {} });
  return finding();

  /** Whether one of the file's keys signed a head that is trusted: anyone can make a key that continues a known tree. */
  function isKeyTrusted(): boolean {
    if (!file) return isHeld;
    const cosigned = new Set(witnesses.seen.map(({ facts }) => facts['size']));
    const ofWitness = [head, ...(earlier ? [earlier] : [])].filter(({ size }) => cosigned.has(size));
    const trusted = [...heads.map((known) => known.head), ...ofWitness];
    return trusted.some((one) => isSigned(one, file.keys, ports) === true);
  }
}

/**
 * The keys by which other head files say that this head is signed. Keys follow each other, one a day: a head from
 * elsewhere can come from before the key that signed this one. A file counts only if its own keys hold.
 */
function keysOf(heads: readonly ComparedHead[], head: SignedHead, ports: LogPorts): readonly ReadKey[] {
  return heads
    .filter(({ head: of, keys }) => {
      const isBroken = keys.some((key, at) => keyProblem(key, keys[at - 1]?.key, of, ports));
      return !isBroken && isSigned(of, keys.slice(-1), ports) === true;
    })
    .flatMap(({ keys }) => keys)
    .filter(({ key }) => key.name === head.origin && signatureOf(head.note, key, ports.crypto) !== undefined);
}

/** Whether one of these keys signed the head. Undefined without a key. */
function isSigned({ note }: SignedHead, keys: readonly ReadKey[], { crypto }: LogPorts): boolean | undefined {
  return keys.length === 0 ? undefined : keys.some(({ key }) => verifySignature(note, key, crypto));
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
