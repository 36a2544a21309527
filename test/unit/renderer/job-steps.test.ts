import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IdentifiedView, JobView } from '../../../preload/contract/index.ts';
import {
  firstStep,
  isReachable,
  obstacleOf,
  type JobFacts,
} from '../../../renderer/src/screens/site/job-steps.ts';
import { barsOf, leftBehind, shownState } from '../../../renderer/src/screens/site/job-state.ts';
import { job } from '../../kit/fake-data.ts';

const way = '192.0.2.10:4443';

function identified(isTheRightOne: boolean): JobFacts['identity'] {
  return { state: 'known', value: { isTheRightOne } as IdentifiedView };
}

function facts(more: Partial<JobFacts> = {}): JobFacts {
  return {
    job: job(1),
    training: false,
    network: { problem: null, interfaces: [] },
    found: [],
    ignoresNetwork: false,
    way: undefined,
    identity: { state: 'unknown' },
    wantsToSend: false,
    ...more,
  };
}

const fault = { code: 'x', message: '', cause: '', mendedBy: '', next: '', because: [] };
const noLink = { problem: 'no-link', interfaces: [] } as const;

test('a bundle that the eNB would refuse stops the job before anything is connected', () => {
  const seen = facts({ job: job(1, { fault }) });
  for (const step of ['connect', 'identify', 'step-0'] as const)
    assert.equal(obstacleOf(step, seen), 'bundle-unusable');
});

test('a cable without link has its own screen, unless an eNB was found, is played by the lab, or the person goes on', () => {
  const network = { ...noLink, interfaces: [] };
  assert.equal(obstacleOf('connect', facts({ network })), 'no-link');
  assert.equal(obstacleOf('connect', facts({ network, found: [{ way, label: '' }] })), undefined);
  assert.equal(obstacleOf('connect', facts({ network, training: true })), undefined);
  assert.equal(obstacleOf('connect', facts({ network, ignoresNetwork: true })), undefined);
});

test('step 0 is shown only for the right eNB, identified on this address', () => {
  assert.equal(obstacleOf('step-0', facts()), 'no-target');
  assert.equal(obstacleOf('step-0', facts({ way, identity: { state: 'asking' } })), 'identifying');
  assert.equal(obstacleOf('step-0', facts({ way, identity: { state: 'fault', fault } })), 'identity-fault');
  assert.equal(obstacleOf('step-0', facts({ way, identity: identified(false) })), 'wrong-enb');
  assert.equal(obstacleOf('step-0', facts({ way, identity: identified(true) })), undefined);
});

test('a delivery that runs is shown whatever else is missing, and cannot be left by the list of steps', () => {
  const seen = facts({ job: job(1, { isRunning: true, state: 'sent' }) });
  assert.equal(obstacleOf('step-0', seen), undefined);
  assert.equal(isReachable('connect', seen), false);
  assert.equal(firstStep(seen.job), 'step-0');
});

test('what an earlier delivery has left is shown until the person wants to send', () => {
  const stopped = job(1, { state: 'sent', deliveryFault: fault });
  assert.equal(obstacleOf('step-0', facts({ job: stopped })), undefined);
  assert.equal(obstacleOf('step-0', facts({ job: stopped, wantsToSend: true })), 'no-target');
});

test('there is nothing to finish before the eNB has answered', () => {
  assert.equal(obstacleOf('finish', facts()), 'not-delivered');
  assert.equal(obstacleOf('finish', facts({ job: job(1, { state: 'receipt' }) })), undefined);
  assert.equal(obstacleOf('finish', facts({ job: job(1, { state: 'refused' }) })), undefined);
});

test('only a receipt is called done', () => {
  const tones = (['selected', 'sent', 'read-back', 'verdict', 'receipt', 'refused'] as const).map(
    (state) => shownState({ state, isRunning: false }).tone,
  );
  assert.deepEqual(tones, ['plain', 'warn', 'warn', 'warn', 'good', 'bad']);
});

test('the three bars follow the delivery', () => {
  const bars = (more: Partial<JobView>) => {
    const { sending, readingBack, checks } = barsOf(job(1, more));
    return [sending, readingBack, checks];
  };
  assert.deepEqual(bars({}), ['waiting', 'waiting', 'waiting']);
  assert.deepEqual(bars({ isRunning: true, state: 'identified' }), ['moving', 'waiting', 'waiting']);
  assert.deepEqual(bars({ isRunning: true, state: 'sent' }), ['done', 'moving', 'waiting']);
  assert.deepEqual(bars({ isRunning: true, state: 'read-back' }), ['done', 'done', 'moving']);
  assert.deepEqual(bars({ state: 'receipt' }), ['done', 'done', 'done']);
  assert.deepEqual(bars({ state: 'sending' }), ['bad', 'waiting', 'waiting']);
  assert.deepEqual(bars({ state: 'sent' }), ['done', 'bad', 'waiting']);
  assert.deepEqual(bars({ state: 'refused' }), ['done', 'omitted', 'refused']);
});

test('stopping says what it leaves', () => {
  assert.notEqual(leftBehind('identified'), leftBehind('sent'));
  assert.notEqual(leftBehind('sent'), leftBehind('receipt'));
});
