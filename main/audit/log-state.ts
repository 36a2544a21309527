import { DamagedLog, type LogHead, type Store } from '../store/index.ts';
import {
  CompactRange,
  parseCheckpoint,
  parseVerifierKey,
  verifySignature,
  type Checkpoint,
} from '../tlog/index.ts';
import { noteCrypto, treeHashes } from './hashes.ts';

/**
 * The tree of a state. Throws `DamagedLog` unless the key of the log signed it: the next checkpoint would seal for good
 * what someone else wrote. Entries that are as sealed make a damaged tree again.
 */
export function treeOf(store: Store, head: LogHead): CompactRange {
  const stored = CompactRange.restore(treeHashes, head.size, head.subtrees.split(' '));
  const sealed = sealedBy(head);
  const isWhole = sealed && store.log.end() === sealed.size;
  const range = isWhole && (isTree(stored, sealed) ? stored : treeOver(store, sealed.size));
  if (!range || !isTree(range, sealed)) throw new DamagedLog();
  return range;
}

function treeOver(store: Store, size: number): CompactRange {
  const range = new CompactRange(treeHashes);
  for (const { entry } of store.log.read(0, size)) range.append(treeHashes.leaf(entry));
  return range;
}

/** Whether two states are the same in everything. */
export function isSame(one: LogHead, other: LogHead): boolean {
  return (Object.keys(one) as (keyof LogHead)[]).every((member) => one[member] === other[member]);
}

/** The checkpoint of a state, if the key that it names signed it. */
function sealedBy({ checkpoint, origin, key }: LogHead): Checkpoint | undefined {
  const signed = parseCheckpoint(checkpoint);
  const verifier = parseVerifierKey(key, noteCrypto);
  const isSigned =
    signed?.origin === origin &&
    verifier?.name === origin &&
    verifySignature(signed.note, verifier, noteCrypto);
  return isSigned ? signed : undefined;
}

function isTree(range: CompactRange | undefined, { size, root }: Checkpoint): range is CompactRange {
  return range?.size === size && range.root() === root;
}
