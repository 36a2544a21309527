import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultView } from '../../../main/api/views.ts';
import {
  barLabel,
  outcomeOf,
  pace,
  partDone,
  shownRun,
} from '../../../renderer/src/screens/office/run-state.ts';
import { run } from '../../kit/fake-data.ts';

const making = { id: 'work', phase: 'making', done: 16_268, total: 20_000 } as const;

test('the pace has whole numbers, and a time only when the rate is known', () => {
  assert.equal(pace(undefined), 'starting');
  assert.equal(pace(making), '16,268 of 20,000');
  assert.equal(pace({ ...making, rate: 880.9 }), '16,268 of 20,000, 881 per second, 4 s left');
  assert.equal(pace({ ...making, rate: 0.2 }), '16,268 of 20,000');
  assert.equal(pace({ ...making, done: 20_000, rate: 880.9 }), '20,000 of 20,000');
});

test('the bar says what it counts: while a run makes, its rows are first checked once more', () => {
  const checking = { id: 'work', phase: 'checking', done: 1, total: 2 } as const;
  assert.equal(barLabel({ state: 'checking', work: checking }), 'Rows checked');
  assert.match(barLabel({ state: 'making', work: checking }), /checked again/);
  assert.equal(barLabel({ state: 'making', work: making }), 'Bundles made');
  assert.deepEqual([partDone(undefined), partDone(checking)], ['moving', 0.5]);
});

test('a run that the user stopped is no cause for concern; one that was interrupted is', () => {
  const stopped = { state: 'stopped', refused: 0 } as const;
  assert.equal(shownRun({ ...stopped, fault: faultView({ code: 'cancelled' }) }).tone, 'plain');
  assert.equal(shownRun({ ...stopped, fault: faultView({ code: 'output-unwritable' }) }).tone, 'warn');
  const left = run({ state: 'stopped', made: 5, endedAt: undefined });
  assert.match(outcomeOf(left) ?? '', /^Siteseal closed during this run.*5 of 1,154/);
});
