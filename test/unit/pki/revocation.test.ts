import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { der, oids } from '../../../main/asn1/index.ts';
import { encodeExtension, type KeyPair } from '../../kit/issue-certificate.ts';
import type { Crl, PathQuestion } from '../../../main/pki/index.ts';
import {
  distributionPoints,
  generalName,
  issuingDistributionPoint,
  makeCa,
  makeCertificate,
  makeCrl,
  now,
  pathFaults,
  questionOf,
  type Contents,
  type CrlContents,
  type Point,
} from '../../kit/pki.ts';

const root = makeCa('O=Lab,CN=Root');
const leaf = makeCertificate('CN=x', {}, root);
const second = (offset: number) => new Date(now.getTime() + offset * 1000);

/** What is wrong with the leaf by these lists, where one is required. */
function ask(
  crls: readonly Crl[],
  target: KeyPair = leaf,
  changes: Partial<PathQuestion> = {},
): readonly string[] {
  return pathFaults(questionOf(target, [root], [], { crls, requireCrl: true, ...changes }));
}

const list = (contents: CrlContents = {}) => makeCrl(root, contents);
const withPoints = (...points: readonly Point[]) =>
  makeCertificate('CN=x', { extensions: [distributionPoints(...points)] }, root);

const revoked = ['certificate-revoked'];
const missing = ['crl-missing'];
const unusable = (rule: string) => [`crl-unusable: ${rule}`];

function permutations<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((item, index) =>
    permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]),
  );
}

describe('a certificate', () => {
  test('is not revoked when a current list does not name it', () => assert.deepEqual(ask([list()]), []));
  test('is revoked when one does', () =>
    assert.deepEqual(ask([list({ revoked: [leaf.certificate] })]), revoked));
  test('is revoked for whatever reason', () => {
    for (const reason of [0, 1, 6, 8]) {
      const entryExtensions = [
        encodeExtension(oids.reasonCode, false, der.element(0x0a, Uint8Array.of(reason))),
      ];
      assert.deepEqual(ask([list({ revoked: [leaf.certificate], entryExtensions })]), revoked);
    }
  });

  test('is revoked when a list of another issuer does not name it and its own does', () => {
    assert.deepEqual(ask([makeCrl(makeCa('CN=Other')), list({ revoked: [leaf.certificate] })]), revoked);
  });

  test('passes without any list when none is required, and does not when one is', () => {
    const others = [makeCrl(makeCa('CN=Other'), { revoked: [leaf.certificate] })];
    assert.deepEqual(ask(others, leaf, { requireCrl: false }), []);
    assert.deepEqual(ask(others), missing);
  });
});

describe('a list in force', () => {
  const cases: readonly (readonly [string, CrlContents, readonly string[], readonly string[]])[] = [
    ['in the second of its beginning', { thisUpdate: now }, [], []],
    ['a second before its beginning', { thisUpdate: second(1) }, unusable('crl-not-yet-valid'), []],
    ['in the second of its end', { nextUpdate: now }, [], []],
    ['a second after its end', { nextUpdate: second(-1) }, unusable('crl-expired'), unusable('crl-expired')],
    ['without an end', { nextUpdate: null }, unusable('crl-expired'), unusable('crl-expired')],
  ];
  for (const [name, contents, exact, notExact] of cases) {
    test(`${name}: ${exact[0] ?? 'used'}; on a device without a clock ${notExact[0] ?? 'used'}`, () => {
      assert.deepEqual(ask([list(contents)]), exact);
      assert.deepEqual(ask([list(contents)], leaf, { requireCrl: false }), exact);
      assert.deepEqual(ask([list(contents)], leaf, { clock: { now, isExact: false } }), notExact);
    });
  }

  test('that is out of date says nothing, not even that a certificate is revoked', () => {
    assert.deepEqual(
      ask([list({ revoked: [leaf.certificate], nextUpdate: second(-1) })]),
      unusable('crl-expired'),
    );
  });
});

describe('of several lists of one issuer', () => {
  const older = (contents: CrlContents) => list({ thisUpdate: second(-7200), number: 1, ...contents });
  const newer = (contents: CrlContents) => list({ thisUpdate: second(-3600), number: 2, ...contents });
  const both = (a: Crl, b: Crl, expected: readonly string[]) => {
    assert.deepEqual(ask([a, b]), expected);
    assert.deepEqual(ask([b, a]), expected);
  };

  test('the newest counts, when it no longer names the certificate', () =>
    both(older({ revoked: [leaf.certificate] }), newer({}), []));
  test('the newest counts, when it now names the certificate', () =>
    both(older({}), newer({ revoked: [leaf.certificate] }), revoked));
  test('the newest is the one with the highest number', () => {
    const numbered = (number: number, seconds: number, revokes: boolean) =>
      list({ number, thisUpdate: second(seconds), revoked: revokes ? [leaf.certificate] : [] });
    both(numbered(255, -10, true), numbered(256, -20, false), []);
    both(numbered(255, -10, false), numbered(256, -20, true), revoked);
  });

  test('an older one does not stand in for a newer one that is out of force', () => {
    both(older({}), newer({ nextUpdate: second(-1) }), unusable('crl-expired'));
    const unknown = encodeExtension('1.2.3', true, der.null);
    both(older({}), newer({ extensions: [unknown], revoked: [leaf.certificate] }), unusable('crl-extension'));
  });

  test('the newest counts, whatever lists of a stranger lie between, in whatever order', () => {
    const { key } = makeCa('O=Lab,CN=Root');
    const lists = [
      list({ number: 10, thisUpdate: second(-100), revoked: [leaf.certificate] }),
      list({ number: 5, thisUpdate: second(-5000) }),
      list({ key, number: 3, thisUpdate: second(-10) }),
      list({ key, number: null, thisUpdate: second(-50) }),
    ];
    for (const order of permutations(lists)) assert.deepEqual(ask(order), revoked);
  });

  test("a newer one that is not the issuer's, and a delta, do not hinder one that can be used", () => {
    both(older({}), newer({ key: makeCa('O=Lab,CN=Root').key }), []);
    both(list(), list({ extensions: [encodeExtension(oids.deltaCrlIndicator, true, der.integer(1))] }), []);
  });
});

describe('a list that this program cannot use is a fault, required or not', () => {
  const stranger = makeCa('O=Lab,CN=Root');
  const cases: readonly (readonly [string, Crl, string])[] = [
    [
      'a delta',
      list({ extensions: [encodeExtension(oids.deltaCrlIndicator, true, der.integer(1))] }),
      'delta-crl',
    ],
    ['an indirect one', list({ extensions: [issuingDistributionPoint({ indirect: true })] }), 'indirect-crl'],
    [
      'one with an unknown critical extension',
      list({ extensions: [encodeExtension('1.2.3', true, der.null)] }),
      'crl-extension',
    ],
    ['one by another key', list({ key: stranger.key }), 'crl-signature'],
    ['one by another CA of the same name', makeCrl(stranger), 'crl-signature'],
  ];
  for (const [name, crl, rule] of cases) {
    test(name, () => {
      assert.deepEqual(ask([crl]), unusable(rule));
      assert.deepEqual(ask([crl], leaf, { requireCrl: false }), unusable(rule));
    });
  }

  test('one by a CA that may not sign lists', () => {
    const ca = makeCa('CN=CA', { keyUsage: ['keyCertSign'] });
    const target = makeCertificate('CN=x', {}, ca);
    assert.deepEqual(
      pathFaults(questionOf(target, [ca], [], { crls: [makeCrl(ca)] })),
      unusable('crl-signature'),
    );
  });

  test('one by the issuer that a distribution point names in its place', () => {
    const other = makeCa('CN=Revoker', {}, root);
    const target = withPoints({
      fullName: [generalName.uri('http://a.example/')],
      crlIssuer: [generalName.directory('CN=Revoker')],
    });
    const crls = [makeCrl(other, { extensions: [issuingDistributionPoint({ indirect: true })] })];
    assert.deepEqual(pathFaults(questionOf(target, [root], [other], { crls })), unusable('indirect-crl'));
    assert.deepEqual(ask([list()], target), missing);
  });
});

describe('who may have signed a list', () => {
  const name = 'CN=CA';
  const ca = makeCa(name, { keyUsage: ['keyCertSign'] }, root);
  const target = makeCertificate('CN=x', {}, ca);
  const answer = (
    signer: KeyPair,
    intermediates: readonly KeyPair[],
    crls: readonly Crl[] = [makeCrl(signer)],
  ) => pathFaults(questionOf(target, [root], intermediates, { crls }));

  test('is another certificate of the issuer under the same anchor', () => {
    const signer = makeCertificate(name, { keyUsage: ['cRLSign'] }, root);
    assert.deepEqual(answer(signer, [ca, signer]), []);
    assert.deepEqual(
      answer(signer, [ca, signer], [makeCrl(signer, { revoked: [target.certificate] })]),
      revoked,
    );
  });

  test('is the issuer with its old key, certified by its new one', () => {
    const old = makeCertificate(name, { keyUsage: ['cRLSign'] }, ca);
    assert.deepEqual(
      answer(old, [ca, old]),
      unusable('crl-signature'),
      'the certificate of the old key has no list itself',
    );
    const both = makeCa(name, {}, root);
    const oldOfBoth = makeCertificate(name, { keyUsage: ['cRLSign'] }, both);
    const below = makeCertificate('CN=x', {}, both);
    const question = questionOf(below, [root], [both, oldOfBoth], { crls: [makeCrl(oldOfBoth)] });
    assert.deepEqual(
      pathFaults(question),
      unusable('crl-signature'),
      'a list cannot vouch for its own signer',
    );
    const crls = [makeCrl(oldOfBoth), makeCrl(both, { thisUpdate: second(-90_000) })];
    assert.deepEqual(pathFaults({ ...question, crls }), []);
  });

  const useless: readonly (readonly [string, KeyPair])[] = [
    ['one under another anchor', makeCertificate(name, { keyUsage: ['cRLSign'] }, makeCa('O=Lab,CN=Root'))],
    ['one without an anchor', makeCa(name)],
    ['one that may not sign lists', makeCertificate(name, { keyUsage: ['digitalSignature'] }, root)],
    ['one that does not say what it may sign', makeCertificate(name, {}, root)],
    ['one that has expired', makeCertificate(name, { keyUsage: ['cRLSign'], notAfter: second(-1) }, root)],
    ['one of another name', makeCertificate('CN=CA2', { keyUsage: ['cRLSign'] }, root)],
  ];
  for (const [text, signer] of useless) {
    test(`is not ${text}`, () => {
      const named = makeCrl({ ...ca, key: signer.key });
      assert.deepEqual(answer(signer, [ca, signer], [named]), unusable('crl-signature'));
    });
  }

  test('is not one under another anchor, though that is trusted as well', () => {
    const other = makeCa('O=Lab,CN=Other root');
    const signer = makeCertificate(name, { keyUsage: ['cRLSign'] }, other);
    const crls = [makeCrl({ ...ca, key: signer.key })];
    const question = questionOf(target, [root, other], [ca, signer], { crls });
    assert.deepEqual(pathFaults(question), unusable('crl-signature'));
  });

  test('is not one that a list has revoked', () => {
    const signer = makeCertificate(name, { keyUsage: ['cRLSign'] }, root);
    const crls = [makeCrl(signer), list({ revoked: [signer.certificate] })];
    assert.deepEqual(answer(signer, [ca, signer], crls), unusable('crl-signature'));
  });
});

describe('a list for some certificates only', () => {
  const only = (kind: 'user' | 'ca' | 'attribute') =>
    list({ extensions: [issuingDistributionPoint({ only: kind })] });
  const ca = makeCa('CN=CA', {}, root);

  test('of end entities speaks of those', () => {
    assert.deepEqual(ask([only('user')]), []);
    assert.deepEqual(ask([only('user')], ca), missing);
  });
  test('of CAs speaks of those', () => {
    assert.deepEqual(ask([only('ca')], ca), []);
    assert.deepEqual(ask([only('ca')]), missing);
  });
  test('of attribute certificates speaks of none', () => assert.deepEqual(ask([only('attribute')]), missing));
  test('that does not speak of a certificate is a fault even where none is required: there may be another', () => {
    assert.deepEqual(ask([only('ca')], leaf, { requireCrl: false }), missing);
  });
});

describe('a list for some reasons only', () => {
  const reasons = (...bits: readonly number[]) => ({
    extensions: [issuingDistributionPoint({ reasons: bits })],
  });

  test('is not enough alone', () => assert.deepEqual(ask([list(reasons(1, 2))]), missing));
  test('revokes alone', () =>
    assert.deepEqual(ask([list({ ...reasons(1), revoked: [leaf.certificate] })]), revoked));
  test('is enough together with one for the others', () => {
    assert.deepEqual(ask([list(reasons(1, 2)), list(reasons(3, 4, 5, 6, 7, 8))]), []);
    assert.deepEqual(
      ask([list(reasons(1, 2)), list({ ...reasons(3, 4, 5, 6, 7, 8), revoked: [leaf.certificate] })]),
      revoked,
    );
  });
  test('is not enough together with one that cannot be used', () => {
    assert.deepEqual(
      ask([list(reasons(1, 2)), list({ ...reasons(3, 4, 5, 6, 7, 8), nextUpdate: second(-1) })]),
      unusable('crl-expired'),
    );
  });
  test('does not serve a distribution point for other reasons', () => {
    const target = withPoints({ reasons: [1] });
    assert.deepEqual(ask([list()], target), missing);
    assert.deepEqual(ask([list(reasons(2))], target), missing);
  });
  test('serves several points that together name all reasons', () => {
    const target = withPoints({ reasons: [1, 2, 3] }, { reasons: [4, 5, 6, 7, 8] });
    assert.deepEqual(ask([list()], target), []);
  });
});

describe('a list for a distribution point', () => {
  const a = generalName.uri('http://a.example/crl');
  const b = generalName.uri('http://b.example/crl');
  const at = (...fullName: readonly Uint8Array[]) =>
    list({ extensions: [issuingDistributionPoint({ fullName })] });
  const last = der.sequence(der.oid(oids.commonName), der.utf8String('Point'));
  const relative = list({ extensions: [issuingDistributionPoint({ relativeName: [last] })] });
  const contents = (extension: Uint8Array): Contents => ({ extensions: [extension] });
  const certify = (extension: Uint8Array) => makeCertificate('CN=x', contents(extension), root);

  const cases: readonly (readonly [string, Crl, KeyPair, readonly string[]])[] = [
    ['speaks of a certificate that names the point', at(a), withPoints({ fullName: [a] }), []],
    [
      'speaks of it when one of several names is shared',
      at(b, a),
      withPoints({ fullName: [a, generalName.uri('http://c.example')] }),
      [],
    ],
    [
      'speaks of it when one of several points is shared',
      at(b),
      withPoints({ fullName: [a] }, { fullName: [b] }),
      [],
    ],
    ['says nothing of one that names another point', at(a), withPoints({ fullName: [b] }), missing],
    ['says nothing of one that names no point', at(a), leaf, missing],
    [
      'under a directory name speaks of one that names it so',
      at(generalName.directory('O=Lab,CN=Point')),
      withPoints({ fullName: [generalName.directory('O=lab,CN=point')] }),
      [],
    ],
    [
      'named relative to its issuer speaks of one that names it so',
      relative,
      withPoints({ relativeName: [last] }),
      [],
    ],
    [
      'named relative to its issuer speaks of one that names it in full',
      relative,
      withPoints({ fullName: [generalName.directory('O=Lab,CN=Root,CN=Point')] }),
      [],
    ],
    [
      'named in full speaks of one that names it relative to its issuer',
      at(generalName.directory('O=Lab,CN=Root,CN=Point')),
      withPoints({ relativeName: [last] }),
      [],
    ],
    [
      'named relative to its issuer says nothing of another',
      relative,
      withPoints({ fullName: [generalName.directory('O=Lab,CN=Point')] }),
      missing,
    ],
    ['without a name speaks of every point', list(), withPoints({ fullName: [a] }), []],
    [
      'is not found by points that cannot be read',
      list(),
      certify(encodeExtension(oids.crlDistributionPoints, false, der.null)),
      ['crl-missing', 'certificate-extension-malformed: der-tag'],
    ],
  ];
  for (const [name, crl, target, expected] of cases)
    test(name, () => assert.deepEqual(ask([crl], target), expected));
});
