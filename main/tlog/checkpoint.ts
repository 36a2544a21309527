import { fromBase64, fromHex, toBase64, toHex } from './bytes.ts';
import { parseNote, type Note } from './note.ts';
import type { Hash } from './tree.ts';

/** A head of a log: C2SP tlog-checkpoint. */
export interface Checkpoint {
  /** Names the log. Also the name of its keys. */
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
}

/** A checkpoint as read, with its signatures. */
export type SignedHead = Checkpoint & { readonly note: Note };

/** The text that the log signs: origin, size and base64 root, each on a line. */
export function checkpointBody({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(fromHex(root))}\n`;
}

/** Reads a checkpoint and its signatures strictly; extension lines are malformed. Nothing of it is verified yet. */
export function parseCheckpoint(text: string): SignedHead | undefined {
  const note = parseNote(text);
  const [origin = '', digits = '', encoded = '', ...rest] = note?.body.split('\n') ?? [];
  const root = fromBase64(encoded);
  if (!note || rest.length !== 1 || rest[0] !== '' || root?.length !== 32) return undefined;
  if (origin === '' || !/^(?:0|[1-9][0-9]{0,15})$/.test(digits)) return undefined;
  const size = Number(digits);
  return Number.isSafeInteger(size) ? { origin, size, root: toHex(root), note } : undefined;
}
