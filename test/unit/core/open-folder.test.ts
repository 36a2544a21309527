import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openFolder, showFolderWith, systemFileManager } from '../../../main/core/open-folder.ts';
import { temporaryFolder } from '../../kit/enb.ts';

/** A program that the shell runs. */
function program(script: string) {
  const folder = temporaryFolder();
  const file = join(folder, 'manager');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return { folder, file };
}

const args = (folder: string) => [folder];

test('each system has its own file manager', () => {
  assert.equal(systemFileManager('linux', {}).program, 'xdg-open');
  assert.equal(systemFileManager('darwin', {}).program, '/usr/bin/open');
  const { program, reportsFailure } = systemFileManager('win32', { SystemRoot: 'D:\\Win' });
  assert.match(program, /^D:\\Win.explorer\.exe$/);
  assert.equal(reportsFailure, false);
});

test('a folder is only shown, whatever its name means to the file manager', () => {
  const said = (platform: NodeJS.Platform, folder: string) => {
    const { args, isVerbatim } = systemFileManager(platform, {});
    return [isVerbatim, ...args(folder)];
  };
  // Explorer takes what is after a comma as another argument, unless the comma is between quotes.
  assert.deepEqual(said('win32', 'C:\\sites,/select,C:\\Windows'), [true, '"C:\\sites,/select,C:\\Windows"']);
  // `open X.app` launches it, and so does `open -a Finder X.app`.
  assert.deepEqual(said('darwin', '/Users/me/X.app'), [undefined, '-R', '/Users/me/X.app']);
  assert.deepEqual(said('linux', '/home/me/a,b'), [undefined, '/home/me/a,b']);
});

test(
  'behind a link to a folder, that folder is shown; behind a link to a file, nothing',
  { skip: process.platform === 'win32' && 'links need a privilege' },
  async () => {
    const home = realpathSync(temporaryFolder());
    const at = (name: string) => join(home, name);
    mkdirSync(at('folder'));
    writeFileSync(at('file'), '');
    for (const to of ['folder', 'file', 'nowhere']) symlinkSync(at(to), at(`to-${to}`));
    const shown: string[] = [];
    const codes: unknown[] = [];
    for (const to of ['folder', 'file', 'nowhere']) {
      const opened = await openFolder(
        (folder) => {
          shown.push(folder);
          return Promise.resolve(undefined);
        },
        at(`to-${to}`),
      );
      codes.push(opened.ok || opened.fault.found);
    }
    assert.deepEqual([shown, codes], [[at('folder')], [true, 'ENOTDIR', 'ENOENT']]);
  },
);

test(
  'the file manager gets the folder unchanged, and says whether it failed',
  { skip: process.platform === 'win32' && 'shell scripts' },
  async () => {
    const { folder, file } = program('printf "%s|" "$#" "$1" > "$(dirname "$0")/got"');
    const show = showFolderWith({ program: file, args, reportsFailure: true });
    assert.equal(await show('/a; $(b) "c'), undefined);
    assert.equal(readFileSync(join(folder, 'got'), 'utf8'), '1|/a; $(b) "c|');
    const failing = program('exit 3').file;
    assert.equal(
      await showFolderWith({ program: failing, args, reportsFailure: true })('/a'),
      `${failing}: exit code 3`,
    );
    assert.equal(await showFolderWith({ program: failing, args, reportsFailure: false })('/a'), undefined);
    const missing = join(folder, 'none');
    assert.equal(
      await showFolderWith({ program: missing, args, reportsFailure: true })('/a'),
      `${missing}: ENOENT`,
    );
  },
);

test(
  'a file manager that stays open has shown the folder',
  { skip: process.platform === 'win32' },
  async () => {
    const { folder, file } = program('exec sleep 3');
    assert.equal(await showFolderWith({ program: file, args, reportsFailure: true }, 1)(folder), undefined);
  },
);
