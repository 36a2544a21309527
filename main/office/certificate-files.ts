import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ok, refuse, type Result } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';

/** The file names that vendors give to certificates. */
const suffixes = ['.pem', '.crt', '.cer', '.der', '.p7b', '.p7c'];

/** A file with certificates, as named or found. */
export interface CertificateFile {
  readonly path: string;
  /** The folders below which no symbolic link may lead to the file. */
  readonly folders: readonly string[];
}

/**
 * The files with certificates at these paths: each file itself, whatever its name, and all files below a folder that are
 * named like certificates, in the order of their names. Leaves out hidden files and folders. Refuses with
 * `file-unreadable` a symbolic link to a folder below a path, because it may lead out of the folder or in circles.
 * Refuses with `certificate-unreadable` a folder without such a file. Yields undefined after each folder, so that the
 * caller can stop between them.
 *
 * @param folders in which no symbolic link is followed
 */
export function* certificateFiles(
  paths: readonly string[],
  folders: readonly string[] = [],
): Generator<Result<CertificateFile, 'file-unreadable' | 'certificate-unreadable'> | undefined> {
  for (const path of paths) {
    if (!isFolder(path)) {
      yield ok({ path, folders });
      continue;
    }
    let isEmpty = true;
    for (const found of filesBelow(path)) {
      if (found) isEmpty = false;
      yield found?.ok ? ok({ path: found.value, folders: [...folders, path] }) : found;
    }
    if (isEmpty) yield refuse('certificate-unreadable', { rule: 'certificate-files', where: { file: path } });
  }
}

function* filesBelow(folder: string): Generator<Result<string, 'file-unreadable'> | undefined> {
  const where = { file: folder };
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    yield refuse('file-unreadable', { where, found: errorCode(error) });
    return;
  }
  const { compare } = new Intl.Collator('en', { numeric: true });
  for (const entry of entries.sort((a, b) => compare(a.name, b.name))) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isSymbolicLink() && isFolder(path))
      yield refuse('file-unreadable', { where: { file: path }, found: 'a symbolic link' });
    else if (suffixes.some((suffix) => entry.name.toLowerCase().endsWith(suffix))) yield ok(path);
  }
  yield undefined;
}

/** Whether a path leads to a folder. False if the system cannot tell: reading the file then says why. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
