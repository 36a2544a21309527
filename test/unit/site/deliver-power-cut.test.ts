import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { openStore, type DeliveryRecord, type Store } from '../../../main/store/index.ts';
import { DeliveryJournal, type DeliveryEvent } from '../../../main/site/delivery-record.ts';
import type { DeliveryPhase } from '../../../preload/contract/steps.ts';
import { bundleFor, makeScene } from '../../kit/bundle.ts';
import { startEnb, startFaultyEnb, temporaryFolder, trustOf } from '../../kit/enb.ts';
import { Laptop } from '../../kit/laptop.ts';
import { logEntries } from '../../kit/log.ts';

const scene = makeScene();
const trust = trustOf(scene);

/** What another process finds in the store: what is there when this process ends at this moment. */
function found({ home }: Laptop, bundle: Uint8Array): DeliveryRecord | undefined {
  const other = openStore(home);
  assert(other.ok);
  const record = other.value.deliveries.get(hash('sha256', bundle));
  other.value.close();
  return record;
}

describe('a process that ends in the middle of a delivery', () => {
  const laptops: Laptop[] = [];
  const newLaptop = () => {
    const laptop = new Laptop();
    laptops.push(laptop);
    return laptop;
  };
  after(() => {
    for (const laptop of laptops) laptop.close();
  });

  /** What the store says at each state, from the connection to the receipt: state, and the verdict's `accepted`. */
  const left: Readonly<Partial<Record<DeliveryPhase, readonly [string, boolean?]>>> = {
    connected: ['selected'],
    identified: ['selected'],
    sending: ['sending'],
    sent: ['sent', true],
    'read-back': ['verdict', true],
    verdict: ['verdict', true],
    receipt: ['receipt', true],
  };

  it('leaves in the store all that was proven by then', async () => {
    const enb = await startEnb(scene);
    const laptop = newLaptop();
    const bundle = await bundleFor(scene);
    const seen: Record<string, readonly unknown[]> = {};
    const onState = (state: DeliveryPhase) => {
      const record = found(laptop, bundle);
      if (!record) return;
      assert.equal(record.address, enb.transport.name);
      const { verdict } = record;
      seen[state] = verdict ? [record.state, verdict.accepted] : [record.state];
    };
    const report = await laptop.deliver({ bundle, trust, transport: enb.transport }, { onState });
    await enb.close();
    assert.equal(report.state, 'receipt');
    assert.deepEqual(seen, left);
  });

  it('leaves in the store that the eNB has refused the bundle', async () => {
    const enb = await startEnb(scene);
    enb.enb.takeBundle(await bundleFor(scene));
    const laptop = newLaptop();
    const bundle = await bundleFor(scene);
    const seen: (string | undefined)[] = [];
    const onState = (state: DeliveryPhase) => {
      if (state === 'sent') seen.push(found(laptop, bundle)?.state);
    };
    await laptop.deliver({ bundle, trust, transport: enb.transport }, { onState });
    await enb.close();
    assert.deepEqual(seen, ['refused']);
  });

  it('has noted and logged that it sends before the eNB gets the first byte of the bundle', async () => {
    const laptop = newLaptop();
    const bundle = await bundleFor(scene);
    const seen: unknown[] = [];
    const enb = await startFaultyEnb(scene, {
      'PUT /v1/bundle': ({ answer }) => {
        seen.push(found(laptop, bundle)?.state, ...laptop.log().map(({ action }) => action));
        answer();
      },
    });
    await laptop.deliver({ bundle, trust, transport: enb.transport });
    await enb.close();
    assert.deepEqual(seen, ['sending', 'enb-identified', 'bundle-sending']);
  });

  it('has the receipt and the end of the delivery in the store together', async () => {
    const enb = await startEnb(scene);
    const laptop = newLaptop();
    const bundle = await bundleFor(scene);
    const seen: unknown[] = [];
    const saveReceipt: Laptop['surroundings']['saveReceipt'] = (...receipt) => {
      seen.push(found(laptop, bundle)?.state, found(laptop, bundle)?.receiptSha256);
      return laptop.surroundings.saveReceipt(...receipt);
    };
    await laptop.deliver({ bundle, trust, transport: enb.transport }, { saveReceipt });
    await enb.close();
    const [receipt = Buffer.alloc(0)] = laptop.receipts();
    const record = found(laptop, bundle);
    assert.deepEqual(seen, ['verdict', undefined]);
    assert.deepEqual([record?.state, record?.receiptSha256], ['receipt', hash('sha256', receipt)]);
    assert.equal(logEntries(laptop.open().log).at(-1)?.action, 'bundle-delivery');
  });
});

describe('what a power cut may undo of a delivery', () => {
  const verdict = { accepted: true, checks: [] };
  const events: readonly (readonly [DeliveryEvent, forced: boolean])[] = [
    [{ kind: 'started', address: 'usb' }, false],
    [{ kind: 'sending' }, true],
    [{ kind: 'answered', verdict }, false],
    [{ kind: 'read-back' }, false],
    [{ kind: 'receipt', sha256: 'a', verdict }, false],
    [{ kind: 'ended' }, true],
  ];
  for (const [event, forced] of events) {
    it(`is ${forced ? 'never' : 'only until the next that is forced'} "${event.kind}"`, () => {
      const opened = openStore(temporaryFolder());
      assert(opened.ok);
      const calls: string[] = [];
      const store: Store = {
        ...opened.value,
        transaction: (work) => (calls.push('forced'), opened.value.transaction(work)),
        unforcedTransaction: (work) => (calls.push('unforced'), opened.value.unforcedTransaction(work)),
      };
      new DeliveryJournal(store, '0', () => new Date(0)).note(event);
      opened.value.close();
      assert.deepEqual(calls, [forced ? 'forced' : 'unforced']);
    });
  }
});
