import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Bundle } from '../../../main/bundle/index.ts';
import { nameToText } from '../../../main/pki/index.ts';
import { bundleFor, makeScene } from '../../kit/bundle.ts';

const scene = makeScene();

suite('the root that a bundle claims', () => {
  test('is the issuer above all certificates in it', async () => {
    const { claimedRoot } = new Bundle(await bundleFor(scene));
    assert.equal(claimedRoot?.key, scene.vendor.root.certificate.subject.key);
  });

  test('does not go beyond a root that came along', async () => {
    const { vendor, signing } = scene;
    const intermediates = [vendor.issuing.certificate, vendor.root.certificate];
    const { claimedRoot } = new Bundle(await bundleFor({ ...scene, signing: { ...signing, intermediates } }));
    assert.equal(claimedRoot?.key, vendor.root.certificate.subject.key);
  });

  test('is the next certificate where one is missing', async () => {
    const { vendor, signing } = scene;
    const { claimedRoot } = new Bundle(
      await bundleFor({ ...scene, signing: { ...signing, intermediates: [] } }),
    );
    assert.equal(claimedRoot && nameToText(claimedRoot), nameToText(vendor.issuing.certificate.subject));
  });

  test('is unknown where nobody signed', () => {
    assert.equal(new Bundle(Uint8Array.of(1)).claimedRoot, undefined);
  });
});
