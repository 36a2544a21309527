import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { bundleFor, identity, makeChallenge, makeScene } from '../kit/bundle.ts';
import { siteseal, sitesealJson, type FaultDocument } from '../kit/cli.ts';
import { makeReferenceEnb, pem, temporaryFolder } from '../kit/enb.ts';

const scene = makeScene();
const folder = temporaryFolder();
const home = join(folder, 'home');
mkdirSync(home);
const where = { home, cwd: folder, isWarm: true };
const write = (name: string, contents: string | Uint8Array) => writeFileSync(join(folder, name), contents);

const bundle = await bundleFor(scene);
const enb = makeReferenceEnb(scene);
assert(enb.takeBundle(bundle).accepted);
const receipt = (await enb.makeReceipt({ challenge: makeChallenge() }))!;
assert(!enb.takeBundle(await bundleFor(scene, { sequence: 3 })).accepted);
const refusal = (await enb.makeReceipt({ challenge: makeChallenge() }))!;
write('bundle', bundle);
write('older', await bundleFor(scene, { sequence: 3 }));
write('receipt', receipt);
write('refusal', refusal);
write('changed', Buffer.from(receipt).fill(receipt[300]! ^ 1, 300, 301));
write('garbage', 'garbage');
write('root.pem', pem(scene.vendor.root.certificate));
write('other-root.pem', pem(scene.operatorRoot.certificate));
write('issuing.pem', pem(scene.vendor.issuing.certificate));

const options = ['--bundle', 'bundle', '--vendor-root', 'root.pem', '--untrusted', 'issuing.pem'];

async function verify(...args: readonly string[]) {
  const { document, code } = await sitesealJson(['receipt', 'verify', ...args], where);
  const {
    valid,
    fault,
    receipt: read,
  } = document as {
    readonly valid: boolean;
    readonly fault?: FaultDocument;
    readonly receipt?: { readonly [member: string]: unknown };
  };
  return { valid, code, read, fault: [fault?.code, fault?.rule, fault?.because?.code] };
}

describe('siteseal receipt verify', () => {
  it('shows a receipt that the eNB has signed for this bundle', async () => {
    const { valid, code, read } = await verify('receipt', ...options);
    assert.deepEqual([valid, code], [true, 0]);
    assert.equal(read?.['format'], 'siteseal-receipt/1');
    assert.deepEqual([read['receiptNumber'], read['enb'], read['sequence']], [1, identity, 7]);
    const words = await siteseal(['receipt', 'verify', 'receipt', ...options], { ...where, isWarm: false });
    assert.deepEqual(
      [words.stdout, words.stderr, words.code],
      ['Receipt 1 from eNB LAB0001: the eNB accepted the bundle.\n', '', 0],
    );
  });

  it('refuses one for another bundle', async () => {
    const { valid, code, fault } = await verify('refusal', ...options);
    assert.deepEqual([valid, code, fault], [false, 1, ['receipt-invalid', 'receipt-bundle', undefined]]);
  });

  it('refuses one that leads to no root, was changed, or is none', async () => {
    const untrusted = await verify('receipt', '--bundle', 'bundle', '--vendor-root', 'other-root.pem');
    assert.deepEqual(
      [untrusted.fault[0], untrusted.fault[2], untrusted.code],
      ['receipt-invalid', 'issuer-unknown', 1],
    );
    for (const name of ['changed', 'garbage', 'bundle']) {
      const { valid, fault, code } = await verify(name, ...options);
      assert.deepEqual([valid, fault[0], code], [false, 'receipt-invalid', 1], name);
    }
  });

  it('refuses one whose eNB had no valid certificate at the time', async () => {
    const { fault } = await verify('receipt', ...options, '--at', '2036-01-01T00:00:00Z');
    assert.deepEqual(fault, ['receipt-invalid', undefined, 'certificate-expired']);
  });

  it('ends with 3 for a file that is not there', async () => {
    const { valid, fault, code } = await verify('not-there', ...options);
    assert.deepEqual([valid, fault[0], code], [false, 'file-unreadable', 3]);
  });
});
