import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openStore } from '../../main/store/index.ts';
import { siteseal, sitesealJson } from '../kit/cli.ts';
import { temporaryFolder } from '../kit/enb.ts';

describe('siteseal training restart', () => {
  it('deletes the training and nothing else', async () => {
    const home = join(temporaryFolder(), 'home');
    const training = join(home, 'training');
    for (const folder of [home, training]) {
      const store = openStore(folder);
      assert(store.ok);
      store.value.close();
    }
    mkdirSync(join(training, 'lab'));
    writeFileSync(join(training, 'lab', 'operator.json'), '{}');
    const { document, code } = await sitesealJson(['training', 'restart'], { home, isWarm: true });
    assert.deepEqual([document, code], [{ deleted: training }, 0]);
    assert.deepEqual([existsSync(training), existsSync(join(home, 'siteseal.db'))], [false, true]);
  });

  it('says what happens next, even where there has been no training', async () => {
    const cwd = temporaryFolder();
    const { stdout, stderr, code } = await siteseal(['training', 'restart'], {
      home: join(cwd, 'home'),
      cwd,
      isWarm: true,
    });
    assert.deepEqual([stderr, code], ['', 0]);
    assert.match(stdout, /starts from the beginning/);
  });
});
