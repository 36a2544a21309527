import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decryptRc2Block, decryptRc2Cbc, expandKey } from '../../../main/keys/rc2.ts';

const hex = (text: string) => Buffer.from(text, 'hex');
const long = '88bca90e90875a7f0f79c384627bafb2';

describe('RC2 decrypts the vectors of RFC 2268 section 5', () => {
  const vectors: readonly (readonly [string, number, string, string])[] = [
    ['0000000000000000', 63, '0000000000000000', 'ebb773f993278eff'],
    ['ffffffffffffffff', 64, 'ffffffffffffffff', '278b27e42e2f0d49'],
    ['3000000000000000', 64, '1000000000000001', '30649edf9be7d2c2'],
    ['88', 64, '0000000000000000', '61a8a244adacccf0'],
    ['88bca90e90875a', 64, '0000000000000000', '6ccf4308974c267f'],
    [long, 64, '0000000000000000', '1a807d272bbe5db1'],
    [long, 128, '0000000000000000', '2269552ab0f85ca6'],
    [`${long}16f80a6f85920584c42fceb0be255daf1e`, 129, '0000000000000000', '5b78d3a43dfff1f1'],
  ];
  for (const [key, bits, clear, encrypted] of vectors)
    test(`a key of ${key.length / 2} bytes, ${bits} bits effective`, () => {
      const block = decryptRc2Block(expandKey(hex(key), bits), hex(encrypted));
      assert.equal(Buffer.from(block).toString('hex'), clear);
    });
});

describe('RC2 in CBC mode', () => {
  const key = hex('00112233445566778899aabbccddeeff');
  const iv = hex('0102030405060708');
  // openssl enc -rc2-cbc -provider legacy
  const encrypted = hex('7318f9f3dcd132a03ab3c461e38b623d8fee279501836274078d4f63681d0bae');

  test('reads what OpenSSL encrypts, without its padding', () => {
    assert.equal(decryptRc2Cbc(key, iv, encrypted)?.toString(), 'hello world, this is RC2');
  });
  test('denies what is not whole blocks, and what is not padded', () => {
    for (const wrong of [new Uint8Array(), encrypted.subarray(1), encrypted.subarray(0, 8)])
      assert.equal(decryptRc2Cbc(key, iv, wrong), undefined);
  });
});
