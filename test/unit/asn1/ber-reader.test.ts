import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BerReader, contentsStart, der, DerError, tags } from '../../../main/asn1/index.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** The rule and the offset by which reading some bytes is refused. */
function refusal(bytes: Uint8Array, read: (reader: BerReader) => unknown): readonly [string, number] {
  try {
    const reader = new BerReader(bytes);
    read(reader);
    reader.end();
  } catch (error) {
    assert(error instanceof DerError);
    return [error.rule, error.offset];
  }
  return assert.fail('It is not refused.');
}

/** An OCTET STRING between two integers. */
function readThree(reader: BerReader) {
  return reader.sequence(() => [
    reader.value((one) => one.smallInteger()),
    Buffer.from(reader.joinedOctets(0)).toString('hex'),
    reader.value((one) => one.smallInteger()),
  ]);
}

describe('a walk over BER', () => {
  for (const [name, bytes] of [
    ['of definite lengths', '30 0b 020101 80 03 aabbcc 020102'],
    ['of lengths that are not the shortest', '30 83 00000d 020101 80 82 0003 aabbcc 020102'],
    ['of indefinite length', '30 80 020101 80 03 aabbcc 020102 0000'],
    ['with an octet string in pieces', '30 11 020101 a0 09 0401aa 0400 0402bbcc 020102'],
    ['of indefinite length with pieces', '30 80 020101 a0 80 0401aa 0402bbcc 0000 020102 0000'],
  ] as const) {
    it(`reads values ${name}`, () => {
      assert.deepEqual(readThree(new BerReader(hex(bytes))), [1, 'aabbcc', 2]);
    });
  }

  const cases: Readonly<Record<string, readonly [string, string, number]>> = {
    'nothing at all': ['', 'der-truncated', 0],
    'contents that are cut': ['30 0b 020101 80 03 aabb', 'der-truncated', 0],
    'an indefinite length without its end': ['30 80 020101 80 03 aabbcc 020102', 'der-truncated', 13],
    'half of that end': ['30 80 020101 80 03 aabbcc 020102 00', 'der-trailing', 13],
    'another value after the last': ['30 80 020101 80 00 020102 0500 0000', 'der-trailing', 10],
    'a byte after the end': ['30 80 020101 80 00 020102 0000 00', 'der-trailing', 12],
    'another tag': ['31 80 020101 80 00 020102 0000', 'der-tag', 0],
    'a piece in pieces': ['30 80 020101 a0 80 2480 0401aa 0000 0000 020102 0000', 'der-tag', 7],
    'a piece that is no octet string': ['30 80 020101 a0 80 0201aa 0000 020102 0000', 'der-tag', 7],
    'a small value that is BER': ['30 80 02 81 01 01 80 00 020102 0000', 'der-length', 2],
    'a small value of indefinite length': ['30 80 2280 0000 80 00 020102 0000', 'der-indefinite', 2],
    'a value that leaves its parent': ['30 05 020101 80 05 aabbccddee', 'der-truncated', 5],
  };
  for (const [name, [bytes, rule, offset]] of Object.entries(cases)) {
    it(`refuses ${name}`, () => assert.deepEqual(refusal(hex(bytes), readThree), [rule, offset]));
  }

  it('refuses a value of more than 64 KiB, unless it is content', () => {
    const large = new Uint8Array(64 * 1024);
    const value = der.octetString(large);
    assert.deepEqual(
      refusal(value, (reader) => reader.value((one) => one.octetString())),
      ['ber-value-size', 0],
    );
    const content = der.implicit(0, value);
    assert.deepEqual(Buffer.from(new BerReader(content).joinedOctets(0)), Buffer.from(large));
  });

  it('joins pieces of any lengths in the place of the input', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), fc.boolean(), (pieces, isIndefinite) => {
        const strings = pieces.map((piece) => der.octetString(piece));
        const bytes = isIndefinite
          ? Buffer.concat([hex('a080'), ...strings, hex('0000')])
          : Buffer.from(der.explicit(0, ...strings));
        const reader = new BerReader(bytes);
        const joined = reader.joinedOctets(0);
        reader.end();
        assert.equal(joined.buffer, bytes.buffer);
        assert.deepEqual(Buffer.from(joined), Buffer.concat(pieces));
      }),
    );
  });
});

it('a file shows its first contents after any length', () => {
  for (const length of [2, 200, 70_000]) {
    const bytes = der.sequence(der.integer(3), new Uint8Array(length));
    assert.deepEqual([...contentsStart(bytes.subarray(0, 64)).subarray(0, 3)], [tags.integer, 1, 3]);
  }
  assert.deepEqual([...contentsStart(hex('3080 020103'))], [2, 1, 3]);
  assert.deepEqual([...contentsStart(new Uint8Array())], []);
});
