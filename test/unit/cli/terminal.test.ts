import { memoryOf } from '../../kit/memory.ts';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { after, before, describe, it, mock } from 'node:test';
import { readPassphrase } from '../../../main/cli/terminal.ts';

/** What the user types, byte by byte, at a terminal that is not there. */
let typed = Buffer.alloc(0);
const rawModes: boolean[] = [];

before(() => {
  const { openSync, readSync, closeSync } = fs;
  const terminal = -7;
  mock.method(fs, 'openSync', (path: fs.PathLike, flags: fs.OpenMode) =>
    path === '/dev/tty' ? terminal : openSync(path, flags),
  );
  mock.method(fs, 'readSync', (file: number, into: Buffer, at: number, length: number, from: null) => {
    if (file !== terminal && file !== 0) return readSync(file, into, at, length, from);
    const count = typed.copy(into, at, 0, length);
    typed = typed.subarray(count);
    return count;
  });
  mock.method(fs, 'closeSync', (file: number) => file === terminal || closeSync(file));
  mock.method(process.stderr, 'write', () => true);
  Object.assign(process.stdin, {
    isTTY: true,
    setRawMode: (isRaw: boolean) => void rawModes.push(isRaw),
  });
  syncBuiltinESMExports();
});
after(() => {
  mock.restoreAll();
  syncBuiltinESMExports();
});

describe('a passphrase that is typed', () => {
  const cases: readonly (readonly [string, typed: string, passphrase: string])[] = [
    ['ends with Enter', 'correct horse battery\rrest', 'correct horse battery'],
    ['ends with a line feed', 'correct horse battery\nrest', 'correct horse battery'],
    ['ends with Ctrl-D', 'correct horse battery\x04rest', 'correct horse battery'],
    ['ends with the terminal', 'correct horse battery', 'correct horse battery'],
    ['has whole characters taken back', 'correct hö\x7f\x08orse €\x7fbattery\r', 'correct orse battery'],
    ['has no more taken back than there is', '\x7f\x7fcorrect horse\r', 'correct horse'],
    ['is cut at 4095 bytes', `${'x'.repeat(5000)}\r`, 'x'.repeat(4095)],
  ];
  for (const [name, keys, passphrase] of cases) {
    it(`${name}, and is in no buffer but the one that is given`, async () => {
      delete process.env['SITESEAL_PASSPHRASE'];
      typed = Buffer.from(keys);
      rawModes.length = 0;
      const memory = await memoryOf(() => readPassphrase(undefined, 'Passphrase: '));
      assert(memory.value.ok && memory.value.value);
      assert.equal(Buffer.from(memory.value.value).toString(), passphrase);
      memory.assertWiped([Buffer.from(passphrase)], [memory.value.value]);
      assert.deepEqual(rawModes, [true, false]);
    });
  }
});
