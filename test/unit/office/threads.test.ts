import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Bundle } from '../../../main/bundle/index.ts';
import { fault } from '../../../main/faults/index.ts';
import type { PrepareProgress } from '../../../main/office/index.ts';
import { hwType } from '../../kit/bundle.ts';
import { LabOffice, type Row } from '../../kit/operator.ts';

/** More than two threads need. */
const count = 2_100;

const mark = { file: 'inventory.csv', size: 1, modifiedAt: 1 };

/** Rows that need no certificate each, so that there can be many of them. Some are bad, or repeat others. */
function rowsOf(office: LabOffice): readonly Row[] {
  return Array.from({ length: count }, (_, index) => {
    const serial = `LAB${String(index).padStart(4, '0')}`;
    const row = office.row(serial, {
      protection: 'vendor-certificate',
      enb_certificate: '',
      enb_hw_type: hwType,
      credential_reference: '',
      credential_secret: '',
    });
    if (index % 500 === 77) return { ...row, mtu: '1' };
    // A repetition far from the row that it repeats, which another thread checks.
    return index % 500 === 99 ? { ...row, enb_serial: `LAB${String(count - index).padStart(4, '0')}` } : row;
  });
}

describe('a comparison in two threads', () => {
  const office = new LabOffice({ serials: ['LAB0001'] });
  const rows = rowsOf(office);

  it('finds what one in one thread finds', async () => {
    office.writeInventory(rows);
    office.withStore((store) => {
      store.transaction(() => {
        store.batches.begin({ id: 'earlier', inventory: mark, profile: mark, corrections: undefined });
        for (const [index, { enb_serial: serialNumber = '' }] of rows.entries()) {
          if (index % 2 > 0) continue;
          const numbers = { epoch: 0, sequence: 1 };
          store.enbs.note({ hwType, serialNumber, last: numbers });
          const entry = { row: index + 1, hwType, serialNumber, ...numbers, bundleId: `${index}` };
          store.batches.put('earlier', { ...entry, sha256: undefined, differences: undefined });
          store.batches.made('earlier', index + 1, '00', JSON.stringify({ row: index }));
        }
      });
    });
    const compare = { dryRun: true, onlyChanged: true };
    const one = await office.report({ ...compare, workers: 1 });
    assert.deepEqual(await office.report({ ...compare, workers: 2 }), one);
    assert.equal(one.changed, count / 2);
  });
});

describe('a run in two threads', () => {
  const office = new LabOffice({ serials: ['LAB0001'] });
  const rows = rowsOf(office);

  it('finds what a run in one thread finds: the later of two rows repeats the earlier', async () => {
    office.writeInventory(rows);
    const [one, two] = [
      await office.report({ dryRun: true, workers: 1 }),
      await office.report({ dryRun: true, workers: 2 }),
    ];
    assert.deepEqual(two, one);
    const bad = two.rows.filter(({ fault }) => fault);
    const codes = bad.map(({ row, fault }) => [row, fault?.code, fault?.found]);
    assert.equal(codes.filter(([, code]) => code === 'field-invalid').length, 5);
    const repeated = codes.filter(([, code]) => code === 'duplicate-enb');
    assert.equal(repeated.length, 5);
    for (const [row, , found] of repeated) assert(Number(String(found).slice(4)) < Number(row));
  });

  it('makes every bundle once, with its number, and stops when asked', async () => {
    office.writeInventory(rows);
    const stop = new AbortController();
    const stopped = await office.report({
      workers: 2,
      skipBad: true,
      signal: stop.signal,
      onProgress: ({ phase, done }) => {
        if (phase === 'making' && done > 0) stop.abort();
      },
    });
    assert.equal(stopped.stoppedBy?.code, 'cancelled');
    assert(stopped.made > 0 && stopped.made < count - 10);
    assert.equal(stopped.made, office.bundleNames().length);
    const rest = await office.report({ workers: 2, skipBad: true, resume: true });
    assert.deepEqual([rest.made, rest.refused, rest.stoppedBy], [count - 10, 10, undefined]);
    const names = office.bundleNames();
    assert.equal(names.length, count - 10);
    for (const name of names) {
      const { configuration, signer } = new Bundle(office.bundle(name.replace('.p7m', '')));
      assert(configuration.ok && signer.ok, name);
      assert.deepEqual(
        [`${configuration.value.enb.serialNumber}.p7m`, configuration.value.sequence],
        [name, 1],
      );
    }
  });
});

describe('a run with credentials in two threads', () => {
  it('seals to each eNB what its row says, byte by byte', async () => {
    const office = new LabOffice({ serials: ['LAB0001', 'LAB0002'] });
    const filler = rowsOf(office).slice(100, 2_100);
    office.writeInventory([
      office.row('LAB0001', { credential_secret: 'a "quoted" secret' }),
      ...filler,
      office.row('LAB0002', { site_id: 'last' }),
    ]);
    const report = await office.report({ workers: 2, skipBad: true });
    assert(report.made >= 1_990);
    const secrets = ['LAB0001', 'LAB0002'].map((serial) => office.sealed(serial)?.credential?.secret);
    assert.deepEqual(
      secrets.map((secret) => secret && Buffer.from(secret).toString()),
      ['a "quoted" secret', 'secret of LAB0002'],
    );
  });
});

describe('a run in two threads that cannot continue', () => {
  const office = new LabOffice({ serials: ['LAB0001'] });
  const good = rowsOf(office).filter((_row, index) => index % 500 !== 77 && index % 500 !== 99);
  office.writeInventory(good);
  const inMidRun = (act: () => void) => {
    let isDone = false;
    return ({ phase, done, total }: PrepareProgress) => {
      if (isDone || phase !== 'making' || done === 0 || done === total) return;
      isDone = true;
      act();
    };
  };
  /** Makes the rest. Each bundle has these sequence numbers. */
  const complete = async (out: string, sequences: readonly number[]) => {
    const rest = await office.report({ out: office.path(out), workers: 2, resume: true });
    assert.deepEqual([rest.made, rest.stoppedBy], [good.length, undefined]);
    const names = office.bundleNames(out).map((name) => name.replace('.p7m', ''));
    assert.equal(names.length, good.length);
    const found = new Set(names.map((name) => office.configuration(name, out).sequence));
    assert.deepEqual([...found].sort(), sequences);
  };

  it('because its key is locked says which, and continues with the key', async () => {
    let isLocked = false;
    const report = await office.report({
      out: office.path('locked'),
      workers: 2,
      onProgress: inMidRun(() => (isLocked = true)),
      lockedFault: ({ name }) =>
        isLocked ? fault('passphrase-missing', { where: { field: name } }) : undefined,
    });
    assert.deepEqual(
      [report.stoppedBy?.code, report.stoppedBy?.where],
      ['passphrase-missing', { field: 'lab' }],
    );
    assert(report.made > 0 && report.made < good.length);
    assert.equal(office.bundleNames('locked').length, report.made);
    await complete('locked', [1]);
  });

  it('because its folder is gone says so; what was whole in it gets its next number', async () => {
    const report = await office.report({
      out: office.path('gone'),
      workers: 2,
      onProgress: inMidRun(() => renameSync(office.path('gone', 'bundles'), office.path('taken'))),
    });
    assert.deepEqual([report.stoppedBy?.code, report.stoppedBy?.found], ['output-unwritable', 'ENOENT']);
    assert.equal(report.made, 0);
    await complete('gone', [2, 3]);
  });
});
