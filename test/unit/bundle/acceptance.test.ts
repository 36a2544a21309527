import assert from 'node:assert/strict';
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { describe, it } from 'node:test';
import { oids } from '../../../main/asn1/index.ts';
import {
  acceptanceCodes,
  judgeBundle,
  makeBundle,
  Bundle,
  type AcceptanceCode,
  type AcceptanceContext,
} from '../../../main/bundle/index.ts';
import { issue, makeConfigurationKey, makeEnb, makeVendor } from '../../kit/issue-certificate.ts';
import {
  answers,
  authorisationFor,
  bundleAround,
  bundleFor,
  causeOf,
  clock,
  configurationFor,
  goodAnswers,
  hwType,
  identity,
  issueCrl,
  judge,
  labOptions,
  makeScene,
  now,
  otherIdentity,
  prevented,
  sealedMembers,
  sealingFor,
  signContent,
  signingOf,
} from '../../kit/bundle.ts';

const scene = makeScene();
const { vendor, configurationKey, signing } = scene;
const good = await bundleFor(scene);

describe('a good bundle', () => {
  it('is accepted, with every check in its order, and says what was not given', () => {
    const acceptance = judge(good, scene);
    assert.deepEqual(Object.entries(answers(acceptance)), Object.entries(goodAnswers));
    assert.deepEqual(
      acceptance.checks.map(({ code }) => code),
      acceptanceCodes,
    );
    assert.equal(acceptance.accepted, true);
    assert.deepEqual(acceptance.assumed, ['signer-revoked']);
  });

  it('leaves nothing to assume when the CRLs are there', () => {
    const crls = [issueCrl(vendor.root), issueCrl(vendor.issuing)];
    const acceptance = judge(good, scene, { crls });
    assert.deepEqual(answers(acceptance), { ...goodAnswers, 'signer-revoked': 'true' });
    assert.deepEqual(acceptance.assumed, []);
    assert.equal(acceptance.accepted, true);
  });

  it('may bring the CRLs itself, and then they are told', async () => {
    const crls = [issueCrl(vendor.root), issueCrl(vendor.issuing)];
    const bundle = await makeBundle(
      configurationFor(scene),
      sealingFor(scene),
      signingOf(configurationKey, vendor, crls),
    );
    const acceptance = judge(bundle, scene);
    assert.deepEqual(acceptance.assumed, []);
    assert.equal(acceptance.crls.length, 2);
  });

  it('tells the configuration, the secrets and the path of the signer', async () => {
    const configuration = configurationFor(scene);
    const { sealed: _, ...read } = judge(
      await makeBundle(configuration, sealingFor(scene), signing),
      scene,
    ).configuration!;
    assert.deepEqual({ ...read }, configuration);
    const acceptance = judge(good, scene);
    assert.deepEqual(
      { ...acceptance.sealed?.credential },
      {
        reference: 'enb-00001',
        secret: 'correct horse battery',
      },
    );
    assert.deepEqual(
      acceptance.signer?.path.map(({ der }) => der),
      [vendor.root, vendor.issuing, configurationKey].map(({ certificate }) => certificate.der),
    );
  });

  it('is accepted from a signer and for an eNB with keys on P-384', async () => {
    const p384 = makeScene({ keyKind: 'P-384' });
    assert.deepEqual(answers(judge(await bundleFor(p384), p384)), goodAnswers);
  });
});

/** What is judged: a bundle, and what is other than usual about the eNB that judges. */
interface Case {
  readonly code: AcceptanceCode;
  readonly bundle: () => Uint8Array | Promise<Uint8Array>;
  readonly context?: Partial<AcceptanceContext>;
  /** The rule or code at the bottom of the refusal. */
  readonly cause: string;
  /** The answers that are other than those to a good bundle, apart from the code itself. */
  readonly others: Readonly<Partial<Record<AcceptanceCode, string>>>;
}

const stranger = makeVendor('Lab Vendor', labOptions);
const revokedCrls = [issueCrl(vendor.root), issueCrl(vendor.issuing, { revoked: [configurationKey] })];
const later = (code: AcceptanceCode) => {
  const from = acceptanceCodes[acceptanceCodes.indexOf(code) + 1];
  return from ? prevented(from, code) : {};
};
const fromContent = (code: AcceptanceCode) => prevented('enb-out-of-scope', code);
const sealedPrevented = (code: AcceptanceCode) => ({
  'sealed-undecryptable': `prevented-by:${code}`,
  'sealed-binding-mismatch': `prevented-by:${code}`,
});

const otherType = `${hwType}.1`;

/** A configuration key of the vendor's for these serial numbers. */
const keyFor = (...serials: readonly string[]) =>
  makeConfigurationKey(vendor, 'Lab Operator', authorisationFor(serials), labOptions);

const cases: Readonly<Record<string, Case>> = {
  'that is no CMS': {
    code: 'bundle-malformed',
    bundle: () => Buffer.from('{"format":"siteseal-configuration/1"}'),
    cause: 'der-tag',
    others: later('bundle-malformed'),
  },
  'of more than 1 MiB': {
    code: 'bundle-malformed',
    bundle: () => Buffer.alloc(1024 * 1024 + 1, good),
    cause: 'bundle-size',
    others: later('bundle-malformed'),
  },
  'whose content is not the format, which is found once the signer is trusted': {
    code: 'bundle-malformed',
    bundle: () => signContent('{"format":"siteseal-configuration/2"}', signing),
    cause: 'json-format',
    others: fromContent('bundle-malformed'),
  },
  'that was changed after it was signed': {
    code: 'bundle-signature-invalid',
    bundle: async () => {
      const changed = Buffer.from(await bundleFor(scene));
      changed.write('Mall', changed.indexOf('Mill 1'));
      return changed;
    },
    cause: 'cms-message-digest',
    others: later('bundle-signature-invalid'),
  },
  'signed for another vendor of the same name': {
    code: 'signer-untrusted',
    bundle: () => bundleFor(scene),
    context: { vendorRoots: [stranger.root.certificate] },
    cause: 'signature-invalid',
    others: later('signer-untrusted'),
  },
  'where no vendor is trusted': {
    code: 'signer-untrusted',
    bundle: () => bundleFor(scene),
    context: { vendorRoots: [] },
    cause: 'issuer-unknown',
    others: later('signer-untrusted'),
  },
  'signed with a key that its own certificate vouches for': {
    code: 'signer-untrusted',
    bundle: () => {
      const own = issue(
        {
          subject: 'CN=own',
          extendedKeyUsage: [oids.configurationSigning],
          authorisation: authorisationFor(['LAB0001']),
          ...labOptions,
        },
        'P-256',
      );
      return makeBundle(configurationFor(scene), sealingFor(scene), signingOf(own, vendor));
    },
    cause: 'issuer-unknown',
    others: later('signer-untrusted'),
  },
  'whose signer has expired': {
    code: 'signer-expired',
    bundle: () => good,
    context: { clock: { now: new Date('2036-01-01T00:00:00Z'), isExact: true } },
    cause: 'certificate-expired',
    others: fromContent('signer-expired'),
  },
  'whose signer is not yet valid': {
    code: 'signer-expired',
    bundle: () => good,
    context: { clock: { now: new Date('2025-12-31T23:59:59Z'), isExact: true } },
    cause: 'certificate-not-yet-valid',
    others: fromContent('signer-expired'),
  },
  'whose signer is revoked': {
    code: 'signer-revoked',
    bundle: () => good,
    context: { crls: revokedCrls },
    cause: 'certificate-revoked',
    others: fromContent('signer-revoked'),
  },
  'whose signer is revoked by a CRL that comes with it': {
    code: 'signer-revoked',
    bundle: () =>
      makeBundle(
        configurationFor(scene),
        sealingFor(scene),
        signingOf(configurationKey, vendor, revokedCrls),
      ),
    cause: 'certificate-revoked',
    others: fromContent('signer-revoked'),
  },
  'where the CRL of the signer’s issuer has ended and a fresh one is required': {
    code: 'signer-revoked',
    bundle: () => good,
    context: {
      crls: [issueCrl(vendor.issuing, { nextUpdate: new Date('2026-11-15T11:59:59Z') })],
      requireFreshCrl: true,
    },
    cause: 'crl-expired',
    others: fromContent('signer-revoked'),
  },
  'whose signer is revoked by a CRL that has ended': {
    code: 'signer-revoked',
    bundle: () => good,
    context: {
      crls: [
        issueCrl(vendor.issuing, {
          revoked: [configurationKey],
          nextUpdate: new Date('2026-11-15T11:59:59Z'),
        }),
      ],
    },
    cause: 'certificate-revoked',
    others: fromContent('signer-revoked'),
  },
  'whose signer is revoked by a CRL that can do nothing else': {
    code: 'signer-revoked',
    bundle: () => good,
    context: { revokingCrls: [issueCrl(vendor.issuing, { revoked: [configurationKey] })] },
    cause: 'certificate-revoked',
    others: fromContent('signer-revoked'),
  },
  'of a lower epoch than the eNB has accepted': {
    code: 'signer-superseded',
    bundle: () => good,
    context: { lastEpoch: 1 },
    cause: 'signer-superseded',
    others: fromContent('signer-superseded'),
  },
  'signed by an eNB': {
    code: 'signer-not-a-configuration-key',
    bundle: () => makeBundle(configurationFor(scene), sealingFor(scene), signingOf(scene.enb, vendor)),
    cause: 'extended-key-usage-insufficient',
    others: later('signer-not-a-configuration-key'),
  },
  'for an eNB that the vendor has not named': {
    code: 'enb-out-of-scope',
    bundle: () =>
      makeBundle(
        configurationFor(scene),
        sealingFor(scene),
        signingOf(keyFor('LAB0002', 'LAB00010'), vendor),
      ),
    cause: 'enb-out-of-scope',
    others: sealedPrevented('enb-out-of-scope'),
  },
  'for an eNB of another type': {
    code: 'enb-out-of-scope',
    bundle: () => bundleFor(scene, { enb: { ...identity, hwType: otherType } }),
    context: { enb: { serialNumber: identity.serialNumber, certificate: scene.enb.certificate } },
    cause: 'enb-out-of-scope',
    others: sealedPrevented('enb-out-of-scope'),
  },
  'for another eNB': {
    code: 'bundle-for-another-enb',
    bundle: () => bundleFor(scene, { enb: otherIdentity }),
    cause: 'bundle-for-another-enb',
    others: sealedPrevented('bundle-for-another-enb'),
  },
  'for an eNB of another type with the same serial number': {
    code: 'bundle-for-another-enb',
    bundle: () => {
      const authorisation = authorisationFor(['LAB0001'], otherType);
      const key = makeConfigurationKey(vendor, 'Lab Operator', authorisation, labOptions);
      const configuration = configurationFor(scene, { enb: { ...identity, hwType: otherType } });
      return makeBundle(configuration, sealingFor(scene), signingOf(key, vendor));
    },
    cause: 'bundle-for-another-enb',
    others: sealedPrevented('bundle-for-another-enb'),
  },
  'for another certificate of this eNB': {
    code: 'bundle-for-another-enb',
    bundle: () => bundleFor(scene, { enb: { ...identity, certificateSha256: '00'.repeat(32) } }),
    cause: 'another-certificate',
    others: sealedPrevented('bundle-for-another-enb'),
  },
  'whose time has not come': {
    code: 'bundle-not-yet-valid',
    bundle: () => bundleFor(scene, { notBefore: '2026-11-15T12:00:01Z' }),
    cause: 'bundle-not-yet-valid',
    others: {},
  },
  'whose time is over': {
    code: 'bundle-expired',
    bundle: () => bundleFor(scene, { notAfter: '2026-11-15T11:59:59Z' }),
    cause: 'bundle-expired',
    others: {},
  },
  'with a lower sequence number than the eNB’s': {
    code: 'sequence-rollback',
    bundle: () => bundleFor(scene, { sequence: 6 }),
    context: { lastSequence: 7 },
    cause: 'sequence-rollback',
    others: {},
  },
  'marked as for training under a real vendor': {
    code: 'training-mismatch',
    bundle: () => bundleFor(scene, { training: true }),
    cause: 'training-mismatch',
    others: {},
  },
  'with secrets that are sealed to another eNB': {
    code: 'sealed-undecryptable',
    bundle: () =>
      makeBundle(
        configurationFor(scene),
        sealingFor(scene, { recipient: makeEnb(vendor, otherIdentity, labOptions).certificate }),
        signing,
      ),
    cause: 'cms-another-recipient',
    others: { 'sealed-binding-mismatch': 'prevented-by:sealed-undecryptable' },
  },
  'with secrets that are no CMS': {
    code: 'sealed-undecryptable',
    bundle: () => signContent(JSON.stringify({ ...configurationFor(scene), sealed: 'AAAA' }), signing),
    cause: 'der-tag',
    others: { 'sealed-binding-mismatch': 'prevented-by:sealed-undecryptable' },
  },
  'with secrets that are sealed, and not the format': {
    code: 'sealed-undecryptable',
    bundle: () => bundleAround(scene, configurationFor(scene), '{"format":"siteseal-sealed/2"}'),
    cause: 'json-format',
    others: { 'sealed-binding-mismatch': 'prevented-by:sealed-undecryptable' },
  },
  'with secrets that were sealed for another bundle': {
    code: 'sealed-binding-mismatch',
    bundle: () => {
      const configuration = configurationFor(scene);
      const members = sealedMembers(configurationFor(scene), signing);
      return bundleAround(scene, configuration, JSON.stringify(members));
    },
    cause: 'sealed-binding-mismatch',
    others: {},
  },
  'whose MTU no link has': {
    code: 'configuration-invalid',
    bundle: () => bundleFor(scene, { backhaul: { ...configurationFor(scene).backhaul, mtu: 68 } }),
    cause: 'mtu',
    others: {},
  },
  'without the credential that protection by MAC needs': {
    code: 'configuration-invalid',
    bundle: () => makeBundle(configurationFor(scene), undefined, signing),
    cause: 'credential-not-sealed',
    others: {},
  },
  'with sealed secrets that lack the credential': {
    code: 'configuration-invalid',
    bundle: () =>
      makeBundle(
        configurationFor(scene),
        { recipient: scene.enb.certificate, secrets: new Map([['pin', Buffer.from('1234')]]) },
        signing,
      ),
    cause: 'credential-not-sealed',
    others: {},
  },
};

describe('a bundle', () => {
  for (const [name, { code, bundle, context, cause, others }] of Object.entries(cases)) {
    it(`${name} is refused: ${code}`, async () => {
      const acceptance = judge(await bundle(), scene, context);
      assert.deepEqual(answers(acceptance), { ...goodAnswers, ...others, [code]: 'false' });
      assert.equal(acceptance.accepted, false);
      assert.equal(causeOf(acceptance, code), cause);
      const failed = acceptance.checks.filter((check) => check.ok === false);
      for (const check of failed) assert.equal(check.detail.code, check.code);
    });
  }

  it('for another eNB names both, so that they can be told apart', async () => {
    const otherBundle = await bundleFor(scene, { enb: { ...identity, hwType: otherType } });
    const { checks } = judge(otherBundle, scene);
    const check = checks.find(({ code }) => code === 'bundle-for-another-enb');
    assert(check?.ok === false);
    assert.equal(check.detail.expected, `LAB0001 (${hwType})`);
    assert.equal(check.detail.found, `LAB0001 (${otherType})`);
  });

  it('can be refused for every code, and each is shown here', () => {
    assert.deepEqual(new Set(Object.values(cases).map(({ code }) => code)), new Set(acceptanceCodes));
  });
});

describe('of a bundle with several things wrong', () => {
  it('all are told that can be, and what was prevented names the first', async () => {
    const bundle = await bundleFor(scene, {
      enb: otherIdentity,
      notAfter: '2026-11-15T11:59:59Z',
      training: true,
      site: { id: '../S1', name: 'Mill' },
    });
    assert.deepEqual(answers(judge(bundle, scene, { lastSequence: 8 })), {
      ...goodAnswers,
      'bundle-for-another-enb': 'false',
      'bundle-expired': 'false',
      'sequence-rollback': 'false',
      'training-mismatch': 'false',
      'sealed-undecryptable': 'prevented-by:bundle-for-another-enb',
      'sealed-binding-mismatch': 'prevented-by:bundle-for-another-enb',
      'configuration-invalid': 'false',
    });
  });

  it('a signer that has expired, is revoked and is no configuration key is told all of it', async () => {
    const enbSigned = await makeBundle(
      configurationFor(scene),
      sealingFor(scene),
      signingOf(scene.enb, vendor),
    );
    const acceptance = judge(enbSigned, scene, {
      clock: { now: new Date('2036-01-01T00:00:00Z'), isExact: true },
      crls: [
        issueCrl(vendor.issuing, { revoked: [scene.enb], nextUpdate: new Date('2037-01-01T00:00:00Z') }),
      ],
    });
    assert.deepEqual(answers(acceptance), {
      ...goodAnswers,
      'signer-expired': 'false',
      'signer-revoked': 'false',
      'signer-not-a-configuration-key': 'false',
      'signer-superseded': 'prevented-by:signer-expired',
      ...fromContent('signer-expired'),
    });
  });
});

/** A copy of a key that notes whether anyone has looked at it. */
function watchedKey(key: KeyObject): { readonly key: KeyObject; readonly isTouched: () => boolean } {
  let isTouched = false;
  const copy = createPrivateKey({ key: key.export({ format: 'jwk' }), format: 'jwk' });
  const { asymmetricKeyDetails } = copy;
  Object.defineProperty(copy, 'asymmetricKeyDetails', {
    get: () => {
      isTouched = true;
      return asymmetricKeyDetails;
    },
  });
  return { key: copy, isTouched: () => isTouched };
}

describe('nothing is done before its time', () => {
  const firstCodes = acceptanceCodes.slice(0, acceptanceCodes.indexOf('bundle-for-another-enb') + 1);
  for (const [name, { code, bundle, context }] of Object.entries(cases)) {
    if (!firstCodes.includes(code)) continue;
    it(`nothing is decrypted of a bundle ${name}`, async () => {
      const { key, isTouched } = watchedKey(scene.enb.key);
      const acceptance = judge(await bundle(), scene, { ...context, enbKey: key });
      assert.equal(isTouched(), false);
      assert.equal(acceptance.sealed, undefined);
    });
  }

  it('a good bundle is decrypted with the key that was given', () => {
    const { key, isTouched } = watchedKey(scene.enb.key);
    assert.equal(judge(good, scene, { enbKey: key }).accepted, true);
    assert.equal(isTouched(), true);
  });

  const signerCodes = acceptanceCodes.slice(1, acceptanceCodes.indexOf('enb-out-of-scope'));
  for (const [name, { code, bundle, context }] of Object.entries(cases)) {
    if (!signerCodes.includes(code)) continue;
    it(`nothing in it is believed of a bundle ${name}`, async () => {
      const acceptance = judge(await bundle(), scene, context);
      const { configuration, sealed, signer } = acceptance;
      assert.deepEqual(
        { configuration, sealed, signer },
        { configuration: undefined, sealed: undefined, signer: undefined },
      );
    });
  }

  it('what an unknown signer writes is not even read as JSON', async () => {
    const bundle = await signContent('not JSON at all', signing);
    const acceptance = judge(bundle, scene, { vendorRoots: [stranger.root.certificate] });
    assert.deepEqual(answers(acceptance), {
      ...goodAnswers,
      'signer-untrusted': 'false',
      ...later('signer-untrusted'),
    });
  });

  it('nor what a signer writes whose certificate has expired', async () => {
    const bundle = await signContent('not JSON at all', signing);
    const context = { clock: { now: new Date('2036-01-01T00:00:00Z'), isExact: true } };
    assert.equal(answers(judge(bundle, scene, context))['bundle-malformed'], 'true');
  });
});

describe('a verdict without all there is to know', () => {
  it('assumes what was not given', () => {
    const acceptance = judgeBundle(new Bundle(good), { vendorRoots: [vendor.root.certificate], clock });
    assert.deepEqual(answers(acceptance), {
      ...goodAnswers,
      'signer-superseded': 'not-given',
      'bundle-for-another-enb': 'not-given',
      'sequence-rollback': 'not-given',
      'sealed-undecryptable': 'no-key',
      'sealed-binding-mismatch': 'no-key',
    });
    assert.deepEqual(acceptance.assumed, [
      'signer-revoked',
      'signer-superseded',
      'bundle-for-another-enb',
      'sequence-rollback',
      'sealed-undecryptable',
      'sealed-binding-mismatch',
    ]);
    assert.equal(acceptance.accepted, true);
    assert.equal(acceptance.sealed, undefined);
  });

  it('says so when there is a key and nobody whose it is', () => {
    const acceptance = judgeBundle(new Bundle(good), {
      vendorRoots: [vendor.root.certificate],
      clock,
      enbKey: scene.enb.key,
    });
    assert.equal(answers(acceptance)['sealed-undecryptable'], 'not-given');
    assert.equal(answers(acceptance)['sealed-binding-mismatch'], 'not-given');
  });

  it('opens the secrets for an eNB that is known by its serial number and key', () => {
    const acceptance = judge(good, scene, { enb: { serialNumber: identity.serialNumber } });
    assert.deepEqual(answers(acceptance), goodAnswers);
  });

  it('tells without the key that secrets are for another eNB, or not of the form', async () => {
    const elsewhere = makeEnb(vendor, otherIdentity, labOptions).certificate;
    const bundles = [
      await makeBundle(configurationFor(scene), sealingFor(scene, { recipient: elsewhere }), signing),
      await signContent(JSON.stringify({ ...configurationFor(scene), sealed: 'AAAA' }), signing),
    ];
    for (const bundle of bundles) {
      const acceptance = judgeBundle(new Bundle(bundle), {
        vendorRoots: [vendor.root.certificate],
        clock,
        enb: { ...identity, certificate: scene.enb.certificate },
      });
      assert.equal(answers(acceptance)['sealed-undecryptable'], 'false');
      assert.equal(answers(acceptance)['sealed-binding-mismatch'], 'prevented-by:sealed-undecryptable');
      assert.equal(acceptance.accepted, false);
    }
  });

  it('takes the intermediates from elsewhere when the bundle has none', async () => {
    const bundle = await makeBundle(configurationFor(scene), sealingFor(scene), {
      ...signing,
      intermediates: [],
    });
    assert.equal(causeOf(judge(bundle, scene), 'signer-untrusted'), 'issuer-unknown');
    const intermediates = [vendor.issuing.certificate];
    assert.equal(judge(bundle, scene, { intermediates }).accepted, true);
  });
});

describe('without a clock', () => {
  const noClock = (time: string) => ({ clock: { now: new Date(time), isExact: false } });

  it('what the latest trusted time cannot tell is assumed', () => {
    const acceptance = judge(good, scene, noClock('2026-10-01T00:00:00Z'));
    assert.deepEqual(answers(acceptance), {
      ...goodAnswers,
      'signer-expired': 'no-clock',
      'bundle-not-yet-valid': 'no-clock',
      'bundle-expired': 'no-clock',
    });
    assert.deepEqual(acceptance.assumed, [
      'signer-expired',
      'signer-revoked',
      'bundle-not-yet-valid',
      'bundle-expired',
    ]);
    assert.equal(acceptance.accepted, true);
  });

  it('a beginning that has passed has passed', () => {
    const acceptance = judge(good, scene, noClock('2026-11-01T00:00:00Z'));
    assert.equal(answers(acceptance)['bundle-not-yet-valid'], 'true');
  });

  it('a certificate that begins later than the time last seen is not held against the bundle', () => {
    const acceptance = judge(good, scene, noClock('2020-01-01T00:00:00Z'));
    assert.equal(answers(acceptance)['signer-expired'], 'no-clock');
    assert.equal(acceptance.accepted, true);
  });

  it('a bundle that was over at the latest trusted time is refused', () => {
    const acceptance = judge(good, scene, noClock('2027-11-01T00:00:01Z'));
    assert.equal(answers(acceptance)['bundle-expired'], 'false');
    assert.equal(acceptance.accepted, false);
  });

  it('a signer that had expired at the latest trusted time is refused', () => {
    const acceptance = judge(good, scene, noClock('2036-01-01T00:00:00Z'));
    assert.equal(answers(acceptance)['signer-expired'], 'false');
    assert.equal(acceptance.accepted, false);
  });

  it('a revoked signer is refused, and a CRL that has ended says nothing of the others', () => {
    const revoked = judge(good, scene, { ...noClock('2026-10-01T00:00:00Z'), crls: revokedCrls });
    assert.equal(causeOf(revoked, 'signer-revoked'), 'certificate-revoked');
    const outOfDate = judge(good, scene, {
      ...noClock('2027-01-01T00:00:00Z'),
      crls: [issueCrl(vendor.root), issueCrl(vendor.issuing)],
    });
    assert.equal(answers(outOfDate)['signer-revoked'], 'list-ended');
    assert.equal(outOfDate.accepted, true);
  });
});

describe('the validity of a bundle', () => {
  const cases: Readonly<Record<string, readonly [notBefore: string, notAfter: string, isAccepted: boolean]>> =
    {
      'begins at notBefore': ['2026-11-15T12:00:00Z', '2026-12-01T00:00:00Z', true],
      'has not begun a second before': ['2026-11-15T12:00:01Z', '2026-12-01T00:00:00Z', false],
      'holds at notAfter': ['2026-11-01T00:00:00Z', '2026-11-15T12:00:00Z', true],
      'is over a second later': ['2026-11-01T00:00:00Z', '2026-11-15T11:59:59Z', false],
    };
  for (const [name, [notBefore, notAfter, isAccepted]] of Object.entries(cases)) {
    it(name, async () => {
      assert.equal(judge(await bundleFor(scene, { notBefore, notAfter }), scene).accepted, isAccepted);
    });
  }
});

describe('the sequence number', async () => {
  const bundle = await bundleFor(scene, { sequence: 7 });
  const storedContentSha256 = new Bundle(bundle).contentSha256!;
  const otherSha256 = new Bundle(await bundleFor(scene, { sequence: 7 })).contentSha256!;
  const cases: Readonly<Record<string, readonly [Partial<AcceptanceContext>, string]>> = {
    'may be any to an eNB that never took a bundle': [{ lastSequence: 0 }, 'true'],
    'may rise by one': [{ lastSequence: 6 }, 'true'],
    'may jump': [{ lastSequence: 1 }, 'true'],
    'may not fall': [{ lastSequence: 8 }, 'false'],
    'may not fall from the highest': [{ lastSequence: Number.MAX_SAFE_INTEGER }, 'false'],
    'may stay for the very bundle that the eNB has': [{ lastSequence: 7, storedContentSha256 }, 'true'],
    'may not stay for another bundle': [{ lastSequence: 7, storedContentSha256: otherSha256 }, 'false'],
    'may not fall for the very bundle that the eNB has': [{ lastSequence: 8, storedContentSha256 }, 'false'],
    'may stay as far as is known when the bundle that the eNB has is not': [{ lastSequence: 7 }, 'not-given'],
  };
  for (const [name, [context, answer]] of Object.entries(cases)) {
    it(name, () => {
      const acceptance = judge(bundle, scene, context);
      assert.equal(answers(acceptance)['sequence-rollback'], answer);
      assert.equal(acceptance.accepted, answer !== 'false');
    });
  }

  it('may be the highest that every JSON reader holds', async () => {
    assert.equal(judge(await bundleFor(scene, { sequence: Number.MAX_SAFE_INTEGER }), scene).accepted, true);
  });

  it('tells, when it is refused, the least that would be taken', () => {
    const { checks } = judge(bundle, scene, { lastSequence: 41 });
    const check = checks.find(({ code }) => code === 'sequence-rollback');
    assert(check?.ok === false);
    assert.deepEqual(check.detail, { code: 'sequence-rollback', expected: '42', found: '7' });
  });
});

describe('training', () => {
  const training = makeScene({ training: true });
  for (const isVendorTraining of [true, false]) {
    for (const isOperatorTraining of [true, false]) {
      for (const flag of [true, false]) {
        const isSame = isVendorTraining === isOperatorTraining && isVendorTraining === flag;
        const parts = `vendor root ${isVendorTraining}, operator root ${isOperatorTraining}, flag ${flag}`;
        it(`is ${isSame ? 'taken' : 'refused'}: ${parts}`, async () => {
          const own = isVendorTraining ? training : scene;
          const operator = isOperatorTraining ? training : scene;
          const bundle = await bundleFor(own, {
            training: flag,
            operatorRootCertificates: configurationFor(operator).operatorRootCertificates,
          });
          const acceptance = judge(bundle, own);
          assert.deepEqual(answers(acceptance), { ...goodAnswers, 'training-mismatch': String(isSame) });
          assert.equal(acceptance.accepted, isSame);
        });
      }
    }
  }

  it('is refused when one operator root of several is of the other kind', async () => {
    const operatorRootCertificates = [training, scene].flatMap(
      (one) => configurationFor(one).operatorRootCertificates,
    );
    for (const [own, flag] of [
      [training, true],
      [scene, false],
    ] as const) {
      const acceptance = judge(await bundleFor(own, { training: flag, operatorRootCertificates }), own);
      assert.equal(answers(acceptance)['training-mismatch'], 'false');
    }
  });
});

describe('CRLs that came with a bundle', () => {
  // Nothing in CMS signs the list of CRLs. Anyone on the path can add one, and eNBs remember those that they receive.
  const forger = makeVendor('Lab Vendor', labOptions);
  const genuine = [issueCrl(vendor.root), issueCrl(vendor.issuing)];
  const tellFor = async (...added: Parameters<typeof signingOf>[2] & object) =>
    judge(
      await makeBundle(
        configurationFor(scene),
        sealingFor(scene),
        signingOf(configurationKey, vendor, added),
      ),
      scene,
    );

  it('are told where a CA of the path has signed them', async () => {
    const acceptance = await tellFor(...genuine);
    assert.equal(acceptance.accepted, true);
    assert.equal(acceptance.crls.length, 2);
  });

  it('are not told where they are forged in the name of a CA of the path', async () => {
    const forged = issueCrl(
      { ...vendor.issuing, key: forger.issuing.key },
      { number: 1_000_000, thisUpdate: new Date(now.getTime() - 1000) },
    );
    const acceptance = await tellFor(...genuine, forged);
    assert.equal(acceptance.accepted, true);
    assert.equal(acceptance.crls.length, 2);
    assert(acceptance.crls.every(({ crl }) => Buffer.compare(crl.der, forged.der) !== 0));
  });

  it('are not told where they are of an issuer that the path does not have', async () => {
    const foreign = makeVendor('Another Vendor', labOptions);
    const acceptance = await tellFor(
      ...genuine,
      issueCrl(foreign.root, { thisUpdate: new Date('2099-01-01T00:00:00Z') }),
    );
    assert.equal(acceptance.accepted, true);
    assert.equal(acceptance.crls.length, 2);
  });
});

describe('a bundle that is only looked at', () => {
  it('tells what it says without anyone vouching for it', () => {
    const shown = new Bundle(good).unverified;
    assert(shown.ok);
    assert.equal(shown.value.configuration.enb.serialNumber, identity.serialNumber);
    assert.equal(shown.value.certificates.length, 2);
    assert.deepEqual(shown.value.crls, []);
  });

  it('is refused when it is no bundle, or its content not the format', async () => {
    for (const bytes of [Buffer.from('{}'), await signContent('{}', signing)]) {
      const shown = new Bundle(bytes).unverified;
      assert(!shown.ok);
      assert.equal(shown.fault.code, 'bundle-malformed');
    }
  });
});
