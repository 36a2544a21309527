import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { encodePem } from '../../../main/asn1/index.ts';
import { openSigner, readPkcs12, readPrivateKey, signerWithKey } from '../../../main/keys/index.ts';
import { nameToText } from '../../../main/pki/index.ts';
import { makeCa, makeCertificate, now, rsaKey, spkiOf } from '../../kit/pki.ts';
import { Workbench } from './openssl.ts';

const bench = new Workbench();
after(() => bench.remove());

const ca = makeCa('O=Lab,CN=CA');
const root = makeCa('O=Lab,CN=Root');
const pairs = {
  'P-256': makeCertificate('O=Lab,CN=P-256', {}, ca),
  'P-384': makeCertificate('O=Lab,CN=P-384', { keyKind: 'P-384' }, ca),
  'RSA-3072': makeCertificate('O=Lab,CN=RSA', { key: rsaKey(3072) }, ca),
};
type Kind = keyof typeof pairs;

interface Export {
  readonly kind?: Kind;
  readonly passphrase?: string;
  readonly options?: readonly string[];
}

/** A PKCS#12 file as OpenSSL exports it. */
function exportPkcs12({ kind = 'P-256', passphrase = 'field-test', options = [] }: Export): Uint8Array {
  const { certificate } = pairs[kind];
  const files = ['-inkey', bench.key(pairs[kind]), '-in', bench.certificate(certificate)];
  const chain = ['-certfile', bench.certificate(ca.certificate, root.certificate)];
  return bench.make('pkcs12', '-export', ...files, ...chain, ...passOut(passphrase), ...options);
}

/** The options that give OpenSSL a passphrase for what it writes. */
function passOut(passphrase: string): readonly string[] {
  return ['-passout', `file:${bench.file(`${passphrase}\n`)}`];
}

const oldest = ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES'];
const pbe = (name: string) => ['-keypbe', name, '-certpbe', name];

describe('PKCS#12 as OpenSSL exports it is opened', () => {
  const cases: readonly (readonly [string, Export])[] = [
    ['in its usual form, with P-256', {}],
    ['with P-384', { kind: 'P-384' }],
    ['with RSA', { kind: 'RSA-3072' }],
    ['with SHA-1 and triple DES', { options: oldest }],
    [
      'with SHA-1, triple DES and a MAC by SHA-1, as before OpenSSL 3',
      { options: [...oldest, '-macalg', 'sha1'] },
    ],
    ['with AES of 128 bits', { options: pbe('AES-128-CBC') }],
    ['with AES of 192 bits', { options: pbe('AES-192-CBC') }],
    ['with AES and a MAC by SHA-384', { options: ['-macalg', 'sha384'] }],
    ['with AES and a MAC by SHA-512', { options: ['-macalg', 'sha512'] }],
    ['with a single iteration', { options: ['-noiter', '-nomaciter'] }],
    ['with many iterations', { options: ['-iter', '100000'] }],
    ['with a name', { options: ['-name', 'Jyväskylä', '-caname', 'CA'] }],
    ['with its certificates in the clear', { options: ['-certpbe', 'NONE'] }],
    ['with a passphrase beyond ASCII', { passphrase: 'päss wörd 密码 😀' }],
    ['with a passphrase beyond ASCII and triple DES', { passphrase: 'päss wörd 密码 😀', options: oldest }],
  ];
  for (const [name, exported] of cases) {
    test(name, async () => {
      const { kind = 'P-256', passphrase = 'field-test' } = exported;
      const file = exportPkcs12(exported);
      const opened = await openSigner({ kind: 'pkcs12', file }, Buffer.from(passphrase), now);
      assert(opened.ok, JSON.stringify(opened));
      assert.deepEqual(opened.value.certificate.der, pairs[kind].certificate.der);
      const chain = opened.value.chain.map(({ subject }) => nameToText(subject));
      assert.deepEqual(chain.sort(), ['O=Lab,CN=CA', 'O=Lab,CN=Root']);
      const wrong = await readPkcs12(file, Buffer.from(`${passphrase}x`));
      assert.deepEqual(wrong, { ok: false, fault: { code: 'passphrase-wrong' } });
    });
  }
});

describe('PKCS#12 as OpenSSL exports it is refused', () => {
  const refusal = async (exported: Export) => {
    const passphrase = exported.passphrase ?? 'field-test';
    const opened = await readPkcs12(exportPkcs12(exported), Buffer.from(passphrase));
    return opened.ok ? 'opened' : opened.fault.code;
  };
  test('when the key lies open in it', async () => {
    assert.equal(await refusal({ options: ['-keypbe', 'NONE', '-certpbe', 'NONE'] }), 'key-not-encrypted');
    assert.equal(await refusal({ options: ['-keypbe', 'NONE'] }), 'key-not-encrypted');
  });
  test('when it has no MAC', async () =>
    assert.equal(await refusal({ options: ['-nomac'] }), 'pkcs12-unsupported'));
  test('when its passphrase is empty', async () => {
    assert.equal(await refusal({ passphrase: '' }), 'key-not-encrypted');
    assert.equal(await refusal({ passphrase: '', options: oldest }), 'key-not-encrypted');
  });
  test('when it has no key', async () => {
    const chain = bench.certificate(ca.certificate, root.certificate);
    const file = bench.make('pkcs12', '-export', '-nokeys', '-in', chain, ...passOut('field-test'));
    const opened = await readPkcs12(file, Buffer.from('field-test'));
    assert(!opened.ok);
    assert.equal(opened.fault.rule, 'pkcs12-one-key');
  });
});

describe('a private key as OpenSSL writes it is read', () => {
  const passphrase = 'päss wörd';
  const pkcs8 = ['pkcs8', '-topk8'];
  const cases: readonly (readonly [string, readonly string[], Kind])[] = [
    ['by pkcs8 in its usual form', pkcs8, 'P-256'],
    ['by pkcs8 as the words for an open key say', [...pkcs8, '-v2', 'aes-256-cbc'], 'P-256'],
    ['by pkcs8 in DER', [...pkcs8, '-outform', 'DER'], 'P-256'],
    ['by pkcs8 with a key derived by SHA-1', [...pkcs8, '-v2prf', 'hmacWithSHA1'], 'P-256'],
    ['by pkcs8 with triple DES', [...pkcs8, '-v1', 'PBE-SHA1-3DES'], 'P-256'],
    ['by pkcs8 with scrypt', [...pkcs8, '-scrypt'], 'P-256'],
    ['by ec', ['ec', '-aes256'], 'P-384'],
    ['by rsa', ['rsa', '-traditional', '-aes256'], 'RSA-3072'],
  ];
  for (const [name, args, kind] of cases) {
    test(name, async () => {
      const file = bench.run(...args, '-in', bench.key(pairs[kind]), ...passOut(passphrase));
      const key = await readPrivateKey(file, Buffer.from(passphrase), { mustBeEncrypted: true });
      assert(key.ok, JSON.stringify(key));
      assert.deepEqual(spkiOf(key.value), spkiOf(pairs[kind].key));
      assert.deepEqual(await readPrivateKey(file, Buffer.from('other')), {
        ok: false,
        fault: { code: 'passphrase-wrong' },
      });
      assert.deepEqual(await readPrivateKey(file, undefined), {
        ok: false,
        fault: { code: 'passphrase-missing' },
      });
    });
  }

  test('with the parameters of its curve before it', async () => {
    const file = bench.run('ecparam', '-name', 'prime256v1', '-genkey');
    assert.match(file.toString(), /BEGIN EC PARAMETERS/);
    assert.ok((await readPrivateKey(file, undefined)).ok);
  });
});

describe('what a key signs, OpenSSL verifies', () => {
  for (const [kind, { key, certificate }] of Object.entries(pairs)) {
    test(`with ${kind}`, async () => {
      const opened = signerWithKey(key, [certificate]);
      assert(opened.ok);
      const data = Buffer.from('what is signed');
      const publicKey = bench.file(encodePem('PUBLIC KEY', certificate.publicKey.spki));
      const signature = bench.file(await opened.value.sign(data));
      const digest = `-${opened.value.algorithm.hash}`;
      const answer = bench.run(
        'dgst',
        digest,
        '-verify',
        publicKey,
        '-signature',
        signature,
        bench.file(data),
      );
      assert.match(answer.toString(), /Verified OK/);
    });
  }
});
