import { fromBase64, fromHex, toBase64, toHex } from './bytes.ts';
import { parseCheckpoint, type SignedHead } from './checkpoint.ts';
import { readEntry } from './log-entry.ts';
import { readKeyFacts } from './log-keys.ts';
import type { LogRule } from './log-problem.ts';
import { ed25519Type, parseVerifierKey, type NoteCrypto, type VerifierKey } from './note.ts';
import type { Proof } from './proofs.ts';

/** The `format` of a head file. */
export const headFileFormat = 'siteseal-log-head/1';

/** A key of the log in a head file. */
export interface GivenKey {
  /** The index of the entry that names the key. */
  readonly index: number;
  /** The entry, as the tree covers it. */
  readonly entry: string;
  /** That the entry is in the tree of the handover if there is one, otherwise in that of the head. */
  readonly inclusion: Proof;
  /** The checkpoint with which the key before signed this one in, as a note. Absent for the first, and after a loss. */
  readonly handover?: string | undefined;
}

/** That a head continues an earlier one. */
interface Consistency {
  readonly from: number;
  readonly proof: Proof;
  /** The earlier head, as its witness cosigned it, as a note. */
  readonly checkpoint?: string | undefined;
}

/** What a head file holds. */
export interface HeadFile<Key = GivenKey> {
  readonly training: boolean;
  /** The newest head, as a note. */
  readonly checkpoint: string;
  readonly consistency?: Consistency | undefined;
  /** The key that counted at the earlier head, or else the log's first, and all later ones. */
  readonly keys: readonly Key[];
}

/** A key of the log as read. */
export interface ReadKey extends GivenKey {
  readonly key: VerifierKey;
  /** The verifier key as text. */
  readonly text: string;
  readonly handoverHead?: SignedHead;
}

/** A head from elsewhere as read: a head file, or a note alone. Nothing of it is verified yet. */
export interface ReadHead {
  readonly head: SignedHead;
  /** Undefined for a note alone. */
  readonly file?: HeadFile<ReadKey>;
  /** The earlier head with its cosignature. */
  readonly earlier?: SignedHead;
}

/** A head file as text: its hashes in base64. */
export function formatHeadFile(file: HeadFile): string {
  const document = { format: headFileFormat, ...withHashes(file, encodeHash) };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** Reads a head file from text, or returns undefined if the text is nothing of the kind. */
export function parseHeadFile(text: string, crypto: NoteCrypto): ReadHead | LogRule | undefined {
  try {
    const document = JSON.parse(text) as HeadFile & { readonly format: unknown };
    return document.format === headFileFormat ? readHeadFile(document, crypto) : undefined;
  } catch {
    return undefined; // Not JSON, or not the members of a head.
  }
}

/** Reads a head file as JSON has it, and says which rule it breaks otherwise. Throws if members are missing. */
export function readHeadFile(document: HeadFile, crypto: NoteCrypto): ReadHead | LogRule {
  const { training, checkpoint, consistency, keys: given } = withHashes(document, decodeHash);
  const head = parseCheckpoint(checkpoint);
  if (!head) return 'log-checkpoint-form';
  if (given.length === 0) return 'log-entry-key';
  const keys: ReadKey[] = [];
  for (const one of given) {
    const key = readKey(one, head, training, crypto);
    if (typeof key === 'string') return key;
    keys.push(key);
  }
  const file = { training, checkpoint, ...(consistency && { consistency }), keys };
  if (consistency?.checkpoint === undefined) return { head, file };
  const earlier = parseCheckpoint(consistency.checkpoint);
  if (!earlier) return 'log-checkpoint-form';
  const isEarlier = earlier.origin === head.origin && earlier.size === consistency.from;
  return isEarlier ? { head, file, earlier } : 'log-head-earlier';
}

function readKey(
  given: GivenKey,
  { origin }: SignedHead,
  training: boolean,
  crypto: NoteCrypto,
): ReadKey | LogRule {
  const { index, entry: text, handover } = given;
  const entry = readEntry(text);
  if (typeof entry === 'string') return entry;
  const facts = entry.action === 'log-key' ? readKeyFacts(text) : undefined;
  const key = facts && parseVerifierKey(facts.key, crypto);
  const isOfLog = key?.type === ed25519Type && key.name === origin;
  if (!facts || !isOfLog || entry.sequence !== index || entry.training !== training) return 'log-entry-key';
  const read = { ...given, key, text: facts.key };
  if (handover === undefined) return read;
  const handoverHead = parseCheckpoint(handover);
  const isOfKey = handoverHead?.origin === origin && handoverHead.size === index + 1;
  return isOfKey ? { ...read, handoverHead } : 'log-checkpoint-form';
}

/** The same file with its hashes in another form. */
function withHashes(
  { training, checkpoint, consistency, keys }: HeadFile,
  formOf: (hash: string) => string,
): HeadFile {
  return {
    training,
    checkpoint,
    ...(consistency && { consistency: { ...consistency, proof: consistency.proof.map(formOf) } }),
    keys: keys.map((key) => ({ ...key, inclusion: key.inclusion.map(formOf) })),
  };
}

function encodeHash(hash: string): string {
  return toBase64(fromHex(hash));
}

/** What is no base64 becomes no hash, so that no proof with it verifies. */
function decodeHash(encoded: string): string {
  return toHex(fromBase64(encoded) ?? new Uint8Array());
}
