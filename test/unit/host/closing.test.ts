import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { startCore } from '../../../main/host/index.ts';
import { ok, refuse } from '../../../main/faults/index.ts';
import { bundleFor, makeScene } from '../../kit/bundle.ts';
import { CorePort } from '../../kit/core-port.ts';
import { fakeSystem } from '../../kit/drive.ts';
import { jobCore } from '../../kit/job-core.ts';
import { LabOffice, makeFolder, surroundingsIn } from '../../kit/operator.ts';
import { FakeUsbBus } from '../../kit/usb.ts';

const scene = makeScene();

suite('a core that closes', () => {
  test('stops a delivery, whose end is in the store', async (context) => {
    const usb = new FakeUsbBus();
    const { core, port, jobs, restart } = await jobCore(context, scene, [await bundleFor(scene)], { usb });
    const reached = Promise.withResolvers<undefined>();
    usb.plugIn(() => reached.resolve(undefined));
    const { id } = jobs[0]!;
    const sending = port.ask('jobs.send', { id, address: 'usb:LAB0001', confirmedSerialNumber: 'LAB0001' });
    await reached.promise;
    await core.close();
    assert.equal((await sending).deliveryFault?.code, 'cancelled');
    const later = await (await restart()).ask('jobs.get', { id });
    assert.equal(later.deliveryFault?.code, 'cancelled');
  });

  test('stops a run, which keeps what is made', async () => {
    const serials = Array.from({ length: 100 }, (_, place) => `LAB${1000 + place}`);
    const office = new LabOffice({ serials, training: false });
    office.writeInventory(serials.map((serial) => office.row(serial)));
    makeFolder(office, 'out');
    const core = startCore({ shell: 'browser', folders: [] }, surroundingsIn(office.home));
    const port = new CorePort(core);
    const handle = (name: string) => core.registerFile(office.path(name));
    const { id: operatorId } = await port.ask('operators.add', { file: handle('operator.json') });
    await port.ask('operators.unlock', { id: operatorId, vendor: 'lab', passphrase: office.passphrase });
    const { id } = await port.ask('runs.check', { operatorId, inventory: handle('inventory.csv') });
    const get = () => port.ask('runs.get', { id });
    const until = async (isReached: (run: Awaited<ReturnType<typeof get>>) => boolean) => {
      for (;;) {
        const changed = port.nextChange();
        if (isReached(await get())) return;
        await changed;
      }
    };
    await until(({ state }) => state === 'checked');
    await port.ask('runs.setFolder', { id, folder: handle('out') });
    await port.ask('runs.make', { id, skipBad: false });
    await until(({ made }) => made > 0);
    await core.close();
    const run = office.withStore((store) => store.runs.get(id));
    assert.deepEqual([run?.state, run?.made], ['stopped', office.bundleNames().length]);
  });

  test('lets what is done with a drive come to its end', async (context) => {
    const [asked, answered] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const drives = fakeSystem({
      eject: async () => {
        asked.resolve(undefined);
        await answered.promise;
        return ok(undefined);
      },
    });
    const { core, port, jobs, restart } = await jobCore(context, scene, [await bundleFor(scene)], { drives });
    const { id } = jobs[0]!;
    const { volume } = drives.place.drive;
    const confirmedSerialNumbers = ['LAB0001'];
    const writing = port.ask('drives.write', { volume, jobIds: [id], confirmedSerialNumbers });
    await asked.promise;
    const closing = core.close();
    await setImmediate();
    answered.resolve(undefined);
    await Promise.all([closing, writing]);
    const later = await (await restart()).ask('jobs.get', { id });
    assert.equal(later.carried?.state, 'carried');
  });

  test('lets a drive be ejected, and keeps that it was', async (context) => {
    const [asked, answered] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    let isBusy = true;
    const drives = fakeSystem({
      eject: async () => {
        if (isBusy) return refuse('drive-eject-failed');
        asked.resolve(undefined);
        await answered.promise;
        return ok(undefined);
      },
    });
    const { core, port, jobs, restart } = await jobCore(context, scene, [await bundleFor(scene)], { drives });
    const { id } = jobs[0]!;
    const { volume } = drives.place.drive;
    const write = { volume, jobIds: [id], confirmedSerialNumbers: ['LAB0001'] };
    assert.equal((await port.refusal('drives.write', write)).code, 'drive-eject-failed');
    isBusy = false;
    const ejecting = port.ask('drives.eject', { volume });
    await asked.promise;
    const closing = core.close();
    await setImmediate();
    answered.resolve(undefined);
    await Promise.all([closing, ejecting]);
    const later = await (await restart()).ask('jobs.get', { id });
    assert.equal(later.carried?.state, 'carried');
  });
});
