import { constants } from 'node:fs';
import { lstat, mkdir, open, opendir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fault, ok, refuse, refused, type Fault, type Result } from '../faults/index.ts';
import { errorCode, systemErrorCode } from '../files/index.ts';

/**
 * Files on a drive that anyone may have written. Follows no symbolic link anywhere below the mount point, only opens
 * regular files and folders, and reads no more than requested. Errors of the file system become faults.
 */

/** All of Siteseal's files on a drive are in this folder at its top. */
const topFolder = 'siteseal';

/** A path on a drive: its mount point, then the names below `siteseal/`. */
export type EntryPath = readonly [mountPoint: string, ...names: readonly string[]];

export function pathOf([mountPoint, ...names]: EntryPath): string {
  return join(mountPoint, topFolder, ...names);
}

/** Why a file on a drive cannot be read or written. */
export type DriveFaultCode =
  'drive-gone' | 'drive-full' | 'drive-read-only' | 'drive-unusable' | 'drive-entry-unfit';

/** The meanings of file system errors on a drive. Any other is `drive-unusable`. */
const errorCodes: Readonly<Record<string, DriveFaultCode>> = {
  ENOSPC: 'drive-full',
  EDQUOT: 'drive-full',
  EROFS: 'drive-read-only',
  ENODEV: 'drive-gone',
  ENXIO: 'drive-gone',
  EIO: 'drive-gone',
  ENOENT: 'drive-gone',
  ENOTCONN: 'drive-gone',
  ECONNABORTED: 'drive-gone',
  ESTALE: 'drive-gone',
  ELOOP: 'drive-entry-unfit',
  ENOTDIR: 'drive-entry-unfit',
  EISDIR: 'drive-entry-unfit',
};

function driveFault(error: unknown, path: string): Fault<DriveFaultCode> {
  const found = systemErrorCode(error);
  return fault(errorCodes[found] ?? 'drive-unusable', { where: { file: path }, found });
}

/** Runs an action on a drive. Its errors become faults at `path`. */
export async function onDrive<Value>(
  path: string,
  action: () => Promise<Value>,
): Promise<Result<Value, DriveFaultCode>> {
  try {
    return ok(await action());
  } catch (error) {
    return refused(driveFault(error, path));
  }
}

/** What is at a path, in words; undefined if there is nothing. */
async function kindAt(path: string): Promise<'file' | 'folder' | 'symbolic link' | 'neither' | undefined> {
  try {
    const status = await lstat(path);
    if (status.isSymbolicLink()) return 'symbolic link';
    return status.isFile() ? 'file' : status.isDirectory() ? 'folder' : 'neither';
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Checks that a path has the expected kind of thing, or nothing. All its parents must be folders. */
async function checkKind(
  entry: EntryPath,
  expected: 'file' | 'folder',
): Promise<Result<boolean, DriveFaultCode>> {
  const [mountPoint, ...names] = entry;
  if (names.length > 0) {
    const above = await checkKind([mountPoint, ...names.slice(0, -1)], 'folder');
    if (!above.ok || !above.value) return above;
  }
  const path = pathOf(entry);
  const kind = await onDrive(path, () => kindAt(path));
  if (!kind.ok) return kind;
  const { value: found } = kind;
  if (found === undefined || found === expected) return ok(found !== undefined);
  return refuse('drive-entry-unfit', { where: { file: path }, expected, found });
}

/** The contents of a regular file of at most `maximum` bytes; undefined if there is no file. */
export async function readEntry(
  entry: EntryPath,
  maximum: number,
): Promise<Result<Buffer | undefined, DriveFaultCode>> {
  const isThere = await checkKind(entry, 'file');
  if (!isThere.ok) return isThere;
  if (!isThere.value) return ok(undefined);
  const path = pathOf(entry);
  const read = await onDrive(path, async () => {
    // Windows has neither flag, nor the dangers they prevent. There both are 0.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    try {
      const status = await file.stat();
      if (!status.isFile()) return undefined; // It was put there just now.
      const buffer = Buffer.alloc(Math.min(status.size, maximum) + 1);
      let have = 0;
      for (let bytesRead = -1; have < buffer.length && bytesRead !== 0; have += bytesRead)
        ({ bytesRead } = await file.read(buffer, have, buffer.length - have, have));
      return buffer.subarray(0, have);
    } finally {
      await file.close();
    }
  });
  if (!read.ok) return read;
  if (read.value && read.value.length <= maximum) return ok(read.value);
  const found = read.value ? `more than ${maximum} bytes` : 'neither';
  return refuse('drive-entry-unfit', { where: { file: path }, found });
}

/**
 * Replaces a file completely or not at all. Writes under a temporary name that nobody else has created, flushes it,
 * renames it, and flushes the folder.
 */
export async function replaceEntry(
  entry: EntryPath,
  bytes: Uint8Array,
): Promise<Result<void, DriveFaultCode>> {
  const isThere = await checkKind(entry, 'file');
  if (!isThere.ok) return isThere;
  const path = pathOf(entry);
  const temporary = `${path}.part`;
  const replaced = await onDrive(path, async () => {
    await rm(temporary, { force: true });
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  });
  // The caller reports why the file is incomplete.
  if (!replaced.ok) await rm(temporary, { force: true }).catch(() => undefined);
  return replaced;
}

/** Makes a folder if it does not exist. */
export async function makeEntryFolder(entry: EntryPath): Promise<Result<void, DriveFaultCode>> {
  const isThere = await checkKind(entry, 'folder');
  if (!isThere.ok) return isThere;
  if (isThere.value) return ok(undefined);
  const path = pathOf(entry);
  return onDrive(path, async () => {
    await mkdir(path);
    await syncFolder(dirname(path));
  });
}

/** The names in a folder, at most `maximum`; empty if there is no folder. */
export async function listEntries(
  entry: EntryPath,
  maximum: number,
): Promise<Result<readonly string[], DriveFaultCode>> {
  const isThere = await checkKind(entry, 'folder');
  if (!isThere.ok) return isThere;
  if (!isThere.value) return ok([]);
  const path = pathOf(entry);
  const names: string[] = [];
  const listed = await onDrive(path, async () => {
    for await (const { name } of await opendir(path)) if (names.push(name) > maximum) break;
  });
  if (!listed.ok) return listed;
  if (names.length <= maximum) return ok(names.sort());
  const found = `more than ${maximum} entries`;
  return refuse('drive-entry-unfit', { where: { file: path }, found });
}

/** Flushes the names in a folder to the drive. Windows cannot, and does not need to. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
