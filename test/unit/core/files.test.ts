import assert from 'node:assert/strict';
import fs, { mkdirSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { startCore } from '../../../main/core/index.ts';
import { CorePort } from '../../kit/core-port.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { surroundingsIn } from '../../kit/operator.ts';

test('a folder is listed with its folders first, and as a person counts', async (context) => {
  const folder = temporaryFolder();
  for (const name of ['S10.p7m', 'S9.p7m', 'a.txt', '.hidden.p7m']) writeFileSync(join(folder, name), '');
  for (const name of ['week 10', 'week 9', 'Archive']) mkdirSync(join(folder, name));
  const core = startCore({ shell: 'browser', folders: [folder] }, surroundingsIn(temporaryFolder()));
  context.after(() => core.close());
  const port = new CorePort(core);
  const [root] = (await port.ask('files.list', { folder: null, kind: 'bundles' })).entries;
  const { entries } = await port.ask('files.list', { folder: root!.handle, kind: 'bundles' });
  assert.deepEqual(
    entries.map(({ handle, isFolder }) => `${handle.name}${isFolder ? '/' : ''}`),
    ['Archive/', 'week 9/', 'week 10/', 'S9.p7m', 'S10.p7m'],
  );
  const again = await port.ask('files.list', { folder: root!.handle, kind: 'bundles' });
  assert.deepEqual(again.entries, entries, 'by the handles that are known already');
});

test('a file that vanishes while its folder is listed is left out', async (context) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'S1.p7m'), '');
  const core = startCore({ shell: 'browser', folders: [folder] }, surroundingsIn(temporaryFolder()));
  context.after(() => core.close());
  const port = new CorePort(core);
  const [root] = (await port.ask('files.list', { folder: null, kind: 'bundles' })).entries;
  const { mock } = context.mock.method(fs, 'readdirSync', () => ['S1.p7m', 'vanished.p7m']);
  syncBuiltinESMExports();
  const { entries } = await port.ask('files.list', { folder: root!.handle, kind: 'bundles' });
  mock.restore();
  syncBuiltinESMExports();
  assert.deepEqual(
    entries.map(({ handle }) => handle.name),
    ['S1.p7m'],
  );
});
