import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs, {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { der } from '../../../main/asn1/index.ts';
import { BundleFiles, bundleFileNames } from '../../../main/office/bundle-files.ts';
import { hwType } from '../../kit/bundle.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { asOrdinaryUser } from '../../kit/ordinary-user.ts';

function names(...serialNumbers: readonly string[]): readonly string[] {
  return bundleFileNames(serialNumbers.map((serialNumber) => ({ hwType, serialNumber })));
}

/** The mark of the format's definition: the first 8 hex digits of SHA-256(DER hwType, serial). */
function mark(serialNumber: string, type = hwType): string {
  const octets = Buffer.concat([der.oid(type), Buffer.from(serialNumber)]);
  return createHash('sha256').update(octets).digest('hex').slice(0, 8);
}

describe('the file of a bundle', () => {
  it('is named by the serial number', () => {
    assert.deepEqual(names('LAB0001', 'a.b_c-d'), ['LAB0001.p7m', 'a.b_c-d.p7m']);
  });

  it('has a mark of the identity where two would clash without regard to case', () => {
    assert.deepEqual(names('ab1', 'AB1', 'ab2'), [
      `ab1~${mark('ab1')}.p7m`,
      `AB1~${mark('AB1')}.p7m`,
      'ab2.p7m',
    ]);
  });

  it('has a mark of the identity where two vendors have the same serial number', () => {
    const enbs = [hwType, '1.2.3'].map((type) => ({ hwType: type, serialNumber: 'X1' }));
    assert.deepEqual(bundleFileNames(enbs), [`X1~${mark('X1')}.p7m`, `X1~${mark('X1', '1.2.3')}.p7m`]);
  });

  it('has a mark of the identity where Windows reserves the name, with any extension', () => {
    for (const reserved of ['CON', 'con', 'Prn', 'aux', 'NUL', 'COM1', 'lpt9', 'nul.txt', 'com3.a.b']) {
      assert.deepEqual(names(reserved), [`${reserved}~${mark(reserved)}.p7m`]);
    }
    for (const free of ['CONS', 'COM', 'COM10', 'LPT', 'x.con', 'nul-1', 'aux_']) {
      assert.deepEqual(names(free), [`${free}.p7m`]);
    }
  });

  it('never has the name of another, without regard to case', () => {
    const serial = fc.stringMatching(/^[A-Ba-b0-1][A-Ba-b.~]{0,2}$/).map((text) => text.replaceAll('~', '_'));
    const enb = fc.record({ hwType: fc.constantFrom('1.2.3', '1.2.4'), serialNumber: serial });
    const enbs = fc.uniqueArray(enb, {
      selector: (one) => `${one.hwType} ${one.serialNumber}`,
      maxLength: 40,
    });
    fc.assert(
      fc.property(enbs, (list) => {
        const folded = bundleFileNames(list).map((name) => name.toLowerCase());
        assert.equal(new Set(folded).size, list.length);
      }),
    );
  });
});

describe('a folder of bundles', () => {
  function open() {
    const folder = join(temporaryFolder(), 'deep', 'bundles');
    const files = new BundleFiles(folder);
    assert(files.open().ok);
    return { folder, files };
  }

  it('holds each file whole, and no other, after it was flushed', async () => {
    const { folder, files } = open();
    const contents = Array.from({ length: 300 }, (_, index) => Buffer.alloc(300 * index, index));
    for (const [index, bytes] of contents.entries()) assert((await files.write(`${index}.p7m`, bytes)).ok);
    assert((await files.flush()).ok);
    const listed = files.list();
    assert(listed.ok);
    assert.deepEqual([...listed.value].sort(), readdirSync(folder).sort());
    assert.equal(listed.value.size, 300);
    for (const [index, bytes] of contents.entries()) {
      assert.deepEqual(readFileSync(join(folder, `${index}.p7m`)), bytes);
    }
  });

  it('lists nothing before it is there', () => {
    const listed = new BundleFiles(join(temporaryFolder(), 'none')).list();
    assert(listed.ok);
    assert.equal(listed.value.size, 0);
  });

  it('is cleared of what was half written when it is opened, and of nothing else', () => {
    const { folder, files } = open();
    for (const name of ['a.p7m', 'a.p7m.part', 'film.part', 'notes.txt'])
      writeFileSync(join(folder, name), 'x');
    mkdirSync(join(folder, 'folder.part'));
    assert(files.open().ok);
    assert.deepEqual(readdirSync(folder).sort(), ['a.p7m', 'film.part', 'folder.part', 'notes.txt']);
  });

  it('does not go through a link: neither of a bundle that is to be written, nor of the folder', async () => {
    const { folder, files } = open();
    const elsewhere = temporaryFolder();
    const victim = join(elsewhere, 'victim');
    writeFileSync(victim, 'theirs');
    symlinkSync(victim, join(folder, 'a.p7m.part'));
    symlinkSync(victim, join(folder, 'b.p7m'));
    await files.write('a.p7m', Buffer.from('a'));
    await files.write('b.p7m', Buffer.from('b'));
    assert((await files.flush()).ok);
    assert.deepEqual(
      ['a.p7m', 'b.p7m'].map((name) => readFileSync(join(folder, name), 'utf8')),
      ['a', 'b'],
    );
    assert.equal(readFileSync(victim, 'utf8'), 'theirs');
    const link = join(temporaryFolder(), 'bundles');
    symlinkSync(elsewhere, link);
    const opened = new BundleFiles(link).open();
    assert.deepEqual(!opened.ok && [opened.fault.code, opened.fault.found], [
      'output-unwritable',
      'a symbolic link',
    ]);
  });

  it('on a full disk keeps nothing half written, and says ENOSPC', async (context) => {
    const { folder, files } = open();
    await files.write('whole.p7m', Buffer.from('whole'));
    await files.write('half.p7m', Buffer.from('half'));
    const { writeFileSync: write } = fs;
    context.mock.method(fs, 'writeFileSync', (file: number, bytes: Uint8Array) => {
      if (Buffer.from(bytes).toString() === 'whole') return write(file, bytes);
      write(file, bytes.subarray(0, 2));
      throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
    });
    syncBuiltinESMExports();
    const written = await files.flush();
    context.mock.restoreAll();
    syncBuiltinESMExports();
    assert(!written.ok);
    assert.deepEqual(
      [written.fault.code, written.fault.found, written.fault.where],
      ['output-unwritable', 'ENOSPC', { file: folder }],
    );
    assert(!(await files.write('later.p7m', Buffer.from('later'))).ok);
    assert(!(await files.flush()).ok);
    assert(!readdirSync(folder).some((name) => name.endsWith('.part') || name === 'half.p7m'));
    assert.equal(readFileSync(join(folder, 'whole.p7m'), 'utf8'), 'whole');
  });

  it('that has gone, or was never one, is output-unwritable', async () => {
    const { folder, files } = open();
    rmSync(folder, { recursive: true });
    await files.write('a.p7m', Buffer.from('x'));
    const written = await files.flush();
    assert.deepEqual(!written.ok && [written.fault.code, written.fault.found], [
      'output-unwritable',
      'ENOENT',
    ]);
    assert(!(await files.flush()).ok);
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    for (const path of [file, join(file, 'bundles')]) {
      const opened = new BundleFiles(path).open();
      assert.equal(!opened.ok && opened.fault.code, 'output-unwritable');
    }
    const listed = new BundleFiles(file).list();
    assert.equal(!listed.ok && listed.fault.found, 'ENOTDIR');
  });

  it('that may not be written is output-unwritable', { skip: process.platform === 'win32' }, () => {
    const opened = asOrdinaryUser(() => {
      const folder = temporaryFolder();
      chmodSync(folder, 0o500);
      return new BundleFiles(join(folder, 'bundles')).open();
    });
    assert.deepEqual(!opened.ok && [opened.fault.code, opened.fault.found], ['output-unwritable', 'EACCES']);
  });
});
