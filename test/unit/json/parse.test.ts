import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseEditedJson, parseJson, type JsonValue } from '../../../main/json/index.ts';

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'utf8'));

function parse(text: string): JsonValue {
  const parsed = parseJson(bytesOf(text));
  assert(parsed.ok, `${text}: ${JSON.stringify(parsed)}`);
  return parsed.value;
}

/** The rule that a text breaks, and where. */
function refusal(input: string | Uint8Array): string {
  const parsed = parseJson(typeof input === 'string' ? bytesOf(input) : input);
  assert(!parsed.ok, String(input));
  assert.equal(parsed.fault.code, 'json-malformed');
  const { line, column } = parsed.fault.where ?? {};
  return `${parsed.fault.rule} at ${line}:${column}`;
}

const arrays = (depth: number, inside = '') => '['.repeat(depth) + inside + ']'.repeat(depth);
const objects = (depth: number) => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);

describe('JSON that is read', () => {
  const cases: readonly (readonly [string, string, unknown])[] = [
    ['each literal', '[true,false,null]', [true, false, null]],
    [
      'white space in every place that the grammar has',
      ' \t\r\n{ "a" : [ 1 , 2 ] , "b" : { } } ',
      { a: [1, 2], b: {} },
    ],
    ['a value that is no object', '"text"', 'text'],
    ['an empty array, object and string', '[[],{},""]', [[], {}, '']],
    ['numbers of every form', '[0,-0,-1,1.5,-0.5e-3,1E3,1e+2]', [0, -0, -1, 1.5, -0.0005, 1000, 100]],
    ['the largest integers', '[9007199254740991,-9007199254740991]', [9007199254740991, -9007199254740991]],
    ['a large number that is written as no integer', '[1e30,1.5e300]', [1e30, 1.5e300]],
    [
      'an integer that is written as none, in fifteen digits',
      '[12345678901234.0,-1234567890.0E0,0.1234567890e10,0.00123456789012345e17]',
      [12345678901234, -1234567890, 1234567890, 123456789012345],
    ],
    ['every escape', String.raw`"\"\\\/\b\f\n\r\t\u00e4\u20AC"`, '"\\/\b\f\n\r\tä€'],
    ['a surrogate pair, escaped and not', String.raw`["\ud83d\ude00","😀"]`, ['😀', '😀']],
    ['control characters above the ASCII ones', '"\u007f\u0085\u009f"', '\u007f\u0085\u009f'],
    ['the line separators that once were not JavaScript', '"\u2028\u2029"', '\u2028\u2029'],
    [
      'names that differ only in case or composition',
      '{"a":1,"A":2,"\u00e4":3,"a\u0308":4}',
      { a: 1, A: 2, '\u00e4': 3, 'a\u0308': 4 },
    ],
    ['the same name in two objects', '[{"a":1},{"a":2}]', [{ a: 1 }, { a: 2 }]],
    ['32 levels of arrays', arrays(32, '1'), JSON.parse(arrays(32, '1'))],
    ['32 levels of objects', objects(32), JSON.parse(objects(32))],
  ];
  for (const [name, text, value] of cases)
    test(name, () =>
      assert.deepEqual(JSON.parse(JSON.stringify(parse(text))), JSON.parse(JSON.stringify(value))),
    );

  test('an object has no prototype, and its members are its own', () => {
    const value = parse('{"__proto__":{"polluted":true},"constructor":1,"toString":2,"hasOwnProperty":3}');
    assert.equal(Object.getPrototypeOf(value), null);
    assert.deepEqual(Object.keys(value as object), [
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
    ]);
    assert.equal((value as { polluted?: unknown }).polluted, undefined);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });

  test('a string of many megabytes, plain or all escapes', () => {
    const length = 8 * 1024 * 1024;
    assert.equal((parse(`"${'a'.repeat(length)}"`) as string).length, length);
    assert.equal((parse(`"${'\\n'.repeat(length)}"`) as string).length, length);
  });
});

describe('JSON that is refused', () => {
  const cases: readonly (readonly [string, string | Uint8Array, string])[] = [
    ['nothing', '', 'json-syntax at 1:1'],
    ['something wrong on the third line', '{\n  "a": 1,\r\n  "b" 2\n}', 'json-syntax at 3:7'],
    ['something wrong behind a character of two code units', '["\u{1f600}" 2]', 'json-syntax at 1:6'],
    [
      'an octet that is not UTF-8 on the second line',
      Buffer.from('5b0a22c3a4ff225d', 'hex'),
      'json-utf8 at 2:3',
    ],
    ['white space alone', ' \n', 'json-syntax at 2:1'],
    ['a byte order mark', '\ufeff{}', 'json-syntax at 1:1'],
    ["white space that is not JSON's", '\u00a0{}', 'json-syntax at 1:1'],
    ['something after the value', '{} {}', 'json-syntax at 1:4'],
    ['a zero octet at the end', '{}\0', 'json-syntax at 1:3'],
    ['a comment', '{} // end', 'json-syntax at 1:4'],
    ['a comma too many in an array', '[1,]', 'json-syntax at 1:4'],
    ['a comma too many in an object', '{"a":1,}', 'json-syntax at 1:8'],
    ['a comma too few', '[1 2]', 'json-syntax at 1:4'],
    ['a value without a name', '{1}', 'json-syntax at 1:2'],
    ['a name without quotes', '{a:1}', 'json-syntax at 1:2'],
    ['a name without a value', '{"a"}', 'json-syntax at 1:5'],
    ['a name without a colon', '{"a" 1}', 'json-syntax at 1:6'],
    ['an open array', '[1', 'json-syntax at 1:3'],
    ['an open object', '{"a":1', 'json-syntax at 1:7'],
    ['an array that is closed as an object', '[1}', 'json-syntax at 1:3'],
    ['an open string', '"abc', 'json-syntax at 1:1'],
    ['a string whose end is escaped', '"abc\\"', 'json-syntax at 1:1'],
    ['a text that ends in a backslash', '"abc\\', 'json-syntax at 1:1'],
    ['quotes of another kind', "'a'", 'json-syntax at 1:1'],
    ['a line break in a string', '"a\nb"', 'json-syntax at 1:1'],
    ['a tab in a string', '"a\tb"', 'json-syntax at 1:1'],
    ['a zero octet in a string', '"a\0b"', 'json-syntax at 1:1'],
    ['an unknown escape', String.raw`["\x41"]`, 'json-syntax at 1:2'],
    ['an escape cut short', String.raw`["\u12"]`, 'json-syntax at 1:2'],
    ['a literal cut short', '[tru]', 'json-syntax at 1:2'],
    ['a literal in capitals', 'True', 'json-syntax at 1:1'],
    ['a literal that goes on', 'nullify', 'json-syntax at 1:5'],
    ['undefined', 'undefined', 'json-syntax at 1:1'],
    ['NaN', 'NaN', 'json-syntax at 1:1'],
    ['infinity', '-Infinity', 'json-syntax at 1:1'],
    ['a plus sign', '+1', 'json-syntax at 1:1'],
    ['a leading zero', '01', 'json-syntax at 1:2'],
    ['a number without digits before its point', '.5', 'json-syntax at 1:1'],
    ['a number without digits after its point', '1.', 'json-syntax at 1:2'],
    ['an exponent without digits', '1e', 'json-syntax at 1:2'],
    ['a hexadecimal number', '0x1', 'json-syntax at 1:2'],
    ['a number that no double holds', '[1e309]', 'json-number at 1:2'],
    ['an integer above 2^53 - 1', '[9007199254740992]', 'json-number at 1:2'],
    ['an integer below -(2^53 - 1)', '[-9007199254740992]', 'json-number at 1:2'],
    ['an integer that is written as none, in sixteen digits', '[123456789012345.0]', 'json-number at 1:2'],
    ['what some round to an integer', '[6.99999999999999999999]', 'json-number at 1:2'],
    ['an integer of many digits', `[${'9'.repeat(400)}]`, 'json-number at 1:2'],
    ['the same name twice', '{"a":1,"b":2,"a":1}', 'json-duplicate-name at 1:14'],
    ['the same name twice, once escaped', String.raw`{"a":1,"\u0061":2}`, 'json-duplicate-name at 1:8'],
    ['the same name twice deep inside', '[{"x":{"":1,"":1}}]', 'json-duplicate-name at 1:13'],
    ['__proto__ twice', '{"__proto__":1,"__proto__":2}', 'json-duplicate-name at 1:16'],
    ['a high surrogate alone', String.raw`["\ud83d"]`, 'json-surrogate at 1:2'],
    ['a low surrogate alone', String.raw`["\ude00x"]`, 'json-surrogate at 1:2'],
    ['surrogates in the wrong order', String.raw`"\ude00\ud83d"`, 'json-surrogate at 1:1'],
    ['a lone surrogate in a name', String.raw`{"\ud800":1}`, 'json-surrogate at 1:2'],
    ['a noncharacter', '["\uffff"]', 'json-surrogate at 1:2'],
    ['a noncharacter beyond the first plane, escaped', String.raw`["\ud83f\udffe"]`, 'json-surrogate at 1:2'],
    ['33 levels of arrays', arrays(33), 'json-depth at 1:33'],
    ['33 levels of objects', objects(33), 'json-depth at 1:161'],
    ['a hundred thousand levels', '['.repeat(100_000), 'json-depth at 1:33'],
    ['an octet that is not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'json-utf8 at 1:2'],
    ['the same behind a byte order mark', Uint8Array.of(0xef, 0xbb, 0xbf, 0x22, 0xff), 'json-utf8 at 1:3'],
    ['UTF-8 longer than it need be', Uint8Array.of(0x22, 0xc0, 0xa2, 0x22), 'json-utf8 at 1:2'],
    ['a surrogate in UTF-8', Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), 'json-utf8 at 1:2'],
    ['UTF-8 cut short', Uint8Array.of(0x22, 0xe2, 0x82), 'json-utf8 at 1:2'],
    ['UTF-16', new Uint8Array(Buffer.from('{}', 'utf16le')), 'json-syntax at 1:2'],
  ];
  for (const [name, input, expected] of cases) test(name, () => assert.equal(refusal(input), expected));
});

describe('for any value and any bytes', () => {
  const isIJson = (value: unknown): boolean =>
    !/[\ufdd0-\ufdef]|\p{Noncharacter_Code_Point}/u.test(JSON.stringify(value));

  test('what JSON.stringify writes is read back as the same value', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6, stringUnit: 'binary' }), fc.nat(3), (text, indent) => {
        const value = JSON.parse(text) as unknown;
        fc.pre(isIJson(value));
        const written = JSON.stringify(value, undefined, indent);
        const parsed = parseJson(bytesOf(written));
        if (!parsed.ok) {
          // Only integers that JSON.stringify writes in full and doubles do not hold.
          assert.equal(parsed.fault.rule, 'json-number');
          return;
        }
        assert.equal(JSON.stringify(parsed.value), JSON.stringify(value));
      }),
      { numRuns: 300 },
    );
  });

  test('what it takes, JSON.parse takes as well, to the same value', () => {
    const character = fc.constantFrom(...'{}[]":,0123456789-+.eE\\utrnfals \n\t'.split(''), '\u00e4', '😀');
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 12 }), (text) => {
        const parsed = parseJson(bytesOf(text));
        if (parsed.ok) assert.equal(JSON.stringify(parsed.value), JSON.stringify(JSON.parse(text)));
      }),
      { numRuns: 5000 },
    );
  });

  test('any bytes are read or refused, and never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const parsed = parseJson(bytes);
        if (!parsed.ok) assert.equal(parsed.fault.code, 'json-malformed');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('JSON that the user has edited', () => {
  test('may begin with the byte order mark of an editor, once', () => {
    assert.deepEqual(parseEditedJson(bytesOf('\ufeff[1]')), { ok: true, value: [1] });
    assert.deepEqual(parseEditedJson(bytesOf('[1]')), { ok: true, value: [1] });
    const twice = parseEditedJson(bytesOf('\ufeff\ufeff[1]'));
    assert.deepEqual(!twice.ok && twice.fault.where, { line: 1, column: 1 });
  });

  test('in UTF-16 is named as such', () => {
    for (const bytes of [Buffer.from('\ufeff{}', 'utf16le'), Buffer.from('\ufeff{}', 'utf16le').swap16()]) {
      const parsed = parseEditedJson(bytes);
      assert.equal(!parsed.ok && parsed.fault.found, 'UTF-16');
    }
  });
});
