import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { explain } from '../../../main/words/index.ts';
import { openStore, storeFault } from '../../../main/store/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';

const holder = `
  const Database = require('better-sqlite3');
  const database = new Database(process.argv[1]);
  database.exec('BEGIN IMMEDIATE');
  process.stdout.write('locked');
  process.stdin.resume();
`;

/** What SQLite throws after it has waited for another process without success. */
const busy = Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' });

test(
  'a store that another process has locked names the process',
  { skip: process.platform !== 'linux' && 'only Linux lists locks' },
  async (context) => {
    const folder = temporaryFolder();
    const store = openStore(folder);
    assert(store.ok);
    context.after(() => store.value.close());
    assert.deepEqual(storeFault(busy).fault, { code: 'store-locked' });

    const other = spawn(process.execPath, ['-e', holder, join(folder, 'siteseal.db')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    context.after(() => other.kill());
    await once(other.stdout, 'data');
    const { fault } = storeFault(busy);
    assert.equal(fault.code, 'store-locked');
    assert.match(explain(fault).found ?? '', new RegExp(`^process ${other.pid} \\(.*(?:node|electron)`));

    other.stdin.end();
    await once(other, 'exit');
    assert.deepEqual(storeFault(busy).fault, { code: 'store-locked' });
  },
);
