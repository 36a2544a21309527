import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startCore } from '../../../main/host/index.ts';
import { surroundingsIn } from '../../kit/operator.ts';

test('a core names its data folder, also while it cannot use it', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'siteseal-host-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const good = startCore({ shell: 'electron', folders: [] }, surroundingsIn(join(folder, 'data')));
  assert.equal(good.dataFolder, join(folder, 'data'));
  await good.close();
  writeFileSync(join(folder, 'other'), '');
  const bad = startCore({ shell: 'electron', folders: [] }, surroundingsIn(folder));
  assert.equal(bad.dataFolder, folder);
  await bad.close();
});
