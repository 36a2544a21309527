import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { passphraseFromFile } from '../../../main/keys/index.ts';
import { toBmpString } from '../../../main/keys/passphrase.ts';

const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

describe('the passphrase of a file', () => {
  const cases: readonly (readonly [string, Uint8Array, Uint8Array])[] = [
    ['in UTF-8', Buffer.from('päss\nsecond'), Buffer.from('päss')],
    ['with a carriage return', Buffer.from('päss\r\n'), Buffer.from('päss')],
    ['without a line end', Buffer.from('päss'), Buffer.from('päss')],
    ['in UTF-8 with a byte order mark', Buffer.from('\ufeffpäss\r\n'), Buffer.from('päss')],
    ['in UTF-16, little-endian', utf16('päss 密码 😀\r\nx'), Buffer.from('päss 密码 😀')],
    ['in UTF-16, big-endian', utf16('päss 密码 😀\n').swap16(), Buffer.from('päss 密码 😀')],
    ['in other octets', Buffer.from('päss\n', 'latin1'), Buffer.from('päss', 'latin1')],
    ['that is empty', Buffer.alloc(0), Buffer.alloc(0)],
    ['that is a byte order mark', utf16(''), Buffer.alloc(0)],
  ];
  for (const [name, file, expected] of cases)
    test(`is read ${name}, and the file's bytes are wiped`, () => {
      const passphrase = passphraseFromFile(file);
      assert(passphrase.ok);
      assert.deepEqual(Buffer.from(passphrase.value), Buffer.from(expected));
      assert.ok(file.every((octet) => octet === 0));
    });

  const refused: readonly (readonly [string, Uint8Array])[] = [
    ['cut short', utf16('ab').subarray(0, 5)],
    ['with half a character', Buffer.from('fffe3dd8', 'hex')],
  ];
  for (const [name, file] of refused)
    test(`is refused in UTF-16 ${name}`, () => {
      const passphrase = passphraseFromFile(Uint8Array.from(file));
      assert(!passphrase.ok);
      assert.equal(passphrase.fault.code, 'passphrase-not-text');
    });

  test('is the same whatever the encoding of the file', () => {
    const text = fc.string({ unit: 'binary' }).filter((one) => !/[\r\n]|^\ufeff/.test(one));
    fc.assert(
      fc.property(text, (line) => {
        const files = [Buffer.from(`\ufeff${line}\n`), utf16(`${line}\n`), utf16(`${line}\n`).swap16()];
        for (const file of files) {
          const read = passphraseFromFile(file);
          assert(read.ok, JSON.stringify(line));
          assert.equal(Buffer.from(read.value).toString(), line);
        }
      }),
    );
  });
});

describe('the passphrase as PKCS#12 takes it', () => {
  test('is UTF-16, big-endian, with a zero at its end', () => {
    const made = toBmpString(Buffer.from('aä😀'));
    assert(made.ok);
    assert.equal(made.value.toString('hex'), '006100e4d83dde000000');
  });
  test('is text', () => {
    const made = toBmpString(Buffer.from('päss', 'latin1'));
    assert(!made.ok);
    assert.equal(made.fault.code, 'passphrase-not-text');
  });
});
