import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { readProtectedKey } from '../../../main/keys/index.ts';
import { referenceOperator, referencePair } from '../../kit/bundle.ts';

const { key } = referencePair('operator/config-vendor-a.crt', 'operator/config-vendor-a.key');
const passphrase = Buffer.from('field-test');
const read = (...names: readonly string[]) => readFileSync(join(...names));
const ownPkcs12 = read(referenceOperator, 'operator', 'config-vendor-a.p12');
const foreign = join(import.meta.dirname, '..', '..', 'data', 'foreign-keys');
const protection = { type: 'pkcs8', cipher: 'aes-256-cbc', passphrase } as const;

for (const [name, file] of [
  ['PKCS#12', ownPkcs12],
  ['PKCS#8 in PEM', Buffer.from(key.export({ ...protection, format: 'pem' }))],
  ['PKCS#8 in DER', key.export({ ...protection, format: 'der' })],
] as const)
  it(`a protected key is read from ${name}`, async () => {
    const opened = await readProtectedKey(file, passphrase);
    assert(opened.ok, JSON.stringify(opened));
    assert(opened.value.equals(key));
    const codes = [
      await readProtectedKey(file, Buffer.from('other')),
      await readProtectedKey(file, undefined),
    ].map((result) => !result.ok && result.fault.code);
    assert.deepEqual(codes, ['passphrase-wrong', 'passphrase-missing']);
  });

it('a protected key is read from PKCS#12 in BER', async () => {
  assert((await readProtectedKey(read(foreign, 'bc-indefinite-length.p12'), passphrase)).ok);
});

for (const [name, file, code] of [
  ['an unprotected key', Buffer.from(key.export({ type: 'pkcs8', format: 'der' })), 'key-not-encrypted'],
  [
    'an unprotected key in PEM',
    Buffer.from(key.export({ type: 'pkcs8', format: 'pem' })),
    'key-not-encrypted',
  ],
  ['PKCS#12 that is cut', ownPkcs12.subarray(0, -1), 'pkcs12-unreadable'],
  ['another file', Buffer.from('site_id\n'), 'key-unreadable'],
  ['nothing', Buffer.alloc(0), 'key-unreadable'],
] as const)
  it(`${name} is refused as ${code}`, async () => {
    const opened = await readProtectedKey(file, passphrase);
    assert(!opened.ok);
    assert.equal(opened.fault.code, code);
  });
