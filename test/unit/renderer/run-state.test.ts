import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultView } from '../../../main/api/views.ts';
import {
  announcementOf,
  barLabel,
  headOf,
  pace,
  partDone,
  placeOfCheck,
  shownRun,
} from '../../../renderer/src/screens/office/run-state.ts';
import type { RunView } from '../../../preload/contract/index.ts';
import { run } from '../../kit/fake-data.ts';

const making = { id: 'work', phase: 'making', done: 16_268, total: 20_000 } as const;

test('the pace has whole numbers, and a time only when the rate is known', () => {
  assert.equal(pace(undefined), 'starting');
  assert.equal(pace(making), '16,268 of 20,000');
  assert.equal(pace({ ...making, rate: 880.9 }), '16,268 of 20,000, 881 per second, 4 s left');
  assert.equal(pace({ ...making, rate: 0.2 }), '16,268 of 20,000');
  assert.equal(pace(making, 1), '16,268 of 20,000, 1 problem');
  assert.equal(pace({ ...making, rate: 880.9 }, 3), '16,268 of 20,000, 881 per second, 4 s left, 3 problems');
  assert.equal(pace({ ...making, done: 20_000, rate: 880.9 }), '20,000 of 20,000');
});

test('the bar says what it counts: while a run makes, its rows are first checked once more', () => {
  const checking = { id: 'work', phase: 'checking', done: 1, total: 2 } as const;
  assert.equal(barLabel({ state: 'checking', work: checking }), 'Rows checked');
  assert.match(barLabel({ state: 'making', work: checking }), /checked again/);
  const comparing = { ...checking, phase: 'comparing' } as const;
  assert.equal(barLabel({ state: 'making', work: comparing }), 'Rows compared with earlier bundles');
  assert.equal(barLabel({ state: 'making', work: making }), 'Bundles made');
  assert.deepEqual([partDone(undefined), partDone(checking)], ['moving', 0.5]);
});

test('a run that the user stopped is no cause for concern; one that was interrupted is', () => {
  const stopped = { state: 'stopped', refused: 0 } as const;
  assert.equal(shownRun({ ...stopped, fault: faultView({ code: 'cancelled' }) }).tone, 'plain');
  assert.equal(shownRun({ ...stopped, fault: faultView({ code: 'output-unwritable' }) }).tone, 'warn');
  const left = headOf(run({ state: 'stopped', made: 5, endedAt: undefined }));
  assert.equal(left.title, 'Run stopped at 5 of 1,154 bundles');
  assert.match(left.lead ?? '', /^Siteseal closed during this run\. The finished 5 are complete/);
});

test('the head of a run is its result, and what is next', () => {
  const cases: readonly (readonly [RunView, title: string, lead: RegExp])[] = [
    [run(), '1,154 of 1,240 rows are ready', /^Fix the other 86 .*, or make the ready ones now\.$/],
    [run({ rows: 12, refused: 1 }), '11 of 12 rows are ready', /^Fix the other row /],
    [run({ rows: 1, refused: 0 }), 'The row is ready', /^Make the bundles/],
    [run({ refused: 0 }), 'All 1,240 rows are ready', /^Make the bundles/],
    [run({ rows: 3, refused: 3 }), 'No row is ready', /then check it again/],
    [
      run({ refused: 1, unchanged: 1200 }),
      '39 of 1,240 rows need a bundle',
      /^The eNBs of 1,200 rows already .* credentials and secrets\. Fix the other row /,
    ],
    [
      run({ rows: 3, refused: 1, unchanged: 2 }),
      'No eNB needs a new bundle',
      /Fix the other row .* check again\.$/,
    ],
    [run({ rows: 3, refused: 0, unchanged: 2 }), '1 of 3 rows needs a bundle', /^The eNBs of 2 rows/],
    [
      run({ rows: 1, refused: 0, unchanged: 1 }),
      'No eNB needs a new bundle',
      /^The eNB of 1 row already has/,
    ],
    [
      run({ state: 'done', made: 2, refused: 1, rows: 4, unchanged: 1 }),
      '2 bundles ready',
      /^1 row changes nothing\. .* 1 row was skipped/,
    ],
    [
      run({ state: 'stopped', made: 5, unchanged: 1000 }),
      'Run stopped at 5 of 154 bundles',
      /^The finished 5/,
    ],
    [run({ state: 'done', made: 1154 }), '1,154 bundles ready', /^86 rows were skipped/],
    [run({ state: 'done', made: 1, rows: 1, refused: 0 }), '1 bundle ready', /^Every row/],
    [run({ state: 'stopped', refused: 0 }), 'Run stopped before the first bundle', /^$/],
    [run({ state: 'failed', locked: ['Acme Radio'] }), 'A key is locked', /^Unlock it/],
    [
      run({ state: 'failed', fault: faultView({ code: 'passphrase-missing' }) }),
      'The key is unlocked',
      /^Check the inventory again/,
    ],
  ];
  for (const [one, title, lead] of cases) {
    const head = headOf(one);
    assert.equal(head.title, title);
    assert.match(head.lead ?? '', lead);
  }
});

test('a screen reader hears every quarter, then the result; a fault announces itself', () => {
  const working = { id: 'work', phase: 'making', done: 600, total: 1154 } as const;
  assert.equal(announcementOf(run({ state: 'making', work: working })), 'Bundles made: 50 percent');
  const done = run({ state: 'done', made: 1154, rows: 1160, refused: 6 });
  assert.equal(announcementOf(done), 'Bundles ready. 1,154 made, 6 refused.');
  assert.equal(announcementOf(run()), 'Inventory checked. 1,154 ready, 86 with a problem.');
  assert.equal(announcementOf(run({ state: 'failed' })), undefined);
});

test('the inventory is checked again beside the problems, or among the actions, or where a run starts over', () => {
  assert.equal(placeOfCheck(run()), 'rows');
  assert.equal(placeOfCheck(run({ refused: 0 })), 'bar');
  assert.equal(placeOfCheck(run({ rows: 3, refused: 3 })), 'bar');
  assert.equal(placeOfCheck(run({ state: 'failed', rows: 0, refused: 0 })), 'bar');
  assert.equal(placeOfCheck(run({ state: 'stopped', made: 5 })), 'folder');
  assert.equal(placeOfCheck(run({ state: 'done', made: 1154 })), 'nowhere');
  assert.equal(placeOfCheck(run({ state: 'making' })), 'nowhere');
});
