import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { der, oids } from '../../../main/asn1/index.ts';
import { encodeExtension } from '../../kit/issue-certificate.ts';
import {
  containsAuthorisation,
  encodeAuthorisation,
  isAuthorised,
  readAuthorisation,
  type SerialScope,
  type VendorConfigurationAuthorisation,
} from '../../../main/pki/index.ts';
import { makeCertificate } from '../../kit/pki.ts';

const hwType = '1.3.6.1.4.1.32473.7.1';
const otherType = '1.3.6.1.4.1.32473.7.2';
const octets = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));

/** A scope from its text: one serial number, or the two ends of a range with a hyphen between. */
function scopeOf(text: string): SerialScope {
  const [low = '', high] = text.split('-');
  return high === undefined
    ? { kind: 'exact', serial: octets(low) }
    : { kind: 'range', low: octets(low), high: octets(high) };
}

const authorise = (...serials: readonly string[]): VendorConfigurationAuthorisation => ({
  epoch: 0,
  devices: [{ hwType, serials: serials.map(scopeOf) }],
});

/** What is read from a certificate with this value of the extension. */
function read(value: Uint8Array) {
  const extensions = [encodeExtension(oids.vendorConfigurationAuthorisation, false, value)];
  return readAuthorisation(makeCertificate('CN=x', { extensions }).certificate);
}

describe('an authorisation in a certificate', () => {
  test('is undefined when there is none', () => {
    assert.deepEqual(readAuthorisation(makeCertificate('CN=x').certificate), { ok: true, value: undefined });
  });

  test('is read as it was written', () => {
    const serial = fc.uint8Array({ maxLength: 6 });
    const range = fc
      .nat(6)
      .chain((length) =>
        fc.tuple(
          fc.uint8Array({ minLength: length, maxLength: length }),
          fc.uint8Array({ minLength: length, maxLength: length }),
        ),
      )
      .map((ends) => ends.toSorted((a, b) => Buffer.compare(a, b)))
      .map(([low, high]) => ({ kind: 'range' as const, low: low!, high: high! }));
    const scope = fc.oneof(
      serial.map((one) => ({ kind: 'exact' as const, serial: one })),
      range,
    );
    const device = fc.record({
      hwType: fc.constantFrom(hwType, otherType),
      serials: fc.array(scope, { minLength: 1 }),
    });
    fc.assert(
      fc.property(
        fc.record({ epoch: fc.nat(2 ** 31 - 1), devices: fc.array(device, { minLength: 1 }) }),
        (authorisation) => {
          const result = read(encodeAuthorisation(authorisation));
          assert.deepEqual(JSON.stringify(result), JSON.stringify({ ok: true, value: authorisation }));
        },
      ),
      { numRuns: 50 },
    );
  });

  test('is encoded as published', () => {
    const encoded = encodeAuthorisation({
      epoch: 0,
      devices: [{ hwType: '1.2.3', serials: [scopeOf('A'), scopeOf('1-9')] }],
    });
    assert.equal(
      Buffer.from(encoded).toString('hex'),
      '3018 020101 3013 3011 06022a03 300b 800141 a106 040131 040139'.replaceAll(' ', ''),
    );
  });

  const version = der.integer(1);
  const exact = (text: string) => der.implicit(0, der.octetString(octets(text)));
  const range = (...ends: readonly string[]) =>
    der.implicit(1, der.sequence(...ends.map((end) => der.octetString(octets(end)))));
  const device = (...serials: readonly Uint8Array[]) =>
    der.sequence(der.oid(hwType), der.sequence(...serials));
  const malformed: readonly (readonly [string, Uint8Array, string])[] = [
    [
      'another version',
      der.sequence(der.integer(3), der.sequence(device(exact('A')))),
      'authorisation-version',
    ],
    ['version 2 without an epoch', der.sequence(der.integer(2), der.sequence(device(exact('A')))), 'der-tag'],
    [
      'epoch 0, which version 1 stands for',
      der.sequence(der.integer(2), der.integer(0), der.sequence(device(exact('A')))),
      'authorisation-epoch-range',
    ],
    [
      'an epoch beyond the last',
      der.sequence(der.integer(2), der.integer(2 ** 31), der.sequence(device(exact('A')))),
      'authorisation-epoch-range',
    ],
    ['no version', der.sequence(der.sequence(device(exact('A')))), 'der-tag'],
    ['no devices', der.sequence(version, der.sequence()), 'authorisation-empty'],
    [
      'a device without serial numbers',
      der.sequence(version, der.sequence(device(exact('A')), device())),
      'authorisation-empty',
    ],
    [
      'a range with ends of two lengths',
      der.sequence(version, der.sequence(device(range('1', '10')))),
      'authorisation-range',
    ],
    [
      'a range in the wrong order',
      der.sequence(version, der.sequence(device(range('2', '1')))),
      'authorisation-range',
    ],
    ['a range of one end', der.sequence(version, der.sequence(device(range('1')))), 'der-truncated'],
    [
      'a range of three ends',
      der.sequence(version, der.sequence(device(range('1', '2', '3')))),
      'der-trailing',
    ],
    [
      'another kind of scope',
      der.sequence(version, der.sequence(device(der.implicit(2, der.octetString(octets('A')))))),
      'der-tag',
    ],
    [
      'a serial number in pieces',
      der.sequence(version, der.sequence(device(der.explicit(0, der.octetString(octets('A')))))),
      'der-tag',
    ],
    ['something more', der.sequence(version, der.sequence(device(exact('A'))), der.null), 'der-trailing'],
    ['NULL', der.null, 'der-tag'],
    ['nothing', new Uint8Array(), 'der-truncated'],
  ];
  for (const [name, value, rule] of malformed) {
    test(`is malformed with ${name}`, () => {
      const result = read(value);
      assert(!result.ok);
      assert.equal(result.fault.code, 'authorisation-malformed');
      assert.equal(result.fault.rule ?? result.fault.because?.rule, rule);
    });
  }

  test('may have a range of one serial number, and one of none but the empty', () => {
    assert.ok(read(der.sequence(version, der.sequence(device(range('1', '1'))))).ok);
    assert.ok(read(der.sequence(version, der.sequence(device(range('', ''))))).ok);
  });
});

describe('an eNB is authorised', () => {
  const cases: readonly (readonly [scope: string, authorised: readonly string[], not: readonly string[]])[] =
    [
      ['A1', ['A1'], ['a1', 'A', 'A10', 'A2', '']],
      ['A100-A199', ['A100', 'A150', 'A199', 'A15z'], ['A099', 'A200', 'A10', 'A1000', 'B150', 'a150', 'A1']],
      ['A1-B0', ['A1', 'A9', 'AZ', 'Aa', 'B0'], ['A0', 'B1', 'A', 'A11']],
      ['0-9', ['0', '5', '9'], ['10', 'A', '']],
    ];
  for (const [scope, authorised, not] of cases) {
    for (const serialNumber of authorised)
      test(`${serialNumber} by ${scope}`, () =>
        assert.ok(isAuthorised(authorise(scope), { hwType, serialNumber })));
    for (const serialNumber of not)
      test(`${serialNumber || 'the empty serial number'} not by ${scope}`, () =>
        assert.equal(isAuthorised(authorise(scope), { hwType, serialNumber }), false));
  }

  test('not by the authorisation for another type', () => {
    assert.equal(isAuthorised(authorise('A1'), { hwType: otherType, serialNumber: 'A1' }), false);
    assert.equal(isAuthorised(authorise('A1'), { hwType: `${hwType}.1`, serialNumber: 'A1' }), false);
  });

  test('by any of several scopes, also when its type stands there twice', () => {
    const authorisation = {
      epoch: 0,
      devices: [...authorise('A1', 'B1').devices, ...authorise('C1').devices],
    };
    for (const serialNumber of ['A1', 'B1', 'C1'])
      assert.ok(isAuthorised(authorisation, { hwType, serialNumber }));
  });
});

describe('an authorisation contains another', () => {
  const cases: readonly (readonly [outer: readonly string[], inner: readonly string[], boolean])[] = [
    [['A1'], ['A1'], true],
    [['A1', 'A2'], ['A2'], true],
    [['A1'], ['A1', 'A2'], false],
    [['A100-A199'], ['A150'], true],
    [['A100-A199'], ['A100-A199'], true],
    [['A100-A199'], ['A120-A130', 'A199'], true],
    [['A100-A199'], ['A100-A200'], false],
    [['A100-A199'], ['A099-A150'], false],
    [['A100-A199'], ['A10-A19'], false],
    [['A1'], ['A1-A1'], true],
    [['A1-A1'], ['A1'], true],
    // A range is not pieced together from several.
    [['A100-A149', 'A150-A199'], ['A140-A160'], false],
  ];
  for (const [outer, inner, expected] of cases) {
    test(`${outer.join(' and ')} ${expected ? 'contains' : 'does not contain'} ${inner.join(' and ')}`, () =>
      assert.equal(containsAuthorisation(authorise(...outer), authorise(...inner)), expected));
  }

  test('for its own types only', () => {
    const inner = { epoch: 0, devices: [{ hwType: otherType, serials: [scopeOf('A1')] }] };
    assert.equal(containsAuthorisation(authorise('A1'), inner), false);
    assert.ok(
      containsAuthorisation({ epoch: 0, devices: [...authorise('A1').devices, ...inner.devices] }, inner),
    );
  });

  test('exactly when every eNB of the other is one of its own, but for ranges pieced together', () => {
    const digit = fc.integer({ min: 0, max: 9 });
    const scope = fc.tuple(digit, digit).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
    fc.assert(
      fc.property(scope, fc.array(scope, { minLength: 1, maxLength: 3 }), (outer, inner) => {
        const [a, b] = [authorise(outer), authorise(...inner)];
        const serials = Array.from({ length: 10 }, (_, index) => ({ hwType, serialNumber: String(index) }));
        const isSubset = serials.every((enb) => !isAuthorised(b, enb) || isAuthorised(a, enb));
        assert.equal(containsAuthorisation(a, b), isSubset);
      }),
    );
  });
});
