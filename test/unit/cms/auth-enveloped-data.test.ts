import assert from 'node:assert/strict';
import { constants } from 'node:crypto';
import { describe, it } from 'node:test';
import { der, oids } from '../../../main/asn1/index.ts';
import {
  openAuthEnvelopedData,
  parseAuthEnvelopedData,
  sealAuthEnvelopedData,
} from '../../../main/cms/index.ts';
import type { Rule } from '../../../main/faults/index.ts';
import { makeEnb, makeVendor, type KeyPair } from '../../kit/issue-certificate.ts';
import { hwType, labOptions, referencePair } from '../../kit/bundle.ts';
import {
  algorithm,
  attribute,
  authEnvelopedData,
  issuerAndSerialNumber,
  keyAgreement,
  keyTransport,
  mgf1,
  oaepParameters,
  plaintext,
  refusedOids,
  sha1,
  sha256,
  sha384,
  type AgreementParts,
  type EnvelopedParts,
  type TransportParts,
} from './messages.ts';
import { rootFault } from '../../kit/fault.ts';

const vendor = makeVendor('Lab Vendor', labOptions);
const enbOf = (serialNumber: string, keyKind: 'P-256' | 'P-384') =>
  makeEnb(vendor, { hwType, serialNumber }, { ...labOptions, keyKind });
const p256 = enbOf('LAB0001', 'P-256');
const p384 = enbOf('LAB0002', 'P-384');
const another = enbOf('LAB0003', 'P-256');
const rsa2048 = referencePair('vendor-b/enb-certs/BN1000000.crt', 'vendor-b/enb-keys/BN1000000.key');
const rsa3072 = referencePair('operator/config-vendor-b.crt', 'operator/config-vendor-b.key');

const recipients: readonly (readonly [string, KeyPair])[] = [
  ['EC P-256', p256],
  ['EC P-384', p384],
  ['RSA 2048', rsa2048],
  ['RSA 3072', rsa3072],
];

/** The rule by which the recipient refuses a message; undefined when it opens and holds the example. */
function refusal(bytes: Uint8Array, { key, certificate }: KeyPair): Rule | undefined {
  const opened = openAuthEnvelopedData(bytes, key, certificate);
  if (!opened.ok) {
    assert.equal(opened.fault.code, 'cms-undecryptable');
    return rootFault(opened.fault).rule;
  }
  assert.deepEqual(opened.value, plaintext);
  return undefined;
}

const agreed = (parts: AgreementParts): EnvelopedParts => ({
  recipientInfos: (contentKey) => [keyAgreement(p256.certificate, contentKey, parts)],
});
const transported = (parts: TransportParts): EnvelopedParts => ({
  recipientInfos: (contentKey) => [keyTransport(rsa2048.certificate, contentKey, parts)],
});

describe('what is sealed can be opened', () => {
  for (const [name, pair] of recipients) {
    it(`with ${name}`, () => {
      assert.equal(refusal(sealAuthEnvelopedData(plaintext, pair.certificate), pair), undefined);
    });
    it(`with ${name}, and when the certificate is not at hand`, () => {
      const sealed = sealAuthEnvelopedData(plaintext, pair.certificate);
      assert.deepEqual(openAuthEnvelopedData(sealed, pair.key, undefined), { ok: true, value: plaintext });
    });
  }

  it('whatever its length', () => {
    for (const length of [0, 1, 15, 16, 17, 127, 128, 4096, 100_000]) {
      const octets = Buffer.alloc(length, 0x61);
      const opened = openAuthEnvelopedData(
        sealAuthEnvelopedData(octets, p256.certificate),
        p256.key,
        p256.certificate,
      );
      assert.deepEqual(opened, { ok: true, value: octets });
    }
  });

  it('and is another message each time', () => {
    const messages = Array.from({ length: 20 }, () => sealAuthEnvelopedData(plaintext, p256.certificate));
    assert.equal(new Set(messages.map((bytes) => Buffer.from(bytes).toString('hex'))).size, 20);
  });

  it('and its parts can be read without the key', () => {
    const parsed = parseAuthEnvelopedData(
      sealAuthEnvelopedData(plaintext, p256.certificate),
      p256.certificate,
    );
    assert(parsed.ok);
    assert.equal(parsed.value.ciphertext.length, plaintext.length);
  });
});

describe('what other programs may write is taken', () => {
  const cases: Readonly<Record<string, readonly [KeyPair, EnvelopedParts?]>> = {
    'key agreement, the originator’s parameters absent': [p256],
    'key agreement on P-384': [p384],
    'key agreement, the originator’s parameters NULL': [p256, agreed({ originatorParameters: der.null })],
    'key agreement, the originator’s parameters the curve': [
      p256,
      agreed({ originatorParameters: der.oid(oids.p256) }),
    ],
    'key transport': [rsa2048],
    'key transport, with NULL parameters of its digests': [
      rsa2048,
      transported({
        algorithm: oaepParameters(algorithm(oids.sha256, der.null), mgf1(algorithm(oids.sha256, der.null))),
      }),
    ],
    'key transport, with the empty label said': [
      rsa2048,
      transported({ algorithm: oaepParameters(sha256, mgf1(sha256), new Uint8Array()) }),
    ],
  };
  for (const [name, [pair, parts]] of Object.entries(cases)) {
    it(name, () => assert.equal(refusal(authEnvelopedData(pair.certificate, parts), pair), undefined));
  }
});

describe('AuthEnvelopedData is refused', () => {
  const keyIdentifier = new Uint8Array(20);
  const rKeyId = der.element(0xa0, der.octetString(keyIdentifier));
  const someAttribute = attribute(oids.contentType, der.oid(oids.data));
  const both = (contentKey: Uint8Array) => [
    keyAgreement(p256.certificate, contentKey),
    keyTransport(rsa2048.certificate, contentKey),
  ];
  const infinity = Uint8Array.of(0);
  const kek = der.element(
    0xa2,
    der.integer(4),
    der.sequence(der.octetString(keyIdentifier)),
    algorithm(oids.aes256Wrap),
    der.octetString(new Uint8Array(40)),
  );
  const cases: Readonly<Record<string, readonly [Rule, EnvelopedParts, KeyPair?]>> = {
    'when it is EnvelopedData': ['cms-not-auth-enveloped-data', { type: refusedOids.envelopedData }],
    'when its version is 2': ['cms-version', { version: 2 }],
    'when it has originatorInfo': ['der-tag', { originatorInfo: der.element(0xa0) }],
    'when it has no recipient': ['cms-one-recipient', { recipientInfos: () => [] }],
    'when it has two recipients': ['cms-one-recipient', { recipientInfos: both }],
    'when one key agreement is for two': ['cms-one-recipient', agreed({ times: 2 })],
    'when one key agreement is for none': ['cms-one-recipient', agreed({ times: 0 })],
    'when the key is wrapped with another key': ['der-tag', { recipientInfos: () => [kek] }],
    'when its content is not id-data': ['cms-content-type', { contentType: oids.signedData }],
    'when it is AES-128': ['cms-algorithm', { cipher: { name: 'aes-128-gcm', oid: refusedOids.aes128Gcm } }],
    'when it is said to be AES-256-CCM': [
      'cms-algorithm',
      { cipher: { name: 'aes-256-gcm', oid: refusedOids.aes256Ccm } },
    ],
    'when its nonce has 8 octets': ['cms-nonce-length', { nonceOctets: 8 }],
    'when its nonce has 16 octets': ['cms-nonce-length', { nonceOctets: 16 }],
    'when its tag has 4 octets': ['cms-tag-length', { tagOctets: 4 }],
    'when its tag has 12 octets, the default': ['cms-tag-length', { tagOctets: 12, icvLength: undefined }],
    'when its tag has 4 octets and is said to have 16': ['cms-tag-length', { tagOctets: 4, icvLength: 16 }],
    'when its tag has 16 octets and is said to have 12': ['cms-tag-length', { icvLength: 12 }],
    'when its tag has 16 octets and nothing is said': ['cms-tag-length', { icvLength: undefined }],
    'when it has authenticated attributes': ['der-tag', { authenticatedAttributes: [someAttribute] }],
    'when it has unauthenticated attributes': [
      'cms-unsigned-attributes',
      { unauthenticatedAttributes: [someAttribute] },
    ],
    'when its ciphertext is elsewhere': ['der-truncated', { detached: true }],
    'when key agreement has version 4': ['cms-version', agreed({ version: 4 })],
    'when key agreement has ukm': ['der-tag', agreed({ ukm: Buffer.from('entropy') })],
    'when key agreement derives with SHA-1': [
      'cms-algorithm',
      agreed({ kdf: { hash: 'sha1', oid: refusedOids.dhSinglePassStdDhSha1Kdf } }),
    ],
    'when key agreement derives with SHA-384': [
      'cms-algorithm',
      agreed({ kdf: { hash: 'sha384', oid: refusedOids.dhSinglePassStdDhSha384Kdf } }),
    ],
    'when key agreement says SHA-256 and derives with SHA-384': [
      'cms-decryption',
      agreed({ kdf: { hash: 'sha384', oid: oids.dhSinglePassStdDhSha256Kdf } }),
    ],
    'when key agreement wraps with AES-128': [
      'cms-algorithm',
      agreed({ wrap: { name: 'id-aes128-wrap', oid: refusedOids.aes128Wrap, octets: 16 } }),
    ],
    'when the key wrap has parameters': ['der-trailing', agreed({ wrapParameters: der.null })],
    'when key agreement names the recipient by key identifier': ['der-tag', agreed({ identifier: rKeyId })],
    'when the originator’s curve is another': [
      'cms-decryption',
      agreed({ originatorParameters: der.oid(oids.p384) }),
    ],
    'when the originator’s curve is unknown': [
      'cms-algorithm',
      agreed({ originatorParameters: der.oid('1.3.132.0.10') }),
    ],
    'when the ephemeral point is not on the curve': [
      'cms-decryption',
      agreed({ point: (point) => point.fill(1, 1) }),
    ],
    'when the ephemeral point is at infinity': ['der-key', agreed({ point: () => infinity })],
    'when the ephemeral point is empty': ['der-key', agreed({ point: () => new Uint8Array() })],
    'when the ephemeral point is cut short': [
      'cms-decryption',
      agreed({ point: (point) => point.subarray(0, 40) }),
    ],
    'when the ephemeral point is compressed': [
      'der-key',
      agreed({ point: (point) => Buffer.from([2 + ((point[64] ?? 0) & 1), ...point.subarray(1, 33)]) }),
    ],
    'when the ephemeral point is of the hybrid form': [
      'der-key',
      agreed({ point: (point) => Buffer.from([6 + ((point[64] ?? 0) & 1), ...point.subarray(1)]) }),
    ],
    'when the content key has 16 octets': [
      'cms-decryption',
      { recipientInfos: (key) => [keyAgreement(p256.certificate, key.subarray(0, 16))] },
    ],
    'when the content key is another one': [
      'cms-decryption',
      { recipientInfos: () => [keyAgreement(p256.certificate, new Uint8Array(32))] },
    ],
    'when it is for another eNB': [
      'cms-another-recipient',
      { recipientInfos: (key) => [keyAgreement(another.certificate, key)] },
    ],
    'when it names this eNB and is encrypted to another': [
      'cms-decryption',
      {
        recipientInfos: (key) => [
          keyAgreement(another.certificate, key, { identifier: issuerAndSerialNumber(p256.certificate) }),
        ],
      },
    ],
    'when it is key transport and the eNB has an EC key': [
      'cms-decryption',
      {
        recipientInfos: (key) => [
          keyTransport(rsa2048.certificate, key, { identifier: issuerAndSerialNumber(p256.certificate) }),
        ],
      },
    ],
    'when it is key agreement and the eNB has an RSA key': [
      'cms-decryption',
      {
        recipientInfos: (key) => [
          keyAgreement(p256.certificate, key, { identifier: issuerAndSerialNumber(rsa2048.certificate) }),
        ],
      },
      rsa2048,
    ],
    'when key transport has version 2': ['cms-version', transported({ version: 2 }), rsa2048],
    'when key transport names the recipient by key identifier': [
      'der-tag',
      transported({ identifier: der.element(0x80, keyIdentifier) }),
      rsa2048,
    ],
    'when key transport is PKCS#1 v1.5': [
      'cms-algorithm',
      transported({
        algorithm: algorithm(oids.rsaEncryption, der.null),
        padding: { padding: constants.RSA_PKCS1_PADDING },
      }),
      rsa2048,
    ],
    'when OAEP leaves everything to its defaults': [
      'cms-algorithm',
      transported({
        algorithm: oaepParameters(),
        padding: { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
      }),
      rsa2048,
    ],
    'when OAEP leaves the mask generation to its default': [
      'cms-algorithm',
      transported({ algorithm: oaepParameters(sha256) }),
      rsa2048,
    ],
    'when OAEP leaves its hash to the default': [
      'cms-algorithm',
      transported({ algorithm: oaepParameters(undefined, mgf1(sha256)) }),
      rsa2048,
    ],
    'when OAEP has SHA-1': [
      'cms-algorithm',
      transported({
        algorithm: oaepParameters(sha1, mgf1(sha1)),
        padding: { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
      }),
      rsa2048,
    ],
    'when OAEP has SHA-384': [
      'cms-algorithm',
      transported({
        algorithm: oaepParameters(sha384, mgf1(sha384)),
        padding: { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha384' },
      }),
      rsa2048,
    ],
    'when OAEP has two different digests': [
      'cms-algorithm',
      transported({ algorithm: oaepParameters(sha256, mgf1(sha1)) }),
      rsa2048,
    ],
    'when OAEP has a label': [
      'cms-algorithm',
      transported({
        algorithm: oaepParameters(sha256, mgf1(sha256), Buffer.from('label')),
        padding: {
          padding: constants.RSA_PKCS1_OAEP_PADDING,
          oaepHash: 'sha256',
          oaepLabel: Buffer.from('label'),
        },
      }),
      rsa2048,
    ],
  };
  for (const [name, [rule, parts, pair = p256]] of Object.entries(cases)) {
    it(name, () => assert.equal(refusal(authEnvelopedData(pair.certificate, parts), pair), rule));
  }

  it('when bytes follow it', () => {
    const bytes = Buffer.concat([authEnvelopedData(p256.certificate), Uint8Array.of(0)]);
    assert.equal(refusal(bytes, p256), 'der-trailing');
  });

  it('when it is BER', () => {
    const bytes = authEnvelopedData(p256.certificate);
    const ber = Buffer.concat([Uint8Array.of(0x30, 0x80), bytes.subarray(4), Uint8Array.of(0, 0)]);
    assert.equal(refusal(ber, p256), 'der-indefinite');
  });

  it('when the key at hand is not that of the certificate', () => {
    const bytes = authEnvelopedData(p256.certificate);
    assert.equal(refusal(bytes, { key: another.key, certificate: p256.certificate }), 'cms-decryption');
  });

  it('when it is cut short, at every byte', () => {
    const bytes = sealAuthEnvelopedData(plaintext, p256.certificate);
    for (let length = 0; length < bytes.length; length++) {
      assert.notEqual(refusal(bytes.subarray(0, length), p256), undefined, `${length} octets`);
    }
  });

  it('without a word about what was wrong inside', () => {
    const bytes = Buffer.from(sealAuthEnvelopedData(plaintext, p256.certificate));
    const tag = Buffer.from(bytes);
    tag[tag.length - 1] = (tag.at(-1) ?? 0) ^ 1;
    const wrongTag = openAuthEnvelopedData(tag, p256.key, p256.certificate);
    const wrongKey = openAuthEnvelopedData(bytes, another.key, p256.certificate);
    assert.deepEqual(wrongTag, {
      ok: false,
      fault: { code: 'cms-undecryptable', rule: 'cms-decryption' },
    });
    assert.deepEqual(wrongKey, wrongTag);
  });
});

describe('a sealed part with one bit flipped', () => {
  // Names are compared after RFC 5280 section 7.1, without regard to case; nothing else may change unnoticed.
  const samples: readonly (readonly [string, KeyPair, number])[] = [
    ['EC P-256, every bit', p256, 1],
    ['RSA 2048, every seventh bit', rsa2048, 7],
  ];
  for (const [name, pair, step] of samples) {
    it(`is refused, but for the case of letters in the recipient’s name: ${name}`, () => {
      const bytes = Buffer.from(sealAuthEnvelopedData(plaintext, pair.certificate));
      const nameStart = bytes.indexOf(pair.certificate.issuer.der);
      const nameEnd = nameStart + pair.certificate.issuer.der.length;
      for (let bit = 0; bit < bytes.length * 8; bit += step) {
        const flipped = Buffer.from(bytes);
        const octet = bit >> 3;
        flipped[octet] = (flipped[octet] ?? 0) ^ (0x80 >> (bit & 7));
        if (refusal(flipped, pair) === undefined) {
          assert(octet >= nameStart && octet < nameEnd, `bit ${bit} of octet ${octet}`);
        }
      }
    });
  }
});
