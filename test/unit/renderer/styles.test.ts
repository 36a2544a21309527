import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../../..');
const sheet = /import (\w+) from '(\.[^']+\.module\.css)'/g;

test('every class that a component names is in its style sheet', () => {
  const missing: string[] = [];
  let named = 0;
  for (const file of globSync('renderer/src/**/*.{ts,tsx}', { cwd: root })) {
    const source = readFileSync(join(root, file), 'utf8');
    for (const [, binding = '', path = ''] of source.matchAll(sheet)) {
      const css = readFileSync(join(root, dirname(file), path), 'utf8');
      for (const [, name = ''] of source.matchAll(new RegExp(`\\b${binding}\\['([\\w-]+)'\\]`, 'g'))) {
        named++;
        if (!new RegExp(`\\.${name}(?![\\w-])`).test(css)) missing.push(`${file}: ${name}`);
      }
    }
  }
  assert.ok(named > 40, String(named));
  assert.deepEqual(missing, []);
});
