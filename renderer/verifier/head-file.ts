// The file of a head, `siteseal-log-head/1`: a checkpoint, and the keys that lead to it.
import {
  fromBase64,
  parseCheckpoint,
  parseVerifierKey,
  readEntry,
  rootByInclusion,
  toHex,
  verifyConsistency,
  verifySignature,
  type Checkpoint,
  type Hash,
  type LogProblem,
  type Note,
} from '../../main/tlog/index.ts';
import { noteCrypto, treeHashes } from './crypto.ts';
import { keyIn } from './entry.ts';
import type { LogKey } from './report.ts';

export type Head = Checkpoint & { readonly note: Note };

/** A key of the log, with what proves it. */
interface HeadKey {
  readonly index: number;
  readonly entry: string;
  readonly inclusion: readonly Hash[];
  /** Signed by the key before. Absent for the first key, and for one that follows a lost key. */
  readonly handover?: Head;
}

/** The file as parsed. Nothing of it is verified yet. */
export interface HeadFile {
  readonly training: boolean;
  /** The signed note. */
  readonly text: string;
  readonly checkpoint: Head;
  /** Leads from an earlier head: the one that the office saw last. */
  readonly consistency?: {
    readonly from: number;
    readonly proof: readonly Hash[];
    /** The earlier head, with the signature of its witness. */
    readonly earlier?: Head;
  };
  /** The key that counted at the earlier head, or else the log's first, and all later ones. */
  readonly keys: readonly HeadKey[];
}

type Members = Readonly<Record<string, unknown>>;

export function parseHeadFile(text: string): HeadFile | undefined {
  try {
    return readHeadFile(JSON.parse(text) as Members);
  } catch {
    return undefined; // Not JSON, or not the members of a head.
  }
}

function readHeadFile({
  format,
  training,
  checkpoint: note,
  consistency,
  keys,
}: Members): HeadFile | undefined {
  if (format !== 'siteseal-log-head/1' || typeof training !== 'boolean') return undefined;
  if (typeof note !== 'string' || !Array.isArray(keys) || keys.length === 0) return undefined;
  const checkpoint = parseCheckpoint(note);
  const read = (keys as readonly Members[]).map(readKey);
  const continued = consistency === undefined ? undefined : readConsistency(consistency as Members);
  if (!checkpoint || !read.every((key) => key !== undefined)) return undefined;
  if (consistency !== undefined && !continued) return undefined;
  return { training, text: note, checkpoint, ...(continued && { consistency: continued }), keys: read };
}

function readConsistency({ from, proof, checkpoint: note }: Members): HeadFile['consistency'] {
  const hashes = readHashes(proof);
  const earlier = typeof note === 'string' ? parseCheckpoint(note) : undefined;
  if (typeof from !== 'number' || !hashes) return undefined;
  if (note !== undefined && earlier?.size !== from) return undefined;
  return { from, proof: hashes, ...(earlier && { earlier }) };
}

function readKey({ index, entry, inclusion, handover }: Members): HeadKey | undefined {
  const hashes = readHashes(inclusion);
  const head = typeof handover === 'string' ? parseCheckpoint(handover) : undefined;
  if (typeof index !== 'number' || typeof entry !== 'string' || !hashes) return undefined;
  if (handover !== undefined && !head) return undefined;
  return { index, entry, inclusion: hashes, ...(head && { handover: head }) };
}

function readHashes(values: unknown): readonly Hash[] | undefined {
  if (!Array.isArray(values)) return undefined;
  const hashes = values.map((value) => (typeof value === 'string' ? fromBase64(value) : undefined));
  return hashes.every((hash) => hash?.length === 32)
    ? hashes.map((hash) => toHex(hash as Uint8Array))
    : undefined;
}

/** What a head proves. */
export interface JudgedHead {
  /** The keys that are proven to be the log's, in their order. */
  readonly keys: readonly LogKey[];
  readonly problem?: LogProblem;
}

/** Follows the keys from the first that is given to the one that signed the checkpoint. */
export function judgeHead({ checkpoint, training, keys }: HeadFile): JudgedHead {
  const known: LogKey[] = [];
  const at = (problem: LogProblem): JudgedHead => ({ keys: known, problem });
  for (const { index, entry, inclusion, handover } of keys) {
    const read = readEntry(entry);
    const key = keyIn(entry);
    const before = known.at(-1);
    const tree = handover ?? checkpoint;
    if (typeof read === 'string') return at({ code: 'log-malformed', rule: read, entry: index });
    if (read.training !== training) return at({ code: 'log-training-mismatch', entry: index });
    if (key?.entry !== index || (before && key.epoch !== before.epoch + 1))
      return at({ code: 'log-malformed', rule: 'log-entry-key', entry: index });
    if (tree.origin !== checkpoint.origin)
      return at({ code: 'log-foreign', expected: checkpoint.origin, found: tree.origin });
    const leaf = treeHashes.leaf(entry);
    if (rootByInclusion(treeHashes, { index, size: tree.size, leaf, proof: inclusion }) !== tree.root)
      return at({ code: 'log-altered', entry: index });
    // A key signs its successor in, unless its file was lost.
    if (before && (key.reason === 'rotated') !== (handover !== undefined))
      return at({ code: 'log-resealed', entry: index });
    if (before && handover && (handover.size !== index + 1 || !isSignedBy(handover, before)))
      return at({ code: 'log-signature-invalid', entry: index });
    known.push(key);
  }
  return isSignedBy(checkpoint, known.at(-1)) ? { keys: known } : at({ code: 'log-signature-invalid' });
}

/** Whether a head extends another one of its log, or has the same entries. Undefined if nothing here shows it. */
export function extendsHead({ checkpoint, consistency }: HeadFile, known: Head): boolean | undefined {
  if (known.size > checkpoint.size) return false;
  if (known.size === checkpoint.size) return known.root === checkpoint.root;
  if (known.size !== consistency?.from) return undefined;
  return verifyConsistency(treeHashes, known, checkpoint, consistency.proof);
}

/** Whether this key signed a head. */
export function isSignedBy(head: Head, key: LogKey | undefined): boolean {
  const verifier = key && parseVerifierKey(key.key, noteCrypto);
  return verifier?.name === head.origin && verifySignature(head.note, verifier, noteCrypto);
}
