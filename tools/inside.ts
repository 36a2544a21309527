// What each build puts into its output from packages: the builds note it, and the list of parts is made from the notes.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { root } from './launch/root.js';
import { findPackage, lockPath, packageOf } from './licences.ts';

/** The file in a built folder that names the packages inside, by their folders in the repository. */
const noteName = '.packages';

/** What a style sheet takes from a package: another sheet, or a font. */
const inSheet = /(?:@import\s+|url\()\s*['"]((?:@[\w.-]+\/)?[\w.-]+)\/[^'"]*['"]/g;

/** Collects the packages that end up in the output of a build. Code that is shaken off does not count. */
export function collectPackages(found: Set<string>): Plugin {
  const add = (folder: string | undefined) => folder !== undefined && found.add(lockPath(folder));
  return {
    name: 'siteseal-packages',
    enforce: 'pre',
    transform(code, id) {
      if (!/\.css$/.test(id)) return;
      for (const [, name = ''] of code.matchAll(inSheet)) add(findPackage(name, root));
    },
    generateBundle(_options, bundle) {
      for (const output of Object.values(bundle)) {
        if (output.type === 'chunk') output.moduleIds.forEach((id) => add(packageOf(id)));
      }
    },
  };
}

/** Notes in a built folder which packages are inside. */
export function notePackages(folder: string, packages: ReadonlySet<string>): void {
  writeFileSync(join(folder, noteName), `${JSON.stringify([...packages].sort(), undefined, 1)}\n`);
}

/** The packages in a built folder, by their folders. */
export function readPackages(folder: string): readonly string[] {
  const noted = JSON.parse(readFileSync(join(folder, noteName), 'utf8')) as readonly string[];
  return noted.map((place) => join(root, place));
}
