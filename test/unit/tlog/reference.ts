import { treeHashes } from '../../../main/audit/index.ts';
import type { Hash } from '../../../main/tlog/index.ts';

// RFC 6962 section 2.1, written down as it defines them: recursive, over all leaves.

/** MTH: the root over some leaves. */
export function rootOf(leaves: readonly Hash[]): Hash {
  if (leaves.length === 0) return 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  if (leaves.length === 1) return leaves[0] as Hash;
  const [left, right] = split(leaves);
  return treeHashes.node(rootOf(left), rootOf(right));
}

/** PATH: the inclusion proof of leaf `index`. */
export function pathOf(index: number, leaves: readonly Hash[]): readonly Hash[] {
  if (leaves.length === 1) return [];
  const [left, right] = split(leaves);
  return index < left.length
    ? [...pathOf(index, left), rootOf(right)]
    : [...pathOf(index - left.length, right), rootOf(left)];
}

/** SUBPROOF: with `known`, the consistency proof from the first `count` leaves to all. */
export function subproofOf(count: number, leaves: readonly Hash[], known: boolean): readonly Hash[] {
  if (count === leaves.length) return known ? [] : [rootOf(leaves)];
  const [left, right] = split(leaves);
  return count <= left.length
    ? [...subproofOf(count, left, known), rootOf(right)]
    : [...subproofOf(count - left.length, right, false), rootOf(left)];
}

function split(leaves: readonly Hash[]): [readonly Hash[], readonly Hash[]] {
  let power = 1;
  while (2 * power < leaves.length) power *= 2;
  return [leaves.slice(0, power), leaves.slice(power)];
}
