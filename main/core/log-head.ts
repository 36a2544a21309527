import { noteCrypto, treeHashes, type OpenedStore } from '../audit/index.ts';
import { ok, prependWhere, refuse, refused, type Fault, type Result } from '../faults/index.ts';
import { readFile } from '../files/index.ts';
import { writeOutput } from '../office/index.ts';
import type { CheckpointRecord } from '../store/index.ts';
import {
  CompactRange,
  consistencyPath,
  formatHeadFile,
  formatNote,
  inclusionPath,
  keyIdOf,
  parseCheckpoint,
  parseVerifierKey,
  ProofMaker,
  readEntry,
  readKeyFacts,
  verifySignature,
  type GivenKey,
  type Hash,
  type NoteSignature,
  type SignedHead,
} from '../tlog/index.ts';
import { logFault } from './log-damage.ts';
import type { LogControls } from './log-pass.ts';

/** The most bytes of a cosigned note. */
const mostNoteBytes = 65_536;
/** How many entries are read before the event loop gets its turn. */
const slice = 500;

/** The head of the log in a file. */
export interface SavedHead {
  readonly origin: string;
  readonly size: number;
  /** The size of the earlier head from which the file proves that this one continues it. 0 if from none. */
  readonly from: number;
  /** The log's verifier key. */
  readonly key: string;
}

/**
 * Writes the newest head of the log to a file, for a witness. The file proves that the head continues the one of size
 * `since`, and that the keys from then on are the log's. 0 stands for none. By default it is the newest head that
 * came back from a witness.
 *
 * Refuses with `log-rolled-back` if the log is shorter than `since`, and with `log-altered` if the entries are not those
 * that the head seals.
 */
export async function saveHead(
  opened: OpenedStore,
  out: string,
  { since, pause }: Pick<LogControls, 'pause'> & { readonly since?: number } = {},
): Promise<Result<SavedHead>> {
  try {
    const { store, log } = opened;
    const checkpoint = log.giveHead();
    const head = read(checkpoint);
    const { origin, size } = head;
    const kept = store.log.checkpoints();
    const cosigned = kept.findLast((one) => isCosigned(one, origin));
    const from = since ?? cosigned?.size ?? 0;
    if (from > size) return refuse('log-rolled-back', { expected: String(from), found: String(size) });
    const named = [...log.read(0, size, { actions: ['log-key'] })];
    const first = Math.max(
      0,
      named.findLastIndex(({ sequence }) => sequence < from),
    );
    const keys = named.slice(first).map(({ sequence: index, entry }, at) => {
      const handover = kept.find(({ kind, size: end }) => kind === 'handover' && end === index + 1);
      return { index, entry, ...(at > 0 && handover && { handover: handover.checkpoint }) };
    });
    const proofs = new ProofMaker(treeHashes, [
      consistencyPath(from, size),
      ...keys.map(({ index, handover }) => inclusionPath(index, handover === undefined ? size : index + 1)),
    ]);
    const stopped = await readInto(opened, size, (leaf) => proofs.append(leaf), pause);
    if (stopped) return refused(stopped);
    if (proofs.tree.root() !== head.root) return refuse('log-altered');
    const [proof = [], ...inclusions] = proofs.proofs();
    const earlier = kept.find((one) => one.size === from && isCosigned(one, origin));
    const file = formatHeadFile({
      training: isTraining(named[0]?.entry),
      checkpoint,
      ...(from > 0 && { consistency: { from, proof, ...(earlier && { checkpoint: earlier.checkpoint }) } }),
      keys: keys.map((key, at): GivenKey => ({ ...key, inclusion: inclusions[at] ?? [] })),
    });
    const written = writeOutput(out, Buffer.from(file));
    if (!written.ok) return written;
    log.append({ action: 'head-saved', subject: {}, facts: { size } });
    const key = readKeyFacts(named.at(-1)?.entry ?? '')?.key ?? '';
    return ok({ origin, size, from, key });
  } catch (error) {
    return logFault(opened, error);
  }
}

/** A cosignature that the log took in. */
export interface TakenCosignature {
  readonly size: number;
  /** The name of the witness. The log does not know its key: who verifies the log does. */
  readonly witness: string;
}

/**
 * Takes in a head of this log that came back from a witness. From now on, heads are proven to continue it.
 *
 * Refuses a head of another log, with another history, or beyond this log's end, and one that nobody cosigned.
 */
export async function takeCosigned(
  opened: OpenedStore,
  file: string,
  { pause }: Pick<LogControls, 'pause'> = {},
): Promise<Result<TakenCosignature>> {
  const bytes = readFile(file, mostNoteBytes);
  if (!bytes.ok) return bytes;
  try {
    const taken = await takeNote(opened, bytes.value, pause);
    return taken.ok ? taken : refused(prependWhere(taken.fault, { file }));
  } catch (error) {
    return logFault(opened, error);
  }
}

async function takeNote(
  opened: OpenedStore,
  bytes: Uint8Array,
  pause: LogControls['pause'],
): Promise<Result<TakenCosignature>> {
  const { store, log } = opened;
  const text = Buffer.from(bytes).toString('utf8');
  const head = parseCheckpoint(text);
  if (!head) return refuse('head-not-cosigned');
  const { origin, size, root, note } = head;
  const own = store.log.head();
  if (own?.origin !== origin)
    return refuse('log-foreign', { found: origin, ...(own && { expected: own.origin }) });
  if (size > own.size) return refuse('log-rolled-back', { expected: String(size), found: String(own.size) });
  const range = new CompactRange(treeHashes);
  const stopped = await readInto(opened, size, (leaf) => range.append(leaf), pause);
  if (stopped) return refused(stopped);
  if (range.root() !== root) return refuse('log-forked', { where: { entry: size } });
  const signer = signerOf(opened, head);
  if (!signer) return refuse('log-signature-invalid');
  const witnesses = note.signatures.filter((one) => isOfWitness(one, origin));
  if (witnesses.length === 0) return refuse('head-not-cosigned');
  const isTaken = store.transaction(() => {
    const kept = store.log.checkpoints().find((one) => one.size === size);
    const before = kept
      ? read(kept.checkpoint).note.signatures
      : note.signatures.filter(({ keyId }) => keyId === signer);
    const others = before.filter((one) => !witnesses.some((other) => isSameKey(one, other)));
    const checkpoint = formatNote(note.body, [...others, ...witnesses].map(toLine));
    // With too many witnesses it would be too long to be read.
    if (!parseCheckpoint(checkpoint)) return false;
    store.log.replaceCheckpoint({ size, checkpoint, kind: kept?.kind ?? 'given' });
    for (const { name } of witnesses)
      log.append({ action: 'head-cosigned', subject: {}, facts: { size, witness: name } });
    return true;
  });
  if (!isTaken) return refuse('log-malformed', { rule: 'log-checkpoint-form' });
  return ok({ size, witness: witnesses.map(({ name }) => name).join(', ') });
}

/** A checkpoint that this log has made. */
function read(checkpoint: string): SignedHead {
  const head = parseCheckpoint(checkpoint);
  if (!head) throw new Error('The log made a malformed checkpoint');
  return head;
}

/** Passes the leaves of the first entries, in order. Returns a fault if the work must stop. */
async function readInto(
  { log }: OpenedStore,
  size: number,
  take: (leaf: Hash) => void,
  pause: LogControls['pause'],
): Promise<Fault | undefined> {
  for (const { sequence, entry } of log.read(0, size)) {
    take(treeHashes.leaf(entry));
    const stopped = sequence % slice === 0 ? await pause?.() : undefined;
    if (stopped) return stopped;
  }
  return undefined;
}

/** The id of this log's key that signed a head. */
function signerOf({ log }: OpenedStore, { size, note }: SignedHead): string | undefined {
  return [...log.read(0, size, { actions: ['log-key'] })]
    .map(({ entry }) => parseVerifierKey(readKeyFacts(entry)?.key ?? '', noteCrypto))
    .filter((key) => key && verifySignature(note, key, noteCrypto))
    .map((key) => key && keyIdOf(key, noteCrypto))
    .at(-1);
}

function isTraining(entry = ''): boolean {
  const read = readEntry(entry);
  return typeof read !== 'string' && read.training;
}

function isCosigned({ checkpoint }: CheckpointRecord, origin: string): boolean {
  return read(checkpoint).note.signatures.some((one) => isOfWitness(one, origin));
}

/** Whether it has the form of a cosignature: 8 bytes of time and 64 of Ed25519 (C2SP tlog-cosignature). */
function isOfWitness({ name, signature }: NoteSignature, origin: string): boolean {
  return name !== origin && signature.length === 72;
}

function isSameKey(one: NoteSignature, other: NoteSignature): boolean {
  return one.name === other.name && one.keyId === other.keyId;
}

function toLine({ name, keyId, signature }: NoteSignature): string {
  return `\u2014 ${name} ${Buffer.concat([Buffer.from(keyId, 'hex'), signature]).toString('base64')}\n`;
}
