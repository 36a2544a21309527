import assert from 'node:assert/strict';
import { constants, createPublicKey, sign } from 'node:crypto';
import { describe, it } from 'node:test';
import { der, oids } from '../../../main/asn1/index.ts';
import { parseSignedData, signData, verifySignedData } from '../../../main/cms/index.ts';
import type { Fault, Rule } from '../../../main/faults/index.ts';
import {
  generateKey,
  issue,
  makeVendor,
  type CertificateContents,
  type KeyPair,
} from '../../kit/issue-certificate.ts';
import type { Signer } from '../../../main/keys/index.ts';
import { parseCertificate, type Certificate } from '../../../main/pki/index.ts';
import { issueCrl, signerOf, labOptions, now, referencePair } from '../../kit/bundle.ts';
import {
  algorithm,
  attribute,
  content,
  contentType,
  digest,
  essCertIdV2,
  goodAttributes,
  issuerAndSerialNumber,
  messageDigest,
  refusedOids,
  sha1,
  sha256,
  sha384,
  sha512,
  signedData,
  signedWith,
  signerInfo,
  signingCertificateV2,
  signingTime,
} from './messages.ts';
import { rootFault } from '../../kit/fault.ts';
import { pssSpki, withSpki } from '../../kit/pki.ts';
import { hasPssKeys, withoutPssKeys } from '../../kit/runtime.ts';

const vendor = makeVendor('Lab Vendor', labOptions);
const contents: CertificateContents = { subject: 'CN=signer', ...labOptions };
const signer = issue(contents, 'P-256', vendor.issuing);
const other = issue({ ...contents, subject: 'CN=another' }, 'P-256', vendor.issuing);
const rsa = referencePair('operator/config-vendor-b.crt', 'operator/config-vendor-b.key');
const shortRsa = referencePair('vendor-b/enb-certs/BN1000000.crt', 'vendor-b/enb-keys/BN1000000.key');

/** The RSA key with a certificate in which it is for PSS only; its key object is for any use, as every runtime has it. */
function pssPair(): KeyPair {
  const { certificate } = issue(contents, 'P-256', vendor.issuing);
  return { key: rsa.key, certificate: withSpki(certificate, vendor.issuing, pssSpki(rsa.key)) };
}

function pssSigner({ key, certificate }: KeyPair): Signer {
  const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  return {
    certificate,
    chain: [],
    algorithm: { kind: 'rsa-pss', hash: 'sha256', saltLength: 32 },
    sign: (data) => Promise.resolve(sign('sha256', data, pss)),
  };
}

/** What a message was refused for, by parsing or by verifying; undefined when it verifies. */
function refusal(bytes: Uint8Array, minimumRsaBits = 3072): Fault | undefined {
  const parsed = parseSignedData(bytes);
  if (!parsed.ok) return parsed.fault;
  const verified = verifySignedData(parsed.value, minimumRsaBits);
  return verified.ok ? undefined : verified.fault;
}

describe('what is signed can be read and verified', () => {
  const keys: readonly (readonly [string, Signer, isPss?: boolean])[] = [
    ['EC P-256', signerOf(signer)],
    ['EC P-384', signerOf(issue(contents, 'P-384', vendor.issuing))],
    ['RSA 3072', signerOf(rsa)],
    ['RSA 3072 for PSS only', pssSigner(pssPair()), true],
  ];
  for (const [name, key, isPss] of keys) {
    it(`with ${name}`, async () => {
      const bytes = await signData(content, key, now);
      const parsed = parseSignedData(bytes);
      assert(parsed.ok);
      assert.deepEqual(Buffer.from(parsed.value.content), content);
      const verified = verifySignedData(parsed.value, 3072);
      if (isPss && !hasPssKeys) return assertLack(verified);
      assert(verified.ok);
      assert.deepEqual(verified.value.der, key.certificate.der);
    });
    it(`with ${name}, and not when one byte of the content is another`, async () => {
      const bytes = Buffer.from(await signData(content, key, now));
      const at = bytes.indexOf(content);
      bytes[at + 12] = 0x41;
      const fault = refusal(bytes);
      assert.equal(fault?.code, 'cms-signature-invalid');
      assert.equal(fault.rule, 'cms-message-digest');
    });
  }

  it('with RSA 3072 for PSS only, and not where the runtime lacks such keys: the fault says that', async (test) => {
    withoutPssKeys(test);
    const parsed = parseSignedData(await signData(content, pssSigner(pssPair()), now));
    assert(parsed.ok);
    assertLack(verifySignedData(parsed.value, 3072));
  });

  it('with content of any length, none included', async () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536, 1_000_000]) {
      const octets = new Uint8Array(length).fill(0x61);
      const parsed = parseSignedData(await signData(octets, signerOf(signer), now));
      assert(parsed.ok);
      assert.deepEqual(parsed.value.content, octets);
      assert(verifySignedData(parsed.value, 3072).ok);
    }
  });

  it('with the certificates and CRLs that were given, each as it was', async () => {
    const crls = [issueCrl(vendor.root), issueCrl(vendor.issuing)];
    const chain = [vendor.issuing.certificate, vendor.root.certificate];
    const parsed = parseSignedData(await signData(content, signerOf(signer), now, chain, crls));
    assert(parsed.ok);
    const encodings = (list: readonly { readonly der: Uint8Array }[]) =>
      list.map(({ der }) => Buffer.from(der).toString('hex')).sort();
    assert.deepEqual(encodings(parsed.value.certificates), encodings([signer.certificate, ...chain]));
    assert.deepEqual(encodings(parsed.value.crls), encodings(crls));
  });

  it('with the chain of the key, where no certificates are named', async () => {
    const parsed = parseSignedData(await signData(content, signerOf(signer, vendor.issuing), now));
    assert(parsed.ok);
    assert.equal(parsed.value.certificates.length, 2);
  });
});

describe('what other programs may write is taken', () => {
  const keyIdentifier = der.element(0x80, digest('sha256', spki(signer)).subarray(0, 20));
  const rsaSigned = (signatureAlgorithm: Uint8Array, hash = 'sha256', digestAlgorithm = sha256) =>
    signedWith(
      rsa,
      {
        digestAlgorithm,
        attributes: goodAttributes(rsa, hash),
        signatureAlgorithm,
        sign: (key, octets) => sign(hash, octets, key),
      },
      { digestAlgorithms: [digestAlgorithm] },
    );
  const sha256Null = algorithm(oids.sha256, der.null);
  const cases: Readonly<Record<string, Uint8Array>> = {
    'the plain form': signedData(signer),
    'a signer named by its key identifier': signedWith(
      signer,
      { version: 3, identifier: keyIdentifier },
      { version: 3 },
    ),
    'digest algorithms with NULL parameters': signedWith(
      signer,
      { digestAlgorithm: sha256Null },
      { digestAlgorithms: [sha256Null] },
    ),
    'RSA named as rsaEncryption': rsaSigned(algorithm(oids.rsaEncryption, der.null)),
    'RSA named as sha256WithRSAEncryption': rsaSigned(algorithm(oids.sha256WithRsa, der.null)),
    'RSA with SHA-384': rsaSigned(algorithm(oids.sha384WithRsa, der.null), 'sha384', sha384),
    'PSS with a key that is not for PSS only': signedWith(rsa, {
      signatureAlgorithm: algorithm(
        oids.rsassaPss,
        der.sequence(
          der.explicit(0, sha256),
          der.explicit(1, algorithm(oids.mgf1, sha256)),
          der.explicit(2, der.integer(32)),
        ),
      ),
      sign: (key, octets) =>
        sign('sha256', octets, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
    }),
    'P-256 with SHA-384': signedWith(
      signer,
      {
        digestAlgorithm: sha384,
        attributes: goodAttributes(signer, 'sha384'),
        signatureAlgorithm: algorithm(oids.ecdsaWithSha384),
        sign: (key, octets) => sign('sha384', octets, key),
      },
      { digestAlgorithms: [sha384] },
    ),
    'signed attributes that nobody here knows': signedWith(signer, {
      attributes: [
        ...goodAttributes(signer),
        attribute(refusedOids.contentHint, der.sequence(der.utf8String('hint'))),
        attribute('1.2.3.4', der.integer(1), der.integer(2)),
      ],
    }),
    'no signingTime': signedWith(signer, {
      attributes: goodAttributes(signer).filter((one) => one !== signingTime),
    }),
    'signingCertificateV2 with its hash algorithm, issuer and serial number, and a second certificate':
      signedWith(signer, {
        attributes: [
          contentType,
          messageDigest(content),
          signingCertificateV2(
            der.sequence(
              sha384,
              der.octetString(digest('sha384', signer.certificate.der)),
              issuerSerial(signer.certificate),
            ),
            essCertIdV2(vendor.issuing.certificate),
          ),
        ],
      }),
    'sixteen certificates': signedData(signer, { certificates: manyCertificates(16) }),
  };
  for (const [name, bytes] of Object.entries(cases)) {
    it(name, () => assert.equal(refusal(bytes), undefined));
  }
});

describe('SignedData is refused as malformed', () => {
  const good = signedData(signer);
  const twoSigners = [signerInfo(signer), signerInfo(other)];
  const cases: Readonly<Record<string, readonly [Rule, Uint8Array]>> = {
    'when it is BER with an indefinite length': ['der-indefinite', indefinite(good)],
    'when it is BER with a length that is not minimal': ['der-length', overlong(good)],
    'when it is BER with the content cut in pieces': [
      'der-tag',
      signedData(signer, { eContent: der.element(0x24, der.octetString(content)) }),
    ],
    'when octets follow it': ['der-trailing', Buffer.concat([good, Uint8Array.of(0)])],
    'when octets follow inside it': ['der-trailing', signedData(signer, { after: [der.null] })],
    'when it is another content type': ['cms-not-signed-data', signedData(signer, { type: oids.data })],
    'when it is empty': ['der-truncated', new Uint8Array()],
    'when it is PEM': ['der-tag', Buffer.from('-----BEGIN CMS-----\n')],
    'when its content is not id-data': [
      'cms-content-type',
      signedData(signer, { contentType: refusedOids.digestedData }),
    ],
    'when it is detached': ['cms-detached', signedData(signer, { content: null })],
    'when nobody signed': ['cms-one-signer', signedData(signer, { signerInfos: [] })],
    'when two have signed': ['cms-one-signer', signedData(signer, { signerInfos: twoSigners })],
    'when one has signed twice': [
      'cms-one-signer',
      signedData(signer, { signerInfos: [signerInfo(signer), signerInfo(signer)] }),
    ],
    'when its version is 3 without need': ['cms-version', signedData(signer, { version: 3 })],
    'when its version is 0': ['cms-version', signedData(signer, { version: 0 })],
    'when its version is 1 with a signer named by key identifier': [
      'cms-version',
      signedWith(signer, { version: 3, identifier: der.element(0x80, new Uint8Array(20)) }),
    ],
    'when the version of its signer info does not go with the name': [
      'cms-version',
      signedWith(signer, { version: 3 }),
    ],
    'when there are no signed attributes': [
      'cms-signed-attributes',
      signedWith(signer, { attributes: null }),
    ],
    'when a signed attribute is there twice': [
      'cms-signed-attributes',
      signedWith(signer, { attributes: [...goodAttributes(signer), messageDigest(Buffer.from('other'))] }),
    ],
    'when messageDigest has two values': [
      'cms-signed-attributes',
      signedWith(signer, {
        attributes: [
          contentType,
          signingCertificateV2(essCertIdV2(signer.certificate)),
          attribute(
            oids.messageDigest,
            der.octetString(digest('sha256', content)),
            der.octetString(digest('sha256', Buffer.from('other'))),
          ),
        ],
      }),
    ],
    'when a signed attribute has no value': [
      'cms-signed-attributes',
      signedWith(signer, { attributes: [...goodAttributes(signer), attribute('1.2.3.4')] }),
    ],
    'when the signed attributes are not in the order of DER': [
      'der-set-order',
      signedWith(signer, { attributes: goodAttributes(signer).toReversed(), unsorted: true }),
    ],
    'when there are unsigned attributes': [
      'cms-unsigned-attributes',
      signedWith(signer, {
        unsignedAttributes: [attribute(refusedOids.signatureTimeStamp, der.octetString(content))],
      }),
    ],
    'when the list of digest algorithms is empty': [
      'cms-algorithm',
      signedData(signer, { digestAlgorithms: [] }),
    ],
    'when the list of digest algorithms names another than the signer does': [
      'cms-algorithm',
      signedData(signer, { digestAlgorithms: [sha512] }),
    ],
    'when the list of digest algorithms names a second': [
      'cms-algorithm',
      signedData(signer, { digestAlgorithms: [sha256, sha384] }),
    ],
    'when there are seventeen certificates': [
      'cms-too-many',
      signedData(signer, { certificates: manyCertificates(17) }),
    ],
    'when there are seventeen CRLs': [
      'cms-too-many',
      signedData(signer, { crls: Array<Uint8Array>(17).fill(issueCrl(vendor.root).der) }),
    ],
    'when one of the certificates is an attribute certificate': [
      'der-tag',
      signedData(signer, { certificates: [signer.certificate.der, der.element(0xa2, new Uint8Array(4))] }),
    ],
    'when one of the CRLs is of another format': [
      'der-tag',
      signedData(signer, { crls: [der.element(0xa1, new Uint8Array(4))] }),
    ],
    'when one of the certificates cannot be read': [
      'der-truncated',
      signedData(signer, { certificates: [signer.certificate.der, der.sequence()] }),
    ],
    'when one of the CRLs cannot be read': ['der-truncated', signedData(signer, { crls: [der.sequence()] })],
  };
  for (const [name, [rule, bytes]] of Object.entries(cases)) {
    it(name, () => {
      const parsed = parseSignedData(bytes);
      assert(!parsed.ok);
      assert.equal(parsed.fault.code, 'cms-malformed');
      assert.equal(rootFault(parsed.fault).rule, rule);
    });
  }
});

describe('a signature is refused', () => {
  const p521 = p521Pair();
  const wrongKey = { key: other.key, certificate: signer.certificate };
  const attributesWith = (signing?: Uint8Array) => ({
    attributes: [contentType, messageDigest(content), signingTime, ...(signing ? [signing] : [])],
  });
  const cases: Readonly<Record<string, readonly [Rule, Uint8Array, minimumRsaBits?: number]>> = {
    'when the signer’s certificate is not there': [
      'cms-signer-missing',
      signedData(signer, { certificates: [other.certificate.der] }),
    ],
    'when there are no certificates': ['cms-signer-missing', signedData(signer, { certificates: [] })],
    'when the signer is named by another serial number': [
      'cms-signer-missing',
      signedWith(signer, {
        identifier: issuerAndSerialNumber({ ...signer.certificate, serialNumber: '01' }),
      }),
    ],
    'when the signer is named by another issuer': [
      'cms-signer-missing',
      signedWith(signer, {
        identifier: issuerAndSerialNumber({
          ...signer.certificate,
          issuer: vendor.root.certificate.issuer,
        }),
      }),
    ],
    'when another key has made it': ['cms-signature', signedData(wrongKey)],
    'when it is empty': ['cms-signature', signedWith(signer, { sign: () => new Uint8Array() })],
    'when it is over the attributes with the tag [0] and not SET OF': [
      'cms-signature',
      signedWith(signer, {
        sign: (key, octets) => sign('sha256', der.implicit(0, octets), key),
      }),
    ],
    'when it is the plain r and s and not DER': [
      'cms-signature',
      signedWith(signer, {
        sign: (key, octets) => sign('sha256', octets, { key, dsaEncoding: 'ieee-p1363' }),
      }),
    ],
    'when it is by a P-521 key': ['cms-key', signedData(p521)],
    'when the RSA key is shorter than asked for': ['cms-key', rsaMessage(shortRsa), 3072],
    'when its algorithm is ECDSA and the key RSA': ['cms-signature', signedData(rsa)],
    'when the digest is SHA-1': [
      'cms-algorithm',
      signedWith(
        signer,
        {
          digestAlgorithm: sha1,
          attributes: goodAttributes(signer, 'sha1'),
          signatureAlgorithm: algorithm(oids.ecdsaWithSha1),
          sign: (key, octets) => sign('sha1', octets, key),
        },
        { digestAlgorithms: [sha1] },
      ),
    ],
    'when the digest is SHA-512': [
      'cms-algorithm',
      signedWith(
        signer,
        {
          digestAlgorithm: sha512,
          attributes: goodAttributes(signer, 'sha512'),
          signatureAlgorithm: algorithm(oids.ecdsaWithSha512),
          sign: (key, octets) => sign('sha512', octets, key),
        },
        { digestAlgorithms: [sha512] },
      ),
    ],
    'when the signature algorithm has another digest than the content': [
      'cms-algorithm',
      signedWith(signer, {
        signatureAlgorithm: algorithm(oids.ecdsaWithSha384),
        sign: (key, octets) => sign('sha384', octets, key),
      }),
    ],
    'when the signature algorithm is SHA-1 under a digest of SHA-256': [
      'cms-algorithm',
      signedWith(signer, {
        signatureAlgorithm: algorithm(oids.ecdsaWithSha1),
        sign: (key, octets) => sign('sha1', octets, key),
      }),
    ],
    'when PSS leaves its digests to the default, SHA-1': [
      'cms-algorithm',
      signedWith(rsa, { signatureAlgorithm: algorithm(oids.rsassaPss, der.sequence()) }),
    ],
    'when the signature algorithm is unknown': [
      'cms-algorithm',
      signedWith(signer, { signatureAlgorithm: algorithm('1.3.101.112') }),
    ],
    'when there is no contentType': [
      'cms-content-type',
      signedWith(signer, { attributes: goodAttributes(signer).filter((one) => one !== contentType) }),
    ],
    'when contentType is another than the content’s': [
      'cms-content-type',
      signedWith(signer, {
        attributes: [
          attribute(oids.contentType, der.oid(oids.signedData)),
          ...goodAttributes(signer).filter((one) => one !== contentType),
        ],
      }),
    ],
    'when there is no messageDigest': [
      'cms-message-digest',
      signedWith(signer, {
        attributes: [contentType, signingTime, signingCertificateV2(essCertIdV2(signer.certificate))],
      }),
    ],
    'when messageDigest is of other content': [
      'cms-message-digest',
      signedData(signer, { content: Buffer.from('other'), signerInfos: [signerInfo(signer)] }),
    ],
    'when messageDigest is cut short': [
      'cms-message-digest',
      signedWith(signer, {
        attributes: [
          contentType,
          attribute(oids.messageDigest, der.octetString(digest('sha256', content).subarray(0, 16))),
          signingCertificateV2(essCertIdV2(signer.certificate)),
        ],
      }),
    ],
    'when there is no signingCertificateV2': [
      'cms-signing-certificate',
      signedWith(signer, attributesWith()),
    ],
    'when there is only the older signingCertificate': [
      'cms-signing-certificate',
      signedWith(
        signer,
        attributesWith(
          attribute(
            refusedOids.signingCertificate,
            der.sequence(der.sequence(der.sequence(der.octetString(digest('sha1', signer.certificate.der))))),
          ),
        ),
      ),
    ],
    'when signingCertificateV2 names another certificate': [
      'cms-signing-certificate',
      signedWith(signer, attributesWith(signingCertificateV2(essCertIdV2(other.certificate)))),
    ],
    'when signingCertificateV2 names the signer only second': [
      'cms-signing-certificate',
      signedWith(
        signer,
        attributesWith(signingCertificateV2(essCertIdV2(other.certificate), essCertIdV2(signer.certificate))),
      ),
    ],
    'when signingCertificateV2 names nothing': [
      'cms-signing-certificate',
      signedWith(signer, attributesWith(signingCertificateV2())),
    ],
    'when signingCertificateV2 names the signer by SHA-1': [
      'cms-signing-certificate',
      signedWith(
        signer,
        attributesWith(
          signingCertificateV2(der.sequence(sha1, der.octetString(digest('sha1', signer.certificate.der)))),
        ),
      ),
    ],
    'when signingCertificateV2 gives another issuer': [
      'cms-signing-certificate',
      signedWith(
        signer,
        attributesWith(namedAs({ ...signer.certificate, issuer: vendor.root.certificate.issuer })),
      ),
    ],
    'when signingCertificateV2 gives another serial number': [
      'cms-signing-certificate',
      signedWith(
        signer,
        attributesWith(namedAs({ ...signer.certificate, serialNumber: other.certificate.serialNumber })),
      ),
    ],
    'when the certificate is another one with the same name, serial number and key': [
      'cms-signing-certificate',
      signedData(signer, { certificates: [twin(signer.certificate).der] }),
    ],
  };
  for (const [name, [rule, bytes, minimumRsaBits]] of Object.entries(cases)) {
    it(name, () => {
      const fault = refusal(bytes, minimumRsaBits);
      assert.equal(fault?.code, 'cms-signature-invalid');
      assert.equal(fault.rule, rule);
    });
  }

  it('when its algorithm is PKCS#1 and the key for PSS only', () => {
    const parsed = parseSignedData(rsaMessage(pssPair()));
    assert(parsed.ok);
    const verified = verifySignedData(parsed.value, 3072);
    if (!hasPssKeys) return assertLack(verified);
    assert.equal(!verified.ok && verified.fault.rule, 'cms-signature');
  });

  it('or taken from an RSA key of 2048 bits, where receipts allow it', () => {
    assert.equal(refusal(rsaMessage(shortRsa), 2048), undefined);
  });
});

describe('a message that is cut short', () => {
  it('is refused at every byte, and never throws', async () => {
    const bytes = await signData(
      content,
      signerOf(signer),
      now,
      [vendor.issuing.certificate],
      [issueCrl(vendor.root)],
    );
    for (let length = 0; length < bytes.length; length++) {
      assert.equal(refusal(bytes.subarray(0, length))?.code, 'cms-malformed', `${length} octets`);
    }
  });
});

function spki({ key }: KeyPair): Uint8Array {
  return createPublicKey(key).export({ format: 'der', type: 'spki' });
}

/** IssuerSerial (RFC 5035): the issuer as a directoryName. */
function issuerSerial({ issuer, serialNumber }: Certificate): Uint8Array {
  return der.sequence(
    der.sequence(der.explicit(4, issuer.der)),
    der.element(0x02, Buffer.from(serialNumber, 'hex')),
  );
}

/** A signingCertificateV2 with the signer's hash, and the issuer and serial number of another certificate. */
function namedAs(certificate: Certificate): Uint8Array {
  return signingCertificateV2(
    der.sequence(der.octetString(digest('sha256', signer.certificate.der)), issuerSerial(certificate)),
  );
}

/** The signer's certificate and copies of another. */
function manyCertificates(count: number): readonly Uint8Array[] {
  return [signer.certificate.der, ...Array<Uint8Array>(count - 1).fill(other.certificate.der)];
}

/** The same certificate with another signature, by someone else or by the CA on another day. */
function twin(certificate: Certificate): Certificate {
  const changed = Uint8Array.from(certificate.der);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  const parsed = parseCertificate(changed);
  assert(parsed.ok);
  return parsed.value;
}

function rsaMessage(pair: KeyPair): Uint8Array {
  return signedWith(pair, {
    signatureAlgorithm: algorithm(oids.sha256WithRsa, der.null),
    sign: (key, octets) => sign('sha256', octets, key),
  });
}

/** The fault does not call the message altered. It names what the runtime lacks to verify it. */
function assertLack(verified: ReturnType<typeof verifySignedData>): void {
  assert(!verified.ok);
  const { because, ...fault } = verified.fault;
  assert.deepEqual(fault, { code: 'cms-signature-invalid' });
  assert.deepEqual(because, { code: 'runtime-lacks-algorithm', found: 'RSA-PSS 3072' });
}

/** A pair on P-521, which certificates may have and signatures of bundles not. */
function p521Pair(): KeyPair {
  const template = issue(contents, 'P-256', vendor.issuing).certificate;
  const encoding = Buffer.from(template.publicKey.spki);
  const point = Buffer.alloc(133, 1);
  point[0] = 4;
  const p521 = der.sequence(algorithm(oids.ecPublicKey, der.oid(oids.p521)), der.bitString(point));
  const [tbs = Buffer.alloc(0), after = Buffer.alloc(0)] = splitAt(contentsOf(template.tbs), encoding);
  const parsed = parseCertificate(
    der.sequence(der.sequence(tbs, p521, after), algorithm(oids.ecdsaWithSha256), der.bitString(content)),
  );
  assert(parsed.ok);
  return { key: generateKey('P-256'), certificate: parsed.value };
}

function splitAt(bytes: Buffer, middle: Buffer): readonly Buffer[] {
  const at = bytes.indexOf(middle);
  return [bytes.subarray(0, at), bytes.subarray(at + middle.length)];
}

/** What is inside an element with a long-form length. */
function contentsOf(element: Uint8Array): Buffer {
  return Buffer.from(element).subarray(2 + ((element[1] ?? 0) & 0x7f));
}

/** The outermost SEQUENCE with an indefinite length. */
function indefinite(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(0x30, 0x80), contentsOf(bytes), Uint8Array.of(0, 0)]);
}

/** Adds a leading zero byte to the outermost length. */
function overlong(bytes: Uint8Array): Uint8Array {
  const inner = contentsOf(bytes);
  return Buffer.concat([Uint8Array.of(0x30, 0x83, 0, inner.length >> 8, inner.length & 0xff), inner]);
}
