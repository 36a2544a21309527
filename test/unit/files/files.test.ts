import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  errorCode,
  makeFolder,
  readFile,
  systemErrorCode,
  writeFileAtomically,
} from '../../../main/files/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';

const noFullDisk = !existsSync('/dev/full') && 'There is no /dev/full here.';
const isWindows = process.platform === 'win32';

describe('a file that is read whole', () => {
  it('is no larger than it may be', () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, Buffer.alloc(100, 7));
    assert.deepEqual(readFile(file, 100), { ok: true, value: Buffer.alloc(100, 7) });
    const large = readFile(file, 99);
    assert.deepEqual(!large.ok && [large.fault.code, large.fault.found], ['file-too-large', '100']);
  });

  it('is a regular one', { skip: isWindows }, () => {
    const pipe = join(temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const path of [pipe, temporaryFolder()]) {
      const read = readFile(path, 100);
      assert.deepEqual(!read.ok && [read.fault.code, read.fault.found], [
        'file-unreadable',
        'not a regular file',
      ]);
    }
  });
});

describe('a file that is written at once', () => {
  it('is there whole in the place of the earlier one', () => {
    const file = join(temporaryFolder(), 'report.csv');
    for (const bytes of [Buffer.alloc(100_000, 1), Buffer.from('short')]) {
      writeFileAtomically(file, bytes);
      assert.deepEqual(readFileSync(file), bytes);
    }
    assert(!existsSync(`${file}.part`));
  });

  it('is for those for whom it is said', { skip: isWindows }, () => {
    const file = join(temporaryFolder(), 'file');
    writeFileAtomically(file, Buffer.from('x'), 0o600);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it('leaves the earlier one alone when the disk is full', { skip: noFullDisk }, () => {
    const file = join(temporaryFolder(), 'report.csv');
    writeFileSync(file, 'earlier');
    symlinkSync('/dev/full', `${file}.part`);
    assert.throws(() => writeFileAtomically(file, Buffer.from('later')), { code: 'ENOSPC' });
    assert.equal(readFileSync(file, 'utf8'), 'earlier');
    assert(!existsSync(`${file}.part`));
  });
});

describe('a folder', () => {
  it(
    'is made with those above it, for whom it is said, and may be there already',
    { skip: isWindows },
    () => {
      const top = join(temporaryFolder(), 'a');
      makeFolder(join(top, 'b', 'c'), 0o700);
      makeFolder(join(top, 'b', 'c'));
      for (const path of [top, join(top, 'b'), join(top, 'b', 'c')])
        assert.equal(statSync(path).mode & 0o777, 0o700);
    },
  );

  it('may be a link to one', { skip: isWindows }, () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'a'));
    symlinkSync('a', join(folder, 'link'));
    makeFolder(join(folder, 'link', 'b'));
    makeFolder(join(folder, 'link'));
    assert(existsSync(join(folder, 'a', 'b')));
  });

  it('is not made in the place of a file, or below one', () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    assert.throws(() => makeFolder(file), { code: 'EEXIST' });
    assert.throws(() => makeFolder(join(file, 'a')), { code: isWindows ? 'ENOENT' : 'ENOTDIR' });
  });

  it('is not tried for ever where none can be made', { skip: process.platform !== 'linux' }, () => {
    assert.throws(() => makeFolder('/proc/a/b'), { code: 'ENOENT' });
  });
});

describe('the code of an error', () => {
  it("is the system's, and unknown where there is none, which may be a bug", () => {
    const error = Object.assign(new Error('no room'), { code: 'ENOSPC' });
    assert.deepEqual([errorCode(error), systemErrorCode(error)], ['ENOSPC', 'ENOSPC']);
    const bug = new Error('bug');
    assert.equal(errorCode(bug), 'unknown');
    assert.throws(() => systemErrorCode(bug), bug);
  });
});
