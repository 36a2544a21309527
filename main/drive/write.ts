import { hash } from 'node:crypto';
import { rename, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ok, prependWhere, refuse, refused, type Fault, type Result } from '../faults/index.ts';
import type { EnbIdentity } from '../pki/index.ts';
import type { ReceiptRequest } from '../device/index.ts';
import type { DriveFolder, DriveSystem, FindFaultCode, UnfitCode } from './drive.ts';
import {
  makeEntryFolder,
  onDrive,
  pathOf,
  readEntry,
  replaceEntry,
  syncFolder,
  type DriveFaultCode,
  type EntryPath,
} from './entry.ts';
import { encodeRequest, fileNames, maximumReceiptSize, placeEntries } from './layout.ts';

/** The files for one eNB. */
export interface DriveEntry {
  readonly enb: EnbIdentity;
  readonly bundle: Uint8Array;
  readonly request: ReceiptRequest;
}

/** An entry with the name of its folder on the drive. */
export interface PlacedEntry extends DriveEntry {
  readonly folder: string;
}

/** The result for one eNB. Nothing is verified yet. */
export type WriteOutcome =
  | { readonly state: 'written'; readonly entry: PlacedEntry }
  /** Without a fault: not started, because an earlier one failed or the work was stopped. */
  | { readonly state: 'not-written'; readonly entry: PlacedEntry; readonly fault?: Fault<DriveFaultCode> };

/** Observes and stops the writing. */
export interface WriteSurroundings {
  /** Called for each eNB when it is done. */
  readonly onOutcome?: (outcome: WriteOutcome) => void;
  /** Stops before the next eNB. */
  readonly signal?: AbortSignal;
}

/**
 * Writes bundles and requests to a drive. Before it writes anything, refuses a drive that is gone, unfit, or too
 * small for all of them. Each file is there completely or not at all.
 *
 * A receipt of an earlier delivery is moved aside, never deleted: it may be the only copy. If it stays after a crash,
 * it proves nothing about the new delivery, which has another challenge.
 */
export async function writeToDrive(
  system: DriveSystem,
  place: DriveFolder,
  entries: readonly DriveEntry[],
  { onOutcome = () => undefined, signal }: WriteSurroundings = {},
): Promise<Result<readonly WriteOutcome[], DriveFaultCode | FindFaultCode | UnfitCode>> {
  const { mountPoint } = place;
  // After a drive is gone, its empty mount folder may remain. Files for the drive must not end up there.
  const found = await system.find(mountPoint);
  if (!found.ok) return found;
  if (!isSameFolder(found.value, place)) return refuse('drive-gone', { where: { file: mountPoint } });
  const unfit = found.value.kind === 'drive' ? found.value.drive.fault : undefined;
  if (unfit) return refused(prependWhere(unfit, { file: mountPoint }));
  const room = await checkRoom(mountPoint, entries);
  if (!room.ok) return room;
  const top = await makeEntryFolder([mountPoint]);
  if (!top.ok) return top;
  const placed = await placeEntries(mountPoint, entries);
  if (!placed.ok) return placed;
  const outcomes: WriteOutcome[] = [];
  let isStopped = false;
  for (const entry of placed.value) {
    isStopped ||= signal?.aborted === true;
    const outcome: WriteOutcome = isStopped
      ? { state: 'not-written', entry }
      : await writeEntry(mountPoint, entry);
    isStopped ||= outcome.state === 'not-written';
    outcomes.push(outcome);
    onOutcome(outcome);
  }
  return ok(outcomes);
}

function isSameFolder(a: DriveFolder, b: DriveFolder): boolean {
  const volumeOf = (place: DriveFolder) => (place.kind === 'drive' ? place.drive.volume : undefined);
  return a.kind === b.kind && a.mountPoint === b.mountPoint && volumeOf(a) === volumeOf(b);
}

/** Checks that everything fits beside the files it will replace, in whole blocks, with one block for each folder. */
async function checkRoom(
  mountPoint: string,
  entries: readonly DriveEntry[],
): Promise<Result<void, DriveFaultCode>> {
  const status = await onDrive(mountPoint, () => statfs(mountPoint));
  if (!status.ok) return status;
  const { bsize, bavail, blocks } = status.value;
  const blocksOf = (bytes: Uint8Array) => Math.ceil(bytes.length / bsize);
  const needed = entries
    .map(({ bundle, request }) => blocksOf(bundle) + blocksOf(encodeRequest(request)) + 1)
    .reduce((sum, count) => sum + count, 1);
  // A file system that reports no blocks does not report its free space.
  if (blocks === 0 || needed <= bavail) return ok(undefined);
  const inBytes = (count: number) => `${count * bsize} bytes`;
  return refuse('drive-full', {
    where: { file: mountPoint },
    expected: inBytes(needed),
    found: inBytes(bavail),
  });
}

async function writeEntry(mountPoint: string, entry: PlacedEntry): Promise<WriteOutcome> {
  const written = await writeFiles(mountPoint, entry);
  return written.ok ? { state: 'written', entry } : { state: 'not-written', entry, fault: written.fault };
}

async function writeFiles(
  mountPoint: string,
  { folder, bundle, request }: PlacedEntry,
): Promise<Result<void, DriveFaultCode>> {
  const made = await makeEntryFolder([mountPoint, folder]);
  if (!made.ok) return made;
  const aside = await moveReceiptAside([mountPoint, folder, fileNames.receipt]);
  if (!aside.ok) return aside;
  const requested = await replaceEntry([mountPoint, folder, fileNames.request], encodeRequest(request));
  if (!requested.ok) return requested;
  return replaceEntry([mountPoint, folder, fileNames.bundle], bundle);
}

/** The new name comes from the receipt's bytes. It overwrites no other receipt, and repeating the move is harmless. */
async function moveReceiptAside(place: EntryPath): Promise<Result<void, DriveFaultCode>> {
  const receipt = await readEntry(place, maximumReceiptSize);
  if (!receipt.ok) return receipt;
  const { value: bytes } = receipt;
  if (!bytes) return ok(undefined);
  const path = pathOf(place);
  const folder = dirname(path);
  return onDrive(path, async () => {
    await rename(path, join(folder, `receipt-${hash('sha256', bytes).slice(0, 16)}.p7m`));
    await syncFolder(folder);
  });
}
