// docs/seed.md: every statement of the architecture names a test that exists.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { namesTest } from '../../kit/test-names.ts';

const root = join(import.meta.dirname, '../../..');
const page = 'docs/seed.md';

/** The parts of the architecture, in the order of the page. */
const parts = [
  'The vendor',
  "The operator's configuration service",
  "The operator's PKI",
  "The operator's enrolment credential",
  'Preparation',
  'Step 0',
  'Step 0.5',
  'Step 1',
  'Step 2',
  'Renewal',
  'The lab',
];

interface Statement {
  readonly text: string;
  /** The lines below it, each of which names a test. */
  readonly lines: readonly string[];
}

/** The statements of a part: the numbered items, each with the items below it. */
function statementsOf(part: string): readonly Statement[] {
  const [, ...items] = part.split(/^\d+\. /m);
  return items.map((item) => {
    const [text = '', ...lines] = item.trimEnd().split(/\n +- /);
    return { text, lines };
  });
}

const [, ...sections] = readFileSync(join(root, page), 'utf8').split(/^## /m);
const found = sections.map((section) => {
  const [title = ''] = section.split('\n', 1);
  return { title, statements: statementsOf(section) };
});

suite(page, () => {
  test('has the parts of the architecture, in their order', () => {
    assert.deepEqual(
      found.map(({ title }) => title),
      parts,
    );
  });

  for (const { title, statements } of found) {
    test(`says something about ${title}`, () => assert.notEqual(statements.length, 0));

    for (const { text, lines } of statements)
      test(`shows by tests that exist: ${text}`, () => {
        assert.notEqual(lines.length, 0, 'no test');
        for (const line of lines) {
          const [, shown = '', link = '', name = ''] =
            /^\[([^\]]+)\]\(([^)]+)\): `([^`]+)`$/.exec(line) ?? [];
          assert.notEqual(name, '', `not a file and a test: ${line}`);
          const file = join(dirname(page), link);
          assert.equal(shown, file);
          assert(existsSync(join(root, file)), file);
          assert(namesTest(join(root, file), name), `${file} has no test "${name}"`);
        }
      });
  }
});

suite('the name of a test', () => {
  const given: readonly (readonly [name: string, why: string, isThere: boolean])[] = [
    ['docs/seed.md has the parts of the architecture, in their order', 'with its suite', true],
    ['… has the parts of the architecture, in their order', 'with "…" for what is filled in', true],
    ['docs/none.md has the parts of the architecture, in their order', 'with a value from elsewhere', false],
    ['has the parts of the architecture, in their order', 'without its suite', false],
    ['docs/seed.md has the parts of the architecture', 'that is cut', false],
    ['docs/seed.md', 'that is a suite', false],
  ];
  for (const [name, why, isThere] of given)
    test(`${isThere ? 'is' : 'is not'} found ${why}`, () => {
      assert.equal(namesTest(import.meta.filename, name), isThere);
    });
});
