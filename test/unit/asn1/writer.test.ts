import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import {
  contextTag,
  decode,
  der,
  encodeOid,
  isOid,
  oids,
  tags,
  type DerReader,
} from '../../../main/asn1/index.ts';

const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

function read<Value>(bytes: Uint8Array, reader: (reader: DerReader) => Value): Value {
  const result = decode(bytes, reader);
  assert(result.ok, inspect(result));
  return result.value;
}

/** The lengths at which the form of a length changes, and others. */
const length = fc.oneof(fc.nat(300), fc.constantFrom(127, 128, 255, 256, 65535, 65536));
const octets = length.map((size) => new Uint8Array(size).map((_, index) => index * 7));

describe('what is written is read back', () => {
  const roundTrips: readonly (readonly [
    string,
    fc.Arbitrary<unknown>,
    (value: never) => Uint8Array,
    (reader: DerReader) => unknown,
  ])[] = [
    ['a boolean', fc.boolean(), der.boolean, (reader) => reader.boolean()],
    ['an integer', fc.nat(), der.integer, (reader) => reader.smallInteger()],
    [
      'an integer of 47 bits',
      fc.bigInt(0n, 2n ** 47n - 1n),
      der.integer,
      (reader) => BigInt(reader.smallInteger()),
    ],
    [
      'an integer of any size',
      fc.bigInt(0n, 2n ** 2050n),
      der.integer,
      (reader) => BigInt(`0x${toHex(reader.integerOctets())}`),
    ],
    ['an octet string', octets, der.octetString, (reader) => reader.octetString()],
    ['a bit string', octets, der.bitString, (reader) => reader.bitStringOctets()],
    [
      'named bits',
      fc.uniqueArray(fc.nat(63)).map((bits) => bits.toSorted((a, b) => a - b)),
      der.namedBits,
      (reader) => [...reader.namedBits()],
    ],
    [
      'a time',
      fc
        .date({
          min: new Date('0000-01-01T00:00:00Z'),
          max: new Date('9999-12-31T23:59:59Z'),
          noInvalidDate: true,
        })
        .map((date) => new Date(Math.floor(date.getTime() / 1000) * 1000)),
      der.time,
      (reader) => reader.time(),
    ],
    [
      'an OID',
      fc
        .tuple(
          fc.oneof(fc.tuple(fc.nat(1), fc.nat(39)), fc.tuple(fc.constant(2), fc.bigInt(0n, 2n ** 130n))),
          fc.array(fc.oneof(fc.nat(), fc.bigInt(0n, 2n ** 130n)), { maxLength: 12 }),
        )
        .map(([first, rest]) => [...first, ...rest].join('.')),
      der.oid,
      (reader) => reader.oid(),
    ],
    [
      'a UTF8String',
      fc.string({ unit: 'binary' }),
      der.utf8String,
      (reader) => Buffer.from(reader.element(tags.utf8String).contents).toString(),
    ],
    [
      'a PrintableString',
      fc.string(),
      der.printableString,
      (reader) => Buffer.from(reader.element(tags.printableString).contents).toString(),
    ],
    [
      'an IA5String',
      fc.string(),
      der.ia5String,
      (reader) => Buffer.from(reader.element(tags.ia5String).contents).toString(),
    ],
    [
      'a sequence',
      fc.array(fc.nat()),
      (values: readonly number[]) => der.sequence(...values.map(der.integer)),
      (reader) => reader.sequenceOf((item) => item.smallInteger()),
    ],
  ];
  for (const [name, arbitrary, write, readBack] of roundTrips) {
    test(`${name}, to the same value and the same octets`, () => {
      fc.assert(
        fc.property(arbitrary, (value) => {
          const bytes = write(value as never);
          const back = read(bytes, readBack);
          assert.deepEqual(back, value);
          assert.deepEqual(write(back as never), bytes);
        }),
      );
    });
  }

  test('a set, in the order of DER', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3 })), (values) => {
        const bytes = der.setOf(values.map((value) => der.octetString(value)));
        const back = read(bytes, (reader) => reader.setOf((item) => toHex(item.octetString())));
        assert.deepEqual([...back].sort(), values.map(toHex).sort());
      }),
    );
  });

  test('an explicit and an implicit tag around a value of each form', () => {
    assert.equal(toHex(der.explicit(2, der.integer(5))), 'a203020105');
    assert.equal(toHex(der.implicit(2, der.integer(5))), '820105');
    assert.equal(toHex(der.implicit(2, der.sequence(der.integer(5)))), 'a203020105');
    assert.equal(
      read(der.explicit(2, der.integer(5)), (reader) => reader.explicit(2, (inner) => inner.smallInteger())),
      5,
    );
    assert.equal(
      read(der.implicit(2, der.integer(5)), (reader) => reader.smallInteger(contextTag(2, 'primitive'))),
      5,
    );
  });
});

describe('the writer', () => {
  test('writes the lengths in their shortest form', () => {
    const headers = [0, 127, 128, 255, 256, 65535, 65536, 16777216].map((size) =>
      toHex(der.octetString(new Uint8Array(size)).subarray(0, 6)),
    );
    assert.deepEqual(
      headers.map((header, index) => header.slice(0, [4, 4, 6, 6, 8, 8, 10, 12][index])),
      ['0400', '047f', '048180', '0481ff', '04820100', '0482ffff', '0483010000', '048401000000'],
    );
  });

  test('writes integers without superfluous octets, from numbers and from octets', () => {
    assert.deepEqual(
      [0, 127, 128, 255, 256, 2n ** 64n].map((value) => toHex(der.integer(value))),
      ['020100', '02017f', '02020080', '020200ff', '02020100', '0209010000000000000000'],
    );
    assert.equal(toHex(der.unsignedInteger(Uint8Array.of(0, 0, 0x80))), '02020080');
    assert.equal(toHex(der.unsignedInteger(Uint8Array.of(0, 0))), '020100');
  });

  test('writes no bits as an empty bit string', () => assert.equal(toHex(der.namedBits([])), '030100'));

  test('writes times from 1950 through 2049 in the short form, and all others in the long one', () => {
    const texts = [
      '1949-12-31T23:59:59Z',
      '1950-01-01T00:00:00Z',
      '2049-12-31T23:59:59.999Z',
      '2050-01-01T00:00:00Z',
    ];
    assert.deepEqual(
      texts.map((text) => Buffer.from(der.time(new Date(text)).subarray(2)).toString()),
      ['19491231235959Z', '500101000000Z', '491231235959Z', '20500101000000Z'],
    );
  });

  test('does not change what it is given', () => {
    const integer = der.integer(5);
    der.implicit(0, integer);
    assert.equal(toHex(integer), '020105');
    const items = [der.integer(2), der.integer(1)];
    der.setOf(items);
    assert.equal(toHex(items[0]!), '020102');
  });
});

describe('an OID in dotted form', () => {
  for (const text of [
    '',
    '1',
    '3.1',
    '0.40',
    '1.40',
    '1.2.03',
    '01.2',
    '1..2',
    '1.2.',
    '.1.2',
    '1.2 ',
    '1.-2',
    'a.b',
    '1.2\n',
  ]) {
    test(`is not ${JSON.stringify(text)}, and is never written`, () => {
      assert.equal(isOid(text), false);
      assert.throws(() => encodeOid(text), /Not an OID/);
    });
  }

  test('is every OID that the product names', () => {
    for (const [name, oid] of Object.entries(oids)) {
      assert.ok(isOid(oid), name);
      assert.equal(
        read(der.oid(oid), (reader) => reader.oid()),
        oid,
      );
    }
    const names = Object.values(oids);
    assert.equal(new Set(names).size, names.length);
  });
});

describe('any single octet of a structure', () => {
  const structure = der.sequence(
    der.boolean(true),
    der.integer(300),
    der.namedBits([0, 5]),
    der.oid('1.2.840.113549'),
    der.time(new Date('2026-11-01T00:00:00Z')),
    der.setOf([der.integer(1), der.integer(2)]),
    der.explicit(0, der.integer(7)),
  );
  const walk = (reader: DerReader) =>
    reader.sequence((inner) => [
      inner.boolean(),
      inner.smallInteger(),
      [...inner.namedBits()],
      inner.oid(),
      inner.time().toISOString(),
      inner.setOf((item) => item.smallInteger()),
      inner.explicit(0, (wrapped) => wrapped.smallInteger()),
    ]);

  test('when changed, makes it be refused, or be another value', () => {
    const original = JSON.stringify(read(structure, walk));
    for (let at = 0; at < structure.length; at++) {
      for (let octet = 0; octet < 256; octet++) {
        if (octet === structure[at]) continue;
        const changed = Uint8Array.from(structure);
        changed[at] = octet;
        const result = decode(changed, walk);
        if (result.ok) assert.notEqual(JSON.stringify(result.value), original, `octet ${at} as ${octet}`);
      }
    }
  });

  test('when left out or doubled, makes it be refused, or be another value', () => {
    const original = JSON.stringify(read(structure, walk));
    for (let at = 0; at < structure.length; at++) {
      for (const middle of [[], [structure[at]!, structure[at]!]]) {
        const changed = Uint8Array.from([
          ...structure.subarray(0, at),
          ...middle,
          ...structure.subarray(at + 1),
        ]);
        const result = decode(changed, walk);
        if (result.ok) assert.notEqual(JSON.stringify(result.value), original, `octet ${at}`);
      }
    }
  });
});
