import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { discardStore, openStore } from '../../../main/store/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';

/** A folder with a closed store and another file, and the place aside. */
function folders() {
  const home = temporaryFolder();
  const folder = join(home, 'training');
  const store = openStore(folder);
  assert(store.ok);
  store.value.close();
  writeFileSync(join(folder, 'other'), 'other');
  return { home, folder, aside: `${folder}-old` };
}

test('a store goes with everything in its folder, and with what a crash left aside', () => {
  const { home, folder, aside } = folders();
  mkdirSync(join(aside, 'left'), { recursive: true });
  assert.deepEqual(discardStore(folder, aside), { ok: true, value: undefined });
  assert.deepEqual(readdirSync(home), []);
  assert.deepEqual(discardStore(folder, aside), { ok: true, value: undefined });
});

test('a damaged store goes too', () => {
  const { home, folder, aside } = folders();
  writeFileSync(join(folder, 'siteseal.db'), 'not a database'.repeat(100));
  assert(discardStore(folder, aside).ok);
  assert.deepEqual(readdirSync(home), []);
});

const holder = `
  const Database = require('better-sqlite3');
  const database = new Database(process.argv[1]);
  database.prepare('SELECT count(*) FROM job').get();
  process.stdout.write('open');
  process.stdin.resume();
`;

test('a store that another process has open stays, even if that process does nothing', async (context) => {
  const { folder, aside } = folders();
  const other = spawn(process.execPath, ['-e', holder, join(folder, 'siteseal.db')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  context.after(() => other.kill());
  await once(other.stdout, 'data');
  const discarded = discardStore(folder, aside);
  assert.equal(!discarded.ok && discarded.fault.code, 'store-locked');
  if (process.platform === 'linux') {
    assert.match((!discarded.ok && discarded.fault.found) || '', new RegExp(`^process ${other.pid} `));
  }
  assert.ok(existsSync(join(folder, 'other')));
  other.stdin.end();
  await once(other, 'exit');
  assert(discardStore(folder, aside).ok);
});

test('a folder that cannot be moved stays', () => {
  const { folder, aside } = folders();
  const discarded = discardStore(folder, join(aside, 'missing', 'folder'));
  assert.equal(!discarded.ok && discarded.fault.code, 'store-unusable');
  assert.ok(existsSync(join(folder, 'siteseal.db')));
});
