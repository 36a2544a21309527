/** A SHA-256 hash in lower-case hex: fast to make, and compared with `===`. */
export type Hash = string;

/** Whether a text is a hash in its one form. */
export function isHash(text: unknown): text is Hash {
  return typeof text === 'string' && /^[0-9a-f]{64}$/.test(text);
}

/** The two hashes of RFC 6962 section 2.1. */
export interface TreeHashes {
  /** SHA-256 of 0x00 and the entry; a text counts as UTF-8. */
  leaf(entry: string | Uint8Array): Hash;
  /** SHA-256 of 0x01 and both children. */
  node(left: Hash, right: Hash): Hash;
}

/** The root of a tree without entries: SHA-256 of nothing (RFC 6962 section 2.1). */
export const emptyRoot: Hash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** A perfect subtree: 2^level leaves. */
interface Subtree {
  readonly level: number;
  readonly hash: Hash;
}

/** Receives each perfect subtree of 2^level leaves, the last of them before the index `end`. */
export type SubtreeListener = (level: number, end: number, hash: Hash) => void;

/**
 * The tree over the first `size` leaves, kept as the roots of its perfect subtrees: at most 53 hashes, whatever the
 * size. Leaves are added at the end. A perfect subtree can be added whole where it fits.
 */
export class CompactRange {
  readonly #hashes: TreeHashes;
  readonly #onSubtree: SubtreeListener | undefined;
  readonly #subtrees: Subtree[] = [];
  #size = 0;

  /** `onSubtree` hears of each perfect subtree, in the order in which they become complete. */
  constructor(hashes: TreeHashes, onSubtree?: SubtreeListener) {
    this.#hashes = hashes;
    this.#onSubtree = onSubtree;
  }

  /** The range that had this size and these subtrees, or undefined if they do not fit together. */
  static restore(hashes: TreeHashes, size: number, subtrees: readonly Hash[]): CompactRange | undefined {
    if (!isCount(size) || !subtrees.every(isHash)) return undefined;
    const range = new CompactRange(hashes);
    const levels = splitAt(0, size);
    if (levels.length !== subtrees.length) return undefined;
    levels.forEach((level, at) => range.#subtrees.push({ level, hash: subtrees[at] as Hash }));
    range.#size = size;
    return range;
  }

  get size(): number {
    return this.#size;
  }

  /** The roots of the perfect subtrees, the largest first. `restore` takes them. */
  get subtrees(): readonly Hash[] {
    return this.#subtrees.map(({ hash }) => hash);
  }

  append(leaf: Hash): void {
    this.#add(0, leaf);
  }

  /** Adds 2^level leaves by the root of their perfect subtree. False if it does not fit at the end of this range. */
  appendSubtree(level: number, hash: Hash): boolean {
    if (
      !isCount(level) ||
      !isCount(this.#size + 2 ** level) ||
      this.#size % 2 ** level !== 0 ||
      !isHash(hash)
    )
      return false;
    this.#add(level, hash);
    return true;
  }

  /** The root of RFC 6962 section 2.1. */
  root(): Hash {
    let root: Hash | undefined;
    for (const { hash } of this.#subtrees.toReversed())
      root = root === undefined ? hash : this.#hashes.node(hash, root);
    return root ?? emptyRoot;
  }

  #add(level: number, hash: Hash): void {
    this.#size += 2 ** level;
    let top = level;
    let root = hash;
    this.#onSubtree?.(top, this.#size, root);
    for (let last = this.#subtrees.at(-1); last?.level === top; last = this.#subtrees.at(-1)) {
      this.#subtrees.pop();
      root = this.#hashes.node(last.hash, root);
      top++;
      this.#onSubtree?.(top, this.#size, root);
    }
    this.#subtrees.push({ level: top, hash: root });
  }
}

/**
 * The levels of the perfect subtrees that fill the leaves from `from` to before `to`, from left to right: at most 104.
 * Throws unless both are whole numbers, in order and below 2^53.
 */
export function splitAt(from: number, to: number): readonly number[] {
  if (!isCount(from) || !isCount(to) || from > to) throw new RangeError(`No leaves from ${from} to ${to}`);
  const levels: number[] = [];
  for (let at = from; at < to;) {
    let level = 0;
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= to) level++;
    levels.push(level);
    at += 2 ** level;
  }
  return levels;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
