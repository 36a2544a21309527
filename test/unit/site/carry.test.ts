import assert from 'node:assert/strict';
import { existsSync, renameSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Bundle } from '../../../main/bundle/index.ts';
import { ejectDrive, mountVolume, recordsOn, verifyDrive } from '../../../main/core/drives.ts';
import { ok, refuse } from '../../../main/faults/index.ts';
import { carry, driveWork, type CarryOutcome } from '../../../main/site/index.ts';
import { bundleFor, identity, makeScene, now, subjectOf } from '../../kit/bundle.ts';
import { fakeSystem, onDrive, writeAway, type FakeSystem, type FakeSystemOptions } from '../../kit/drive.ts';
import { temporaryFolder, trustOf } from '../../kit/enb.ts';

import {
  answer,
  bundle,
  challengeOn,
  requestOn,
  collected,
  coreOf,
  itemsOf,
  keeping,
  leave,
  newLaptop,
  otherBundle,
  record,
  scene,
  sha256,
  trust,
  write,
  written,
} from '../../kit/carrying.ts';
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
    const { challenge, auditHead } = record(laptop)!;
    assert.deepEqual(requestOn(system), { challenge, auditHead });
    assert.equal(auditHead, laptop.open().store.log.checkpoints().at(-1)?.checkpoint);
    const { bundleId, sequence } = subjectOf(bundle);
    const drive = { drive: '7066-8977' };
    assert.deepEqual(
      laptop.log().map(({ action, subject, facts }) => [action, subject, facts]),
      [
        [
          'drive-bundle-written',
          { ...drive, site: 'S00001', ...identity },
          { bundleId, sequence, bundleSha256: sha256(bundle) },
        ],
        ['drive-written', drive, { bundles: 1, written: 1 }],
      ],
    );
  });

  it('is verified and carried once the drive has been out, also by a program that was restarted', async () => {
    const laptop = newLaptop();
    const system = fakeSystem();
    await written(laptop, system, bundle, otherBundle);
    const verdict = await verifyDrive(coreOf(laptop, system), system.place, trust, laptop.open());
    assert(verdict.ok);
    assert.equal(verdict.value.kind, 'verified');
    assert.deepEqual([record(laptop)?.state, record(laptop, otherBundle)?.state], ['carried', 'carried']);
    assert.equal(laptop.log().at(-1)?.facts['verdict'], 'verified');
  });

  it('is verified, and still there, when the drive could not be ejected', async () => {
    const laptop = newLaptop();
    const system = fakeSystem({ eject: () => Promise.resolve(refuse('drive-eject-failed')) });
    await written(laptop, system, bundle);
    const verdict = await verifyDrive(coreOf(laptop, system), system.place, trust, laptop.open());
    assert.equal(verdict.ok && verdict.value.kind, 'verified-not-ejected');
    assert.equal(record(laptop)?.state, 'verified');
  });

  it('is damaged when the drive has something else of it afterwards, and the good one beside it is verified', async () => {
    const laptop = newLaptop();
    const options: { -readonly [Name in keyof FakeSystemOptions]: FakeSystemOptions[Name] } = {
      whileUnmounted: () => writeAway(system, 'LAB0001/bundle.p7m', 'zeros'),
    };
    const system: FakeSystem = fakeSystem(options);
    await written(laptop, system, bundle, otherBundle);
    const verdict = await verifyDrive(coreOf(laptop, system), system.place, trust, laptop.open());
    assert.equal(verdict.ok && verdict.value.kind, 'damaged');
    assert.deepEqual([record(laptop)?.state, record(laptop, otherBundle)?.state], ['damaged', 'verified']);
  });

  it('is verified after the user has pulled the drive out and plugged it in', async () => {
    const laptop = newLaptop();
    const system = fakeSystem();
    await written(laptop, system, bundle);
    const states: string[] = [];
    const onState = (state: string) => {
      states.push(state);
      if (state === 'waiting-for-unplug') system.pullOut();
      else system.plugIn();
    };
    const verdict = await verifyDrive(coreOf(laptop, system), system.place, trust, laptop.open(), {
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
    leave(first, await answer(first));
    assert.equal((await collected(laptop, first))[0]?.kind, 'proven');
    await written(laptop, third, bundle);
    assert.notEqual(challengeOn(third), challengeOn(first));
  });

  it('is neither written nor ejected while other work on the drive is under way', async () => {
    const laptop = newLaptop();
    const system = fakeSystem();
    const { store } = laptop.open();
    const work = driveWork(system.place);
    const other = { process: process.pid + 1, bootId: 'boot-of-the-tests' };
    assert(store.leases.take(work, other, now, () => true).ok);
    const refused = [
      await write(laptop, system, [bundle]),
      await ejectDrive(coreOf(laptop, system), system.place, laptop.open()),
    ];
    assert.deepEqual(
      refused.map((one) => !one.ok && one.fault.code),
      ['store-in-use', 'store-in-use'],
    );
    assert.equal(existsSync(onDrive(system.place)), false);
    assert.deepEqual(store.carried.all(), []);
    store.leases.release(work);
    await written(laptop, system, bundle);
  });

  it('is not written when the store cannot take the lease, which is told', async () => {
    const laptop = newLaptop();
    const system = fakeSystem();
    const takeLease = () => {
      throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    };
    const refused = await carry(system.place, itemsOf(bundle), {
      ...keeping(laptop),
      takeLease,
      drives: system,
    });
    assert.deepEqual(!refused.ok && refused.fault, { code: 'store-unusable', found: 'SQLITE_FULL' });
    assert.equal(existsSync(onDrive(system.place)), false);
  });

  it('is not written, nor any other, when its eNB would refuse one of them', async () => {
    const laptop = newLaptop();
    const system = fakeSystem();
    const expired = await bundleFor(scene, { notAfter: '2026-11-12T00:00:00Z' });
    const refused = await write(laptop, system, [bundle, expired]);
    assert.equal(!refused.ok && refused.fault.code, 'bundle-expired');
    assert.equal(existsSync(onDrive(system.place)), false);
    assert.deepEqual(laptop.open().store.carried.all(), []);
  });

  it('for training does not go onto a drive together with real ones', async () => {
    const training = makeScene({ training: true });
    const items = [
      { bundle: new Bundle(bundle), trust },
      { bundle: new Bundle(await bundleFor(training, { training: true })), trust: trustOf(training) },
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
    const core = coreOf(laptop, system);
    for (const verdict of [
      await verifyDrive(core, system.place, trust, laptop.open()),
      await verifyDrive(core, system.place, trust, laptop.open(), { onState: () => undefined }),
    ]) {
      assert.equal(!verdict.ok && verdict.fault.code, 'drive-nothing-written');
    }
    assert.deepEqual(system.calls, []);
  });

  it('has to be pulled out by the user when the operating system cannot eject it', async () => {
    const laptop = newLaptop();
    const folder = { kind: 'unknown', mountPoint: temporaryFolder(), fileSystem: 'fuse' } as const;
    const system = { ...fakeSystem(), place: folder };
    const outcomes = await carry(folder, itemsOf(bundle), {
      ...keeping(laptop),
      drives: { ...system, find: () => Promise.resolve(ok(folder)) },
    });
    assert(outcomes.ok, JSON.stringify(outcomes));
    const verdict = await verifyDrive(coreOf(laptop, fakeSystem()), folder, trust, laptop.open());
    assert.equal(!verdict.ok && verdict.fault.code, 'drive-replug-needed');
  });
});

describe('a drive that is asked for by its volume', () => {
  it('is mounted when it is not, and told as gone when it is not there', async () => {
    const system = fakeSystem();
    const core = coreOf(newLaptop(), system);
    await system.unmount(system.place.drive);
    const mounted = await mountVolume(core, system.place.drive.volume);
    assert.equal(mounted.ok && mounted.value.mountPoint, system.place.mountPoint);
    system.pullOut();
    const gone = await mountVolume(core, system.place.drive.volume);
    assert.equal(!gone.ok && gone.fault.code, 'drive-gone');
  });
});
