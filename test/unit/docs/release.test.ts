import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import about from '../../../assets/locales/en/page/about.json' with { type: 'json' };
import { currentStatement, statement } from '../../e2e/accessibility-facts.ts';

const root = join(import.meta.dirname, '../../..');

test('docs/accessibility.md counts the scenes and rules right, and names every scene', async () => {
  assert.equal(readFileSync(statement, 'utf8'), await currentStatement());
});

test('About says the same as SECURITY.md about support and vulnerabilities', () => {
  const policy = readFileSync(join(root, 'SECURITY.md'), 'utf8').replaceAll('_', '').replace(/\s+/g, ' ');
  const { title, ...sentences } = about.support;
  assert.ok(title !== '');
  for (const sentence of Object.values(sentences)) assert.ok(policy.includes(sentence), sentence);
});
