import { lstatSync, type BigIntStats } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';

/**
 * Whether a path goes through a symbolic link or is one, below the folder of `folders` that contains it. Anything
 * outside these folders or missing does not count as a link.
 */
export function isBehindLink(path: string, folders: readonly string[]): boolean {
  return stepsTo(path, folders).some((step) => lstatSync(step, { throwIfNoEntry: false })?.isSymbolicLink());
}

/**
 * Whether an opened file is still the one at its path, reached without a symbolic link below the folder of `folders`
 * that contains it. A link may have been there at the moment of opening.
 */
export function isInPlace(path: string, folders: readonly string[], opened: BigIntStats): boolean {
  const steps = stepsTo(path, folders);
  return steps.every((step, index) => {
    const status = lstatSync(step, { bigint: true, throwIfNoEntry: false });
    const isLast = index === steps.length - 1;
    return isLast ? status?.dev === opened.dev && status.ino === opened.ino : status?.isDirectory();
  });
}

/**
 * The path and its parents below the folder of `folders` that contains it, from the top, ending with the path. Empty
 * for a path outside these folders.
 */
function stepsTo(path: string, folders: readonly string[]): readonly string[] {
  for (const folder of folders) {
    const inside = relative(folder, path);
    if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) continue;
    const names = inside.split(sep);
    return names.map((_, index) => join(folder, ...names.slice(0, index + 1)));
  }
  return [];
}
