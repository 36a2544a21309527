import { basename } from 'node:path';
import { mostHeadFileBytes, noteCrypto, readHead } from '../audit/index.ts';
import { unverifiedReceipt } from '../bundle/index.ts';
import { ok, prependWhere, refuse, refused, type Result } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import type { Pause } from '../work/index.ts';
import type { Store } from '../store/index.ts';
import {
  cosignatureType,
  parseCheckpoint,
  parseTlogProof,
  parseVerifierKey,
  type ComparedHead,
  type KnownHead,
  type ReadHead,
  type ReadTlogProof,
  type VerifierKey,
} from '../tlog/index.ts';
import { receiptFileName } from './receipt-keeping.ts';

/** What a file from elsewhere holds: the key of a witness, or a head. Nothing of it is verified. */
export type KnownFile =
  | { readonly witnessKey: VerifierKey }
  | { readonly read: ReadHead; readonly text: string; readonly proof?: ReadTlogProof };

/** Heads and keys from files. */
export interface KnownHeads {
  readonly known: readonly KnownHead[];
  /** The same heads as read. */
  readonly heads: readonly ComparedHead[];
  readonly witnessKeys: readonly VerifierKey[];
}

/** The first byte of DER: a SEQUENCE. As text it is a digit, which begins no head. */
const sequence = 0x30;

/**
 * Reads what is known of a log from files: checkpoints, head files, proofs of entries, receipts, which return the head
 * that they were asked with, and verifier keys of witnesses. Nothing of them is verified, except that training and real
 * work are not mixed.
 */
export function readKnownHeads(files: readonly string[], isTraining: boolean): Result<KnownHeads> {
  const known: KnownHead[] = [];
  const heads: ComparedHead[] = [];
  const witnessKeys: VerifierKey[] = [];
  for (const file of files) {
    const found = readKnownFile(file, isTraining);
    if (!found.ok) return found;
    if ('witnessKey' in found.value) {
      witnessKeys.push(found.value.witnessKey);
      continue;
    }
    const { read, text } = found.value;
    const source = basename(file);
    known.push({ source, text });
    heads.push({ source, head: read.head, keys: read.file?.keys ?? [] });
  }
  return ok({ known, heads, witnessKeys });
}

/** Reads one such file. */
export function readKnownFile(file: string, isTraining: boolean): Result<KnownFile> {
  const bytes = readFile(file, mostHeadFileBytes);
  if (!bytes.ok) return bytes;
  const read =
    bytes.value[0] === sequence ? ofReceipt(bytes.value, isTraining) : ofText(bytes.value, isTraining);
  return read.ok ? read : refused(prependWhere(read.fault, { file }));
}

/** Whether the text of a file holds a head of a log, or the key of a witness. */
export function isKnownFile(text: Buffer): boolean {
  const [real, training] = [false, true].map((isTraining) => ofText(text, isTraining));
  return real?.ok === true || training?.ok === true;
}

function ofReceipt(bytes: Uint8Array, isTraining: boolean): Result<KnownFile> {
  const receipt = unverifiedReceipt(bytes);
  if (!receipt.ok) return refuse('log-file-unknown', { because: receipt.fault });
  const { auditHead, training } = receipt.value;
  if (training !== isTraining) return trainingMismatch(training);
  return auditHead === undefined
    ? refuse('log-file-unknown', { where: { field: 'auditHead' } })
    : ofNote(auditHead);
}

function ofText(bytes: Buffer, isTraining: boolean): Result<KnownFile> {
  const text = bytes.toString('utf8');
  const witnessKey = parseVerifierKey(text.trim(), noteCrypto);
  if (witnessKey?.type === cosignatureType) return ok({ witnessKey });
  const proof = parseTlogProof(text);
  if (proof) return ok({ read: { head: proof.head }, text: proof.checkpoint, proof });
  if (!text.startsWith('{')) return ofNote(text);
  const read = readHead(bytes);
  if (!read.ok) return read;
  const { file } = read.value;
  if (file && file.training !== isTraining) return trainingMismatch(file.training);
  return ok({ read: read.value, text: file?.checkpoint ?? text });
}

function ofNote(text: string): Result<KnownFile> {
  const head = parseCheckpoint(text);
  return head ? ok({ read: { head }, text }) : refuse('log-file-unknown');
}

/** Training where real work is expected, or the other way round. */
function trainingMismatch(training: boolean) {
  return refuse('log-training-mismatch', { found: training ? 'training' : 'real' });
}

/** The heads in the receipts that a store keeps. */
export interface ReceiptHeads {
  readonly heads: readonly KnownHead[];
  /** How many are of other logs: receipts may return what another laptop asked with. */
  readonly foreign: number;
}

/**
 * Reads the heads of this log from the receipts of a store. A receipt was verified before it was kept; one that cannot be
 * read any more has no head.
 *
 * @param pause is called after each receipt; a fault stops the work there
 */
export async function headsInReceipts(
  store: Store,
  origin: string,
  pause: Pause,
): Promise<Result<ReceiptHeads>> {
  const heads = new Map<string, KnownHead>();
  let foreign = 0;
  for (const { bytes, serialNumber, receiptNumber } of store.receipts.all()) {
    const receipt = unverifiedReceipt(bytes);
    const text = receipt.ok ? receipt.value.auditHead : undefined;
    if (text !== undefined && parseCheckpoint(text)?.origin === origin)
      heads.set(text, { source: receiptFileName(serialNumber, receiptNumber), isReceipt: true, text });
    else if (text !== undefined) foreign++;
    const stopped = await pause();
    if (stopped) return refused(stopped);
  }
  return ok({ heads: [...heads.values()], foreign });
}
