import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { der, encodePem, oids, tags } from '../../../main/asn1/index.ts';
import { encodeExtension } from '../../kit/issue-certificate.ts';
import {
  extension,
  isSameCertificate,
  isSelfIssued,
  isTrainingCertificate,
  nameToText,
  parseCertificate,
  type Certificate,
} from '../../../main/pki/index.ts';
import { encodedCertificates, parseCertificates } from '../../../main/cms/index.ts';
import {
  dates,
  extensionsField,
  makeCa,
  makeCertificate,
  makeCrl,
  readCertificate,
  remake,
  type Fields,
} from '../../kit/pki.ts';

const root = makeCa('C=SE,O=Lab,CN=Root');
const { certificate } = makeCertificate('O=Lab,CN=eNB', { keyUsage: ['digitalSignature'] }, root);
const remade = (changes: Partial<Fields>) => remake(certificate, root.key, changes);
const noExtensions = new Uint8Array();

describe('a certificate is taken apart', () => {
  test('into its fields', () => {
    const { version, issuer, subject, notBefore, notAfter, publicKey, signatureAlgorithm } = certificate;
    assert.deepEqual(
      { version, issuer: nameToText(issuer), subject: nameToText(subject), notBefore, notAfter },
      { version: 3, issuer: 'C=SE,O=Lab,CN=Root', subject: 'O=Lab,CN=eNB', ...dates },
    );
    assert.equal(publicKey.kind, 'ec');
    assert.deepEqual(signatureAlgorithm, { kind: 'ecdsa', hash: 'sha256' });
    assert.match(certificate.serialNumber, /^[0-9a-f]{32}$/);
  });

  test('of each version', () => {
    const v1 = readCertificate(remade({ version: noExtensions, extensions: noExtensions }));
    const v2 = readCertificate(
      remade({
        version: der.explicit(0, der.integer(1)),
        uniqueIds: Buffer.concat([
          der.implicit(1, der.bitString(Uint8Array.of(1))),
          der.implicit(2, der.bitString(Uint8Array.of(2))),
        ]),
        extensions: noExtensions,
      }),
    );
    assert.deepEqual([v1.version, v2.version, certificate.version], [1, 2, 3]);
    assert.equal(v1.extensions.size, 0);
  });

  test('with a serial number of any size and sign, as its octets', () => {
    const serials = [
      der.integer(0),
      der.integer(127),
      der.integer(255),
      der.element(2, Uint8Array.of(0xff)),
      der.integer(2n ** 200n),
    ];
    assert.deepEqual(
      serials.map((serialNumber) => readCertificate(remade({ serialNumber })).serialNumber),
      ['00', '7f', '00ff', 'ff', `01${'00'.repeat(25)}`],
    );
  });

  test('without keeping the file in which it came', () => {
    const file = new Uint8Array(100_000);
    file.set(certificate.der, 500);
    const { der, tbs, signature, publicKey, subject, extensions } = readCertificate(
      file.subarray(500, 500 + certificate.der.length),
    );
    const views = [
      der,
      tbs,
      signature,
      publicKey.spki,
      subject.der,
      ...[...extensions.values()].map(({ value }) => value),
    ];
    for (const view of views) assert.ok(view.buffer.byteLength <= certificate.der.length);
    assert.deepEqual([tbs, signature], [certificate.tbs, certificate.signature]);
    file.fill(0);
    assert.ok(isSameCertificate(certificate, readCertificate(der)));
  });

  test('and told apart from others', () => {
    const again = readCertificate(certificate.der);
    assert.ok(isSameCertificate(certificate, again));
    assert.equal(isSameCertificate(certificate, root.certificate), false);
    assert.equal(again.sha256, createHash('sha256').update(certificate.der).digest('hex'));
    assert.deepEqual([certificate, root.certificate].map(isSelfIssued), [false, true]);
  });

  test('and known as made for training by its mark alone', () => {
    assert.equal(isTrainingCertificate(certificate), false);
    assert.equal(isTrainingCertificate(makeCa('O=Training,CN=Training Root').certificate), false);
    assert.equal(isTrainingCertificate(makeCa('CN=Root', { training: true }).certificate), true);
  });
});

describe('what is no certificate is unreadable', () => {
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ['nothing', new Uint8Array(), 'der-truncated'],
    ['one that something follows', Buffer.concat([certificate.der, Buffer.alloc(1)]), 'der-trailing'],
    ['one that is cut short', certificate.der.subarray(0, -1), 'der-truncated'],
    ['a name', certificate.subject.der, 'der-tag'],
    ['a list of revoked certificates', makeCrl(root).der, 'der-tag'],
  ];
  for (const [name, bytes, rule] of cases) {
    test(name, () => {
      const result = parseCertificate(bytes);
      assert(!result.ok);
      assert.equal(result.fault.code, 'certificate-unreadable');
      assert.equal(result.fault.because?.rule, rule);
    });
  }
});

describe('a certificate that breaks a rule is malformed, and its issuer is to replace it', () => {
  const weak = der.sequence(der.oid(oids.sha1WithRsa), der.null);
  const twice = encodeExtension('1.2.3', false, der.null);
  /** Where the certificate says that its key usage is critical. */
  const criticality = Buffer.from(certificate.der).indexOf(Uint8Array.of(0x01, 0x01, 0xff)) + 2;
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ['when it is of version 4', remade({ version: der.explicit(0, der.integer(3)) }), 'certificate-version'],
    ['when it has extensions and is of version 1', remade({ version: noExtensions }), 'certificate-version'],
    [
      'when it has extensions and is of version 2',
      remade({ version: der.explicit(0, der.integer(1)) }),
      'certificate-version',
    ],
    [
      'when it has an extension twice',
      remade({ extensions: extensionsField(twice, twice) }),
      'certificate-extension-twice',
    ],
    ['when the algorithm outside is another', remade({ outerAlgorithm: weak }), 'certificate-algorithm'],
    [
      'when the algorithm outside has other parameters',
      remade({ outerAlgorithm: der.sequence(der.oid(oids.ecdsaWithSha256), der.null) }),
      'certificate-algorithm',
    ],
    [
      'when a time has no seconds',
      remade({
        validity: der.sequence(der.element(0x17, Buffer.from('2601010000Z')), der.time(dates.notAfter)),
      }),
      'der-time',
    ],
    [
      'when its key is malformed',
      remade({
        spki: der.sequence(der.sequence(der.oid(oids.rsaEncryption)), der.bitString(Uint8Array.of(0))),
      }),
      'der-tag',
    ],
    [
      'when its serial number has an octet too many',
      remade({ serialNumber: der.element(2, Uint8Array.of(0, 1)) }),
      'der-integer',
    ],
    ['when its serial number has no octet', remade({ serialNumber: der.element(2) }), 'der-integer'],
    [
      'when something follows its extensions',
      remade({ extensions: Buffer.concat([extensionsField(twice), der.null]) }),
      'der-trailing',
    ],
    [
      'when an extension has no value',
      remade({ extensions: extensionsField(der.sequence(der.oid('1.2.3'))) }),
      'der-truncated',
    ],
    [
      'when its signature is no whole number of octets',
      certificate.der.with(-certificate.signature.length - 1, 4),
      'der-bit-string',
    ],
    [
      'when a criticality is another number than 255',
      Buffer.from(certificate.der).fill(1, criticality, criticality + 1),
      'der-boolean',
    ],
    [
      'when an ECDSA algorithm has parameters',
      remade({ algorithm: der.sequence(der.oid(oids.ecdsaWithSha256), der.null) }),
      'ecdsa-parameters',
    ],
    [
      'when the members of a name are out of order',
      remade({
        issuer: der.sequence(
          der.element(
            tags.set,
            ...[oids.countryName, oids.commonName].map((type) =>
              der.sequence(der.oid(type), der.printableString('SE')),
            ),
          ),
        ),
      }),
      'der-set-order',
    ],
    ['when its list of extensions is empty', remade({ extensions: extensionsField() }), 'der-empty'],
    [
      'when it is BER',
      Buffer.concat([
        Uint8Array.of(0x30, 0x80),
        certificate.der.subarray(4), // behind the tag and the length of the whole
        Uint8Array.of(0, 0),
      ]),
      'der-indefinite',
    ],
  ];
  for (const [name, bytes, rule] of cases) {
    test(name, () => {
      const result = parseCertificate(bytes);
      assert(!result.ok);
      const { code, rule: broken, where, because } = result.fault;
      assert.deepEqual([code, broken, because], ['certificate-malformed', rule, undefined]);
      assert.equal(where?.certificate, 'O=Lab,CN=eNB');
    });
  }
});

describe('a certificate file', () => {
  const pem = (one: Certificate) => encodePem('CERTIFICATE', one.der);
  const subjects = (file: string | Uint8Array) => {
    const result = parseCertificates(new Uint8Array(Buffer.from(file as string)));
    return result.ok ? result.value.map(({ subject }) => nameToText(subject)) : result.fault;
  };

  test('holds one in DER', () => assert.deepEqual(subjects(certificate.der), ['O=Lab,CN=eNB']));

  test('holds several in PEM, in their order, with other things between', () => {
    const text = `comment\n${pem(root.certificate)}${encodePem('X509 CRL', Uint8Array.of(1))}${pem(certificate)}`;
    assert.deepEqual(subjects(text), ['C=SE,O=Lab,CN=Root', 'O=Lab,CN=eNB']);
  });

  test('holds one under its older label', () => {
    assert.deepEqual(subjects(encodePem('X509 CERTIFICATE', certificate.der)), ['O=Lab,CN=eNB']);
  });

  const refused: readonly (readonly [string, string | Uint8Array])[] = [
    ['nothing', ''],
    ['non-empty text', 'not a certificate'],
    ['a key', encodePem('PRIVATE KEY', Uint8Array.of(1))],
    ['a trusted certificate of OpenSSL', encodePem('TRUSTED CERTIFICATE', certificate.der)],
    ['DER with something after it', Buffer.concat([certificate.der, Buffer.from('\n')])],
    ['a certificate cut short in DER', certificate.der.subarray(0, -1)],
    ['a certificate cut short in PEM', pem(certificate).slice(0, 200)],
  ];
  for (const [name, file] of refused) {
    test(`is unreadable when it holds ${name}`, () => {
      const result = parseCertificates(new Uint8Array(Buffer.from(file as string)));
      assert(!result.ok);
      assert.equal(result.fault.code, 'certificate-unreadable');
    });
  }

  test('is unreadable when it is a private key in DER, and says nothing about it', () => {
    const result = parseCertificates(new Uint8Array(root.key.export({ format: 'der', type: 'pkcs8' })));
    assert.deepEqual(!result.ok && result.fault, { code: 'certificate-unreadable' });
  });

  test('of PKCS#7 holds at most 2^20 certificates', () => {
    const withMany = (count: number) => {
      const certificates = der.element(0xa0, Buffer.from('3003020100'.repeat(count), 'hex'));
      const content = der.sequence(der.oid('1.2.840.113549.1.7.1'));
      const signedData = der.sequence(der.integer(1), der.setOf([]), content, certificates, der.setOf([]));
      const result = encodedCertificates(der.sequence(der.oid(oids.signedData), der.explicit(0, signedData)));
      return result.ok ? [...result.value.encodings].length : result.fault.because?.rule;
    };
    assert.deepEqual([withMany(2 ** 20), withMany(2 ** 20 + 1)], [2 ** 20, 'pkcs7-certificates']);
  });

  const broken: readonly (readonly [string, string])[] = [
    ['cut short', pem(certificate).slice(0, 200)],
    ['damaged', pem(certificate).replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA')],
    ['of characters that are not base64', pem(certificate).replace(/\n.{20}/, '\n********************')],
  ];
  for (const [name, second] of broken) {
    test(`is unreadable as a whole when its second certificate is ${name}, and says which it is`, () => {
      const result = parseCertificates(Buffer.from(pem(root.certificate) + second));
      assert(!result.ok);
      assert.equal(result.fault.where?.field, 'certificate 2');
    });
  }
});

describe('an extension', () => {
  const withExtension = (oid: string, value: Uint8Array) =>
    readCertificate(remade({ extensions: extensionsField(encodeExtension(oid, false, value)) }));

  test('is undefined when it is not there', () => {
    assert.deepEqual(extension(certificate, oids.nameConstraints), { ok: true, value: undefined });
  });

  test('is malformed when it is not what its OID says, and names the OID', () => {
    const result = extension(withExtension(oids.keyUsage, der.null), oids.keyUsage);
    assert(!result.ok);
    assert.equal(result.fault.code, 'certificate-extension-malformed');
    assert.equal(result.fault.found, oids.keyUsage);
    assert.equal(result.fault.rule, 'der-tag');
  });

  const readable: readonly (readonly [string, Parameters<typeof extension>[1], Uint8Array, unknown])[] = [
    ['basicConstraints of no CA', oids.basicConstraints, der.sequence(), { isCa: false }],
    ['basicConstraints of a CA', oids.basicConstraints, der.sequence(der.boolean(true)), { isCa: true }],
    [
      'basicConstraints with a path length',
      oids.basicConstraints,
      der.sequence(der.boolean(true), der.integer(0)),
      { isCa: true, pathLength: 0 },
    ],
    ['keyUsage', oids.keyUsage, der.namedBits([5, 6]), new Set([5, 6])],
    ['extendedKeyUsage', oids.extendedKeyUsage, der.sequence(der.oid('1.2.3')), new Set(['1.2.3'])],
    ['subjectKeyIdentifier', oids.subjectKeyIdentifier, der.octetString(Uint8Array.of(1, 2)), '0102'],
    [
      'authorityKeyIdentifier',
      oids.authorityKeyIdentifier,
      der.sequence(der.implicit(0, der.octetString(Uint8Array.of(1, 2)))),
      '0102',
    ],
    [
      'authorityKeyIdentifier without the identifier',
      oids.authorityKeyIdentifier,
      der.sequence(der.implicit(2, der.integer(1))),
      undefined,
    ],
    [
      'policyConstraints',
      oids.policyConstraints,
      der.sequence(der.implicit(0, der.integer(2))),
      { requireExplicitPolicy: 2 },
    ],
  ];
  for (const [name, oid, value, expected] of readable)
    test(`is read: ${name}`, () =>
      assert.deepEqual(extension(withExtension(oid, value), oid), { ok: true, value: expected }));

  const malformed: readonly (readonly [string, Parameters<typeof extension>[1], Uint8Array])[] = [
    [
      'basicConstraints with a negative path length',
      oids.basicConstraints,
      der.sequence(der.boolean(true), der.element(2, Uint8Array.of(0xff))),
    ],
    [
      'basicConstraints with something after it',
      oids.basicConstraints,
      Buffer.concat([der.sequence(), der.null]),
    ],
    ['keyUsage with a zero bit at the end', oids.keyUsage, der.element(3, Uint8Array.of(6, 0x80))],
    ['an empty subjectAltName', oids.subjectAltName, der.sequence()],
    [
      'a DNS name that is not ASCII',
      oids.subjectAltName,
      der.sequence(der.implicit(2, der.utf8String('ä.example'))),
    ],
    [
      'a DNS name with a control character',
      oids.subjectAltName,
      der.sequence(der.implicit(2, der.ia5String('a\0.example'))),
    ],
    [
      'a subtree with a minimum',
      oids.nameConstraints,
      der.sequence(
        der.explicit(0, der.sequence(der.implicit(2, der.ia5String('a')), der.implicit(0, der.integer(1)))),
      ),
    ],
    ['a distribution point without a list', oids.crlDistributionPoints, der.null],
  ];
  for (const [name, oid, value] of malformed)
    test(`is malformed: ${name}`, () => assert.equal(extension(withExtension(oid, value), oid).ok, false));
});
