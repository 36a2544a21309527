import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs, {
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import {
  errorCode,
  makeFolder,
  readFile,
  systemErrorCode,
  writeFileAtomically,
} from '../../../main/files/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';

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

/** What can lie under the temporary name of a file that is to be written. */
const planted: readonly (readonly [name: string, plant: (part: string, victim: string) => void])[] = [
  ['what a killed process left', (part) => writeFileSync(part, 'a half, and longer than the whole')],
  ['a link to a file', (part, victim) => symlinkSync(victim, part)],
  ['a second name of a file', (part, victim) => linkSync(victim, part)],
  ['a link to a folder', (part, victim) => symlinkSync(dirname(victim), part)],
  ['a link that leads nowhere yet', (part, victim) => symlinkSync(`${victim}-new`, part)],
  ['a link to itself', (part) => symlinkSync(part, part)],
  ['a pipe', (part) => execFileSync('mkfifo', [part])],
];

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

  it('leaves the earlier one alone when the disk is full', (context) => {
    const file = join(temporaryFolder(), 'report.csv');
    writeFileSync(file, 'earlier');
    context.mock.method(fs, 'fsyncSync', () => {
      throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
    });
    syncBuiltinESMExports();
    assert.throws(() => writeFileAtomically(file, Buffer.from('later')), { code: 'ENOSPC' });
    context.mock.restoreAll();
    syncBuiltinESMExports();
    assert.equal(readFileSync(file, 'utf8'), 'earlier');
    assert(!existsSync(`${file}.part`));
  });

  for (const [name, plant] of planted) {
    it(`is a new one, whatever lies under its temporary name: ${name}`, { skip: isWindows }, () => {
      const folder = temporaryFolder();
      const file = join(folder, 'report.csv');
      const victim = join(temporaryFolder(), 'victim');
      writeFileSync(victim, 'theirs', { mode: 0o640 });
      plant(`${file}.part`, victim);
      writeFileAtomically(file, Buffer.from('ours'), 0o600);
      assert.equal(readFileSync(file, 'utf8'), 'ours');
      const { mode, nlink } = lstatSync(file);
      assert.deepEqual([mode & 0o777, nlink], [0o600, 1]);
      assert.deepEqual(readdirSync(folder), ['report.csv']);
      assert.deepEqual([readFileSync(victim, 'utf8'), statSync(victim).mode & 0o777], ['theirs', 0o640]);
      assert.deepEqual(readdirSync(dirname(victim)), ['victim'], 'nor is anything new beside it');
    });
  }

  it('takes the place of a link, and leaves what it led to alone', { skip: isWindows }, () => {
    const file = join(temporaryFolder(), 'report.csv');
    const victim = join(temporaryFolder(), 'victim');
    writeFileSync(victim, 'theirs');
    symlinkSync(victim, file);
    writeFileAtomically(file, Buffer.from('ours'));
    assert.deepEqual([readFileSync(file, 'utf8'), readFileSync(victim, 'utf8')], ['ours', 'theirs']);
  });

  it('is refused where a folder has its temporary name', () => {
    const file = join(temporaryFolder(), 'report.csv');
    mkdirSync(`${file}.part`);
    assert.throws(() => writeFileAtomically(file, Buffer.from('ours')), { code: /^(EISDIR|EPERM)$/ });
    assert(!existsSync(file));
  });

  it('is not written to what is planted in the moment between', { skip: isWindows }, (context) => {
    const file = join(temporaryFolder(), 'report.csv');
    const victim = join(temporaryFolder(), 'victim');
    writeFileSync(victim, 'theirs');
    symlinkSync(victim, `${file}.part`);
    context.mock.method(fs, 'unlinkSync', () => undefined); // it is there again at once
    syncBuiltinESMExports();
    assert.throws(() => writeFileAtomically(file, Buffer.from('ours')), { code: 'EEXIST' });
    context.mock.restoreAll();
    syncBuiltinESMExports();
    assert.deepEqual([existsSync(file), readFileSync(victim, 'utf8')], [false, 'theirs']);
  });
});

describe('a file below a folder where no link is followed', { skip: isWindows }, () => {
  /** A given folder with `sub/file`, and a folder elsewhere with the same names. */
  function scene() {
    const [given, elsewhere] = [temporaryFolder(), temporaryFolder()];
    for (const [folder, text] of [
      [given, 'ours'],
      [elsewhere, 'secret'],
    ] as const) {
      mkdirSync(join(folder, 'sub'));
      writeFileSync(join(folder, 'sub', 'file'), text);
    }
    return { given, elsewhere, file: join(given, 'sub', 'file') };
  }
  const swaps = {
    file: ({ file, elsewhere }: ReturnType<typeof scene>) => {
      rmSync(file);
      symlinkSync(join(elsewhere, 'sub', 'file'), file);
    },
    folder: ({ given, elsewhere }: ReturnType<typeof scene>) => {
      rmSync(join(given, 'sub'), { recursive: true });
      symlinkSync(join(elsewhere, 'sub'), join(given, 'sub'));
    },
  };

  it('is read, and so is one outside of it through a link', () => {
    const { given, elsewhere, file } = scene();
    assert.deepEqual(readFile(file, 100, [elsewhere, given]), { ok: true, value: Buffer.from('ours') });
    const link = join(temporaryFolder(), 'link');
    symlinkSync(file, link);
    assert.deepEqual(readFile(link, 100, [given]), { ok: true, value: Buffer.from('ours') });
    assert.equal(readFile(file, 100).ok, true);
  });

  for (const name of ['file', 'folder'] as const) {
    it(`is not read through a link in the place of the ${name}`, () => {
      const at = scene();
      swaps[name](at);
      const read = readFile(at.file, 100, [at.given]);
      assert.deepEqual(!read.ok && [read.fault.code, read.fault.found], [
        'file-unreadable',
        'a symbolic link',
      ]);
    });

    it(`is not read when a link stands in the place of the ${name} only while it is opened`, (context) => {
      const at = scene();
      const { openSync: open } = fs;
      context.mock.method(fs, 'openSync', (path: string, flags: number) => {
        rmSync(join(at.given, 'kept'), { force: true, recursive: true });
        cpSync(join(at.given, 'sub'), join(at.given, 'kept'), { recursive: true });
        swaps[name](at);
        const descriptor = open(path, flags);
        rmSync(join(at.given, 'sub'), { recursive: true });
        renameSync(join(at.given, 'kept'), join(at.given, 'sub'));
        return descriptor;
      });
      syncBuiltinESMExports();
      const read = readFile(at.file, 100, [at.given]);
      context.mock.restoreAll();
      syncBuiltinESMExports();
      assert.equal(readFileSync(at.file, 'utf8'), 'ours');
      assert.deepEqual(!read.ok && [read.fault.code, read.fault.found], [
        'file-unreadable',
        'a symbolic link',
      ]);
    });
  }

  it('is refused through a link that leads nowhere, to itself, or back into the folder', () => {
    const { given, file } = scene();
    for (const [name, target] of [
      ['nowhere', 'not there'],
      ['itself', 'itself'],
      ['back', file],
    ] as const) {
      symlinkSync(target, join(given, name));
      const read = readFile(join(given, name), 100, [given]);
      assert.equal(!read.ok && read.fault.found, 'a symbolic link', name);
    }
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
