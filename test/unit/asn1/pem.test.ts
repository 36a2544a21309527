import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodePem, encodePem, pemBlocks } from '../../../main/asn1/index.ts';

const one = encodePem('CERTIFICATE', new Uint8Array(100).fill(1));
const two = encodePem('X509 CRL', Uint8Array.of(2, 3));
const read = (text: string) => decodePem(text).map(({ label, bytes }) => `${label} ${bytes.length}`);
const readFrom = (file: Uint8Array) =>
  [...pemBlocks(file)].map(({ label, decode }) => `${label} ${decode().length}`);

describe('PEM', () => {
  test('is written in lines of 64 characters', () => {
    const lines = one.split('\n');
    assert.equal(lines[0], '-----BEGIN CERTIFICATE-----');
    assert.deepEqual(
      lines.slice(1, -2).map((line) => line.length),
      [64, 64, 8],
    );
    assert.deepEqual(lines.slice(-2), ['-----END CERTIFICATE-----', '']);
  });

  test('is read back as it was written, whatever the octets', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 })), (parts) => {
        const text = parts.map((part) => encodePem('X509 CRL', part)).join('');
        assert.deepEqual(
          decodePem(text).map(({ bytes }) => bytes),
          parts,
        );
      }),
    );
  });

  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ['several blocks in their order', one + two + one, ['CERTIFICATE 100', 'X509 CRL 2', 'CERTIFICATE 100']],
    ['lines that end as on Windows', one.replaceAll('\n', '\r\n'), ['CERTIFICATE 100']],
    ['blanks at the ends of lines', one.replaceAll('\n', ' \t\n'), ['CERTIFICATE 100']],
    [
      'text before, between and after',
      `Bag attributes\n${one}# - two -\n${two}end`,
      ['CERTIFICATE 100', 'X509 CRL 2'],
    ],
    ['a byte order mark', `\ufeff${one}`, ['CERTIFICATE 100']],
    ['a last line without its end', one.trimEnd(), ['CERTIFICATE 100']],
    ['lines of any length', one.replace(/(?<=[A-Za-z0-9+/=])\n(?=[A-Za-z0-9+/=])/g, ''), ['CERTIFICATE 100']],
    ['nothing', '', []],
    ['other text', 'BEGIN CERTIFICATE', []],
    ['a label in lower case', one.replaceAll('CERTIFICATE', 'certificate'), []],
  ];
  for (const [name, text, blocks] of cases)
    test(`is read with ${name}, as a whole and block by block`, () => {
      assert.deepEqual(read(text), blocks);
      assert.deepEqual(readFrom(Buffer.from(text)), blocks);
      assert.deepEqual(readFrom(Buffer.from(`\ufeff${text}`, 'utf16le')), blocks);
    });

  test('is the same block by block as at once, whatever lies around it', () => {
    const piece = fc.constantFrom(one, two, '-----BEGIN ', '-----', '\n', 'A', '-----END CERTIFICATE-----');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        assert.deepEqual(readFrom(Buffer.from(text)), read(text));
      }),
    );
  });

  test('a block that is damaged or cut short is not passed over, so that what holds it is refused', () => {
    assert.deepEqual(read(one + two.replace('-----END X509 CRL-----\n', '')), [
      'CERTIFICATE 100',
      'X509 CRL 2',
    ]);
    assert.deepEqual(read(one + one.slice(0, 80)), ['CERTIFICATE 100', 'CERTIFICATE 39']);
    assert.equal(read(one.replace('AQ', '?!') + two).length, 2);
    assert.equal(read(one.replace('END CERTIFICATE', 'END X509 CRL') + two).length, 2);
  });

  test('a block of many megabytes is read', () => {
    const bytes = new Uint8Array(16 * 1024 * 1024);
    assert.equal(decodePem(encodePem('X509 CRL', bytes))[0]?.bytes.length, bytes.length);
  });
});
