import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startCore } from '../../../main/host/index.ts';
import { CorePort } from '../../kit/core-port.ts';
import { surroundingsIn } from '../../kit/operator.ts';

test('the start choice is kept across a restart, and only training is training', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'siteseal-app-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const mode of ['office', 'site', 'log'] as const) {
    const core = startCore({ shell: 'browser', folders: [] }, surroundingsIn(folder));
    assert.equal((await new CorePort(core).ask('app.enter', { mode })).training, false);
    await core.close();
    const next = startCore({ shell: 'browser', folders: [] }, surroundingsIn(folder));
    const { mode: kept, training } = await new CorePort(next).ask('app.get', {});
    assert.deepEqual({ kept, training }, { kept: mode, training: false });
    await next.close();
  }
});
