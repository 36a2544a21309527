import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { suite, test, type TestContext } from 'node:test';
import { openRegistration } from '../../../main/bundle/index.ts';
import type { Surroundings } from '../../../main/core/index.ts';
import { startCore } from '../../../main/host/index.ts';
import type { RowKind, RunView } from '../../../preload/contract/index.ts';
import { hwType } from '../../kit/bundle.ts';
import { CorePort } from '../../kit/core-port.ts';
import { encryptedByOpenssl } from '../../kit/encrypted.ts';
import { makeRegistrationKey } from '../../kit/issue-certificate.ts';
import { LabOffice, makeFolder, surroundingsIn } from '../../kit/operator.ts';

/** Of an inventory whose eNBs have no bundle yet. */
const noneOut = { changed: 0, unchanged: 0 };

const serials = Array.from({ length: 12 }, (_, place) => `LAB${String(place + 1).padStart(4, '0')}`);

/** An office with its core and a page of it, and the operator's profile added. */
async function officeWith(
  context: TestContext,
  wanted: readonly string[] = serials.slice(0, 2),
  surroundings: Partial<Surroundings> = {},
) {
  const office = new LabOffice({ serials: wanted, training: false });
  office.writeInventory(wanted.map((serial) => office.row(serial)));
  let isBusy = false;
  const begin = () => {
    const started = startCore({ shell: 'browser', folders: [] }, surroundingsIn(office.home, surroundings));
    started.onBusy((now) => {
      isBusy = now;
    });
    return started;
  };
  let core = begin();
  let port = new CorePort(core);
  context.after(() => core.close());
  const handle = (...names: readonly string[]) => core.registerFile(office.path(...names));
  const { id: operatorId } = await port.ask('operators.add', { file: handle('operator.json') });
  const unlock = () =>
    port.ask('operators.unlock', { id: operatorId, vendor: 'lab', passphrase: office.passphrase });
  await unlock();
  const get = (id: string) => port.ask('runs.get', { id });
  /** The run once nobody is at work on it; `look` sees it after every change until then. */
  const ended = async (
    { id }: RunView,
    look: (run: RunView) => unknown = () => undefined,
  ): Promise<RunView> => {
    for (;;) {
      const changed = port.nextChange();
      const run = await get(id);
      if (run.state !== 'checking' && run.state !== 'making') return run;
      await look(run);
      await changed;
    }
  };
  const check = async () =>
    ended(await port.ask('runs.check', { operatorId, inventory: handle('inventory.csv') }));
  const setFolder = (run: RunView, name: string) =>
    port.ask('runs.setFolder', { id: run.id, folder: handle(name) });
  const make = async (run: RunView, look?: (run: RunView) => unknown) =>
    ended(await port.ask('runs.make', { id: run.id, skipBad: run.refused > 0 }), look);
  const stop = ({ work }: RunView) => port.ask('work.stop', { id: work!.id });
  return {
    office,
    operatorId,
    ...{ unlock, get, ended, check, setFolder, make, stop, handle, isBusy: () => isBusy },
    port: () => port,
    restart: async () => {
      await core.close();
      core = begin();
      port = new CorePort(core);
    },
  };
}

test('a run keeps its warnings in words, until its inventory is checked again', async (context) => {
  const { office, check, get, restart, unlock, port, ended } = await officeWith(context, [
    'LAB0001',
    'LAB0002',
  ]);
  const rows = ['LAB0001', 'LAB0002'].map((serial) => office.row(serial, { ike_identity: 'other.example' }));
  office.writeInventory(rows);
  const run = await check();
  const [warning] = run.warnings;
  assert.deepEqual([run.warnings.length, warning?.code], [1, 'ike-identity-not-requested']);
  assert.match(warning?.message ?? '', /^In 2 rows, /);
  await restart();
  assert.deepEqual((await get(run.id)).warnings, run.warnings);
  await unlock();
  office.writeInventory([office.row('LAB0001')]);
  const again = await ended(await port().ask('runs.checkAgain', { id: run.id }));
  assert.deepEqual([again.state, again.warnings], ['checked', []]);
});

test('a run is compared with what is out, makes only what is new or changed, and knows so when it goes on', async (context) => {
  const { office, check, setFolder, port, ended, get } = await officeWith(context, [
    'LAB0001',
    'LAB0002',
    'LAB0003',
  ]);
  const rowsOf = (id: string, show: RowKind) => port().ask('runs.rows', { id, show });
  const out = (name: string) => makeFolder(office, name);
  ['first', 'second', 'all'].forEach(out);
  const make = async (folder: string, onlyChanged: boolean) => {
    const checked = await check();
    await setFolder(checked, folder);
    const made = await port().ask('runs.make', { id: checked.id, skipBad: false, onlyChanged });
    return { checked, made: await ended(made) };
  };
  office.writeInventory([office.row('LAB0001'), office.row('LAB0002')]);
  const first = await make('first', true);
  assert.deepEqual([first.made.made, first.made.unchanged, first.made.changed], [2, 0, 0]);

  office.writeInventory([
    office.row('LAB0001', { mtu: '1380' }),
    office.row('LAB0002'),
    office.row('LAB0003'),
  ]);
  const { checked, made } = await make('second', true);
  assert.deepEqual([checked.state, checked.unchanged, checked.changed], ['checked', 1, 1]);
  assert.deepEqual(
    [made.state, made.made, made.unchanged, made.changed, made.onlyChanged],
    ['done', 2, 1, 1, true],
  );
  assert.deepEqual(office.bundleNames('second'), ['LAB0001.p7m', 'LAB0003.p7m']);
  const { rows, counts } = await rowsOf(made.id, 'changed');
  assert.deepEqual(counts, { all: 3, refused: 0, good: 2, changed: 1, unchanged: 1 });
  assert.deepEqual(
    rows.map(({ serialNumber, state, differences }) => [serialNumber, state, differences]),
    [['LAB0001', 'made', [{ field: 'backhaul.mtu', before: '1400', after: '1380' }]]],
  );
  const [same] = (await rowsOf(made.id, 'unchanged')).rows;
  assert.deepEqual([same?.serialNumber, same?.state, same?.differences], ['LAB0002', 'unchanged', undefined]);
  const { csv } = await port().ask('runs.changes', { id: made.id });
  assert.match(csv, /^"row",.*\r\n"1","2","S-LAB0001","LAB0001","backhaul\.mtu","1400","1380"\r\n$/);
  assert.equal((await get(made.id)).onlyChanged, true);

  const all = await make('all', false);
  assert.deepEqual([all.checked.unchanged, all.made.made, all.made.unchanged], [3, 3, 0]);
});

test('a run makes the credentials that its inventory has not, also after it was checked again', async (context) => {
  const { office, operatorId, check, setFolder, port, ended, handle } = await officeWith(context);
  const canGenerate = async () => (await port().ask('operators.list', {}))[0]?.canGenerateCredentials;
  assert.equal(await canGenerate(), false);
  const recipient = makeRegistrationKey(office.operatorRoot, 'Lab Operator', office.options);
  office.writeCertificate('registration.pem', recipient);
  office.writeProfile({ enrolment: { registrationCertificate: 'registration.pem' } });
  assert.equal(await canGenerate(), true);
  office.writeInventory([office.row('LAB0001', { credential_reference: '', credential_secret: '' })]);
  makeFolder(office, 'out');
  assert.equal((await check()).refused, 1);
  const inventory = handle('inventory.csv');
  const first = await ended(
    await port().ask('runs.check', { operatorId, inventory, generateCredentials: true }),
  );
  assert.deepEqual([first.refused, first.generateCredentials, first.registrations], [0, true, []]);
  const { id } = await ended(await port().ask('runs.checkAgain', { id: first.id }));
  await setFolder(first, 'out');
  const made = await ended(await port().ask('runs.make', { id, skipBad: false }));
  assert.deepEqual([made.state, made.made, made.registrations], ['done', 1, ['registration.p7m']]);
  const registration = readFileSync(office.path('out', 'registration.p7m'));
  assert(openRegistration(registration, recipient.key, [office.configurationKey.certificate]).ok);
});

test('a run with an encrypted inventory fails, and names the command that opens it', async (context) => {
  const { office, check } = await officeWith(context);
  const csv = readFileSync(office.path('inventory.csv'));
  office.write('inventory.csv', encryptedByOpenssl(office.enb('LAB0001'), csv));
  const { state, fault } = await check();
  assert.deepEqual([state, fault?.code], ['failed', 'inventory-unreadable']);
  assert.match(fault?.next ?? '', /siteseal prepare INVENTORY --inventory-key FILE/);
});

/** A run of many, checked and with its folder, in which every row takes long. */
async function longRun(context: TestContext) {
  const opened = await officeWith(context, serials);
  makeFolder(opened.office, 'out');
  // The run listens after 50 ms, in which a fast computer makes them all: here every row takes that long.
  let time = 0;
  context.mock.method(performance, 'now', () => (time += 51));
  const checked = await opened.check();
  await opened.setFolder(checked, 'out');
  return { ...opened, checked };
}

/** A run of many that was stopped in the middle of making. */
async function stoppedRun(context: TestContext) {
  const { checked, ...opened } = await longRun(context);
  const run = await opened.make(checked, (now) => now.made > 0 && opened.stop(now));
  assert.equal(run.state, 'stopped');
  assert.ok(run.made > 0 && run.made < serials.length, `${run.made} were made`);
  return { ...opened, run };
}

suite('a run that is paused', () => {
  /** A run of many that was paused in the middle of making, and has come to rest. */
  async function pausedRun(context: TestContext) {
    const { checked, ...opened } = await longRun(context);
    const { id } = await opened.port().ask('runs.make', { id: checked.id, skipBad: false });
    const setPaused = async (paused: boolean) => {
      const { work } = await opened.get(id);
      await opened.port().ask('work.setPaused', { id: work!.id, paused });
    };
    for (;;) {
      const changed = opened.port().nextChange();
      const { made } = await opened.get(id);
      if (made > 0) break;
      await changed;
    }
    await setPaused(true);
    const run = await opened.get(id);
    assert.deepEqual([run.state, run.work?.isPaused], ['making', true]);
    assert.ok(run.made < serials.length, `${run.made} were made`);
    return { ...opened, run, setPaused };
  }

  test('makes nothing more until it continues, and then the rest', async (context) => {
    const { office, run, get, ended, setPaused } = await pausedRun(context);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    const still = await get(run.id);
    assert.deepEqual([still.state, still.made], ['making', run.made]);
    await setPaused(false);
    const done = await ended(still);
    assert.deepEqual([done.state, done.made], ['done', serials.length]);
    assert.equal(office.bundleNames().length, serials.length);
  });

  test('can be stopped, and continues later as any stopped run does', async (context) => {
    const { run, stop, ended, make } = await pausedRun(context);
    await stop(run);
    const stopped = await ended(run);
    assert.deepEqual([stopped.state, stopped.fault?.code], ['stopped', 'cancelled']);
    assert.equal((await make(stopped)).state, 'done');
  });

  test('stops at once when its key is locked, and lets go of the key', async (context) => {
    const { operatorId, port, run, ended } = await pausedRun(context);
    await port().ask('operators.lock', { id: operatorId });
    const stopped = await ended(run);
    assert.deepEqual([stopped.state, stopped.locked], ['stopped', ['lab']]);
  });

  test('lets the computer fall asleep', async (context) => {
    const { isBusy, run, ended, setPaused } = await pausedRun(context);
    assert.equal(isBusy(), false);
    await setPaused(false);
    assert.equal(isBusy(), true);
    await ended(run);
    assert.equal(isBusy(), false);
  });
});

suite('a run that was stopped', () => {
  test('knows its folder, also after a restart, and continues there without a choice', async (context) => {
    const { office, run, restart, unlock, get, make } = await stoppedRun(context);
    assert.equal(run.folder, office.path('out'));
    assert.equal(run.fault?.code, 'cancelled');
    const [first] = office.bundleNames();
    const name = first!.replace('.p7m', '');
    const before = office.bundle(name);
    await restart();
    await unlock();
    const again = await get(run.id);
    assert.deepEqual([again.folder, again.made, again.state], [run.folder, run.made, 'stopped']);
    const done = await make(again);
    assert.deepEqual([done.state, done.made], ['done', serials.length]);
    assert.deepEqual(office.bundle(name), before);
    assert.equal(
      office.withStore((store) => store.enbs.lastSequence(hwType, name).sequence),
      1,
    );
  });

  test('cannot be led to another folder, where its eNBs would get new numbers', async (context) => {
    const { office, run, port, handle } = await stoppedRun(context);
    makeFolder(office, 'empty');
    const fault = await port().refusal('runs.setFolder', { id: run.id, folder: handle('empty') });
    assert.equal(fault.code, 'usage-invalid');
  });

  test('stays as it is when its inventory was fixed: another run begins, with its own folder', async (context) => {
    const { office, run, port, ended, get } = await stoppedRun(context);
    office.writeInventory([office.row('LAB0001', { site_id: 'S-MENDED' })]);
    const fault = await port().refusal('runs.make', { id: run.id, skipBad: false });
    assert.equal(fault.code, 'inventory-changed');
    assert.deepEqual(await get(run.id), run);
    const other = await ended(await port().ask('runs.checkAgain', { id: run.id }));
    assert.notEqual(other.id, run.id);
    assert.deepEqual([other.state, other.rows, other.folder], ['checked', 1, undefined]);
    assert.equal((await get(run.id)).made, run.made);
  });

  test('by the end of its core tells what its folder holds, and goes on', async (context) => {
    const { office, run, restart, unlock, get, make } = await stoppedRun(context);
    office.withStore((store) => {
      const record = store.runs.get(run.id);
      store.runs.put({ ...record!, state: 'making', made: 0, endedAt: undefined, fault: undefined });
    });
    await restart();
    await unlock();
    const left = await get(run.id);
    assert.deepEqual([left.state, left.made, left.endedAt], ['stopped', run.made, undefined]);
    assert.equal((await make(left)).made, serials.length);
  });

  test('before anything is made gives out no numbers', async (context) => {
    const { office, check, setFolder, make, stop } = await officeWith(context, serials);
    makeFolder(office, 'out');
    const checked = await check();
    await setFolder(checked, 'out');
    const stopped = await make(checked, stop);
    assert.deepEqual([stopped.state, stopped.made], ['stopped', 0]);
    assert.equal(
      office.withStore((store) => store.enbs.lastSequence(hwType, 'LAB0001').sequence),
      0,
    );
  });
});

test('a run whose key is locked in the middle stops, says so, and goes on once it is unlocked', async (context) => {
  const { office, operatorId, check, setFolder, make, unlock, port } = await officeWith(context, serials);
  makeFolder(office, 'out');
  let time = 0;
  context.mock.method(performance, 'now', () => (time += 51));
  const checked = await check();
  await setFolder(checked, 'out');
  let isLocked = false;
  const run = await make(checked, async ({ made }) => {
    if (made === 0 || isLocked) return;
    isLocked = true;
    await port().ask('operators.lock', { id: operatorId });
  });
  assert.deepEqual([run.state, run.fault?.code, run.locked], ['stopped', 'passphrase-missing', ['lab']]);
  assert.ok(run.made > 0 && run.made < serials.length, `${run.made} were made`);
  assert.equal(office.bundleNames().length, run.made);
  await unlock();
  assert.equal((await make(run)).made, serials.length);
});

test('the making tells when it still checks, and counts the bundles of before it went on', async (context) => {
  const { run, make } = await stoppedRun(context);
  const told: NonNullable<RunView['work']>[] = [];
  await make(run, ({ work, made }) => {
    if (!work) return;
    told.push(work);
    assert.ok(made >= run.made, `${made} made, and ${run.made} before`);
  });
  const phases = new Set(told.map(({ phase }) => phase));
  assert.deepEqual([...phases], ['checking', 'comparing', 'making']);
  for (const { phase, done, total } of told) {
    assert.equal(total, serials.length);
    if (phase === 'making') assert.ok(done >= run.made, `${done}, and ${run.made} before`);
  }
});

suite('the folder for the bundles', () => {
  test('is refused at its choice if it holds other things', async (context) => {
    const { office, check, handle, port, get } = await officeWith(context);
    makeFolder(office, 'keys');
    copyFileSync(office.path('configuration.key'), office.path('keys', 'configuration.key'));
    const run = await check();
    const fault = await port().refusal('runs.setFolder', { id: run.id, folder: handle('keys') });
    assert.deepEqual([fault.code, fault.found], ['output-not-empty', 'configuration.key']);
    assert.equal((await get(run.id)).folder, undefined);
  });

  test('is refused at its choice where another run has its bundles, or where there is none', async (context) => {
    const { office, check, handle, port } = await officeWith(context);
    office.writeInventory([office.row('LAB0002')], {}, 'other.csv');
    await office.report({ inventory: office.path('other.csv') });
    const run = await check();
    const fault = await port().refusal('runs.setFolder', { id: run.id, folder: handle('out') });
    assert.equal(fault.code, 'output-not-empty');
    const none = await port().refusal('runs.setFolder', { id: run.id, folder: handle('none') });
    assert.deepEqual([none.code, none.found], ['output-unwritable', 'ENOENT']);
  });

  test('is told in full, and can be another one as long as it holds nothing', async (context) => {
    const { office, check, setFolder, make } = await officeWith(context);
    for (const name of ['first', 'second']) makeFolder(office, name);
    const run = await check();
    assert.equal((await setFolder(run, 'first')).folder, office.path('first'));
    await setFolder(run, 'second');
    assert.deepEqual([(await make(run)).state, office.bundleNames('second').length], ['done', 2]);
  });
});

suite('a locked key', () => {
  test('is named by the run that needs it, without a word of the command line; unlocked, the same file is checked', async (context) => {
    const { operatorId, port, check, unlock, get, ended } = await officeWith(context);
    await port().ask('operators.lock', { id: operatorId });
    const failed = await check();
    assert.deepEqual([failed.state, failed.locked], ['failed', ['lab']]);
    assert.doesNotMatch(JSON.stringify(failed.fault), /--|SITESEAL|terminal|prompt/);
    await unlock();
    assert.deepEqual((await get(failed.id)).locked, []);
    const checked = await ended(await port().ask('runs.checkAgain', { id: failed.id }));
    assert.deepEqual([checked.id, checked.state, checked.rows], [failed.id, 'checked', 2]);
  });

  test('takes nothing from a run that has bundles', async (context) => {
    const { run, operatorId, port, make, unlock } = await stoppedRun(context);
    await port().ask('operators.lock', { id: operatorId });
    const waiting = await make(run);
    assert.deepEqual([waiting.state, waiting.locked, waiting.made], ['stopped', ['lab'], run.made]);
    await unlock();
    assert.equal((await make(waiting)).state, 'done');
  });
});

test('an inventory that was fixed is checked again by the run itself, and each problem names its field', async (context) => {
  const { office, check, port, ended } = await officeWith(context, serials.slice(0, 3));
  const rowsOf = async ({ id }: RunView, show: RowKind) => {
    const { rows } = await port().ask('runs.rows', { id, show });
    return rows.map(({ serialNumber, field, fault }) => [serialNumber, field, fault?.code, fault?.found]);
  };
  const good = ['LAB0001', undefined, undefined, undefined];
  office.writeInventory([
    office.row('LAB0001'),
    office.row('LAB0002', { mtu: '90000' }),
    office.row('LAB0003', { vlan: '0' }),
  ]);
  const run = await check();
  assert.deepEqual([run.state, run.refused, run.rows], ['checked', 2, 3]);
  const bad = [
    ['LAB0002', 'mtu', 'field-invalid', '90000'],
    ['LAB0003', 'vlan', 'field-invalid', '0'],
  ];
  assert.deepEqual(await rowsOf(run, 'refused'), bad);
  assert.deepEqual(await rowsOf(run, 'all'), [good, ...bad]);
  office.writeInventory([office.row('LAB0001')]);
  const again = await ended(await port().ask('runs.checkAgain', { id: run.id }));
  assert.deepEqual([again.id, again.state, again.refused, again.rows], [run.id, 'checked', 0, 1]);
  assert.deepEqual(await rowsOf(again, 'refused'), []);
  assert.deepEqual(await rowsOf(again, 'all'), [good]);
  rmSync(office.path('inventory.csv'));
  const gone = await ended(await port().ask('runs.checkAgain', { id: run.id }));
  assert.deepEqual([gone.state, gone.fault?.code], ['failed', 'file-unreadable']);
});

test('the problems are saved as CSV that holds no formula and shows what cannot be seen', async (context) => {
  const { office, check, port } = await officeWith(context, serials.slice(0, 3));
  office.writeInventory([
    office.row('LAB0001', { site_name: '=1+1;-2\u202e' }),
    office.row('LAB0001', { site_id: '=1+1' }),
    office.row('LAB0002', { enb_serial: 'LAB0002\u00a0' }),
    office.row('LAB0003'),
  ]);
  const run = await check();
  const { csv } = await port().ask('runs.problems', { id: run.id });
  const [header, first, second, third, end] = csv.split('\r\n');
  assert.equal(
    header,
    '"row","line","site","serial","field","value","code","problem","expected","found","next"',
  );
  const words = '"field-invalid","A field contains an invalid value."';
  assert.ok(first !== undefined);
  assert.ok(
    first.startsWith(`"1","2","S-LAB0001","LAB0001","site_name","'=1+1;'-2⟨U+202E⟩",${words}`),
    first,
  );
  assert.match(first, /"'=1\+1;'-2⟨U\+202E⟩","Correct the field\."$/);
  assert.ok(second?.startsWith(`"2","3","'=1+1","LAB0001","site_id","'=1+1",${words}`), second);
  assert.ok(
    third?.startsWith(`"3","4","S-LAB0002","LAB0002⟨U+00A0⟩","enb_serial","LAB0002⟨U+00A0⟩",${words}`),
    third,
  );
  assert.equal(end, '');
  const { rows } = await port().ask('runs.rows', { id: run.id, show: 'refused' });
  assert.equal(rows[2]?.serialNumber, 'LAB0002⟨U+00A0⟩');
});

test('a row that has become bad since the check is told before anything is made', async (context) => {
  const { office, check, setFolder, make } = await officeWith(context);
  makeFolder(office, 'out');
  const run = await check();
  await setFolder(run, 'out');
  office.writeInventory([office.row('LAB0001'), office.row('LAB0002', { vlan: '0' })]);
  const held = await make(run);
  assert.deepEqual([held.state, held.made, held.refused], ['checked', 0, 1]);
});

suite('the rows of a checked inventory', () => {
  test('can be looked at before anything is made: what the good ones say, and how many of each kind', async (context) => {
    const { office, check, port } = await officeWith(context, serials.slice(0, 3));
    office.writeInventory([
      office.row('LAB0001', { site_name: 'Mill\u200bLane', vlan: '' }),
      office.row('LAB0002', { mtu: '90000' }),
      office.row('LAB0003', { outer_ip: 'dhcp', outer_gateway: '' }),
    ]);
    const run = await check();
    const all = await port().ask('runs.rows', { id: run.id });
    assert.deepEqual(all.counts, { all: 3, refused: 2, good: 1, changed: 0, unchanged: 0 });
    assert.deepEqual(
      all.rows.map(({ contents }) => contents),
      [
        undefined,
        undefined,
        {
          siteName: 'Mill of LAB0003',
          vendor: 'lab',
          outerIp: 'dhcp',
          vlan: '101',
          validUntil: '2027-11-01T00:00:00Z',
        },
      ],
    );
    const good = await port().ask('runs.rows', { id: run.id, show: 'good' });
    assert.deepEqual([good.total, good.rows[0]?.state, good.counts], [1, 'skipped', all.counts]);
    assert.doesNotMatch(JSON.stringify([all, good]), /secret of|ref-LAB/);
  });

  test('are found by what the page says about a problem', async (context) => {
    const { office, check, port } = await officeWith(context, serials.slice(0, 3));
    office.writeInventory([
      office.row('LAB0001'),
      office.row('LAB0001', { site_id: 'S-TWICE-IT-IS' }),
      office.row('LAB0002', { mtu: '90000' }),
    ]);
    const run = await check();
    const found = async (filter: string) => {
      const { rows, counts } = await port().ask('runs.rows', { id: run.id, filter });
      return [rows.map(({ row }) => row), counts.refused];
    };
    assert.deepEqual(await found('lists this enb twice'), [[2], 1]);
    assert.deepEqual(await found('576 to 9216'), [[3], 1]);
    assert.deepEqual(await found('inventory.csv'), [[], 0]);
  });

  test('are counted in full even where only the first are listed', async (context) => {
    const { office, check, port } = await officeWith(context);
    office.writeInventory([office.row('LAB0001', { mtu: '1' })]);
    const run = await check();
    office.withStore(({ runs }) => runs.put({ ...runs.get(run.id)!, rows: 25_001, refused: 25_000 }));
    const counts = async (filter: string) => (await port().ask('runs.rows', { id: run.id, filter })).counts;
    assert.deepEqual(await counts(''), { all: 25_000, refused: 25_000, good: 0, ...noneOut });
    assert.deepEqual(await counts('LAB'), { all: 1, refused: 1, good: 0, ...noneOut });
  });
});

suite('the folder of a run', () => {
  test('is shown by the file manager, if the run has one that is there and is a folder', async (context) => {
    const shown: string[] = [];
    const answers = [undefined, 'xdg-open: ENOENT'];
    const { office, check, setFolder, port } = await officeWith(context, serials.slice(0, 1), {
      showFolder: (folder) => {
        shown.push(folder);
        return Promise.resolve(answers[shown.length - 1]);
      },
    });
    const { id } = await check();
    assert.equal((await port().refusal('runs.openFolder', { id })).code, 'usage-invalid');
    assert.equal((await port().refusal('runs.openFolder', { id: 'none' })).code, 'not-found');
    makeFolder(office, 'out');
    await setFolder(await port().ask('runs.get', { id }), 'out');
    assert.deepEqual(await port().ask('runs.openFolder', { id }), {});
    assert.deepEqual(shown, [office.path('out')]);
    const missing = await port().refusal('runs.openFolder', { id });
    assert.deepEqual([missing.code, missing.found, missing.where], ['folder-not-opened', answers[1], 'out']);
    rmSync(office.path('out'), { recursive: true });
    assert.equal((await port().refusal('runs.openFolder', { id })).found, 'ENOENT');
    office.write('out', 'a program');
    assert.equal((await port().refusal('runs.openFolder', { id })).found, 'ENOTDIR');
    assert.equal(shown.length, 2);
  });
});
