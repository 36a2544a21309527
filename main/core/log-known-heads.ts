import { basename } from 'node:path';
import { unverifiedReceipt } from '../bundle/index.ts';
import { fault, ok, prependWhere, refuse, refused, type Fault, type Result } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import type { Store } from '../store/index.ts';
import { parseCheckpoint, parseTlogProof, type KnownHead } from '../tlog/index.ts';
import { receiptFileName } from './receipt-keeping.ts';

/** The most bytes of a head from elsewhere: a head file with the keys of many years. */
export const mostHeadBytes = 16 * 1024 * 1024;

/** The first byte of DER: a SEQUENCE. */
const sequence = 0x30;

/**
 * Reads heads of a log from files: checkpoints, head files, proofs of entries, and receipts, which return the head that
 * they were asked with. Nothing of them is verified, except that training and real work are not mixed.
 */
export function readKnownHeads(
  files: readonly string[],
  isTraining: boolean | undefined,
): Result<readonly KnownHead[]> {
  const heads: KnownHead[] = [];
  for (const file of files) {
    const head = readKnownHead(file, isTraining);
    if (!head.ok) return refused(prependWhere(head.fault, { file }));
    heads.push(head.value);
  }
  return ok(heads);
}

function readKnownHead(file: string, isTraining: boolean | undefined): Result<KnownHead> {
  const bytes = readFile(file, mostHeadBytes);
  if (!bytes.ok) return bytes;
  const head = bytes.value[0] === sequence ? headOfReceipt(bytes.value) : headOfText(bytes.value);
  if (!head.ok) return head;
  const { training = isTraining, text } = head.value;
  return training === (isTraining ?? training)
    ? ok({ source: basename(file), text })
    : refused(trainingMismatch(training === true));
}

/** The fault of training where real work is expected, or the other way round. */
export function trainingMismatch(training: boolean): Fault {
  return fault('log-training-mismatch', { found: training ? 'training' : 'real' });
}

interface GivenHead {
  readonly text: string;
  readonly training?: boolean;
}

function headOfReceipt(bytes: Uint8Array): Result<GivenHead> {
  const receipt = unverifiedReceipt(bytes);
  if (!receipt.ok) return receipt;
  const { auditHead: text, training } = receipt.value;
  return text === undefined
    ? refuse('log-file-unknown', { where: { field: 'auditHead' } })
    : ok({ text, training });
}

function headOfText(bytes: Buffer): Result<GivenHead> {
  const text = bytes.toString('utf8');
  if (parseCheckpoint(text)) return ok({ text });
  const proof = parseTlogProof(text);
  return proof ? ok({ text: proof.checkpoint }) : refuse('log-file-unknown');
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
  pause: () => Promise<Fault | undefined>,
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
