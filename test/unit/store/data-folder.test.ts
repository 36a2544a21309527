import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { claimDataFolder, openStore } from '../../../main/store/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';

const isWindows = process.platform === 'win32';
const isRoot = process.getuid?.() === 0;

/** A folder that every user of the computer may look into. */
function openFolder(): string {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  return folder;
}

function makeStore(folder: string): void {
  const store = openStore(folder);
  assert(store.ok);
  store.value.close();
}

describe('a data folder', { skip: isWindows }, () => {
  for (const [name, prepare] of [
    ['is not there yet', (folder) => join(folder, 'a', 'b')],
    ['is empty', (folder) => folder],
    ['holds its store', (folder) => (makeStore(folder), writeFileSync(join(folder, 'notes'), ''), folder)],
    [
      'holds the start of one',
      (folder) => (mkdirSync(join(folder, 'training')), mkdirSync(join(folder, 'receipts')), folder),
    ],
  ] as const satisfies readonly (readonly [string, (folder: string) => string])[]) {
    it(`that ${name} becomes this user's alone`, () => {
      const folder = prepare(openFolder());
      assert.deepEqual(claimDataFolder(folder), { ok: true, value: undefined });
      assert.equal(statSync(folder).mode & 0o777, 0o700);
    });
  }

  for (const [name, plant] of [
    ['other files', (folder) => writeFileSync(join(folder, 'holiday.jpg'), '')],
    ['only hidden files, as a fresh home does', (folder) => writeFileSync(join(folder, '.profile'), '')],
    [
      'a link in the place of the store',
      (folder) => symlinkSync('/nowhere/store', join(folder, 'siteseal.db')),
    ],
    ['a folder in the place of the store', (folder) => mkdirSync(join(folder, 'siteseal.db'))],
  ] as const satisfies readonly (readonly [string, (folder: string) => void])[]) {
    it(`that holds ${name} is refused, and left as it is`, () => {
      const folder = openFolder();
      plant(folder);
      const names = readdirSync(folder);
      const claimed = claimDataFolder(folder);
      assert.deepEqual(!claimed.ok && claimed.fault, {
        code: 'store-unusable',
        rule: 'data-folder',
        where: { file: folder },
        found: names[0],
      });
      assert.deepEqual([readdirSync(folder), statSync(folder).mode & 0o777], [names, 0o755]);
    });
  }

  it(
    'that is another user’s is refused, by root as well',
    { skip: !isRoot && 'only root can give it away' },
    () => {
      const folder = openFolder();
      chownSync(folder, 65_534, 65_534);
      const claimed = claimDataFolder(folder);
      assert.equal(!claimed.ok && claimed.fault.found, 'a folder of user 65534');
    },
  );

  it('that is a file is refused with what the system says', () => {
    const file = join(openFolder(), 'file');
    writeFileSync(file, '');
    const claimed = claimDataFolder(file);
    assert.deepEqual(!claimed.ok && [claimed.fault.code, claimed.fault.found], ['store-unusable', 'EEXIST']);
  });
});
