import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { describe, it } from 'node:test';
import { list, type ListRequest } from '../../../main/store/list.ts';

const database = new Database(':memory:');
database.exec('CREATE TABLE site (id INTEGER, name TEXT, town TEXT)');
const add = database.prepare('INSERT INTO site VALUES (?, ?, ?)');
const towns = ['Lund', 'lund', 'Kiruna', '100%', 'a_b', 'a\\b', 'axb'];
for (const [index, town] of towns.entries()) add.run(index + 1, `Site ${(index % 3) + 1}`, town);

const source = {
  table: 'site',
  sorts: { id: 'id', name: 'name' },
  searched: ['name', 'town'],
  tieBreak: 'id DESC',
  decode: (row: { id: number }) => row,
};
const all: ListRequest = { filter: '', sort: 'id', descending: false, offset: 0, limit: 100 };

/** The total, and the numbers of the rows. */
function ask(request: Partial<ListRequest>, condition?: string, parameters?: readonly number[]) {
  const { total, rows } = list<{ id: number }>(
    database,
    source,
    { ...all, ...request },
    condition,
    parameters,
  );
  return [total, ...rows.map(({ id }) => id)];
}

describe('a list', () => {
  const filters: readonly (readonly [filter: string, ids: readonly number[]])[] = [
    ['', [1, 2, 3, 4, 5, 6, 7]],
    ['LUND', [1, 2]],
    ['iru', [3]],
    ['site 2', [2, 5]],
    ['%', [4]],
    ['_', [5]],
    ['\\', [6]],
    ["'", []],
  ];
  for (const [filter, ids] of filters)
    it(`has the rows that contain ${JSON.stringify(filter)} in one of the columns`, () =>
      assert.deepEqual(ask({ filter }), [ids.length, ...ids]));

  it('is sorted, either way, and its equal rows by the last column', () => {
    assert.deepEqual(ask({ descending: true }), [7, 7, 6, 5, 4, 3, 2, 1]);
    assert.deepEqual(ask({ sort: 'name' }), [7, 7, 4, 1, 5, 2, 6, 3]);
    assert.deepEqual(ask({ sort: 'name', descending: true }), [7, 6, 3, 5, 2, 7, 4, 1]);
  });

  it('is given in parts, whose total is that of the whole', () => {
    assert.deepEqual(ask({ offset: 2, limit: 3 }), [7, 3, 4, 5]);
    assert.deepEqual(ask({ offset: 6, limit: 3 }), [7, 7]);
    assert.deepEqual(ask({ offset: 7, limit: 3 }), [7]);
  });

  it('keeps to a further condition, with a filter and without', () => {
    assert.deepEqual(ask({}, 'id = ? OR id = ?', [1, 4]), [2, 1, 4]);
    assert.deepEqual(ask({ filter: 'lund' }, 'id = ? OR id = ?', [1, 4]), [1, 1]);
  });

  it('is never sorted by what it does not name', () => {
    for (const sort of ['town', 'id; DROP TABLE site']) assert.throws(() => ask({ sort }), /Cannot sort/);
  });
});
