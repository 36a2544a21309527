import assert from 'node:assert/strict';
import { test } from 'node:test';
import { neededLibraries, systemLibraries } from '../../../tools/package/linux-libraries.ts';

const prebuilds = 'node_modules/better-sqlite3/prebuilds';

test('the libraries of a program are those that it names', () => {
  assert.deepEqual(neededLibraries(`${prebuilds}/linux-x64.node`).slice(0, 3), [
    'libstdc++.so.6',
    'libm.so.6',
    'libc.so.6',
  ]);
  assert.deepEqual(neededLibraries('package.json'), []);
});

test('a program that needs a library without a package cannot be packaged', () => {
  assert.throws(() => systemLibraries(prebuilds), /Add libc\.musl-\S+ to /);
});
