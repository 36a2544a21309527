import assert from 'node:assert/strict';
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { der, oids } from '../../../main/asn1/index.ts';
import {
  openAuthEnvelopedData,
  parseSignedData,
  sealAuthEnvelopedData,
  signData,
  verifySignedData,
} from '../../../main/cms/index.ts';
import type { Rule } from '../../../main/faults/index.ts';
import {
  generateKey,
  issueCertificate,
  makeEnb,
  type KeyKind,
  type KeyPair,
} from '../../kit/issue-certificate.ts';
import { hwType, issueCrl, signerOf, labOptions, makeScene, now, referencePair } from '../../kit/bundle.ts';
import { Workbench } from './openssl.ts';
import { rootFault } from '../../kit/fault.ts';

const bench = new Workbench();
after(() => bench.remove());

const { vendor, enb } = makeScene();
const content = Buffer.from('{"format":"an example","text":"Tehdas Ä"}\n\r\n\u0000');
const contentFile = bench.file(content);
const roots = bench.certificate(vendor.root.certificate);
const issuing = bench.certificate(vendor.issuing.certificate);

const rsa = referencePair('operator/config-vendor-b.crt', 'operator/config-vendor-b.key');

function certified(key: KeyObject): KeyPair {
  const contents = { subject: 'CN=signer', ...labOptions };
  return { key, certificate: issueCertificate(contents, key, vendor.issuing) };
}

/** The same RSA key, for PSS only. */
function pssOf({ key }: KeyPair): KeyObject {
  const pkcs1 = key.export({ format: 'der', type: 'pkcs1' });
  const algorithm = der.sequence(der.oid(oids.rsassaPss));
  const pkcs8 = der.sequence(der.integer(0), algorithm, der.octetString(pkcs1));
  return createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
}

const signers: Readonly<Record<string, KeyPair>> = {
  'EC P-256': certified(generateKey('P-256')),
  'EC P-384': certified(generateKey('P-384')),
  'RSA 3072': certified(rsa.key),
  'RSA 3072 for PSS only': certified(pssOf(rsa)),
};

const enbOf = (keyKind: KeyKind) =>
  makeEnb(vendor, { hwType, serialNumber: 'LAB0001' }, { ...labOptions, keyKind });
const recipients: Readonly<Record<string, KeyPair>> = {
  'EC P-256': enb,
  'EC P-384': enbOf('P-384'),
  'RSA 2048': referencePair('vendor-b/enb-certs/BN1000000.crt', 'vendor-b/enb-keys/BN1000000.key'),
  'RSA 3072': enbOf('RSA-3072'),
};

const verifyArguments = [
  'cms',
  '-verify',
  '-binary',
  '-inform',
  'DER',
  '-purpose',
  'any',
  '-CAfile',
  roots,
  '-attime',
  String(now.getTime() / 1000),
];
const signArguments = ['cms', '-sign', '-binary', '-nodetach', '-outform', 'DER', '-in', contentFile];
const encryptArguments = ['cms', '-encrypt', '-binary', '-outform', 'DER', '-in', contentFile];

/** The arguments that name a signer and its key. */
const by = (pair: KeyPair) => ['-signer', bench.certificate(pair.certificate), '-inkey', bench.key(pair)];

describe('openssl verifies what is signed', () => {
  for (const [name, pair] of Object.entries(signers)) {
    for (const cades of [[], ['-cades']]) {
      it(`with ${name} ${cades.join('')}`, async () => {
        const crls = [issueCrl(vendor.root), issueCrl(vendor.issuing)];
        const message = await signData(content, signerOf(pair), now, [vendor.issuing.certificate], crls);
        const written = bench.make(...verifyArguments, ...cades, '-in', bench.file(message));
        assert.deepEqual(written, content);
      });
    }
  }

  it('and not what was changed after', async () => {
    const message = Buffer.from(
      await signData(content, signerOf(signers['EC P-256']!), now, [vendor.issuing.certificate]),
    );
    message.write('AN', message.indexOf('an example'));
    assert.notEqual(bench.try(...verifyArguments, '-in', bench.file(message)).status, 0);
  });

  it('and prints it, and takes it apart', async () => {
    const message = bench.file(await signData(content, signerOf(signers['EC P-256']!), now));
    const printed = bench.run('cms', '-cmsout', '-print', '-noout', '-inform', 'DER', '-in', message);
    for (const part of ['pkcs7-signedData', 'id-smime-aa-signingCertificateV2', 'signingTime']) {
      assert(printed.includes(part), part);
    }
    assert(bench.run('asn1parse', '-inform', 'DER', '-in', message).includes('pkcs7-signedData'));
  });

  it('and writes it again octet for octet: it is DER', async () => {
    const message = await signData(content, signerOf(signers['EC P-384']!), now, [
      vendor.issuing.certificate,
    ]);
    const again = bench.make(
      'cms',
      '-cmsout',
      '-inform',
      'DER',
      '-outform',
      'DER',
      '-in',
      bench.file(message),
    );
    assert.deepEqual(again, Buffer.from(message));
  });
});

describe('openssl decrypts what is sealed', () => {
  for (const [name, pair] of Object.entries(recipients)) {
    it(`with ${name}`, () => {
      const message = bench.file(sealAuthEnvelopedData(content, pair.certificate));
      const decrypted = bench.make(
        ...['cms', '-decrypt', '-binary', '-inform', 'DER', '-in', message],
        ...['-recip', bench.certificate(pair.certificate), '-inkey', bench.key(pair)],
      );
      assert.deepEqual(decrypted, content);
    });

    it(`with ${name}, and prints it, takes it apart, and writes it again octet for octet`, () => {
      const sealed = sealAuthEnvelopedData(content, pair.certificate);
      const message = bench.file(sealed);
      const printed = bench.run('cms', '-cmsout', '-print', '-noout', '-inform', 'DER', '-in', message);
      assert(printed.includes('aes-256-gcm'));
      bench.run('asn1parse', '-inform', 'DER', '-in', message);
      const again = bench.make('cms', '-cmsout', '-inform', 'DER', '-outform', 'DER', '-in', message);
      assert.deepEqual(again, Buffer.from(sealed));
    });
  }
});

/** The rule by which a SignedData is refused; undefined when it verifies and holds the example. */
function signedRefusal(message: Uint8Array): Rule | undefined {
  const parsed = parseSignedData(message);
  if (!parsed.ok) return rootFault(parsed.fault).rule;
  const verified = verifySignedData(parsed.value, 3072);
  if (!verified.ok) return rootFault(verified.fault).rule;
  assert.deepEqual(Buffer.from(parsed.value.content), content);
  return undefined;
}

describe('what openssl signs is verified', () => {
  const cases: Readonly<Record<string, readonly [signer: string, ...options: string[]]>> = {
    'with EC P-256': ['EC P-256'],
    'with EC P-384 and SHA-384': ['EC P-384', '-md', 'sha384'],
    'with EC P-384 and SHA-256': ['EC P-384'],
    'with RSA': ['RSA 3072'],
    'with RSA and SHA-384': ['RSA 3072', '-md', 'sha384'],
    'with PSS': ['RSA 3072', '-keyopt', 'rsa_padding_mode:pss'],
    'with PSS and a salt as long as the digest': [
      'RSA 3072',
      ...['-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:-1'],
    ],
    'with a key for PSS only': [
      'RSA 3072 for PSS only',
      ...['-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:-1'],
    ],
    'with the signer named by key identifier': ['EC P-256', '-keyid'],
    'with further certificates': ['EC P-256', '-certfile', issuing],
    'without S/MIME capabilities': ['EC P-256', '-nosmimecap'],
  };
  for (const [name, [signer, ...options]] of Object.entries(cases)) {
    it(name, () => {
      const message = bench.make(...signArguments, '-cades', ...by(signers[signer]!), ...options);
      assert.equal(signedRefusal(message), undefined);
    });
  }
});

describe('what openssl signs in another form is refused', () => {
  const cades = ['-cades', ...by(signers['EC P-256']!)];
  const cases: Readonly<Record<string, readonly [Rule, ...options: string[]]>> = {
    'BER, as with -stream': ['der-indefinite', ...cades, '-stream'],
    'BER, as with -indef': ['der-indefinite', ...cades, '-indef'],
    'without signingCertificateV2, as without -cades': [
      'cms-signing-certificate',
      ...by(signers['EC P-256']!),
    ],
    'without attributes': ['cms-signed-attributes', ...by(signers['EC P-256']!), '-noattr'],
    'without the signer’s certificate': ['cms-signer-missing', ...cades, '-nocerts'],
    'with SHA-1': ['cms-algorithm', ...cades, '-md', 'sha1'],
    'with SHA-512': ['cms-algorithm', ...cades, '-md', 'sha512'],
    'by two signers': ['cms-one-signer', ...cades, ...by(signers['EC P-384']!)],
    'with another content type': ['cms-content-type', ...cades, '-econtent_type', 'pkcs7-envelopedData'],
  };
  for (const [name, [rule, ...options]] of Object.entries(cases)) {
    it(name, () => assert.equal(signedRefusal(bench.make(...signArguments, ...options)), rule));
  }

  it('detached', () => {
    const attached = signArguments.filter((argument) => argument !== '-nodetach');
    assert.equal(signedRefusal(bench.make(...attached, ...cades)), 'cms-detached');
  });

  it('PEM', () => {
    const pem = [...signArguments, ...cades].map((argument) => (argument === 'DER' ? 'PEM' : argument));
    assert.equal(signedRefusal(bench.make(...pem)), 'der-tag');
  });
});

/** The rule by which the recipient refuses a message; undefined when it opens and holds the example. */
function sealedRefusal(message: Uint8Array, { key, certificate }: KeyPair): Rule | undefined {
  const opened = openAuthEnvelopedData(message, key, certificate);
  if (!opened.ok) return rootFault(opened.fault).rule;
  assert.deepEqual(opened.value, content);
  return undefined;
}

const agreement = ['-keyopt', 'ecdh_kdf_md:sha256'];
const transport = ['-keyopt', 'rsa_padding_mode:oaep', '-keyopt', 'rsa_oaep_md:sha256'];

describe('what openssl encrypts is opened', () => {
  for (const [name, pair] of Object.entries(recipients)) {
    it(`with ${name}`, () => {
      const options = name.startsWith('EC') ? agreement : transport;
      const recipient = bench.certificate(pair.certificate);
      const message = bench.make(...encryptArguments, '-aes-256-gcm', '-recip', recipient, ...options);
      assert.equal(sealedRefusal(message, pair), undefined);
    });
  }
});

describe('what openssl encrypts in another form is refused', () => {
  const ec = ['-recip', bench.certificate(enb.certificate)];
  const rsaPair = recipients['RSA 2048']!;
  const rsa = ['-recip', bench.certificate(rsaPair.certificate)];
  const another = bench.certificate(enbOf('P-256').certificate);
  const cases: Readonly<Record<string, readonly [Rule, KeyPair, ...options: string[]]>> = {
    'derived with SHA-1, its default': ['cms-algorithm', enb, '-aes-256-gcm', ...ec],
    'derived with SHA-384': ['cms-algorithm', enb, '-aes-256-gcm', ...ec, '-keyopt', 'ecdh_kdf_md:sha384'],
    'with AES-128-GCM': ['cms-algorithm', enb, '-aes-128-gcm', ...ec, ...agreement],
    'with AES-256-CBC, which makes EnvelopedData': [
      'cms-not-auth-enveloped-data',
      enb,
      ...['-aes-256-cbc', ...ec, ...agreement],
    ],
    'to two': [
      'cms-one-recipient',
      enb,
      '-aes-256-gcm',
      ...ec,
      ...agreement,
      '-recip',
      another,
      ...agreement,
    ],
    'to another': ['cms-another-recipient', enb, '-aes-256-gcm', '-recip', another, ...agreement],
    'to a key identifier': ['der-tag', enb, '-aes-256-gcm', '-keyid', ...ec, ...agreement],
    BER: ['der-indefinite', enb, '-aes-256-gcm', '-stream', ...ec, ...agreement],
    'to RSA with PKCS#1 v1.5, its default': ['cms-algorithm', rsaPair, '-aes-256-gcm', ...rsa],
    'to RSA with OAEP and its default, SHA-1': [
      'cms-algorithm',
      rsaPair,
      ...['-aes-256-gcm', ...rsa, '-keyopt', 'rsa_padding_mode:oaep'],
    ],
    'to RSA with OAEP and a label': [
      'cms-algorithm',
      rsaPair,
      ...['-aes-256-gcm', ...rsa, ...transport, '-keyopt', 'rsa_oaep_label:6162'],
    ],
    'to RSA by key identifier': ['cms-version', rsaPair, '-aes-256-gcm', '-keyid', ...rsa, ...transport],
  };
  for (const [name, [rule, pair, ...options]] of Object.entries(cases)) {
    it(name, () => assert.equal(sealedRefusal(bench.make(...encryptArguments, ...options), pair), rule));
  }
});
