import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openStore, type Store } from '../../../main/store/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import {
  carrying,
  jobParts,
  type CarriedState,
  type ProvenDelivery,
} from '../../../preload/contract/steps.ts';

type Request = Parameters<Store['jobs']['list']>[0];
type NewJob = Parameters<Store['jobs']['add']>[0];

const now = new Date('2026-11-15T12:00:00Z');
const rootFingerprint = '0'.repeat(64);
const otherRoot = '1'.repeat(64);

function open(folder = temporaryFolder()): Store {
  const opened = openStore(folder);
  assert(opened.ok, JSON.stringify(opened));
  const store = opened.value;
  for (const [place, fingerprint] of [rootFingerprint, otherRoot].entries()) {
    const certificate = Uint8Array.of(place);
    store.vendorRoots.trust({ fingerprint, certificate, intermediates: [], trustedAt: now.toISOString() });
  }
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

function carry(store: Store, name: string, state: CarriedState): void {
  const { bundle, bundleSha256, hwType, serialNumber, siteId, sequence } = jobOf(name);
  store.carried.put({
    ...{ bundle, bundleSha256, hwType, serialNumber, siteId, sequence, bundleId: '' },
    ...{
      state,
      volume: `volume of ${name}`,
      drive: '',
      folder: '',
      challenge: '',
      auditHead: undefined,
      updatedAt: now.toISOString(),
    },
  });
}

function ask(store: Store, request: Partial<Request> = {}) {
  const all = { filter: '', sort: 'siteId', descending: false, offset: 0, limit: 50, running: [] } as const;
  const { rows, ...counted } = store.jobs.list({ ...all, part: 'active', now, ...request });
  return { ids: rows.map(({ id }) => id), rows, ...counted };
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
    store.jobs.add(jobOf('north', { siteName: 'ÖSTERSUND' }));
    assert.deepEqual(ask(store, { filter: 'östersund' }).ids, ['north']);
    assert.throws(() => ask(store, { sort: 'id; DROP TABLE job' }), /Cannot sort/);
  });

  it('are listed as they are now, after every change', () => {
    const folder = temporaryFolder();
    const [store, other] = [open(folder), open(folder)];
    const parts = () => {
      const { counts } = ask(store);
      return jobParts.filter((part) => part !== 'active' && counts[part] > 0);
    };
    assert.deepEqual(parts(), []);
    store.jobs.add(jobOf('a'));
    assert.deepEqual(parts(), ['to-do']);
    carry(store, 'a', 'carried');
    assert.deepEqual(parts(), ['under-way']);
    assert.throws(() =>
      store.transaction(() => {
        deliver(store, 'a', 'refused');
        assert.deepEqual(parts(), ['problem']);
        throw new Error('undone');
      }),
    );
    assert.deepEqual(parts(), ['under-way']);
    deliver(other, 'a', 'receipt');
    assert.deepEqual(parts(), ['done']);
    store.jobs.archive(['a'], now.toISOString());
    assert.deepEqual(parts(), ['put-away']);
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
      ['under-way', 'written'],
      ['under-way', 'verified'],
      ['under-way', 'carried'],
      ['under-way', 'running', expired],
      ['under-way', 'running-done', {}, 'receipt'],
      ['under-way', 'running-away'],
      ['under-way', 'drive-away'],
      ['under-way', 'enrolled', {}, 'receipt'],
      ['problem', 'writing'],
      ['problem', 'damaged'],
      ['problem', 'refused', {}, 'refused'],
      ['problem', 'expired', expired],
      ['problem', 'sent-expired', expired, 'sent'],
      ['problem', 'step-failed', {}, 'receipt'],
      ['problem', 'tunnel-failed', {}, 'receipt'],
      ['done', 'step-done', {}, 'receipt'],
      ['done', 'in-service', {}, 'receipt'],
      ['done', 'done', {}, 'receipt'],
      ['done', 'done-expired', expired, 'receipt'],
      ['put-away', 'away'],
      ['put-away', 'done-away', {}, 'receipt'],
    ];
    for (const [, name, more, state] of states) {
      store.jobs.add(jobOf(name, more));
      if (state) deliver(store, name, state);
    }
    for (const state of ['failed', 'done'] as const) {
      const steps = [
        { step: 'initial-ipsec' as const, state: 'failed' as const },
        { step: 'enrolment' as const, state },
      ];
      const bundleSha256 = `bundle of step-${state}`;
      store.stepReports.put({
        bundleSha256,
        steps,
        reportedAt: now.toISOString(),
        hasStepsLeft: state === 'failed',
      });
    }
    const ends = [
      ['tunnel-failed', 'initial-ipsec', 'failed'],
      ['enrolled', 'enrolment', 'done'],
      ['in-service', 'backhaul-ipsec', 'done'],
    ] as const;
    for (const [name, step, state] of ends) {
      const hasStepsLeft = name !== 'in-service';
      const report = { steps: [{ step, state }], reportedAt: now.toISOString(), hasStepsLeft };
      store.stepReports.put({ bundleSha256: `bundle of ${name}`, ...report });
    }
    for (const state of carrying.states) carry(store, state, state);
    carry(store, 'drive-away', 'writing');
    store.jobs.archive(['away', 'done-away', 'running-away', 'drive-away'], now.toISOString());
    const running = ['running', 'running-done', 'running-away', 'volume of drive-away'];
    for (const part of jobParts) {
      const { ids, counts, total } = ask(store, { part, running });
      const expected = states.filter(([one]) => (part === 'active' ? one !== 'put-away' : one === part));
      assert.deepEqual([...ids].sort(), expected.map(([, name]) => name).sort(), part);
      assert.deepEqual([counts[part], total], [expected.length, expected.length], part);
    }
    const all = ask(store, { part: 'all' });
    assert.deepEqual([all.ids.length, all.total], [states.length, states.length]);
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
      ['other-root', 0, 1, { rootFingerprint: otherRoot }],
    ] as const) {
      store.jobs.add(jobOf(name, { ...forEnb, epoch, sequence, ...more }));
    }
    deliver(store, 'first', 'receipt');
    assert.deepEqual(ask(store).ids, ['other-enb', 'other-root', 'other-type', 'restarted', 'same']);
    const { rows, counts } = ask(store, { part: 'put-away' });
    assert.deepEqual(
      rows.map(({ id, state }) => [id, state]),
      [
        ['first', 'receipt'],
        ['second', 'selected'],
      ],
    );
    for (const id of ['first', 'second']) {
      assert.match(store.jobs.newer(id, now) ?? '', /^(restarted|same)$/);
    }
    assert.deepEqual([counts.done, counts['put-away']], [0, 2]);
    assert.equal(store.jobs.newer('restarted', now), undefined);
  });

  describe('are superseded only by one that counts, which is none that', () => {
    const open8 = (more?: Partial<NewJob>) => {
      const store = open();
      for (const [name, sequence] of [
        ['old', 7],
        ['new', 8],
      ] as const)
        store.jobs.add(jobOf(name, { serialNumber: 'X', sequence, ...(name === 'new' && more) }));
      return store;
    };
    const isSuperseded = (store: Store) => {
      const isAway = ask(store, { part: 'put-away' }).ids.includes('old');
      assert.equal(store.jobs.newer('old', now), isAway ? 'new' : undefined);
      return isAway;
    };
    const expired = { validUntil: '2026-11-15T11:59:59Z' };
    const putAway = (store: Store) => store.jobs.archive(['new'], now.toISOString());

    it('the user has put away', () => {
      const store = open8();
      assert.equal(isSuperseded(store), true);
      putAway(store);
      assert.equal(isSuperseded(store), false);
      store.jobs.archive(['new'], undefined);
      assert.equal(isSuperseded(store), true);
    });

    it('has expired', () => {
      assert.equal(isSuperseded(open8(expired)), false);
    });

    it('the eNB refused', () => {
      const store = open8();
      deliver(store, 'new', 'refused');
      assert.equal(isSuperseded(store), false);
    });

    it('has another vendor root', () => {
      assert.equal(isSuperseded(open8({ rootFingerprint: otherRoot })), false);
    });

    it('but one that the eNB has signed for counts for ever: it would refuse the older one', () => {
      const store = open8(expired);
      deliver(store, 'new', 'receipt');
      putAway(store);
      assert.equal(isSuperseded(store), true);
    });
  });

  it('of one eNB are found whatever their part: first those that count, then the newest', () => {
    const store = open();
    for (const [name, epoch, sequence, more] of [
      ['older', 0, 9],
      ['newest', 1, 1],
      ['refused', 1, 2],
      ['away', 1, 3],
      ['other-type', 1, 4, { hwType: '1.2.4' }],
      ['other-enb', 1, 4, { serialNumber: 'X1' }],
    ] as const) {
      store.jobs.add(jobOf(name, { serialNumber: 'X', epoch, sequence, ...more }));
    }
    deliver(store, 'refused', 'refused');
    store.jobs.archive(['away'], now.toISOString());
    assert.deepEqual(
      store.jobs.ofEnb({ hwType: '1.2.3', serialNumber: 'X' }, now).map(({ id }) => id),
      ['newest', 'older', 'away', 'refused'],
    );
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

  it('of a version that kept no epoch are superseded once their epochs are known', () => {
    const store = open();
    store.jobs.add(jobOf('old', { serialNumber: 'X', sequence: 7, epoch: undefined }));
    store.jobs.add(jobOf('new', { serialNumber: 'X', sequence: 8 }));
    assert.deepEqual([ask(store).ids, store.jobs.withoutEpoch()], [['new', 'old'], ['old']]);
    store.jobs.setEpoch('old', 0);
    assert.deepEqual([ask(store).ids, store.jobs.withoutEpoch()], [['new'], []]);
  });

  it('that are opened again stay as they are', () => {
    const store = open();
    store.jobs.add(jobOf('a'));
    const again = jobOf('again', { bundleSha256: 'bundle of a', siteName: 'x' });
    assert.deepEqual(store.jobs.add(again), { id: 'a', isNew: false });
    assert.equal(store.jobs.get('a')?.siteName, 'Harbour');
  });
});
