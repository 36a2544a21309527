import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { canonicalise, parseJson, type JsonValue } from '../../../main/json/index.ts';

function parse(text: string): JsonValue {
  const parsed = parseJson(new Uint8Array(Buffer.from(text)));
  assert(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

function doubleFrom(hex: string): number {
  return Buffer.from(hex, 'hex').readDoubleBE();
}

describe('numbers, as in RFC 8785 appendix B', () => {
  const vectors = {
    '0000000000000000': '0',
    '8000000000000000': '0',
    '0000000000000001': '5e-324',
    '8000000000000001': '-5e-324',
    '7fefffffffffffff': '1.7976931348623157e+308',
    ffefffffffffffff: '-1.7976931348623157e+308',
    '4340000000000000': '9007199254740992',
    c340000000000000: '-9007199254740992',
    '4430000000000000': '295147905179352830000',
    '44b52d02c7e14af5': '9.999999999999997e+22',
    '44b52d02c7e14af6': '1e+23',
    '44b52d02c7e14af7': '1.0000000000000001e+23',
    '444b1ae4d6e2ef4e': '999999999999999700000',
    '444b1ae4d6e2ef4f': '999999999999999900000',
    '444b1ae4d6e2ef50': '1e+21',
    '3eb0c6f7a0b5ed8c': '9.999999999999997e-7',
    '3eb0c6f7a0b5ed8d': '0.000001',
    '41b3de4355555553': '333333333.3333332',
    '41b3de4355555554': '333333333.33333325',
    '41b3de4355555555': '333333333.3333333',
    '41b3de4355555556': '333333333.3333334',
    '41b3de4355555557': '333333333.33333343',
    becbf647612f3696: '-0.0000033333333333333333',
    '43143ff3c1cb0959': '1424953923781206.2',
  };
  for (const [hex, text] of Object.entries(vectors))
    test(`${hex} is ${text}`, () => assert.equal(canonicalise(doubleFrom(hex)), text));
});

describe('the examples of RFC 8785', () => {
  test('section 3.2.2: literals, strings and numbers are written as ECMAScript writes them', () => {
    const text = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`;
    const canonical =
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
      String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`;
    assert.equal(canonicalise(parse(text)), canonical);
  });

  test('section 3.2.3: members are sorted by the UTF-16 code units of their names', () => {
    const text = String.raw`{
      "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"
    }`;
    assert.deepEqual(
      [...canonicalise(parse(text)).matchAll(/:"([^"]*)"/g)].map(([, value]) => value),
      [
        'Carriage Return',
        'One',
        'Control',
        'Latin Small Letter O With Diaeresis',
        'Euro Sign',
        'Emoji: Grinning Face',
        'Hebrew Letter Dalet With Dagesh',
      ],
    );
  });
});

describe('the canonical form', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['drops white space outside of strings', '{ "a" : [ 1 , " b " ] }', '{"a":[1," b "]}'],
    [
      'sorts members at every depth and leaves arrays as they are',
      '{"b":{"d":1,"c":[2,1]},"a":0}',
      '{"a":0,"b":{"c":[2,1],"d":1}}',
    ],
    ['sorts numbers in names as text', '{"10":1,"9":2,"1":3}', '{"1":3,"10":1,"9":2}'],
    ['keeps a member named __proto__', '{"a":1,"__proto__":2}', '{"__proto__":2,"a":1}'],
    ['does not compose characters', String.raw`"a\u0308"`, '"a\u0308"'],
    ['escapes nothing that need not be', String.raw`"\u007f\u2028\/"`, '"\u007f\u2028/"'],
  ];
  for (const [name, text, canonical] of cases)
    test(name, () => assert.equal(canonicalise(parse(text)), canonical));

  test('is JSON of the same value, and its own canonical form', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5, noUnicodeString: false }), (value) => {
        const canonical = canonicalise(value as JsonValue);
        assert.equal(canonical, canonicalise(JSON.parse(canonical) as JsonValue));
        assert.deepEqual(JSON.parse(canonical), JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 500 },
    );
  });

  test('does not depend on the order of the members', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.string({ unit: 'binary' }), fc.integer()), { selector: ([name]) => name }),
        (members) => {
          const object = Object.fromEntries(members);
          assert.equal(canonicalise(object), canonicalise(Object.fromEntries(members.toReversed())));
        },
      ),
    );
  });
});
