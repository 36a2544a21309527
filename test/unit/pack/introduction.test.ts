import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  introductionFormat,
  makeIntroduction,
  openIntroduction,
  signByOffice,
  type IntroductionContents,
} from '../../../main/pack/index.ts';
import type { Certificate } from '../../../main/pki/index.ts';
import { clock, labOptions, makeScene, now, signerOf } from '../../kit/bundle.ts';
import { flipped } from '../../kit/flips.ts';
import { makeOfficeKey, makeOperatorRoot, makeVendor } from '../../kit/issue-certificate.ts';

const { operatorRoot: root, vendor, configurationKey } = makeScene();
const office = signerOf(makeOfficeKey(root, 'Lab Operator', labOptions));
const contents: IntroductionContents = {
  version: 3,
  issuedAt: '2026-11-15T12:00:00Z',
  training: false,
  operator: { name: 'Lab Operator', plmn: '24491' },
  operatorRoots: [root.certificate],
  vendors: [
    { name: 'vendor-a', roots: [vendor.root.certificate], intermediates: [vendor.issuing.certificate] },
  ],
  witnessKeys: [],
  requireFreshCrl: false,
};
const make = (changes: Partial<IntroductionContents> = {}, signer = office) =>
  makeIntroduction({ ...contents, ...changes }, signer);
const pinned = [root.certificate];

function refusal(bytes: Uint8Array, roots: readonly Certificate[] = pinned, at = clock): string {
  const opened = openIntroduction(bytes, roots, at);
  assert(!opened.ok);
  assert.equal(opened.fault.code, 'introduction-unusable');
  return opened.fault.rule ?? opened.fault.because?.code ?? '';
}

describe('an introduction', () => {
  it('says what the office has put in', async () => {
    const opened = openIntroduction(await make(), pinned, clock);
    assert(opened.ok);
    const { version, operator, vendors, isPinned, root: above } = opened.value;
    assert.deepEqual(
      { version, operator, isPinned },
      { version: 3, operator: contents.operator, isPinned: true },
    );
    assert.equal(above.sha256, root.certificate.sha256);
    assert.deepEqual(
      vendors.map(({ name, roots }) => [name, roots.map(({ sha256 }) => sha256)]),
      [['vendor-a', [vendor.root.certificate.sha256]]],
    );
  });
  it('names the root to compare if none is pinned', async () => {
    const opened = openIntroduction(await make(), [], clock);
    assert(opened.ok && !opened.value.isPinned);
    assert.equal(opened.value.root.sha256, root.certificate.sha256);
  });
  it('of another operator with the same name is not pinned', async () => {
    const other = makeOperatorRoot('Lab Operator', labOptions);
    const theirs = signerOf(makeOfficeKey(other, 'Lab Operator', labOptions));
    const opened = openIntroduction(
      await make({ operatorRoots: [other.certificate] }, theirs),
      pinned,
      clock,
    );
    assert(opened.ok && !opened.value.isPinned);
    assert.equal(opened.value.root.sha256, other.certificate.sha256);
    // It cannot borrow the root that is pinned.
    assert.equal(refusal(await make({}, theirs)), 'signature-invalid');
  });
  it('is signed by an office key, not a configuration key', async () => {
    const signer = signerOf(configurationKey, vendor.issuing);
    const roots = [vendor.root.certificate];
    assert.equal(
      refusal(await make({ operatorRoots: roots }, signer), roots),
      'extended-key-usage-insufficient',
    );
  });
  it('is refused when a bit has changed', async () => {
    const bytes = await make();
    for (let bit = 3; bit < bytes.length * 8; bit += 997) {
      const opened = openIntroduction(flipped(bytes, bit), pinned, clock);
      assert(!opened.ok, `bit ${bit}`);
    }
  });
  it('brings roots only, for training or not', async () => {
    const issuing = { name: 'vendor-b', roots: [vendor.issuing.certificate], intermediates: [] };
    assert.equal(refusal(await make({ vendors: [issuing] })), 'introduction-root');
    const training = makeVendor('Lab', { ...labOptions, training: true }).root.certificate;
    const mixed = { name: 'vendor-b', roots: [training], intermediates: [] };
    assert.equal(refusal(await make({ vendors: [mixed] })), 'introduction-training');
    assert.equal(refusal(await make({ training: true })), 'introduction-training');
  });
  it('has each vendor once, and no member that nobody knows', async () => {
    const [first] = contents.vendors;
    assert(first);
    assert.equal(refusal(await make({ vendors: [first, first] })), 'introduction-vendor-names');
    const content = Buffer.from(JSON.stringify({ format: introductionFormat, more: 1 }));
    assert.equal(refusal(await signByOffice(content, office, now)), 'json-malformed');
    assert.equal(refusal(Buffer.from('no CMS')), 'cms-malformed');
  });
  it('is taken while its office certificate is in force', async () => {
    const later = { now: new Date('2037-01-01T00:00:00Z'), isExact: true };
    assert.equal(refusal(await make(), pinned, later), 'certificate-expired');
  });
});
