import { hash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fault, ok, refuse, type Fault, type FaultCode, type Result } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import type { EnbIdentity } from '../pki/index.ts';
import {
  findVolume,
  mountDrive,
  type Drive,
  type DriveFolder,
  type DriveSystem,
  type UnmountFaultCode,
} from './drive.ts';
import { pathOf, readEntry, type EntryPath } from './entry.ts';
import { encodeRequest, fileNames } from './layout.ts';
import type { PlacedEntry } from './write.ts';

/**
 * Proves that the written files are on the drive. A file that is read back right after writing comes from this
 * computer's memory. A drive that acknowledged data without storing it would pass. So Siteseal only reads after the
 * drive was unmounted and mounted again, or unplugged and plugged in. No other path leads to a verdict.
 */

/** The state of one eNB's files on the drive. */
export type VerifiedEntry =
  | { readonly state: 'verified'; readonly entry: PlacedEntry }
  | { readonly state: 'damaged'; readonly entry: PlacedEntry; readonly fault: Fault<'drive-damaged'> };

/** The result for the whole drive. */
export type DriveVerdict =
  /** All eNBs are verified, and the drive may be unplugged. */
  | { readonly kind: 'verified'; readonly entries: readonly VerifiedEntry[] }
  /** All eNBs are verified, but you must eject the drive by hand. */
  | {
      readonly kind: 'verified-not-ejected';
      readonly entries: readonly VerifiedEntry[];
      readonly fault: Fault<'drive-eject-failed'>;
    }
  /** For at least one eNB the drive differs from what was written. It stays mounted, to be written again. */
  | { readonly kind: 'damaged'; readonly entries: readonly VerifiedEntry[] };

/** What should be on the drive: just written, or remembered from an earlier run. */
export interface Expected {
  readonly entries: readonly PlacedEntry[];
  /** Whether a bundle still verifies with the vendor's root. Equal bytes may have been bad from the start. */
  readonly judge: (bundle: Uint8Array, enb: EnbIdentity) => Result<unknown>;
}

/** Why a drive has no verdict. */
export type VerifyFaultCode =
  UnmountFaultCode | 'drives-unlistable' | 'drive-remount-failed' | 'drive-gone' | 'cancelled';

/**
 * Unmounts the drive, mounts it again, compares its contents with what should be there, and ejects it if all is well.
 */
export async function verifyAfterRemount(
  system: DriveSystem,
  drive: Drive,
  expected: Expected,
): Promise<Result<DriveVerdict, VerifyFaultCode>> {
  if (drive.mountPoint !== undefined) {
    const unmounted = await system.unmount(drive);
    if (!unmounted.ok) return unmounted;
  }
  const left = await findVolume(system, drive.volume);
  if (!left.ok) return left;
  if (!left.value) return refuse('drive-gone', { where: { file: drive.device } });
  // If it is also mounted elsewhere, its files may never have left memory.
  const { mountPoint: still } = left.value;
  if (still !== undefined) return refuse('drive-unmount-failed', { where: { file: still } });
  const mounted = await mountDrive(system, left.value);
  return mounted.ok ? ok(await finish(system, mounted.value, expected)) : mounted;
}

/** The progress of a re-plug. */
export type ReplugState = 'waiting-for-unplug' | 'waiting-for-plug';

/** Reports the progress of a re-plug, waits for it, and cancels the wait. */
export interface ReplugSurroundings {
  readonly onState: (state: ReplugState) => void;
  /** Waits between two looks at the drives. */
  readonly pause: () => Promise<void>;
  readonly signal?: AbortSignal;
}

/**
 * Waits until the drive was unplugged and plugged in again, compares its contents with what should be there, and
 * ejects it if all is well. Ignores any other drive that is plugged in meanwhile.
 */
export async function verifyAfterReplug(
  system: DriveSystem,
  place: DriveFolder,
  expected: Expected,
  surroundings: ReplugSurroundings,
): Promise<Result<DriveVerdict, VerifyFaultCode>> {
  surroundings.onState('waiting-for-unplug');
  const out = await lookUntil(() => hasLeft(system, place), surroundings);
  if (!out.ok) return out;
  surroundings.onState('waiting-for-plug');
  const back = await lookUntil(() => findAgain(system, place), surroundings);
  return back.ok ? ok(await finish(system, back.value, expected)) : back;
}

/** Looks repeatedly until there is a result. */
async function lookUntil<Value, Code extends FaultCode>(
  look: () => Promise<Result<Value | undefined, Code>>,
  { pause, signal }: ReplugSurroundings,
): Promise<Result<Value, Code | 'cancelled'>> {
  while (!signal?.aborted) {
    const seen = await look();
    if (!seen.ok) return seen;
    if (seen.value !== undefined) return ok(seen.value);
    await pause();
  }
  return refuse('cancelled');
}

/** Whether the drive is gone; undefined while it is here. */
async function hasLeft(
  system: DriveSystem,
  place: DriveFolder,
): Promise<Result<true | undefined, 'drives-unlistable'>> {
  // For a drive that the operating system does not know, only the mount point shows this.
  const found = place.kind === 'drive' ? await findVolume(system, place.drive.volume) : ok(undefined);
  if (!found.ok) return found;
  // Both must agree: a list can briefly miss a drive that is still mounted.
  const isHere = found.value !== undefined || (await isMountPoint(place.mountPoint));
  return ok(isHere ? undefined : true);
}

/** The drive once it is plugged in and mounted again; undefined until then. */
async function findAgain(
  system: DriveSystem,
  place: DriveFolder,
): Promise<Result<DriveFolder | undefined, 'drives-unlistable' | 'drive-remount-failed'>> {
  if (place.kind === 'unknown') return ok((await isMountPoint(place.mountPoint)) ? place : undefined);
  const found = await findVolume(system, place.drive.volume);
  if (!found.ok) return found;
  const { value: drive } = found;
  if (!drive) return ok(undefined);
  const { mountPoint } = drive;
  return mountPoint === undefined ? mountDrive(system, drive) : ok({ kind: 'drive', mountPoint, drive });
}

/**
 * Whether a folder is a mount point: it is on another device than its parent folder. A folder that cannot be examined
 * is a drive that was unplugged while mounted.
 */
async function isMountPoint(folder: string): Promise<boolean> {
  try {
    return (await stat(folder)).dev !== (await stat(dirname(folder))).dev;
  } catch (error) {
    return errorCode(error) !== 'ENOENT';
  }
}

async function finish(system: DriveSystem, place: DriveFolder, expected: Expected): Promise<DriveVerdict> {
  const entries: VerifiedEntry[] = [];
  for (const entry of expected.entries) {
    const damage = await findDamage(place.mountPoint, entry, expected.judge);
    entries.push(damage ? { state: 'damaged', entry, fault: damage } : { state: 'verified', entry });
  }
  if (entries.some(({ state }) => state === 'damaged')) return { kind: 'damaged', entries };
  const ejected = await eject(system, place);
  return ejected.ok
    ? { kind: 'verified', entries }
    : { kind: 'verified-not-ejected', entries, fault: ejected.fault };
}

function eject(system: DriveSystem, place: DriveFolder): ReturnType<DriveSystem['eject']> {
  if (place.kind === 'drive') return system.eject(place.drive);
  const { mountPoint: file, fileSystem: found } = place;
  return Promise.resolve(refuse('drive-eject-failed', { where: { file }, found }));
}

/** What is wrong with an eNB's files on the drive; undefined if nothing is. */
async function findDamage(
  mountPoint: string,
  { enb, folder: name, bundle, request }: PlacedEntry,
  judge: Expected['judge'],
): Promise<Fault<'drive-damaged'> | undefined> {
  const place: EntryPath = [mountPoint, name, fileNames.bundle];
  const differs =
    (await findDifference([mountPoint, name, fileNames.request], encodeRequest(request))) ??
    (await findDifference(place, bundle));
  if (differs) return differs;
  const judged = judge(bundle, enb);
  if (judged.ok) return undefined;
  return fault('drive-damaged', { where: { file: pathOf(place) }, because: judged.fault });
}

async function findDifference(
  place: EntryPath,
  expected: Uint8Array,
): Promise<Fault<'drive-damaged'> | undefined> {
  const where = { file: pathOf(place) };
  const read = await readEntry(place, expected.length);
  if (!read.ok) return fault('drive-damaged', { where, because: read.fault });
  const { value: bytes } = read;
  if (bytes && Buffer.compare(bytes, expected) === 0) return undefined;
  const found = bytes ? describe(bytes) : 'no such file';
  return fault('drive-damaged', { where, expected: describe(expected), found });
}

function describe(bytes: Uint8Array): string {
  return `${bytes.length} bytes with SHA-256 ${hash('sha256', bytes)}`;
}
