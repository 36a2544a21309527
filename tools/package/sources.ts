// The sources of this repository, to pack them in another place.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../launch/root.js';

/** The folders with installed packages, which are not in the repository. */
export const packageFolders = ['node_modules', join('tools', 'package', 'node_modules')] as const;

/** Copies the files that a clone would have, with the changes that are not committed. */
export function copySources(to: string): void {
  const deleted = new Set(list('--deleted'));
  for (const file of list('--cached', '--others', '--exclude-standard')) {
    if (deleted.has(file)) continue;
    mkdirSync(dirname(join(to, file)), { recursive: true });
    copyFileSync(join(root, file), join(to, file));
  }
}

function list(...options: readonly string[]): readonly string[] {
  const names = execFileSync('git', ['ls-files', '-z', ...options], { cwd: root, encoding: 'utf8' });
  return names.split('\0').filter(Boolean);
}
