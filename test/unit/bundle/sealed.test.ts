import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { makeBundle, type Configuration } from '../../../main/bundle/index.ts';
import { openAuthEnvelopedData } from '../../../main/cms/index.ts';
import { makeConfigurationKey, makeEnb } from '../../kit/issue-certificate.ts';
import {
  answers,
  authorisationFor,
  base64Of,
  bundleAround,
  bundleFor,
  causeOf,
  configurationFor,
  goodAnswers,
  identity,
  judge,
  labOptions,
  makeScene,
  otherIdentity,
  referencePair,
  sealedMembers,
  sealingFor,
  signContent,
  signingOf,
} from '../../kit/bundle.ts';

const scene = makeScene();
const { vendor, signing, enb } = scene;
const configuration = configurationFor(scene);

/** The sealed part of a bundle, as base64. */
function sealedOf(bundle: Uint8Array): string {
  const { configuration: read } = judge(bundle, scene);
  assert(read?.sealed !== undefined);
  return read.sealed;
}

const good = await makeBundle(configuration, sealingFor(scene), signing);
const sealed = sealedOf(good);

describe('a sealed part cannot be moved', async () => {
  const secondKey = makeConfigurationKey(
    vendor,
    'Lab Operator',
    authorisationFor(['LAB0001', 'LAB0002']),
    labOptions,
  );
  const secondSigning = signingOf(secondKey, vendor);
  const sameKeyOtherSerial = {
    ...enb,
    certificate: makeEnb(vendor, otherIdentity, labOptions).certificate,
  };
  const moved = (changes: Partial<Configuration>, by = signing) =>
    signContent(JSON.stringify({ ...configuration, ...changes, sealed }), by);
  const cases: Readonly<Record<string, readonly [field: string, Uint8Array]>> = {
    'to another bundle': ['bundleId', await moved({ bundleId: '00000000-0000-4000-8000-000000000000' })],
    'to another sequence number': ['sequence', await moved({ sequence: 8 })],
    'to another signer whom the vendor has authorised as well': [
      'signerSpkiSha256',
      await moved({}, secondSigning),
    ],
    'to another RA/CA': [
      'outerSha256',
      await moved({ enrolment: { ...configuration.enrolment, url: 'http://ra.other.example/' } }),
    ],
    'to another security gateway': [
      'outerSha256',
      await moved({ securityGateways: configuration.securityGateways.toReversed() }),
    ],
    'to another operator root': [
      'outerSha256',
      await moved({ operatorRootCertificates: configurationFor(makeScene()).operatorRootCertificates }),
    ],
    'to another validity': ['outerSha256', await moved({ notAfter: '2028-11-01T00:00:00Z' })],
    'to where a member was left out': [
      'outerSha256',
      await moved({ enb: { hwType: identity.hwType, serialNumber: identity.serialNumber } }),
    ],
  };
  for (const [name, [field, bundle]] of Object.entries(cases)) {
    it(name, () => {
      const acceptance = judge(bundle, scene);
      assert.deepEqual(answers(acceptance), { ...goodAnswers, 'sealed-binding-mismatch': 'false' });
      const check = acceptance.checks.find(({ code }) => code === 'sealed-binding-mismatch');
      assert(check?.ok === false);
      assert.deepEqual(check.detail, { code: 'sealed-binding-mismatch', where: { field } });
      assert.equal(acceptance.sealed, undefined);
      assert.equal(acceptance.accepted, false);
    });
  }

  for (const field of ['hwType', 'serialNumber'] as const) {
    it(`to another ${field}`, async () => {
      const members = { ...sealedMembers(configuration, signing), [field]: '1.2.3' };
      const acceptance = judge(await bundleAround(scene, configuration, JSON.stringify(members)), scene);
      const check = acceptance.checks.find(({ code }) => code === 'sealed-binding-mismatch');
      assert(check?.ok === false);
      assert.deepEqual(check.detail.where, { field });
    });
  }

  it('to another eNB that has the same key', async () => {
    const bundle = await moved({ enb: otherIdentity });
    const acceptance = judge(bundle, scene, {
      enb: { ...otherIdentity, certificate: sameKeyOtherSerial.certificate },
    });
    assert.equal(causeOf(acceptance, 'sealed-undecryptable'), 'cms-another-recipient');
  });

  it('but may stand in a bundle that is signed again as it was', async () => {
    assert.equal(judge(await moved({}), scene).accepted, true);
  });

  it('and does not depend on white space, the order of the members, or how numbers and strings are written', async () => {
    const { format, ...others } = configuration;
    const turned = Object.fromEntries(Object.entries({ ...others, sealed }).reverse());
    const text = JSON.stringify({ format, ...turned }, null, 2)
      .replace('"mtu": 1400', '"mtu": 1.4e3')
      .replace('Mill 1', 'M\\u0069ll 1');
    assert.equal(judge(await signContent(text, signing), scene).accepted, true);
  });
});

describe('secrets come out byte for byte', () => {
  const cases: Readonly<Record<string, string>> = {
    'plain text': 'correct horse battery staple',
    'a space at each end': ' secret ',
    'nothing but a space': ' ',
    'quotes and backslashes': '"\\"\\\\"\\u0041\\n',
    'what looks like JSON': '","secret":"other"}',
    'every ASCII control character': String.fromCharCode(...Array.from({ length: 32 }, (_, code) => code)),
    'DEL and the C1 controls': String.fromCharCode(
      0x7f,
      ...Array.from({ length: 32 }, (_, code) => 0x80 + code),
    ),
    'a byte order mark first': '\ufeffsecret',
    'line and paragraph separators': 'a\u2028b\u2029c',
    'accents composed (NFC)': 'caf\u00e9',
    'accents decomposed (NFD)': 'cafe\u0301',
    'characters beyond the basic plane': '\u{1f511}\u{10fffd}',
    'characters that compatibility forms would change': '\ufb01\u212b\uff11',
    'right-to-left marks': '\u202esecret\u202c',
    '1024 octets': 'x'.repeat(1024),
  };
  for (const [name, text] of Object.entries(cases)) {
    it(name, async () => {
      const octets = Buffer.from(text);
      const bundle = await makeBundle(
        configuration,
        {
          recipient: enb.certificate,
          credential: { reference: octets, secret: octets },
          secrets: new Map([['pin', octets]]),
        },
        signing,
      );
      const acceptance = judge(bundle, scene);
      assert.equal(acceptance.accepted, true);
      const { credential, secrets } = acceptance.sealed!;
      for (const read of [credential?.reference, credential?.secret, secrets?.pin]) {
        assert.deepEqual(Buffer.from(read ?? 'absent'), octets);
      }
    });
  }

  it('whatever they are', async () => {
    // I-JSON has no place for noncharacters (RFC 7493 section 2.1).
    const isIJson = (text: string) => !/\p{Noncharacter_Code_Point}/u.test(text);
    const text = fc.string({ unit: 'binary', maxLength: 64 }).filter(isIJson);
    await fc.assert(
      fc.asyncProperty(text, text, async (reference, secret) => {
        const bundle = await makeBundle(
          configuration,
          {
            recipient: enb.certificate,
            credential: { reference: Buffer.from(reference), secret: Buffer.from(secret) },
          },
          signing,
        );
        const { sealed: read } = judge(bundle, scene);
        assert.deepEqual({ ...read?.credential }, { reference, secret });
      }),
      { numRuns: 50 },
    );
  });

  it('under the names that they had, in their order', async () => {
    const secrets = new Map(
      ['wifi', 'a "quoted" name', 'constructor', 'toString', '1'].map((name) => [name, Buffer.from(name)]),
    );
    const acceptance = judge(await makeBundle(configuration, sealingFor(scene, { secrets }), signing), scene);
    assert.equal(acceptance.accepted, true);
    const read = acceptance.sealed?.secrets ?? {};
    assert.deepEqual(new Set(Object.keys(read)), new Set(secrets.keys()));
    for (const name of secrets.keys()) assert.equal(read[name], name);
  });

  it('and the bytes that were handed over stay as they were, for their owner to wipe', async () => {
    const secret = Buffer.from('secret');
    const credential = { reference: Buffer.from('reference'), secret };
    await makeBundle(configuration, { recipient: enb.certificate, credential }, signing);
    assert.deepEqual(secret, Buffer.from('secret'));
  });

  it('and stand nowhere in the bundle', () => {
    const text = Buffer.from(judge(good, scene).configuration?.sealed ?? '', 'base64').toString('latin1');
    for (const bytes of [Buffer.from(good).toString('latin1'), text]) {
      assert(!bytes.includes('correct horse battery'));
      assert(!bytes.includes('enb-00001'));
    }
  });
});

describe('the plaintext of a sealed part', () => {
  const members = sealedMembers(configuration, signing);

  it('is the published format, with its members in the published order', () => {
    const opened = openAuthEnvelopedData(Buffer.from(sealed, 'base64'), enb.key, enb.certificate);
    assert(opened.ok);
    assert.equal(opened.value.toString(), JSON.stringify(members));
  });

  it('has secrets after the credential', async () => {
    const bundle = await makeBundle(
      configuration,
      sealingFor(scene, { secrets: new Map([['pin', Buffer.from('1234')]]) }),
      signing,
    );
    const opened = openAuthEnvelopedData(Buffer.from(sealedOf(bundle), 'base64'), enb.key, enb.certificate);
    assert(opened.ok);
    assert.equal(opened.value.toString(), JSON.stringify({ ...members, secrets: { pin: '1234' } }));
  });

  it('may be sealed by others, when all of it matches', async () => {
    const acceptance = judge(await bundleAround(scene, configuration, JSON.stringify(members)), scene);
    assert.deepEqual(answers(acceptance), goodAnswers);
  });

  const refused: Readonly<Record<string, readonly [cause: string, string | Uint8Array]>> = {
    'no JSON': ['json-syntax', 'secret'],
    'not UTF-8': ['json-utf8', Buffer.from([...Buffer.from(JSON.stringify(members)), 0xff])],
    'of another format': ['json-format', JSON.stringify({ ...members, format: 'siteseal-sealed/2' })],
    'with another member first': ['json-format', `{"site":"x",${JSON.stringify(members).slice(1)}`],
    'with a name twice': ['json-duplicate-name', JSON.stringify(members).replace('{', '{"sequence":7,')],
    'with a name twice in the credential': [
      'json-duplicate-name',
      JSON.stringify(members).replace('"reference"', '"secret":"x","reference"'),
    ],
    'with an unknown member': ['json-unknown-member', JSON.stringify({ ...members, note: '' })],
    'with an unknown member in the credential': [
      'json-unknown-member',
      JSON.stringify({ ...members, credential: { ...members.credential, algorithm: 'x' } }),
    ],
    'with null for a credential': ['json-type', JSON.stringify({ ...members, credential: null })],
    'with null for secrets': ['json-type', JSON.stringify({ ...members, secrets: null })],
    'with a secret that is no text': ['json-type', JSON.stringify({ ...members, secrets: { pin: 1234 } })],
    'without a member of the binding': ['json-type', JSON.stringify({ ...members, outerSha256: undefined })],
    'with a digest in capitals': [
      'json-digest',
      JSON.stringify({ ...members, outerSha256: members.outerSha256.toUpperCase() }),
    ],
  };
  for (const [name, [cause, plaintext]] of Object.entries(refused)) {
    it(`is refused ${name.startsWith('with') ? name : `when it is ${name}`}`, async () => {
      const acceptance = judge(await bundleAround(scene, configuration, plaintext), scene);
      assert.equal(causeOf(acceptance, 'sealed-undecryptable'), cause);
      assert.equal(acceptance.sealed, undefined);
    });
  }

  it('is never told in a refusal', async () => {
    const { secret } = members.credential;
    const plaintexts = Object.values(refused)
      .map(([, plaintext]) => Buffer.from(plaintext))
      .filter((plaintext) => plaintext.includes(secret));
    assert(plaintexts.length > 8, 'The secret is in what is refused.');
    // Where a value stands that may not be there, it is a secret, as often as not.
    for (const name of ['bundleId', 'sequence', 'outerSha256'])
      plaintexts.push(Buffer.from(JSON.stringify({ ...members, [name]: secret })));
    plaintexts.push(Buffer.from(`${JSON.stringify(members)}${secret}`), Buffer.from(`{"${secret}":1}`));
    for (const plaintext of plaintexts) {
      const { accepted, checks } = judge(await bundleAround(scene, configuration, plaintext), scene);
      assert.equal(accepted, false);
      assert(!JSON.stringify(checks).includes(secret), plaintext.toString());
    }
  });
});

describe('a bundle without a sealed part', () => {
  const enrolment = { ...configuration.enrolment, protection: 'vendor-certificate' } as const;

  it('is accepted when the vendor certificate protects the enrolment', async () => {
    const acceptance = judge(await makeBundle({ ...configuration, enrolment }, undefined, signing), scene);
    assert.deepEqual(answers(acceptance), goodAnswers);
    assert.equal(acceptance.sealed, undefined);
  });

  it('needs neither the eNB’s certificate nor its key', async () => {
    const bundle = await makeBundle({ ...configuration, enrolment, enb: identity }, undefined, signing);
    const acceptance = judge(bundle, scene, { enb: identity });
    assert.deepEqual(acceptance.assumed, ['signer-revoked']);
    assert.equal(acceptance.accepted, true);
  });

  it('may have one all the same, for other secrets', async () => {
    const sealing = { recipient: enb.certificate, secrets: new Map([['pin', Buffer.from('1234')]]) };
    const acceptance = judge(await makeBundle({ ...configuration, enrolment }, sealing, signing), scene);
    assert.deepEqual(answers(acceptance), goodAnswers);
    assert.deepEqual({ ...acceptance.sealed?.secrets }, { pin: '1234' });
  });

  it('cannot be made from one that had it', async () => {
    const bundle = await signContent(JSON.stringify(configuration), signing);
    assert.equal(causeOf(judge(bundle, scene), 'configuration-invalid'), 'credential-not-sealed');
  });
});

describe('a sealed part for an RSA key', () => {
  it('is opened with it', async () => {
    const rsa = referencePair('vendor-b/enb-certs/BN1000000.crt', 'vendor-b/enb-keys/BN1000000.key');
    const rsaEnb = { ...identity, certificate: rsa.certificate };
    const own = { ...configuration, enb: identity };
    const bundle = await makeBundle(own, { ...sealingFor(scene), recipient: rsa.certificate }, signing);
    assert.deepEqual(answers(judge(bundle, scene, { enb: rsaEnb, enbKey: rsa.key })), goodAnswers);
  });
});

describe('base64 in a bundle', () => {
  for (const [name, change] of Object.entries({
    'without its padding': (text: string) => text.replace(/=+$/, '') + (text.endsWith('=') ? '' : 'A'),
    'in the alphabet for URLs': (text: string) => `-_${text.slice(2)}`,
    'with a line break': (text: string) => `${text.slice(0, 4)}\n${text.slice(4)}`,
    'with white space after it': (text: string) => `${text} `,
  })) {
    it(`is refused ${name}`, async () => {
      const bundle = await signContent(JSON.stringify({ ...configuration, sealed: change(sealed) }), signing);
      assert.equal(causeOf(judge(bundle, scene), 'bundle-malformed'), 'json-base64');
    });
  }

  it('is refused where the sealed part is empty', async () => {
    const bundle = await signContent(JSON.stringify({ ...configuration, sealed: '' }), signing);
    assert.equal(judge(bundle, scene).accepted, false);
  });

  it('is what the bundle has of the operator roots', async () => {
    const { configuration: read } = judge(await bundleFor(scene), scene);
    assert.deepEqual(read?.operatorRootCertificates, [base64Of(scene.operatorRoot.certificate.der)]);
  });
});
