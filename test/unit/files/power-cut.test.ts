import { Disk, noPowerCut } from '../../kit/disk.ts';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { makeFolder, syncFolder, writeFileAtomically } from '../../../main/files/index.ts';
import { EnbStateFile } from '../../../main/lab/enb-state.ts';
import { BundleFiles } from '../../../main/office/bundle-files.ts';
import { writeOutput } from '../../../main/office/output-folder.ts';
import { temporaryFolder } from '../../kit/enb.ts';

function disk() {
  const root = temporaryFolder();
  return { root, disk: new Disk(root) };
}

describe('after a power cut', { skip: noPowerCut }, () => {
  it('a file that was written at once is there, in the place of the earlier one', () => {
    const { root, disk: watched } = disk();
    const file = join(root, 'state');
    for (const text of ['first', 'second', 'third']) {
      writeFileAtomically(file, Buffer.from(text));
      assert.deepEqual(watched.afterPowerCut(), { state: text });
    }
    assert.deepEqual(watched.renamedUnforced, []);
  });

  it('a folder is there that was made, with those above it', () => {
    const { root, disk: watched } = disk();
    makeFolder(join(root, 'a', 'b', 'c'));
    writeFileAtomically(join(root, 'a', 'b', 'c', 'file'), Buffer.from('x'));
    assert.deepEqual(watched.afterPowerCut(), { 'a/b/c/file': 'x' });
  });

  it('a name is there that was forced to the disk', () => {
    const { root, disk: watched } = disk();
    makeFolder(join(root, 'a'));
    syncFolder(root);
    assert.deepEqual(watched.afterPowerCut(), {});
    assert.equal(watched.isFolder('a'), true);
  });

  it('a receipt or report is there, in a folder that was made for it', () => {
    const { root, disk: watched } = disk();
    assert(writeOutput(join(root, 'data', 'receipts', 'X1-1.receipt.p7m'), Buffer.from('receipt')).ok);
    assert.deepEqual(watched.afterPowerCut(), { 'data/receipts/X1-1.receipt.p7m': 'receipt' });
    assert.deepEqual(watched.renamedUnforced, []);
  });

  it('an eNB has the state that it has acknowledged', () => {
    const { root, disk: watched } = disk();
    const state = EnbStateFile.open(join(root, 'enb'));
    assert(state.ok);
    for (const receiptNumber of [1, 2, 3]) {
      state.value.set({ ...state.value.get(), receiptNumber });
      const { 'enb/state.json': text } = watched.afterPowerCut();
      assert.match(text ?? '', new RegExp(`"receiptNumber":${receiptNumber}[,}]`));
    }
    assert.deepEqual(watched.renamedUnforced, []);
  });

  for (const count of [1, 31, 32, 33, 100]) {
    it(`${count} bundles are there as soon as flush has returned`, async () => {
      const { root, disk: watched } = disk();
      const files = new BundleFiles(join(root, 'out', 'bundles'));
      assert(files.open().ok);
      const expected: Record<string, string> = {};
      for (let index = 0; index < count; index++) {
        expected[`out/bundles/${index}.p7m`] = `bundle ${index}`;
        assert((await files.write(`${index}.p7m`, Buffer.from(`bundle ${index}`))).ok);
      }
      assert((await files.flush()).ok);
      assert.deepEqual(sorted(watched.afterPowerCut()), sorted(expected));
      assert.deepEqual(watched.renamedUnforced, []);
    });
  }
});

describe('a disk that fails', { skip: noPowerCut }, () => {
  for (const call of ['fsync', 'rename'] as const) {
    it(`at ${call} leaves the earlier file, and nothing half written`, () => {
      const { root, disk: watched } = disk();
      writeFileAtomically(join(root, 'state'), Buffer.from('earlier'));
      watched.failAt(call);
      assert.throws(() => writeFileAtomically(join(root, 'state'), Buffer.from('later')), { code: 'EIO' });
      assert.deepEqual(watched.now(), { state: 'earlier' });
    });

    it(`at ${call} leaves no half bundle, and is output-unwritable`, async () => {
      const { root, disk: watched } = disk();
      const files = new BundleFiles(root);
      assert((await files.write('a.p7m', Buffer.from('a'))).ok);
      assert((await files.flush()).ok);
      watched.failAt(call);
      await files.write('b.p7m', Buffer.from('b'));
      const flushed = await files.flush();
      assert.deepEqual(!flushed.ok && [flushed.fault.code, flushed.fault.found], [
        'output-unwritable',
        'EIO',
      ]);
      assert.deepEqual(watched.now(), { 'a.p7m': 'a' });
    });
  }

  it('at the folder of the bundles is output-unwritable', async () => {
    const { root, disk: watched } = disk();
    const files = new BundleFiles(root);
    await files.write('a.p7m', Buffer.from('a'));
    watched.failAt('fsync', 2);
    const flushed = await files.flush();
    assert.deepEqual(!flushed.ok && [flushed.fault.code, flushed.fault.found], ['output-unwritable', 'EIO']);
  });
});

function sorted<Value>(files: Readonly<Record<string, Value>>): readonly (readonly [string, Value])[] {
  return Object.entries(files).sort();
}
