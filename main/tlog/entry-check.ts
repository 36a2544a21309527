import { readEntry } from './log-entry.ts';
import type { LogFinding, LogProblem } from './log-problem.ts';
import { rootByInclusion } from './proofs.ts';
import type { ReadTlogProof } from './tlog-proof.ts';
import type { TreeHashes } from './tree.ts';

/** Verifies that the entry in a proof is the one at its place in the tree. The signature of the head is another matter. */
export function checkEntry(
  proof: ReadTlogProof,
  hashes: TreeHashes,
  training?: boolean,
): Omit<LogFinding, 'entries'> {
  const { index, extra, head } = proof;
  if (!extra) return { proven: [], unproven: [{ code: 'entry-absent', facts: {} }] };
  const problem = problemOf(extra, proof, hashes, training);
  if (problem) return { proven: [], unproven: [], problem: { entry: index, ...problem } };
  return {
    proven: [{ code: 'in-log', facts: { entry: index, entries: head.size } }],
    unproven: [
      { code: 'who-declared', facts: {} },
      { code: 'times-local', facts: {} },
    ],
  };
}

function problemOf(
  bytes: Uint8Array,
  { index, inclusion: proof, head: { size, root } }: ReadTlogProof,
  hashes: TreeHashes,
  training: boolean | undefined,
): LogProblem | undefined {
  if (rootByInclusion(hashes, { index, size, leaf: hashes.leaf(bytes), proof }) !== root)
    return { code: 'log-altered' };
  const entry = readEntry(new TextDecoder().decode(bytes));
  if (typeof entry === 'string') return { code: 'log-malformed', rule: entry };
  if (entry.sequence !== index) return { code: 'log-altered', found: String(entry.sequence) };
  return training === undefined || entry.training === training
    ? undefined
    : { code: 'log-training-mismatch' };
}
