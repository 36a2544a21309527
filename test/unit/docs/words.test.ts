import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { entries, findPhrases } from '../../kit/phrases.ts';

const root = join(import.meta.dirname, '../../..');

/** Where the words are kept. Of sources only the comments count, of JSON only the values. */
const prose: readonly string[] = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'docs/**/*.md',
  'test/data/*/README.md',
  'assets/locales/**/*.json',
  'main/**/*.ts',
  'preload/**/*.ts',
  'renderer/{src,verifier}/**/*.{ts,tsx}',
  'tools/{*,docs/*,package/*}.ts',
  'test/{bench,kit,mutants,soak,vectors}/**/*.ts',
];

suite('the words of test/data/words-to-avoid.json', () => {
  for (const glob of prose) {
    test(`are in no file of ${glob}`, () => {
      const files = globSync(glob, { cwd: root }).sort();
      assert.notEqual(files.length, 0, 'no such file');
      const lines = files.flatMap((file) =>
        findPhrases(file, readFileSync(join(root, file), 'utf8')).map(
          ({ line, phrase, write }) => `${file}:${line}: "${phrase}": ${write}`,
        ),
      );
      assert.equal(lines.length, 0, `${lines.length} to change:\n${lines.join('\n')}`);
    });
  }

  test('are each listed once', () => {
    const all = entries.flatMap(({ avoid }) => avoid);
    assert.deepEqual([...new Set(all)], all);
  });
});

suite('a phrase to avoid', () => {
  const cases = [
    {
      shows: 'is found as whole words, in any case',
      file: 'a.md',
      text: 'It is\nBegun anew.',
      lines: [2, 2],
    },
    {
      shows: 'is found across a line break',
      file: 'a.md',
      text: 'It was made in a way of\n  its own.',
      lines: [1],
    },
    {
      shows: 'is not found inside another word',
      file: 'a.md',
      text: 'A recommendation, `mendedBy`, re-mend.',
      lines: [],
    },
    {
      shows: 'is not found where it is right',
      file: 'a.md',
      text: 'An OCTET STRING stands for bytes.',
      lines: [],
    },
    {
      shows: 'is found in comments of sources, and not in their code',
      file: 'a.tsx',
      text: "// anew\nconst a = <p>anew // anew {b}</p>;\n/**\n * What it\n * does by\n * itself.\n */\nconst anew = '// anew';",
      lines: [1, 5],
    },
    {
      shows: 'is found in values of JSON, and not in names',
      file: 'a.json',
      text: '{ "anew": 1,\n"a": "anew" }',
      lines: [2],
    },
  ] as const;

  for (const { shows, file, text, lines } of cases) {
    test(shows, () => {
      assert.deepEqual(
        findPhrases(file, text).map(({ line }) => line),
        lines,
      );
    });
  }
});
