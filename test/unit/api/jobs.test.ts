// The list of jobs over the real core: what is added to it, why a file is not, and what is put away.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { CommissioningServer } from '../../../main/lab/index.ts';
import { openStore } from '../../../main/store/index.ts';
import type { JobSelection } from '../../../preload/contract/index.ts';
import { authorisationFor, bundleFor, makeScene, otherIdentity, type Scene } from '../../kit/bundle.ts';
import { enbOptions, makeReferenceEnb, pem } from '../../kit/enb.ts';
import { freshLaptop, jobCore } from '../../kit/job-core.ts';
import { FakeUsbBus } from '../../kit/usb.ts';

const scene = makeScene();
const north = makeScene({ vendorName: 'Nörd Funk' });
const address = 'usb:LAB0001';

/** A laptop that trusts nobody yet. */
async function fresh(context: TestContext) {
  const laptop = await freshLaptop(context);
  const trust = async ({ vendor }: Scene) => {
    const root = laptop.file('root.pem', pem(vendor.root.certificate));
    const { fingerprint } = await laptop.port.ask('vendors.look', { file: root });
    await laptop.port.ask('vendors.trust', { file: root, fingerprint });
  };
  return { ...laptop, trust };
}

/** A laptop with jobs of these sequence numbers for one eNB, which is on USB. */
async function atSite(context: TestContext, sequences: readonly number[], from: Scene = scene) {
  const usb = new FakeUsbBus();
  const bundles = await Promise.all(sequences.map((sequence) => bundleFor(from, { sequence })));
  const laptop = await jobCore(context, from, bundles, { usb });
  const options = enbOptions(from);
  const server = new CommissioningServer(makeReferenceEnb(from, options), options);
  usb.plugIn((stream) => server.accept(stream));
  const idsOf = async (show: JobSelection) =>
    (await laptop.port.ask('jobs.list', { show })).rows.map(({ id }) => id);
  const send = (id: string) =>
    laptop.port.ask('jobs.send', { id, address, confirmedSerialNumber: 'LAB0001' });
  return { ...laptop, ids: laptop.jobs.map(({ id }) => id), idsOf, send };
}

/** Adds a finished run to the store of a laptop, and returns its id. */
function putRun(dataFolder: string, outFolder: string): string {
  const store = openStore(dataFolder);
  assert(store.ok);
  const id = 'run-1';
  store.value.runs.put({
    ...{ id, operatorId: '', operator: '', inventoryFile: '', outFolder, state: 'done' },
    ...{
      rows: 2,
      made: 2,
      refused: 0,
      unchanged: 0,
      changed: 0,
      onlyChanged: false,
      generateCredentials: false,
      startedAt: '',
      endedAt: '',
    },
    ...{ fault: undefined, warnings: undefined },
  });
  store.value.close();
  return id;
}

suite('files that are opened as jobs', () => {
  test('are refused by cause: the root that is missing has a name, and trusting it is enough', async (context) => {
    const { port, file, trust } = await fresh(context);
    const files = [
      file('1.p7m', await bundleFor(north)),
      file('2.p7m', await bundleFor(scene)),
      file('3.p7m', await bundleFor(north, { sequence: 2, enb: otherIdentity })),
      file('4.p7m', 'no bundle'),
      file('5.p7m', 'no bundle either'),
    ];
    const opened = await port.ask('jobs.open', { files });
    assert.deepEqual(
      opened.refused.map(({ fault, names, missingRoot }) => [fault.code, names, missingRoot]),
      [
        [
          'vendor-not-trusted',
          ['1.p7m', '3.p7m'],
          { vendor: 'Nörd Funk', subject: 'C=SE,O=Nörd Funk,CN=Nörd Funk Root CA' },
        ],
        [
          'vendor-not-trusted',
          ['2.p7m'],
          { vendor: 'Lab Vendor', subject: 'C=SE,O=Lab Vendor,CN=Lab Vendor Root CA' },
        ],
        ['bundle-malformed', ['4.p7m', '5.p7m'], undefined],
      ],
    );
    assert.equal(opened.refused[0]?.fault.expected, 'Nörd Funk');
    assert.equal(opened.refused[2]?.fault.where, undefined, 'what the files have not in common is left out');
    await trust(north);
    const again = await port.ask('jobs.open', { files });
    assert.deepEqual(
      [again.added.length, again.known, again.refused.map(({ names }) => names)],
      [2, 0, [['2.p7m'], ['4.p7m', '5.p7m']]],
    );
    const newest = await port.ask('jobs.open', {
      files: [file('7.p7m', await bundleFor(north, { sequence: 3, enb: otherIdentity }))],
    });
    assert.deepEqual([newest.added.length, newest.superseded], [1, 1]);
    const known = await port.ask('jobs.open', { files: files.slice(0, 1) });
    assert.deepEqual(known, { added: [], known: 1, superseded: 0, refused: [] });
    const [row] = (await port.ask('jobs.list', {})).rows;
    assert.equal((await port.ask('jobs.get', { id: row!.id })).vendor, 'Nörd Funk');
    const { rows: entries } = await port.ask('log.list', { filter: { kind: 'delivery' }, limit: 100 });
    const count = (start: RegExp) => entries.filter(({ sentence }) => start.test(sentence)).length;
    assert.equal(count(/^Siteseal refused a bundle that the user opened\. /), 5 + 3);
    assert.equal(count(/^Siteseal keeps configuration /), 3);
    assert.equal(count(/^The user opened bundles: /), 4);
    const sentences = entries.map(({ sentence }) => sentence);
    assert.ok(
      sentences.includes('The user opened bundles: 2 new, 0 known, 3 refused.'),
      sentences.join('\n'),
    );
    assert.ok(!JSON.stringify(entries).includes('.p7m'), 'names of files may be anyone');
  });

  test('that are opened together are listed by site, however long it takes', async (context) => {
    let time = Date.parse('2026-11-15T12:00:00Z');
    const sites = ['S00003', 'S00001', 'S00002'];
    const bundles = sites.map((id, place) =>
      bundleFor(scene, { site: { id, name: 'Mill' }, sequence: place + 1 }),
    );
    const { port, jobs } = await jobCore(context, scene, await Promise.all(bundles), {
      now: () => new Date((time += 1000)),
    });
    const { rows } = await port.ask('jobs.list', { show: 'put-away', sort: 'updatedAt', descending: true });
    assert.deepEqual(
      rows.map(({ siteId }) => siteId),
      ['S00001', 'S00003'],
    );
    assert.equal(new Set(jobs.map(({ updatedAt }) => updatedAt)).size, 1);
  });

  test('of a run are all tried, whatever is refused among them', async (context) => {
    const { port, folder, trust } = await fresh(context);
    const out = join(folder, 'out');
    mkdirSync(join(out, 'bundles'), { recursive: true });
    writeFileSync(join(out, 'bundles', 'LAB0001.p7m'), await bundleFor(north));
    writeFileSync(join(out, 'bundles', 'LAB0002.p7m'), await bundleFor(scene, { enb: otherIdentity }));
    await trust(scene);
    const runId = putRun(join(folder, 'data'), out);
    const opened = await port.ask('jobs.openRun', { runId });
    assert.deepEqual(
      [opened.added.length, opened.refused.map(({ names, missingRoot }) => [names, missingRoot?.vendor])],
      [1, [[['LAB0001.p7m'], 'Nörd Funk']]],
    );
    await trust(north);
    const again = await port.ask('jobs.openRun', { runId });
    assert.deepEqual([again.added.length, again.known, again.refused], [1, 1, []]);
  });
});

suite('a job', () => {
  test('whose eNB has a newer configuration here is superseded, and leads to it', async (context) => {
    const { port, ids, idsOf } = await atSite(context, [7, 8]);
    const [old, newer] = ids;
    assert.deepEqual([await idsOf('active'), await idsOf('put-away')], [[newer], [old]]);
    const job = await port.ask('jobs.get', { id: old! });
    assert.deepEqual(
      [job.isSuperseded, job.isArchived, job.newer],
      [true, false, { id: newer, sequence: 8 }],
    );
    assert.equal((await port.ask('jobs.get', { id: newer! })).newer, undefined);
  });

  test('that is done and superseded is put away, and still proven', async (context) => {
    const { ids, idsOf, send, port } = await atSite(context, [7, 8]);
    const [old] = ids;
    assert.equal((await send(old!)).state, 'receipt');
    const { rows, counts } = await port.ask('jobs.list', { show: 'put-away' });
    assert.deepEqual(
      rows.map(({ id, state, isSuperseded }) => [id, state, isSuperseded]),
      [[old, 'receipt', true]],
    );
    assert.deepEqual([counts.done, counts.active], [0, 1]);
    assert.deepEqual(await idsOf('done'), []);
  });

  test('with a higher epoch supersedes one with a higher sequence number', async (context) => {
    const { port, file, trust } = await fresh(context);
    await trust(scene);
    const { vendor } = scene;
    const renewed = makeScene({ vendor, authorisation: authorisationFor(['LAB0001'], undefined, 1) });
    const open = async (name: string, bundle: Uint8Array) =>
      (await port.ask('jobs.open', { files: [file(name, bundle)] })).added[0];
    const first = await open('first.p7m', await bundleFor(scene, { sequence: 9 }));
    const second = await open('second.p7m', await bundleFor(renewed, { sequence: 1 }));
    const { newer } = await port.ask('jobs.get', { id: first! });
    assert.deepEqual(newer, { id: second, sequence: 1 });
  });

  test('is put away and brought back; what happens to it meanwhile does not bring it back', async (context) => {
    const { port, ids, idsOf, send } = await atSite(context, [7]);
    const [id] = ids;
    await port.ask('jobs.archive', { ids: [id!], archived: true });
    assert.ok(port.changed.includes('jobs'));
    assert.deepEqual([await idsOf('active'), await idsOf('put-away')], [[], [id]]);
    assert.equal((await send(id!)).state, 'receipt');
    assert.deepEqual([await idsOf('done'), await idsOf('put-away')], [[], [id]]);
    await port.ask('jobs.archive', { ids: [id!], archived: false });
    assert.deepEqual(await idsOf('done'), [id]);
  });

  test('is not put away while its delivery is running, and counts as under way', async (context) => {
    const { port, ids, idsOf, send } = await atSite(context, [7]);
    const [id] = ids;
    const sending = send(id!);
    assert.deepEqual([await idsOf('under-way'), await idsOf('to-do')], [[id], []]);
    const fault = await port.refusal('jobs.archive', { ids: [id!], archived: true });
    assert.deepEqual([fault.code, fault.found], ['work-busy', 'a delivery to an eNB']);
    await sending;
    assert.deepEqual(await idsOf('done'), [id]);
  });

  test('that is put away is under way while it is delivered, and among all jobs always', async (context) => {
    const { port, ids, idsOf, send } = await atSite(context, [7]);
    await port.ask('jobs.archive', { ids: [...ids], archived: true });
    const sending = send(ids[0]!);
    assert.deepEqual([await idsOf('under-way'), await idsOf('put-away'), await idsOf('all')], [ids, [], ids]);
    await sending;
    assert.deepEqual([await idsOf('under-way'), await idsOf('put-away'), await idsOf('all')], [[], ids, ids]);
  });

  test('whose newer configuration is put away is back, and superseded again when that is brought back', async (context) => {
    const { port, ids, idsOf } = await atSite(context, [7, 8]);
    const [old, newer] = ids;
    await port.ask('jobs.archive', { ids: [newer!], archived: true });
    assert.deepEqual([await idsOf('active'), await idsOf('put-away')], [[old], [newer]]);
    assert.equal((await port.ask('jobs.get', { id: old! })).isSuperseded, false);
    await port.ask('jobs.archive', { ids: [newer!], archived: false });
    assert.deepEqual([await idsOf('active'), await idsOf('put-away')], [[newer], [old]]);
  });

  test('is found by its eNB, whatever its part, and not by a longer serial number', async (context) => {
    const bundles = await Promise.all([
      bundleFor(scene, { enb: { ...otherIdentity, serialNumber: 'LAB1000' } }),
      bundleFor(scene, { enb: otherIdentity }),
    ]);
    const { port, jobs } = await jobCore(context, scene, bundles, {});
    const [other, job] = jobs;
    await port.ask('jobs.archive', { ids: [job!.id], archived: true });
    const find = async (serialNumber: string, type = otherIdentity.hwType) =>
      (await port.ask('jobs.ofEnb', { hwType: type, serialNumber })).rows.map(({ id }) => id);
    assert.deepEqual(await find('LAB0002'), [job!.id]);
    assert.deepEqual(await find('LAB1000'), [other!.id]);
    assert.deepEqual([await find('LAB'), await find('LAB0002', '1.2.3')], [[], []]);
  });

  test('that is done is put away with all others that are, as far as they match', async (context) => {
    const { port, ids, idsOf, send } = await atSite(context, [7]);
    await send(ids[0]!);
    assert.deepEqual(await port.ask('jobs.archiveDone', { filter: 'nowhere' }), { archived: 0 });
    assert.deepEqual(await idsOf('done'), ids);
    assert.deepEqual(await port.ask('jobs.archiveDone', { filter: 'lab0001' }), { archived: 1 });
    assert.deepEqual([await idsOf('done'), await idsOf('put-away')], [[], ids]);
  });
});
