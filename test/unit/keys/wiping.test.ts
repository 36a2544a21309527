import { memoryOf } from '../../kit/memory.ts';
import assert from 'node:assert/strict';
import type { KeyObject } from 'node:crypto';
import { describe, it } from 'node:test';
import { der } from '../../../main/asn1/index.ts';
import { readPkcs12, readPrivateKey } from '../../../main/keys/index.ts';
import { makeCa, makeCertificate } from '../../kit/pki.ts';
import {
  certBag,
  data,
  derive,
  encryptedData,
  keyBag,
  makePkcs12,
  safe,
  shroudedKeyBag,
  tripleDesData,
} from './make-pkcs12.ts';

const own = makeCertificate('O=Lab,CN=Configuration', {}, makeCa('O=Lab,CN=CA'));
const passphrase = 'a passphrase that is nowhere else';
/** As it is given, and as PKCS#12 hashes it. */
const forms = [Buffer.from(passphrase), Buffer.from(passphrase, 'utf16le').swap16()];
const secrets = [...forms, scalarOf(own.key)];

/** The number that is the secret of an EC key. */
function scalarOf(key: KeyObject): Buffer {
  const { d } = key.export({ format: 'jwk' });
  assert(d !== undefined);
  return Buffer.from(d, 'base64url');
}

describe('a PKCS#12 file leaves neither passphrase nor key behind', () => {
  const shrouded = data(safe(shroudedKeyBag(own.key, passphrase)));
  const certificate = safe(certBag(own.certificate));
  const files: Readonly<Record<string, readonly [opens: boolean, contents: readonly Uint8Array[]]>> = {
    'as OpenSSL makes it': [true, [encryptedData(passphrase, certificate), shrouded]],
    'with triple DES': [true, [tripleDesData(passphrase, certificate), shrouded]],
    'with its key encrypted as a whole': [
      true,
      [encryptedData(passphrase, safe(keyBag(own.key), certBag(own.certificate)))],
    ],
    'with its key encrypted by triple DES': [
      true,
      [tripleDesData(passphrase, safe(keyBag(own.key), certBag(own.certificate)))],
    ],
    'with two keys': [false, [encryptedData(passphrase, safe(keyBag(own.key), keyBag(own.key))), shrouded]],
    'with something after its key': [
      false,
      [encryptedData(passphrase, Buffer.concat([safe(keyBag(own.key)), der.null]))],
    ],
    'whose later part is of another kind': [
      false,
      [encryptedData(passphrase, safe(keyBag(own.key))), data(certificate, '1.2.3')],
    ],
    'whose later part is damaged': [
      false,
      [encryptedData(passphrase, safe(keyBag(own.key))), data(Buffer.from('nonsense'))],
    ],
    'whose certificate is damaged': [
      false,
      [encryptedData(passphrase, safe(keyBag(own.key), certBag({ ...own.certificate, der: der.null })))],
    ],
  };
  for (const [name, [opens, contents]] of Object.entries(files)) {
    it(name, async () => {
      const file = makePkcs12(passphrase, contents, { mac: { iterations: 2 } });
      const given = Buffer.from(passphrase);
      const memory = await memoryOf(() => readPkcs12(file, given));
      assert.equal(memory.value.ok, opens, JSON.stringify(memory.value));
      assert(memory.keys >= 1);
      memory.assertWiped(secrets);
      assert.deepEqual(given, forms[0], 'The caller wipes what it has given.');
    });
  }

  const macOctets = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 };
  for (const hash of ['sha1', 'sha256', 'sha384', 'sha512'] as const) {
    it(`with a MAC by ${hash}, also where the passphrase is wrong`, async () => {
      const file = makePkcs12('another', [shrouded], { mac: { hash, iterations: 3 } });
      const given = Buffer.from(passphrase);
      const memory = await memoryOf(() => readPkcs12(file, given));
      assert.equal(!memory.value.ok && memory.value.fault.code, 'passphrase-wrong');
      const { output, input } = derive(hash, 3, passphrase, 3, macOctets[hash]);
      memory.assertWiped([...secrets, output, input]);
    });
  }
});

describe('an encrypted PKCS#8 key leaves its passphrase nowhere', () => {
  const encryption = { type: 'pkcs8', cipher: 'aes-256-cbc', passphrase } as const;
  const files = {
    PEM: Buffer.from(own.key.export({ ...encryption, format: 'pem' })),
    DER: own.key.export({ ...encryption, format: 'der' }),
  };
  for (const [form, file] of Object.entries(files)) {
    for (const given of [passphrase, `${passphrase}, but wrong`]) {
      it(`in ${form}, with a passphrase that is ${given === passphrase ? 'right' : 'wrong'}`, async () => {
        const octets = Buffer.from(given);
        const memory = await memoryOf(() => readPrivateKey(file, octets));
        assert.equal(memory.value.ok, given === passphrase);
        memory.assertWiped([...secrets, octets]);
      });
    }
  }
});
