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
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { ok, refuse, type Result } from '../faults/index.ts';
import { errorCode } from './error-code.ts';

/**
 * Reads a whole file of at most `maximum` octets. Only regular files are read: a device or a pipe named by mistake
 * would never end. The buffer is the caller's alone, to be wiped when it held a secret.
 */
export function readFile(
  path: string,
  maximum: number,
): Result<Buffer, 'file-unreadable' | 'file-too-large'> {
  const where = { file: path };
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
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

/**
 * Writes a file so that it is there whole or not at all, also after a power cut: under a temporary name, forced to
 * the disk, renamed, and the folder forced to the disk.
 */
export function writeFileAtomically(path: string, bytes: Uint8Array, mode = 0o644): void {
  const temporary = `${path}.part`;
  try {
    const file = openSync(temporary, 'w', mode);
    try {
      writeFileSync(file, bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    clear(temporary);
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
