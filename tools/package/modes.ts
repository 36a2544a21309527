// Who may read and run what is in a package.
import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Gives everything in a folder the same modes, whatever the umask of the user who makes the package: everyone may read it,
 * and only programs are runnable.
 * @param special the mode of a file that is different, by its name; undefined for all others
 */
export function setModes(
  folder: string,
  special: (name: string) => number | undefined = () => undefined,
): void {
  chmodSync(folder, 0o755);
  for (const { name, parentPath } of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(parentPath, name);
    const state = lstatSync(path);
    if (state.isSymbolicLink()) continue;
    const isRunnable = state.isDirectory() || (state.mode & 0o100) !== 0;
    const mode = state.isFile() ? special(name) : undefined;
    chmodSync(path, mode ?? (isRunnable ? 0o755 : 0o644));
  }
}
