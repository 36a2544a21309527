import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readMac, verifyMac } from '../../../main/cmp/mac.ts';

describe('PBMAC1', () => {
  // Made by Bouncy Castle 1.72 with the secret "abc" for "hello".
  const algorithm = Buffer.from(
    '306106092a864886f70d01050e3054304406092a864886f70d01050d30370420fc50382157656de56bc63fa84ac68f8f' +
      '5cbbd8578236dab7492a51c7c9bb968502022000020120300c06082a864886f70d02090500300c06082a864886f70d0209' +
      '0500',
    'hex',
  );
  const value = Buffer.from('68d7c72411f8bb3ddf3e1923663618512455d2c5124176aecf90ef9f9305d3f8', 'hex');

  it('is read with PBES2 before the parameters of PBKDF2, as Bouncy Castle writes it', () => {
    const mac = readMac(algorithm);
    assert(mac.ok, JSON.stringify(mac));
    assert.equal(verifyMac(mac.value, Buffer.from('abc'), Buffer.from('hello'), value), true);
    assert.equal(verifyMac(mac.value, Buffer.from('abd'), Buffer.from('hello'), value), false);
  });

  it('is read with no other derivation of keys', () => {
    const other = Buffer.from(algorithm);
    other.write('01050b', algorithm.indexOf('01050d', 0, 'hex'), 'hex');
    assert.equal(readMac(other).ok, false);
  });
});
