import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LookedAt } from '../../../preload/contract/bridge.ts';
import { isRemembered, openRecent } from '../../../main/shell/open-recent.ts';
import { RecentFiles } from '../../../main/shell/recent-files.ts';
import { temporaryFolder } from '../../kit/enb.ts';

const at = (name: string) => `/files/${name}`;

test('ten files are remembered, the newest first, each once, in a file for this user alone', () => {
  const profile = temporaryFolder();
  const recent = new RecentFiles(profile);
  recent.add(Array.from({ length: 9 }, (_, place) => at(`${place}.p7m`)));
  recent.add([at('a.csv')]);
  recent.add([at('8.p7m'), at('b.csv')]);
  const names = ['8.p7m', 'b.csv', 'a.csv', ...Array.from({ length: 7 }, (_, place) => `${place}.p7m`)];
  for (const list of [recent.list, new RecentFiles(profile).list])
    assert.deepEqual(
      list.map(({ name }) => name),
      names,
    );
  assert.deepEqual(readdirSync(profile), ['recent-files.json']);
  assert.equal(statSync(join(profile, 'recent-files.json')).mode & 0o777, 0o600);
});

test('files with the same name are told apart by their folders', () => {
  const recent = new RecentFiles(temporaryFolder());
  recent.add(['/north/inventory.csv', '/south/inventory.csv', '/north/other.csv']);
  assert.deepEqual(
    recent.list.map(({ name }) => name),
    ['inventory.csv (/north)', 'inventory.csv (/south)', 'other.csv'],
  );
});

test('the list can be cleared, which leaves nothing behind', () => {
  const profile = temporaryFolder();
  const recent = new RecentFiles(profile);
  recent.add([at('a.csv')]);
  recent.clear();
  assert.deepEqual([recent.list, readdirSync(profile)], [[], []]);
});

test('a file that is not such a list counts as empty', () => {
  const valid = { siteseal: 'recent-files/1', paths: ['/a.csv'] };
  const read = (text: string) => {
    const profile = temporaryFolder();
    writeFileSync(join(profile, 'recent-files.json'), text);
    return new RecentFiles(profile).list.length;
  };
  assert.equal(read(JSON.stringify(valid)), 1);
  for (const wrong of [
    { ...valid, siteseal: 'recent-files/2' },
    { ...valid, more: 1 },
    { ...valid, paths: ['relative.csv'] },
    { ...valid, paths: ['/a\0.csv'] },
    { ...valid, paths: [7] },
    { ...valid, paths: Array.from({ length: 11 }, (_, place) => `/${place}`) },
    { ...valid, paths: [`/${'x'.repeat(5000)}`] },
    { ...valid, paths: '/a.csv' },
    null,
    [],
  ])
    assert.equal(read(JSON.stringify(wrong)), 0, JSON.stringify(wrong).slice(0, 100));
  assert.equal(read('{'), 0);
  const profile = temporaryFolder();
  writeFileSync(join(profile, 'elsewhere'), JSON.stringify(valid));
  symlinkSync('elsewhere', join(profile, 'recent-files.json'));
  assert.deepEqual(new RecentFiles(profile).list, []);
});

test('a profile that cannot be written loses nothing but the list', () => {
  const profile = join(temporaryFolder(), 'missing');
  const recent = new RecentFiles(profile);
  recent.add([at('a.csv')]);
  assert.equal(recent.list.length, 1);
  recent.clear();
});

test('a file that is there is handed over as what it is now; one that is gone leaves the list, and the user learns it', async () => {
  const folder = temporaryFolder();
  const [there, gone] = [join(folder, 'there.csv'), join(folder, 'gone.csv')];
  writeFileSync(there, '');
  mkdirSync(join(folder, 'folder.csv'));
  const recent = new RecentFiles(folder);
  recent.add([there, gone, join(folder, 'folder.csv')]);
  const done: unknown[] = [];
  const handle = { id: '0'.repeat(32), name: 'there.csv' };
  const opener = {
    look: () => Promise.resolve({ handle, kind: 'inventory', isTraining: false } as LookedAt),
    hand: (file: LookedAt) => done.push(file),
    say: (_message: string, detail: string) => Promise.resolve(void done.push(detail)),
  };
  for (const path of [there, gone, join(folder, 'folder.csv')]) await openRecent(opener, recent, path);
  assert.deepEqual(done, [
    { handle, kind: 'inventory' },
    `Siteseal has removed ${gone} from the list.`,
    `Siteseal has removed ${join(folder, 'folder.csv')} from the list.`,
  ]);
  assert.deepEqual(
    recent.list.map(({ path }) => path),
    [there],
  );
  assert.ok(!readFileSync(join(folder, 'recent-files.json'), 'utf8').includes('gone'));
});

test('folders, roots and what is no file of Siteseal are not remembered', () => {
  const kinds = ['bundles', 'inventory', 'operator-profile', 'receipts', 'log-heads'] as const;
  assert.ok(kinds.every(isRemembered));
  for (const kind of ['output-folder', 'vendor-root', 'folder', 'unknown'] as const)
    assert.equal(isRemembered(kind), false, kind);
});
