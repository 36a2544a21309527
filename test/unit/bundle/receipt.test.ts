import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  acceptanceCodes,
  makeReceipt,
  toVerdict,
  verifyReceipt,
  type Receipt,
  type ReceiptQuestion,
} from '../../../main/bundle/index.ts';
import { issue, makeEnb, makeVendor, type KeyPair } from '../../kit/issue-certificate.ts';
import { readEnbIdentity } from '../../../main/pki/index.ts';
import {
  answers,
  bundleFor,
  clock,
  identity,
  issueCrl,
  judge,
  signerOf,
  labOptions,
  makeChallenge,
  makeScene,
  now,
  otherIdentity,
  referencePair,
  signContent,
  subjectOf,
} from '../../kit/bundle.ts';
import { rootFault } from '../../kit/fault.ts';

const scene = makeScene();
const { vendor, enb } = scene;
const bundle = await bundleFor(scene);
const acceptance = judge(bundle, scene);
const challenge = makeChallenge();

const receipt: Receipt = {
  format: 'siteseal-receipt/1',
  receiptNumber: 3,
  bundleId: acceptance.configuration!.bundleId,
  sequence: 7,
  bundleSha256: acceptance.bundleSha256,
  enb: identity,
  verdict: toVerdict(acceptance),
  steps: [
    {
      step: 'initial-ipsec',
      state: 'done',
      startedAt: '2026-11-15T11:58:00Z',
      endedAt: '2026-11-15T11:58:04Z',
    },
    { step: 'enrolment', state: 'failed', fault: { code: 'device-no-answer', detail: 'no answer' } },
    { step: 'backhaul-ipsec', state: 'waiting' },
    { step: 'renewal', state: 'waiting' },
  ],
  firmware: 'reference/1',
  clock: { state: 'set', time: '2026-11-15T12:00:00Z' },
  training: false,
  challenge,
  auditHead: 'siteseal.example/log\n12\nAAAA\n',
};

const subject = subjectOf(bundle);

const question: ReceiptQuestion = {
  vendorRoots: [vendor.root.certificate],
  clock,
  enb: identity,
  subject,
  challenge,
};

/** The verdict with another answer to `bundle-expired`. */
function verdictWith(answer: { readonly ok: boolean | null; readonly why?: string }) {
  const checks = receipt.verdict.checks.map((check) =>
    check.code === 'bundle-expired' ? { code: check.code, ...answer } : check,
  );
  return { ...receipt.verdict, checks };
}

/** A receipt with changes, signed by an eNB that brings the vendor's issuing CA. */
function signed(changes: object = {}, signer: KeyPair = enb): Promise<Uint8Array> {
  const content = JSON.stringify({ ...receipt, ...changes });
  return signContent(content, {
    signer: signerOf(signer),
    intermediates: [vendor.issuing.certificate],
    crls: [],
  });
}

describe('a receipt', () => {
  it('is verified, and tells what the eNB has said', async () => {
    const bytes = await makeReceipt(receipt, signerOf(enb, vendor.issuing), now);
    const verified = verifyReceipt(bytes, question);
    assert(verified.ok);
    assert.equal(JSON.stringify(verified.value), JSON.stringify(receipt));
  });

  it('is verified with only the vendor root', async () => {
    assert(verifyReceipt(await signed(), { vendorRoots: question.vendorRoots, clock }).ok);
  });

  it('is verified with intermediates from elsewhere', async () => {
    const bytes = await makeReceipt(receipt, signerOf(enb), now);
    assert(!verifyReceipt(bytes, question).ok);
    assert(verifyReceipt(bytes, { ...question, intermediates: [vendor.issuing.certificate] }).ok);
  });

  it('may be of a bundle that did not authenticate, and then names only its digest', async () => {
    const verdict = toVerdict(judge(Buffer.from('nonsense'), scene));
    assert(verifyReceipt(await signed({ bundleId: undefined, sequence: undefined, verdict }), question).ok);
  });

  it('may be of an eNB without a clock', async () => {
    assert(verifyReceipt(await signed({ clock: { state: 'not-set' } }), question).ok);
    const seen = { state: 'not-set', latestTrusted: '2026-11-10T09:30:00Z' };
    assert(verifyReceipt(await signed({ clock: seen }), question).ok);
  });

  it('may be signed with an RSA key of 2048 bits', async () => {
    const rsa = referencePair('vendor-b/enb-certs/BN1000000.crt', 'vendor-b/enb-keys/BN1000000.key');
    const root = referencePair('vendor-b/root.crt', 'vendor-b/ca-keys/root.key');
    const sub = referencePair('vendor-b/sub.crt', 'vendor-b/ca-keys/sub.key');
    const rsaIdentity = readEnbIdentity(rsa.certificate);
    assert(rsaIdentity.ok);
    const verified = verifyReceipt(await signed({ enb: rsaIdentity.value }, rsa), {
      vendorRoots: [root.certificate],
      intermediates: [sub.certificate],
      clock,
    });
    assert(verified.ok);
  });
});

describe('a receipt is refused', async () => {
  const training = makeScene({ training: true });
  const stranger = makeVendor('Lab Vendor', labOptions);
  const expired = makeEnb(vendor, identity, { ...labOptions, notAfter: new Date('2026-11-01T00:00:00Z') });
  const mute = issue(
    { subject: 'CN=mute', enb: identity, keyUsage: ['keyAgreement'], ...labOptions },
    'P-256',
    vendor.issuing,
  );
  const flipped = Buffer.from(await signed());
  flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
  const cases: Readonly<Record<string, readonly [cause: string, Uint8Array, Partial<ReceiptQuestion>?]>> = {
    'that is no CMS': ['der-tag', Buffer.from(JSON.stringify(receipt))],
    'whose signature does not hold': ['cms-signature', flipped],
    'of an eNB of another vendor of the same name': [
      'signature-invalid',
      await signed(),
      { vendorRoots: [stranger.root.certificate] },
    ],
    'of an eNB whose certificate has expired': ['certificate-expired', await signed({}, expired)],
    'of an eNB whose certificate is revoked': [
      'certificate-revoked',
      await signed(),
      { crls: [issueCrl(vendor.issuing, { revoked: [enb] })] },
    ],
    'that is a bundle': ['json-format', bundle],
    'of another format': ['json-format', await signed({ format: 'siteseal-receipt/2' })],
    'with an unknown member': ['json-unknown-member', await signed({ note: 'x' })],
    'with null for what is absent': ['json-type', await signed({ auditHead: null })],
    'without its verdict': ['json-type', await signed({ verdict: undefined })],
    'with a verdict on what is no check': [
      'json-type',
      await signed({ verdict: { accepted: true, checks: [{ code: 'all-is-well', ok: true }] } }),
    ],
    'that accepts what was not judged': [
      'verdict',
      await signed({ verdict: verdictWith({ ok: null, why: 'prevented-by:bundle-malformed' }) }),
    ],
    'that does not say why a check is missing': [
      'verdict',
      await signed({ verdict: verdictWith({ ok: null }) }),
    ],
    'that refuses for no reason': [
      'verdict',
      await signed({ verdict: { ...receipt.verdict, accepted: false } }),
    ],
    'that has accepted a bundle without saying its sequence number': [
      'receipt-bundle',
      await signed({ sequence: undefined }),
    ],
    'that has accepted a bundle without saying its id': [
      'receipt-bundle',
      await signed({ bundleId: undefined }),
    ],
    'by another certificate of the eNB than the bundle is for': [
      'receipt-certificate',
      await signed(),
      { subject: { ...subject, enb: { ...subject.enb, certificateSha256: '00'.repeat(32) } } },
    ],
    'with a step that there is not': [
      'json-type',
      await signed({ steps: [{ step: 'coffee', state: 'done' }] }),
    ],
    'whose number is 0': ['json-type', await signed({ receiptNumber: 0 })],
    'with a challenge of 31 octets': [
      'challenge',
      await signed({ challenge: Buffer.alloc(31).toString('base64') }),
    ],
    'with a challenge of 33 octets': [
      'challenge',
      await signed({ challenge: Buffer.alloc(33).toString('base64') }),
    ],
    'with an empty audit head': ['json-type', await signed({ auditHead: '' })],
    'signed by something that is not an eNB': [
      'hardware-module-one',
      await signed({}, scene.configurationKey),
    ],
    'signed with a key that is not for signing': ['receipt-signer', await signed({}, mute)],
    'of an eNB that calls itself another': ['receipt-signer', await signed({ enb: otherIdentity })],
    'of an eNB that calls itself of another type': [
      'receipt-signer',
      await signed({ enb: { ...identity, hwType: '1.2.3' } }),
    ],
    'of another eNB than was asked': ['receipt-enb', await signed(), { enb: otherIdentity }],
    'marked as training by an eNB that is not': ['receipt-training', await signed({ training: true })],
    'not marked as training by an eNB that is': [
      'receipt-training',
      await signed({}, training.enb),
      {
        vendorRoots: [training.vendor.root.certificate],
        intermediates: [training.vendor.issuing.certificate],
      },
    ],
    'of another bundle': [
      'receipt-bundle',
      await signed(),
      { subject: { ...subject, bundleSha256: '00'.repeat(32) } },
    ],
    'of this bundle by another id': ['receipt-bundle', await signed({ bundleId: randomUUID() })],
    'of this bundle by another sequence number': ['receipt-bundle', await signed({ sequence: 8 })],
    'of a bundle for another eNB': [
      'receipt-enb',
      await signed(),
      { subject: { ...subject, enb: { ...subject.enb, serialNumber: 'LAB0002' } } },
    ],
    'that did not authenticate the bundle and names it': [
      'receipt-bundle',
      await signed({ verdict: toVerdict(judge(Buffer.from('nonsense'), scene)) }),
    ],
    'that accepts without its memory': [
      'receipt-verdict',
      await signed({ verdict: toVerdict(judge(bundle, scene, { lastSequence: undefined as never })) }),
    ],
    'that judges no dates for want of a clock that it has': [
      'receipt-verdict',
      await signed({ verdict: verdictWith({ ok: null, why: 'no-clock' }) }),
    ],
    'with another challenge': ['receipt-challenge', await signed(), { challenge: makeChallenge() }],
    'with another audit head': ['receipt-audit-head', await signed(), { auditHead: 'another head' }],
    'with no challenge where one was handed over': [
      'receipt-challenge',
      await signed({ challenge: undefined }),
    ],
    'with the challenge in another case of letters': [
      'receipt-challenge',
      await signed({ challenge: changeCase(challenge) }),
    ],
  };
  for (const [name, [cause, bytes, changes]] of Object.entries(cases)) {
    it(name, () => {
      const verified = verifyReceipt(bytes, { ...question, ...changes });
      assert(!verified.ok);
      assert.equal(verified.fault.code, 'receipt-invalid');
      const root = rootFault(verified.fault);
      assert.equal(root.rule ?? root.code, cause);
    });
  }

  it('at every byte at which it is cut short', async () => {
    const bytes = await signed();
    for (let length = 0; length < bytes.length; length += 7) {
      assert.equal(verifyReceipt(bytes.subarray(0, length), question).ok, false);
    }
  });

  it('and cannot be taken for a bundle', async () => {
    assert.equal(answers(judge(await signed(), scene))['signer-not-a-configuration-key'], 'false');
  });
});

describe('the verdict in a receipt', () => {
  it('has every check with its answer, or with the reason why it has no answer', async () => {
    const { accepted, checks } = toVerdict(judge(await bundleFor(scene, { enb: otherIdentity }), scene));
    assert.equal(accepted, false);
    assert.deepEqual(
      checks.map(({ code }) => code),
      acceptanceCodes,
    );
    assert.deepEqual(checks[8], { code: 'bundle-for-another-enb', ok: false });
    assert.deepEqual(checks[13], {
      code: 'sealed-undecryptable',
      ok: null,
      why: 'prevented-by:bundle-for-another-enb',
    });
  });

  it('tells a stranger no details', () => {
    const { checks } = toVerdict(judge(Buffer.from('nonsense'), scene));
    for (const check of checks)
      assert.deepEqual(
        Object.keys(check).filter((name) => name === 'detail'),
        [],
      );
  });
});

function changeCase(text: string): string {
  const swapped = text.replace(/[a-z]/, (letter) => letter.toUpperCase());
  return swapped === text ? text.replace(/[A-Z]/, (letter) => letter.toLowerCase()) : swapped;
}
