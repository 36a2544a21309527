import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDataFolder } from '../../../main/shell/data-folder.ts';
import { temporaryFolder } from '../../kit/enb.ts';

/** What the desktop is asked to do for a data folder. */
async function seen(folder: string | undefined, complaint = ''): Promise<unknown[]> {
  const done: unknown[] = [];
  const desktop = {
    openPath: (path: string) => {
      done.push(['open', path]);
      return Promise.resolve(complaint);
    },
    say: (message: string, detail: string) => {
      done.push([message, detail]);
      return Promise.resolve();
    },
  };
  await openDataFolder(desktop, folder);
  return done;
}

test('the data folder is opened, and the user learns where it is if there is no file manager', async () => {
  const folder = temporaryFolder();
  assert.deepEqual(await seen(folder), [['open', folder]]);
  assert.deepEqual(await seen(folder, 'no file manager'), [
    ['open', folder],
    ['Siteseal cannot open a file manager here.', `The data folder, with the log, is ${folder}`],
  ]);
});

test('a data folder that is missing or no folder is not opened, and the user learns where it should be', async () => {
  const file = join(temporaryFolder(), 'program.sh');
  writeFileSync(file, '');
  for (const wrong of [file, join(file, 'below'), join(temporaryFolder(), 'missing'), 'relative']) {
    assert.deepEqual(await seen(wrong), [
      ['There is no data folder here.', `Siteseal expects the data folder, with the log, at ${wrong}`],
    ]);
  }
});

test('without a core the user learns that the place is not known yet', async () => {
  assert.deepEqual(await seen(undefined), [
    ['There is no data folder here.', "Siteseal's core has not said yet where it is. Try again in a moment."],
  ]);
});
