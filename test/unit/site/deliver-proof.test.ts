import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { makeReceipt, verifyReceipt, type Receipt } from '../../../main/bundle/index.ts';
import { issue, makeEnb, makeVendor, type KeyPair } from '../../kit/issue-certificate.ts';
import {
  bundleFor,
  hwType,
  identity,
  signerOf,
  labOptions,
  makeChallenge,
  makeScene,
  now,
  otherIdentity,
} from '../../kit/bundle.ts';
import {
  makeReferenceEnb,
  sendBytes,
  sendJson,
  startFaultyEnb,
  trustOf,
  type Behaviour,
} from '../../kit/enb.ts';
import { Laptop } from '../../kit/laptop.ts';

const scene = makeScene();
const { vendor } = scene;
const bundle = await bundleFor(scene);
const trust = trustOf(scene);
const laptop = new Laptop();
after(() => laptop.close());

/** An eNB that has taken the bundle, to make receipts of. */
const reference = makeReferenceEnb(scene);
reference.takeBundle(bundle);

async function goodReceipt(challenge = makeChallenge()): Promise<Receipt> {
  const receipt = verifyReceipt((await reference.makeReceipt({ challenge }))!, trust);
  assert(receipt.ok);
  return receipt.value;
}

/** The challenge of a request for a receipt. */
function challengeIn(body: Buffer): string {
  return (JSON.parse(body.toString()) as { readonly challenge: string }).challenge;
}

/** The result of delivering the bundle to an eNB that answers one request differently. */
async function deliverWith(name: string, behaviour: Behaviour) {
  const before = { receipts: laptop.receipts().length, files: laptop.receiptFiles().length };
  const enb = await startFaultyEnb(scene, { [name]: behaviour });
  const report = await laptop.deliver({ bundle, trust, transport: enb.transport });
  await enb.close();
  // Nothing that is not proven is kept as a proof.
  assert.equal(report.receipt, undefined);
  assert.deepEqual(laptop.receiptFiles().length, before.files);
  assert.deepEqual(laptop.receipts().length, before.receipts);
  const { state, fault } = laptop.log().at(-1)!.facts;
  assert.deepEqual([state, fault], [report.state, report.fault?.code]);
  return report;
}

describe('a bundle that is read back otherwise than it was sent is no success:', () => {
  const changed = Buffer.from(bundle);
  changed[changed.length - 1]! ^= 1;
  const answers: readonly (readonly [what: string, behaviour: Behaviour])[] = [
    [
      'one bit',
      ({ response }) => {
        sendBytes(response, changed);
      },
    ],
    [
      'an octet less',
      ({ response }) => {
        sendBytes(response, bundle.subarray(0, -1));
      },
    ],
    [
      'an octet more',
      ({ response }) => {
        sendBytes(response, Buffer.concat([bundle, Buffer.alloc(1)]));
      },
    ],
    [
      'nothing',
      ({ response }) => {
        sendBytes(response, new Uint8Array());
      },
    ],
    [
      'another good bundle',
      async ({ response }) => {
        sendBytes(response, await bundleFor(scene));
      },
    ],
    ['no bundle', ({ response }) => response.writeHead(404).end()],
  ];
  for (const [what, behaviour] of answers) {
    it(what, async () => {
      const report = await deliverWith('GET /v1/bundle', behaviour);
      assert.deepEqual([report.state, report.fault], ['sent', { code: 'read-back-mismatch' }]);
    });
  }
});

describe('a verdict that is none is no success:', () => {
  const checks = [{ code: 'bundle-malformed', ok: true }];
  const answers: readonly (readonly [what: string, status: number, verdict: object])[] = [
    ['without the other checks', 200, { accepted: true, checks }],
    ['without any check', 200, { accepted: true, checks: [] }],
    ['no verdict', 200, {}],
  ];
  for (const [what, status, verdict] of answers) {
    it(what, async () => {
      const report = await deliverWith('PUT /v1/bundle', ({ response }) => {
        sendJson(response, status, verdict);
      });
      assert.deepEqual([report.state, report.fault?.code], ['sending', 'device-garbage']);
    });
  }

  it('accepted with a check that failed', async () => {
    const report = await deliverWith('PUT /v1/bundle', async ({ response }) => {
      const { verdict } = await goodReceipt();
      const failed = verdict.checks.map((check) =>
        check.code === 'bundle-expired' ? { ...check, ok: false } : check,
      );
      sendJson(response, 200, { ...verdict, checks: failed });
    });
    assert.deepEqual([report.state, report.fault?.code], ['sending', 'device-garbage']);
  });
});

/** Answers with the good receipt, with some members changed, signed by the eNB or by another. */
function receiptWith(
  change: (receipt: Receipt) => object,
  signer: KeyPair = scene.enb,
  ...chain: KeyPair[]
): Behaviour {
  return async ({ body, response }) => {
    const receipt = await goodReceipt(challengeIn(body));
    const changed = { ...receipt, ...change(receipt) } as Receipt;
    sendBytes(response, await makeReceipt(changed, signerOf(signer, ...chain), now));
  };
}

describe('a receipt that does not prove this delivery is refused, and the delivery is not complete:', () => {
  const self = issue(
    { ...labOptions, subject: 'CN=enb', enb: identity, keyUsage: ['digitalSignature', 'keyAgreement'] },
    'P-256',
  );
  const foreign = makeVendor('Another Vendor', labOptions);
  const expired = { ...labOptions, notAfter: new Date('2026-11-15T11:59:59Z') };
  const verdictWith =
    (answer: object, accepted = true) =>
    ({ verdict }: Receipt) => ({
      verdict: {
        accepted,
        checks: verdict.checks.map((check) =>
          check.code === 'bundle-expired' ? { code: check.code, ...answer } : check,
        ),
      },
    });
  const receipts: readonly (readonly [what: string, behaviour: Behaviour, rule?: string])[] = [
    ['for another challenge', receiptWith(() => ({ challenge: makeChallenge() })), 'receipt-challenge'],
    ['with another head of the log', receiptWith(() => ({ auditHead: 'another' })), 'receipt-audit-head'],
    ['without a challenge', receiptWith(() => ({ challenge: undefined })), 'receipt-challenge'],
    [
      'about another bundle',
      receiptWith(() => ({ bundleSha256: createHash('sha256').update('another').digest('hex') })),
      'receipt-bundle',
    ],
    [
      'of another bundle id',
      receiptWith(() => ({ bundleId: '1b4e28ba-2fa1-41d2-883f-0016d3cca427' })),
      'receipt-bundle',
    ],
    ['of another sequence number', receiptWith(() => ({ sequence: 8 })), 'receipt-bundle'],
    ['of another eNB', receiptWith(() => ({ enb: otherIdentity })), 'receipt-signer'],
    [
      'of another type',
      receiptWith(() => ({ enb: { ...identity, hwType: `${hwType}.9` } })),
      'receipt-signer',
    ],
    [
      'of another eNB, signed by it',
      receiptWith(() => ({ enb: otherIdentity }), makeEnb(vendor, otherIdentity, labOptions), vendor.issuing),
      'receipt-enb',
    ],
    [
      'signed by another eNB',
      receiptWith(() => ({}), makeEnb(vendor, otherIdentity, labOptions)),
      'receipt-signer',
    ],
    ['signed by the operator', receiptWith(() => ({}), scene.configurationKey, vendor.issuing)],
    ['signed by nobody known', receiptWith(() => ({}), self)],
    [
      "signed by another vendor's eNB of the same name",
      receiptWith(() => ({}), makeEnb(foreign, identity, labOptions), foreign.issuing),
    ],
    [
      'signed with an expired certificate',
      receiptWith(() => ({}), makeEnb(vendor, identity, expired), vendor.issuing),
    ],
    ['for training', receiptWith(() => ({ training: true })), 'receipt-training'],
    ['with one check less sure', receiptWith(verdictWith({ ok: null, why: 'no-clock' })), 'receipt-verdict'],
    ['that refuses what was accepted', receiptWith(verdictWith({ ok: false }, false)), 'receipt-verdict'],
    ['that accepts with a check that failed', receiptWith(verdictWith({ ok: false }))],
    ['without some checks', receiptWith(({ verdict }) => ({ verdict: { ...verdict, checks: [] } }))],
    ['with number 0', receiptWith(() => ({ receiptNumber: 0 }))],
    ['in another format', receiptWith(() => ({ format: 'siteseal-receipt/2' }))],
    ['with a member that is null', receiptWith(() => ({ auditHead: null }))],
    [
      'that is no CMS',
      ({ response }) => {
        sendBytes(response, randomBytes(500));
      },
    ],
    [
      'that is empty',
      ({ response }) => {
        sendBytes(response, new Uint8Array());
      },
    ],
    [
      'that is the bundle',
      ({ response }) => {
        sendBytes(response, bundle);
      },
    ],
    [
      'with one bit changed',
      async ({ body, response }) => {
        const receipt = Buffer.from(
          await makeReceipt(await goodReceipt(challengeIn(body)), signerOf(scene.enb), now),
        );
        receipt[receipt.length - 1]! ^= 1;
        sendBytes(response, receipt);
      },
    ],
  ];
  for (const [what, behaviour, rule] of receipts) {
    it(what, async () => {
      const report = await deliverWith('POST /v1/receipt', behaviour);
      assert.deepEqual([report.state, report.fault?.code], ['verdict', 'receipt-invalid']);
      assert.equal(report.fault?.rule, rule);
      assert(report.verdict?.accepted);
    });
  }

  it('and one that is as it must be, made in the same way, is taken', async () => {
    const enb = await startFaultyEnb(scene, { 'POST /v1/receipt': receiptWith(() => ({})) });
    const report = await laptop.deliver({ bundle, trust, transport: enb.transport });
    await enb.close();
    assert.deepEqual([report.state, report.fault], ['receipt', undefined]);
  });

  it('an old one, played again', async () => {
    let old: Uint8Array | undefined;
    const replay: Behaviour = async ({ response, body, answer }) => {
      if (old) sendBytes(response, old);
      else answer();
      old = await makeReceipt(await goodReceipt(challengeIn(body)), signerOf(scene.enb), now);
    };
    const enb = await startFaultyEnb(scene, { 'POST /v1/receipt': replay });
    const request = { bundle, trust, transport: enb.transport };
    assert.equal((await laptop.deliver(request)).state, 'receipt');
    const again = await laptop.deliver(request);
    await enb.close();
    assert.deepEqual([again.state, again.fault?.rule], ['verdict', 'receipt-challenge']);
  });
});
