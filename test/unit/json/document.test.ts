import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { fields, readDocument, readValue } from '../../../main/json/index.ts';

const format = 'siteseal-test/1';
const schema = z.strictObject({
  format: z.literal(format),
  name: fields.text,
  until: fields.time.optional(),
  list: z.array(z.strictObject({ oid: fields.oid })).optional(),
});

function read(text: string) {
  return readDocument(new Uint8Array(Buffer.from(text)), format, schema);
}

function refusal(text: string) {
  const result = read(text);
  assert(!result.ok, text);
  assert.equal(result.fault.code, 'json-malformed');
  const { rule, where, expected, found } = result.fault;
  return { rule, ...where, ...(expected && { expected }), ...(found && { found }) };
}

describe('a document', () => {
  test('is read by its schema', () => {
    const result = read(`{"format":"${format}","name":"a","list":[{"oid":"1.2.3"}]}`);
    assert.deepEqual(result, { ok: true, value: { format, name: 'a', list: [{ oid: '1.2.3' }] } });
  });

  const notTheFormat = { rule: 'json-format', expected: format };
  const cases: readonly (readonly [string, string, object])[] = [
    ['that is not JSON', '{', { rule: 'json-syntax', line: 1, column: 2 }],
    [
      'that has a name twice',
      `{"format":"${format}","name":"a","name":"a"}`,
      { rule: 'json-duplicate-name', line: 1, column: 40 },
    ],
    ['that is an array', `["format","${format}"]`, notTheFormat],
    ['that is null', 'null', notTheFormat],
    ['that is a string', '"format"', notTheFormat],
    ['that is empty', '{}', notTheFormat],
    ['that has its format in another place', `{"name":"a","format":"${format}"}`, notTheFormat],
    [
      'of another format',
      '{"format":"siteseal-test/2","name":"a"}',
      { ...notTheFormat, found: 'siteseal-test/2' },
    ],
    ['whose format is a number', '{"format":1}', notTheFormat],
    [
      'with an unknown member',
      `{"format":"${format}","name":"a","x":1}`,
      { rule: 'json-unknown-member', field: 'x' },
    ],
    [
      'with a member __proto__',
      `{"format":"${format}","name":"a","__proto__":{}}`,
      { rule: 'json-unknown-member', field: '__proto__' },
    ],
    [
      'with a member constructor',
      `{"format":"${format}","name":"a","constructor":1}`,
      { rule: 'json-unknown-member', field: 'constructor' },
    ],
    [
      'with an unknown member deep inside',
      `{"format":"${format}","name":"a","list":[{"oid":"1.2","y":1}]}`,
      { rule: 'json-unknown-member', field: 'list.0.y' },
    ],
    ['without a member that is required', `{"format":"${format}"}`, { rule: 'json-type', field: 'name' }],
    [
      'whose required member is null',
      `{"format":"${format}","name":null}`,
      { rule: 'json-type', field: 'name' },
    ],
    [
      'whose optional member is null',
      `{"format":"${format}","name":"a","until":null}`,
      { rule: 'json-type', field: 'until' },
    ],
    ['with a value of another type', `{"format":"${format}","name":1}`, { rule: 'json-type', field: 'name' }],
    [
      'with an object for an array',
      `{"format":"${format}","name":"a","list":{"0":{"oid":"1.2"}}}`,
      { rule: 'json-type', field: 'list' },
    ],
    [
      'with a value that breaks a rule',
      `{"format":"${format}","name":"a","list":[{"oid":"1.2"},{"oid":"x"}]}`,
      { rule: 'json-oid', field: 'list.1.oid' },
    ],
  ];
  for (const [name, text, expected] of cases)
    test(`${name} is refused`, () => assert.deepEqual(refusal(text), expected));

  test('is refused without telling the value, which may be secret', () => {
    const result = read(`{"format":"${format}","name":"a","until":"hunter2"}`);
    assert.equal(JSON.stringify(result).includes('hunter2'), false);
  });

  test('is refused in words of bounded length that are whole characters', () => {
    const result = read(`{"format":"${'x'.repeat(63)}😀${'x'.repeat(5000)}"}`);
    assert(!result.ok);
    assert.ok(result.fault.found!.length <= 64 && result.fault.found!.isWellFormed());
    const unknown = read(`{"format":"${format}","name":"a","${'y'.repeat(199)}😀${'y'.repeat(5000)}":1}`);
    assert(!unknown.ok);
    const { field } = unknown.fault.where!;
    assert.ok(field!.length <= 200 && field!.isWellFormed());
  });
});

/** Which of the texts a field takes, and the rule by which it refuses the others. */
const tables: readonly {
  readonly field: keyof typeof fields;
  readonly rule: string;
  readonly taken: readonly string[];
  readonly refused: readonly string[];
}[] = [
  {
    field: 'time',
    rule: 'json-time',
    taken: [
      '2026-11-01T00:00:00Z',
      '2026-12-31T23:59:59Z',
      '2024-02-29T12:00:00Z',
      '2000-02-29T12:00:00Z',
      '9999-12-31T23:59:59Z',
      '0001-01-01T00:00:00Z',
    ],
    refused: [
      '',
      '2026-02-29T00:00:00Z',
      '2026-02-30T00:00:00Z',
      '2100-02-29T00:00:00Z',
      '2026-04-31T00:00:00Z',
      '2026-00-10T00:00:00Z',
      '2026-13-01T00:00:00Z',
      '2026-11-00T00:00:00Z',
      '2026-11-32T00:00:00Z',
      '2026-11-01T24:00:00Z',
      '2026-11-01T23:60:00Z',
      '2026-12-31T23:59:60Z',
      '2026-11-01T00:00:00.000Z',
      '2026-11-01T00:00:00+00:00',
      '2026-11-01T00:00:00-00:00',
      '2026-11-01T00:00:00z',
      '2026-11-01t00:00:00Z',
      '2026-11-01 00:00:00Z',
      '2026-11-01T00:00:00',
      '2026-11-01T00:00Z',
      '2026-11-01',
      '+12026-11-01T00:00:00Z',
      '12026-11-01T00:00:00Z',
      '2026-11-01T00:00:00Z\n',
      ' 2026-11-01T00:00:00Z',
      '２026-11-01T00:00:00Z',
    ],
  },
  {
    field: 'sha256',
    rule: 'json-digest',
    taken: ['0'.repeat(64), '0123456789abcdef'.repeat(4)],
    refused: [
      '',
      'a'.repeat(63),
      'a'.repeat(65),
      'A'.repeat(64),
      'g'.repeat(64),
      `${'a'.repeat(64)}\n`,
      `0x${'a'.repeat(62)}`,
    ],
  },
  {
    field: 'oid',
    rule: 'json-oid',
    taken: [
      '0.0',
      '0.39',
      '1.39.1',
      '2.0',
      '2.40',
      '2.999.3',
      '1.3.6.1.4.1.32473.7.1',
      '2.25.67185770713137499404239916306837926263',
    ],
    refused: [
      '',
      '1',
      '1.',
      '.1',
      '3.1',
      '0.40',
      '1.40',
      '1.99.1',
      '1.02',
      '01.2',
      '1.2.03',
      '1..2',
      '1.2.',
      '1.2.-3',
      '1.2.3 ',
      '1.2.a',
      `1.2${'.1'.repeat(40)}`,
      `1.2.${'9'.repeat(40)}`,
    ],
  },
  {
    field: 'uuid',
    rule: 'json-uuid',
    taken: ['123e4567-e89b-12d3-a456-426614174000', '00000000-0000-0000-0000-000000000000'],
    refused: [
      '',
      '123E4567-E89B-12D3-A456-426614174000',
      '123e4567e89b12d3a456426614174000',
      '{123e4567-e89b-12d3-a456-426614174000}',
      '123e4567-e89b-12d3-a456-42661417400',
    ],
  },
  {
    field: 'base64',
    rule: 'json-base64',
    taken: ['', 'QQ==', 'QUI=', 'QUJD', 'QUJDRA==', '+/8='],
    refused: [
      'Q',
      'QQ',
      'QQ=',
      'QUI',
      'QQ===',
      'QQ==QQ==',
      'QR==',
      'Qf==',
      'QUJ=',
      'QUJDRB==',
      '-_8=',
      'QU JD',
      'QUJD\n',
      ' QUJD',
      'QUJD=',
      '====',
      'QÜJD',
    ],
  },
  {
    field: 'text',
    rule: 'json-empty',
    taken: ['a', ' ', 'ä'.repeat(1024)],
    refused: [''],
  },
  { field: 'text', rule: 'json-long', taken: [], refused: ['a'.repeat(1025)] },
];

for (const { field, rule, taken, refused } of tables) {
  describe(`${field}, by the rule ${rule},`, () => {
    for (const text of taken)
      test(`takes ${JSON.stringify(text.slice(0, 60))}`, () =>
        assert.deepEqual(readValue(text, fields[field]), { ok: true, value: text }));
    for (const text of refused) {
      test(`refuses ${JSON.stringify(text.slice(0, 60))}`, () => {
        const result = readValue(text, fields[field]);
        assert(!result.ok);
        assert.equal(result.fault.rule, rule);
      });
    }
    for (const value of [1, null, true, [], {}] as const) {
      test(`refuses ${JSON.stringify(value)}, which is no text`, () => {
        const result = readValue(value, fields[field]);
        assert(!result.ok);
        assert.equal(result.fault.rule, 'json-type');
      });
    }
  });
}

test('base64 of many megabytes is read', () => {
  assert.ok(readValue('QUJD'.repeat(4 * 1024 * 1024), fields.base64).ok);
});
