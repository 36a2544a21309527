// The build puts the core into build/core/. What it finds by its own place must be found from there too.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../../..');

/** Where a module looks from its own folder: `join(import.meta.dirname, '..', …)`. */
const lookup = /import\.meta\.dirname,\s*['"`](\.\.[^)]*?)\)/g;

test('what the core reads by its own place is at the same place from its build', () => {
  const looks = globSync('main/**/*.ts', { cwd: root }).flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(lookup)].map(([, path = '']) => {
      const ups = path.match(/\.\./g) ?? [];
      const up = (folder: string) => resolve(root, folder, ...ups);
      return { file, reaches: up(dirname(file)), reachesBuilt: up('build/core') };
    }),
  );
  assert(looks.length >= 3);
  for (const { file, reaches, reachesBuilt } of looks) assert.equal(reachesBuilt, reaches, file);
});
