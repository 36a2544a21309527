import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  decodeViciMessage,
  encodeViciMessage,
  ViciError,
  type ViciMessage,
} from '../../../main/strongswan/index.ts';

/** The example of vici's README: a section with a list and a section in it. */
const example = {
  key1: 'value1',
  section1: { 'sub-section': { key2: 'value2' }, list1: ['item1', 'item2'] },
};
const exampleHex =
  '03046b657931000676616c756531' +
  '010873656374696f6e31' +
  '010b7375622d73656374696f6e' +
  '03046b657932000676616c756532' +
  '02' +
  '04056c697374310500056974656d310500056974656d3206' +
  '02';

/** What can be compared: sections without their missing prototype. */
const plain = (bytes: Uint8Array): unknown => JSON.parse(JSON.stringify(decodeViciMessage(bytes)));

/** Pseudo-random numbers below `bound`, the same in every run. */
function numbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

function randomMessage(below: (bound: number) => number, depth = 0): ViciMessage {
  const text = () => Buffer.alloc(below(40), 'päivää{}#"\n').toString('utf8').replaceAll('\ufffd', '');
  return Object.fromEntries(
    Array.from({ length: below(5) }, (_, index) => {
      const kind = below(depth < 4 ? 3 : 2);
      const value =
        kind === 0
          ? text()
          : kind === 1
            ? Array.from({ length: below(4) }, text)
            : randomMessage(below, depth + 1);
      return [`${index}-${text()}`, value];
    }),
  );
}

describe('a message of vici', () => {
  it('has the bytes of the specification', () => {
    assert.equal(encodeViciMessage(example).toString('hex'), exampleHex);
    assert.deepEqual(plain(Buffer.from(exampleHex, 'hex')), example);
  });

  it('is the same after encoding and decoding', () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const message = randomMessage(numbers(seed));
      assert.deepEqual(plain(encodeViciMessage(message)), message);
    }
  });

  it('carries bytes and leaves out what is absent', () => {
    const bytes = encodeViciMessage({ absent: undefined, data: Uint8Array.of(0x41, 0x42) });
    assert.deepEqual(plain(bytes), { data: 'AB' });
  });

  it('cannot change the prototype of a section', () => {
    const section = decodeViciMessage(
      encodeViciMessage(JSON.parse('{"__proto__":{"a":"b"}}') as ViciMessage),
    );
    assert.equal((section as { a?: unknown }).a, undefined);
    assert.deepEqual(Object.keys(section), ['__proto__']);
  });

  it('is refused when it ends early, unless it ends between two elements', () => {
    const bytes = Buffer.from(exampleHex, 'hex');
    for (let length = 1; length < bytes.length; length += 1) {
      if (length === 14) continue; // Behind the first value.
      assert.throws(() => decodeViciMessage(bytes.subarray(0, length)), ViciError, String(length));
    }
  });

  it('is either read or refused, whatever its bytes', () => {
    const below = numbers(7);
    for (let count = 0; count < 5000; count += 1) {
      const bytes = Buffer.from(exampleHex, 'hex');
      for (let flips = 0; flips <= below(3); flips += 1) bytes[below(bytes.length)] = below(8);
      try {
        decodeViciMessage(bytes);
      } catch (error) {
        assert(error instanceof ViciError);
      }
    }
  });

  const refused = {
    'an unknown element': '07',
    'an empty name': '03000000',
    'the end of a section that has not started': '02',
    'a name that stands twice': '0301610000' + '0301610000',
    'an item outside a list': '05000161',
    'a list in a list': '040161' + '040162' + '06' + '06',
    'sections without end in each other': '010161'.repeat(18) + '02'.repeat(18),
  };
  for (const [what, hex] of Object.entries(refused)) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => decodeViciMessage(Buffer.from(hex, 'hex')), ViciError);
    });
  }

  it('is not made with a name or a value that is too long', () => {
    assert.throws(() => encodeViciMessage({ ['n'.repeat(256)]: '' }), ViciError);
    assert.throws(() => encodeViciMessage({ n: 'v'.repeat(65_536) }), ViciError);
  });
});
