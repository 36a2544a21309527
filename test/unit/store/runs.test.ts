import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Fault } from '../../../main/faults/index.ts';
import { openStore, type ListRequest, type RunRecord, type RunRowRecord } from '../../../main/store/index.ts';
import type { RowCounts } from '../../../main/store/runs.ts';
import { migrations } from '../../../main/store/schema.ts';
import { temporaryFolder } from '../../kit/enb.ts';

/** Of an inventory whose eNBs have no bundle yet. */
const noneOut = { changed: 0, unchanged: 0 };

const all: ListRequest = { filter: '', sort: 'row', descending: false, offset: 0, limit: 100 };

function runOf(number: number, changes: Partial<RunRecord> = {}): RunRecord {
  return {
    id: `run-${number}`,
    operatorId: 'operator-1',
    operator: 'Example Mobile',
    inventoryFile: `wave-${number}.csv`,
    outFolder: undefined,
    state: 'making',
    rows: 2,
    made: 0,
    refused: 0,
    unchanged: 0,
    changed: 0,
    onlyChanged: false,
    generateCredentials: false,
    startedAt: `2026-11-15T12:00:0${number}.000Z`,
    endedAt: undefined,
    fault: undefined,
    warnings: undefined,
    ...changes,
  };
}

function rowOf(row: number, state: RunRowRecord['state'], fault?: Fault): RunRowRecord {
  return {
    row,
    line: row + 1,
    siteId: `S${9 - row}`,
    serialNumber: `LAB000${row}`,
    state,
    siteName: `Mill ${row}`,
    vendor: 'Acme Radio',
    outerIp: 'dhcp',
    vlan: '101',
    validUntil: '2027-11-01T00:00:00Z',
    differences: undefined,
    fault,
    value: fault && 'wrong',
    problem: fault ? `${fault.code}: the field is wrong` : '',
  };
}

function openRuns(...records: readonly RunRecord[]) {
  const store = openStore(temporaryFolder());
  assert(store.ok);
  for (const record of records) store.value.runs.put(record);
  return store.value.runs;
}

describe('runs', () => {
  it('are listed by their start, and found by operator or inventory', () => {
    const other = runOf(3, { operator: 'Other Mobile' });
    const runs = openRuns(runOf(2), runOf(1), other);
    const ask = (filter: string, descending = false) => {
      const { total, rows } = runs.list({ ...all, sort: 'startedAt', filter, descending });
      assert.equal(total, rows.length);
      return rows;
    };
    assert.deepEqual(ask(''), [runOf(1), runOf(2), other]);
    assert.deepEqual(ask('', true), [other, runOf(2), runOf(1)]);
    assert.deepEqual(ask('other m'), [other]);
    assert.deepEqual(ask('WAVE-2'), [runOf(2)]);
  });

  it('take what becomes of them, and keep how they began', () => {
    const ended = {
      outFolder: '/out',
      state: 'done',
      made: 1,
      refused: 1,
      endedAt: 'later',
      fault: { code: 'cancelled' },
      warnings: [{ code: 'ra-outside-traffic', rows: 2 }],
    } as const;
    const runs = openRuns(runOf(1), runOf(1, { ...ended, rows: 3, operator: 'x', startedAt: 'x' }));
    assert.deepEqual(runs.get('run-1'), runOf(1, { ...ended, rows: 3 }));
    assert.equal(runs.get('run-2'), undefined);
  });
});

describe('the rows of a run', () => {
  const rows = [rowOf(1, 'made'), rowOf(2, 'refused', { code: 'field-invalid' }), rowOf(3, 'made')];
  const runs = openRuns(runOf(1), runOf(2));
  runs.putRows('run-1', [rowOf(7, 'refused')]);
  runs.putRows('run-1', rows);
  runs.putRows('run-2', [rowOf(4, 'refused')]);
  const ask = (request: Partial<ListRequest>, show: keyof RowCounts = 'all') =>
    runs.rows('run-1', { ...all, ...request }, show).rows.map(({ row }) => row);

  it('are its own, and the last that it was given, as they were given', () => {
    const found = runs.rows('run-1', all, 'all');
    assert.equal(found.total, 3);
    assert.deepEqual(
      found.rows.map((row) => ({ ...row, run_id: undefined })),
      rows.map((row) => ({ ...row, run_id: undefined })),
    );
  });

  it('are the new ones once they are replaced, by this process or another', () => {
    const folder = temporaryFolder();
    const [own, other] = [openStore(folder), openStore(folder)];
    assert(own.ok && other.ok);
    own.value.runs.put(runOf(1));
    const listed = () => own.value.runs.rows('run-1', all, 'all').rows.map(({ row }) => row);
    assert.deepEqual(listed(), []);
    own.value.runs.putRows('run-1', [rowOf(1, 'made')]);
    assert.deepEqual(listed(), [1]);
    other.value.runs.putRows('run-1', [rowOf(2, 'made'), rowOf(3, 'made')]);
    assert.deepEqual(listed(), [2, 3]);
  });

  it('are all, those that were refused, or those that were not', () => {
    assert.deepEqual(ask({}, 'refused'), [2]);
    assert.deepEqual(ask({}, 'good'), [1, 3]);
  });

  it('are counted by kind, among those that match', () => {
    const counts = (filter: string) =>
      runs.rows('run-1', { ...all, filter, limit: 1, offset: 1 }, 'good').counts;
    assert.deepEqual(counts(''), { all: 3, refused: 1, good: 2, ...noneOut });
    assert.deepEqual(counts('mill 3'), { all: 1, refused: 0, good: 1, ...noneOut });
    assert.deepEqual(counts('nothing'), { all: 0, refused: 0, good: 0, ...noneOut });
  });

  it('are sorted by what the page can sort by', () => {
    assert.deepEqual(ask({ sort: 'row', descending: true }), [3, 2, 1]);
    assert.deepEqual(ask({ sort: 'siteId' }), [3, 2, 1]);
    assert.deepEqual(ask({ sort: 'serialNumber' }), [1, 2, 3]);
    assert.deepEqual(ask({ sort: 'state' }), [1, 3, 2]);
  });

  it('are found by site, its name, serial number, vendor or problem, and not by how a fault is stored', () => {
    assert.deepEqual(ask({ filter: 's8' }), [1]);
    assert.deepEqual(ask({ filter: 'MILL 2' }), [2]);
    assert.deepEqual(ask({ filter: 'acme' }), [1, 2, 3]);
    assert.deepEqual(ask({ filter: 'the field is wrong' }), [2]);
    assert.deepEqual(ask({ filter: '"code"' }), []);
    assert.deepEqual(ask({ filter: 'lab0003' }), [3]);
    assert.deepEqual(ask({ filter: 'field-invalid' }), [2]);
    assert.deepEqual(ask({ filter: 's8' }, 'refused'), []);
  });

  it('of an earlier version are found by no problem, for none was kept in words', () => {
    const folder = temporaryFolder();
    const database = new Database(join(folder, 'siteseal.db'));
    for (const migration of migrations.slice(0, 5)) database.exec(migration);
    database.pragma('user_version = 5');
    database.exec(`
      INSERT INTO run VALUES ('old', '', '', '', NULL, 'checked', 1, 0, 1, '', '', NULL);
      INSERT INTO run_row VALUES ('old', 1, 2, 'S1', 'X1', 'refused',
        '{"code":"field-invalid","where":{"file":"/home/somebody/wave.csv"}}')`);
    database.close();
    const store = openStore(folder);
    assert(store.ok);
    const find = (filter: string) => store.value.runs.rows('old', { ...all, filter }, 'all').total;
    assert.deepEqual(['s1', 'where', 'somebody', 'field'].map(find), [1, 0, 0, 0]);
  });
});
