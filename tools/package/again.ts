// Shows that the same sources give the same application: `node tools/package/again.ts` packs them once more, as in a
// clone in another folder, of a user with another umask, and compares app.asar with the one that was packed before. It
// ends with 0 if they are the same, byte for byte.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../launch/root.js';
import { copySources, packageFolders } from './sources.ts';

/** Nobody else may read what this umask creates. */
const strictUmask = 0o077;

/**
 * Packs the sources of this repository as they are now, in a temporary folder.
 * @returns the SHA-256 of the app.asar
 */
function packAgain(): string {
  const clone = mkdtempSync(join(tmpdir(), 'siteseal-again-'));
  const umask = process.umask(strictUmask);
  try {
    copySources(clone);
    for (const folder of packageFolders) linkAll(join(root, folder), join(clone, folder));
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(clone, 'tools', 'package', 'package.ts'), '--dir', '--json'],
      { cwd: clone, encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`npm run package failed in the second folder:\n${stderr}`);
    return digestIn(stdout);
  } finally {
    process.umask(umask);
    rmSync(clone, { recursive: true, force: true });
  }
}

/** Copies a folder with hard links where the system allows them, because it is large. */
function linkAll(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkAll(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else linkOrCopy(source, target);
  }
}

function linkOrCopy(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target);
  }
}

function digestIn(json: string): string {
  return (JSON.parse(json) as { readonly archive: { readonly sha256: string } }).archive.sha256;
}

const { digestOfPacked } = await import('./pack.ts');
const before = await digestOfPacked();
const after = packAgain();
console.log(`${before}  app.asar in dist/\n${after}  app.asar packed again`);
if (before !== after) process.exitCode = 1;
