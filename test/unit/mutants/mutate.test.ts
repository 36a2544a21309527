import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mutantsOf } from '../../mutants/mutate.ts';

/** What becomes of a piece of source, one fault at a time. */
function faults(text: string): readonly string[] {
  return mutantsOf('x.ts', text).map(
    ({ start, end, replacement }) => text.slice(0, start) + replacement + text.slice(end),
  );
}

describe('a small fault in the sources', () => {
  const cases: Readonly<Record<string, readonly [source: string, ...faults: readonly string[]]>> = {
    'is another comparison': ['a === b', 'a !== b', ';'],
    'is another boundary': ['const a = b < c', 'const a = b <= c', 'const a = b >= c'],
    'is another sum': ['const a = b + 1', 'const a = b - 1', 'const a = b + (1 + 1)'],
    'is another logic': ['const a = !b && c', 'const a = b && c', 'const a = !b || c'],
    'is a condition that always or never holds': ['if (a) b', 'if (true) b', 'if (false) b', 'if (a) ;'],
    'is a call that is left out': ['await a.sync();', ';'],
    'is nothing returned': ['function a() { return b; }', 'function a() { return; }'],
    'is nothing answered': ['const a = () => b', 'const a = () => undefined'],
    'is another literal': [
      "const a = ['x', '', true]",
      "const a = ['', '', true]",
      "const a = ['x', 'mutant', true]",
      "const a = ['x', '', false]",
    ],
    'is not in types, imports and the words of a defect': [
      "import a from 'a'; type B = 'b' | true; interface C { d: 'e' }; const f = new Error('g')",
    ],
  };
  for (const [name, [source, ...expected]] of Object.entries(cases))
    it(name, () => assert.deepEqual([...faults(source)].sort(), [...expected].sort()));

  it('says where it is', () => {
    assert.deepEqual(mutantsOf('main/x.ts', 'const a =\n  true;'), [
      { file: 'main/x.ts', start: 12, end: 16, line: 2, original: 'true', replacement: 'false' },
    ]);
  });
});
