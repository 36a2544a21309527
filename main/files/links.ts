import { lstatSync, type BigIntStats } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';

/**
 * Whether a symbolic link leads to a path, from the one of these folders that holds it: on the way, or at its end. Paths
 * outside the folders are not judged, nor is what is not there.
 */
export function isBehindLink(path: string, folders: readonly string[]): boolean {
  return stepsTo(path, folders).some((step) => lstatSync(step, { throwIfNoEntry: false })?.isSymbolicLink());
}

/**
 * Whether a file that was opened by its path is the one that lies there, reached from the one of these folders that holds
 * it without a symbolic link. A link may have stood there in the moment of opening.
 */
export function isInPlace(path: string, folders: readonly string[], opened: BigIntStats): boolean {
  const steps = stepsTo(path, folders);
  return steps.every((step, index) => {
    const status = lstatSync(step, { bigint: true, throwIfNoEntry: false });
    const isLast = index === steps.length - 1;
    return isLast ? status?.dev === opened.dev && status.ino === opened.ino : status?.isDirectory();
  });
}

/** The paths below the one of the folders that holds a path, from the top, the path itself the last; none outside. */
function stepsTo(path: string, folders: readonly string[]): readonly string[] {
  for (const folder of folders) {
    const way = relative(folder, path);
    if (way === '' || way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) continue;
    const names = way.split(sep);
    return names.map((_, index) => join(folder, ...names.slice(0, index + 1)));
  }
  return [];
}
