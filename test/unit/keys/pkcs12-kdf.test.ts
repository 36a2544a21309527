import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pkcs12Kdf } from '../../../main/keys/pkcs12-kdf.ts';

const salt = Buffer.from('0a58cf64530d823f', 'hex');
const passphrase = Buffer.from('0073006d006500670000', 'hex'); // smeg

describe('the key derivation of PKCS#12', () => {
  test('gives what is known of it', async () => {
    const key = await pkcs12Kdf('sha1', passphrase, salt, 1, 1, 24);
    assert.equal(key.toString('hex'), '8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3');
    const iv = await pkcs12Kdf('sha1', passphrase, salt, 1, 2, 8);
    assert.equal(iv.toString('hex'), '79993dfe048d3b76');
  });

  test('leaves the others their turns, as many as it has slices', async () => {
    let turns = 0;
    let isOver = false;
    const count = () => {
      turns++;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    await pkcs12Kdf('sha256', passphrase, salt, 50_001, 3, 32);
    isOver = true;
    assert.ok(turns >= 10, `${turns} turns`);
  });

  test('leaves salt and passphrase as they are', async () => {
    const [ownSalt, own] = [Buffer.from(salt), Buffer.from(passphrase)];
    await pkcs12Kdf('sha1', own, ownSalt, 2, 1, 24);
    assert.deepEqual([ownSalt, own], [salt, passphrase]);
  });
});
