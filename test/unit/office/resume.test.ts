import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Bundle } from '../../../main/bundle/index.ts';
import type { BatchBundle } from '../../../main/store/index.ts';
import { hwType, now } from '../../kit/bundle.ts';
import { LabOffice } from '../../kit/operator.ts';

const serials = ['LAB0001', 'LAB0002', 'LAB0003'];

/** An office that has made its three bundles. */
async function made(): Promise<LabOffice> {
  const office = new LabOffice({ serials });
  office.writeInventory(serials.map((serial) => office.row(serial)));
  await office.report();
  return office;
}

const file = (office: LabOffice, serial: string) => office.path('out', 'bundles', `${serial}.p7m`);

/** The id of the batch that a folder belongs to. */
function batchOf(office: LabOffice, out = 'out'): string {
  return (JSON.parse(readFileSync(office.path(out, 'run.json'), 'utf8')) as { readonly batch: string }).batch;
}

function journalOf(office: LabOffice): readonly BatchBundle[] {
  return office.withStore((store) => store.batches.bundles(batchOf(office), 1, 99));
}

/** Makes the journal forget that a bundle became whole, as when the run died before it could say so. */
function forget(office: LabOffice, row: number): void {
  office.withStore((store) => {
    const [entry] = store.batches.bundles(batchOf(office), row, row);
    assert(entry);
    store.batches.put(batchOf(office), { ...entry, sha256: undefined });
  });
}

/** Sequence number and id in the bundle of each eNB. */
function numbers(office: LabOffice): readonly (readonly [number, string])[] {
  return serials.map((serial) => {
    const { sequence, bundleId } = office.configuration(serial);
    return [sequence, bundleId];
  });
}

describe('a copy of the folder of a run', () => {
  it('is not continued while the run is under way: both have one journal', async () => {
    const office = new LabOffice({ serials });
    office.writeInventory(serials.map((serial) => office.row(serial)));
    await office.report({ first: 1 });
    cpSync(office.path('out'), office.path('copy'), { recursive: true });
    const other = { process: process.pid + 1, bootId: 'boot-of-the-tests' };
    const work = `batch ${batchOf(office)}`;
    assert(office.withStore((store) => store.leases.take(work, other, now, () => true)).ok);
    for (const out of ['out', 'copy'])
      assert.equal((await office.refusal({ resume: true, out: office.path(out) })).code, 'store-in-use');
    // The one at work has died.
    const out = office.path('copy');
    assert.equal(
      (await office.report({ resume: true, out, surroundings: { isAlive: () => false } })).made,
      3,
    );
  });
});

describe('a run whose key is locked while it checks', () => {
  it('signs nothing', async () => {
    const office = new LabOffice({ serials });
    office.writeInventory(serials.map((serial) => office.row(serial)));
    const fault = await office.refusal({ lockedFault: () => ({ code: 'passphrase-missing' }) });
    assert.equal(fault.code, 'passphrase-missing');
    assert(!existsSync(office.path('out', 'bundles')));
  });
});

describe('a first wave', () => {
  it('has the first good rows, and a resumed run makes the others', async () => {
    const office = new LabOffice({ serials });
    office.writeInventory([
      office.row('LAB0001', { mtu: '1' }),
      ...serials.map((serial) => office.row(serial)),
    ]);
    const wave = await office.report({ skipBad: true, first: 2 });
    assert.deepEqual([wave.made, wave.refused, wave.stoppedBy], [2, 1, undefined]);
    assert.deepEqual(
      wave.rows.map(({ state }) => state),
      ['refused', 'made', 'made', 'skipped'],
    );
    assert.deepEqual(office.bundleNames(), ['LAB0001.p7m', 'LAB0002.p7m']);
    assert.equal(journalOf(office).length, 2, 'the others have no numbers yet');
    const before = office.bundle('LAB0001');
    const same = await office.report({ skipBad: true, first: 2, resume: true });
    assert.deepEqual([same.made, office.bundleNames().length], [2, 2]);
    const rest = await office.report({ skipBad: true, resume: true });
    assert.deepEqual([rest.made, rest.stoppedBy], [3, undefined]);
    assert.deepEqual(office.bundle('LAB0001'), before);
    for (const serial of serials) assert(office.judge(serial).accepted);
  });

  it('of more than there are has all', async () => {
    const office = new LabOffice({ serials });
    office.writeInventory(serials.map((serial) => office.row(serial)));
    assert.equal((await office.report({ first: 9 })).made, 3);
  });
});

describe('the journal of a run', () => {
  it('names every bundle, as it is on the disk', async () => {
    const office = await made();
    assert.deepEqual(
      journalOf(office).map(({ row, serialNumber, sequence, bundleId, sha256 }) => [
        row,
        serialNumber,
        [sequence, bundleId],
        sha256,
      ]),
      serials.map((serial, index) => [
        index + 1,
        serial,
        numbers(office)[index],
        hash('sha256', readFileSync(file(office, serial))),
      ]),
    );
  });

  it('has the numbers of a bundle before it is made: a bundle that is not finished gets the same ones', async () => {
    const office = await made();
    const before = numbers(office);
    forget(office, 2);
    rmSync(file(office, 'LAB0002'));
    await office.report({ resume: true });
    assert.deepEqual(numbers(office), before);
    assert.equal(journalOf(office)[1]?.sha256, new Bundle(office.bundle('LAB0002')).sha256);
  });

  it('takes over a bundle that was whole when the run died', async () => {
    const office = await made();
    const before = serials.map((serial) => office.bundle(serial));
    forget(office, 2);
    await office.report({ resume: true });
    assert.deepEqual(
      serials.map((serial) => office.bundle(serial)),
      before,
    );
    assert.equal(journalOf(office)[1]?.sha256, new Bundle(office.bundle('LAB0002')).sha256);
  });

  for (const [what, damage] of [
    [
      'cut short',
      (office: LabOffice) =>
        writeFileSync(file(office, 'LAB0002'), office.bundle('LAB0002').subarray(0, 900)),
    ],
    ["another eNB's", (office: LabOffice) => copyFileSync(file(office, 'LAB0001'), file(office, 'LAB0002'))],
    ['gone', (office: LabOffice) => rmSync(file(office, 'LAB0002'))],
  ] as const) {
    it(`gives the next number to a bundle that was whole and is ${what} now`, async () => {
      const office = await made();
      const before = numbers(office);
      damage(office);
      await office.report({ resume: true });
      const after = numbers(office);
      assert.deepEqual([after[0], after[2]], [before[0], before[2]]);
      const [[, oldId] = [], [sequence, newId] = []] = [before[1], after[1]];
      assert.equal(sequence, 2);
      assert.notEqual(newId, oldId);
      assert(office.judge('LAB0002').accepted);
    });

    it(`gives the same number to a bundle that is not known to be whole and is ${what}`, async () => {
      const office = await made();
      const before = numbers(office);
      forget(office, 2);
      damage(office);
      await office.report({ resume: true });
      assert.deepEqual(numbers(office), before);
      assert(office.judge('LAB0002').accepted);
    });
  }

  it('is of one folder: another run of the same inventory gets other numbers', async () => {
    const office = await made();
    await office.report({ out: office.path('again') });
    assert.notEqual(batchOf(office, 'again'), batchOf(office));
    assert.equal(office.configuration('LAB0001', 'again').sequence, 2);
  });

  it('gives no number of an old key to an eNB that another run has configured with a newer key since the check', async () => {
    const office = new LabOffice({ serials });
    office.writeInventory(serials.map((serial) => office.row(serial)));
    const newer = { epoch: 4, sequence: 9 };
    const note = () =>
      office.withStore((store) => store.enbs.note({ hwType, serialNumber: 'LAB0002', last: newer }));
    const report = await office.report({
      onProgress: ({ phase, done, total }) => {
        if (phase === 'checking' && done === total) note();
      },
    });
    const { code, expected, found, where } = report.stoppedBy ?? {};
    assert.deepEqual(
      [code, expected, found, where],
      [...['signer-superseded', '4', '0'], { file: office.path('inventory.csv'), row: 2, line: 3 }],
    );
    assert.deepEqual(office.bundleNames(), ['LAB0001.p7m']);
    assert.deepEqual(
      office.withStore((store) => store.enbs.lastSequence(hwType, 'LAB0002')),
      newer,
    );
    const again = await office.report({ resume: true, skipBad: true });
    assert.deepEqual([again.made, again.refused, again.rows[1]?.fault?.code], [2, 1, 'signer-superseded']);
  });

  it('holds nothing of a credential', async () => {
    const office = await made();
    const text = JSON.stringify(journalOf(office));
    for (const serial of serials)
      assert(!text.includes(`secret of ${serial}`) && !text.includes(`ref-${serial}`));
  });
});
