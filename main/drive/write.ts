import { hash } from 'node:crypto';
import { rename, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ok, refuse, type Fault, type Result } from '../faults/index.ts';
import type { EnbIdentity } from '../pki/index.ts';
import type { ReceiptRequest } from '../device/index.ts';
import type { DriveFolder, DriveSystem, FindFaultCode } from './drive.ts';
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

/** What is for one eNB. */
export interface DriveEntry {
  readonly enb: EnbIdentity;
  readonly bundle: Uint8Array;
  readonly request: ReceiptRequest;
}

/** The same, with the name of the folder in which it lies on the drive. */
export interface PlacedEntry extends DriveEntry {
  readonly folder: string;
}

/** What came of one eNB: nothing of it is verified yet. */
export type WriteOutcome =
  | { readonly state: 'written'; readonly entry: PlacedEntry }
  /** Without a fault: not begun, because one before it failed or the work was stopped. */
  | { readonly state: 'not-written'; readonly entry: PlacedEntry; readonly fault?: Fault<DriveFaultCode> };

/** Who is told of the writing, and what stops it. */
export interface WriteSurroundings {
  /** Told of each eNB as it is done. */
  readonly onOutcome?: (outcome: WriteOutcome) => void;
  /** Stops before the next eNB. */
  readonly signal?: AbortSignal;
}

/**
 * Writes bundles and requests to a drive. Refuses, before anything is written, a drive that is not there any more, may not
 * be written, or has no room for all of them. Each file is there whole or not at all. A receipt of an earlier delivery is moved aside, never
 * removed: it may be the only copy; should it stay in a crash it proves nothing of the new one, whose challenge is
 * another.
 */
export async function writeToDrive(
  system: DriveSystem,
  place: DriveFolder,
  entries: readonly DriveEntry[],
  { onOutcome = () => undefined, signal }: WriteSurroundings = {},
): Promise<Result<readonly WriteOutcome[], DriveFaultCode | FindFaultCode>> {
  const { mountPoint } = place;
  // Where a drive was mounted an empty folder may stay when it goes, and would take what was meant for the drive.
  const found = await system.find(mountPoint);
  if (!found.ok) return found;
  if (!isSameFolder(found.value, place)) return refuse('drive-gone', { where: { file: mountPoint } });
  if (found.value.kind === 'drive' && found.value.drive.readOnly)
    return refuse('drive-read-only', { where: { file: mountPoint } });
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

/** Whether all of it finds room beside what it will replace, in whole blocks, with one for each folder. */
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
  // A file system that counts no blocks does not say how much room there is.
  if (blocks === 0 || needed <= bavail) return ok(undefined);
  const octets = (count: number) => `${count * bsize} bytes`;
  return refuse('drive-full', {
    where: { file: mountPoint },
    expected: octets(needed),
    found: octets(bavail),
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

/** Under a name that its octets give it, so that no other is overwritten and doing it again is harmless. */
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
