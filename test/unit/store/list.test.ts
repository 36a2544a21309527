import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { describe, it } from 'node:test';
import { addFold, lastAnswer, list, pageOf, type ListRequest } from '../../../main/store/list.ts';

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
function ask(request: Partial<ListRequest>) {
  const { total, rows } = list<{ id: number }>(database, source, { ...all, ...request });
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

  it('is never sorted by what it does not name', () => {
    for (const sort of ['town', 'id; DROP TABLE site']) assert.throws(() => ask({ sort }), /Cannot sort/);
  });
});

describe('the last answer', () => {
  it('is kept until another question is asked', () => {
    const ask = lastAnswer<number>(database);
    let found = 0;
    const answers = ['a', 'a', 'b', 'b', 'a'].map((question) => ask([question], () => (found += 1)));
    assert.deepEqual(answers, [1, 1, 2, 2, 3]);
  });

  it('is not kept from a transaction, which may be undone, nor within one', () => {
    const ask = lastAnswer<number>(database);
    let found = 0;
    const answer = () => ask([], () => (found += 1));
    database.transaction(() => assert.deepEqual([answer(), answer()], [1, 2]))();
    assert.deepEqual([answer(), answer()], [3, 3]);
    database.transaction(() => assert.equal(answer(), 4))();
  });
});

describe('a page of a whole list', () => {
  it('has the requested part, as far as there is one', () => {
    const whole = [1, 2, 3, 4];
    assert.deepEqual(pageOf(whole, { offset: 1, limit: 2 }), [2, 3]);
    assert.deepEqual(pageOf(whole, { offset: 3, limit: 2 }), [4]);
    assert.deepEqual(pageOf(whole, { offset: 4, limit: 2 }), []);
    assert.deepEqual(pageOf(whole, { offset: 1, limit: -1 }), [2, 3, 4]);
  });
});
