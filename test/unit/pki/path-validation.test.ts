import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, test } from 'node:test';
import { der, oids } from '../../../main/asn1/index.ts';
import { encodeExtension, type KeyPair } from '../../kit/issue-certificate.ts';
import {
  judgePath,
  nameToText,
  validateCertificate,
  type Certificate,
  type PathFaultCode,
  type PathQuestion,
} from '../../../main/pki/index.ts';
import {
  clock,
  dates,
  extensionsField,
  generalName,
  makeCa,
  makeCertificate,
  makeCrl,
  nameConstraints,
  nameDer,
  now,
  otherCurveSpki,
  pathFaults,
  questionOf,
  readCertificate,
  remake,
  rsaKey,
  subjectAltName,
  type Contents,
} from '../../kit/pki.ts';

const root = makeCa('C=SE,O=Lab,CN=Root');
const issuing = makeCa('C=SE,O=Lab,CN=Issuing', {}, root);
const leaf = makeCertificate('O=Lab,CN=eNB', { keyUsage: ['digitalSignature'] }, issuing);
const usage = '1.3.6.1.4.1.32473.9';

/** A leaf of the issuing CA, and the question about it. */
function askAbout(contents: Contents, changes: Partial<PathQuestion> = {}): PathQuestion {
  return questionOf(makeCertificate('CN=target', contents, issuing), [root], [issuing], changes);
}

/** A leaf below a CA of these contents, and the question about it. */
function askBelow(contents: Contents, changes: Partial<PathQuestion> = {}): PathQuestion {
  const ca = makeCa('CN=Between', contents, root);
  return questionOf(makeCertificate('CN=target', {}, ca), [root], [ca], changes);
}

/** The question about what the issuing CA could have signed. */
function askAboutSigned(target: Uint8Array): PathQuestion {
  return questionOf(readCertificate(target), [root], [issuing]);
}

const other = (oid: string, critical: boolean) => encodeExtension(oid, critical, der.sequence());

/** A target of the issuing CA whose signature says that it is by another algorithm. */
function signedBy(algorithm: Uint8Array, signature: (tbs: Uint8Array) => Uint8Array): Uint8Array {
  const [unsigned] = [remake(leaf.certificate, issuing.key, { algorithm, signature: new Uint8Array() })];
  const { tbs } = readCertificate(unsigned);
  return remake(leaf.certificate, issuing.key, { algorithm, signature: signature(tbs) });
}

const sha1 = der.sequence(der.oid(oids.ecdsaWithSha1));
const ed25519 = der.sequence(der.oid('1.3.101.112'));
const weakRoot = makeCa('CN=Weak root', { key: rsaKey(1024) });
const spoiled = leaf.certificate.der.with(-1, leaf.certificate.der.at(-1)! ^ 1);

/** For each fault, questions whose answer is that fault alone, and the like of them whose answer is no fault. */
const faults: Readonly<
  Record<
    Exclude<PathFaultCode, 'runtime-lacks-algorithm'>, // see runtime.test.ts
    {
      readonly faulty: Readonly<Record<string, PathQuestion>>;
      readonly good: Readonly<Record<string, PathQuestion>>;
    }
  >
> = {
  'issuer-unknown': {
    faulty: {
      'without the intermediate': questionOf(leaf, [root]),
      'with another root': questionOf(leaf, [makeCa('CN=Other root')], [issuing]),
      'without any root': questionOf(leaf, [], [issuing, root]),
      'with the root as an intermediate only': questionOf(root, [], [root]),
      'when names chain in the wrong order': questionOf(
        readCertificate(remake(leaf.certificate, issuing.key, { issuer: nameDer('CN=Issuing,O=Lab,C=SE') })),
        [root],
        [issuing],
      ),
    },
    good: {
      'with root and intermediate': questionOf(leaf, [root], [issuing]),
      'with the intermediate as an anchor': questionOf(leaf, [issuing]),
      'when the target itself is an anchor': questionOf(root, [root]),
      'when the names differ in case and string type only': questionOf(
        readCertificate(remake(leaf.certificate, issuing.key, { issuer: nameDer('C=SE,O=LAB,CN=issuing') })),
        [root],
        [issuing],
      ),
      'with intermediates that lead elsewhere': questionOf(
        leaf,
        [root],
        [makeCa('CN=Other', {}, root), issuing, leaf],
      ),
    },
  },
  'signature-invalid': {
    faulty: {
      'when the signature is changed': askAboutSigned(spoiled),
      'when the subject is changed': askAboutSigned(
        remake(leaf.certificate, issuing.key, {
          subject: nameDer('CN=other'),
          signature: leaf.certificate.signature,
        }),
      ),
      'when another CA of the same name signed': questionOf(
        leaf,
        [root],
        [makeCa('C=SE,O=Lab,CN=Issuing', {}, root)],
      ),
      'when the intermediate is by another root of the same name': questionOf(
        leaf,
        [makeCa('C=SE,O=Lab,CN=Root')],
        [issuing],
      ),
      'when an EC key is to have made an RSA signature': askAboutSigned(
        signedBy(der.sequence(der.oid(oids.sha256WithRsa), der.null), (tbs) =>
          sign('sha256', tbs, rsaKey(2048)),
        ),
      ),
    },
    good: { 'when it is as it was issued': questionOf(leaf, [root], [issuing]) },
  },
  'algorithm-weak': {
    faulty: {
      'with ECDSA and SHA-1': askAboutSigned(signedBy(sha1, (tbs) => sign('sha1', tbs, issuing.key))),
    },
    good: {
      'with SHA-1 on the root alone, which is believed as it is': questionOf(
        makeCertificate('CN=x', {}, root),
        [
          {
            key: root.key,
            certificate: readCertificate(
              remake(root.certificate, root.key, { algorithm: sha1, signature: new Uint8Array(8) }),
            ),
          },
        ],
      ),
    },
  },
  'algorithm-unsupported': {
    faulty: { 'with Ed25519': askAboutSigned(signedBy(ed25519, () => new Uint8Array(64))) },
    good: {
      'with ECDSA on P-384': (() => {
        const ca = makeCa('CN=CA', { keyKind: 'P-384' });
        return questionOf(makeCertificate('CN=x', { keyKind: 'P-384' }, ca), [ca]);
      })(),
      'with RSA': (() => {
        const ca = makeCa('CN=CA', { key: rsaKey(2048) });
        return questionOf(makeCertificate('CN=x', {}, ca), [ca]);
      })(),
    },
  },
  'key-weak': {
    faulty: {
      'with RSA of 1024 bits': askAbout({ key: rsaKey(1024) }),
      'with another curve': askAboutSigned(remake(leaf.certificate, issuing.key, { spki: otherCurveSpki })),
      'with Ed25519': askAbout({ key: generateKeyPairSync('ed25519').privateKey }),
      'when the root alone is weak': questionOf(makeCertificate('CN=x', {}, weakRoot), [weakRoot]),
    },
    good: {
      'with RSA of 2048 bits': askAbout({ key: rsaKey(2048) }),
      'with P-521': askAbout({ key: generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey }),
    },
  },
  'not-a-ca': {
    faulty: {
      'below a certificate without basicConstraints': (() => {
        const ca = makeCa('CN=Between', {}, root);
        const bare = readCertificate(
          remake(ca.certificate, root.key, { extensions: extensionsField(other('1.2.3', false)) }),
        );
        return questionOf(makeCertificate('CN=target', {}, ca), [root], [bare]);
      })(),
      'below an anchor of version 3 that is none': (() => {
        const anchor = makeCertificate('CN=No CA', { keyUsage: ['keyCertSign'] });
        return questionOf(makeCertificate('CN=target', {}, anchor), [anchor]);
      })(),
      'below an intermediate of version 1': (() => {
        const ca = makeCa('CN=Between', {}, root);
        const old = readCertificate(
          remake(ca.certificate, root.key, { version: new Uint8Array(), extensions: new Uint8Array() }),
        );
        return questionOf(makeCertificate('CN=target', {}, ca), [root], [old]);
      })(),
      'below an end entity that may sign certificates': (() => {
        const between = makeCertificate('CN=Between', { keyUsage: ['keyCertSign'] }, root);
        return questionOf(makeCertificate('CN=target', {}, between), [root], [between]);
      })(),
    },
    good: {
      'below an anchor of version 1, which cannot say': (() => {
        const old = readCertificate(
          remake(root.certificate, root.key, { version: new Uint8Array(), extensions: new Uint8Array() }),
        );
        return questionOf(leaf, [{ key: root.key, certificate: old }], [issuing]);
      })(),
      'when the target is a CA': questionOf(issuing, [root]),
    },
  },
  'path-length-exceeded': {
    faulty: {
      'when the issuer allows no CA below it': (() => {
        const upper = makeCa('CN=Upper', { ca: 0 }, root);
        const lower = makeCa('CN=Lower', {}, upper);
        return questionOf(makeCertificate('CN=target', {}, lower), [root], [upper, lower]);
      })(),
      'when the anchor allows none': (() => {
        const anchor = makeCa('CN=Anchor', { ca: 0 });
        const lower = makeCa('CN=Lower', {}, anchor);
        return questionOf(makeCertificate('CN=target', {}, lower), [anchor], [lower]);
      })(),
      'when a CA lower down allows more': (() => {
        const upper = makeCa('CN=Upper', { ca: 1 }, root);
        const middle = makeCa('CN=Middle', { ca: 5 }, upper);
        const lower = makeCa('CN=Lower', {}, middle);
        return questionOf(makeCertificate('CN=target', {}, lower), [root], [upper, middle, lower]);
      })(),
    },
    good: {
      'when the target comes right below': askBelow({ ca: 0 }),
      'when the target is itself a CA': (() => {
        const upper = makeCa('CN=Upper', { ca: 0 }, root);
        return questionOf(makeCa('CN=target', {}, upper), [root], [upper]);
      })(),
      'when the CA in between is self-issued, which does not count': (() => {
        const upper = makeCa('CN=Upper', { ca: 0 }, root);
        const renewed = makeCa('CN=Upper', {}, upper);
        return questionOf(makeCertificate('CN=target', {}, renewed), [root], [upper, renewed]);
      })(),
      'when there are as many as allowed': (() => {
        const upper = makeCa('CN=Upper', { ca: 1 }, root);
        const lower = makeCa('CN=Lower', {}, upper);
        return questionOf(makeCertificate('CN=target', {}, lower), [root], [upper, lower]);
      })(),
    },
  },
  'key-usage-insufficient': {
    faulty: {
      'when a CA may sign CRLs only': askBelow({ keyUsage: ['cRLSign'] }),
      'when the anchor may not sign certificates': (() => {
        const anchor = makeCa('CN=Anchor', { keyUsage: ['digitalSignature'] });
        return questionOf(makeCertificate('CN=target', {}, anchor), [anchor]);
      })(),
      'when a CA may do nothing': askBelow({ keyUsage: [] }),
    },
    good: {
      'when a CA may sign certificates only': askBelow({ keyUsage: ['keyCertSign'] }),
      'when a CA does not say': (() => {
        const ca = makeCertificate('CN=Between', { ca: true }, root);
        return questionOf(makeCertificate('CN=target', {}, ca), [root], [ca]);
      })(),
      'when the target may not sign certificates': askAbout({ keyUsage: ['keyAgreement'] }),
    },
  },
  'extended-key-usage-insufficient': {
    faulty: {
      'when the target has none': askAbout({}, { purpose: usage }),
      'when the target has another': askAbout({ extendedKeyUsage: ['1.2.3'] }, { purpose: usage }),
      'when the target has any, which names none': askAbout(
        { extendedKeyUsage: [oids.anyExtendedKeyUsage] },
        { purpose: usage },
      ),
      'when a CA above has another': (() => {
        const ca = makeCa('CN=Between', { extendedKeyUsage: ['1.2.3'] }, root);
        const target = makeCertificate('CN=target', { extendedKeyUsage: [usage] }, ca);
        return questionOf(target, [root], [ca], { purpose: usage });
      })(),
      'when the anchor has another': (() => {
        const anchor = makeCa('CN=Anchor', { extendedKeyUsage: ['1.2.3'] });
        return questionOf(makeCertificate('CN=x', { extendedKeyUsage: [usage] }, anchor), [anchor], [], {
          purpose: usage,
        });
      })(),
    },
    good: {
      'when the target has it and no CA says': askAbout({ extendedKeyUsage: [usage] }, { purpose: usage }),
      'when the target has others as well': askAbout(
        { extendedKeyUsage: ['1.2.3', usage] },
        { purpose: usage },
      ),
      'when no purpose is asked for': askAbout({ extendedKeyUsage: ['1.2.3'] }),
      'when a CA above has it': (() => {
        const ca = makeCa('CN=Between', { extendedKeyUsage: [usage] }, root);
        return questionOf(makeCertificate('CN=x', { extendedKeyUsage: [usage] }, ca), [root], [ca], {
          purpose: usage,
        });
      })(),
      'when a CA above has any': (() => {
        const ca = makeCa('CN=Between', { extendedKeyUsage: [oids.anyExtendedKeyUsage] }, root);
        return questionOf(makeCertificate('CN=x', { extendedKeyUsage: [usage] }, ca), [root], [ca], {
          purpose: usage,
        });
      })(),
    },
  },
  'critical-extension-unknown': {
    faulty: {
      'on the target': askAbout({ extensions: [other('1.2.3', true)] }),
      'on an intermediate': askBelow({ extensions: [other('1.2.3', true)] }),
      'on the anchor': (() => {
        const anchor = makeCa('CN=Anchor', { extensions: [other('1.2.3', true)] });
        return questionOf(makeCertificate('CN=x', {}, anchor), [anchor]);
      })(),
      'when it is one for CRLs': askAbout({ extensions: [other(oids.issuingDistributionPoint, true)] }),
    },
    good: {
      'when it is not critical': askAbout({ extensions: [other('1.2.3', false)] }),
      'when it is known': askAbout({ extensions: [subjectAltName([generalName.dns('a.example')], true)] }),
    },
  },
  'certificate-extension-malformed': {
    faulty: Object.fromEntries(
      [
        oids.extendedKeyUsage,
        oids.nameConstraints,
        oids.policyConstraints,
        oids.crlDistributionPoints,
        oids.subjectAltName,
      ].map((oid) => [
        `with NULL as ${oid}`,
        askAbout({ extensions: [encodeExtension(oid, false, der.null)] }),
      ]),
    ),
    good: {
      'with an unknown extension of any contents': askAbout({
        extensions: [encodeExtension('1.2.3', false, Uint8Array.of(0xff))],
      }),
    },
  },
  'policy-unsupported': {
    faulty: {
      'with critical policies': askAbout({ extensions: [other(oids.certificatePolicies, true)] }),
      'with critical mappings': askBelow({ extensions: [other(oids.policyMappings, true)] }),
      'with a required policy': askBelow({
        extensions: [
          encodeExtension(oids.policyConstraints, false, der.sequence(der.implicit(0, der.integer(0)))),
        ],
      }),
      'with a required policy, said critically': askBelow({
        extensions: [
          encodeExtension(oids.policyConstraints, true, der.sequence(der.implicit(0, der.integer(0)))),
        ],
      }),
    },
    good: {
      'with policies that only inform': askAbout({ extensions: [other(oids.certificatePolicies, false)] }),
      'with mappings inhibited': askBelow({
        extensions: [
          encodeExtension(oids.policyConstraints, false, der.sequence(der.implicit(1, der.integer(0)))),
        ],
      }),
    },
  },
  'name-constraint-violated': {
    faulty: {
      'by the subject': askBelow({
        extensions: [nameConstraints({ permitted: [generalName.directory('O=Other')] })],
      }),
    },
    good: {
      'by no name': askBelow({
        extensions: [nameConstraints({ permitted: [generalName.directory('CN=target')] })],
      }),
    },
  },
  'name-constraint-unsupported': {
    faulty: {
      'by an IP address': (() => {
        const ca = makeCa(
          'CN=Between',
          { extensions: [nameConstraints({ excluded: [generalName.ip(10, 0, 0, 0, 255, 0, 0, 0)] })] },
          root,
        );
        const target = makeCertificate(
          'CN=x',
          { extensions: [subjectAltName([generalName.ip(192, 0, 2, 1)])] },
          ca,
        );
        return questionOf(target, [root], [ca]);
      })(),
    },
    good: {
      'when no such name is there': askBelow({
        extensions: [nameConstraints({ excluded: [generalName.ip(10, 0, 0, 0, 255, 0, 0, 0)] })],
      }),
    },
  },
  'path-too-complex': {
    faulty: {
      'with more certificates than a path may have': (() => {
        let ca = root;
        const chain = Array.from({ length: 16 }, (_, index) => (ca = makeCa(`CN=${index}`, {}, ca)));
        return questionOf(makeCertificate('CN=x', {}, ca), [root], chain);
      })(),
      'with more comparisons with name constraints than are made': (() => {
        const names = Array.from({ length: 1000 }, (_, index) => generalName.dns(`${index}.b.example`));
        const excluded = Array.from({ length: 1000 }, (_, index) => generalName.dns(`${index}.c.example`));
        const ca = makeCa('CN=CA', { extensions: [nameConstraints({ excluded })] }, root);
        return questionOf(makeCertificate('CN=x', { extensions: [subjectAltName(names)] }, ca), [root], [ca]);
      })(),
    },
    good: {
      'with as many certificates as a path may have': (() => {
        let ca = root;
        const chain = Array.from({ length: 14 }, (_, index) => (ca = makeCa(`CN=${index}`, {}, ca)));
        return questionOf(makeCertificate('CN=x', {}, ca), [root], chain);
      })(),
    },
  },
  'certificate-expired': {
    faulty: {
      'a second after its end': askAbout({ notAfter: new Date('2026-11-15T11:59:59Z') }),
      'when an intermediate is': askBelow({ notAfter: new Date('2026-11-15T11:59:59Z') }),
      'when the anchor is': (() => {
        const anchor = makeCa('CN=Anchor', { notAfter: new Date('2026-11-15T11:59:59Z') });
        return questionOf(makeCertificate('CN=x', {}, anchor), [anchor]);
      })(),
      'by a clock that is not exact, as the true time is later still': askAbout(
        { notAfter: new Date('2026-11-15T11:59:59Z') },
        { clock: { now, isExact: false } },
      ),
    },
    good: {
      'in its last second': askAbout({ notAfter: now }),
      never: askAbout({ notAfter: new Date('9999-12-31T23:59:59Z') }),
    },
  },
  'certificate-not-yet-valid': {
    faulty: {
      'a second before its beginning': askAbout({ notBefore: new Date('2026-11-15T12:00:01Z') }),
      'when an intermediate is': askBelow({ notBefore: new Date('2026-11-15T12:00:01Z') }),
    },
    good: {
      'in its first second': askAbout({ notBefore: now }),
      'by a clock that is not exact, as the true time may be later': askAbout(
        { notBefore: new Date('2026-11-15T12:00:01Z') },
        { clock: { now, isExact: false } },
      ),
    },
  },
  'certificate-revoked': {
    faulty: {
      'when its issuer lists it': questionOf(leaf, [root], [issuing], {
        crls: [makeCrl(issuing, { revoked: [leaf.certificate] })],
      }),
      'when the issuer of its issuer lists that': questionOf(leaf, [root], [issuing], {
        crls: [makeCrl(root, { revoked: [issuing.certificate] })],
      }),
    },
    good: {
      'when the lists name others': questionOf(leaf, [root], [issuing], {
        crls: [
          makeCrl(issuing, { revoked: [root.certificate] }),
          makeCrl(root, { revoked: [leaf.certificate] }),
        ],
        requireCrl: true,
      }),
    },
  },
  'crl-missing': {
    faulty: {
      'when lists are required and one is not there': questionOf(leaf, [root], [issuing], {
        crls: [makeCrl(root)],
        requireCrl: true,
      }),
    },
    good: { 'when none is required': questionOf(leaf, [root], [issuing], { crls: [makeCrl(root)] }) },
  },
  'crl-unusable': {
    faulty: {
      'when a list is out of date, required or not': questionOf(leaf, [root], [issuing], {
        crls: [makeCrl(issuing, { nextUpdate: new Date('2026-11-15T11:59:59Z') })],
      }),
    },
    good: {
      'when the lists can be used': questionOf(leaf, [root], [issuing], {
        crls: [makeCrl(root), makeCrl(issuing)],
        requireCrl: true,
      }),
    },
  },
};

for (const [code, { faulty, good }] of Object.entries(faults)) {
  describe(code, () => {
    for (const [name, question] of Object.entries(faulty)) {
      test(`is the one fault ${name}`, () => {
        assert.deepEqual(
          judgePath(question).faults.map((one) => one.code),
          [code],
        );
        const result = validateCertificate(question);
        assert(!result.ok);
        assert.equal(result.fault.code, code);
        assert.ok(result.fault.where?.certificate);
      });
    }
    for (const [name, question] of Object.entries(good)) {
      test(`is no fault ${name}`, () => {
        assert.deepEqual(pathFaults(question), []);
        assert.ok(validateCertificate(question).ok);
      });
    }
  });
}

describe('a judgement', () => {
  const names = (path: readonly Certificate[] | undefined) => path?.map(({ subject }) => nameToText(subject));

  test('gives the path from the anchor to the target', () => {
    const { path } = judgePath(questionOf(leaf, [root], [issuing]));
    assert.deepEqual(names(path), ['C=SE,O=Lab,CN=Root', 'C=SE,O=Lab,CN=Issuing', 'O=Lab,CN=eNB']);
  });

  test('names the certificate that is at fault, and what was expected and found', () => {
    const notAfter = new Date('2026-06-30T00:00:00Z');
    const [expired] = judgePath(askBelow({ notAfter })).faults;
    assert.deepEqual(expired, {
      code: 'certificate-expired',
      expected: '2026-06-30T00:00:00Z',
      found: '2026-11-15T12:00:00Z',
      where: { certificate: 'CN=Between' },
    });
  });

  test('names the issuer at which the search ended', () => {
    const unknown = makeCa('O=Elsewhere,CN=Unknown');
    const upper = makeCa('CN=Upper', {}, unknown);
    const lower = makeCa('CN=Lower', {}, upper);
    const { path, faults, revocation } = judgePath(
      questionOf(makeCertificate('CN=x', {}, lower), [root], [lower, upper]),
    );
    assert.deepEqual(
      { path, faults, revocation },
      {
        path: undefined,
        faults: [
          { code: 'issuer-unknown', found: 'O=Elsewhere,CN=Unknown', where: { certificate: 'CN=Upper' } },
        ],
        revocation: 'not-given',
      },
    );
  });

  test('lists all that is wrong with the path, from the anchor down to the first CA that cannot be trusted', () => {
    const ca = makeCa(
      'CN=Between',
      { keyUsage: ['cRLSign'], notAfter: new Date('2026-06-30T00:00:00Z') },
      root,
    );
    const target = makeCertificate('CN=x', { key: rsaKey(1024), extensions: [other('1.2.3', true)] }, ca);
    assert.deepEqual(pathFaults(questionOf(target, [root], [ca])), [
      'certificate-expired',
      'key-usage-insufficient',
    ]);
  });

  test('tells whether every certificate below the anchor was looked up', () => {
    const checked = (crls: PathQuestion['crls']) =>
      judgePath(questionOf(leaf, [root], [issuing], { crls })).revocation;
    assert.equal(checked([]), 'not-given');
    assert.equal(checked([makeCrl(issuing)]), 'not-given');
    assert.equal(checked([makeCrl(root), makeCrl(issuing)]), 'checked');
  });

  test('of a path with lesser faults tells whether a certificate on it is revoked as well', () => {
    const ca = makeCa('CN=Between', { notAfter: new Date('2026-06-30T00:00:00Z') }, root);
    const target = makeCertificate('CN=x', { extendedKeyUsage: ['1.2.3'] }, ca);
    const crls = [makeCrl(ca, { revoked: [target.certificate] })];
    assert.deepEqual(pathFaults(questionOf(target, [root], [ca], { crls, purpose: usage })), [
      'certificate-expired',
      'certificate-revoked',
      'extended-key-usage-insufficient',
    ]);
  });

  test('of a path that cannot be trusted looks nothing up below the break', () => {
    const impostor = makeCa('C=SE,O=Lab,CN=Issuing', {}, makeCa('C=SE,O=Lab,CN=Root'));
    const target = makeCertificate('CN=x', {}, impostor);
    const crls = [makeCrl(impostor, { revoked: [target.certificate] })];
    assert.deepEqual(pathFaults(questionOf(target, [root], [impostor], { crls })), ['signature-invalid']);
  });
});

describe('of several paths', () => {
  const name = 'C=SE,O=Lab,CN=Issuing';

  test('the one that is valid is found among decoys, in whichever order they come', () => {
    const decoys = [
      makeCa(name, {}, root),
      makeCa(name, { notAfter: new Date('2026-06-30T00:00:00Z'), key: issuing.key }, root),
      makeCa(name, { keyUsage: ['cRLSign'], key: issuing.key }, root),
      makeCa(name, { key: issuing.key }, makeCa('C=SE,O=Lab,CN=Root')),
      makeCa(name, { key: issuing.key }, makeCa('O=Elsewhere')),
    ];
    for (let at = 0; at <= decoys.length; at++) {
      const { path, faults } = judgePath(questionOf(leaf, [root], decoys.toSpliced(at, 0, issuing)));
      assert.deepEqual(faults, []);
      assert.equal(path?.[1], issuing.certificate);
    }
  });

  test('that are equally good, the same one is taken in whichever order they come', () => {
    const twins = [1, 2, 3].map(() => makeCa(name, { key: issuing.key }, root));
    const taken = [twins, twins.toReversed()].map(
      (some) => judgePath(questionOf(leaf, [root], some)).path?.[1],
    );
    assert(taken[0]);
    assert.equal(taken[0], taken[1]);
  });

  test('the anchor that signed is found among others of its name', () => {
    const others = [makeCa('C=SE,O=Lab,CN=Root'), makeCa('C=SE,O=Lab,CN=Root')];
    for (let at = 0; at <= others.length; at++) {
      const { path } = judgePath(questionOf(leaf, others.toSpliced(at, 0, root), [issuing]));
      assert.equal(path?.[0], root.certificate);
    }
  });

  test('one through a cross-certificate is found where the straight one ends nowhere', () => {
    const newRoot = makeCa('CN=New root');
    const bridge = makeCa('CN=New root', { key: newRoot.key }, root);
    const ca = makeCa('CN=CA', {}, newRoot);
    const target = makeCertificate('CN=x', {}, ca);
    assert.deepEqual(pathFaults(questionOf(target, [root], [ca, newRoot])), ['issuer-unknown']);
    assert.deepEqual(pathFaults(questionOf(target, [root], [ca, newRoot, bridge])), []);
  });

  test('the one that came nearest is told of: out of date before not trusted', () => {
    const expired = makeCa(name, { notAfter: new Date('2026-06-30T00:00:00Z'), key: issuing.key }, root);
    const impostor = makeCa(name, {}, root);
    for (const intermediates of [
      [expired, impostor],
      [impostor, expired],
    ])
      assert.deepEqual(pathFaults(questionOf(leaf, [root], intermediates)), ['certificate-expired']);
  });

  test('an anchor in the middle ends the path: what is wrong above it does not matter', () => {
    const expiredRoot = makeCa('CN=Old', { notAfter: new Date('2026-06-30T00:00:00Z') });
    const anchor = makeCa('CN=Anchor', {}, expiredRoot);
    const target = makeCertificate('CN=x', {}, anchor);
    assert.deepEqual(pathFaults(questionOf(target, [expiredRoot, anchor], [expiredRoot])), []);
  });
});

describe('certificates by an attacker', () => {
  /** Whether a judgement takes less time than the user notices. An unbounded one takes hours. */
  function assertQuick(question: PathQuestion): readonly string[] {
    const start = performance.now();
    const codes = pathFaults(question);
    assert.ok(performance.now() - start < 5000);
    return codes;
  }

  /** CAs of one name that have all signed each other. */
  function makeTangle(size: number, subject: string): readonly KeyPair[] {
    const cas = Array.from({ length: size }, () => makeCa(subject));
    return cas.map(({ key }, index) => makeCa(subject, { key }, cas[(index + 1) % size]));
  }

  test('that sign each other in a ring end the search', () => {
    const a = makeCa('CN=A');
    const b = makeCa('CN=B');
    const ring = [makeCa('CN=A', { key: a.key }, b), makeCa('CN=B', { key: b.key }, a)];
    assert.deepEqual(assertQuick(questionOf(makeCertificate('CN=x', {}, ring[0]), [root], ring)), [
      'issuer-unknown',
    ]);
  });

  test('that are one and the same sixteen times end the search', () => {
    const self = makeCa('CN=A');
    assert.deepEqual(
      assertQuick(questionOf(makeCertificate('CN=x', {}, self), [root], new Array(16).fill(self))),
      ['issuer-unknown'],
    );
  });

  test('that all have one name and another issuer end the search', () => {
    const tangle = makeTangle(16, 'CN=A');
    assert.deepEqual(assertQuick(questionOf(makeCertificate('CN=x', {}, tangle[0]), [root], tangle)), [
      'issuer-unknown',
    ]);
  });

  test('that all have the name of the root end the search', () => {
    const tangle = makeTangle(16, 'C=SE,O=Lab,CN=Root');
    assert.deepEqual(assertQuick(questionOf(makeCertificate('CN=x', {}, tangle[0]), [root], tangle)), [
      'signature-invalid',
    ]);
  });

  test('that bring CRLs of their own end the search', () => {
    const tangle = makeTangle(16, 'C=SE,O=Lab,CN=Root');
    const crls = tangle.map((ca, index) => makeCrl(ca, { number: index + 1 }));
    assert.deepEqual(
      assertQuick(questionOf(makeCertificate('CN=x', {}, tangle[0]), [root], tangle, { crls })),
      ['signature-invalid'],
    );
  });

  test('that bring CRLs of their own end the search below a valid CA, too', () => {
    const tangle = makeTangle(15, 'C=SE,O=Lab,CN=Root');
    const crls = tangle.map((ca, index) => makeCrl(ca, { number: index + 1 }));
    const question = questionOf(leaf, [root], [issuing, ...tangle], { crls });
    assert.deepEqual(assertQuick(question), ['crl-unusable: crl-signature']);
  });

  test('do not hide the true path where they are as many as a message can bring', () => {
    const decoys = makeTangle(15, 'C=SE,O=Lab,CN=Issuing');
    assert.deepEqual(assertQuick(questionOf(leaf, [root], [...decoys, issuing])), []);
  });

  test('end the search even when a CA of the path has truly signed them all, and their CRLs', () => {
    const cas = Array.from({ length: 15 }, () => makeCa('C=SE,O=Lab,CN=Root', {}, root));
    const stranger = makeCa('C=SE,O=Lab,CN=Root', {}, root);
    const crls = [...cas, stranger].map((ca, index) =>
      makeCrl(ca, { number: index + 1, thisUpdate: new Date(now.getTime() - index * 1000) }),
    );
    const target = makeCertificate('CN=x', {}, cas[0]);
    assertQuick(questionOf(target, [root], cas, { crls, requireCrl: true }));
    assertQuick(questionOf(target, [root], cas, { crls: [makeCrl(stranger)], requireCrl: true }));
  });

  test('in a chain that is longer than any is, are not followed to its end', () => {
    let ca = root;
    const chain = Array.from({ length: 40 }, (_, index) => (ca = makeCa(`CN=${index}`, {}, ca)));
    const target = makeCertificate('CN=x', {}, ca);
    assert.deepEqual(assertQuick(questionOf(target, [root], chain)), ['path-too-complex: path-certificates']);
    assert.deepEqual(assertQuick(questionOf(chain[13]!, [root], chain)), []);
  });
});

test('dates and clock say the same of every second around an end', () => {
  const target = makeCertificate('CN=x', {}, issuing);
  for (const seconds of [-1, 0, 1]) {
    const moment = new Date(dates.notAfter.getTime() + seconds * 1000);
    const result = validateCertificate(
      questionOf(target, [root], [issuing], { clock: { ...clock, now: moment } }),
    );
    assert.equal(result.ok, seconds <= 0);
  }
});
