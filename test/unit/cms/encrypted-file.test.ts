import assert from 'node:assert/strict';
import { constants, type KeyObject } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { der, encodePem, oids } from '../../../main/asn1/index.ts';
import { decryptFile, isEncryptedFile, parseEncryptedFile } from '../../../main/cms/index.ts';
import type { KeyPair } from '../../../main/lab/index.ts';
import { hwType, labOptions, referencePair } from '../../kit/bundle.ts';
import { encryptedByOpenssl, pairByOpenssl } from '../../kit/encrypted.ts';
import { flipped } from '../../kit/flips.ts';
import { makeEnb, makeVendor } from '../../kit/issue-certificate.ts';
import { attribute, authEnvelopedData, keyAgreement, keyTransport, type EnvelopedParts } from './messages.ts';

const vendor = makeVendor('Lab Vendor', labOptions);
const ecPair = (serialNumber: string, keyKind: 'P-256' | 'P-384') =>
  makeEnb(vendor, { hwType, serialNumber }, { ...labOptions, keyKind });
const p256 = ecPair('LAB0001', 'P-256');
const rsa = referencePair('operator/config-vendor-b.crt', 'operator/config-vendor-b.key');
const p384 = ecPair('LAB0002', 'P-384');
const plaintext = Buffer.from('site_id;secret\r\n'.repeat(700));

/** A file in shared memory, as an inventory is. */
function shared(bytes: Uint8Array): Buffer {
  const file = Buffer.from(new SharedArrayBuffer(bytes.length));
  file.set(bytes);
  return file;
}

/** What a key makes of a file: its contents, or the rule that it breaks. Nothing of it is left in memory then. */
function open(bytes: Uint8Array, key: KeyObject): Buffer | string | undefined {
  const file = shared(bytes);
  const parsed = parseEncryptedFile(file);
  if (!parsed.ok) return parsed.fault.rule;
  const { ciphertext } = parsed.value;
  const opened = decryptFile(parsed.value, key);
  if (opened.ok) {
    assert.equal(opened.value.buffer, file.buffer, 'It is decrypted in its own memory.');
    return opened.value;
  }
  assert.deepEqual(opened.fault, { code: 'cms-undecryptable', rule: 'cms-decryption' });
  assert(ciphertext.every((byte) => byte === 0));
  return opened.fault.rule;
}

const stream = ['-stream'];
const inPem = ['-outform', 'PEM'];
const oaep = ['-keyopt', 'rsa_padding_mode:oaep'];

describe('what OpenSSL encrypts is opened', () => {
  for (const [name, pair, options] of [
    ['AES-128-GCM to an EC key on P-256', p256, ['-aes-128-gcm']],
    ['AES-192-GCM to an EC key on P-256', p256, ['-aes-192-gcm']],
    ['AES-256-GCM to an EC key on P-256', p256, ['-aes-256-gcm']],
    ['AES-256-GCM to an EC key on P-384', p384, ['-aes-256-gcm']],
    ['AES-256-GCM to an EC key on P-521', pairByOpenssl('P-521'), ['-aes-256-gcm']],
    ['AES-128-GCM to an RSA key', rsa, ['-aes-128-gcm']],
    ['AES-256-GCM to an RSA key', rsa, ['-aes-256-gcm']],
    ['a stream', p256, ['-aes-256-gcm', ...stream]],
    ['a stream to an RSA key', rsa, ['-aes-128-gcm', ...stream]],
    ['PEM', p256, ['-aes-256-gcm', ...inPem]],
    ['a stream in PEM', rsa, ['-aes-256-gcm', ...stream, ...inPem]],
    ['OAEP with its default, SHA-1', rsa, ['-aes-256-gcm', ...oaep]],
    ['OAEP with SHA-256', rsa, ['-aes-256-gcm', ...oaep, '-keyopt', 'rsa_oaep_md:sha256']],
    ['ECDH with SHA-256', p256, ['-aes-256-gcm', '-keyopt', 'ecdh_kdf_md:sha256']],
  ] as const)
    it(name, () => {
      const file = encryptedByOpenssl(pair, plaintext, options);
      assert(isEncryptedFile(file) && isEncryptedFile(file.subarray(0, 100)));
      assert.deepEqual(open(file, pair.key), plaintext);
    });

  it('PEM with the line ends of Windows', () => {
    const pem = encryptedByOpenssl(p256, plaintext, ['-aes-256-gcm', ...inPem]).toString();
    assert.deepEqual(open(Buffer.from(pem.replaceAll('\n', '\r\n')), p256.key), plaintext);
  });

  it('whatever its length', () => {
    for (const [length, form] of [
      [0, []],
      [127, []],
      [65_536, []],
      [1, stream],
      [200_000, stream],
    ] as const) {
      const contents = Buffer.alloc(length, 0x61);
      const file = encryptedByOpenssl(p256, contents, ['-aes-256-gcm', ...form]);
      assert.deepEqual(open(file, p256.key), contents);
    }
  });
});

const small = Buffer.from('a secret that nobody else may read');
const kept: readonly (readonly [string, KeyPair, Buffer])[] = [
  ['an EC key', p256, encryptedByOpenssl(p256, small)],
  ['an RSA key', rsa, encryptedByOpenssl(rsa, small)],
  ['an EC key, as a stream', p256, encryptedByOpenssl(p256, small, ['-aes-128-gcm', ...stream])],
];

describe('a damaged file is refused', () => {
  for (const [name, { key }, file] of kept) {
    const parsed = parseEncryptedFile(Buffer.from(file));
    assert(parsed.ok);
    const { ciphertext, tag, nonce, recipientInfo } = parsed.value;
    for (const [region, { byteOffset, length, buffer }] of Object.entries({
      ciphertext,
      tag,
      nonce,
      'encrypted key': recipientInfo.encryptedKey,
    }))
      it(`for ${name}, at each byte of its ${region}`, () => {
        const start = file.indexOf(Buffer.from(buffer, byteOffset, length));
        assert(start > 0 && length > 0);
        for (let at = start; at < start + length; at++)
          assert.equal(open(flipped(file, 8 * at + (at % 8)), key), 'cms-decryption');
      });

    it(`for ${name}, at any bit: it is never opened as something else`, () => {
      const end = file.length - 8;
      for (let at = 0; at < end; at++) {
        const opened = open(flipped(file, 8 * at + (at % 8)), key);
        // The recipient's name is not authenticated. Who has the key needs no name.
        if (typeof opened === 'object') assert.deepEqual(opened, small);
      }
    });

    it(`for ${name}, cut anywhere`, () => {
      for (let length = 0; length < file.length; length++)
        assert.equal(typeof open(file.subarray(0, length), key), 'string');
    });
  }

  it('in PEM, cut anywhere or with more after it', () => {
    const pem = encryptedByOpenssl(p256, small, ['-aes-256-gcm', ...inPem]);
    const end = pem.length - 2; // The line feed at the end is not needed.
    for (let length = 0; length <= end; length++)
      assert.equal(typeof open(pem.subarray(0, length), p256.key), 'string');
    assert.equal(open(Buffer.concat([pem, pem]), p256.key), 'der-trailing');
    assert.equal(open(Buffer.concat([pem, Buffer.from('secret')]), p256.key), 'der-trailing');
  });

  it('with a byte after the end', () => {
    for (const [, { key }, file] of kept)
      assert.equal(open(Buffer.concat([file, Buffer.alloc(1)]), key), 'der-trailing');
  });
});

describe('one fault covers every reason why a key does not open a file:', () => {
  const other = ecPair('LAB0003', 'P-256');
  const rsa2048 = referencePair('vendor-b/enb-certs/BN1000000.crt', 'vendor-b/enb-keys/BN1000000.key');
  const toRsa = encryptedByOpenssl(rsa, small);
  const noPadding = keyTransportOf(rsa, Buffer.alloc(384, 1), constants.RSA_NO_PADDING);
  for (const [name, file, { key }] of [
    ['another key on the curve', encryptedByOpenssl(p256, small), other],
    ['a key on another curve', encryptedByOpenssl(p256, small), p384],
    ['an RSA key for a file to an EC key', encryptedByOpenssl(p256, small), rsa],
    ['an EC key for a file to an RSA key', toRsa, p256],
    ['an RSA key of another length', toRsa, rsa2048],
    ['wrong PKCS#1 padding', noPadding, rsa],
    ['a key of another length under right padding', keyTransportOf(rsa, Buffer.alloc(16)), rsa],
  ] as const)
    it(name, () => assert.equal(open(file, key), 'cms-decryption'));
});

/** A file to an RSA key with PKCS#1 padding, which holds this instead of the content key, with some other padding. */
function keyTransportOf(
  { certificate }: KeyPair,
  contentKey: Uint8Array,
  padding: number = constants.RSA_PKCS1_PADDING,
): Uint8Array {
  const algorithm = der.sequence(der.oid(oids.rsaEncryption), der.null);
  return authEnvelopedData(certificate, {
    recipientInfos: () => [keyTransport(certificate, contentKey, { algorithm, padding: { padding } })],
  });
}

describe('another form of encryption is refused', () => {
  const someAttribute = attribute(oids.contentType, der.oid(oids.data));
  const cases: Readonly<Record<string, readonly [Uint8Array, string]>> = {
    'AES in CBC, which detects no changes': [
      encryptedByOpenssl(p256, small, ['-aes-256-cbc']),
      'cms-not-auth-enveloped-data',
    ],
    'a recipient by its key identifier': [
      encryptedByOpenssl(p256, small, ['-aes-256-gcm', '-keyid']),
      'der-tag',
    ],
    'OAEP with SHA-384': [
      encryptedByOpenssl(rsa, small, [...oaep, '-keyopt', 'rsa_oaep_md:sha384', '-aes-256-gcm']),
      'cms-algorithm',
    ],
    'SHA-384 in the key agreement': [
      encryptedByOpenssl(p256, small, ['-keyopt', 'ecdh_kdf_md:sha384', '-aes-256-gcm']),
      'cms-algorithm',
    ],
    'plain CSV': [small, 'der-tag'],
  };
  for (const [name, [file, rule]] of Object.entries(cases))
    it(name, () => assert.equal(open(file, p256.key), rule));

  const made: Readonly<Record<string, readonly [EnvelopedParts, string]>> = {
    'two recipients': [
      { recipientInfos: (key) => [keyTransport(rsa.certificate, key), keyAgreement(p256.certificate, key)] },
      'cms-one-recipient',
    ],
    'no recipient': [{ recipientInfos: () => [] }, 'der-truncated'],
    'another version': [{ version: 2 }, 'cms-version'],
    'content of another type': [{ contentType: oids.signedData }, 'cms-content-type'],
    'no content': [{ detached: true }, 'der-truncated'],
    'a short tag': [{ tagOctets: 12 }, 'cms-tag-length'],
    'a long nonce': [{ nonceOctets: 16 }, 'cms-nonce-length'],
    'authenticated attributes': [{ authenticatedAttributes: [someAttribute] }, 'der-tag'],
    'attributes after the tag': [{ unauthenticatedAttributes: [someAttribute] }, 'cms-unsigned-attributes'],
  };
  for (const [name, [parts, rule]] of Object.entries(made))
    it(name, () => assert.equal(open(authEnvelopedData(rsa.certificate, parts), rsa.key), rule));
});

it('only CMS that is encrypted to someone is an encrypted file', () => {
  const [, , file] = kept[0]!;
  const signed = der.sequence(der.oid(oids.signedData), der.explicit(0, der.sequence()));
  for (const [bytes, is] of [
    [file, true],
    [encryptedByOpenssl(p256, small, ['-aes-256-cbc']), true],
    [Buffer.from(encodePem('CMS', file)), true],
    [Buffer.from(encodePem('CERTIFICATE', p256.certificate.der)), false],
    [Buffer.from(encodePem('CMS', signed)), false],
    [signed, false],
    [p256.certificate.der, false],
    [Buffer.from('site_id,site_name\n'), false],
    [Buffer.from('0,1\n'), false],
    [new Uint8Array(), false],
  ] as const)
    assert.equal(isEncryptedFile(bytes), is);
});

describe('any bytes', () => {
  const [, { key }, file] = kept[0]!;
  const [, , streamed] = kept[2]!;

  it('in the place of some of a file are refused or change nothing', () => {
    const changes = fc.record({
      original: fc.constantFrom(file, streamed),
      at: fc.nat(file.length),
      removed: fc.nat(8),
      inserted: fc.uint8Array({ maxLength: 8 }),
    });
    fc.assert(
      fc.property(changes, ({ original, at, removed, inserted }) => {
        const opened = open(
          Buffer.concat([original.subarray(0, at), inserted, original.subarray(at + removed)]),
          key,
        );
        if (typeof opened === 'object') assert.deepEqual(opened, small);
      }),
      { numRuns: 1_000 },
    );
  });

  it('are refused', () => {
    const octet = fc.constantFrom(0x30, 0x80, 0xa0, 0x31, 0x04, 0x02, 0x00, 0x01, 0x03, 0xff);
    fc.assert(
      fc.property(fc.array(octet, { maxLength: 64 }), (octets) => {
        assert.equal(typeof open(Uint8Array.from(octets), key), 'string');
      }),
    );
  });
});
