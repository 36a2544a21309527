import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { describe, it } from 'node:test';
import { addFold, list, type ListRequest } from '../../../main/store/list.ts';

const database = new Database(':memory:');
addFold(database);
database.exec('CREATE TABLE site (id INTEGER, name TEXT, town TEXT)');
const add = database.prepare('INSERT INTO site VALUES (?, ?, ?)');
const towns = ['Lund', 'lund', 'Kiruna', '100%', 'a_b', 'a\\b', 'axb', 'ÖSTERSUND', 'östersund'];
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
    ['', [1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['LUND', [1, 2]],
    ['iru', [3]],
    ['site 2', [2, 5, 8]],
    ['östersund', [8, 9]],
    ['ÖSTERSUND', [8, 9]],
    ['STERSUND', [8, 9]],
    ['ostersund', []],
    ['%', [4]],
    ['_', [5]],
    ['\\', [6]],
    ["'", []],
  ];
  for (const [filter, ids] of filters)
    it(`has the rows that contain ${JSON.stringify(filter)} in one of the columns`, () =>
      assert.deepEqual(ask({ filter }), [ids.length, ...ids]));

  it('is sorted, either way, and its equal rows by the last column', () => {
    assert.deepEqual(ask({ descending: true }), [9, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    assert.deepEqual(ask({ sort: 'name' }), [9, 7, 4, 1, 8, 5, 2, 9, 6, 3]);
    assert.deepEqual(ask({ sort: 'name', descending: true }), [9, 9, 6, 3, 8, 5, 2, 7, 4, 1]);
  });

  it('is given in parts, whose total is that of the whole', () => {
    assert.deepEqual(ask({ offset: 2, limit: 3 }), [9, 3, 4, 5]);
    assert.deepEqual(ask({ offset: 8, limit: 3 }), [9, 9]);
    assert.deepEqual(ask({ offset: 9, limit: 3 }), [9]);
  });

  it('keeps to a further condition, with a filter and without', () => {
    assert.deepEqual(ask({}, 'id = ? OR id = ?', [1, 4]), [2, 1, 4]);
    assert.deepEqual(ask({ filter: 'lund' }, 'id = ? OR id = ?', [1, 4]), [1, 1]);
  });

  it('is never sorted by what it does not name', () => {
    for (const sort of ['town', 'id; DROP TABLE site']) assert.throws(() => ask({ sort }), /Cannot sort/);
  });
});
