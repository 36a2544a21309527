import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { showFolderWith, systemFileManager } from '../../../main/core/open-folder.ts';
import { temporaryFolder } from '../../kit/enb.ts';

/** A program that the shell runs. */
function program(script: string) {
  const folder = temporaryFolder();
  const file = join(folder, 'manager');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return { folder, file };
}

test('each system has its own file manager', () => {
  assert.equal(systemFileManager('linux', {}).program, 'xdg-open');
  assert.equal(systemFileManager('darwin', {}).program, '/usr/bin/open');
  const { program, reportsFailure } = systemFileManager('win32', { SystemRoot: 'D:\\Win' });
  assert.match(program, /^D:\\Win.explorer\.exe$/);
  assert.equal(reportsFailure, false);
});

test(
  'the file manager gets the folder unchanged, and says whether it failed',
  { skip: process.platform === 'win32' && 'shell scripts' },
  async () => {
    const { folder, file } = program('printf "%s|" "$#" "$1" > "$(dirname "$0")/got"');
    const show = showFolderWith({ program: file, reportsFailure: true });
    assert.equal(await show('/a; $(b) "c'), undefined);
    assert.equal(readFileSync(join(folder, 'got'), 'utf8'), '1|/a; $(b) "c|');
    const failing = program('exit 3').file;
    assert.equal(
      await showFolderWith({ program: failing, reportsFailure: true })('/a'),
      `${failing}: exit code 3`,
    );
    assert.equal(await showFolderWith({ program: failing, reportsFailure: false })('/a'), undefined);
    const missing = join(folder, 'none');
    assert.equal(
      await showFolderWith({ program: missing, reportsFailure: true })('/a'),
      `${missing}: ENOENT`,
    );
  },
);

test(
  'a file manager that stays open has shown the folder',
  { skip: process.platform === 'win32' },
  async () => {
    const { folder, file } = program('exec sleep 3');
    assert.equal(await showFolderWith({ program: file, reportsFailure: true }, 1)(folder), undefined);
  },
);
