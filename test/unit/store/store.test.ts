import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  openStore,
  storeFault,
  type EnbRecord,
  type EpochSequence,
  type Store,
} from '../../../main/store/index.ts';
import { migrations } from '../../../main/store/schema.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { logTexts } from '../../kit/log.ts';
import { asOrdinaryUser } from '../../kit/ordinary-user.ts';

function open(folder = temporaryFolder()): Store {
  const store = openStore(folder);
  assert(store.ok, JSON.stringify(store));
  return store.value;
}

/** The database behind the store, for doing to it what the store never does. */
function rawDatabase(folder: string): Database.Database {
  return new Database(join(folder, 'siteseal.db'));
}

/** A sequence number in the epoch of version 1. */
const at = (sequence: number, epoch = 0): EpochSequence => ({ epoch, sequence });

const enb: EnbRecord = { hwType: '1.2.3', serialNumber: 'X1', last: { epoch: 0, sequence: 0 } };
const now = new Date('2026-11-15T12:00:00Z');

const vendorRoot = {
  fingerprint: '0'.repeat(64),
  certificate: Uint8Array.of(0),
  intermediates: [],
  trustedAt: now.toISOString(),
};

function jobOf(place: number, site: string) {
  return {
    id: `job-${place}`,
    siteId: site,
    siteName: 'Harbour',
    hwType: '1.2.3',
    serialNumber: `X${place}`,
    operator: 'Example Mobile',
    epoch: 0,
    sequence: 1,
    validFrom: now.toISOString(),
    validUntil: now.toISOString(),
    bundle: Uint8Array.of(place),
    bundleSha256: String(place).repeat(64),
    rootFingerprint: vendorRoot.fingerprint,
    addedAt: now.toISOString(),
  };
}

describe('a store', () => {
  it('is created if it is missing, for this user only', { skip: process.platform === 'win32' }, () => {
    const folder = join(temporaryFolder(), 'deep', 'home');
    const store = open(folder);
    store.enbs.note(enb);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    for (const name of ['siteseal.db', 'siteseal.db-wal', 'siteseal.db-shm']) {
      assert.equal(statSync(join(folder, name)).mode & 0o077, 0, name);
    }
    store.close();
  });

  it('is refused where no folder can be made', { skip: process.platform !== 'linux' }, () => {
    const store = openStore('/proc/siteseal');
    assert.deepEqual(!store.ok && [store.fault.code, store.fault.found], ['store-unusable', 'ENOENT']);
  });

  it('is there again after it was closed', () => {
    const folder = temporaryFolder();
    const first = open(folder);
    first.enbs.note({ ...enb, last: at(7) });
    first.close();
    assert.deepEqual(open(folder).enbs.lastSequence('1.2.3', 'X1'), at(7));
  });

  it('has one job of a bundle, also when another process adds it at the same moment', () => {
    const folder = temporaryFolder();
    const store = open(folder);
    store.vendorRoots.trust(vendorRoot);
    const columns = Object.keys(jobOf(1, 'S1'))
      .filter((name) => name !== 'id')
      .map((name) => name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
    rawDatabase(folder).exec(`CREATE TRIGGER other BEFORE INSERT ON job WHEN NEW.id = 'job-1' BEGIN
      INSERT INTO job (id, ${columns.join()}) VALUES ('others', ${columns.map((name) => `NEW.${name}`).join()});
    END`);
    assert.deepEqual(store.jobs.add(jobOf(1, 'S1')), { id: 'others', isNew: false });
    assert.deepEqual(store.jobs.add({ ...jobOf(1, 'S1'), id: 'job-2' }), { id: 'others', isNew: false });
  });

  it('of a later version is store-newer, and is left as it is', () => {
    const folder = temporaryFolder();
    open(folder).close();
    const database = rawDatabase(folder);
    database.pragma(`user_version = ${migrations.length + 1}`);
    database.close();
    const before = readFileSync(join(folder, 'siteseal.db'));
    const store = openStore(folder);
    assert.deepEqual(!store.ok && [store.fault.code, store.fault.where], [
      'store-newer',
      { file: join(folder, 'siteseal.db') },
    ]);
    assert.deepEqual(readFileSync(join(folder, 'siteseal.db')), before);
  });

  it('that is garbage, a folder, or behind a file is store-unusable', () => {
    const garbage = temporaryFolder();
    writeFileSync(join(garbage, 'siteseal.db'), 'no database '.repeat(1000));
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'siteseal.db'));
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    for (const [path, found] of [
      [garbage, 'SQLITE_NOTADB'],
      [folder, 'SQLITE_CANTOPEN'],
      [file, 'EEXIST'],
      [join(file, 'home'), 'ENOTDIR'],
    ] as const) {
      const store = openStore(path);
      assert.deepEqual(!store.ok && [store.fault.code, store.fault.found], ['store-unusable', found]);
    }
  });

  it('that may not be written is store-unusable', { skip: process.platform === 'win32' }, () => {
    const store = asOrdinaryUser(() => {
      const folder = temporaryFolder();
      chmodSync(folder, 0o500);
      return openStore(folder);
    });
    assert.deepEqual(!store.ok && [store.fault.code, store.fault.found], [
      'store-unusable',
      'SQLITE_CANTOPEN',
    ]);
  });

  for (const outer of ['transaction', 'unforcedTransaction'] as const) {
    for (const inner of ['transaction', 'unforcedTransaction'] as const) {
      it(`keeps all of a ${outer} with a ${inner} inside, or nothing`, () => {
        const folder = temporaryFolder();
        const store = open(folder);
        const run = (end: () => void) =>
          store[outer](() => {
            store.enbs.note({ ...enb, last: at(1) });
            store[inner](() => appendTo(store, '{}'));
            end();
          });
        const isBug = () => {
          throw new Error('a bug');
        };
        assert.throws(() => run(isBug), /a bug/);
        assert.deepEqual(store.enbs.lastSequence('1.2.3', 'X1'), at(0));
        assert.deepEqual(logTexts(store), []);
        run(() => undefined);
        assert.deepEqual(open(folder).enbs.lastSequence('1.2.3', 'X1'), at(1));
        assert.deepEqual(logTexts(open(folder)), ['{}']);
      });
    }
  }

  it('that fails while it is in use is store-unusable; every other exception is a bug', () => {
    const folder = temporaryFolder();
    const store = open(folder);
    const other = rawDatabase(folder);
    other.pragma('query_only = ON');
    for (const [database, code] of [[other, 'SQLITE_READONLY']] as const) {
      const refusal = refusalOf(() => database.exec("INSERT INTO lease VALUES ('x', 1, 'b', 'now')"));
      assert.deepEqual([refusal.fault.code, refusal.fault.found], ['store-unusable', code]);
    }
    assert.throws(() => refusalOf(() => appendTo(store, null as unknown as string)), /NOT NULL/);
    assert.throws(() => storeFault(new TypeError('a bug')), /a bug/);
  });

  function refusalOf(work: () => unknown) {
    try {
      work();
    } catch (error) {
      return storeFault(error);
    }
    return assert.fail('Nothing was thrown');
  }
});

describe('the eNBs of a store', () => {
  it('are told apart by hardware type and serial number, case and all', () => {
    const store = open();
    store.enbs.note({ ...enb, last: at(1) });
    store.enbs.note({ ...enb, hwType: '1.2.4', last: at(2) });
    store.enbs.note({ ...enb, serialNumber: 'x1', last: at(3) });
    assert.deepEqual(
      [
        store.enbs.lastSequence('1.2.3', 'X1'),
        store.enbs.lastSequence('1.2.4', 'X1'),
        store.enbs.lastSequence('1.2.3', 'x1'),
      ],
      [at(1), at(2), at(3)],
    );
    assert.deepEqual(store.enbs.lastSequence('1.2.5', 'X1'), at(0));
  });

  it('never get a lower sequence number', () => {
    const store = open();
    for (const lastSequence of [5, 3, 0]) {
      store.enbs.note({ ...enb, last: at(lastSequence) });
      assert.deepEqual(store.enbs.lastSequence('1.2.3', 'X1'), at(5));
    }
    store.enbs.note({ ...enb, last: at(Number.MAX_SAFE_INTEGER) });
    assert.deepEqual(store.enbs.lastSequence('1.2.3', 'X1'), at(Number.MAX_SAFE_INTEGER));
  });

  it('start their sequence again in a higher epoch, and keep it when a lower one is noted', () => {
    const store = open();
    store.enbs.note({ ...enb, last: at(500) });
    store.enbs.note({ ...enb, last: at(1, 2) });
    assert.deepEqual(store.enbs.lastSequence('1.2.3', 'X1'), at(1, 2));
    store.enbs.note({ ...enb, last: at(900, 1) });
    store.enbs.raiseSequence(enb, at(900, 1));
    assert.deepEqual(store.enbs.lastSequence('1.2.3', 'X1'), at(1, 2));
    store.enbs.raiseSequence(enb, at(2 ** 20 + 1, 3));
    assert.deepEqual(
      store.enbs.lastSequence('1.2.3', 'X1'),
      at(1, 2),
      'a jump in a new epoch is no less of one',
    );
    store.enbs.raiseSequence(enb, at(2 ** 20, 3));
    assert.deepEqual(store.enbs.lastSequence('1.2.3', 'X1'), at(2 ** 20, 3));
  });

  it('take the sequence number that a receipt reports, but no jump of more than 2^20', () => {
    const store = open();
    const sequence = () => store.enbs.lastSequence('1.2.3', 'X1').sequence;
    const steps: readonly (readonly [told: number, then: number])[] = [
      [2 ** 20 + 1, 0],
      [2 ** 20, 2 ** 20],
      [5, 2 ** 20],
      [2 ** 21, 2 ** 21],
      [2 ** 21 + 2 ** 20 + 1, 2 ** 21],
      [Number.MAX_SAFE_INTEGER, 2 ** 21],
    ];
    for (const [told, then] of steps) {
      store.enbs.raiseSequence(enb, at(told));
      assert.equal(sequence(), then, String(told));
    }
    assert.deepEqual(store.enbs.lastSequence('1.2.4', 'X1'), at(0));
    store.enbs.note({ ...enb, last: at(1) });
    assert.equal(sequence(), 2 ** 21);
  });
});

describe('the certificates of eNBs in a store', () => {
  const record = { hwType: '1.2.3', serialNumber: 'X1', certificate: Uint8Array.of(1, 2) };
  const found = ({ enbCertificates }: Store, serial = 'X1') =>
    enbCertificates.bySerialNumber(serial).map((certificate) => [...certificate]);

  it('are found by serial number, whatever hardware type and vendor', () => {
    const store = open();
    store.enbCertificates.add(record);
    store.enbCertificates.add({ ...record, certificate: Uint8Array.of(3) });
    store.enbCertificates.add({ ...record, hwType: '1.2.4', certificate: Uint8Array.of(4) });
    store.enbCertificates.add({ ...record, serialNumber: 'x1' });
    assert.deepEqual([found(store), found(store, 'X2')], [[[1, 2], [3], [4]], []]);
    const ofOne = store.enbCertificates.of({ hwType: '1.2.4', serialNumber: 'X1' });
    assert.deepEqual(
      ofOne.map((certificate) => [...certificate]),
      [[4]],
    );
  });

  it('are there once each, until they are removed', () => {
    const store = open();
    for (let times = 0; times < 2; times++) store.enbCertificates.add(record);
    store.enbCertificates.add({ ...record, certificate: Uint8Array.of(3) });
    store.enbCertificates.remove(record);
    assert.deepEqual(found(store), [[3]]);
  });

  it('of an earlier version are kept', () => {
    const folder = temporaryFolder();
    const earlier = 14;
    const database = rawDatabase(folder);
    for (const migration of migrations.slice(0, earlier)) database.exec(migration);
    database.pragma(`user_version = ${earlier}`);
    database.exec(`INSERT INTO enb (hw_type, serial_number, vendor, last_sequence, certificate)
      VALUES ('1.2.3', 'X1', 'a', 7, x'0102'), ('1.2.3', 'X2', 'a', 8, NULL)`);
    database.close();
    const store = open(folder);
    assert.deepEqual([found(store), found(store, 'X2')], [[[1, 2]], []]);
    assert.deepEqual(store.enbs.lastSequence('1.2.3', 'X1'), at(7));
  });
});

describe('a receipt in the store', () => {
  it('is kept once, however often it comes', () => {
    const folder = temporaryFolder();
    const store = open(folder);
    const receipt = {
      sha256: 'aa',
      hwType: '1.2.3',
      serialNumber: 'X1',
      receiptNumber: 1,
      bundleSha256: 'bb',
      receivedAt: now.toISOString(),
      bytes: Uint8Array.of(1),
    };
    store.receipts.keep(receipt);
    store.receipts.keep({ ...receipt, receivedAt: 'later', bytes: Uint8Array.of(2) });
    store.receipts.keep({ ...receipt, sha256: 'cc' });
    const rows = rawDatabase(folder).prepare('SELECT sha256, received_at FROM receipt ORDER BY sha256').all();
    assert.deepEqual(rows, [
      { sha256: 'aa', received_at: now.toISOString() },
      { sha256: 'cc', received_at: now.toISOString() },
    ]);
  });
});

describe('the lease on a piece of work', () => {
  const first = { process: 100, bootId: 'boot' };
  const second = { process: 200, bootId: 'boot' };
  const alive = () => true;

  it('is refused to a second process while the first is alive, whom it names', () => {
    const store = open();
    assert(store.leases.take('work', first, now, alive).ok);
    const refused = store.leases.take('work', second, now, (process) => process === 100);
    assert.deepEqual(!refused.ok && [refused.fault.code, refused.fault.found], [
      'store-in-use',
      'process 100',
    ]);
    assert(store.leases.take('other work', second, now, alive).ok);
  });

  it('is refused to the process that has it, until it was given back', () => {
    const store = open();
    assert(store.leases.take('work', first, now, alive).ok);
    const refused = store.leases.take('work', first, now, alive);
    assert.equal(!refused.ok && refused.fault.found, 'process 100');
    store.leases.release('work');
    assert(store.leases.take('work', first, now, alive).ok);
  });

  it('that a process with the same number has left behind does not bind its successor', () => {
    const folder = temporaryFolder();
    assert(open(folder).leases.take('work', first, now, alive).ok);
    assert(open(folder).leases.take('work', first, now, alive).ok);
  });

  it('goes to the next when it was given back, its holder has died, or the computer was restarted', () => {
    for (const end of ['given back', 'died', 'restarted']) {
      const store = open();
      assert(store.leases.take('work', first, now, alive).ok);
      if (end === 'given back') store.leases.release('work');
      const next = end === 'restarted' ? { ...second, bootId: 'next boot' } : second;
      assert(store.leases.take('work', next, now, () => end !== 'died').ok, end);
      const third = { ...next, process: 300 };
      assert(!store.leases.take('work', third, now, alive).ok, 'and is held again');
    }
  });

  it('is given back by its holder alone, though the one before gives it back again', () => {
    const folder = temporaryFolder();
    const [before, holder] = [open(folder), open(folder)];
    assert(before.leases.take('work', first, now, alive).ok);
    before.leases.release('work');
    assert(holder.leases.take('work', second, now, alive).ok);
    before.leases.release('work');
    assert(!before.leases.take('work', first, now, alive).ok);
    holder.leases.release('work');
    assert(before.leases.take('work', first, now, alive).ok);
  });

  it('stands as it stood before a transaction that was undone', () => {
    const store = open();
    const undone = (change: () => unknown) =>
      assert.throws(() =>
        store.transaction(() => {
          change();
          throw new Error('undone');
        }),
      );
    const later = new Date(now.getTime() + 1);
    undone(() => store.leases.take('work', first, now, alive));
    assert(store.leases.take('work', first, later, alive).ok);
    undone(() => store.leases.release('work'));
    assert(!store.leases.take('work', first, later, alive).ok, 'is still held');
  });

  it('is one of two processes that take it at once', () => {
    const folder = temporaryFolder();
    const stores = [open(folder), open(folder)];
    const taken = stores.map((store, index) =>
      store.leases.take('work', { process: index, bootId: 'boot' }, now, alive),
    );
    assert.deepEqual(
      taken.map(({ ok }) => ok),
      [true, false],
    );
  });
});

/** Appends an entry as the log does. */
function appendTo(store: Store, entry: string): void {
  store.transaction(() => store.log.insert(store.log.count({}), entry));
}

describe('the log of a store', () => {
  it('counts its entries from 0 and reads them from any of them', () => {
    const store = open();
    for (let index = 0; index < 5; index++) appendTo(store, `{"index":${index}}`);
    const read = (from: number, to: number) => [...store.log.read(from, to)].map(({ sequence }) => sequence);
    assert.deepEqual(read(0, 2), [0, 1]);
    assert.deepEqual(read(3, 13), [3, 4]);
    assert.deepEqual(read(5, 15), []);
  });

  it('cannot be changed or shortened by an accident, no matter who opens the database', () => {
    const folder = temporaryFolder();
    const store = open(folder);
    for (let index = 0; index < 3; index++) appendTo(store, `{"entry":${index}}`);
    const before = logTexts(store);
    const database = rawDatabase(folder);
    for (const statement of [
      "UPDATE log SET entry = '{}'",
      'UPDATE log SET sequence = sequence + 10 WHERE sequence = 2',
      'DELETE FROM log',
      'DELETE FROM log WHERE sequence = 2',
      "INSERT INTO log VALUES (1, '{}') ON CONFLICT DO UPDATE SET entry = excluded.entry",
      'UPDATE OR REPLACE log SET sequence = 0 WHERE sequence = 2',
    ]) {
      assert.throws(() => database.exec(statement), /the log is append-only/, statement);
    }
    assert.deepEqual(logTexts(store), before);
    appendTo(store, '{}');
    assert.equal(logTexts(store).length, 4);
  });

  it('takes text only', () => {
    const folder = temporaryFolder();
    open(folder).close();
    assert.throws(() => rawDatabase(folder).exec("INSERT INTO log VALUES (0, x'00')"), /cannot store BLOB/);
  });
});
