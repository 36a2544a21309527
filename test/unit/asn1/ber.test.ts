import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { berToDer, der } from '../../../main/asn1/index.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('BER becomes DER', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['DER as it is', '30 03 020105', '3003020105'],
    ['an indefinite length', '30 80 020105 0000', '3003020105'],
    ['indefinite lengths inside one another', '30 80 a0 80 0500 0000 0000', '3004a0020500'],
    ['a length that is too long', '30 83 000003 020105', '3003020105'],
    ['an octet string in pieces', '24 80 0402 0102 0401 03 0000', '0403010203'],
    ['pieces inside pieces', '24 08 2404 0402 0102 0400', '04020102'],
    ['an octet string of no piece', '24 80 0000', '0400'],
  ];
  for (const [name, ber, expected] of cases)
    test(name, () => {
      const made = berToDer(hex(ber));
      assert(made.ok, JSON.stringify(made));
      assert.equal(made.value.toString('hex'), expected);
    });

  const refused: readonly (readonly [string, string, string])[] = [
    ['nothing', '', 'der-truncated'],
    ['no end of contents', '30 80 020105', 'der-truncated'],
    ['half an end of contents', '30 80 020105 00', 'der-tag'],
    ['a primitive of indefinite length', '04 80 0000', 'der-length'],
    ['a length beyond the end', '30 04 020105', 'der-truncated'],
    ['a length of many octets', '30 ff 01', 'der-truncated'],
    ['something after it', '0500 00', 'der-trailing'],
    ['a member beyond its parent', '30 03 0203 010203', 'der-truncated'],
    ['a piece that is no octet string', '24 03 020105', 'der-tag'],
    ['a tag of several octets', '1f 8101 00', 'der-tag'],
    ['33 levels', '3080'.repeat(34) + '0000'.repeat(34), 'der-depth'],
  ];
  for (const [name, ber, rule] of refused)
    test(`not from ${name}`, () => {
      const made = berToDer(hex(ber));
      assert(!made.ok, JSON.stringify(made));
      assert.equal(made.fault.rule, rule);
    });

  /** A value, its DER, and a BER of it that takes other lengths and cuts octet strings. */
  interface Pair {
    readonly der: Uint8Array;
    readonly ber: Uint8Array;
  }
  const withLength = (tag: number, contents: Uint8Array, form: number) => {
    if (form === 0) return Buffer.concat([hex(tag.toString(16)), hex('80'), contents, hex('0000')]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(contents.length);
    return form === 1
      ? Buffer.concat([Uint8Array.of(tag, 0x84), length, contents])
      : der.element(tag, contents);
  };
  const primitive = fc
    .tuple(fc.uint8Array({ maxLength: 300 }), fc.nat(2), fc.nat(300), fc.boolean())
    .map(([contents, form, at, isCut]): Pair => {
      const pieces = [contents.subarray(0, at), contents.subarray(at)].map((piece) => der.octetString(piece));
      const ber = isCut
        ? withLength(0x24, Buffer.concat(pieces), form)
        : withLength(4, contents, Math.max(1, form));
      return { der: der.octetString(contents), ber };
    });
  const { value } = fc.letrec<{ value: Pair }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      primitive,
      fc
        .tuple(fc.constantFrom(0x30, 0x31, 0xa0, 0xa3), fc.array(tie('value'), { maxLength: 4 }), fc.nat(2))
        .map(([tag, members, form]): Pair => ({
          der: der.element(tag, ...members.map((member) => member.der)),
          ber: withLength(tag, Buffer.concat(members.map((member) => member.ber)), form),
        })),
    ),
  }));

  test('whatever its lengths and pieces, and DER is left as it is', () => {
    fc.assert(
      fc.property(value, (pair) => {
        for (const bytes of [pair.ber, pair.der]) {
          const made = berToDer(bytes);
          assert(made.ok, JSON.stringify(made));
          assert.deepEqual(new Uint8Array(made.value), new Uint8Array(pair.der));
        }
      }),
    );
  });

  test('or is refused, and never makes anything throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const made = berToDer(bytes);
        if (made.ok) assert.ok(berToDer(made.value).ok);
      }),
      { numRuns: 2000 },
    );
  });
});
