import { z } from 'zod';
import { ok, refuse, type Result, type Rule } from '../faults/index.ts';
import { readDocument } from '../json/index.ts';
import {
  ed25519Type,
  fromHex,
  parseCheckpoint,
  parseVerifierKey,
  readEntry,
  readKeyFacts,
  toBase64,
  toHex,
  type Checkpoint,
  type Note,
  type Proof,
  type VerifierKey,
} from '../tlog/index.ts';
import { noteCrypto } from './hashes.ts';

/** The `format` of a head file. */
export const headFileFormat = 'siteseal-log-head/1';

/** The most bytes of a head file: some 7,000 keys, each of which sealed the entries of a day. */
export const mostHeadFileBytes = 16 * 1024 * 1024;
/** The most values of a head file: each key has up to 60. */
const mostValues = 1_000_000;

/** A checkpoint as read, with its signatures. */
export type SignedHead = Checkpoint & { readonly note: Note };

/** A key of the log in a head file. */
export interface GivenKey {
  /** The index of the entry that names the key. */
  readonly index: number;
  /** The entry, as the tree covers it. */
  readonly entry: string;
  /** That the entry is in the tree of the handover if there is one, otherwise in that of the head. */
  readonly inclusion: Proof;
  /** The checkpoint with which the key before signed this one in, as a note. Absent for the first, and after a loss. */
  readonly handover?: string;
}

/** What a head file holds. */
export interface HeadFile {
  readonly training: boolean;
  /** The newest head, as a note. */
  readonly checkpoint: string;
  /** That the head continues an earlier one. */
  readonly consistency?: {
    readonly from: number;
    readonly proof: Proof;
    /** The earlier head, as its witness cosigned it, as a note. */
    readonly checkpoint?: string;
  };
  /** The key that counted at the earlier head, or else the log's first, and all later ones. */
  readonly keys: readonly GivenKey[];
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
  readonly file?: Omit<HeadFile, 'keys'> & { readonly keys: readonly ReadKey[] };
  /** The earlier head with its cosignature. */
  readonly earlier?: SignedHead;
}

/** The bytes of a head file. */
export function encodeHeadFile({ training, checkpoint, consistency, keys }: HeadFile): Uint8Array {
  const document: z.infer<typeof headFileSchema> = {
    format: headFileFormat,
    training,
    checkpoint,
    ...(consistency && { consistency: { ...consistency, proof: consistency.proof.map(encodeHash) } }),
    keys: keys.map((key) => ({ ...key, inclusion: key.inclusion.map(encodeHash) })),
  };
  return Buffer.from(`${JSON.stringify(document, undefined, 2)}\n`);
}

/** Reads a head file, or a checkpoint alone. Refuses with `log-malformed` and the rule. */
export function readHead(bytes: Uint8Array): Result<ReadHead, 'log-malformed'> {
  if (bytes[0] !== '{'.charCodeAt(0)) return readNote(Buffer.from(bytes).toString('utf8'));
  const document = readDocument(bytes, headFileFormat, headFileSchema, mostValues);
  if (!document.ok) return refuse('log-malformed', { because: document.fault });
  const { format: _, ...content } = document.value;
  const read = readNote(content.checkpoint);
  if (!read.ok) return read;
  const { head } = read.value;
  const keys: ReadKey[] = [];
  for (const given of content.keys) {
    const key = readKey(given, head, content.training);
    if (!key.ok) return key;
    keys.push(key.value);
  }
  const file = {
    training: content.training,
    checkpoint: content.checkpoint,
    ...(content.consistency && { consistency: withHashes(content.consistency) }),
    keys,
  };
  const note = content.consistency?.checkpoint;
  const earlier = note === undefined ? undefined : readNote(note);
  if (!earlier) return ok({ head, file });
  if (!earlier.ok) return earlier;
  const isEarlier =
    earlier.value.head.origin === head.origin && earlier.value.head.size === content.consistency?.from;
  return isEarlier ? ok({ head, file, earlier: earlier.value.head }) : malformed('log-head-earlier');
}

const note = z.string().max(65_536, 'log-checkpoint-form' satisfies Rule);
const size = z.int().min(0);
/** 32 bytes in base64, unused bits zero. */
const hash = z.string().regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, 'json-base64' satisfies Rule);
const proof = z.array(hash).max(64);
/** The content of a head file. */
export const headFileSchema = z.strictObject({
  format: z.literal(headFileFormat),
  training: z.boolean(),
  checkpoint: note,
  consistency: z.strictObject({ from: size.min(1), proof, checkpoint: note.optional() }).optional(),
  keys: z
    .array(z.strictObject({ index: size, entry: z.string(), inclusion: proof, handover: note.optional() }))
    .min(1),
});

function readNote(text: string): Result<ReadHead, 'log-malformed'> {
  const head = parseCheckpoint(text);
  return head ? ok({ head }) : malformed('log-checkpoint-form');
}

type EncodedKey = z.infer<typeof headFileSchema>['keys'][number];

function readKey(
  { index, entry: text, inclusion, handover }: EncodedKey,
  { origin }: SignedHead,
  training: boolean,
): Result<ReadKey, 'log-malformed'> {
  const entry = readEntry(text);
  if (typeof entry === 'string') return malformed(entry);
  const facts = entry.action === 'log-key' ? readKeyFacts(text) : undefined;
  const key = facts && parseVerifierKey(facts.key, noteCrypto);
  const isOfLog = key?.type === ed25519Type && key.name === origin;
  if (!facts || !isOfLog || entry.sequence !== index || entry.training !== training)
    return malformed('log-entry-key');
  const read = { index, entry: text, inclusion: inclusion.map(decodeHash), key, text: facts.key };
  if (handover === undefined) return ok(read);
  const handoverHead = parseCheckpoint(handover);
  if (handoverHead?.origin !== origin || handoverHead.size !== index + 1)
    return malformed('log-checkpoint-form');
  return ok({ ...read, handover, handoverHead });
}

function malformed(rule: Rule) {
  return refuse('log-malformed', { rule });
}

function withHashes({
  from,
  proof: encoded,
  checkpoint,
}: NonNullable<z.infer<typeof headFileSchema>['consistency']>): NonNullable<HeadFile['consistency']> {
  return { from, proof: encoded.map(decodeHash), ...(checkpoint !== undefined && { checkpoint }) };
}

function encodeHash(hash: string): string {
  return toBase64(fromHex(hash));
}

function decodeHash(encoded: string): string {
  return toHex(Buffer.from(encoded, 'base64'));
}
