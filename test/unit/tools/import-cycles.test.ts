// No file imports itself by way of others, not even their types: each can be read after those that it stands on.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../../..');
const roots = ['main', 'preload', 'renderer/src', 'renderer/verifier', 'test', 'tools'];

type Imports = ReadonlyMap<string, readonly string[]>;

/** The relative imports of each file, from the root. */
function readImports(): Imports {
  const options = { cwd: root, exclude: ['**/node_modules'] };
  const files = roots.flatMap((folder) => globSync(`${folder}/**/*.{js,ts,tsx}`, options));
  return new Map(files.map((file) => [file, importsOf(file)]));
}

function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const names = text.matchAll(/(?:^|\s)(?:from|import) '(\.[^']+)'/g);
  return Array.from(names, ([, name = '']) => normalize(join(dirname(file), name)));
}

/** The first cycle that there is, as the files on it. */
function findCycle(imports: Imports): readonly string[] | undefined {
  const free = new Set<string>();
  const visit = (file: string, above: readonly string[]): readonly string[] | undefined => {
    if (free.has(file)) return undefined;
    if (above.includes(file)) return [...above.slice(above.indexOf(file)), file];
    for (const next of imports.get(file) ?? []) {
      const cycle = visit(next, [...above, file]);
      if (cycle) return cycle;
    }
    free.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const cycle = visit(file, []);
    if (cycle) return cycle;
  }
  return undefined;
}

test('a cycle is found, whatever comes before it', () => {
  const imports = new Map([
    ['a', ['b', 'd']],
    ['b', ['d']],
    ['c', ['d']],
    ['d', ['e']],
    ['e', ['c']],
  ]);
  assert.deepEqual(findCycle(imports), ['d', 'e', 'c', 'd']);
  assert.equal(findCycle(new Map([...imports, ['e', []]])), undefined);
});

test('no imports go round in a circle', () => {
  const imports = readImports();
  for (const folder of roots) {
    const inside = [...imports].filter(([file]) => file.startsWith(`${folder}/`));
    const own = inside.flatMap(([, names]) => names).filter((name) => imports.has(name));
    assert(own.length > 5, `only ${own.length} imports were found in ${folder}`);
  }
  assert.deepEqual(findCycle(imports), undefined);
});
