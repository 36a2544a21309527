import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decode, der, oids, tags } from '../../../main/asn1/index.ts';
import { nameFromText, nameToText, readName, shortName, type Name } from '../../../main/pki/index.ts';

/** DER of a string of any type. */
const string = (tag: number, octets: string | Uint8Array) => der.element(tag, Buffer.from(octets as string));
const utf8 = (text: string) => der.utf8String(text);
const bmp = (text: string) => string(tags.bmpString, Buffer.from(text, 'utf16le').swap16());

/** A name whose RDNs hold attributes of this type and value each. */
function nameOf(...rdns: readonly (readonly (readonly [type: string, value: Uint8Array])[])[]): Name {
  const bytes = der.sequence(
    ...rdns.map((rdn) => der.setOf(rdn.map(([type, value]) => der.sequence(der.oid(type), value)))),
  );
  const name = decode(bytes, readName);
  assert(name.ok, JSON.stringify(name));
  return name.value;
}

const commonName = (value: Uint8Array) => nameOf([[oids.commonName, value]]);

function fromText(text: string): Name {
  const name = nameFromText(text);
  assert(name.ok, text);
  return name.value;
}

describe('two names are the same', () => {
  const pairs: readonly (readonly [string, Name, Name])[] = [
    ['when only the case differs', commonName(utf8('Root CA')), commonName(utf8('ROOT ca'))],
    [
      'when only the case of letters beyond ASCII differs',
      commonName(utf8('Ärzte ÉŁ')),
      commonName(utf8('ärzte éł')),
    ],
    ['when sharp s is written as two', commonName(utf8('Straße')), commonName(utf8('STRASSE'))],
    ['whichever sigma ends a word', commonName(utf8('ΟΔΟΣ')), commonName(utf8('οδοσ'))],
    ['when white space is repeated', commonName(utf8('Root  CA')), commonName(utf8('Root CA'))],
    [
      'when white space is of another kind',
      commonName(utf8('Root\u00a0\u3000CA')),
      commonName(utf8('Root CA')),
    ],
    [
      'when a tab or line break stands for a space',
      commonName(utf8('Root\tCA\r\nX')),
      commonName(utf8('Root CA X')),
    ],
    ['when white space is at the ends', commonName(utf8('  Root CA ')), commonName(utf8('Root CA'))],
    ['when the string type differs', commonName(der.printableString('Root CA')), commonName(utf8('Root CA'))],
    ['in BMPString as in UTF8String', commonName(bmp('Jyväskylä')), commonName(utf8('Jyväskylä'))],
    [
      'in TeletexString as in UTF8String',
      commonName(string(tags.teletexString, Buffer.from('Jyväskylä', 'latin1'))),
      commonName(utf8('Jyväskylä')),
    ],
    [
      'when characters are composed or not',
      commonName(utf8('Jyv\u00e4skyl\u00e4')),
      commonName(utf8('Jyva\u0308skyla\u0308')),
    ],
    ['when characters are compatible', commonName(utf8('ＲＯＯＴ ①')), commonName(utf8('root 1'))],
    [
      'when there are soft hyphens and joiners in one',
      commonName(utf8('Ro\u00adot\u200b \u2060CA\ufeff')),
      commonName(utf8('Root CA')),
    ],
    [
      'when there are control characters in one',
      commonName(utf8('Ro\u0007ot\u0000 CA\u009b')),
      commonName(utf8('Root CA')),
    ],
    [
      'when the attributes of an RDN come in another order',
      fromText('O=A+OU=B,CN=C'),
      fromText('OU=b+O=a,CN=c'),
    ],
  ];
  for (const [name, a, b] of pairs) {
    test(name, () => {
      assert.equal(a.key, b.key);
      assert.deepEqual(a.rdnKeys, b.rdnKeys);
    });
  }
});

describe('two names are not the same', () => {
  const pairs: readonly (readonly [string, Name, Name])[] = [
    ['when a word differs', fromText('CN=Root CA'), fromText('CN=Root CB')],
    ['when white space is inside of one', fromText('CN=Root CA'), fromText('CN=RootCA')],
    ['when an accent differs', fromText('CN=Malmö'), fromText('CN=Malmo')],
    ['when a dotless i stands for an i', fromText('CN=lıne'), fromText('CN=line')],
    ['when the attribute type differs', fromText('CN=A'), fromText('OU=A')],
    ['when the order of the RDNs differs', fromText('O=A,CN=B'), fromText('CN=B,O=A')],
    ['when an RDN is divided', fromText('O=A+CN=B'), fromText('O=A,CN=B')],
    ['when one is the beginning of the other', fromText('O=A'), fromText('O=A,CN=B')],
    ['when one is empty', nameOf(), fromText('O=A')],
    [
      'when one holds in a value what separates the RDNs of the other',
      commonName(utf8(`a\u0000${oids.organizationName}=b`)),
      fromText('CN=a,O=b'),
    ],
    [
      'when one holds in a value what separates the attributes of the other',
      commonName(utf8(`a\u0001${oids.organizationName}=b`)),
      fromText('CN=a+O=b'),
    ],
    [
      'when one is the hex of the other',
      commonName(string(tags.universalString, 'abcd')),
      commonName(utf8(`#1c04${Buffer.from('abcd').toString('hex')}`)),
    ],
    [
      'when strings that cannot be read differ',
      commonName(string(tags.universalString, 'abcd')),
      commonName(string(tags.universalString, 'abce')),
    ],
    [
      'when UTF-8 that is broken differs',
      commonName(string(tags.utf8String, Uint8Array.of(0x41, 0xff))),
      commonName(string(tags.utf8String, Uint8Array.of(0x41, 0xfe))),
    ],
  ];
  for (const [name, a, b] of pairs) test(name, () => assert.notEqual(a.key, b.key));
});

test('a name lies under another when the other begins it, RDN by RDN', () => {
  assert.deepEqual(fromText('C=SE,O=A,CN=B').rdnKeys.slice(0, 2), fromText('C=se,O= a ').rdnKeys);
});

describe('the text of a name', () => {
  const cases: readonly (readonly [string, Name, string])[] = [
    [
      'is in the order of the encoding',
      nameOf([[oids.countryName, der.printableString('FI')]], [[oids.commonName, utf8('A')]]),
      'C=FI,CN=A',
    ],
    ['is empty for an empty name', nameOf(), ''],
    [
      'joins the attributes of an RDN with a plus sign',
      nameOf([
        [oids.commonName, utf8('A')],
        [oids.serialNumber, der.printableString('1')],
      ]),
      'CN=A+serialNumber=1',
    ],
    ['shows a type without a name as its OID', nameOf([['1.2.3', utf8('A')]]), '1.2.3=A'],
    [
      'escapes the special characters',
      commonName(utf8('a,b+c"d\\e;f<g>h=i')),
      String.raw`CN=a\,b\+c\"d\\e\;f\<g\>h\=i`,
    ],
    ['escapes a number sign at the beginning only', commonName(utf8('#a#')), String.raw`CN=\#a#`],
    ['escapes a space at either end only', commonName(utf8(' a b ')), String.raw`CN=\ a b\ `],
    ['escapes a single space', commonName(utf8(' ')), String.raw`CN=\ `],
    ['escapes control characters', commonName(utf8('a\0b\nc\u007f')), String.raw`CN=a\00b\0ac\7f`],
    [
      'escapes what would speak to a terminal or turn its text around',
      commonName(utf8('a\u009bb\u202ec\u2028')),
      String.raw`CN=a\c2\9bb\e2\80\aec\e2\80\a8`,
    ],
    ['leaves other characters as they are', commonName(utf8('Jyväskylä 😀')), 'CN=Jyväskylä 😀'],
    [
      'is the hex of what is no known string',
      commonName(string(tags.universalString, 'abcd')),
      'CN=#1c0461626364',
    ],
    [
      'is the hex of broken UTF-8',
      commonName(string(tags.utf8String, Uint8Array.of(0x41, 0xff))),
      'CN=#0c0241ff',
    ],
    [
      'is the hex of a BMPString of an odd length',
      commonName(string(tags.bmpString, 'abc')),
      'CN=#1e03616263',
    ],
    [
      'is the hex of a BMPString with half a character',
      commonName(string(tags.bmpString, Uint8Array.of(0xd8, 0x3d))),
      'CN=#1e02d83d',
    ],
    ['is the hex of what is no string at all', commonName(der.sequence(der.null)), 'CN=#30020500'],
  ];
  for (const [name, one, text] of cases) test(name, () => assert.equal(nameToText(one), text));
});

describe('a name from its text', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      'of every known type',
      'C=FI,ST=a,L=b,street=c,O=d,OU=e,title=f,SN=g,GN=h,CN=i,serialNumber=1,dnQualifier=j,DC=k,UID=l,emailAddress=m@n',
      'C=FI,ST=a,L=b,street=c,O=d,OU=e,title=f,SN=g,GN=h,CN=i,serialNumber=1,dnQualifier=j,DC=k,UID=l,emailAddress=m@n',
    ],
    ['with types in any case', 'c=FI,o=A,SERIALNUMBER=1', 'C=FI,O=A,serialNumber=1'],
    ['with a type as its OID', '2.5.4.3=A,1.2.3=B', 'CN=A,1.2.3=B'],
    ['with blanks around the separators', ' C = FI ,  O = A B  + OU = C ', 'C=FI,OU=C+O=A B'],
    ['with blanks that are escaped', String.raw`CN=\ a\ `, String.raw`CN=\ a\ `],
    ['with bare blanks after an escaped backslash', String.raw`CN=a\\  `, String.raw`CN=a\\`],
    ['with escapes of octets', String.raw`CN=Jyv\c3\a4skyl\C3\A4\2c`, String.raw`CN=Jyväskylä\,`],
    ['with an equals sign that is not escaped', 'CN=a=b', String.raw`CN=a\=b`],
    ['with a number sign inside', 'CN=a#b', 'CN=a#b'],
    ['with a value in hex', 'CN=#1c0461626364', 'CN=#1c0461626364'],
    ['with a string in hex', 'CN=#130141', 'CN=A'],
  ];
  for (const [name, text, back] of cases) test(name, () => assert.equal(nameToText(fromText(text)), back));

  test('country and serial number become PrintableString, all others UTF8String', () => {
    const expected = nameOf(
      [[oids.countryName, der.printableString('FI')]],
      [[oids.serialNumber, der.printableString('A-1')]],
      [[oids.commonName, utf8('A')]],
    );
    assert.deepEqual(fromText('C=FI,serialNumber=A-1,CN=A').der, expected.der);
  });

  test('a value in hex becomes the very octets', () => {
    assert.deepEqual(fromText('CN=#130141').der, commonName(der.printableString('A')).der);
  });

  const refused = [
    '',
    ' ',
    'A',
    'CN',
    'CN=',
    'CN= ',
    '=A',
    'XX=A',
    'CN=A,',
    ',CN=A',
    'CN=A,,O=B',
    'CN=A+',
    'CN=a,b',
    'CN=a;b',
    'CN=a"b',
    'CN="a"',
    'CN=a<b',
    'CN=a>b',
    'CN=a\0b',
    'CN=a\\',
    String.raw`CN=\x`,
    String.raw`CN=\c3`,
    String.raw`CN=\ff`,
    'CN=\ud83d',
    'CN=\ufffd',
    'CN=#',
    'CN=#1',
    'CN=#0c0161ff',
    'CN=#0c05',
    'CN=#zz',
    'C=FIN',
    'C=F',
    'C=ÄÖ',
    'serialNumber=a_b',
    'serialNumber=ä',
    '1=A',
    '1.40.1=A',
    '0.99=A',
    '3.1=A',
    '1.02.3=A',
    '/C=FI/O=A',
    'constructor=A',
    '__proto__=A',
  ];
  for (const text of refused) {
    test(`is refused from ${JSON.stringify(text)}`, () => {
      const name = nameFromText(text);
      assert(!name.ok);
      assert.deepEqual(name.fault, { code: 'name-malformed', found: text });
    });
  }

  test('is refused or read from any text, and never throws', () => {
    const unit = fc.constantFrom(...'CNOU=,+\\#";<> 0123456789.abcdef'.split(''), '\0', '\u00e4', '\ud800');
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit }), fc.string({ unit: 'binary' })), (text) => {
        const name = nameFromText(text);
        if (name.ok) assert.equal(fromText(nameToText(name.value)).key, name.value.key);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('for any name', () => {
  const type = fc.constantFrom(
    oids.commonName,
    oids.organizationName,
    oids.emailAddress,
    '2.5.4.99',
    '1.2.3.4',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.string({ unit: fc.constantFrom(...' #,+"\\<>;=\0\n\u00a0\u202e'.split('')), minLength: 1 }),
  );
  const value = fc.oneof(
    text.map(utf8),
    fc.uint8Array({ minLength: 1 }).map((octets) => string(tags.universalString, octets)),
    fc.uint8Array().map((octets) => string(tags.utf8String, octets)),
  );
  const rdn = fc.array(fc.tuple(type, value), { minLength: 1, maxLength: 3 });
  const name = fc.array(rdn, { minLength: 1, maxLength: 4 }).map((rdns) => nameOf(...rdns));

  test('its text gives the same name back', () => {
    fc.assert(
      fc.property(name, (one) => {
        fc.pre(one.rdns.flat().every((attribute) => attribute.value !== ''));
        const back = fromText(nameToText(one));
        assert.equal(back.key, one.key);
        const values = (given: Name) =>
          given.rdns.map((attributes) => attributes.map((a) => `${a.type} ${a.value}`).sort());
        assert.deepEqual(values(back), values(one));
      }),
      { numRuns: 1000 },
    );
  });

  test('its text is printable', () => {
    fc.assert(
      fc.property(name, (one) => {
        assert.doesNotMatch(nameToText(one), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  test('its key is one with that of the same name in other letters, and with no other', () => {
    fc.assert(
      fc.property(name, name, (one, other) => {
        const isSame = JSON.stringify(one.rdnKeys) === JSON.stringify(other.rdnKeys);
        assert.equal(one.key === other.key, isSame);
      }),
    );
  });
});

describe('what is no Name is refused', () => {
  const attribute = der.sequence(der.oid(oids.commonName), utf8('a'));
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ['an RDN without attributes', der.sequence(der.setOf([])), 'der-empty'],
    ['an RDN that is a sequence', der.sequence(der.sequence(attribute)), 'der-tag'],
    [
      'attributes out of order',
      der.sequence(der.element(tags.set, der.sequence(der.oid('2.5.4.4'), utf8('a')), attribute)),
      'der-set-order',
    ],
    [
      'a value of 1025 octets',
      der.sequence(der.setOf([der.sequence(der.oid(oids.commonName), utf8('a'.repeat(1025)))])),
      'name-long',
    ],
    [
      'an attribute without a value',
      der.sequence(der.setOf([der.sequence(der.oid(oids.commonName))])),
      'der-truncated',
    ],
    [
      'an attribute with two values',
      der.sequence(der.setOf([der.sequence(der.oid(oids.commonName), utf8('a'), utf8('b'))])),
      'der-trailing',
    ],
  ];
  for (const [name, bytes, rule] of cases) {
    test(name, () => {
      const result = decode(bytes, readName);
      assert(!result.ok);
      assert.equal(result.fault.rule, rule);
    });
  }
});

test('more names than are remembered are told apart', () => {
  const texts = Array.from({ length: 200 }, (_, index) => `CN=${index}`);
  const keys = [...texts, ...texts].map((text) => fromText(text).key);
  assert.equal(new Set(keys).size, 200);
});

describe('the short name of a subject', () => {
  const cases: readonly (readonly [string, Name, string])[] = [
    ['is its organisation', fromText('C=FI,O=Acme Radio,CN=Acme Radio Root CA'), 'Acme Radio'],
    ['is its common name when it has no organisation', fromText('C=FI,CN=Root CA'), 'Root CA'],
    ['is its common name when its organisation is not text', fromText('O=#30020500,CN=Root CA'), 'Root CA'],
    ['is all of it when it has neither', fromText('C=FI,OU=Radio'), 'C=FI,OU=Radio'],
    [
      'shows what cannot be seen',
      nameOf([[oids.organizationName, utf8('Acme\u202eoidaR')]]),
      'Acme⟨U+202E⟩oidaR',
    ],
  ];
  for (const [what, name, text] of cases) test(what, () => assert.equal(shortName(name), text));
});
