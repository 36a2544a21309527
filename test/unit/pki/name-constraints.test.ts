import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { der, oids } from '../../../main/asn1/index.ts';
import { encodeExtension } from '../../kit/issue-certificate.ts';
import { judgePath } from '../../../main/pki/index.ts';
import {
  generalName,
  makeCa,
  makeCertificate,
  nameConstraints,
  pathFaults,
  questionOf,
  readCertificate,
  remake,
  subjectAltName,
} from '../../kit/pki.ts';

const { dns, email, uri, directory, ip, other } = generalName;
const root = makeCa('O=Lab,CN=Root');

type Lists = Parameters<typeof nameConstraints>[0];

/** The faults of a certificate with these names below a CA with these constraints. '' means no subject. */
function faultsOf(lists: Lists, names: readonly Uint8Array[], subject = ''): readonly string[] {
  const ca = makeCa('O=Lab,CN=CA', { extensions: [nameConstraints(lists)] }, root);
  const extensions = names.length > 0 ? [subjectAltName(names)] : [];
  const { certificate } = makeCertificate(subject || 'CN=x', { extensions }, ca);
  const target =
    subject === '' ? readCertificate(remake(certificate, ca.key, { subject: der.sequence() })) : certificate;
  return pathFaults(questionOf(target, [root], [ca]));
}

const violated = 'name-constraint-violated';
const unsupported = 'name-constraint-unsupported';

describe('a name under a subtree is permitted or excluded by it, and no other name is', () => {
  const forms: readonly {
    readonly form: string;
    readonly make: (text: string) => Uint8Array;
    readonly rows: readonly (readonly [base: string, under: readonly string[], beside: readonly string[]])[];
  }[] = [
    {
      form: 'DNS',
      make: dns,
      rows: [
        [
          'host.example',
          ['host.example', 'HOST.Example', 'a.host.example', 'a.b.host.example', 'host.example.'],
          ['example', 'ghost.example', 'a-host.example', 'host.example.org'],
        ],
        [
          '.host.example',
          ['a.host.example', 'a.b.host.example', 'a.host.example.'],
          ['host.example', 'ahost.example'],
        ],
        ['Host.EXAMPLE.', ['host.example', 'a.host.example'], ['example']],
        ['', ['host.example', 'example'], []],
      ],
    },
    {
      form: 'e-mail',
      make: email,
      rows: [
        [
          'user@host.example',
          ['user@host.example', 'user@HOST.example'],
          ['User@host.example', 'other@host.example', 'user@a.host.example', 'user@example'],
        ],
        [
          'host.example',
          ['user@host.example', 'other@Host.Example'],
          ['user@a.host.example', 'user@example'],
        ],
        [
          '.host.example',
          ['user@a.host.example', 'user@a.b.host.example'],
          ['user@host.example', 'user@ahost.example'],
        ],
      ],
    },
    {
      form: 'URI',
      make: uri,
      rows: [
        [
          'host.example',
          [
            'http://host.example',
            'https://HOST.example/path',
            'http://host.example:8080/',
            'http://user:pass@host.example/',
            'http://host.example./',
            'ftp://host.example?q=other.example',
            'http://host.example#other.example',
          ],
          [
            'http://a.host.example/',
            'http://example/',
            'http://host.example.org/',
            'http://host.example@other.example/',
            'http://other.example/host.example',
            'http://other.example?host.example',
          ],
        ],
        [
          '.host.example',
          ['http://a.host.example/', 'http://a.b.host.example:1/'],
          ['http://host.example/', 'http://ahost.example/'],
        ],
      ],
    },
    {
      form: 'directory',
      make: directory,
      rows: [
        [
          'O=Lab',
          ['O=Lab', 'O=LAB,CN=a', 'O= lab ,OU=x,CN=a'],
          ['O=Labs', 'CN=a,O=Lab', 'C=SE,O=Lab', 'O=Lab+CN=a'],
        ],
        ['C=SE,O=Lab', ['C=SE,O=Lab,CN=a'], ['C=SE,O=Other', 'C=SE', 'O=Lab']],
        ['', ['O=Lab'], []],
      ],
    },
  ];
  for (const { form, make, rows } of forms) {
    for (const [base, under, beside] of rows) {
      for (const [names, isUnder] of [
        [under, true],
        [beside, false],
      ] as const) {
        for (const text of names) {
          test(`${form}: ${JSON.stringify(text)} is ${isUnder ? 'under' : 'beside'} ${JSON.stringify(base)}`, () => {
            const name = make(text);
            assert.deepEqual(faultsOf({ permitted: [make(base)] }, [name]), isUnder ? [] : [violated]);
            assert.deepEqual(faultsOf({ excluded: [make(base)] }, [name]), isUnder ? [violated] : []);
          });
        }
      }
    }
  }
});

describe('the lists', () => {
  const cases: readonly (readonly [string, Lists, readonly Uint8Array[], readonly string[]])[] = [
    [
      'permit a name that is under one of several',
      { permitted: [dns('a.example'), dns('b.example')] },
      [dns('b.example')],
      [],
    ],
    [
      'refuse a name that is under none',
      { permitted: [dns('a.example'), dns('b.example')] },
      [dns('c.example')],
      [violated],
    ],
    [
      'refuse a name that is excluded as well as permitted',
      { permitted: [dns('example')], excluded: [dns('a.example')] },
      [dns('x.a.example')],
      [violated],
    ],
    [
      'refuse a certificate when one of its names is outside',
      { permitted: [dns('a.example')] },
      [dns('a.example'), dns('b.example')],
      [violated],
    ],
    [
      'say nothing of names of another form',
      { permitted: [dns('a.example')] },
      [email('a@b.example'), uri('http://b.example'), directory('O=B'), ip(192, 0, 2, 1)],
      [],
    ],
    ...[{}, { permitted: [] }, { excluded: [] }, { permitted: [dns('a.example')], excluded: [] }].map(
      (lists) =>
        [
          `that are empty are malformed: ${JSON.stringify(Object.keys(lists))}`,
          lists,
          [dns('a.example')],
          ['certificate-extension-malformed: der-empty'],
        ] as const,
    ),
  ];
  for (const [name, lists, names, expected] of cases)
    test(name, () => assert.deepEqual(faultsOf(lists, names), expected));
});

describe('names that cannot be compared', () => {
  const hardware = other(
    oids.hardwareModuleName,
    der.sequence(der.oid('1.2.3'), der.octetString(Uint8Array.of(1))),
  );
  const cases: readonly (readonly [string, Uint8Array, Uint8Array])[] = [
    ['an IP address', ip(10, 0, 0, 0, 255, 0, 0, 0), ip(10, 1, 2, 3)],
    ['a hardwareModuleName', hardware, hardware],
    ['a registered OID', der.implicit(8, der.oid('1.2')), der.implicit(8, der.oid('1.2.3'))],
    ['a URI with an IPv4 address', uri('host.example'), uri('http://192.0.2.1/')],
    ['a URI with an IPv6 address', uri('host.example'), uri('http://[2001:db8::1]/')],
    ['a URI without a host', uri('host.example'), uri('urn:uuid:123e4567-e89b-12d3-a456-426614174000')],
    ['a URI with an empty host', uri('host.example'), uri('http:///path')],
    ['a URI whose host is no name', uri('host.example'), uri('http://a..example/')],
    ['a URI with a backslash', uri('host.example'), uri('http://other.example\\.host.example/')],
    [
      'a URI with a backslash after an at sign',
      uri('host.example'),
      uri('http://other.example\\@host.example/'),
    ],
    ['a DNS name with two dots at its end', dns('host.example'), dns('a.host.example..')],
    ['a DNS name with a space', dns('host.example'), dns('host.example ')],
    ['a wildcard', dns('a.host.example'), dns('*.host.example')],
    ['no DNS name at all', dns('host.example'), dns('')],
    ['a DNS name under what is none', dns('.'), dns('host.example')],
    ['an e-mail address under an empty base', email(''), email('user@host.example')],
    [
      'an e-mail address under a base without a local part',
      email('@host.example'),
      email('user@host.example'),
    ],
    ['a URI under an empty base', uri(''), uri('http://host.example/')],
    ['an e-mail address without a host', email('host.example'), email('user')],
    ['an e-mail address with two', email('host.example'), email('"a@b"@host.example')],
  ];
  for (const [name, base, one] of cases) {
    test(`${name} is refused where its form is constrained, whichever way`, () => {
      assert.deepEqual(faultsOf({ permitted: [base] }, [one]), [unsupported]);
      assert.deepEqual(faultsOf({ excluded: [base] }, [one]), [unsupported]);
      assert.deepEqual(faultsOf({ permitted: [directory('O=x')] }, [one]), []);
    });
  }

  test('an otherName of another type is not constrained', () => {
    assert.deepEqual(faultsOf({ permitted: [other('1.2.3', der.null)] }, [hardware]), []);
  });
});

describe('the subject', () => {
  test('is held to directory names', () => {
    assert.deepEqual(faultsOf({ permitted: [directory('O=Lab')] }, [], 'O=Lab,CN=a'), []);
    assert.deepEqual(faultsOf({ permitted: [directory('O=Lab')] }, [], 'O=Other,CN=a'), [violated]);
    assert.deepEqual(faultsOf({ excluded: [directory('O=Other')] }, [], 'O=Other,CN=a'), [violated]);
  });

  test('is held to them beside the alternative names', () => {
    assert.deepEqual(faultsOf({ permitted: [directory('O=Lab')] }, [directory('O=Lab')], 'O=Other'), [
      violated,
    ]);
    assert.deepEqual(faultsOf({ permitted: [directory('O=Lab')] }, [directory('O=Other')], 'O=Lab'), [
      violated,
    ]);
  });

  test('is not held to anything when it is empty', () => {
    assert.deepEqual(faultsOf({ permitted: [directory('O=Lab')] }, [dns('a.example')]), []);
  });

  test('has its e-mail addresses held to e-mail names when there is none among the alternative names', () => {
    const lists = { permitted: [email('host.example')] };
    assert.deepEqual(faultsOf(lists, [], 'emailAddress=user@host.example'), []);
    assert.deepEqual(faultsOf(lists, [], 'emailAddress=user@other.example'), [violated]);
    assert.deepEqual(faultsOf(lists, [], 'emailAddress=user'), [unsupported]);
    assert.deepEqual(faultsOf(lists, [dns('a.example')], 'emailAddress=user@other.example'), [violated]);
    assert.deepEqual(faultsOf(lists, [email('user@host.example')], 'emailAddress=user@other.example'), []);
  });

  test('has nothing to do with DNS names, whatever its common name looks like', () => {
    assert.deepEqual(faultsOf({ permitted: [dns('host.example')] }, [], 'CN=other.example'), []);
  });
});

describe('along a path', () => {
  const permit = (...texts: readonly string[]) => [nameConstraints({ permitted: texts.map(dns) })];
  const target = (issuer: Parameters<typeof makeCertificate>[2], ...texts: readonly string[]) =>
    makeCertificate('CN=x', { extensions: [subjectAltName(texts.map(dns))] }, issuer);

  test('the constraints of every CA hold, and none widens those above', () => {
    const upper = makeCa('CN=Upper', { extensions: permit('a.example') }, root);
    const lower = makeCa('CN=Lower', { extensions: permit('example') }, upper);
    const ask = (text: string) => pathFaults(questionOf(target(lower, text), [root], [upper, lower]));
    assert.deepEqual(ask('x.a.example'), []);
    assert.deepEqual(ask('b.example'), [violated]);
  });

  test('those of the anchor hold', () => {
    const anchor = makeCa('CN=Anchor', { extensions: permit('a.example') });
    assert.deepEqual(pathFaults(questionOf(target(anchor, 'a.example'), [anchor])), []);
    assert.deepEqual(pathFaults(questionOf(target(anchor, 'b.example'), [anchor])), [violated]);
  });

  test('those of a certificate do not hold for itself', () => {
    const self = makeCertificate(
      'CN=x',
      { extensions: [...permit('a.example'), subjectAltName([dns('b.example')])] },
      root,
    );
    assert.deepEqual(pathFaults(questionOf(self, [root])), []);
  });

  test('intermediates are held to them, but for those that are self-issued', () => {
    const extensions = [nameConstraints({ permitted: [directory('O=Lab')] })];
    const upper = makeCa('CN=Upper', { extensions }, root);
    const renewed = makeCa('CN=Upper', {}, upper);
    const lower = makeCa('CN=Lower', {}, upper);
    const below = (issuer: typeof lower) => makeCertificate('O=Lab,CN=x', {}, issuer);
    assert.deepEqual(pathFaults(questionOf(below(renewed), [root], [upper, renewed])), []);
    assert.deepEqual(pathFaults(questionOf(below(lower), [root], [upper, lower])), [violated]);
  });

  test('a target that is self-issued is held to them all the same', () => {
    const upper = makeCa(
      'CN=Upper',
      { extensions: [nameConstraints({ permitted: [directory('O=Lab')] })] },
      root,
    );
    const renewed = makeCa('CN=Upper', {}, upper);
    assert.deepEqual(pathFaults(questionOf(renewed, [root], [upper])), [violated]);
  });

  test('subtrees with a minimum or maximum are malformed', () => {
    for (const bound of [der.implicit(0, der.integer(1)), der.implicit(1, der.integer(1))]) {
      const subtrees = der.sequence(der.explicit(0, der.sequence(dns('a.example'), bound)));
      const ca = makeCa(
        'CN=CA',
        { extensions: [encodeExtension(oids.nameConstraints, true, subtrees)] },
        root,
      );
      const faults = pathFaults(questionOf(target(ca, 'a.example'), [root], [ca]));
      assert.deepEqual(faults, ['certificate-extension-malformed: certificate-subtree-bounds']);
    }
  });

  test('the fault tells the name', () => {
    const ca = makeCa('CN=CA', { extensions: permit('a.example') }, root);
    const { faults } = judgePath(questionOf(target(ca, 'a.example', 'b.example'), [root], [ca]));
    assert.deepEqual(faults, [{ code: violated, found: 'b.example', where: { certificate: 'CN=x' } }]);
  });
});
