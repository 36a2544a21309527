import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { DriveDesk, recordsOn } from '../../../main/core/drives.ts';
import { Stores } from '../../../main/core/stores.ts';
import { ok, refuse } from '../../../main/faults/index.ts';
import { carry, collect, type CarryItem, type CarryOutcome } from '../../../main/workflow/index.ts';
import { bundleFor, identity, makeScene, otherIdentity } from '../../kit/bundle.ts';
import { fakeSystem, onDrive, writeAway, type FakeSystem, type FakeSystemOptions } from '../../kit/drive.ts';
import { makeReferenceEnb, temporaryFolder, trustOf } from '../../kit/enb.ts';
import { Laptop } from '../../kit/laptop.ts';
import { surroundingsIn } from '../../kit/operator.ts';

const scene = makeScene();
const trust = trustOf(scene);
const laptops: Laptop[] = [];
after(() => laptops.forEach((laptop) => laptop.close()));

function newLaptop(): Laptop {
  const laptop = new Laptop();
  laptops.push(laptop);
  return laptop;
}

const bundle = bundleFor(scene);
const otherEnb = { hwType: otherIdentity.hwType, serialNumber: otherIdentity.serialNumber };
const otherBundle = bundleFor(scene, { enb: otherEnb });
const sha256 = (bytes: Uint8Array) => hash('sha256', bytes);

function itemsOf(...bundles: readonly Uint8Array[]): readonly CarryItem[] {
  return bundles.map((one) => ({ bundle: one, trust }));
}

/** What a laptop keeps, in the store with its log. */
function keeping(laptop: Laptop) {
  return {
    ...laptop.surroundings,
    openStore: (training: boolean) => ok(laptop.open(training)),
  };
}

/** Writes to the drive of a system from a laptop. */
function write(
  laptop: Laptop,
  system: FakeSystem,
  bundles: readonly Uint8Array[],
  options: Parameters<typeof carry>[3] = {},
) {
  return carry(system.place, itemsOf(...bundles), { ...keeping(laptop), drives: system }, options);
}

async function written(laptop: Laptop, system: FakeSystem, ...bundles: readonly Uint8Array[]) {
  const outcomes = await write(laptop, system, bundles);
  assert(outcomes.ok, JSON.stringify(outcomes));
  return outcomes.value;
}

/** The desk of a laptop for the drives of a system, over the laptop's store. */
function deskOf(laptop: Laptop, system: FakeSystem): DriveDesk {
  const surroundings = surroundingsIn(laptop.home, { drives: system, pause: () => Promise.resolve() });
  return new DriveDesk(surroundings, new Stores(surroundings));
}

const record = (laptop: Laptop, one: Uint8Array = bundle) => laptop.open().store.carried.get(sha256(one));

function challengeOn({ place }: FakeSystem, serialNumber = identity.serialNumber): string {
  const text = readFileSync(onDrive(place, serialNumber, 'request.json'), 'utf8');
  return (JSON.parse(text) as { readonly challenge: string }).challenge;
}

/** What the eNB answers to what is on the drive. */
function answer(
  system: FakeSystem,
  changes: { readonly challenge?: string; readonly bundle?: Uint8Array } = {},
) {
  const enb = makeReferenceEnb(scene);
  enb.takeBundle(changes.bundle ?? readFileSync(onDrive(system.place, 'LAB0001', 'bundle.p7m')));
  const receipt = enb.makeReceipt({ challenge: changes.challenge ?? challengeOn(system) });
  assert(receipt);
  return receipt;
}

function leave({ place }: FakeSystem, receipt: Uint8Array, folder = identity.serialNumber): void {
  writeFileSync(onDrive(place, folder, 'receipt.p7m'), receipt);
}

async function collected(laptop: Laptop, { place }: FakeSystem, trusts = [trust]) {
  const receipts = await collect(place.mountPoint, trusts, laptop.open(), laptop.surroundings);
  assert(receipts.ok, JSON.stringify(receipts));
  return receipts.value;
}

describe('a bundle that is carried on a drive', () => {
  it('is in the store as being written before the drive has it, and as written after', async () => {
    const laptop = newLaptop();
    const seen: (string | undefined)[] = [];
    const system = fakeSystem({
      find: () => {
        seen.push(record(laptop)?.state);
        return Promise.resolve(ok(system.place));
      },
    });
    const outcomes = await written(laptop, system, bundle);
    assert.deepEqual(outcomes, [{ enb: identity, bundleSha256: sha256(bundle), state: 'written' }]);
    assert.equal(seen[0], 'writing');
    assert.deepEqual(
      [record(laptop)?.state, record(laptop)?.folder, record(laptop)?.volume],
      ['written', 'LAB0001', '7066-8977'],
    );
    assert.equal(record(laptop)?.challenge, challengeOn(system));
    assert.deepEqual(laptop.log().at(-1)?.facts, { bundles: 1, written: 1, serialNumbers: ['LAB0001'] });
  });

  it('is verified and carried once the drive has been out, also by a program that was started anew', async () => {
    const laptop = newLaptop();
    const system = fakeSystem();
    await written(laptop, system, bundle, otherBundle);
    const verdict = await deskOf(laptop, system).verify(system.place, trust, laptop.open());
    assert(verdict.ok);
    assert.equal(verdict.value.kind, 'verified');
    assert.deepEqual([record(laptop)?.state, record(laptop, otherBundle)?.state], ['carried', 'carried']);
    assert.equal(laptop.log().at(-1)?.facts['verdict'], 'verified');
  });

  it('is verified, and still there, when the drive could not be ejected', async () => {
    const laptop = newLaptop();
    const system = fakeSystem({ eject: () => Promise.resolve(refuse('drive-eject-failed')) });
    await written(laptop, system, bundle);
    const verdict = await deskOf(laptop, system).verify(system.place, trust, laptop.open());
    assert.equal(verdict.ok && verdict.value.kind, 'verified-not-ejected');
    assert.equal(record(laptop)?.state, 'verified');
  });

  it('stays written when the drive has something else of it afterwards, and the good one beside it is verified', async () => {
    const laptop = newLaptop();
    const options: { -readonly [Name in keyof FakeSystemOptions]: FakeSystemOptions[Name] } = {
      whileUnmounted: () => writeAway(system, 'LAB0001/bundle.p7m', 'zeros'),
    };
    const system: FakeSystem = fakeSystem(options);
    await written(laptop, system, bundle, otherBundle);
    const verdict = await deskOf(laptop, system).verify(system.place, trust, laptop.open());
    assert.equal(verdict.ok && verdict.value.kind, 'damaged');
    assert.deepEqual([record(laptop)?.state, record(laptop, otherBundle)?.state], ['written', 'verified']);
  });

  it('is verified after a person has pulled the drive out and plugged it in', async () => {
    const laptop = newLaptop();
    const system = fakeSystem();
    await written(laptop, system, bundle);
    const states: string[] = [];
    const onState = (state: string) => {
      states.push(state);
      if (state === 'waiting-for-unplug') system.pullOut();
      else system.plugIn();
    };
    const verdict = await deskOf(laptop, system).verifyAfterReplug(system.place, trust, laptop.open(), {
      onState,
    });
    assert(verdict.ok, JSON.stringify(verdict));
    assert.deepEqual(states, ['waiting-for-unplug', 'waiting-for-plug']);
    assert.equal(record(laptop)?.state, 'carried');
  });

  it('keeps its challenge on a second drive until a receipt has answered it, and gets a new one after', async () => {
    const laptop = newLaptop();
    const [first, second, third] = [fakeSystem(), fakeSystem(), fakeSystem()];
    await written(laptop, first, bundle);
    await written(laptop, second, bundle);
    assert.equal(challengeOn(second), challengeOn(first));
    leave(first, answer(first));
    assert.equal((await collected(laptop, first))[0]?.kind, 'proven');
    await written(laptop, third, bundle);
    assert.notEqual(challengeOn(third), challengeOn(first));
  });

  it('is not written, nor any other, when its eNB would refuse one of them', async () => {
    const laptop = newLaptop();
    const system = fakeSystem();
    const expired = bundleFor(scene, { notAfter: '2026-11-12T00:00:00Z' });
    const refused = await write(laptop, system, [bundle, expired]);
    assert.equal(!refused.ok && refused.fault.code, 'bundle-expired');
    assert.equal(existsSync(onDrive(system.place)), false);
    assert.deepEqual(laptop.open().store.carried.all(), []);
  });

  it('for training does not go onto a drive together with real ones', async () => {
    const training = makeScene({ training: true });
    const items = [
      { bundle, trust },
      { bundle: bundleFor(training, { training: true }), trust: trustOf(training) },
    ];
    const laptop = newLaptop();
    const system = fakeSystem();
    const refused = await carry(system.place, items, { ...keeping(laptop), drives: system });
    assert.equal(!refused.ok && refused.fault.code, 'training-mismatch');
    assert.equal(existsSync(onDrive(system.place)), false);
  });

  it('leaves nothing in the store when the drive has gone before anything was written', async () => {
    const laptop = newLaptop();
    const system = fakeSystem();
    system.pullOut();
    const refused = await write(laptop, system, [bundle]);
    assert.equal(!refused.ok && refused.fault.code, 'drive-gone');
    assert.equal(record(laptop), undefined);
  });

  it('leaves in the store what was there of an earlier drive when this one has gone', async () => {
    const laptop = newLaptop();
    const [first, gone] = [fakeSystem(), fakeSystem()];
    await written(laptop, first, bundle);
    const before = record(laptop);
    gone.pullOut();
    assert.equal((await write(laptop, gone, [bundle])).ok, false);
    assert.deepEqual(record(laptop), before);
  });

  it('may be on the drive when writing fails in the middle: its receipt will be known, and the first is written', async () => {
    const laptop = newLaptop();
    const system = fakeSystem();
    const told: CarryOutcome[] = [];
    const onOutcome = (outcome: CarryOutcome) => {
      told.push(outcome);
      if (told.length === 1) renameSync(system.place.mountPoint, `${system.place.mountPoint}.pulled`);
    };
    const outcomes = await write(laptop, system, [bundle, otherBundle], { onOutcome });
    assert(outcomes.ok, JSON.stringify(outcomes));
    assert.deepEqual(
      outcomes.value.map(({ state }) => state),
      ['written', 'writing'],
    );
    assert.equal(outcomes.value[1]?.fault?.code, 'drive-gone');
    assert.deepEqual(outcomes.value, told);
    assert.deepEqual([record(laptop)?.state, record(laptop, otherBundle)?.state], ['written', 'writing']);
    // Of what was not written nothing is expected on the drive.
    assert.deepEqual(
      recordsOn(laptop.open().store, system.place).map(({ folder }) => folder),
      ['LAB0001'],
    );
  });

  it('is told as cancelled when the person stops before it', async () => {
    const laptop = newLaptop();
    const system = fakeSystem();
    const stop = new AbortController();
    const outcomes = await write(laptop, system, [bundle, otherBundle], {
      onOutcome: () => stop.abort(),
      signal: stop.signal,
    });
    assert(outcomes.ok);
    assert.deepEqual(
      outcomes.value.map(({ state, fault }) => fault?.code ?? state),
      ['written', 'cancelled'],
    );
  });
});

describe('a drive about which nothing is known here', () => {
  it('is not verified', async () => {
    const laptop = newLaptop();
    const system = fakeSystem();
    const desk = deskOf(laptop, system);
    for (const verdict of [
      await desk.verify(system.place, trust, laptop.open()),
      await desk.verifyAfterReplug(system.place, trust, laptop.open(), { onState: () => undefined }),
    ]) {
      assert.equal(!verdict.ok && verdict.fault.code, 'drive-nothing-written');
    }
    assert.deepEqual(system.calls, []);
  });

  it('has to be pulled out by a person when the operating system cannot take it out', async () => {
    const laptop = newLaptop();
    const folder = { kind: 'unknown', mountPoint: temporaryFolder(), fileSystem: 'fuse' } as const;
    const system = { ...fakeSystem(), place: folder };
    const outcomes = await carry(folder, itemsOf(bundle), {
      ...keeping(laptop),
      drives: { ...system, find: () => Promise.resolve(ok(folder)) },
    });
    assert(outcomes.ok, JSON.stringify(outcomes));
    const verdict = await deskOf(laptop, fakeSystem()).verify(folder, trust, laptop.open());
    assert.equal(!verdict.ok && verdict.fault.code, 'drive-replug-needed');
  });
});

describe('a drive that is asked for by its volume', () => {
  it('is mounted when it is not, and told as gone when it is not there', async () => {
    const system = fakeSystem();
    const desk = deskOf(newLaptop(), system);
    await system.unmount(system.place.drive);
    const mounted = await desk.mounted(system.place.drive.volume);
    assert.equal(mounted.ok && mounted.value.mountPoint, system.place.mountPoint);
    system.pullOut();
    const gone = await desk.mounted(system.place.drive.volume);
    assert.equal(!gone.ok && gone.fault.code, 'drive-gone');
  });
});

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
    const receipt = answer(system);
    leave(system, receipt);
    const [first] = await collected(laptop, system);
    assert(first?.kind === 'proven');
    assert.deepEqual([first.enb, first.failed], [identity, []]);
    assert.deepEqual(readFileSync(first.file), Buffer.from(receipt));
    const { store } = laptop.open();
    assert.equal(record(laptop), undefined);
    assert.equal(store.deliveries.get(sha256(bundle))?.state, 'receipt');
    assert.equal(store.lastSequence(identity.hwType, identity.serialNumber), 7);
    assert.deepEqual(laptop.log().at(-1)?.facts, { proven: 1, refused: 0, unusable: 0 });
    assert.deepEqual(await collected(laptop, system), [{ kind: 'known', folder: 'LAB0001' }]);
  });

  it('of an eNB that refuses tells why, and the bundle is not waited for any more', async () => {
    const { laptop, system } = await scenario();
    const enb = makeReferenceEnb(scene, { failure: { kind: 'refuse', code: 'bundle-expired' } });
    enb.takeBundle(bundle);
    leave(system, enb.makeReceipt({ challenge: challengeOn(system) })!);
    const [one] = await collected(laptop, system);
    assert(one?.kind === 'refused');
    assert.deepEqual(one.failed, ['bundle-expired']);
    assert.equal(record(laptop), undefined);
    assert.equal(laptop.open().store.deliveries.get(sha256(bundle))?.state, 'refused');
  });

  it('comes from one of two drives, and the second one from the other proves as well, as it is asked alike', async () => {
    const { laptop, system } = await scenario();
    const second = fakeSystem();
    await written(laptop, second, bundle);
    leave(second, answer(second));
    assert.equal((await collected(laptop, second))[0]?.kind, 'proven');
    leave(system, answer(system));
    const [late] = await collected(laptop, system);
    assert.equal(late?.kind === 'unusable' && late.fault.code, 'receipt-unexpected');
  });

  const unusable: readonly (readonly [
    what: string,
    make: (system: FakeSystem) => Uint8Array,
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
      'about a bundle of another computer',
      (system) => answer(system, { bundle: bundleFor(scene) }),
      'receipt-unexpected',
      undefined,
    ],
    [
      'of an eNB of another vendor',
      (system) => {
        const enb = makeReferenceEnb(makeScene());
        enb.takeBundle(bundle);
        return enb.makeReceipt({ challenge: challengeOn(system) })!;
      },
      'receipt-invalid',
      undefined,
    ],
    [
      'that somebody has changed',
      (system) => {
        const changed = Buffer.from(answer(system));
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
      leave(system, make(system));
      const [one] = await collected(laptop, system);
      assert(one?.kind === 'unusable', JSON.stringify(one));
      assert.deepEqual([one.fault.code, one.fault.rule], [code, rule]);
      assert.equal(record(laptop)?.state, 'written');
      assert.deepEqual(laptop.receipts(), []);
    });
  }

  it('is believed by any of several vendors, and told as unusable without one', async () => {
    const { laptop, system } = await scenario();
    leave(system, answer(system));
    const [none] = await collected(laptop, system, []);
    assert.equal(none?.kind === 'unusable' && none.fault.code, 'enb-untrusted');
    const [one] = await collected(laptop, system, [trustOf(makeScene()), trust]);
    assert.equal(one?.kind, 'proven');
  });

  it('that cannot be saved as a file is told; in the store it is kept, and proves', async () => {
    const { laptop, system } = await scenario();
    leave(system, answer(system));
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
