import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  Bundle,
  judgeBundle,
  SignerMemory,
  type Acceptance,
  type AcceptanceContext,
} from '../../../main/bundle/index.ts';
import { answers, bundleFor, clock, contextFor, issueCrl, makeScene, signingOf } from '../../kit/bundle.ts';

const scene = makeScene();
const { vendor, configurationKey } = scene;
const bundle = await bundleFor(scene);
const withCrls = await bundleFor({
  ...scene,
  signing: {
    ...signingOf(configurationKey, vendor),
    crls: [issueCrl(vendor.root), issueCrl(vendor.issuing)],
  },
});
const revoking = await bundleFor({
  ...scene,
  signing: {
    ...signingOf(configurationKey, vendor),
    crls: [issueCrl(vendor.root), issueCrl(vendor.issuing, { revoked: [configurationKey] })],
  },
});
const foreign = await bundleFor(makeScene());

const judge = (bytes: Uint8Array, context: AcceptanceContext, signers?: SignerMemory): Acceptance =>
  judgeBundle(new Bundle(bytes), context, signers);

describe('a remembered signer', () => {
  it('is judged once for bundles that have the same', () => {
    const signers = new SignerMemory();
    const context = contextFor(scene);
    const first = judge(bundle, context, signers);
    const second = judge(bundle, context, signers);
    assert(first.accepted && second.accepted);
    assert.equal(second.signer?.path, first.signer?.path, 'the very same path');
  });

  it('changes no answer, whatever comes next', () => {
    const bundles = { bundle, withCrls, revoking, foreign };
    const contexts: Readonly<Record<string, AcceptanceContext>> = {
      usual: contextFor(scene),
      'with a CRL of its own': contextFor(scene, {
        crls: [issueCrl(vendor.issuing, { revoked: [configurationKey] })],
      }),
      'with a remembered CRL': contextFor(scene, {
        revokingCrls: [issueCrl(vendor.issuing, { revoked: [configurationKey] })],
      }),
      'without a root': contextFor(scene, { vendorRoots: [] }),
      'much later': contextFor(scene, { clock: { now: new Date('2040-01-01T00:00:00Z'), isExact: true } }),
      'with a clock that may be slow': contextFor(scene, { clock: { ...clock, isExact: false } }),
      'after a newer epoch': contextFor(scene, { lastEpoch: 1 }),
      'strict about lists': contextFor(scene, { requireFreshCrl: true }),
    };
    const signers = new SignerMemory();
    const seen = new Set<string>();
    for (const context of Object.values(contexts)) {
      for (const [one, first] of Object.entries(bundles)) {
        for (const [other, second] of Object.entries(bundles)) {
          for (const next of Object.values(contexts)) {
            judge(first, context, signers);
            const remembered = judge(second, next, signers);
            const fresh = judge(second, next);
            assert.deepEqual(answers(remembered), answers(fresh), `${other} after ${one}`);
            assert.deepEqual(
              remembered.crls.map(({ crl }) => crl.der),
              fresh.crls.map(({ crl }) => crl.der),
            );
            seen.add(JSON.stringify(answers(fresh)));
          }
        }
      }
    }
    assert(seen.size > 6, 'the answers differ');
  });
});
