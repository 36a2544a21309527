import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLookedAt, type LookedAt } from '../../../preload/contract/bridge.ts';
import { sortFiles } from '../../../renderer/src/app/dropped.ts';

const file = (name: string, kind: LookedAt['kind']): LookedAt => ({
  handle: { id: '0'.repeat(32), name },
  kind,
});

test('dropped files of one kind are opened together', () => {
  const bundles = [file('a.p7m', 'bundles'), file('b.p7m', 'bundles')];
  assert.deepEqual(sortFiles(bundles), { kind: 'bundles', files: bundles.map(({ handle }) => handle) });
  const one = file('inventory.csv', 'inventory');
  assert.deepEqual(sortFiles([one]), { kind: 'inventory', files: [one.handle] });
});

test('folders, unknown files, several kinds, and several inventories are refused with a sentence', () => {
  for (const [looked, refusal] of [
    [[file('bundles', 'folder')], 'bundles is a folder. Drop the files that are in it.'],
    [[file('a.p7m', 'bundles'), file('cat.jpg', 'unknown')], 'cat.jpg is no file that Siteseal opens.'],
    [
      [file('a.p7m', 'bundles'), file('b.csv', 'inventory')],
      'Drop files of one kind at a time: bundles, receipts, or heads of the log.',
    ],
    [[file('a.csv', 'inventory'), file('b.csv', 'inventory')], 'Drop one file at a time.'],
  ] as const)
    assert.deepEqual(sortFiles(looked), { refusal });
});

test('only a handle and a kind cross the bridge as a file', () => {
  assert.ok(isLookedAt(file('a.p7m', 'bundles')));
  const { handle } = file('a.p7m', 'bundles');
  for (const other of [
    null,
    {},
    { handle },
    { handle, kind: 'output-folder' },
    { handle, kind: '__proto__' },
    { handle: { ...handle, id: '/etc/passwd' }, kind: 'bundles' },
    { handle: { ...handle, name: 'x'.repeat(256) }, kind: 'bundles' },
    { handle: null, kind: 'bundles' },
  ])
    assert.equal(isLookedAt(other), false, JSON.stringify(other));
});
