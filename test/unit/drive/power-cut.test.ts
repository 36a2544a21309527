import { Disk, noPowerCut } from '../../kit/disk.ts';
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { writeToDrive } from '../../../main/drive/index.ts';
import { replaceEntry, syncFolder } from '../../../main/drive/entry.ts';
import { encodeRequest } from '../../../main/drive/layout.ts';
import { entryFor, fakeSystem, onDrive } from '../../kit/drive.ts';

function stick() {
  const system = fakeSystem();
  return { system, disk: new Disk(system.place.mountPoint) };
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

/** What must be on a drive that `entries` were written to. */
function filesOf(entries: readonly ReturnType<typeof entryFor>[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    entries.flatMap(({ enb, bundle, request }) => [
      [`siteseal/${enb.serialNumber}/bundle.p7m`, text(bundle)],
      [`siteseal/${enb.serialNumber}/request.json`, text(encodeRequest(request))],
    ]),
  );
}

describe('a drive that is pulled out after it was written to', { skip: noPowerCut }, () => {
  it('has every bundle and request that was reported as written', async () => {
    const { system, disk } = stick();
    const written: ReturnType<typeof entryFor>[] = [];
    const entries = ['LAB0001', 'LAB0002', 'LAB0003'].map((serialNumber) => entryFor(serialNumber));
    const onOutcome = () => {
      written.push(entries[written.length]!);
      assert.deepEqual(disk.afterPowerCut(), filesOf(written));
    };
    await writeToDrive(system, system.place, entries, { onOutcome });
    assert.deepEqual(written, entries);
    assert.deepEqual(disk.renamedUnforced, []);
  });

  it('has the later bundle in the place of the earlier one', async () => {
    const { system, disk } = stick();
    await writeToDrive(system, system.place, [entryFor('LAB0001')]);
    const later = entryFor('LAB0001', { bundle: Buffer.from('a later bundle') });
    await writeToDrive(system, system.place, [later]);
    assert.deepEqual(disk.afterPowerCut(), filesOf([later]));
  });

  it('has the earlier receipt under its other name, also where the bundle cannot be written', async () => {
    const { system, disk } = stick();
    const entry = entryFor('LAB0001');
    await writeToDrive(system, system.place, [entry]);
    writeFileSync(onDrive(system.place, 'LAB0001', 'receipt.p7m'), 'receipt');
    disk.force(onDrive(system.place, 'LAB0001', 'receipt.p7m'));
    disk.failAt('fsync', 2);
    const again = await writeToDrive(system, system.place, [entry]);
    assert(again.ok);
    assert.equal(again.value[0]?.state, 'not-written');
    const aside = `siteseal/LAB0001/receipt-${hash('sha256', 'receipt').slice(0, 16)}.p7m`;
    assert.deepEqual(disk.afterPowerCut(), { ...filesOf([entry]), [aside]: 'receipt' });
  });

  it('has a name that was forced to it', async () => {
    const { system, disk } = stick();
    writeFileSync(`${system.place.mountPoint}/name`, '');
    await syncFolder(system.place.mountPoint);
    assert.deepEqual(disk.afterPowerCut(), { name: undefined });
  });
});

describe('a drive that fails', { skip: noPowerCut }, () => {
  for (const call of ['fsync', 'rename'] as const) {
    it(`at ${call} keeps the earlier bundle and nothing half written, and says so`, async () => {
      const { system, disk } = stick();
      const entry = entryFor('LAB0001');
      await writeToDrive(system, system.place, [entry]);
      const place = [system.place.mountPoint, 'LAB0001', 'bundle.p7m'] as const;
      disk.failAt(call);
      const replaced = await replaceEntry(place, Buffer.from('later'));
      assert.equal(!replaced.ok && replaced.fault.code, 'drive-gone');
      assert.deepEqual(disk.now(), filesOf([entry]));
    });
  }

  it('at the names of a folder says so', async () => {
    const { system, disk } = stick();
    disk.failAt('fsync');
    const written = await writeToDrive(system, system.place, [entryFor('LAB0001')]);
    assert.equal(!written.ok && written.fault.code, 'drive-gone');
  });
});
