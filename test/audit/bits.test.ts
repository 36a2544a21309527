import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { it } from 'node:test';
import { flipped } from '../kit/flips.ts';
import { change, copyOf, makeLog, openLogAt, verify } from '../kit/log-attack.ts';

/** The columns of the log's tables, with the key of each. */
const tables = {
  log: { key: 'sequence', columns: ['sequence', 'entry'] },
  log_checkpoint: { key: 'size', columns: ['size', 'checkpoint', 'kind'] },
  log_head: {
    key: 'one',
    columns: ['size', 'subtrees', 'checkpoint', 'origin', 'key', 'epoch', 'key_since', 'last_time'],
  },
} as const;

for (const [table, { key, columns }] of Object.entries(tables))
  it(`every bit of every row of ${table} counts: one that is flipped is found`, async () => {
    const folder = copyOf(makeLog().folder);
    change(folder, () => undefined);
    const opened = openLogAt(folder);
    assert.equal((await verify(opened)).intact, true);
    const database = new Database(join(folder, 'siteseal.db'));
    database.defaultSafeIntegers();
    database.pragma('synchronous = OFF');
    const rows = database.prepare<[], Record<string, bigint | string>>(`SELECT * FROM ${table}`).all();
    let count = 0;
    const taken = new Set(rows.map((row) => row[key]));
    for (const row of rows)
      for (const column of columns) {
        const value = row[column] ?? '';
        const type = typeof value === 'string' ? 'TEXT' : 'INTEGER';
        const set = database.prepare(`UPDATE ${table} SET ${column} = CAST(? AS ${type}) WHERE ${key} = ?`);
        for (const other of flips(value)) {
          // SQLite itself refuses two rows with one key.
          if (column === key && taken.has(other as bigint)) continue;
          const at = row[key];
          set.run(other, at);
          const { intact } = await verify(opened);
          assert(!intact, `${table}.${column} of ${at}: ${Buffer.from(String(other)).toString()}`);
          set.run(value, column === key ? other : at);
          count++;
        }
      }
    database.close();
    assert.equal((await verify(opened)).intact, true);
    assert(count > 500, String(count));
  });

/** A value with each of its bits flipped: a text as its bytes, a number as SQLite's 64 bits. */
function* flips(value: string | bigint): Iterable<bigint | Uint8Array> {
  if (typeof value === 'bigint')
    for (let bit = 0n; bit < 64n; bit++) yield BigInt.asIntN(64, value ^ (1n << bit));
  else {
    const bytes = Buffer.from(value);
    for (let bit = 0; bit < 8 * bytes.length; bit++) yield flipped(bytes, bit);
  }
}
