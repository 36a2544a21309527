import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { berToDer, decode, der, tags, type DerReader } from '../../../main/asn1/index.ts';

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

type Read = (reader: DerReader) => unknown;

type Type =
  | 'element'
  | 'sequence'
  | 'set'
  | 'boolean'
  | 'integer'
  | 'smallInteger'
  | 'bitString'
  | 'namedBits'
  | 'octetString'
  | 'null'
  | 'oid'
  | 'time';

/** What each type of value is read with, in a form that can be compared. */
const reads: Readonly<Record<Type, Read>> = {
  element: (reader) => reader.element().tag,
  sequence: (reader) => reader.sequence((inner) => inner.rest((item) => item.smallInteger())),
  set: (reader) => reader.setOf((item) => item.smallInteger()),
  boolean: (reader) => reader.boolean(),
  integer: (reader) => toHex(reader.integerOctets()),
  smallInteger: (reader) => reader.smallInteger(),
  bitString: (reader) => toHex(reader.bitStringOctets()),
  namedBits: (reader) => [...reader.namedBits()],
  octetString: (reader) => toHex(reader.octetString()),
  null: (reader) => reader.null(),
  oid: (reader) => reader.oid(),
  time: (reader) => reader.time().toISOString(),
};

/** Whether the lengths of these bytes nest. */
const isBer = (bytes: Uint8Array) => berToDer(bytes).ok;

function refusal(bytes: Uint8Array, read: Read): string {
  const result = decode(bytes, read);
  assert(!result.ok, `${toHex(bytes)} was read as ${JSON.stringify(result)}`);
  assert.equal(result.fault.code, isBer(bytes) ? 'der-unexpected' : 'der-malformed');
  return `${result.fault.rule} at ${result.fault.where?.offset}`;
}

const ascii = (text: string) => toHex(Buffer.from(text, 'latin1'));
const utc = (text: string) => `17 ${text.length.toString(16).padStart(2, '0')} ${ascii(text)}`;
const generalized = (text: string) => `18 ${text.length.toString(16).padStart(2, '0')} ${ascii(text)}`;

describe('DER is read', () => {
  const cases: readonly (readonly [Type, string, string, unknown])[] = [
    ['sequence', 'an empty one', '30 00', []],
    ['sequence', 'one of integers', '30 06 020101 020102', [1, 2]],
    ['set', 'an empty one', '31 00', []],
    ['set', 'one in order', '31 07 020102 02020100', [2, 256]],
    ['set', 'one with a member twice', '31 06 020101 020101', [1, 1]],
    ['boolean', 'true', '01 01 ff', true],
    ['boolean', 'false', '01 01 00', false],
    ['integer', 'zero', '02 01 00', '00'],
    ['integer', '127', '02 01 7f', '7f'],
    ['integer', '128, which needs a zero octet', '02 02 0080', '0080'],
    ['integer', '-1', '02 01 ff', 'ff'],
    ['integer', '-129', '02 02 ff7f', 'ff7f'],
    ['smallInteger', 'zero', '02 01 00', 0],
    ['smallInteger', '128', '02 02 0080', 128],
    ['smallInteger', 'the largest', '02 06 7fffffffffff', 2 ** 47 - 1],
    ['bitString', 'an empty one', '03 01 00', ''],
    ['bitString', 'one of whole octets', '03 03 00 ff01', 'ff01'],
    ['namedBits', 'none', '03 01 00', []],
    ['namedBits', 'the first', '03 02 07 80', [0]],
    ['namedBits', 'the first two', '03 02 06 c0', [0, 1]],
    ['namedBits', 'the ninth', '03 03 07 0080', [8]],
    ['namedBits', 'all of an octet', '03 02 00 ff', [0, 1, 2, 3, 4, 5, 6, 7]],
    ['octetString', 'an empty one', '04 00', ''],
    ['octetString', 'one of 127 octets', `04 7f ${'ab'.repeat(127)}`, 'ab'.repeat(127)],
    ['octetString', 'one of 128 octets', `04 8180 ${'ab'.repeat(128)}`, 'ab'.repeat(128)],
    ['octetString', 'one of 256 octets', `04 820100 ${'ab'.repeat(256)}`, 'ab'.repeat(256)],
    ['octetString', 'one of 65,536 octets', `04 83010000 ${'ab'.repeat(65536)}`, 'ab'.repeat(65536)],
    ['null', 'null', '05 00', undefined],
    ['oid', 'the smallest', '06 01 00', '0.0'],
    ['oid', 'the largest under 0', '06 01 27', '0.39'],
    ['oid', 'the smallest under 1', '06 01 28', '1.0'],
    ['oid', 'the smallest under 2', '06 01 50', '2.0'],
    ['oid', 'one whose second arc is large', '06 03 883703', '2.999.3'],
    ['oid', 'one with arcs of several octets', '06 06 2a864886f70d', '1.2.840.113549'],
    ['oid', 'a UUID', '06 14 6983ffffffffffffffffffffffffffffffffff7f', `2.25.${2n ** 128n - 1n}`],
    ['time', 'a UTCTime of this century', utc('261101000000Z'), '2026-11-01T00:00:00.000Z'],
    ['time', 'the last UTCTime', utc('491231235959Z'), '2049-12-31T23:59:59.000Z'],
    ['time', 'the first UTCTime', utc('500101000000Z'), '1950-01-01T00:00:00.000Z'],
    ['time', 'a leap day', utc('240229000000Z'), '2024-02-29T00:00:00.000Z'],
    ['time', 'a GeneralizedTime', generalized('20500101000000Z'), '2050-01-01T00:00:00.000Z'],
    ['time', 'the end of all time', generalized('99991231235959Z'), '9999-12-31T23:59:59.000Z'],
  ];
  for (const [type, name, bytes, value] of cases)
    test(`${type}: ${name}`, () => assert.deepEqual(decode(hex(bytes), reads[type]), { ok: true, value }));
});

describe('what is not DER is refused, with the rule and the octet', () => {
  const cases: readonly (readonly [Type, string, string, string])[] = [
    ['element', 'nothing', '', 'der-truncated at 0'],
    ['element', 'no length', '04', 'der-truncated at 0'],
    ['element', 'a tag number of more than one octet', '1f 81 00 00', 'der-tag at 0'],
    ['element', 'a context tag number of more than one octet', 'bf 20 00', 'der-tag at 0'],
    ['element', 'an indefinite length', '30 80 0000', 'der-indefinite at 0'],
    ['element', 'a length of five octets', '04 850000000001 00', 'der-length at 0'],
    ['element', 'the reserved length', '04 ff 00', 'der-length at 0'],
    ['element', 'a long length that fits into the short form', '04 8101 00', 'der-length at 0'],
    ['element', 'a length of 127 in the long form', `04 817f ${'00'.repeat(127)}`, 'der-length at 0'],
    ['element', 'a length with a leading zero', `04 820080 ${'00'.repeat(128)}`, 'der-length at 0'],
    [
      'element',
      'a length of four octets with a leading zero',
      `04 8400010000 ${'00'.repeat(65536)}`,
      'der-length at 0',
    ],
    ['element', 'a length cut short', '04 82 01', 'der-truncated at 0'],
    ['element', 'contents cut short', '04 02 00', 'der-truncated at 0'],
    ['element', 'the largest length', '04 84ffffffff', 'der-truncated at 0'],
    ['element', 'something after the end', '05 00 00', 'der-trailing at 2'],
    ['sequence', 'another tag', '31 00', 'der-tag at 0'],
    ['sequence', 'a member cut short by its end', '30 02 0201', 'der-truncated at 2'],
    ['sequence', 'a member that reaches past its end', '30 03 020200 00', 'der-truncated at 2'],
    ['sequence', 'a member that breaks a rule', '30 07 020101 02020001', 'der-integer at 5'],
    ['set', 'members out of order', '31 06 020102 020101', 'der-set-order at 5'],
    ['set', 'a longer member before a shorter one', '31 07 02020100 020102', 'der-set-order at 6'],
    ['boolean', 'true in another way', '01 01 01', 'der-boolean at 0'],
    ['boolean', 'no octet', '01 00', 'der-boolean at 0'],
    ['boolean', 'two octets', '01 02 ffff', 'der-boolean at 0'],
    ['integer', 'no octet', '02 00', 'der-integer at 0'],
    ['integer', 'a positive one with a zero too many', '02 02 007f', 'der-integer at 0'],
    ['integer', 'a negative one with an octet too many', '02 02 ff80', 'der-integer at 0'],
    ['smallInteger', 'a negative one', '02 01 ff', 'der-integer at 0'],
    ['smallInteger', 'one that is too large', '02 07 00800000000000', 'der-integer at 0'],
    ['bitString', 'no octet that says how many bits are unused', '03 00', 'der-bit-string at 0'],
    ['bitString', 'one whose last octet is not whole', '03 02 01 fe', 'der-bit-string at 0'],
    ['bitString', 'one in pieces, as BER allows', '23 05 03030001ff', 'der-tag at 0'],
    ['namedBits', 'no octet', '03 00', 'der-bit-string at 0'],
    ['namedBits', 'eight unused bits', '03 02 08 80', 'der-bit-string at 0'],
    ['namedBits', 'unused bits of no octet', '03 01 01', 'der-bit-string at 0'],
    ['namedBits', 'a zero bit at the end', '03 02 06 80', 'der-bit-string at 0'],
    ['namedBits', 'a zero octet at the end', '03 03 00 8000', 'der-bit-string at 0'],
    ['namedBits', 'a single zero octet', '03 02 07 00', 'der-bit-string at 0'],
    ['namedBits', 'an unused bit that is 1', '03 02 07 81', 'der-bit-string at 0'],
    ['namedBits', 'more bits than any type names', `03 0a 00 ${'ff'.repeat(9)}`, 'der-bit-string at 0'],
    ['octetString', 'one in pieces, as BER allows', '24 04 04020102', 'der-tag at 0'],
    ['null', 'contents', '05 01 00', 'der-length at 0'],
    ['oid', 'no octet', '06 00', 'der-oid at 0'],
    ['oid', 'an arc with a leading zero digit', '06 03 2a8003', 'der-oid at 0'],
    ['oid', 'a first arc with a leading zero digit', '06 02 8001', 'der-oid at 0'],
    ['oid', 'an arc cut short', '06 02 2a86', 'der-oid at 0'],
    ['time', 'a UTCTime without seconds', utc('2611010000Z'), 'der-time at 0'],
    ['time', 'a UTCTime without Z', utc('261101000000'), 'der-time at 0'],
    ['time', 'a UTCTime with an offset', utc('261101000000+0000'), 'der-time at 0'],
    ['time', 'a UTCTime with a full year', utc('20261101000000Z'), 'der-time at 0'],
    ['time', 'a GeneralizedTime with a short year', generalized('261101000000Z'), 'der-time at 0'],
    ['time', 'a GeneralizedTime with a fraction', generalized('20500101000000.5Z'), 'der-time at 0'],
    ['time', 'a GeneralizedTime of local time', generalized('20500101000000'), 'der-time at 0'],
    ['time', 'a month that there is not', utc('261301000000Z'), 'der-time at 0'],
    ['time', 'a day that there is not', utc('260229000000Z'), 'der-time at 0'],
    ['time', 'day zero', utc('260200000000Z'), 'der-time at 0'],
    ['time', 'hour 24', utc('260228240000Z'), 'der-time at 0'],
    ['time', 'minute 60', utc('260228006000Z'), 'der-time at 0'],
    ['time', 'a leap second', utc('161231235960Z'), 'der-time at 0'],
    ['time', 'digits that are not ASCII', utc('26110100000\u00b9Z'), 'der-time at 0'],
    ['time', 'a line feed at the end', utc('261101000000Z\n'), 'der-time at 0'],
    ['time', 'another type', '04 0d 3236313130313030303030305a', 'der-time at 0'],
  ];
  for (const [type, name, bytes, expected] of cases)
    test(`${type}: ${name}`, () => assert.equal(refusal(hex(bytes), reads[type]), expected));

  test('an OID of three hundred thousand octets is refused at once', () => {
    const monstrous = der.element(tags.oid, new Uint8Array(300_000).fill(0xff), Uint8Array.of(1));
    assert.equal(refusal(monstrous, reads.oid), 'der-oid at 0');
  });
});

describe('walking a structure', () => {
  test('tells an offset from the beginning of the outermost input', () => {
    const bytes = der.sequence(der.integer(1), der.explicit(0, der.sequence(der.octetString(hex('0102')))));
    const inside = (read: Read) => (reader: DerReader) =>
      reader.sequence((outer) => [
        outer.integerOctets(),
        outer.explicit(0, (wrapped) => wrapped.sequence(read)),
      ]);
    assert.equal(
      refusal(
        bytes,
        inside((inner) => inner.smallInteger()),
      ),
      'der-tag at 9',
    );
    assert.equal(
      refusal(
        bytes,
        inside(() => undefined),
      ),
      'der-trailing at 9',
    );
    assert.equal(
      refusal(
        bytes,
        inside((inner) => [inner.octetString(), inner.element()]),
      ),
      'der-truncated at 13',
    );
  });

  test('an optional element is taken when its tag is next, and only then', () => {
    const read = (reader: DerReader) =>
      reader.sequence((inner) => [
        inner.optional(tags.boolean, () => inner.boolean()),
        inner.optional(tags.integer, () => inner.smallInteger()),
      ]);
    assert.deepEqual(decode(hex('30 00'), read), { ok: true, value: [undefined, undefined] });
    assert.deepEqual(decode(hex('30 03 020105'), read), { ok: true, value: [undefined, 5] });
    assert.deepEqual(decode(hex('30 06 0101ff 020105'), read), { ok: true, value: [true, 5] });
    assert.equal(refusal(hex('30 06 020105 0101ff'), read), 'der-trailing at 5');
  });

  test('the octets of what was taken are there as they came', () => {
    const bytes = der.sequence(der.integer(1), der.integer(2), der.integer(3));
    const read = (reader: DerReader) =>
      reader.sequence((inner) => {
        inner.smallInteger();
        const { bytes, value } = inner.withBytes(() => inner.smallInteger());
        return [toHex(bytes), value, toHex(inner.element().bytes), inner.done];
      });
    assert.deepEqual(decode(bytes, read), { ok: true, value: ['020102', 2, '020103', true] });
  });

  test('what is inside a sequence, a set or an explicit tag must be taken whole', () => {
    const nothing = () => undefined;
    assert.equal(
      refusal(hex('30 03 020101'), (reader) => reader.sequence(nothing)),
      'der-trailing at 2',
    );
    assert.equal(
      refusal(hex('31 03 020101'), (reader) => reader.setOf(nothing)),
      'der-trailing at 2',
    );
    assert.equal(
      refusal(hex('a1 03 020101'), (reader) => reader.explicit(1, nothing)),
      'der-trailing at 2',
    );
  });

  test('a bug in the code that walks is thrown, not refused', () => {
    assert.throws(
      () =>
        decode(hex('05 00'), () => {
          throw new TypeError('a bug');
        }),
      /a bug/,
    );
  });
});

describe('for any octets', () => {
  test('every type is read or refused, and never throws', () => {
    const near = fc.tuple(
      fc.constantFrom(1, 2, 3, 4, 5, 6, 0x17, 0x18, 0x30, 0x31),
      fc.uint8Array({ maxLength: 20 }),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 40 }),
          near.map(([tag, rest]) => der.element(tag, rest)),
        ),
        (bytes) => {
          for (const read of Object.values(reads)) {
            const result = decode(bytes, read);
            if (!result.ok) assert.ok(result.fault.where!.offset! <= bytes.length);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('a value is read from one encoding only: another with the same value is refused', () => {
    const seen = new Map<string, string>();
    for (let length = 0; length <= 2; length++) {
      for (let value = 0; value < 256 ** length; value++) {
        const octets = new Uint8Array(
          Buffer.from(
            value
              .toString(16)
              .padStart(2 * length, '0')
              .slice(0, 2 * length),
            'hex',
          ),
        );
        for (const type of ['boolean', 'integer', 'namedBits', 'oid'] as const) {
          const bytes = der.element({ boolean: 1, integer: 2, namedBits: 3, oid: 6 }[type], octets);
          const result = decode(bytes, reads[type]);
          if (!result.ok) continue;
          const key = `${type} ${type === 'integer' ? BigInt.asIntN(8 * length, BigInt(value)) : JSON.stringify(result.value)}`;
          assert.equal(seen.get(key) ?? toHex(bytes), toHex(bytes), key);
          seen.set(key, toHex(bytes));
        }
      }
    }
    assert.ok(seen.size > 65_536);
  });
});
