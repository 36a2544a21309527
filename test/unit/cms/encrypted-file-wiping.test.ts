import { memoryOf } from '../../kit/memory.ts';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decryptFile, parseEncryptedFile } from '../../../main/cms/index.ts';
import { makeScene, referencePair } from '../../kit/bundle.ts';
import { encryptedByOpenssl } from '../../kit/encrypted.ts';

const secret = Buffer.from('a secret that nobody else may read');
for (const [name, { certificate, key }] of Object.entries({
  'an EC key': makeScene().enb,
  'an RSA key': referencePair('operator/config-vendor-b.crt', 'operator/config-vendor-b.key'),
})) {
  const file = encryptedByOpenssl({ certificate }, secret);
  const decrypt = () => {
    const parsed = parseEncryptedFile(Buffer.from(file));
    assert(parsed.ok);
    return decryptFile(parsed.value, key);
  };

  describe(`a file that is encrypted to ${name}`, () => {
    it('leaves its plaintext in its own memory only, and no key', async () => {
      const memory = await memoryOf(decrypt);
      assert(memory.value.ok && memory.keys >= 1);
      const own = memory.value.value.buffer;
      memory.assertWiped(
        [secret],
        memory.madeIn('').filter(({ buffer }) => buffer === own),
      );
    });

    it('leaves neither plaintext nor key where its tag does not hold', async () => {
      file[file.length - 1]! ^= 1;
      const memory = await memoryOf(decrypt);
      assert(!memory.value.ok && memory.keys >= 1);
      memory.assertWiped([secret]);
    });
  });
}
