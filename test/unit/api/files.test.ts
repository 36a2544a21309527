import assert from 'node:assert/strict';
import fs, { mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { startCore } from '../../../main/host/index.ts';
import type { FileHandle, FileKind } from '../../../preload/contract/index.ts';
import { CorePort } from '../../kit/core-port.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { surroundingsIn } from '../../kit/operator.ts';

test('a folder is listed with its folders first, and with numbers in numeric order', async (context) => {
  const folder = temporaryFolder();
  for (const name of ['S10.p7m', 'S9.p7m', 'S9-1.receipt.p7m', 'a.txt', '.hidden.p7m'])
    writeFileSync(join(folder, name), '');
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

test('a file is known by its name, cut to what the port takes', (context) => {
  const core = startCore({ shell: 'browser', folders: [] }, surroundingsIn(temporaryFolder()));
  context.after(() => core.close());
  for (const length of [254, 255, 256])
    assert.equal(core.registerFile(join('week', 'n'.repeat(length))).name, 'n'.repeat(Math.min(length, 255)));
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

const isWindows = process.platform === 'win32';

/** A given folder with files that the page can choose, and one elsewhere with the same files that it must not see. */
async function picker(context: TestContext) {
  const [given, elsewhere] = [temporaryFolder(), temporaryFolder()];
  for (const folder of [given, elsewhere]) {
    mkdirSync(join(folder, 'week'));
    for (const name of ['inventory.csv', 'operator.json', 'S1.p7m', 'root.pem'])
      writeFileSync(join(folder, 'week', name), `secret ${name}`);
  }
  const core = startCore({ shell: 'browser', folders: [given] }, surroundingsIn(temporaryFolder()));
  context.after(() => core.close());
  const port = new CorePort(core);
  await port.ask('app.enter', { mode: 'office' });
  const list = async (kind: FileKind, folder: FileHandle | null) =>
    (await port.ask('files.list', { folder, kind })).entries.map(({ handle }) => handle);
  const [root] = await list('bundles', null);
  const [week] = await list('bundles', root!);
  const choose = async (kind: FileKind) => (await list(kind, week!))[0]!;
  return { given, elsewhere, port, list, week: week!, choose };
}

/** Puts a link in the place of something. */
function swap(given: string, elsewhere: string, name: string): void {
  renameSync(join(given, name), join(given, `.${name.replace('/', '-')}`));
  symlinkSync(join(elsewhere, name), join(given, name));
}

for (const [what, names] of [
  ['the folder', ['week']],
  ['the file', ['week/inventory.csv', 'week/operator.json', 'week/S1.p7m', 'week/root.pem']],
] as const) {
  test(
    `what was listed is not followed when a link has taken the place of ${what}`,
    { skip: isWindows },
    async (context) => {
      const { given, elsewhere, port, list, week, choose } = await picker(context);
      const [profile, bundle, root] = [
        await choose('operator-profile'),
        await choose('bundles'),
        await choose('vendor-root'),
      ];
      for (const name of names) swap(given, elsewhere, name);
      const refused = async (
        asking: Promise<{ code: string; found?: string | undefined }>,
        whose: string,
      ) => {
        const { code, found } = await asking;
        assert.deepEqual([code, found], ['file-unreadable', 'a symbolic link'], whose);
      };
      await refused(port.refusal('operators.add', { file: profile }), 'profile');
      await refused(port.refusal('vendors.look', { file: root }), 'root');
      const { added, refused: notTaken } = await port.ask('jobs.open', { files: [bundle] });
      assert.deepEqual(
        [added, notTaken.map(({ fault }) => [fault.code, fault.found])],
        [[], [['file-unreadable', 'a symbolic link']]],
      );
      if (what === 'the folder') {
        await refused(port.refusal('files.list', { folder: week, kind: 'bundles' }), 'list');
        await refused(port.refusal('files.makeFolder', { folder: week, name: 'new' }), 'folder');
        assert.equal(readdirSync(join(elsewhere, 'week')).length, 4);
      } else {
        assert.deepEqual(await list('bundles', week), [], 'nor is a link listed');
      }
    },
  );
}
