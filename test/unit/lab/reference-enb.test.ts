import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { cpSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import {
  acceptanceCodes,
  makeBundle,
  verifyReceipt,
  type AcceptanceCode,
  type Receipt,
  type Verdict,
} from '../../../main/bundle/index.ts';
import { parseSignedData } from '../../../main/cms/index.ts';
import { openSession, type EnbSession } from '../../../main/device/index.ts';
import { ReferenceEnb } from '../../../main/lab/index.ts';
import {
  issue,
  issueCertificate,
  makeConfigurationKey,
  makeEnb,
  type KeyPair,
} from '../../kit/issue-certificate.ts';
import {
  authorisationFor,
  bundleAround,
  bundleFor,
  configurationFor,
  hwType,
  identity,
  issueCrl,
  signerOf,
  labOptions,
  makeChallenge,
  makeScene,
  otherIdentity,
  sealedMembers,
  sealingFor,
  signContent,
  signingOf,
} from '../../kit/bundle.ts';
import {
  deadlines,
  enbOptions,
  makeReferenceEnb,
  startEnb,
  temporaryFolder,
  trustOf,
  type RunningEnb,
} from '../../kit/enb.ts';
import { issuingDistributionPoint, makeCrl } from '../../kit/pki.ts';

const serials = ['LAB0001', 'LAB0002', 'LAB1000-LAB1999'];
/** A copy of an eNB's state. */
function copyOf(folder: string): string {
  const copy = temporaryFolder();
  cpSync(folder, copy, { recursive: true });
  return copy;
}

const scene = makeScene({ authorisation: authorisationFor(serials, hwType, 1) });
const { vendor } = scene;

/** The checks that fail and, marked with `?`, those that cannot run because something is missing. */
function noes({ checks }: Verdict): readonly string[] {
  return checks.flatMap(({ code, ok, why = '' }) => {
    if (ok === false) return [code];
    return ok === null && !why.startsWith('prevented-by') ? [`${code}? ${why}`] : [];
  });
}

/** The only thing that a good bundle without CRLs leaves open. */
const nothingWrong = ['signer-revoked? not-given'];

/** A receipt of the eNB, verified. */
async function receiptOf(enb: ReferenceEnb): Promise<Receipt> {
  const challenge = makeChallenge();
  const bytes = await enb.makeReceipt({ challenge });
  assert(bytes);
  const receipt = verifyReceipt(bytes, { ...trustOf(scene), enb: identity, challenge });
  assert(receipt.ok, JSON.stringify(receipt));
  return receipt.value;
}

/** A configuration key of the vendor for the eNBs of the scene. */
function anotherKey(
  changes: Partial<typeof labOptions> = {},
  serials = ['LAB0001', 'LAB0002'],
  epoch = 1,
): KeyPair {
  return makeConfigurationKey(vendor, 'Lab Operator', authorisationFor(serials, hwType, epoch), {
    ...labOptions,
    ...changes,
  });
}

function signedWith(
  pair: KeyPair,
  changes: object = {},
  crls: Parameters<typeof signingOf>[2] = [],
): Promise<Uint8Array> {
  return makeBundle(configurationFor(scene, changes), sealingFor(scene), signingOf(pair, vendor, crls));
}

describe('every reason to refuse a bundle comes over the wire', async () => {
  let enb: RunningEnb;
  let session: EnbSession;
  const accepted = await bundleFor(scene, { sequence: 100 });
  before(async () => {
    enb = await startEnb(scene);
    const opened = await openSession(enb.transport, trustOf(scene), deadlines);
    assert(opened.ok);
    session = opened.value;
    const verdict = await session.putBundle(accepted);
    assert(verdict.ok && verdict.value.accepted);
  });
  after(async () => {
    session.close();
    await enb.close();
  });

  const sequence = 101;
  const configuration = configurationFor(scene, { sequence });
  const revoked = anotherKey();
  const tampered = Buffer.from(await bundleFor(scene, { sequence }));
  tampered[tampered.length - 1]! ^= 1;
  const reasons: Readonly<Record<AcceptanceCode, Uint8Array>> = {
    'bundle-malformed': randomBytes(2000),
    'bundle-signature-invalid': tampered,
    'signer-untrusted': await bundleFor(makeScene(), { sequence }),
    'signer-expired': await signedWith(anotherKey({ notAfter: new Date('2026-11-15T11:59:59Z') }), {
      sequence,
    }),
    'signer-revoked': await signedWith(revoked, { sequence }, [
      issueCrl(vendor.issuing, { revoked: [revoked] }),
    ]),
    'signer-not-a-configuration-key': await makeBundle(configuration, sealingFor(scene), {
      ...scene.signing,
      signer: signerOf(scene.enb),
    }),
    'signer-superseded': await signedWith(anotherKey({}, ['LAB0001'], 0), { sequence }),
    'enb-out-of-scope': await signedWith(anotherKey({}, ['LAB0002']), { sequence }),
    'bundle-for-another-enb': await bundleFor(scene, { sequence, enb: otherIdentity }),
    'bundle-not-yet-valid': await bundleFor(scene, { sequence, notBefore: '2026-11-15T12:00:01Z' }),
    'bundle-expired': await bundleFor(scene, { sequence, notAfter: '2026-11-15T11:59:59Z' }),
    'sequence-rollback': await bundleFor(scene, { sequence: 99 }),
    'training-mismatch': await bundleFor(scene, { sequence, training: true }),
    'sealed-undecryptable': await makeBundle(
      configuration,
      { ...sealingFor(scene), recipient: makeEnb(vendor, identity, labOptions).certificate },
      scene.signing,
    ),
    'sealed-binding-mismatch': await bundleAround(
      scene,
      configuration,
      JSON.stringify({ ...sealedMembers(configuration, scene.signing), sequence: 100 }),
    ),
    'configuration-invalid': await bundleFor(scene, {
      sequence,
      backhaul: { ...configuration.backhaul, mtu: 1 },
    }),
  };
  for (const code of acceptanceCodes) {
    it(`${code}, and the accepted bundle stays`, async () => {
      const put = await session.putBundle(reasons[code]);
      assert(put.ok, JSON.stringify(put));
      const verdict = put.value;
      assert.equal(verdict.accepted, false);
      assert.deepEqual(
        verdict.checks.map((check) => check.code),
        acceptanceCodes,
      );
      const failed = verdict.checks.filter(({ ok }) => ok === false).map((check) => check.code);
      assert.deepEqual(failed, [code], JSON.stringify(verdict));
      for (const { ok, why } of verdict.checks) assert.equal(ok === null, why !== undefined);

      assert.deepEqual(await session.getBundle(), { ok: true, value: Buffer.from(accepted) });
      assert.equal(enb.enb.describe().lastSequence, 100);
      const receipt = await receiptOf(enb.enb);
      assert.deepEqual(receipt.verdict, verdict);
      const isAuthentic = acceptanceCodes.indexOf(code) > acceptanceCodes.indexOf('signer-superseded');
      assert.equal(receipt.sequence !== undefined, isAuthentic);
      assert.equal(receipt.bundleId !== undefined, isAuthentic);
    });
  }

  it('but a good bundle is taken after all of them', async () => {
    const put = await session.putBundle(await bundleFor(scene, { sequence }));
    assert(put.ok && put.value.accepted, JSON.stringify(put));
  });
});

describe('the sequence number of an eNB', () => {
  const at = (sequence: number) => bundleFor(scene, { sequence });

  it('rises with each accepted bundle and never falls, not over restarts either', async () => {
    const options = enbOptions(scene);
    const seven = await at(7);
    const steps: readonly (readonly [bundle: Uint8Array, isAccepted: boolean, last: number])[] = [
      [seven, true, 7],
      [await at(6), false, 7],
      [seven, true, 7],
      [await at(7), false, 7],
      [await at(9), true, 9],
      [seven, false, 9],
      [await at(8), false, 9],
      [await at(Number.MAX_SAFE_INTEGER), true, Number.MAX_SAFE_INTEGER],
      [await at(10), false, Number.MAX_SAFE_INTEGER],
    ];
    for (const [bundle, isAccepted, last] of steps) {
      const verdict = makeReferenceEnb(scene, options).takeBundle(bundle);
      assert.deepEqual(noes(verdict), [...nothingWrong, ...(isAccepted ? [] : ['sequence-rollback'])]);
      assert.equal(makeReferenceEnb(scene, options).describe().lastSequence, last);
    }
  });

  it('may stay for a bundle of the same content, whatever of it is not signed', async () => {
    const enb = makeReferenceEnb(scene);
    const bundle = await at(7);
    const parsed = parseSignedData(bundle);
    assert(parsed.ok);
    const content = Buffer.from(parsed.value.content).toString('utf8');
    const again = await signContent(
      content,
      signingOf(scene.configurationKey, vendor, [issueCrl(vendor.issuing)]),
    );
    assert.notDeepEqual(again, bundle);
    for (const one of [bundle, again, bundle]) {
      assert(enb.takeBundle(one).accepted);
      assert.deepEqual(enb.acceptedBundle(), Buffer.from(one));
    }
  });

  it('is of this eNB alone', async () => {
    const one = makeReferenceEnb(scene);
    const other = makeReferenceEnb(scene, makeEnb(vendor, otherIdentity, labOptions));
    assert(one.takeBundle(await at(7)).accepted);
    assert.equal(other.describe().lastSequence, 0);
  });
});

describe('the receipts of an eNB', () => {
  it('are about the last bundle that it was given, refused or not', async () => {
    const enb = makeReferenceEnb(scene);
    assert.equal(await enb.makeReceipt({ challenge: makeChallenge() }), undefined);
    const configuration = configurationFor(scene);
    enb.takeBundle(await makeBundle(configuration, sealingFor(scene), scene.signing));
    const first = await receiptOf(enb);
    assert.equal(first.verdict.accepted, true);
    assert.deepEqual([first.bundleId, first.sequence], [configuration.bundleId, 7]);
    enb.takeBundle(Buffer.from('no bundle'));
    const second = await receiptOf(enb);
    assert.equal(second.verdict.accepted, false);
    assert.deepEqual([second.bundleId, second.sequence], [undefined, undefined]);
    assert.notEqual(second.bundleSha256, first.bundleSha256);
  });

  it('say who, what and when, and no secret', async () => {
    const enb = makeReferenceEnb(scene);
    enb.takeBundle(await bundleFor(scene));
    const { enb: who, firmware, clock, training, steps } = await receiptOf(enb);
    assert.deepEqual(who, identity);
    assert.equal(firmware, 'siteseal-reference-enb/1');
    assert.deepEqual(clock, { state: 'set', time: '2026-11-15T12:00:00Z' });
    assert.equal(training, false);
    assert(steps.every(({ state }) => state === 'waiting'));
    const bytes = Buffer.from((await enb.makeReceipt({ challenge: makeChallenge() }))!);
    for (const secret of ['correct horse battery', 'enb-00001']) assert(!bytes.includes(secret));
  });

  it('have rising numbers, over restarts too, whatever bundles come between', async () => {
    const options = enbOptions(scene);
    makeReferenceEnb(scene, options).takeBundle(await bundleFor(scene));
    const numbers: number[] = [];
    for (let count = 0; count < 3; count++) {
      const enb = makeReferenceEnb(scene, options);
      numbers.push((await receiptOf(enb)).receiptNumber, (await receiptOf(enb)).receiptNumber);
      enb.takeBundle(randomBytes(10));
    }
    assert.deepEqual(numbers, [1, 2, 3, 4, 5, 6]);
  });

  it('are marked as training exactly when the vendor root is', async () => {
    const training = makeScene({ training: true });
    const enb = makeReferenceEnb(training);
    assert(enb.takeBundle(await bundleFor(training, { training: true })).accepted);
    assert(enb.describe().training);
    const receipt = verifyReceipt(
      (await enb.makeReceipt({ challenge: makeChallenge() }))!,
      trustOf(training),
    );
    assert(receipt.ok);
    assert.equal(receipt.value.training, true);
  });
});

describe('the CRLs of an eNB', () => {
  const revoked = anotherKey();
  const day = (text: string) => ({
    thisUpdate: new Date(`2026-11-${text}T00:00:00Z`),
    nextUpdate: new Date('2026-12-31T00:00:00Z'),
  });
  const older = issueCrl(vendor.issuing, { number: 1, ...day('05') });
  const newer = issueCrl(vendor.issuing, { number: 2, ...day('10'), revoked: [revoked] });
  const carrying = (crl: typeof older, sequence: number, pair = scene.configurationKey) =>
    signedWith(pair, { sequence }, [crl]);

  it('came with an accepted bundle and count from then on, over restarts too', async () => {
    const options = enbOptions(scene);
    assert.deepEqual(
      noes(makeReferenceEnb(scene, options).takeBundle(await signedWith(revoked, { sequence: 1 }))),
      ['signer-revoked? not-given'],
    );
    assert(makeReferenceEnb(scene, options).takeBundle(await carrying(newer, 2)).accepted);
    const verdict = makeReferenceEnb(scene, options).takeBundle(await signedWith(revoked, { sequence: 3 }));
    assert.deepEqual(noes(verdict), ['signer-revoked']);
  });

  it('do not yield to an older one, whether it comes with a refused bundle or an accepted one', async () => {
    const enb = makeReferenceEnb(scene);
    assert(enb.takeBundle(await carrying(newer, 1)).accepted);
    assert.deepEqual(noes(enb.takeBundle(await carrying(older, 2, revoked))), ['signer-revoked']);
    assert(enb.takeBundle(await carrying(older, 3)).accepted);
    assert.deepEqual(noes(enb.takeBundle(await carrying(older, 4, revoked))), ['signer-revoked']);
    assert.deepEqual(noes(enb.takeBundle(await signedWith(revoked, { sequence: 5 }))), ['signer-revoked']);
  });

  it('yield to a newer one', async () => {
    const enb = makeReferenceEnb(scene);
    assert(enb.takeBundle(await carrying(older, 1)).accepted);
    assert(enb.takeBundle(await carrying(newer, 2)).accepted);
    assert.deepEqual(noes(enb.takeBundle(await signedWith(revoked, { sequence: 3 }))), ['signer-revoked']);
  });

  it('yield to none of another scope', async () => {
    const enb = makeReferenceEnb(scene);
    const only = (kind: 'user' | 'ca') => ({ extensions: [issuingDistributionPoint({ only: kind })] });
    const ofUsers = makeCrl(vendor.issuing, { number: 1, ...only('user'), revoked: [revoked.certificate] });
    const ofCas = makeCrl(vendor.issuing, { number: 2, ...only('ca') });
    assert(enb.takeBundle(await carrying(ofUsers, 1)).accepted);
    assert(enb.takeBundle(await carrying(ofCas, 2)).accepted);
    assert.deepEqual(noes(enb.takeBundle(await signedWith(revoked, { sequence: 3 }))), ['signer-revoked']);
  });

  it('are counted by number, though the dates are equal', async () => {
    const enb = makeReferenceEnb(scene);
    const many = issueCrl(vendor.issuing, { number: 300, ...day('05'), revoked: [revoked] });
    assert(enb.takeBundle(await carrying(older, 1)).accepted);
    assert(enb.takeBundle(await carrying(many, 2)).accepted);
    assert.deepEqual(noes(enb.takeBundle(await signedWith(revoked, { sequence: 3 }))), ['signer-revoked']);
  });

  it('prove nothing more when they have ended, and revoke what they name all the same', async () => {
    const folder = temporaryFolder();
    const at = (time: string) => makeReferenceEnb(scene, { folder, now: () => new Date(time) });
    const lists = [newer, issueCrl(vendor.root, day('10'))];
    assert.deepEqual(
      noes(
        at('2026-11-15T12:00:00Z').takeBundle(
          await signedWith(scene.configurationKey, { sequence: 1 }, lists),
        ),
      ),
      [],
    );
    assert.deepEqual(
      noes(at('2026-12-30T12:00:00Z').takeBundle(await bundleFor(scene, { sequence: 2 }))),
      [],
    );
    assert.deepEqual(noes(at('2027-01-01T12:00:00Z').takeBundle(await bundleFor(scene, { sequence: 3 }))), [
      'signer-revoked? list-ended',
    ]);
    assert.deepEqual(
      noes(at('2027-01-01T12:00:00Z').takeBundle(await signedWith(revoked, { sequence: 4 }))),
      ['signer-revoked'],
    );
  });

  it('revoke and do nothing else when they came with a refused bundle', async () => {
    const enb = makeReferenceEnb(scene);
    const early = { sequence: 1, notBefore: '2026-12-01T00:00:00Z' };
    const refused = enb.takeBundle(await signedWith(scene.configurationKey, early, [newer]));
    assert.deepEqual(noes(refused), ['signer-revoked? not-given', 'bundle-not-yet-valid']);
    assert.deepEqual(noes(enb.takeBundle(await signedWith(revoked, { sequence: 2 }))), ['signer-revoked']);
    // The same list says nothing for the key that it does not name: there is no list that counts.
    assert.deepEqual(noes(enb.takeBundle(await bundleFor(scene, { sequence: 2 }))), nothingWrong);
  });

  it('displace no list when they came with a refused bundle', async () => {
    const enb = makeReferenceEnb(scene);
    assert(enb.takeBundle(await carrying(newer, 1)).accepted);
    const forgiving = issueCrl(vendor.issuing, { number: 3, ...day('12') });
    const early = { sequence: 2, notBefore: '2026-12-01T00:00:00Z' };
    assert(!enb.takeBundle(await signedWith(scene.configurationKey, early, [forgiving])).accepted);
    assert.deepEqual(noes(enb.takeBundle(await signedWith(revoked, { sequence: 3 }))), ['signer-revoked']);
  });
});

describe('an eNB without a clock', () => {
  const clockless = (folder = temporaryFolder()) => makeReferenceEnb(scene, { now: undefined, folder });
  const dates = (from: string, until: string, sequence: number) => ({
    issuedAt: `${from}T00:00:00Z`,
    notBefore: `${from}T00:00:00Z`,
    notAfter: `${until}T00:00:00Z`,
    sequence,
  });

  it('says so, and judges no dates at first', async () => {
    const enb = clockless();
    assert.deepEqual(enb.describe().clock, { state: 'not-set' });
    const verdict = enb.takeBundle(await bundleFor(scene, dates('2026-11-01', '2027-11-01', 1)));
    assert(verdict.accepted);
    assert.deepEqual(noes(verdict), [
      'signer-expired? no-clock',
      'signer-revoked? not-given',
      'bundle-not-yet-valid? no-clock',
      'bundle-expired? no-clock',
    ]);
    // Its own operator's word on the time counts against that key alone: the CA's does against everyone.
    assert.deepEqual((await receiptOf(enb)).clock, {
      state: 'not-set',
      latestTrusted: '2026-01-01T00:00:00Z',
    });
  });

  it('knows from the last bundle of a key how late it is for that key, over restarts too', async () => {
    const folder = temporaryFolder();
    assert(
      clockless(folder).takeBundle(await bundleFor(scene, dates('2026-11-01', '2027-11-01', 1))).accepted,
    );
    const past = clockless(folder).takeBundle(await bundleFor(scene, dates('2026-01-01', '2026-10-31', 2)));
    assert.deepEqual(noes(past), ['signer-expired? no-clock', 'signer-revoked? not-given', 'bundle-expired']);
    const other = await signedWith(anotherKey(), dates('2026-01-01', '2026-10-31', 2));
    assert.deepEqual(
      noes(makeReferenceEnb(scene, { now: undefined, folder: copyOf(folder) }).takeBundle(other)),
      ['signer-expired? no-clock', 'signer-revoked? not-given', 'bundle-expired? no-clock'],
    );
    const current = clockless(folder).takeBundle(
      await bundleFor(scene, dates('2026-11-01', '2026-11-02', 2)),
    );
    assert.deepEqual(noes(current), [
      'signer-expired? no-clock',
      'signer-revoked? not-given',
      'bundle-expired? no-clock',
    ]);
  });

  it('knows that a signer has expired whose end lies before', async () => {
    const enb = clockless();
    const expired = anotherKey({ notAfter: new Date('2026-10-31T00:00:00Z') });
    const renewed = anotherKey({ notBefore: new Date('2026-11-01T00:00:00Z') });
    const before = { ...dates('2026-05-01', '2027-11-01', 1) };
    assert(enb.takeBundle(await signedWith(expired, before)).accepted);
    assert(enb.takeBundle(await signedWith(renewed, dates('2026-11-01', '2027-11-01', 2))).accepted);
    const verdict = enb.takeBundle(await signedWith(expired, dates('2026-11-01', '2027-11-01', 3)));
    assert.deepEqual(noes(verdict), ['signer-expired', 'signer-revoked? not-given']);
  });

  it('is not set back by an older bundle, nor forward by a refused one', async () => {
    const enb = clockless();
    const latest = () => {
      const { clock } = enb.describe();
      return clock.state === 'not-set' ? clock.latestTrusted : clock.time;
    };
    const dated = (day: string) => [issueCrl(vendor.root, { thisUpdate: new Date(`${day}T00:00:00Z`) })];
    const signed = (pair: KeyPair, from: string, sequence: number, crls: ReturnType<typeof dated>) =>
      signedWith(pair, dates(from, '2027-11-01', sequence), crls);
    assert(
      enb.takeBundle(await signed(scene.configurationKey, '2026-11-01', 1, dated('2026-11-01'))).accepted,
    );
    assert(
      enb.takeBundle(await signed(scene.configurationKey, '2026-11-01', 2, dated('2026-10-01'))).accepted,
    );
    assert.equal(latest(), '2026-11-01T00:00:00Z');
    const refused = await signed(anotherKey({}, ['LAB0002']), '2026-11-01', 3, dated('2026-11-20'));
    assert(!enb.takeBundle(refused).accepted);
    const foreign = { ...dates('2026-11-20', '2027-11-01', 3), enb: otherIdentity };
    assert(!enb.takeBundle(await bundleFor(scene, foreign)).accepted);
    assert(!enb.takeBundle(await bundleFor(makeScene(), dates('2026-11-21', '2027-11-01', 3))).accepted);
    assert.equal(latest(), '2026-11-01T00:00:00Z');
  });

  it('believes no time after the end of a certificate that it is told by', async () => {
    const enb = clockless();
    const short = anotherKey({ notAfter: new Date('2026-12-31T00:00:00Z') });
    const far = { issuedAt: '9998-01-01T00:00:00Z', notBefore: '2026-01-01T00:00:00Z' };
    assert(
      enb.takeBundle(await signedWith(short, { ...far, notAfter: '9999-01-01T00:00:00Z', sequence: 1 }))
        .accepted,
    );
    assert.deepEqual(enb.describe().clock, { state: 'not-set', latestTrusted: '2026-01-01T00:00:00Z' });
    // The key has aged only itself, up to the end of its certificate.
    assert(enb.takeBundle(await bundleFor(scene, dates('2026-03-01', '2026-11-01', 2))).accepted);
    const old = await signedWith(short, dates('2026-03-01', '2026-11-01', 3));
    assert.deepEqual(noes(enb.takeBundle(old)), [
      'signer-expired? no-clock',
      'signer-revoked? not-given',
      'bundle-expired',
    ]);
  });

  it('believes no time that a CA with an authorisation of its own has signed', async () => {
    const restricted = issue(
      {
        subject: 'CN=Restricted',
        ca: true,
        keyUsage: ['keyCertSign', 'cRLSign'],
        authorisation: authorisationFor(['LAB0001'], hwType, 1),
        ...labOptions,
      },
      'P-256',
      vendor.root,
    );
    const late = { ...labOptions, notBefore: new Date('2030-01-01T00:00:00Z') };
    const key = makeConfigurationKey(
      { ...vendor, issuing: restricted },
      'Lab Operator',
      authorisationFor(['LAB0001'], hwType, 1),
      late,
    );
    const crl = issueCrl(restricted, { thisUpdate: new Date('2030-01-01T00:00:00Z') });
    const enb = clockless();
    const bundle = await makeBundle(
      configurationFor(scene, dates('2030-01-01', '2031-01-01', 1)),
      sealingFor(scene),
      { signer: signerOf(key), intermediates: [restricted.certificate], crls: [crl] },
    );
    const verdict = enb.takeBundle(bundle);
    assert(verdict.accepted, JSON.stringify(noes(verdict)));
    assert.deepEqual(enb.describe().clock, { state: 'not-set', latestTrusted: '2026-01-01T00:00:00Z' });
  });

  it('takes a clock that is before a proven time for none', async () => {
    const folder = temporaryFolder();
    const crl = issueCrl(vendor.root, { thisUpdate: new Date('2026-11-14T00:00:00Z') });
    const bundle = await signedWith(scene.configurationKey, dates('2026-11-01', '2027-11-01', 1), [crl]);
    assert(clockless(folder).takeBundle(bundle).accepted);
    const wrong = makeReferenceEnb(scene, { folder, now: () => new Date('2026-01-02T00:00:00Z') });
    assert.deepEqual(wrong.describe().clock, { state: 'not-set', latestTrusted: '2026-11-14T00:00:00Z' });
    const right = makeReferenceEnb(scene, { folder, now: () => new Date('2026-11-14T00:00:00Z') });
    assert.deepEqual(right.describe().clock, { state: 'set', time: '2026-11-14T00:00:00Z' });
  });

  it('takes the date of a CRL that came with a bundle', async () => {
    const enb = clockless();
    const crl = issueCrl(vendor.issuing, { thisUpdate: new Date('2026-11-14T00:00:00Z') });
    const bundle = await signedWith(scene.configurationKey, dates('2026-11-01', '2027-11-01', 1), [crl]);
    assert(enb.takeBundle(bundle).accepted);
    assert.deepEqual(enb.describe().clock, { state: 'not-set', latestTrusted: '2026-11-14T00:00:00Z' });
  });

  it('signs receipts that can be verified, before any bundle was accepted too', async () => {
    const enb = clockless();
    enb.takeBundle(randomBytes(100));
    assert.deepEqual((await receiptOf(enb)).clock, { state: 'not-set' });
  });
});

describe('an eNB does not start', () => {
  const key = generateKeyPairSync('ed25519').privateKey;
  const contents = { ...labOptions, subject: 'CN=enb', enb: identity };
  const ed25519 = { key, certificate: issueCertificate(contents, key, vendor.issuing) };
  const starts: readonly (readonly [why: string, changes: object, code: string])[] = [
    ['with a key that is not its own', { key: scene.operatorRoot.key }, 'key-certificate-mismatch'],
    ['with the key of a certificate of its chain', { key: vendor.issuing.key }, 'key-certificate-mismatch'],
    ['with a certificate that is not that of an eNB', scene.configurationKey, 'enb-identity-missing'],
    ['with a key of a kind that cannot sign receipts', ed25519, 'key-unfit'],
  ];
  for (const [why, changes, code] of starts) {
    it(why, () => {
      const started = ReferenceEnb.start(enbOptions(scene, changes));
      assert(!started.ok);
      assert.equal(started.fault.code, code);
    });
  }
});
