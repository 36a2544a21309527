import assert from 'node:assert/strict';
import { sign } from 'node:crypto';
import { describe, test } from 'node:test';
import { der, encodePem, oids } from '../../../main/asn1/index.ts';
import { encodeExtension } from '../../kit/issue-certificate.ts';
import { isNewerCrl, nameToText, parseCrl, parseCrls, type Crl } from '../../../main/pki/index.ts';
import { generalName, issuingDistributionPoint, makeCa, makeCertificate, makeCrl } from '../../kit/pki.ts';

const ca = makeCa('O=Lab,CN=CA');
const leaf = makeCertificate('CN=x', {}, ca);
const algorithm = der.sequence(der.oid(oids.ecdsaWithSha256));
const thisUpdate = new Date('2026-11-14T00:00:00Z');
const issuer = ca.certificate.subject.der;

/** DER of a CRL of these fields. */
function crlOf(...fields: readonly Uint8Array[]): Uint8Array {
  const tbs = der.sequence(...fields);
  return der.sequence(tbs, algorithm, der.bitString(sign('sha256', tbs, ca.key)));
}

function read(bytes: Uint8Array): Crl {
  const crl = parseCrl(bytes);
  assert(crl.ok, JSON.stringify(crl));
  return crl.value;
}

describe('a CRL is taken apart', () => {
  test('into its fields', () => {
    const crl = makeCrl(ca, { revoked: [leaf.certificate], number: 300 });
    assert.equal(nameToText(crl.issuer), 'O=Lab,CN=CA');
    assert.deepEqual(crl.thisUpdate, thisUpdate);
    assert.deepEqual(crl.nextUpdate, new Date('2026-12-14T00:00:00Z'));
    assert.deepEqual([...crl.revoked], [leaf.certificate.serialNumber]);
    assert.deepEqual(crl.number, Uint8Array.of(1, 44));
    assert.deepEqual(crl.scope, {
      onlyUserCertificates: false,
      onlyCaCertificates: false,
      onlyAttributeCertificates: false,
    });
    assert.equal(crl.unsupported, undefined);
  });

  test('of version 1, without number, next update or entries', () => {
    const crl = read(crlOf(algorithm, issuer, der.time(thisUpdate)));
    assert.deepEqual([crl.nextUpdate, crl.number, crl.revoked.size], [undefined, undefined, 0]);
  });

  test('with its scope', () => {
    const scopeOf = (...scope: Parameters<typeof issuingDistributionPoint>) =>
      makeCrl(ca, { extensions: [issuingDistributionPoint(...scope)] }).scope;
    assert.equal(scopeOf({ only: 'user' }).onlyUserCertificates, true);
    assert.equal(scopeOf({ only: 'ca' }).onlyCaCertificates, true);
    assert.equal(scopeOf({ only: 'attribute' }).onlyAttributeCertificates, true);
    assert.deepEqual([...(scopeOf({ reasons: [1, 2] }).reasons ?? [])], [1, 2]);
    assert.deepEqual(scopeOf({ fullName: [generalName.uri('http://a.example/')] }).names, [
      { kind: 'uri', text: 'http://a.example/' },
    ]);
  });

  const unknown = (critical: boolean) => encodeExtension('1.2.3', critical, der.null);
  const issuerOfEntry = encodeExtension(
    oids.certificateIssuer,
    true,
    der.sequence(generalName.directory('CN=Other')),
  );
  const supports: readonly (readonly [string, Parameters<typeof makeCrl>[1], Crl['unsupported']])[] = [
    [
      'an unknown extension is no hindrance when it is not critical',
      { extensions: [unknown(false)] },
      undefined,
    ],
    ['an unknown critical extension is', { extensions: [unknown(true)] }, 'crl-extension'],
    [
      'an unknown critical extension of an entry is',
      { revoked: [leaf.certificate], entryExtensions: [unknown(true)] },
      'crl-extension',
    ],
    [
      'an unknown extension of an entry is not',
      { revoked: [leaf.certificate], entryExtensions: [unknown(false)] },
      undefined,
    ],
    [
      'a reason is not',
      {
        revoked: [leaf.certificate],
        entryExtensions: [encodeExtension(oids.reasonCode, true, der.element(0x0a, Uint8Array.of(1)))],
      },
      undefined,
    ],
    [
      'a delta is',
      { extensions: [encodeExtension(oids.deltaCrlIndicator, true, der.integer(1))] },
      'delta-crl',
    ],
    [
      'a delta that does not call itself critical is',
      { extensions: [encodeExtension(oids.deltaCrlIndicator, false, der.integer(1))] },
      'delta-crl',
    ],
    ['an indirect list is', { extensions: [issuingDistributionPoint({ indirect: true })] }, 'indirect-crl'],
    [
      "an entry of another issuer's is",
      { revoked: [leaf.certificate], entryExtensions: [issuerOfEntry] },
      'indirect-crl',
    ],
  ];
  for (const [name, contents, unsupported] of supports)
    test(`and ${name}`, () => assert.equal(makeCrl(ca, contents).unsupported, unsupported));
});

describe('of two CRLs of an issuer', () => {
  const numbered = (number: number | bigint, time = thisUpdate) => makeCrl(ca, { number, thisUpdate: time });
  const later = new Date('2026-11-14T00:00:01Z');
  const unnumbered = (time: Date) => read(crlOf(algorithm, issuer, der.time(time)));
  const cases: readonly (readonly [string, newer: Crl, older: Crl])[] = [
    ['the one with the higher number is newer', numbered(2), numbered(1)],
    ['numbers are compared as numbers, not as octets', numbered(256), numbered(255)],
    ['numbers of any size are compared', numbered(2n ** 159n), numbered(2n ** 158n)],
    ['the number counts more than the date', numbered(2), numbered(1, later)],
    ['the date decides where the numbers are equal', numbered(1, later), numbered(1)],
    ['the date decides where one has no number', unnumbered(later), numbered(9)],
    ['the date decides where none has a number', unnumbered(later), unnumbered(thisUpdate)],
  ];
  for (const [name, newer, older] of cases) {
    test(name, () => {
      assert.equal(isNewerCrl(newer, older), true);
      assert.equal(isNewerCrl(older, newer), false);
    });
  }

  test('none is newer than itself', () => assert.equal(isNewerCrl(numbered(1), numbered(1)), false));
});

describe('a CRL is unreadable', () => {
  const good = makeCrl(ca).der;
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ['when it is empty', new Uint8Array(), 'der-truncated'],
    ['when something follows it', Buffer.concat([good, Buffer.alloc(1)]), 'der-trailing'],
    ['when it has no time', crlOf(der.integer(1), algorithm, issuer), 'der-truncated'],
    ['when it is a certificate', ca.certificate.der, 'der-tag'],
  ];
  for (const [name, bytes, rule] of cases) {
    test(name, () => {
      const result = parseCrl(bytes);
      assert(!result.ok);
      assert.equal(result.fault.code, 'crl-unreadable');
      assert.equal(result.fault.because?.rule, rule);
    });
  }
});

describe('a CRL that breaks a rule is malformed, and its issuer is to replace it', () => {
  const extensions = (...list: readonly Uint8Array[]) => der.explicit(0, der.sequence(...list));
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    [
      'when it is of version 3',
      crlOf(der.integer(2), algorithm, issuer, der.time(thisUpdate)),
      'certificate-version',
    ],
    [
      'when the algorithm outside is another',
      der.sequence(
        der.sequence(algorithm, issuer, der.time(thisUpdate)),
        der.sequence(der.oid(oids.ecdsaWithSha384)),
        der.bitString(Uint8Array.of(1)),
      ),
      'certificate-algorithm',
    ],
    [
      'when its number is no integer',
      crlOf(
        der.integer(1),
        algorithm,
        issuer,
        der.time(thisUpdate),
        extensions(encodeExtension(oids.crlNumber, false, der.null)),
      ),
      'der-integer',
    ],
    ...[0x80, 0xff].map(
      (byte) =>
        [
          `when its number is negative: ${byte - 256}`,
          crlOf(
            der.integer(1),
            algorithm,
            issuer,
            der.time(thisUpdate),
            extensions(encodeExtension(oids.crlNumber, false, Uint8Array.of(2, 1, byte))),
          ),
          'der-integer',
        ] as const,
    ),
    [
      'when its scope is malformed',
      crlOf(
        der.integer(1),
        algorithm,
        issuer,
        der.time(thisUpdate),
        extensions(encodeExtension(oids.issuingDistributionPoint, true, der.null)),
      ),
      'der-tag',
    ],
    [
      'when it has an extension twice',
      crlOf(
        der.integer(1),
        algorithm,
        issuer,
        der.time(thisUpdate),
        extensions(encodeExtension('1.2', false, der.null), encodeExtension('1.2', false, der.null)),
      ),
      'certificate-extension-twice',
    ],
  ];
  for (const [name, bytes, rule] of cases) {
    test(name, () => {
      const result = parseCrl(bytes);
      assert(!result.ok);
      assert.deepEqual([result.fault.code, result.fault.rule], ['crl-malformed', rule]);
    });
  }
});

describe('a CRL file', () => {
  const one = makeCrl(ca, { number: 1 });
  const two = makeCrl(ca, { number: 2 });
  const pem = (crl: Crl) => encodePem('X509 CRL', crl.der);
  const numbers = (file: string | Uint8Array) => {
    const result = parseCrls(new Uint8Array(Buffer.from(file as string)));
    return result.ok ? result.value.map(({ number }) => number?.[0]) : result.fault.code;
  };

  test('holds one in DER', () => assert.deepEqual(numbers(one.der), [1]));
  test('holds several in PEM, with other things between', () => {
    assert.deepEqual(
      numbers(`# lists\n${pem(one)}${encodePem('CERTIFICATE', ca.certificate.der)}${pem(two)}`),
      [1, 2],
    );
  });

  test('of twenty thousand entries is read', () => {
    const entry = der.sequence(der.integer(2n ** 120n), der.time(thisUpdate));
    const entries = der.sequence(Buffer.alloc(20_000 * entry.length, entry));
    const large = crlOf(der.integer(1), algorithm, issuer, der.time(thisUpdate), entries);
    assert.deepEqual(numbers(encodePem('X509 CRL', large)), [undefined]);
    assert.equal(read(large).revoked.size, 1);
  });

  const refused: readonly (readonly [string, string | Uint8Array])[] = [
    ['nothing', ''],
    ['a certificate', encodePem('CERTIFICATE', ca.certificate.der)],
    ['a list cut short in DER', one.der.subarray(0, -1)],
    ['a list cut short in PEM', pem(one).slice(0, 150)],
    ['a whole list and one that is cut short', pem(one) + pem(two).slice(0, 150)],
    [
      'a whole list and one that is damaged',
      pem(one) + pem(two).replace(/\n.{20}/, '\n********************'),
    ],
  ];
  for (const [name, file] of refused)
    test(`is unreadable when it holds ${name}`, () => assert.equal(numbers(file), 'crl-unreadable'));
});
