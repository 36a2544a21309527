import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import Database from 'better-sqlite3';
import type { PrepareReport } from '../../../main/office/index.ts';
import { authorisationFor, hwType } from '../../kit/bundle.ts';
import { makeConfigurationKey } from '../../kit/issue-certificate.ts';
import { LabOffice } from '../../kit/operator.ts';

const serials = ['LAB0001', 'LAB0002', 'LAB0003'];

/** An office whose three bundles are out. */
async function issued(): Promise<LabOffice> {
  const office = new LabOffice({ serials: [...serials, 'LAB0004'] });
  office.writeInventory(serials.map((serial) => office.row(serial)));
  await office.report();
  return office;
}

const again = (office: LabOffice, out = 'again') => ({ onlyChanged: true, out: office.path(out) });

/** Changes the store behind the back of the program. */
function withDatabase(office: LabOffice, change: (database: Database.Database) => unknown): void {
  const database = new Database(join(office.home, 'siteseal.db'));
  change(database);
  database.close();
}

/** What a report says of each row: its state, and what it changes. */
function found({ rows }: PrepareReport): readonly unknown[] {
  return rows.map(({ serialNumber, state, differences }) => [
    serialNumber,
    state,
    differences?.map(({ field, before, after }) => [field, before, after]),
  ]);
}

describe('a run that makes only what changes something', () => {
  it('leaves out the eNBs whose bundle would ask the same, and says what the others change', async () => {
    const office = await issued();
    office.writeInventory([
      office.row('LAB0001'),
      office.row('LAB0002', { vlan: '', mtu: '1380', dns: '198.51.100.53', ike_identity: 'enb2.example' }),
      office.row('LAB0003', { credential_secret: 'another secret of LAB0003' }),
      office.row('LAB0004'),
    ]);
    const report = await office.report(again(office));
    assert.deepEqual(found(report), [
      ['LAB0001', 'unchanged', undefined],
      [
        ...['LAB0002', 'made'],
        [
          ['backhaul.mtu', '1400', '1380'],
          ['backhaul.dns', '198.51.100.53, 2001:db8::53', '198.51.100.53'],
          ['backhaul.ikeIdentity', undefined, 'enb2.example'],
          ['backhaul.vlan', '101', undefined],
        ],
      ],
      // Nothing is kept of a secret to compare it with.
      ['LAB0003', 'unchanged', undefined],
      ['LAB0004', 'made', undefined],
    ]);
    const { made, unchanged, changed } = report;
    assert.deepEqual({ made, unchanged, changed }, { made: 2, unchanged: 2, changed: 1 });
    assert.deepEqual(office.bundleNames('again'), ['LAB0002.p7m', 'LAB0004.p7m']);
    assert.equal(office.configuration('LAB0002', 'again').sequence, 2);
    assert.deepEqual(
      office.reportCsv('again').map(({ state }) => state),
      ['unchanged', 'made', 'unchanged', 'made'],
    );
    assert.deepEqual(readFileSync(office.path('again', 'changes.csv'), 'utf8').split('\r\n').slice(0, 2), [
      '"row","line","site","serial","field","before","after"',
      '"2","3","S-LAB0002","LAB0002","backhaul.mtu","1400","1380"',
    ]);
  });

  it('compares with the newest bundle, whichever run made it', async () => {
    const office = await issued();
    office.writeInventory([office.row('LAB0001', { mtu: '1380' })]);
    await office.report({ out: office.path('second') });
    assert.equal((await office.report(again(office))).unchanged, 1);
    office.writeInventory([office.row('LAB0001')]);
    const back = await office.report(again(office));
    assert.deepEqual(found(back), [['LAB0001', 'made', [['backhaul.mtu', '1380', '1400']]]]);
  });

  it('says what a change of the profile means for each eNB, a certificate by its digest', async () => {
    const office = await issued();
    office.writeProfile({
      securityGateways: {
        'seg1.backhaul.example': { remoteSubnets: ['0.0.0.0/0'] },
      },
      operatorRootCertificates: ['operator-root.pem', 'vendor-root.pem'],
    });
    office.writeInventory([office.row('LAB0001')]);
    const [row] = (await office.report(again(office))).rows;
    assert(row?.differences);
    const { certificate } = office.operatorRoot;
    const { root } = office.vendor;
    assert.deepEqual(row.differences, [
      {
        field: 'operatorRootCertificates',
        before: certificate.sha256,
        after: `${certificate.sha256}, ${root.certificate.sha256}`,
      },
      {
        field: 'securityGateways[0].remoteSubnets',
        before: '0.0.0.0/0, ::/0',
        after: '0.0.0.0/0',
      },
    ]);
  });

  it('makes the bundle of an eNB whose earlier one is not known here, and says so', async () => {
    const office = new LabOffice({ serials });
    office.writeInventory([office.row('LAB0001')]);
    const last = { epoch: 0, sequence: 4 };
    office.withStore((store) => store.enbs.raiseSequence({ hwType, serialNumber: 'LAB0001' }, last));
    const report = await office.report(again(office));
    assert.deepEqual(found(report), [['LAB0001', 'made', []]]);
    assert.match(
      readFileSync(office.path('again', 'changes.csv'), 'utf8'),
      /"LAB0001","","made before, with/,
    );
  });

  it('shows the same before anything is signed, and leaves no file', async () => {
    const office = await issued();
    office.writeInventory([office.row('LAB0001', { mtu: '1380' }), office.row('LAB0002')]);
    const phases = new Set<string>();
    const report = await office.report({
      ...again(office),
      dryRun: true,
      onProgress: ({ phase }) => phases.add(phase),
    });
    assert.deepEqual(found(report), [
      ['LAB0001', 'skipped', [['backhaul.mtu', '1400', '1380']]],
      ['LAB0002', 'unchanged', undefined],
    ]);
    assert.deepEqual([...phases], ['checking', 'comparing']);
    assert(!existsSync(office.path('again')));
  });

  it('has nothing to make if nothing changes, and takes no sequence number', async () => {
    const office = await issued();
    const report = await office.report(again(office));
    assert.deepEqual([report.made, report.unchanged, report.stoppedBy], [0, 3, undefined]);
    assert.deepEqual(office.bundleNames('again'), []);
    const enb = [hwType, 'LAB0001'] as const;
    assert.equal(office.withStore((store) => store.enbs.lastSequence(...enb)).sequence, 1);
  });

  it('counts a first wave among what changes something, and resumes with the rest', async () => {
    const office = await issued();
    const rows = [
      office.row('LAB0001'),
      ...['LAB0002', 'LAB0003'].map((one) => office.row(one, { mtu: '1380' })),
    ];
    office.writeInventory(rows);
    const wave = await office.report({ ...again(office), first: 1 });
    assert.deepEqual([wave.made, office.bundleNames('again')], [1, ['LAB0002.p7m']]);
    const rest = await office.report({ ...again(office), resume: true });
    const change = [['backhaul.mtu', '1400', '1380']];
    // What the first wave changed is still said, though it is out now.
    assert.deepEqual(found(rest), [
      ['LAB0001', 'unchanged', undefined],
      ['LAB0002', 'made', change],
      ['LAB0003', 'made', change],
    ]);
    const csv = readFileSync(office.path('again', 'changes.csv'), 'utf8');
    assert.equal(csv.split('\r\n').length, 4);
  });

  it('makes a bundle of its own again that is gone, though its content is out', async () => {
    const office = await issued();
    office.writeInventory([office.row('LAB0001', { mtu: '1380' }), office.row('LAB0002')]);
    await office.report(again(office));
    rmSync(office.path('again', 'bundles', 'LAB0001.p7m'));
    const resumed = await office.report({ ...again(office), resume: true });
    assert.deepEqual([resumed.made, resumed.unchanged], [1, 1]);
    assert.equal(office.configuration('LAB0001', 'again').sequence, 3);
  });

  it('knows no content of a bundle that another run has not noted, or that is older than the newest', async () => {
    const office = await issued();
    const second = office.path('second');
    office.writeInventory([office.row('LAB0001', { mtu: '1380' })], {}, 'second.csv');
    const inventory = office.path('second.csv');
    await office.report({ inventory, out: second });
    // Its process died before it could say that the bundle is whole.
    office.withStore((store) => {
      const { batch } = JSON.parse(readFileSync(join(second, 'run.json'), 'utf8')) as { batch: string };
      const [entry] = store.batches.bundles(batch, 1, 1);
      assert(entry);
      store.batches.put(batch, { ...entry, sha256: undefined });
    });
    withDatabase(office, (database) => database.exec('UPDATE issued SET sequence = 1'));
    office.writeInventory([office.row('LAB0001')]);
    const unsure = await office.report({ ...again(office), dryRun: true });
    assert.deepEqual(found(unsure), [['LAB0001', 'skipped', []]]);
    // A newer one is made. That the older one is taken over afterwards changes nothing.
    office.writeInventory([office.row('LAB0001', { mtu: '1300' })]);
    await office.report({ out: office.path('third') });
    await office.report({ inventory, out: second, resume: true });
    assert.equal((await office.report({ ...again(office), dryRun: true })).unchanged, 1);
    office.withStore((store) =>
      store.enbs.raiseSequence({ hwType, serialNumber: 'LAB0001' }, { epoch: 0, sequence: 9 }),
    );
    const raised = await office.report({ ...again(office), dryRun: true });
    assert.deepEqual(found(raised), [['LAB0001', 'skipped', []]], 'another computer has made bundles');
  });

  it('stops, to be continued, if another run makes bundles meanwhile for eNBs that it leaves out', async () => {
    const office = await issued();
    office.writeInventory([office.row('LAB0001'), office.row('LAB0002', { mtu: '1380' })]);
    office.writeInventory([office.row('LAB0001', { mtu: '1300' })], {}, 'other.csv');
    const request = { ...again(office), inventory: office.path('inventory.csv') };
    const entry = { hwType, serialNumber: 'LAB0001', last: { epoch: 0, sequence: 2 } };
    let isOvertaken = false;
    const stopped = await office.report({
      ...request,
      onProgress: ({ phase }) => {
        if (phase !== 'making' || isOvertaken) return;
        isOvertaken = true;
        office.withStore((store) => store.enbs.note(entry));
      },
    });
    assert.deepEqual([stopped.stoppedBy?.code, stopped.made, stopped.unchanged], ['run-overtaken', 1, 0]);
    const resumed = await office.report({ ...request, resume: true });
    assert.deepEqual([resumed.stoppedBy, resumed.made], [undefined, 2]);
    assert.equal(office.configuration('LAB0001', 'again').sequence, 3);
  });

  it('makes nothing if the comparison is not what the user has agreed to', async () => {
    const office = await issued();
    office.writeInventory([office.row('LAB0001', { mtu: '1380' }), office.row('LAB0002')]);
    const held = await office.report({ ...again(office), agreed: { changed: 0, unchanged: 2 } });
    assert.deepEqual([held.isHeldBack, held.made], [true, 0]);
    assert(!existsSync(office.path('again', 'bundles')));
    const made = await office.report({ ...again(office), agreed: { changed: 1, unchanged: 1 } });
    assert.deepEqual([made.isHeldBack, made.made], [undefined, 1]);
  });

  it('is told apart by the key that signs, and by what is sealed', async () => {
    const office = await issued();
    office.writeInventory([
      office.row('LAB0001', {
        credential_reference: '',
        credential_secret: '',
        protection: 'vendor-certificate',
        secret_oam: 'a password for it',
      }),
    ]);
    const [sealed] = (await office.report({ ...again(office), dryRun: true })).rows;
    assert.deepEqual(sealed?.differences, [
      { field: 'enrolment.protection', before: 'mac', after: 'vendor-certificate' },
      { field: 'sealed', before: 'credential', after: 'secrets.oam' },
    ]);
    const scope = authorisationFor(['LAB0000-LAB9999']);
    const renewed = makeConfigurationKey(office.vendor, 'Lab Operator', scope, office.options);
    office.writeCertificate('configuration.pem', renewed);
    office.write('configuration.key', office.encrypted(renewed));
    office.writeInventory([office.row('LAB0001')]);
    const [signed] = (await office.report({ ...again(office), dryRun: true })).rows;
    assert.deepEqual(signed?.differences, [
      {
        field: 'signer.certificateSha256',
        before: office.configurationKey.certificate.sha256,
        after: renewed.certificate.sha256,
      },
    ]);
  });

  it('keeps what changes where every bundle is made', async () => {
    const office = await issued();
    office.writeInventory([office.row('LAB0001', { mtu: '1380' }), office.row('LAB0002')]);
    const report = await office.report({ compare: true, out: office.path('again') });
    assert.deepEqual(found(report), [
      ['LAB0001', 'made', [['backhaul.mtu', '1400', '1380']]],
      ['LAB0002', 'made', undefined],
    ]);
    assert.deepEqual([report.changed, report.unchanged], [1, 0]);
    assert(existsSync(office.path('again', 'changes.csv')));
  });

  it('leaves nothing of a secret in the store', async () => {
    const office = await issued();
    const content = office.withStore(
      (store) => store.issued.newestOf({ hwType, serialNumber: 'LAB0001' })?.content,
    );
    assert.match(content ?? '', /"vlan":101/);
    assert.doesNotMatch(content ?? '', /secret of|ref-LAB/);
  });
});
