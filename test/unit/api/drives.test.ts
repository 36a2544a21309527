import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { suite, test, type TestContext } from 'node:test';
import { fault, ok, refuse } from '../../../main/faults/index.ts';
import type { JobRow } from '../../../preload/contract/index.ts';
import { bundleFor, makeScene, otherIdentity } from '../../kit/bundle.ts';
import { fakeSystem, onDrive, writeAway, type FakeSystemOptions } from '../../kit/drive.ts';
import { makeReferenceEnb } from '../../kit/enb.ts';
import { carryTo, jobCore } from '../../kit/job-core.ts';

const scene = makeScene();
const first = await bundleFor(scene);
const second = await bundleFor(scene, { enb: otherIdentity });

async function laptop(context: TestContext, options: FakeSystemOptions = {}, bundles = [first]) {
  const drives = fakeSystem(options);
  const { place } = drives;
  const opened = await jobCore(context, scene, bundles, { drives, pause: () => setImmediate() });
  const { port, jobs } = opened;
  const { volume } = place.drive;
  const write = (some: readonly JobRow[] = jobs) => ({
    volume,
    jobIds: some.map(({ id }) => id),
    confirmedSerialNumbers: some.map(({ serialNumber }) => serialNumber),
  });
  const job = (place = 0) => port.ask('jobs.get', { id: jobs[place]!.id });
  return { ...opened, drives, place, volume, write, job };
}

suite('a removable drive', () => {
  test('is listed without its folder', async (context) => {
    const { port, volume, place } = await laptop(context);
    const { name, size, free } = place.drive;
    assert.deepEqual(await port.ask('drives.list', {}), [{ volume, name, size, free }]);
  });

  test('that is encrypted is listed with its fault, and neither mounted, written nor read', async (context) => {
    const { drive } = fakeSystem().place;
    const encrypted = { ...drive, mountPoint: undefined, fault: fault('drive-encrypted') };
    const list = () => Promise.resolve(ok([encrypted]));
    const { port, volume, write, drives } = await laptop(context, { list });
    const [listed] = await port.ask('drives.list', {});
    assert.equal(listed?.fault?.code, 'drive-encrypted');
    assert.equal((await port.refusal('drives.write', write())).code, 'drive-encrypted');
    assert.equal((await port.refusal('drives.collect', { volume })).code, 'drive-encrypted');
    assert.deepEqual(drives.calls, []);
  });

  test('is written, verified, carried, and proven by the receipt alone', async (context) => {
    const { port, volume, write, job, drives, place } = await laptop(context);
    await port.ask('drives.write', write());
    assert.deepEqual(drives.calls, ['unmount', 'mount', 'eject']);
    const carried = await job();
    assert.deepEqual([carried.state, carried.carried?.state], ['selected', 'carried']);
    assert.equal(carried.carried?.drive, place.drive.name);
    await carryTo(makeReferenceEnb(scene), place.mountPoint);
    const { receipts } = await port.ask('drives.collect', { volume });
    assert.deepEqual(receipts, [{ kind: 'proven', name: 'LAB0001' }]);
    const proven = await job();
    assert.deepEqual([proven.state, proven.carried, proven.verdict?.accepted], ['receipt', undefined, true]);
    const again = await port.ask('drives.collect', { volume });
    assert.deepEqual(again.receipts, [{ kind: 'known', name: 'LAB0001' }]);
  });

  test('carries bundles for several eNBs, each of which proves its own', async (context) => {
    const { port, volume, write, job, place } = await laptop(context, {}, [first, second]);
    await port.ask('drives.write', write());
    await carryTo(makeReferenceEnb(scene), place.mountPoint);
    await port.ask('drives.collect', { volume });
    assert.deepEqual([(await job(0)).state, (await job(1)).carried?.state], ['receipt', 'carried']);
  });

  test('is not written unless just these eNBs were confirmed, each of them once', async (context) => {
    const { port, write, job, jobs } = await laptop(context, {}, [
      first,
      await bundleFor(scene, { sequence: 9 }),
    ]);
    const fault = await port.refusal('drives.write', { ...write([jobs[0]!]), confirmedSerialNumbers: ['X'] });
    assert.equal(fault.code, 'enb-mismatch');
    assert.equal((await port.refusal('drives.write', write())).code, 'usage-invalid');
    assert.equal((await job()).carried, undefined);
  });

  test('that goes before anything is written leaves the job as it was', async (context) => {
    const { port, write, job } = await laptop(context, { find: () => Promise.resolve(refuse('drive-gone')) });
    assert.equal((await port.refusal('drives.write', write())).code, 'drive-gone');
    assert.equal((await job()).carried, undefined);
  });

  test('that cannot be unmounted is written and not yet verified, also after a restart', async (context) => {
    const { port, write, job, jobs, restart } = await laptop(context, {
      unmount: () => Promise.resolve(refuse('drive-busy', { found: 'editor' })),
    });
    assert.equal((await port.refusal('drives.write', write())).code, 'drive-busy');
    const { carried } = await job();
    assert.deepEqual([carried?.state, carried?.fault?.code], ['written', 'drive-busy']);
    const later = await (await restart()).ask('jobs.get', { id: jobs[0]!.id });
    assert.deepEqual([later.carried?.state, later.carried?.fault], ['written', undefined]);
  });

  test('that was not stored on is damaged, and can be written again', async (context) => {
    let isLying = true;
    const laptopWithLiar = await laptop(context, {
      whileUnmounted: () => isLying && writeAway(laptopWithLiar.drives, 'LAB0001/bundle.p7m', 'nothing'),
    });
    const { port, write, job } = laptopWithLiar;
    assert.equal((await port.refusal('drives.write', write())).code, 'drive-damaged');
    assert.equal((await job()).carried?.state, 'damaged');
    const count = async (show: 'problem' | 'under-way') =>
      (await port.ask('jobs.list', { show })).counts[show];
    assert.deepEqual([await count('problem'), await count('under-way')], [1, 0]);
    isLying = false;
    await port.ask('drives.write', write());
    assert.equal((await job()).carried?.state, 'carried');
    assert.deepEqual([await count('problem'), await count('under-way')], [0, 1]);
  });

  test('that is verified and cannot be ejected says so, and is on its way once it is ejected', async (context) => {
    let canEject = false;
    const { port, write, job, volume } = await laptop(context, {
      eject: () => Promise.resolve(canEject ? { ok: true, value: undefined } : refuse('drive-eject-failed')),
    });
    assert.equal((await port.refusal('drives.write', write())).code, 'drive-eject-failed');
    assert.equal((await job()).carried?.state, 'verified');
    canEject = true;
    await port.ask('drives.eject', { volume });
    assert.equal((await job()).carried?.state, 'carried');
  });

  test('is verified by a re-plug, of which the job tells each moment', async (context) => {
    const seen: (string | undefined)[] = [];
    const underWay: number[] = [];
    const actions: Record<string, () => void> = {
      'waiting-for-unplug': () => drives.pullOut(),
      'waiting-for-plug': () => drives.plugIn(),
    };
    const drives = fakeSystem({ unmount: () => Promise.resolve(refuse('drive-replug-needed')) });
    const { port, jobs } = await jobCore(context, scene, [first], {
      drives,
      pause: async () => {
        const { carried } = await port.ask('jobs.get', { id: jobs[0]!.id });
        const state = carried?.work?.phase;
        underWay.push((await port.ask('jobs.list', { show: 'under-way' })).total);
        if (seen.at(-1) !== state) actions[state ?? '']?.();
        seen.push(state);
      },
    });
    const { volume } = drives.place.drive;
    const write = { volume, jobIds: [jobs[0]!.id], confirmedSerialNumbers: ['LAB0001'] };
    assert.equal((await port.refusal('drives.write', write)).code, 'drive-replug-needed');
    await port.ask('jobs.archive', { ids: [jobs[0]!.id], archived: true });
    await port.ask('drives.verify', { volume, replug: true });
    assert.deepEqual(seen, ['waiting-for-unplug', 'waiting-for-plug']);
    assert.deepEqual(underWay, [1, 1], 'also a job that is put away');
    const { carried } = await port.ask('jobs.get', { id: jobs[0]!.id });
    assert.equal(carried?.state, 'carried');
  });

  test('is waited for until that is stopped, by whomever', async (context) => {
    const { port, write, volume, job } = await laptop(context, {
      unmount: () => Promise.resolve(refuse('drive-replug-needed')),
    });
    await port.refusal('drives.write', write());
    const verifying = port.refusal('drives.verify', { volume, replug: true });
    for (let changed = port.nextChange(); ; changed = port.nextChange()) {
      if ((await job()).carried?.work?.phase === 'waiting-for-unplug') break;
      await changed;
    }
    assert.equal((await port.refusal('drives.verify', { volume, replug: false })).code, 'work-busy');
    await port.ask('work.stop', { id: (await job()).carried!.work!.id });
    assert.equal((await verifying).code, 'cancelled');
    const { carried } = await job();
    assert.deepEqual([carried?.state, carried?.work, carried?.fault], ['written', undefined, undefined]);
  });

  test('with a receipt that answers nothing proves nothing, and says of whose folder', async (context) => {
    const { port, write, volume, job, place } = await laptop(context);
    await port.ask('drives.write', write());
    writeFileSync(onDrive(place, 'LAB0001', 'receipt.p7m'), 'no receipt');
    const { receipts } = await port.ask('drives.collect', { volume });
    assert.deepEqual(
      receipts.map(({ kind, name }) => [kind, name]),
      [['unusable', 'LAB0001']],
    );
    assert.equal((await job()).carried?.state, 'carried');
  });

  test('with a newer configuration for the same eNB is verified without the one before', async (context) => {
    const bundles = [first, await bundleFor(scene, { sequence: 9 })];
    const { port, write, job, jobs } = await laptop(context, {}, bundles);
    await port.ask('drives.write', write([jobs[0]!]));
    await port.ask('drives.write', write([jobs[1]!]));
    assert.deepEqual([(await job(0)).carried?.state, (await job(1)).carried?.state], ['writing', 'carried']);
  });

  test('that was pulled out is gone', async (context) => {
    const { port, volume } = await laptop(context, { list: () => Promise.resolve({ ok: true, value: [] }) });
    for (const name of ['drives.collect', 'drives.eject'] as const) {
      assert.equal((await port.refusal(name, { volume })).code, 'drive-gone');
    }
  });
});
