import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openStore, type Store } from '../../../main/store/index.ts';
import { migrations } from '../../../main/store/schema.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { jobParts, type ProvenDelivery } from '../../../preload/contract/steps.ts';

type Request = Parameters<Store['jobs']['list']>[0];
type NewJob = Parameters<Store['jobs']['add']>[0];

const now = new Date('2026-11-15T12:00:00Z');
const rootFingerprint = '0'.repeat(64);

function open(folder = temporaryFolder()): Store {
  const opened = openStore(folder);
  assert(opened.ok, JSON.stringify(opened));
  const store = opened.value;
  store.vendorRoots.trust({
    fingerprint: rootFingerprint,
    certificate: Uint8Array.of(0),
    intermediates: [],
    trustedAt: now.toISOString(),
  });
  return store;
}

function jobOf(name: string, more: Partial<NewJob> = {}): NewJob {
  return {
    id: name,
    siteId: `S-${name}`,
    siteName: 'Harbour',
    hwType: '1.2.3',
    serialNumber: `X-${name}`,
    operator: 'Example Mobile',
    epoch: 0,
    sequence: 1,
    validFrom: '2026-01-01T00:00:00Z',
    validUntil: '2027-01-01T00:00:00Z',
    bundle: new TextEncoder().encode(name),
    bundleSha256: `bundle of ${name}`,
    rootFingerprint,
    addedAt: now.toISOString(),
    ...more,
  };
}

function deliver(store: Store, name: string, state: ProvenDelivery): void {
  store.deliveries.put({
    bundleSha256: `bundle of ${name}`,
    state,
    address: undefined,
    verdict: undefined,
    fault: undefined,
    receiptSha256: undefined,
    updatedAt: now.toISOString(),
  });
}

function carry(store: Store, name: string): void {
  const { bundle, bundleSha256, hwType, serialNumber, siteId, sequence } = jobOf(name);
  store.carried.put({
    ...{ bundle, bundleSha256, hwType, serialNumber, siteId, sequence, bundleId: '' },
    ...{ state: 'written', volume: '', drive: '', folder: '', challenge: '', updatedAt: now.toISOString() },
  });
}

function ask(store: Store, request: Partial<Request> = {}) {
  const all = { filter: '', sort: 'siteId', descending: false, offset: 0, limit: 50, running: [] } as const;
  const { rows, counts } = store.jobs.list({ ...all, part: 'active', now, ...request });
  return { ids: rows.map(({ id }) => id), rows, counts };
}

describe('the jobs of a store', () => {
  it('that were opened at one moment are listed by their sites', () => {
    const store = open();
    for (const name of ['c', 'a', 'b']) store.jobs.add(jobOf(name));
    assert.deepEqual(ask(store, { sort: 'updatedAt', descending: true }).ids, ['a', 'b', 'c']);
  });

  it('are sorted as the page asks, and found by site, name or serial number', () => {
    const store = open();
    for (const [place, siteId] of ['S3', 'S1', 'S2'].entries()) {
      const siteName = `Harbour ${9 - place}`;
      store.jobs.add(jobOf(String(place), { siteId, siteName, serialNumber: `X${place}` }));
    }
    for (const [sort, ids] of [
      ['siteId', ['1', '2', '0']],
      ['serialNumber', ['0', '1', '2']],
      ['state', ['1', '2', '0']],
    ] as const) {
      assert.deepEqual(ask(store, { sort }).ids, ids, sort);
    }
    for (const filter of ['s3', 'harbour 9', 'x0'])
      assert.deepEqual(ask(store, { filter }).ids, ['0'], filter);
    assert.deepEqual(ask(store, { filter: '%' }).ids, []);
    assert.throws(() => ask(store, { sort: 'id; DROP TABLE job' }), /Cannot sort/);
  });

  it('are each in one part, and counted by part', () => {
    const store = open();
    const expired = { validUntil: '2026-11-15T11:59:59Z' };
    const states: readonly (readonly [
      part: string,
      name: string,
      more?: Partial<NewJob>,
      state?: ProvenDelivery,
    ])[] = [
      ['to-do', 'new'],
      ['to-do', 'ends-now', { validUntil: '2026-11-15T12:00:00Z' }],
      ['to-do', 'selected', {}, 'selected'],
      ['under-way', 'possibly', {}, 'sending'],
      ['under-way', 'sent', {}, 'sent'],
      ['under-way', 'verdict', {}, 'verdict'],
      ['under-way', 'carried'],
      ['under-way', 'running', expired],
      ['problem', 'refused', {}, 'refused'],
      ['problem', 'expired', expired],
      ['problem', 'sent-expired', expired, 'sent'],
      ['done', 'done', {}, 'receipt'],
      ['done', 'done-expired', expired, 'receipt'],
      ['put-away', 'away'],
      ['put-away', 'done-away', {}, 'receipt'],
    ];
    for (const [, name, more, state] of states) {
      store.jobs.add(jobOf(name, more));
      if (state) deliver(store, name, state);
    }
    carry(store, 'carried');
    store.jobs.archive(['away', 'done-away'], now.toISOString());
    for (const part of jobParts) {
      const { ids, counts } = ask(store, { part, running: ['running'] });
      const expected = states.filter(([one]) => (part === 'active' ? one !== 'put-away' : one === part));
      assert.deepEqual([...ids].sort(), expected.map(([, name]) => name).sort(), part);
      assert.equal(counts[part], expected.length, part);
    }
    const { counts } = ask(store, { filter: 'expired', limit: 1 });
    assert.deepEqual(counts, { active: 3, 'to-do': 0, 'under-way': 0, problem: 2, done: 1, 'put-away': 0 });
  });

  it('are superseded by the newest configuration of the same eNB: higher epoch, then higher number', () => {
    const store = open();
    const forEnb = { serialNumber: 'X', siteId: 'S' };
    for (const [name, epoch, sequence, more] of [
      ['first', 0, 7],
      ['second', 0, 8],
      ['restarted', 1, 1],
      ['same', 1, 1],
      ['other-type', 0, 1, { hwType: '1.2.4' }],
      ['other-enb', 0, 1, { serialNumber: 'Y' }],
    ] as const) {
      store.jobs.add(jobOf(name, { ...forEnb, epoch, sequence, ...more }));
    }
    deliver(store, 'first', 'receipt');
    assert.deepEqual(ask(store).ids, ['other-enb', 'other-type', 'restarted', 'same']);
    const { rows, counts } = ask(store, { part: 'put-away' });
    assert.deepEqual(
      rows.map(({ id, state, newerId }) => [id, state, newerId === 'restarted' || newerId === 'same']),
      [
        ['first', 'receipt', true],
        ['second', 'selected', true],
      ],
    );
    assert.deepEqual([counts.done, counts['put-away']], [0, 2]);
    assert.equal(store.jobs.get('restarted')?.newerId, undefined);
  });

  it('stay put away, whatever happens to them, until they are brought back', () => {
    const store = open();
    store.jobs.add(jobOf('a'));
    store.jobs.archive(['a'], now.toISOString());
    deliver(store, 'a', 'receipt');
    assert.equal(ask(store, { part: 'put-away' }).rows[0]?.state, 'receipt');
    store.jobs.archive(['a'], undefined);
    assert.deepEqual(ask(store, { part: 'done' }).ids, ['a']);
  });

  it('of a version that kept no epoch are never put away for another, until their bundles are opened again', () => {
    const folder = temporaryFolder();
    const database = new Database(join(folder, 'siteseal.db'));
    for (const migration of migrations.slice(0, 5)) database.exec(migration);
    database.pragma('user_version = 5');
    database.exec(`
      INSERT INTO vendor_root VALUES ('${rootFingerprint}', x'00', '[]', '', NULL);
      INSERT INTO job VALUES ('old', 'S', '', '1.2.3', 'X', '', 7, '', '2027-01-01T00:00:00Z', x'00', 'old bundle',
        '${rootFingerprint}', '${now.toISOString()}')`);
    database.close();
    const store = open(folder);
    store.jobs.add(jobOf('new', { serialNumber: 'X', sequence: 8 }));
    assert.deepEqual(ask(store).ids, ['old', 'new']);
    const again = jobOf('again', { serialNumber: 'X', sequence: 7, bundleSha256: 'old bundle' });
    assert.deepEqual(store.jobs.add(again), { id: 'old', isNew: false });
    assert.deepEqual(ask(store).ids, ['new']);
    assert.equal(store.jobs.get('old')?.newerId, 'new');
  });
});
