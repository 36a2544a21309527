import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { startCore } from '../../../main/host/index.ts';
import { CorePort } from '../../kit/core-port.ts';
import { surroundingsIn } from '../../kit/operator.ts';

const home = mkdtempSync(join(tmpdir(), 'siteseal-folders-'));
const root = mkdtempSync(join(home, 'given-'));
const core = startCore({ shell: 'browser', folders: [root] }, surroundingsIn(join(home, 'data')));
const port = new CorePort(core);

after(async () => {
  await core.close();
  rmSync(home, { recursive: true });
});

/** The handle of the folder that the core may look into. */
async function given() {
  const { entries } = await port.ask('files.list', { folder: null, kind: 'output-folder' });
  return entries[0]!.handle;
}

suite('making a folder', () => {
  test('makes it where it is asked for, and it can be gone into', async () => {
    const made = await port.ask('files.makeFolder', { folder: await given(), name: 'South coast, 2' });
    assert.equal(made.name, 'South coast, 2');
    assert(existsSync(join(root, 'South coast, 2')));
    const inside = await port.ask('files.makeFolder', { folder: made, name: 'bundles' });
    const { entries } = await port.ask('files.list', { folder: made, kind: 'output-folder' });
    assert.deepEqual(
      entries.map(({ handle }) => handle.name),
      [inside.name],
    );
  });

  test('is refused where there is something of that name, which stays', async () => {
    const folder = await given();
    await port.ask('files.makeFolder', { folder, name: 'there' });
    const { code, found } = await port.refusal('files.makeFolder', { folder, name: 'there' });
    assert.deepEqual([code, found], ['folder-not-made', 'EEXIST']);
  });

  test('is refused for a name that leads elsewhere, or that no folder can have everywhere', async () => {
    const folder = await given();
    const before = readdirSync(home, { recursive: true });
    for (const name of [
      '',
      '.',
      '..',
      '../out',
      'a/b',
      'a\\b',
      '/tmp/x',
      '.hidden',
      'a:b',
      'a\0b',
      ' a',
      'a.',
    ]) {
      const { code } = await port.refusal('files.makeFolder', { folder, name });
      assert.equal(code, 'folder-not-made', JSON.stringify(name));
    }
    assert.deepEqual(readdirSync(home, { recursive: true }), before);
  });

  test('is refused in a folder that nobody has given', async () => {
    const folder = { id: '0'.repeat(32), name: 'tmp' };
    assert.equal((await port.refusal('files.makeFolder', { folder, name: 'a' })).code, 'file-unreadable');
  });
});
