import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { refuse } from '../../../main/faults/index.ts';
import { collect } from '../../../main/site/index.ts';
import { bundleFor, identity, makeScene } from '../../kit/bundle.ts';
import { fakeSystem, type FakeSystem } from '../../kit/drive.ts';
import { makeReferenceEnb, trustOf } from '../../kit/enb.ts';

import {
  answer,
  bundle,
  challengeOn,
  collected,
  leave,
  newLaptop,
  record,
  scene,
  sha256,
  trust,
  written,
} from '../../kit/carrying.ts';
describe('a receipt on a drive', () => {
  /** A laptop and a drive with a bundle on it. */
  async function scenario() {
    const laptop = newLaptop();
    const system = fakeSystem();
    await written(laptop, system, bundle);
    return { laptop, system };
  }

  it('proves the delivery, is kept, and is known the second time', async () => {
    const { laptop, system } = await scenario();
    const receipt = await answer(system);
    leave(system, receipt);
    const [first] = await collected(laptop, system);
    assert(first?.kind === 'proven');
    assert.deepEqual([first.enb, first.failed], [identity, []]);
    assert.deepEqual(readFileSync(first.file), Buffer.from(receipt));
    const { store } = laptop.open();
    assert.equal(record(laptop), undefined);
    assert.equal(store.deliveries.get(sha256(bundle))?.state, 'receipt');
    assert.deepEqual(store.enbs.lastSequence(identity.hwType, identity.serialNumber), {
      epoch: 0,
      sequence: 7,
    });
    const subject = { ...identity, site: 'S00001' };
    const kept = {
      receiptNumber: 1,
      receiptSha256: sha256(receipt),
      bundleSha256: sha256(bundle),
      accepted: true,
    };
    assert.deepEqual(
      laptop
        .log()
        .slice(-2)
        .map(({ action, subject, facts }) => [action, subject, facts]),
      [
        ['receipt-kept', subject, kept],
        ['receipts-collected', {}, { proven: 1, refused: 0, unusable: 0 }],
      ],
    );
    assert.deepEqual(await collected(laptop, system), [{ kind: 'known', folder: 'LAB0001' }]);
  });

  it('of an eNB that refuses tells why, and the bundle is not waited for any more', async () => {
    const { laptop, system } = await scenario();
    const enb = makeReferenceEnb(scene, { failure: { kind: 'refuse', code: 'bundle-expired' } });
    enb.takeBundle(bundle);
    leave(system, (await enb.makeReceipt({ challenge: challengeOn(system) }))!);
    const [one] = await collected(laptop, system);
    assert(one?.kind === 'refused');
    assert.deepEqual(one.failed, ['bundle-expired']);
    assert.equal(record(laptop), undefined);
    assert.equal(laptop.open().store.deliveries.get(sha256(bundle))?.state, 'refused');
  });

  it('comes from one of two drives, and the one from the other tells nothing new', async () => {
    const { laptop, system } = await scenario();
    const second = fakeSystem();
    await written(laptop, second, bundle);
    leave(second, await answer(second));
    assert.equal((await collected(laptop, second))[0]?.kind, 'proven');
    leave(system, await answer(system));
    const [late] = await collected(laptop, system);
    assert.equal(late?.kind, 'known');
  });

  it('proves the delivery without a head of the audit log too', async () => {
    const { laptop, system } = await scenario();
    leave(system, await answer(system, { auditHead: undefined }));
    assert.equal((await collected(laptop, system))[0]?.kind, 'proven');
  });

  const unusable: readonly (readonly [
    what: string,
    make: (system: FakeSystem) => Uint8Array | Promise<Uint8Array>,
    code: string,
    rule: string | undefined,
  ])[] = [
    [
      'with the challenge of another request',
      (system) => answer(system, { challenge: Buffer.alloc(32, 7).toString('base64') }),
      'receipt-invalid',
      'receipt-challenge',
    ],
    [
      'with another head of the audit log',
      (system) => answer(system, { auditHead: 'another head' }),
      'receipt-invalid',
      'receipt-audit-head',
    ],
    [
      'about a bundle of another computer',
      async (system) => answer(system, { bundle: await bundleFor(scene) }),
      'receipt-unexpected',
      undefined,
    ],
    [
      'of an eNB of another vendor',
      async (system) => {
        const enb = makeReferenceEnb(makeScene());
        enb.takeBundle(bundle);
        return (await enb.makeReceipt({ challenge: challengeOn(system) }))!;
      },
      'receipt-invalid',
      undefined,
    ],
    [
      'that somebody has changed',
      async (system) => {
        const changed = Buffer.from(await answer(system));
        changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
        return changed;
      },
      'receipt-invalid',
      undefined,
    ],
    ['that is none', () => Buffer.from('receipt'), 'receipt-invalid', undefined],
  ];
  for (const [what, make, code, rule] of unusable) {
    it(`${what} proves nothing, and the bundle is still waited for`, async () => {
      const { laptop, system } = await scenario();
      const bytes = await make(system);
      leave(system, bytes);
      const [one] = await collected(laptop, system);
      assert(one?.kind === 'unusable', JSON.stringify(one));
      assert.deepEqual([one.fault.code, one.fault.rule], [code, rule]);
      assert.equal(record(laptop)?.state, 'written');
      assert.deepEqual(laptop.receipts(), []);
      const refusal = laptop.log().at(-2);
      const said = { fault: code, ...(rule !== undefined && { rule }), receiptSha256: sha256(bytes) };
      assert.deepEqual([refusal?.action, refusal?.facts], ['receipt-refused', said]);
    });
  }

  it('is believed by any of several vendors, and told as unusable without one', async () => {
    const { laptop, system } = await scenario();
    leave(system, await answer(system));
    const [none] = await collected(laptop, system, []);
    assert.equal(none?.kind === 'unusable' && none.fault.code, 'enb-untrusted');
    const [one] = await collected(laptop, system, [trustOf(makeScene()), trust]);
    assert.equal(one?.kind, 'proven');
  });

  it('that cannot be saved as a file is told; in the store it is kept, and proves', async () => {
    const { laptop, system } = await scenario();
    leave(system, await answer(system));
    const { surroundings } = laptop;
    const receipts = await collect(system.place.mountPoint, [trust], laptop.open(), {
      ...surroundings,
      saveReceipt: () => refuse('output-unwritable', { found: 'ENOSPC' }),
    });
    assert(receipts.ok);
    const [one] = receipts.value;
    assert.equal(one?.kind === 'unusable' && one.fault.code, 'output-unwritable');
    assert.equal(laptop.receipts().length, 1);
    assert.equal(laptop.open().store.deliveries.get(sha256(bundle))?.state, 'receipt');
  });

  it('is not looked for on a drive that has gone', async () => {
    const { laptop, system } = await scenario();
    system.pullOut();
    const receipts = await collect(system.place.mountPoint, [trust], laptop.open(), laptop.surroundings);
    assert.equal(!receipts.ok && receipts.fault.code, 'drive-gone');
  });
});
