import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { after, describe, it, mock } from 'node:test';
import { openStore, type Store } from '../../../main/store/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';

/** What `PRAGMA synchronous` answers: at FULL a transaction is flushed to disk before it returns. */
const forced = 2;
const unforced = 1;

// The pragma belongs to the connection, which the store keeps for itself.
const opened: Database.Database[] = [];
// eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
const prepare = Database.prototype.prepare;
mock.method(Database.prototype, 'prepare', function (this: Database.Database, source: string) {
  if (opened.at(-1) !== this) opened.push(this);
  return prepare.call(this, source);
});
after(() => mock.restoreAll());

/** A store, and how it writes at this moment. */
function open(folder: string) {
  const store = openStore(folder);
  assert(store.ok);
  const database = opened.at(-1);
  assert(database);
  const synchronous = () => database.pragma('synchronous', { simple: true });
  return { store: store.value, synchronous };
}

const note = (store: Store, lastSequence: number) =>
  store.enbs.note({
    hwType: '1.2.3',
    serialNumber: 'X1',
    last: { epoch: 0, sequence: lastSequence },
  });

describe('what the store has taken', () => {
  it('is flushed to disk, also in an existing store', () => {
    const folder = temporaryFolder();
    for (const name of ['made', 'opened again', 'and again']) {
      const { store, synchronous } = open(folder);
      assert.equal(synchronous(), forced, name);
      store.close();
    }
  });

  it('is flushed to disk in a store that another process has open', () => {
    const folder = temporaryFolder();
    const first = open(folder);
    assert.equal(open(folder).synchronous(), forced);
    assert.equal(first.synchronous(), forced);
  });

  it('is not forced in an unforcedTransaction, and is again after it', () => {
    const { store, synchronous } = open(temporaryFolder());
    const during = store.unforcedTransaction(() => {
      note(store, 1);
      return synchronous();
    });
    assert.deepEqual([during, synchronous()], [unforced, forced]);
    const failing = () =>
      store.unforcedTransaction(() => {
        throw new Error('a bug');
      });
    assert.throws(failing, /a bug/);
    assert.equal(synchronous(), forced);
    assert.equal(store.transaction(synchronous), forced);
  });

  it('is forced by an outer transaction, whatever is nested in it', () => {
    const { store, synchronous } = open(temporaryFolder());
    const seen = store.transaction(() => [
      synchronous(),
      store.unforcedTransaction(synchronous),
      synchronous(),
    ]);
    assert.deepEqual(seen, [forced, forced, forced]);
  });
});
