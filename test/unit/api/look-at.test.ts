// What a file is that the user drops onto the window.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodePem } from '../../../main/asn1/index.ts';
import { lookAt } from '../../../main/api/index.ts';
import { inventoryTemplate } from '../../../main/office/index.ts';
import { bundleFor, makeChallenge, makeScene } from '../../kit/bundle.ts';
import { makeReferenceEnb, enbOptions, pem, temporaryFolder } from '../../kit/enb.ts';
import { encryptedByOpenssl } from '../../kit/encrypted.ts';
import { LabOffice } from '../../kit/operator.ts';

const scene = makeScene();
const folder = temporaryFolder();

/** What a file with these contents is. */
function kindOf(name: string, contents: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, contents);
  return lookAt(file);
}

test('the contents of a file say what it is, whatever its name', async () => {
  const bundle = await bundleFor(scene);
  const enb = makeReferenceEnb(scene, enbOptions(scene));
  enb.takeBundle(bundle);
  const receipt = await enb.makeReceipt({ challenge: makeChallenge() });
  const office = new LabOffice({ training: false });
  const root = pem(scene.vendor.root.certificate);
  const encrypted = encryptedByOpenssl(scene.enb, inventoryTemplate());
  for (const [contents, kind] of [
    [bundle, 'bundles'],
    [receipt as Uint8Array, 'receipts'],
    [root, 'vendor-root'],
    [readFileSync(office.path('operator.json')), 'operator-profile'],
    [inventoryTemplate(), 'inventory'],
    [encrypted, 'inventory'],
    [encodePem('CMS', encrypted), 'inventory'],
    [`\ufeffsep=;\r\n${inventoryTemplate().replaceAll(',', ';')}`, 'inventory'],
  ] as const)
    assert.equal(kindOf('file.xyz', contents), kind);
});

test('if the contents say nothing, the name does, so that opening it says what is wrong', () => {
  for (const [name, kind] of [
    ['broken.p7m', 'bundles'],
    ['LAB0001-1.receipt.p7m', 'receipts'],
    ['broken.json', 'operator-profile'],
    ['other.CSV', 'inventory'],
    ['broken.pem', 'vendor-root'],
    ['cat.jpg', 'unknown'],
    ['p7m', 'unknown'],
  ] as const)
    assert.equal(kindOf(name, 'nothing of Siteseal'), kind, name);
});

test('a folder is a folder; a pipe is not read, and a file that is gone is only its name', () => {
  mkdirSync(join(folder, 'bundles.p7m'));
  assert.equal(lookAt(join(folder, 'bundles.p7m')), 'folder');
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  assert.equal(lookAt(join(folder, 'pipe')), 'unknown');
  assert.equal(lookAt(join(folder, 'gone.csv')), 'inventory');
});
