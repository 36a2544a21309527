import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { systemSurroundings } from '../../../main/core/index.ts';
import { refuse } from '../../../main/faults/index.ts';
import { startCore } from '../../../main/host/index.ts';
import {
  trainingFaults,
  type JobView,
  type StartableStep,
  type TrainingFault,
} from '../../../preload/contract/index.ts';
import { CorePort } from '../../kit/core-port.ts';
import { deadlines, temporaryFolder } from '../../kit/enb.ts';

const volume = 'training-stick';

/** The devices of the computer, which training never touches. */
const untouched = {
  usb: {
    list: () => assert.fail('the USB of the computer'),
    watch: () => assert.fail('the USB of the computer'),
  },
  discovery: {
    list: () => assert.fail('the network of the computer'),
    watch: () => assert.fail('the network of the computer'),
  },
  drives: {
    list: () => Promise.resolve(refuse('drives-unlistable')),
    find: () => assert.fail('the drives of the computer'),
    mount: () => assert.fail('the drives of the computer'),
    unmount: () => assert.fail('the drives of the computer'),
    eject: () => assert.fail('the drives of the computer'),
  },
};

/** A core in training. */
async function training(context: TestContext, dataFolder = temporaryFolder()) {
  const start = () =>
    startCore(
      { shell: 'browser', folders: [] },
      { ...systemSurroundings(), ...untouched, dataFolder, deadlines: { ...deadlines, handshake: 1_000 } },
    );
  let core = start();
  context.after(() => core.close());
  let port = new CorePort(core);
  await port.ask('app.enter', { mode: 'training' });
  const jobs = async () => {
    const { rows } = await port.ask('jobs.list', { sort: 'serialNumber' });
    return rows;
  };
  const jobOf = async (serialNumber: string): Promise<JobView> => {
    const row = (await jobs()).find((job) => job.serialNumber === serialNumber);
    assert(row, serialNumber);
    return port.ask('jobs.get', { id: row.id });
  };
  const addressOf = async (kind: 'ethernet' | 'usb', serialNumber: string) => {
    const { enbs } = await port.ask('enbs.found', {});
    const found = enbs.find((enb) => enb.kind === kind && enb.label === serialNumber);
    assert(found, `${kind} ${serialNumber}`);
    return found.address;
  };
  const send = async (kind: 'ethernet' | 'usb', serialNumber: string) => {
    const { id } = await jobOf(serialNumber);
    const address = await addressOf(kind, serialNumber);
    return port.ask('jobs.send', { id, address, confirmedSerialNumber: serialNumber });
  };
  const follow = async (serialNumber: string, start: StartableStep) =>
    port.ask('jobs.follow', { ...(await identify('ethernet', serialNumber)), start });
  /** Takes an eNB as far as its enrolment, through the first tunnel. */
  const enrol = async (serialNumber: string) => {
    await send('ethernet', serialNumber);
    await follow(serialNumber, 'initial-ipsec');
    return follow(serialNumber, 'enrolment');
  };
  const identify = async (kind: 'ethernet' | 'usb', serialNumber: string) => {
    const { id } = await jobOf(serialNumber);
    return { id, address: await addressOf(kind, serialNumber) };
  };
  const writing = async (serialNumber: string) => ({
    volume,
    jobIds: [(await jobOf(serialNumber)).id],
    confirmedSerialNumbers: [serialNumber],
  });
  const choose = (fault: TrainingFault | null) => port.ask('training.setFault', { fault });
  const move = (to: string) => port.ask('training.moveStick', { to });
  return {
    dataFolder,
    get port() {
      return port;
    },
    restartCore: async () => {
      await core.close();
      core = start();
      port = new CorePort(core);
      await port.ask('app.enter', { mode: 'training' });
    },
    ...{ jobs, jobOf, send, identify, follow, enrol, writing, choose, move },
  };
}

suite('training', () => {
  test('delivers over Ethernet, USB and a drive, to a proven receipt, without a device of the computer', async (context) => {
    const lab = await training(context);
    assert.equal((await lab.send('ethernet', 'LAB0001')).state, 'receipt');
    const overUsb = await lab.send('usb', 'LAB0002');
    assert.deepEqual([overUsb.state, overUsb.address], ['receipt', 'usb:LAB0002']);

    const [stick] = await lab.port.ask('drives.list', {});
    assert.deepEqual([stick?.volume, stick?.name], [volume, 'Training stick (simulated)']);
    await lab.port.ask('drives.write', await lab.writing('LAB0003'));
    assert.equal((await lab.jobOf('LAB0003')).carried?.state, 'carried');
    const states = [await lab.port.ask('training.get', {})];
    for (const to of ['hand', 'LAB0003', 'laptop']) states.push(await lab.move(to));
    assert.deepEqual(
      states.map(({ stick }) => stick),
      [{ at: 'ejected' }, { at: 'hand' }, { at: 'LAB0003', read: 'accepted' }, { at: 'laptop' }],
    );
    const { receipts } = await lab.port.ask('drives.collect', { volume });
    assert.deepEqual(receipts, [{ kind: 'proven', name: 'LAB0003' }]);
    assert.equal((await lab.jobOf('LAB0003')).state, 'receipt');
    const { tried, isAllDone } = await lab.port.ask('training.get', {});
    assert.deepEqual([tried, isAllDone], [['ethernet', 'usb', 'drive'], false]);
  });

  test('keeps the stick where it is, and what was tried, when Siteseal ends', async (context) => {
    const lab = await training(context);
    await lab.send('usb', 'LAB0001');
    await lab.port.ask('drives.write', await lab.writing('LAB0002'));
    await lab.move('LAB0002');
    await lab.choose('wrong-cable');
    await lab.restartCore();
    const { stick, tried, fault } = await lab.port.ask('training.get', {});
    assert.deepEqual([stick.at, tried, fault], ['LAB0002', ['usb', 'fault'], null]);
    assert.deepEqual(await lab.port.ask('drives.list', {}), []);
  });

  test('finds the stick among the files that a file manager leaves beside it', async (context) => {
    const dataFolder = temporaryFolder();
    const at = (...names: string[]) => join(dataFolder, 'training', 'lab', 'stick', ...names);
    mkdirSync(at('.Trash'), { recursive: true });
    mkdirSync(at('enb-LAB9999'));
    writeFileSync(at('.DS_Store'), '');
    const lab = await training(context, dataFolder);
    await lab.port.ask('drives.write', await lab.writing('LAB0001'));
    const { stick } = await lab.move('LAB0001');
    assert.deepEqual(stick, { at: 'LAB0001', read: 'accepted' });
    writeFileSync(at('.DS_Store'), 'changed');
    assert.deepEqual((await lab.move('laptop')).stick, { at: 'laptop' });
  });

  test('is all done once every eNB is in service, and not by putting jobs away', async (context) => {
    const lab = await training(context);
    const isAllDone = async () => (await lab.port.ask('training.get', {})).isAllDone;
    const archive = async (archived: boolean) => {
      const ids = (await lab.jobs()).map(({ id }) => id);
      await lab.port.ask('jobs.archive', { ids, archived });
      return ids;
    };
    const ids = await archive(true);
    assert.equal(await isAllDone(), false);
    await lab.port.ask('jobs.archive', { ids, archived: false });
    for (const serialNumber of ['LAB0001', 'LAB0002', 'LAB0003']) await lab.enrol(serialNumber);
    assert.equal(await isAllDone(), false);
    await archive(true);
    assert.equal(await isAllDone(), false);
    await lab.port.ask('jobs.archive', { ids, archived: false });
    for (const serialNumber of ['LAB0001', 'LAB0002', 'LAB0003'])
      await lab.follow(serialNumber, 'backhaul-ipsec');
    assert.equal(await isAllDone(), true);
    await archive(true);
    assert.equal(await isAllDone(), true);
  });

  test('has tried a connection only if it led to a receipt this time', async (context) => {
    const lab = await training(context);
    await lab.send('ethernet', 'LAB0001');
    await lab.choose('wrong-cable');
    const { deliveryFault } = await lab.send('usb', 'LAB0001');
    assert.equal(deliveryFault?.code, 'enb-mismatch');
    await lab.choose(null);
    const { tried } = await lab.port.ask('training.get', {});
    assert.deepEqual(tried, ['ethernet', 'fault']);
    await lab.send('usb', 'LAB0001');
    assert.deepEqual((await lab.port.ask('training.get', {})).tried, ['ethernet', 'usb', 'fault']);
  });

  test('a fault replaces the one before it, with every cable back in', async (context) => {
    const lab = await training(context);
    const onUsb = async () => {
      const { enbs } = await lab.port.ask('enbs.found', {});
      return enbs.filter(({ kind }) => kind === 'usb').length;
    };
    const seen: number[] = [];
    for (const fault of ['usb-unplugged', 'no-permission', 'cable-pulled'] as const) {
      await lab.choose(fault);
      seen.push(await onUsb());
    }
    await lab.send('usb', 'LAB0001');
    seen.push(await onUsb());
    await lab.choose('no-permission');
    seen.push(await onUsb());
    assert.deepEqual(seen, [0, 3, 3, 2, 3]);
  });

  test('an eNB that finds nothing on the stick says so', async (context) => {
    const lab = await training(context);
    assert.deepEqual((await lab.move('LAB0001')).stick, { at: 'LAB0001', read: 'nothing' });
    assert.equal((await lab.port.refusal('training.moveStick', { to: 'LAB9999' })).code, 'not-found');
  });

  test('meets each fault as in the field, and works again afterwards', async (context) => {
    const lab = await training(context);
    const refusalOf = async (kind: 'ethernet' | 'usb') =>
      (await lab.port.refusal('jobs.identify', await lab.identify(kind, 'LAB0001'))).code;
    const deliveryFault = async (kind: 'ethernet' | 'usb') => {
      const { state, deliveryFault: fault } = await lab.send(kind, 'LAB0001');
      return [state, fault?.code];
    };
    const onUsb = async () => {
      const { enbs, usbFault } = await lab.port.ask('enbs.found', {});
      return [enbs.filter(({ kind }) => kind === 'usb').length, usbFault];
    };

    await lab.choose('cable-pulled');
    assert.deepEqual(await deliveryFault('ethernet'), ['sending', 'device-closed']);
    assert.deepEqual(await deliveryFault('usb'), ['sending', 'usb-unplugged']);
    assert.deepEqual(await onUsb(), [2, undefined]);

    await lab.choose('wrong-cable');
    const wrong = await lab.port.ask('jobs.identify', await lab.identify('ethernet', 'LAB0001'));
    assert.deepEqual([wrong.isTheRightOne, wrong.serialNumber], [false, 'LAB0002']);
    assert.deepEqual((await deliveryFault('ethernet'))[1], 'enb-mismatch');

    await lab.choose('enb-silent');
    assert.equal(await refusalOf('ethernet'), 'device-no-answer');
    await lab.choose('no-permission');
    assert.equal(await refusalOf('usb'), 'usb-no-permission');

    await lab.choose(null);
    const usb = await lab.identify('usb', 'LAB0001');
    await lab.choose('usb-unplugged');
    assert.deepEqual(await onUsb(), [0, undefined]);
    assert.equal((await lab.port.refusal('jobs.identify', usb)).code, 'usb-device-missing');

    await lab.choose('enb-refuses');
    const { state, verdict } = await lab.send('ethernet', 'LAB0001');
    assert.deepEqual(
      [state, verdict?.checks.filter(({ ok }) => ok === false).map(({ code }) => code)],
      ['refused', ['bundle-not-yet-valid']],
    );

    const { fault, faults, tried } = await lab.choose(null);
    assert.deepEqual([fault, faults.length, tried], [null, trainingFaults.length, ['fault']]);
    assert.deepEqual(await onUsb(), [3, undefined]);
    assert.deepEqual(await deliveryFault('usb'), ['receipt', undefined]);
  });

  test('enrols at its RA/CA, meets one that refuses or is silent, and counts a failed step as a problem', async (context) => {
    const lab = await training(context);
    const enrolmentOf = ({ steps }: JobView) => steps.list.find(({ step }) => step === 'enrolment');
    await lab.choose('ra-ca-refuses');
    const { state, fault } = enrolmentOf(await lab.enrol('LAB0001'))!;
    assert.deepEqual([state, fault?.code], ['failed', 'cmp-refused']);
    assert.match(fault?.found ?? '', /^The reference is not registered here.*\(badMessageCheck\)$/);
    assert.match(fault?.next ?? '', /^Call your operator/);
    const { counts } = await lab.port.ask('jobs.list', {});
    assert.deepEqual([counts.problem, counts.done], [1, 0]);

    await lab.choose('ra-ca-silent');
    void lab.enrol('LAB0002').catch(() => undefined); // It ends with the core.
    for (;;) {
      const changed = lab.port.nextChange();
      const seen = enrolmentOf(await lab.jobOf('LAB0002'));
      if (seen?.state === 'running' && seen.phase === 'requested') break;
      await changed;
    }

    await lab.choose(null);
    assert.equal(enrolmentOf(await lab.enrol('LAB0003'))?.state, 'done');
    assert.deepEqual((await lab.port.ask('training.get', {})).tried, [
      'ethernet',
      'initial-ipsec',
      'enrolment',
      'operator-fault',
    ]);
  });

  test('meets a stick that loses data, and one that is pulled out too early', async (context) => {
    const lab = await training(context);
    const write = async () => lab.port.refusal('drives.write', await lab.writing('LAB0001'));
    await lab.choose('stick-loses-data');
    assert.equal((await write()).code, 'drive-damaged');
    assert.equal((await lab.jobOf('LAB0001')).carried?.state, 'damaged');
    await lab.choose('stick-pulled');
    assert.equal((await write()).code, 'drive-gone');
    assert.deepEqual((await lab.port.ask('training.get', {})).stick, { at: 'hand' });
    await lab.choose(null);
    assert.equal((await lab.move('laptop')).stick.at, 'laptop');
    await lab.port.ask('drives.write', await lab.writing('LAB0001'));
    assert.equal((await lab.jobOf('LAB0001')).carried?.state, 'carried');
  });

  test('verifies the stick by replugging, as the hand of the user moves it', async (context) => {
    const lab = await training(context);
    await lab.choose('stick-pulled');
    await lab.port.refusal('drives.write', await lab.writing('LAB0001'));
    await lab.choose(null);
    await lab.move('laptop');
    const verified = lab.port.ask('drives.verify', { volume, replug: true });
    const phase = async (wanted: string) => {
      for (;;) {
        const changed = lab.port.nextChange();
        if ((await lab.jobOf('LAB0001')).carried?.work?.phase === wanted) return;
        await changed;
      }
    };
    await phase('waiting-for-unplug');
    await lab.move('hand');
    await phase('waiting-for-plug');
    await lab.move('laptop');
    await verified;
    assert.equal((await lab.jobOf('LAB0001')).carried?.state, 'carried');
  });

  test('is out of reach where training is off', async (context) => {
    const lab = await training(context);
    await lab.choose('wrong-cable');
    for (const mode of ['site', 'office'] as const) {
      await lab.port.ask('app.enter', { mode });
      const refusals = [
        await lab.port.refusal('training.get', {}),
        await lab.port.refusal('training.setFault', { fault: 'enb-refuses' }),
        await lab.port.refusal('training.moveStick', { to: 'hand' }),
        await lab.port.refusal('training.restart', {}),
      ];
      assert.deepEqual(
        refusals.map(({ code }) => code),
        Array(4).fill('not-found'),
      );
    }
    // Here the computer's own drives are asked for.
    assert.equal((await lab.port.refusal('drives.list', {})).code, 'drives-unlistable');
    await lab.port.ask('app.enter', { mode: 'training' });
    const { fault, stick } = await lab.port.ask('training.get', {});
    assert.deepEqual([fault, stick.at], ['wrong-cable', 'laptop']);
  });
});

suite('a training that starts again', () => {
  test('has fresh jobs, a fresh stick and nothing tried, and real data stays', async (context) => {
    const lab = await training(context);
    const before = await lab.jobs();
    await lab.port.ask('app.theme', { theme: 'dark' });
    await lab.send('ethernet', 'LAB0001');
    await lab.port.ask('drives.write', await lab.writing('LAB0002'));
    await lab.choose('enb-refuses');
    const view = await lab.port.ask('training.restart', {});
    assert.deepEqual(
      [view.enbs, view.stick, view.fault, view.tried, view.isAllDone],
      [['LAB0001', 'LAB0002', 'LAB0003'], { at: 'laptop' }, null, [], false],
    );
    const after = await lab.jobs();
    assert.deepEqual(
      after.map(({ serialNumber, state, carried }) => [serialNumber, state, carried]),
      ['LAB0001', 'LAB0002', 'LAB0003'].map((serialNumber) => [serialNumber, 'selected', undefined]),
    );
    assert.ok(after.every(({ id }) => before.every((job) => job.id !== id)));
    const { mode, theme } = await lab.port.ask('app.get', {});
    assert.deepEqual([mode, theme], ['training', 'dark']);
    assert.equal(existsSync(join(lab.dataFolder, 'training-old')), false);
    const sent = await lab.send('usb', 'LAB0001');
    assert.equal(sent.state, 'receipt');
  });

  test('asked for twice at a time, starts again once', async (context) => {
    const lab = await training(context);
    const [one, other] = await Promise.all([
      lab.port.ask('training.restart', {}),
      lab.port.ask('training.restart', {}),
    ]);
    assert.deepEqual(one, other);
    assert.equal((await lab.jobs()).length, 3);
  });

  test('is refused while work is in progress', async (context) => {
    const lab = await training(context);
    const before = await lab.jobs();
    await lab.choose('enb-silent');
    const sending = lab.send('ethernet', 'LAB0001');
    await lab.port.nextChange();
    assert.equal((await lab.port.refusal('training.restart', {})).code, 'work-under-way');
    await sending;
    assert.deepEqual(
      (await lab.jobs()).map(({ id }) => id),
      before.map(({ id }) => id),
    );
  });

  test('is refused while another process has the training store open', async (context) => {
    const lab = await training(context);
    const file = join(lab.dataFolder, 'training', 'siteseal.db');
    const script = `
      const Database = require('better-sqlite3');
      new Database(process.argv[1]).prepare('SELECT count(*) FROM job').get();
      process.stdout.write('open');
      process.stdin.resume();
    `;
    const other = spawn(process.execPath, ['-e', script, file], { stdio: ['pipe', 'pipe', 'inherit'] });
    context.after(() => other.kill());
    await once(other.stdout, 'data');
    const { code, found } = await lab.port.refusal('training.restart', {});
    assert.equal(code, 'store-locked');
    if (process.platform === 'linux') assert.match(found ?? '', new RegExp(`process ${other.pid}`));
    assert.equal((await lab.jobs()).length, 3);
    other.stdin.end();
    await once(other, 'exit');
    await lab.port.ask('training.restart', {});
  });

  test('after a crash in the middle is a whole training', async (context) => {
    const dataFolder = temporaryFolder();
    // The crash: the old training is aside, partly deleted, and the new one has only begun.
    mkdirSync(join(dataFolder, 'training-old', 'lab'), { recursive: true });
    mkdirSync(join(dataFolder, 'training', 'lab', 'stick', 'laptop'), { recursive: true });
    writeFileSync(join(dataFolder, 'training', 'lab', 'LAB0001.key'), 'half of it');
    const lab = await training(context, dataFolder);
    assert.equal((await lab.send('ethernet', 'LAB0001')).state, 'receipt');
    await lab.port.ask('training.restart', {});
    assert.equal(existsSync(join(dataFolder, 'training-old')), false);
  });
});
