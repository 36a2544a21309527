import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { faultView } from '../../../main/api/views.ts';
import { nextStep, startObstacle, stepsOf } from '../../../preload/contract/steps.ts';
import {
  amountOf,
  leftBy,
  progressLine,
  situationOf,
  stateWords,
  stepLine,
  timesOf,
  type Situation,
} from '../../../renderer/src/screens/site/step-state.ts';
import type { StepsView, StepView } from '../../../preload/contract/index.ts';
import { minutesAgo, stepList, workOf } from '../../kit/fake-data.ts';

type Changes = NonNullable<Parameters<typeof stepList>[0]>;

function steps(list: Changes, more: Partial<StepsView> = {}): StepsView {
  return { list: stepList(list), needsTunnel: false, reportedAt: minutesAgo(0), ...more };
}

const done = { state: 'done' } as const;
const running = { state: 'running' } as const;
const failed = { state: 'failed' } as const;
const work = workOf('job', 'following');
const ofOperator = { ...failed, fault: faultView({ code: 'cmp-refused' }) };
const ofInstaller = { ...failed, fault: faultView({ code: 'not-provisioned' }) };

suite('what the steps mean for somebody who is about to leave', () => {
  const cases: readonly (readonly [Situation, string, StepsView])[] = [
    ['unseen', 'before anyone asked', { ...steps({}), reportedAt: undefined }],
    ['waiting', 'before step 1', steps({})],
    ['blocked', 'before step 0.5, if step 1 needs its tunnel', steps({}, { needsTunnel: true })],
    ['tunnel', 'after step 0.5', steps({ 'initial-ipsec': done }, { needsTunnel: true })],
    ['waiting', 'if step 0.5 failed, and step 1 does not need it', steps({ 'initial-ipsec': ofOperator })],
    [
      'failedElsewhere',
      'if step 0.5 failed, and step 1 needs it',
      steps({ 'initial-ipsec': ofOperator }, { needsTunnel: true }),
    ],
    [
      'starting',
      'while the eNB is asked to try again',
      steps({ enrolment: ofOperator }, { work: { ...workOf('job', 'starting'), start: 'enrolment' } }),
    ],
    ['running', 'while a step is followed', steps({ enrolment: running }, { work })],
    ['gone', 'if nobody follows the step that ran', steps({ enrolment: running })],
    ['failed', 'after a failure that the installer can fix', steps({ enrolment: ofInstaller })],
    ['failedElsewhere', 'after a failure that the operator can fix', steps({ enrolment: ofOperator })],
    ['enrolled', 'after step 1, before step 2', steps({ enrolment: done })],
    [
      'enrolled',
      'if step 0.5 failed, and step 1 did not need it',
      steps({ 'initial-ipsec': failed, enrolment: done }),
    ],
    ['failed', 'if step 2 failed', steps({ enrolment: done, 'backhaul-ipsec': failed })],
    ['inService', 'after step 2', steps({ enrolment: done, 'backhaul-ipsec': done })],
    ['inService', 'after a renewal', steps({ enrolment: done, 'backhaul-ipsec': done, renewal: done })],
    [
      'complete',
      'after step 1, without step 2',
      { ...steps({}), list: [{ step: 'enrolment', state: 'done', isSigned: false }] },
    ],
    ['failed', 'if a renewal failed', steps({ enrolment: done, 'backhaul-ipsec': done, renewal: failed })],
  ];
  for (const [kind, when, given] of cases)
    test(`${when}: ${kind}`, () => assert.equal(situationOf(given).kind, kind));
});

suite('a step', () => {
  const step = (more: Partial<StepView>): StepView => ({
    step: 'enrolment',
    state: 'running',
    isSigned: false,
    ...more,
  });

  test('that runs is said by its phase, or as the eNB names it', () => {
    assert.equal(stateWords(step({ phase: 'key' })), 'making its key');
    assert.equal(stateWords(step({ phase: 'toString' })), 'toString');
    assert.equal(stateWords(step({ phase: 'key', state: 'failed' })), 'failed');
  });

  test('that runs is as far as the place of its phase in the table', () => {
    assert.equal(amountOf(step({ phase: 'key' })), 0.1);
    assert.equal(amountOf(step({ phase: 'confirming' })), 0.9);
    assert.equal(amountOf(step({ phase: 'other' })), 'moving');
  });

  test('that ended early says what the eNB has', () => {
    assert.match(leftBy(step({ phase: 'requested' }))!, /may have issued/);
    assert.match(leftBy(step({ phase: 'confirming' }))!, /already has/);
    assert.equal(leftBy(step({})), undefined);
    const tunnel = { step: 'initial-ipsec', phase: 'sent' } as const;
    assert.match(leftBy(step({ ...tunnel, state: 'failed' }))!, /No tunnel is up/);
    assert.equal(leftBy(step(tunnel)), undefined, 'it may be up by now');
    const failedBy = (
      code: 'cmp-refused' | 'cmp-no-answer' | 'credential-bound-elsewhere',
      phase = 'requested',
    ) => leftBy(step({ state: 'failed', phase, fault: faultView({ code }) }));
    assert.match(failedBy('cmp-no-answer')!, /may have issued/);
    assert.match(failedBy('cmp-refused')!, /no operator certificate yet/);
    assert.match(failedBy('cmp-refused', 'confirming')!, /already has/);
    assert.equal(failedBy('credential-bound-elsewhere'), undefined);
    assert.match(leftBy(step({ step: 'renewal', phase: 'key' }))!, /keeps its certificate/);
  });

  test('in the report has its state, its reason, its times, and whether the eNB signed for it', () => {
    const times = { startedAt: '2026-11-23T11:58:00Z', endedAt: '2026-11-23T11:59:00Z' };
    assert.match(
      stepLine(step({ ...done, ...times, isSigned: true })),
      /^done; .*2026.* to .*2026.*; signed$/,
    );
    const fault = faultView({ code: 'step-failed', found: 'x-1' });
    assert.match(stepLine(step({ ...failed, fault })), /^failed; .* x-1; reported$/);
    assert.equal(stepLine(step({ state: 'waiting' })), 'not started');
  });

  test('can be started when no other runs and none must be done before', () => {
    const list = (changes: Changes) => stepList(changes);
    assert.equal(startObstacle('enrolment', list({}), false), undefined);
    assert.equal(startObstacle('enrolment', list({ enrolment: failed }), false), undefined);
    assert.equal(startObstacle('enrolment', list({}), true), 'first');
    assert.equal(startObstacle('enrolment', list({ 'initial-ipsec': done }), true), undefined);
    assert.equal(startObstacle('enrolment', list({ 'initial-ipsec': running }), false), 'running');
    assert.equal(startObstacle('enrolment', list({ enrolment: done }), false), 'done');
    assert.equal(startObstacle('renewal', list({ enrolment: done }), false), 'automatic');
    assert.equal(startObstacle('initial-ipsec', list({}), true), undefined);
    assert.equal(startObstacle('backhaul-ipsec', list({}), false), 'first');
    assert.equal(startObstacle('backhaul-ipsec', list({ enrolment: done }), true), undefined);
    const inService = list({ enrolment: done, 'backhaul-ipsec': done });
    assert.equal(startObstacle('initial-ipsec', inService, false), 'in-service');
  });

  test('comes next when it is the first that is required, not done, and can be started', () => {
    const next = (changes: Changes, needsTunnel = false) => nextStep(stepList(changes), needsTunnel);
    assert.equal(next({}), 'enrolment');
    assert.equal(next({}, true), 'initial-ipsec');
    assert.equal(next({ 'initial-ipsec': failed }, true), 'initial-ipsec');
    assert.equal(next({ 'initial-ipsec': done }, true), 'enrolment');
    assert.equal(next({ enrolment: done }), 'backhaul-ipsec');
    assert.equal(next({ enrolment: running }), undefined);
    assert.equal(next({ enrolment: done, 'backhaul-ipsec': done, renewal: failed }), undefined);
  });

  test('is the one that the eNB is asked to start, even if it is not the next', () => {
    const start = 'initial-ipsec';
    const { step } = situationOf(steps({}, { work: { ...workOf('job', 'starting'), start } }));
    assert.deepEqual([step?.step, step?.phase], [start, 'waiting to start']);
  });

  test('has one time if it took less than a minute', () => {
    const times = (startedAt: string, endedAt: string) =>
      timesOf({ step: 'enrolment', state: 'done', isSigned: false, startedAt, endedAt });
    assert.match(times('2026-11-15T12:00:01Z', '2026-11-15T12:00:04Z') ?? '', /^\d\d:\d\d$/);
    assert.match(times('2026-11-15T12:00:01Z', '2026-11-15T12:01:04Z') ?? '', / to /);
  });

  test('is among what is done, or among what is still to do', () => {
    const { reportedAt: _, ...unseen } = steps({}, { needsTunnel: true });
    assert.equal(progressLine(unseen), 'Done: step 0. Not known yet: steps 0.5, 1 and 2.');
    assert.equal(progressLine(steps({})), 'Done: step 0. Still to do: steps 1 and 2.');
    assert.equal(
      progressLine(steps({ 'initial-ipsec': done, enrolment: done })),
      'Done: steps 0, 0.5 and 1. Still to do: step 2.',
    );
    assert.equal(
      progressLine(steps({ enrolment: done, 'backhaul-ipsec': done })),
      'Done: steps 0, 1 and 2. Nothing is left to do.',
    );
  });

  test('belongs to a configuration that has its gateway; renewal is no work on site', () => {
    assert.deepEqual(stepsOf([]), ['enrolment']);
    assert.deepEqual(stepsOf(['traffic', 'initial']), ['initial-ipsec', 'enrolment', 'backhaul-ipsec']);
  });
});
