import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CarriedView, JobRow, RunView, RunWork } from '../../../preload/contract/index.ts';
import { endedSince, partDoneOf, type Seen } from '../../../renderer/src/app/ended.ts';
import { drive, job, run, workOf } from '../../kit/fake-data.ts';

const making: RunWork = { id: 'work', phase: 'making', done: 300, total: 1200 };
const writing = { id: 'work', phase: 'writing', done: 1, total: 4 } as const;

function runs(more: Partial<RunView>): Seen {
  return { runs: [run(more)], jobs: [] };
}

function jobs(...all: readonly Partial<JobRow>[]): Seen {
  return { runs: [], jobs: all.map((more, place) => ({ ...job(place + 1), ...more })) };
}

function onDrive(state: CarriedView['state'], work?: CarriedView['work']): Partial<JobRow> {
  return {
    carried: {
      state,
      volume: drive.volume,
      drive: drive.name,
      since: '2026-11-01T00:00:00Z',
      ...(work && { work }),
    },
  };
}

test('work that ended between two looks is reported in a sentence', () => {
  for (const [before, now, sentence] of [
    [
      runs({ state: 'making', work: making }),
      runs({ state: 'done', made: 1154 }),
      'Bundles ready: 1,154 made',
    ],
    [
      runs({ state: 'checking', work: { ...making, phase: 'checking' } }),
      runs({ state: 'checked', rows: 1240, refused: 86 }),
      'Inventory checked: 1,154 of 1,240 rows are ready',
    ],
    [runs({ state: 'making', work: making }), runs({ state: 'failed' }), 'The run stopped'],
    [
      jobs({ state: 'sent', work: workOf('job-1', 'sent') }),
      jobs({ state: 'receipt', work: undefined }),
      'Delivery finished: the eNB has the configuration',
    ],
    [
      jobs({ state: 'sent', work: workOf('job-1', 'sent') }),
      jobs({ state: 'refused', work: undefined }),
      'The eNB refused the configuration',
    ],
    [
      jobs({ state: 'sent', work: workOf('job-1', 'sent') }),
      jobs({ state: 'sent', work: undefined }),
      'The delivery was interrupted',
    ],
    [jobs(onDrive('writing', writing)), jobs(onDrive('carried')), 'The drive is ready and verified'],
    [jobs(onDrive('writing', writing)), jobs(onDrive('damaged')), 'The drive needs your attention'],
    [
      jobs(onDrive('written', { ...writing, phase: 'verifying' })),
      jobs(onDrive('written', { ...writing, phase: 'waiting-for-unplug' })),
      'Pull out the drive',
    ],
  ] as const)
    assert.deepEqual(endedSince(before, now), [sentence]);
});

test('what still runs, or ran before neither look, is not reported', () => {
  const done = runs({ state: 'done', made: 5 });
  assert.deepEqual(endedSince(done, done), []);
  assert.deepEqual(endedSince({ runs: [], jobs: [] }, done), []);
  const working = runs({ state: 'making', work: making });
  assert.deepEqual(endedSince(working, working), []);
});

test('one drive with many jobs is one sentence', () => {
  const before = jobs(onDrive('writing', writing), onDrive('writing', writing));
  assert.equal(endedSince(before, jobs(onDrive('carried'), onDrive('carried'))).length, 1);
});

test('no sentence names a site, an eNB or a drive', () => {
  const before = jobs(onDrive('writing', writing), { state: 'sent', work: workOf('job-2', 'sent') });
  const said = endedSince(before, jobs(onDrive('carried'), { state: 'receipt', work: undefined })).join(' ');
  assert.doesNotMatch(said, new RegExp(`S0000|AR1000|${drive.name}`));
});

test('progress is known only for work of known length', () => {
  assert.equal(partDoneOf(runs({ work: making })), 0.25);
  assert.equal(partDoneOf(jobs(onDrive('writing', writing))), 0.25);
  assert.equal(partDoneOf(runs({ work: { ...making, total: 0 } })), undefined);
  assert.equal(partDoneOf(runs({})), undefined);
});
