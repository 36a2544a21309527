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
 * Reads a whole file of at most `maximum` octets. Only regular files are read: a device or a pipe named by mistake
 * would never end. The buffer is the caller's alone, to be wiped when it held a secret.
 * @param folders below these no symbolic link is followed
 */
export function readFile(
  path: string,
  maximum: number,
  folders: readonly string[] = [],
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
    if (status.size > maximum) return refuse('file-too-large', { where, found: String(status.size) });
    const bytes = Buffer.alloc(status.size);
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
 * Makes a folder and those above it, where they are not there yet, and forces their names to the disk: a file that is
 * forced to it in a folder that is not would be lost. Not `recursive` of Node.js, which never ends below a folder like
 * /proc, where nothing can be made.
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

/** The name under which a file is written until it is whole. */
export function partOf(path: string): string {
  return `${path}.part`;
}

/**
 * Opens a new file under the temporary name of `path`, and never one that is there already: what a killed process left
 * there, or what someone else put there, is removed. A link is not followed (O_EXCL): it is removed as well, and what
 * it leads to stays as it was.
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
 * Writes a file so that it is there whole or not at all, also after a power cut: under a temporary name, forced to
 * the disk, renamed, and the folder forced to the disk.
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

/** Removes what was not completed, where that can still be done: the disk may have gone. */
export function clear(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // What is to be told is why it was not completed.
  }
}

/** Forces the names in a folder to the disk. Windows cannot, and does not need to. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
