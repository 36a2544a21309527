import {
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  fstatSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { ok, refuse, type Result } from '../faults/index.ts';
import { errorCode } from './error-code.ts';
import { isBehindLink, isInPlace } from './links.ts';

/**
 * Reads a whole file of at most `maximum` bytes. Only reads regular files, because a device or pipe named by mistake
 * might never end. The buffer belongs to the caller alone, who wipes it if it held a secret.
 *
 * @param folders in which no symbolic link is followed
 * @param allocate makes the buffer for so many bytes
 */
export function readFile(
  path: string,
  maximum: number,
  folders: readonly string[] = [],
  allocate = (size: number): Buffer => Buffer.alloc(size),
): Result<Buffer, 'file-unreadable' | 'file-too-large'> {
  return readRegular(path, folders, (size) => (size > maximum ? undefined : size), allocate);
}

/** Reads the first bytes of a file: as many as there are, and at most `most`. Only reads regular files. */
export function readStart(path: string, most: number): Result<Buffer, 'file-unreadable' | 'file-too-large'> {
  return readRegular(
    path,
    [],
    (size) => Math.min(size, most),
    (size) => Buffer.alloc(size),
  );
}

/** Reads as many bytes as `wanted` says for the size of the file. Undefined refuses the file as too large. */
function readRegular(
  path: string,
  folders: readonly string[],
  wanted: (size: number) => number | undefined,
  allocate: (size: number) => Buffer,
): Result<Buffer, 'file-unreadable' | 'file-too-large'> {
  const where = { file: path };
  let file: number | undefined;
  try {
    if (isBehindLink(path, folders)) return refuse('file-unreadable', { where, found: 'a symbolic link' });
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!isInPlace(path, folders, fstatSync(file, { bigint: true })))
      return refuse('file-unreadable', { where, found: 'a symbolic link' });
    const status = fstatSync(file);
    if (!status.isFile()) return refuse('file-unreadable', { where, found: 'not a regular file' });
    const length = wanted(status.size);
    if (length === undefined) return refuse('file-too-large', { where, found: String(status.size) });
    const bytes = allocate(length);
    let have = 0;
    for (let read = -1; have < bytes.length && read !== 0; have += read) {
      read = readSync(file, bytes, have, bytes.length - have, null);
    }
    return ok(bytes.subarray(0, have));
  } catch (error) {
    return refuse('file-unreadable', { where, found: errorCode(error) });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/**
 * Makes a folder and any missing ones above it, and flushes their names to disk. Without that, a power cut could lose
 * a file that was flushed, together with its folder. Does not use `recursive` of Node.js, which never returns in a
 * folder like /proc, where nothing can be created.
 */
export function makeFolder(path: string, mode = 0o777): void {
  try {
    mkdirSync(path, mode);
  } catch (error) {
    if (errorCode(error) === 'EEXIST' && statSync(path).isDirectory()) return;
    if (errorCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    makeFolder(dirname(path), mode);
    mkdirSync(path, mode);
  }
  syncFolder(dirname(path));
}

/** The temporary name of a file that is not complete yet. */
export function partOf(path: string): string {
  return `${path}.part`;
}

/**
 * Opens a new file under the temporary name of `path`. Removes anything already there, which a killed process or
 * someone else left. A link there is not followed (O_EXCL) but removed, and its target is untouched.
 *
 * @returns the descriptor; the caller writes, syncs, closes and renames
 */
export function openPart(path: string, mode: number): number {
  const part = partOf(path);
  try {
    return openSync(part, 'wx', mode);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    unlinkSync(part);
    return openSync(part, 'wx', mode);
  }
}

/**
 * Writes a file so that it exists completely or not at all, even after a power cut. Writes under a temporary name,
 * flushes it, renames it, and flushes the folder.
 */
export function writeFileAtomically(path: string, bytes: Uint8Array, mode = 0o644): void {
  const file = openPart(path, mode);
  try {
    try {
      writeFileSync(file, bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partOf(path), path);
  } catch (error) {
    clear(partOf(path));
    throw error;
  }
  syncFolder(dirname(path));
}

/** Removes an incomplete file, if possible: the disk may be gone. */
export function clear(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The caller reports why the file is incomplete.
  }
}

/** Flushes the names in a folder to disk. Windows cannot, and does not need to. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
