import { memoryOf } from '../../kit/memory.ts';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openAuthEnvelopedData, sealAuthEnvelopedData } from '../../../main/cms/index.ts';
import { makeEnb } from '../../kit/issue-certificate.ts';
import { identity, labOptions, makeScene, referencePair } from '../../kit/bundle.ts';

const { vendor, enb } = makeScene();
const secret = Buffer.from('what is sealed, and nobody else may read');
const recipients = {
  'an EC key on P-256': enb,
  'an EC key on P-384': makeEnb(vendor, identity, { ...labOptions, keyKind: 'P-384' }),
  'an RSA key': referencePair('vendor-b/enb-certs/BN1000000.crt', 'vendor-b/enb-keys/BN1000000.key'),
};

for (const [name, { certificate, key }] of Object.entries(recipients)) {
  const sealed = sealAuthEnvelopedData(secret, certificate);
  const damaged = Buffer.from(sealed);
  damaged[damaged.length - 1]! ^= 1;

  describe(`what is sealed to ${name}`, () => {
    it('leaves no key behind where it was sealed', async () => {
      const memory = await memoryOf(() => sealAuthEnvelopedData(secret, certificate));
      assert(memory.keys >= 1);
      memory.assertWiped([secret]);
    });

    it('leaves no key behind where it was opened, and the plaintext once', async () => {
      const memory = await memoryOf(() => openAuthEnvelopedData(sealed, key, certificate));
      assert(memory.keys >= 1 && memory.value.ok);
      memory.assertWiped([secret], [memory.value.value]);
      assert.deepEqual(memory.value.value, secret);
    });

    it('leaves neither key nor plaintext behind where its tag does not hold', async () => {
      const memory = await memoryOf(() => openAuthEnvelopedData(damaged, key, certificate));
      assert(memory.keys >= 1 && !memory.value.ok);
      memory.assertWiped([secret]);
    });
  });
}
