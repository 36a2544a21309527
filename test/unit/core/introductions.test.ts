import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createCore, takeIntroduction, openPack, type TakeReport } from '../../../main/core/index.ts';
import { Bundle } from '../../../main/bundle/index.ts';
import type { Signer } from '../../../main/keys/index.ts';
import {
  fingerprint,
  jobPackEntries,
  makeIntroduction,
  writeZip,
  type IntroductionContents,
  type JobPackDocument,
} from '../../../main/pack/index.ts';
import { bundleFor, labOptions, makeScene, signerOf, type Scene } from '../../kit/bundle.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { makeOfficeKey, makeVendor } from '../../kit/issue-certificate.ts';
import { surroundingsIn } from '../../kit/operator.ts';
import { manifestOf } from '../../kit/pack.ts';

const folder = temporaryFolder();
let files = 0;
const newFile = () => join(folder, String(++files));
const scene = makeScene();
const officeOf = ({ operatorRoot }: Scene, notBefore = labOptions.notBefore) =>
  signerOf(makeOfficeKey(operatorRoot, 'Lab Operator', { ...labOptions, notBefore }));
const office = officeOf(scene);
const vendorOf = ({ vendor }: Scene) => ({
  name: 'vendor-a',
  roots: [vendor.root.certificate],
  intermediates: [vendor.issuing.certificate],
});

async function introduction(
  version: number,
  changes: Partial<IntroductionContents> = {},
  signer: Signer = office,
  of: Scene = scene,
): Promise<string> {
  const file = newFile();
  const bytes = await makeIntroduction(
    {
      ...{ version, issuedAt: '2026-11-15T12:00:00Z', training: false },
      operator: { name: 'Lab Operator', plmn: '24491' },
      operatorRoots: [of.operatorRoot.certificate],
      vendors: [vendorOf(of)],
      ...{ witnessKeys: [], requireFreshCrl: false },
      ...changes,
    },
    signer,
  );
  writeFileSync(file, bytes);
  return file;
}

async function packOf(
  of: Scene,
  signer: Signer,
  changes: Partial<Omit<JobPackDocument, 'format'>> = {},
): Promise<string> {
  const file = newFile();
  const bytes = await bundleFor(of);
  const document = { ...manifestOf([bytes]), ...changes };
  await writeZip(
    file,
    jobPackEntries(document, signer, () => bytes),
  );
  return file;
}

/** A laptop from the box. */
function laptop() {
  const core = createCore(surroundingsIn(newFile()));
  after(() => core.stores.close());
  const opened = core.stores.open(false);
  assert(opened.ok);
  const take = (
    file: string,
    more: { readonly fingerprint?: string; readonly acceptsVendors?: boolean } = {},
  ) => takeIntroduction(core, { file, acceptsVendors: false, ...more });
  const open = (file: string) => openPack(core, file, { pause: () => Promise.resolve(undefined) });
  return { core, opened: opened.value, take, open };
}

const code = ({ fault }: TakeReport) => fault && [fault.code, fault.rule].filter(Boolean).join(' ');
const compared = { fingerprint: fingerprint(scene.operatorRoot.certificate) };

describe('an introduction', () => {
  it('does not bring back a vendor root that the user withdrew, without consent', async () => {
    const { take, opened } = laptop();
    const root = scene.vendor.root.certificate;
    assert.equal(code(take(await introduction(1), compared)), undefined);
    opened.store.vendorRoots.withdraw(root.sha256, '2026-11-15T12:00:00.000Z');
    const next = await introduction(2);
    assert.equal(code(take(next)), 'vendors-changed');
    assert.notEqual(opened.store.vendorRoots.get(root.sha256)?.withdrawnAt, undefined);
    assert.equal(code(take(next, { acceptsVendors: true })), undefined);
    assert.equal(opened.store.vendorRoots.get(root.sha256)?.withdrawnAt, undefined);
  });

  it('needs consent to other vendors even when its fingerprint was compared again', async () => {
    const { take } = laptop();
    assert.equal(code(take(await introduction(5), compared)), undefined);
    const other = makeVendor('Other', labOptions);
    const evil = { name: 'evil', roots: [other.root.certificate], intermediates: [] };
    const older = await introduction(2, { vendors: [evil] });
    assert.equal(code(take(older)), 'introduction-older');
    assert.equal(code(take(older, compared)), 'vendors-changed');
    const taken = take(older, { ...compared, acceptsVendors: true });
    assert.deepEqual(
      [taken.introduction?.added.length, taken.introduction?.removed.length, code(taken)],
      [1, 1, undefined],
    );
  });

  it('ends office keys that were certified before it, when its fingerprint is compared again', async () => {
    const { take, open } = laptop();
    const stolen = await introduction(100);
    const oldPack = await packOf(scene, office);
    assert.equal(code(take(stolen, compared)), undefined);
    const newOffice = officeOf(scene, new Date('2026-11-01T00:00:00Z'));
    const recovery = await introduction(3, {}, newOffice);
    assert.equal(code(take(recovery)), 'introduction-older');
    assert.equal(code(take(recovery, compared)), undefined);
    for (const more of [{}, compared])
      assert.equal(code(take(stolen, more)), 'introduction-unusable office-replaced');
    const refused = await open(oldPack);
    assert(!refused.ok);
    assert.deepEqual([refused.fault.code, refused.fault.rule], ['pack-unusable', 'office-replaced']);
    assert((await open(await packOf(scene, newOffice))).ok);
  });

  it('has no root of an operator as that of a vendor', async () => {
    const { take } = laptop();
    const own = { name: 'own', roots: [scene.operatorRoot.certificate], intermediates: [] };
    assert.equal(
      code(take(await introduction(1, { vendors: [own] }), compared)),
      'introduction-unusable introduction-own-root',
    );
  });

  it('keeps what another operator has said of the same vendor', async () => {
    const { take, opened } = laptop();
    const other = makeScene({ vendor: scene.vendor });
    assert.equal(code(take(await introduction(1), compared)), undefined);
    const vendors = [{ ...vendorOf(scene), intermediates: [] }];
    const theirs = { fingerprint: fingerprint(other.operatorRoot.certificate) };
    assert.equal(code(take(await introduction(1, { vendors }, officeOf(other), other), theirs)), undefined);
    // Without the vendor in the second, it stays for the first.
    const without = await introduction(2, { vendors: [] }, officeOf(other), other);
    const taken = take(without, { acceptsVendors: true });
    assert.deepEqual(taken.introduction?.removed, []);
    const kept = opened.store.vendorRoots.get(scene.vendor.root.certificate.sha256);
    assert.deepEqual([kept?.withdrawnAt, kept?.intermediates.length], [undefined, 1]);
  });
});

describe('a job pack', () => {
  it('does not take the id of the pack of another operator', async () => {
    const { take, open } = laptop();
    const other = makeScene();
    assert.equal(code(take(await introduction(1), compared)), undefined);
    const theirs = { fingerprint: fingerprint(other.operatorRoot.certificate) };
    assert.equal(code(take(await introduction(1, {}, officeOf(other), other), theirs)), undefined);
    const first = manifestOf([await bundleFor(scene)]);
    assert((await open(await packOf(scene, office, { packId: first.packId }))).ok);
    const refused = await open(await packOf(other, officeOf(other), { packId: first.packId }));
    assert(!refused.ok);
    assert.deepEqual([refused.fault.code, refused.fault.rule], ['pack-unusable', 'pack-id']);
  });

  it('is named by its root, not by what it calls itself', async () => {
    const { take, open } = laptop();
    assert.equal(code(take(await introduction(1), compared)), undefined);
    const opened = await open(
      await packOf(scene, office, { operator: { name: 'Someone else', plmn: '00101' } }),
    );
    assert(opened.ok);
    assert.equal(opened.value.operator, 'Lab Operator');
  });

  it('has no bundle for the eNBs of another operator', async () => {
    const { take, open } = laptop();
    const other = makeScene({ vendor: scene.vendor });
    assert.equal(code(take(await introduction(1), compared)), undefined);
    const bytes = await bundleFor(other);
    assert(new Bundle(bytes).signer.ok);
    const opened = await open(await packOf(other, office));
    assert(opened.ok);
    assert.deepEqual(
      opened.value.refused.map(({ fault }) => [fault.code, fault.rule]),
      [['pack-damaged', 'pack-operator']],
    );
  });
});
