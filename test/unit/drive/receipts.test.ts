import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { collectReceipts, readRequest } from '../../../main/drive/index.ts';
import { makeChallenge } from '../../kit/bundle.ts';
import { fakeSystem, onDrive } from '../../kit/drive.ts';
import { temporaryFolder } from '../../kit/enb.ts';

/** What was collected from a drive on which these files are, below siteseal/. */
async function collected(prepare: (path: (...names: readonly string[]) => string) => void) {
  const { place } = fakeSystem();
  mkdirSync(onDrive(place));
  prepare((...names) => onDrive(place, ...names));
  const receipts = await collectReceipts(place.mountPoint);
  assert(receipts.ok, JSON.stringify(receipts));
  return receipts.value.map((one) =>
    'fault' in one
      ? [one.folder, one.fault.code, one.fault.found]
      : [one.folder, one.file, Buffer.from(one.bytes).toString()],
  );
}

describe('the receipts on a drive', () => {
  it('are all of them, with their folders, those that were moved aside as well', async () => {
    const receipts = await collected((path) => {
      for (const name of ['LAB0002', 'LAB0001', 'LAB0003', 'con~0123abcd']) mkdirSync(path(name));
      writeFileSync(path('LAB0001', 'receipt.p7m'), 'one');
      writeFileSync(path('LAB0001', 'receipt-0123456789abcdef.p7m'), 'earlier');
      writeFileSync(path('LAB0001', 'bundle.p7m'), 'bundle');
      writeFileSync(path('LAB0002', 'receipt.p7m'), 'two');
      writeFileSync(path('LAB0002', 'receipt.p7m.part'), 'half');
      writeFileSync(path('con~0123abcd', 'receipt.p7m'), 'con');
    });
    assert.deepEqual(receipts, [
      ['LAB0001', 'receipt-0123456789abcdef.p7m', 'earlier'],
      ['LAB0001', 'receipt.p7m', 'one'],
      ['LAB0002', 'receipt.p7m', 'two'],
      ['con~0123abcd', 'receipt.p7m', 'con'],
    ]);
  });

  it('are none where nothing of Siteseal is', async () => {
    assert.deepEqual(await collectReceipts(temporaryFolder()), { ok: true, value: [] });
  });

  it('cannot be collected from a drive that has gone', async () => {
    const receipts = await collectReceipts(join(temporaryFolder(), 'gone'));
    assert.equal(!receipts.ok && receipts.fault.code, 'drive-gone');
  });

  const isWindows = process.platform === 'win32';
  it(
    'that are something else are refused one by one, and nothing is followed',
    { skip: isWindows },
    async () => {
      const outside = temporaryFolder();
      writeFileSync(join(outside, 'receipt.p7m'), 'secret');
      const receipts = await collected((path) => {
        for (const name of ['A-link', 'B-folder', 'C-huge', 'D-pipe', 'F-good', 'G-many'])
          mkdirSync(path(name));
        symlinkSync(join(outside, 'receipt.p7m'), path('A-link', 'receipt.p7m'));
        mkdirSync(path('B-folder', 'receipt.p7m'));
        writeFileSync(path('C-huge', 'receipt.p7m'), '');
        truncateSync(path('C-huge', 'receipt.p7m'), 2 ** 40);
        execFileSync('mkfifo', [path('D-pipe', 'receipt.p7m')]);
        symlinkSync(outside, path('E-link'));
        writeFileSync(path('F-good', 'receipt.p7m'), 'good');
        for (let count = 0; count < 300; count++) writeFileSync(path('G-many', `${count}`), '');
        for (const name of ['.hidden', 'a b', '-x', 'x'.repeat(80)]) {
          mkdirSync(path(name));
          writeFileSync(path(name, 'receipt.p7m'), 'no eNB');
        }
      });
      assert.deepEqual(receipts, [
        ['A-link', 'drive-entry-unfit', 'symbolic link'],
        ['B-folder', 'drive-entry-unfit', 'folder'],
        ['C-huge', 'drive-entry-unfit', 'more than 262144 bytes'],
        ['D-pipe', 'drive-entry-unfit', 'neither'],
        ['E-link', 'drive-entry-unfit', 'symbolic link'],
        ['F-good', 'receipt.p7m', 'good'],
        ['G-many', 'drive-entry-unfit', 'more than 256 entries'],
      ]);
    },
  );

  it('are refused where siteseal/ leads elsewhere', { skip: isWindows }, async () => {
    const { place } = fakeSystem();
    symlinkSync(temporaryFolder(), onDrive(place));
    const receipts = await collectReceipts(place.mountPoint);
    assert.equal(!receipts.ok && receipts.fault.code, 'drive-entry-unfit');
    rmSync(onDrive(place));
  });
});

describe('a request for a receipt', () => {
  const challenge = makeChallenge();
  for (const [name, text] of [
    ['that is cut short', `{"challenge":"${challenge}"`],
    ['without a challenge', '{}'],
    ['with a challenge that is too short', '{"challenge":"AAAA"}'],
    ['with a member that is not known', JSON.stringify({ challenge, more: 1 })],
    ['of zeros', '\0'.repeat(64)],
  ] as const) {
    it(`${name} is malformed`, () => {
      const request = readRequest(Buffer.from(text));
      assert.equal(!request.ok && request.fault.code, 'drive-request-malformed');
    });
  }
});
