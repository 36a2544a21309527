// Step 0.5: its outcome, and what of the tunnel is reached.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { faultView } from '../../../main/api/views.ts';
import type { StepsView, StepView } from '../../../preload/contract/index.ts';
import {
  eventWords,
  milestones,
  milestoneStates,
  tunnelOutcome,
} from '../../../renderer/src/screens/site/tunnel-state.ts';
import { stepList, workOf } from '../../kit/fake-data.ts';

/** The work of asking the eNB to start a step. */
const starting = (start: 'initial-ipsec' | 'enrolment') => ({ ...workOf('job', 'starting'), start });

suite('step 0.5', () => {
  const fault = faultView({ code: 'ike-peer-refused' });
  const cases: readonly (readonly [string | undefined, string, Partial<StepView>, StepsView['work']?])[] = [
    [undefined, 'before it is tried', {}],
    [undefined, 'while the eNB is only looked at', {}, workOf('job', 'connecting')],
    ['starting', 'while the eNB is asked', { state: 'failed' }, starting('initial-ipsec')],
    ['failed', 'while the eNB is asked to start another', { state: 'failed' }, starting('enrolment')],
    ['running', 'while it runs', { state: 'running' }, workOf('job', 'following')],
    ['gone', 'if nobody follows it', { state: 'running' }],
    ['failed', 'if the installer can fix it', { state: 'failed' }],
    ['failedElsewhere', 'if somebody else can fix it', { state: 'failed', fault }],
    ['done', 'if the tunnel is up, whatever runs now', { state: 'done' }, starting('initial-ipsec')],
  ];
  for (const [outcome, when, step, work] of cases)
    test(`${when}: ${outcome ?? 'no outcome'}`, () => {
      const list = stepList({ 'initial-ipsec': step });
      assert.equal(tunnelOutcome({ list, needsTunnel: true, ...(work && { work }) }), outcome);
    });

  test('shows what is reached, what is under way, and where it ended', () => {
    const states = (step: Pick<StepView, 'state' | 'phase'>) => {
      const found = milestoneStates(step);
      return milestones.map((name) => found[name]);
    };
    assert.deepEqual(states({ state: 'running' }), ['running', 'waiting', 'waiting', 'waiting']);
    assert.deepEqual(states({ state: 'running', phase: 'sent' }), ['done', 'running', 'waiting', 'waiting']);
    assert.deepEqual(states({ state: 'failed', phase: 'answered' }), ['done', 'done', 'failed', 'waiting']);
    assert.deepEqual(states({ state: 'done' }), ['done', 'done', 'done', 'done']);
    assert.deepEqual(states({ state: 'waiting' }), ['waiting', 'waiting', 'waiting', 'waiting']);
  });

  test('says the last event in words, or as the eNB names it', () => {
    assert.match(eventWords(undefined), /not started/);
    assert.match(eventWords('answered'), /gateway answered/);
    assert.match(eventWords('toString'), /toString/);
  });
});
