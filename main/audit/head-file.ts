import { z } from 'zod';
import { ok, refuse, type Result, type Rule } from '../faults/index.ts';
import { readDocument } from '../json/index.ts';
import {
  headFileFormat,
  parseCheckpoint,
  readHeadFile,
  type HeadFile,
  type ReadHead,
} from '../tlog/index.ts';
import { noteCrypto } from './hashes.ts';

/** The most bytes of a head file: some 7,000 keys, each of which sealed the entries of a day. */
export const mostHeadFileBytes = 16 * 1024 * 1024;
/** The most values of a head file: each key has up to 60. */
const mostValues = 1_000_000;

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
}) satisfies z.ZodType<HeadFile>;

/** Reads a head file, or a checkpoint alone, strictly. Refuses with `log-malformed` and the rule. */
export function readHead(bytes: Uint8Array): Result<ReadHead, 'log-malformed'> {
  if (bytes[0] !== '{'.charCodeAt(0)) {
    const head = parseCheckpoint(Buffer.from(bytes).toString('utf8'));
    return head ? ok({ head }) : refuse('log-malformed', { rule: 'log-checkpoint-form' });
  }
  const document = readDocument(bytes, headFileFormat, headFileSchema, mostValues);
  if (!document.ok) return refuse('log-malformed', { because: document.fault });
  const read = readHeadFile(document.value, noteCrypto);
  return typeof read === 'string' ? refuse('log-malformed', { rule: read }) : ok(read);
}
