import { CompactRange, emptyRoot, isHash, splitAt, type Hash, type TreeHashes } from './tree.ts';

/** The hashes of an inclusion or a consistency proof, in the order of RFC 6962 sections 2.1.1 and 2.1.2. */
export type Proof = readonly Hash[];

/** Leaves from `from` to before `to`. */
export interface LeafRange {
  readonly from: number;
  readonly to: number;
}

/** A tree by its size and root. */
export interface TreeHead {
  readonly size: number;
  readonly root: Hash;
}

/**
 * The root of the tree of this size that has this leaf at this index, as the proof computes it (RFC 9162 section
 * 2.1.3.2). Undefined if the proof has not exactly the hashes that index and size ask for.
 */
export function rootByInclusion(
  hashes: TreeHashes,
  {
    index,
    size,
    leaf,
    proof,
  }: { readonly index: number; readonly size: number; readonly leaf: Hash; readonly proof: Proof },
): Hash | undefined {
  if (!isSize(size) || !isSize(index) || index >= size || !isHash(leaf) || !proof.every(isHash))
    return undefined;
  let first = index;
  let last = size - 1;
  let root = leaf;
  for (const hash of proof) {
    if (last === 0) return undefined;
    if (isOdd(first) || first === last) {
      root = hashes.node(hash, root);
      for (; !isOdd(first) && first !== 0; first /= 2) last = half(last);
    } else root = hashes.node(root, hash);
    first = half(first);
    last = half(last);
  }
  return last === 0 ? root : undefined;
}

/** Whether the tree `to` begins with the tree `from` (RFC 9162 section 2.1.4.2). Every tree begins with the empty one. */
export function verifyConsistency(hashes: TreeHashes, from: TreeHead, to: TreeHead, proof: Proof): boolean {
  if (!isSize(from.size) || !isSize(to.size) || from.size > to.size) return false;
  if (!isHash(from.root) || !isHash(to.root) || !proof.every(isHash)) return false;
  if ((from.size === 0 && from.root !== emptyRoot) || (to.size === 0 && to.root !== emptyRoot)) return false;
  if (from.size === to.size) return proof.length === 0 && from.root === to.root;
  if (from.size === 0) return proof.length === 0;
  let first = from.size - 1;
  let last = to.size - 1;
  for (; isOdd(first); first = half(first)) last = half(last);
  // A first tree that is perfect is a subtree of the second, and its root begins the proof.
  const [start, ...rest] = first === 0 ? [from.root, ...proof] : proof;
  if (start === undefined) return false;
  let firstRoot = start;
  let lastRoot = start;
  for (const hash of rest) {
    if (last === 0) return false;
    if (isOdd(first) || first === last) {
      firstRoot = hashes.node(hash, firstRoot);
      lastRoot = hashes.node(hash, lastRoot);
      for (; !isOdd(first) && first !== 0; first /= 2) last = half(last);
    } else lastRoot = hashes.node(lastRoot, hash);
    first = half(first);
    last = half(last);
  }
  return last === 0 && firstRoot === from.root && lastRoot === to.root;
}

/** The parts of a tree whose roots prove that it holds the leaf `index`: PATH of RFC 6962 section 2.1.1. */
export function inclusionPath(index: number, size: number): readonly LeafRange[] {
  if (!isSize(size) || !isSize(index) || index >= size)
    throw new RangeError(`No leaf ${index} in a tree of ${size}`);
  const path: LeafRange[] = [];
  for (let from = 0, to = size; to - from > 1;) {
    const middle = from + largestPower(to - from);
    path.push(index < middle ? { from: middle, to } : { from, to: middle });
    if (index < middle) to = middle;
    else from = middle;
  }
  return path.reverse();
}

/** The parts of a tree whose roots prove that it begins with its first `first` leaves: PROOF of RFC 6962 section 2.1.2. */
export function consistencyPath(first: number, size: number): readonly LeafRange[] {
  if (!isSize(size) || !isSize(first) || first > size)
    throw new RangeError(`No tree of ${first} in a tree of ${size}`);
  if (first === 0 || first === size) return [];
  const path: LeafRange[] = [];
  let from = 0;
  let to = size;
  while (first !== to) {
    const middle = from + largestPower(to - from);
    path.push(first <= middle ? { from: middle, to } : { from, to: middle });
    if (first <= middle) to = middle;
    else from = middle;
  }
  // The verifier knows the root of the first tree, but of no other part.
  if (from > 0) path.push({ from, to });
  return path.reverse();
}

/** A perfect subtree that a proof needs. */
interface WantedSubtree {
  readonly level: number;
  /** The index after its last leaf. */
  readonly end: number;
  hash: Hash | undefined;
}

/**
 * Makes any number of proofs while the leaves go by once, and hashes each node once. Holds about 100 hashes for each proof,
 * whatever the size of the tree.
 */
export class ProofMaker {
  readonly #hashes: TreeHashes;
  readonly #tree: CompactRange;
  readonly #paths: readonly (readonly (readonly WantedSubtree[])[])[];
  /** In the order in which they become complete. */
  readonly #wanted: readonly WantedSubtree[];
  #next = 0;

  /** Each path becomes a proof: `inclusionPath`, `consistencyPath`. */
  constructor(hashes: TreeHashes, paths: readonly (readonly LeafRange[])[]) {
    const wanted = new Map<string, WantedSubtree>();
    this.#hashes = hashes;
    this.#paths = paths.map((path) => path.map(({ from, to }) => subtreesOf(from, to, wanted)));
    this.#wanted = [...wanted.values()].sort((a, b) => a.end - b.end || a.level - b.level);
    this.#tree = new CompactRange(hashes, (level, end, hash) => this.#offer(level, end, hash));
  }

  /** The tree over the leaves so far. */
  get tree(): CompactRange {
    return this.#tree;
  }

  /** The next leaf. */
  append(leaf: Hash): void {
    this.#tree.append(leaf);
  }

  /** The proofs, in the order of their paths. Throws if they need more leaves than there were. */
  proofs(): readonly Proof[] {
    return this.#paths.map((path) => path.map((subtrees) => this.#rootOf(subtrees)));
  }

  #offer(level: number, end: number, hash: Hash): void {
    const next = this.#wanted[this.#next];
    if (next?.level !== level || next.end !== end) return;
    next.hash = hash;
    this.#next++;
  }

  #rootOf(subtrees: readonly WantedSubtree[]): Hash {
    return subtrees
      .map(({ hash }) => {
        if (hash === undefined) throw new RangeError('A proof needs leaves that are missing');
        return hash;
      })
      .reduceRight((right, left) => this.#hashes.node(left, right));
  }
}

/** The perfect subtrees that fill the leaves from `from` to before `to`, each only once in `wanted`. */
function subtreesOf(from: number, to: number, wanted: Map<string, WantedSubtree>): readonly WantedSubtree[] {
  let end = from;
  return splitAt(from, to).map((level) => {
    end += 2 ** level;
    const key = `${level} ${end}`;
    const subtree = wanted.get(key) ?? { level, end, hash: undefined };
    wanted.set(key, subtree);
    return subtree;
  });
}

/** The largest power of two that is smaller than `count`. */
function largestPower(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

// Sizes reach 2^53, beyond what bit operators hold.
function isOdd(value: number): boolean {
  return value % 2 === 1;
}

function half(value: number): number {
  return Math.floor(value / 2);
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
