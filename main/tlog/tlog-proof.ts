import { fromBase64, fromHex, toBase64, toHex } from './bytes.ts';
import { parseCheckpoint, type SignedHead } from './checkpoint.ts';
import type { Proof } from './proofs.ts';

/** That an entry is in a log: C2SP tlog-proof. */
export interface TlogProof {
  /** Anything. Nothing vouches for it until it is compared with the leaf. */
  readonly extra?: Uint8Array;
  /** The index of the leaf. */
  readonly index: number;
  /** From the leaf's sibling to the root's child. */
  readonly inclusion: Proof;
  /** The signed checkpoint, verbatim, with its signatures. */
  readonly checkpoint: string;
}

/** A proof as read. */
export interface ReadTlogProof extends TlogProof {
  readonly head: SignedHead;
}

const header = 'c2sp.org/tlog-proof@v1';
/** The most characters of a proof that are read: the largest entry as extra, and the largest checkpoint. */
const mostLength = 160_000;
/** The most hashes of an inclusion proof in a tree of less than 2^53 leaves. */
const mostHashes = 53;

/** A proof as text. */
export function formatTlogProof({ extra, index, inclusion, checkpoint }: TlogProof): string {
  const lines = [
    header,
    ...(extra ? [`extra ${toBase64(extra)}`] : []),
    `index ${index}`,
    ...inclusion.map((hash) => toBase64(fromHex(hash))),
  ];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/** Reads a proof strictly, or returns undefined if it is malformed. Nothing of it is verified yet. */
export function parseTlogProof(text: string): ReadTlogProof | undefined {
  if (text.length > mostLength) return undefined;
  const end = text.indexOf('\n\n');
  const lines = text.slice(0, end).split('\n');
  if (end < 0 || lines.shift() !== header) return undefined;
  const encoded = lines[0]?.startsWith('extra ') ? lines.shift()?.slice('extra '.length) : undefined;
  const extra = encoded === undefined ? undefined : fromBase64(encoded);
  const [, digits = ''] = /^index (0|[1-9][0-9]{0,15})$/.exec(lines.shift() ?? '') ?? [];
  const index = Number(digits);
  if (digits === '' || (encoded !== undefined && !extra) || lines.length > mostHashes) return undefined;
  const hashes = lines.map(fromBase64);
  if (!hashes.every((hash) => hash?.length === 32)) return undefined;
  const checkpoint = text.slice(end + 2);
  const head = parseCheckpoint(checkpoint);
  if (!head || index >= head.size) return undefined;
  return {
    ...(extra && { extra }),
    index,
    inclusion: hashes.map((hash) => toHex(hash as Uint8Array)),
    checkpoint,
    head,
  };
}
