import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type {
  CarriedView,
  DeliveryPhase,
  IdentifiedView,
  JobState,
  JobView,
} from '../../../preload/contract/index.ts';
import {
  driveAddress,
  firstPage,
  isDone,
  isReachable,
  listedPage,
  listedPages,
  obstacleOf,
  pageAfterDelivery,
  shownPage,
  usbProblems,
  volumeOf,
  type JobFacts,
} from '../../../renderer/src/screens/site/job-pages.ts';
import { attemptOf, barsOf, leftBehind, shownState } from '../../../renderer/src/screens/site/job-state.ts';
import { job, minutesAgo, receiptOf, stepList, workOf } from '../../kit/fake-data.ts';

const address = '192.0.2.10:4443';

function identified(isTheRightOne: boolean): JobFacts['identity'] {
  return { state: 'known', value: { isTheRightOne } as IdentifiedView };
}

function facts(more: Partial<JobFacts> = {}): JobFacts {
  return {
    job: job(1),
    training: false,
    network: { problem: null, interfaces: [] },
    found: [],
    usbFault: undefined,
    ignoresNetwork: false,
    address: undefined,
    identity: { state: 'unknown' },
    wantsToSend: false,
    ...more,
  };
}

const carried = (state: CarriedView['state']): CarriedView => ({
  state,
  volume: '7066-8977',
  drive: 'KINGSTON',
  since: '2026-11-23T12:00:00Z',
});

const fault = { code: 'x', message: '', cause: '', mendedBy: '', next: '', because: [] };
const noLink = { problem: 'no-link', interfaces: [] } as const;

test('a bundle that the eNB would refuse stops the job before anything is connected', () => {
  const seen = facts({ job: job(1, { fault }) });
  for (const page of ['connect', 'usb', 'drives', 'identify', 'step-0', 'drive'] as const)
    assert.equal(obstacleOf(page, seen), 'bundle-unusable');
});

test('a cable without link has its own screen, unless an eNB was found, is played by the lab, or the user continues', () => {
  const network = { ...noLink, interfaces: [] };
  assert.equal(obstacleOf('ethernet', facts({ network })), 'no-link');
  assert.equal(obstacleOf('connect', facts({ network })), undefined);
  assert.equal(
    obstacleOf('ethernet', facts({ network, found: [{ kind: 'ethernet', address, label: '' }] })),
    undefined,
  );
  assert.equal(obstacleOf('ethernet', facts({ network, training: true })), undefined);
  assert.equal(obstacleOf('ethernet', facts({ network, ignoresNetwork: true })), undefined);
});

test('step 0 is shown only for the right eNB, identified on this address', () => {
  assert.equal(obstacleOf('step-0', facts()), 'no-target');
  assert.equal(obstacleOf('step-0', facts({ address, identity: { state: 'asking' } })), 'identifying');
  assert.equal(
    obstacleOf('step-0', facts({ address, identity: { state: 'fault', fault } })),
    'identity-fault',
  );
  assert.equal(obstacleOf('step-0', facts({ address, identity: identified(false) })), 'wrong-enb');
  assert.equal(obstacleOf('step-0', facts({ address, identity: identified(true) })), undefined);
});

test('a delivery that runs is shown whatever else is missing, and cannot be left by the list of pages', () => {
  const seen = facts({ job: job(1, { work: workOf('work', 'sent'), state: 'sent' }) });
  assert.equal(obstacleOf('step-0', seen), undefined);
  assert.equal(isReachable('connect', seen), false);
  assert.equal(firstPage(seen.job), 'step-0');
});

test('what an earlier delivery has left is shown until the person wants to send', () => {
  const stopped = job(1, { state: 'sent', deliveryFault: fault });
  assert.equal(obstacleOf('step-0', facts({ job: stopped })), undefined);
  assert.equal(obstacleOf('step-0', facts({ job: stopped, wantsToSend: true })), 'no-target');
});

test('each obstacle to USB has its own screen, before and after it is tried', () => {
  const usb = (more: Partial<JobFacts>) => obstacleOf('usb', facts(more));
  const device = { kind: 'usb', address: 'usb:X', label: 'X' } as const;
  assert.equal(usb({ found: undefined }), undefined);
  assert.equal(usb({}), 'usb-device-missing');
  assert.equal(usb({ found: [device] }), undefined);
  assert.equal(usb({ usbFault: { ...fault, code: 'usb-unavailable' } }), 'usb-unavailable');
  for (const code of usbProblems) {
    const refused = facts({ address, identity: { state: 'fault', fault: { ...fault, code } } });
    assert.equal(obstacleOf('identify', refused), code);
  }
});

test('a drive has its own pages, from the choice to the receipt', () => {
  const byDrive = ['connect', 'drive', 'carry', 'step-05', 'finish'];
  const byStream = ['connect', 'identify', 'step-0', 'step-05', 'finish'];
  assert.deepEqual(listedPages('drives', job(1)), byDrive);
  assert.deepEqual(listedPages('usb', job(1)), byStream);
  assert.deepEqual(listedPages('connect', job(1)), byStream);
  assert.deepEqual(listedPages('finish', job(1, { state: 'receipt' })), byDrive);
  assert.deepEqual(listedPages('finish', job(1, { state: 'receipt', address })), byStream);
  assert.equal(listedPage('drives'), 'connect');
  assert.equal(volumeOf(driveAddress('7066-8977')), '7066-8977');
  assert.equal(volumeOf(address), undefined);
  assert.equal(obstacleOf('drive', facts()), 'no-drive');
  assert.equal(obstacleOf('drive', facts({ address: driveAddress('7066-8977') })), undefined);
});

suite('the page of step 0.5', () => {
  const steps = (list: NonNullable<Parameters<typeof stepList>[0]>) => ({
    steps: { list: stepList(list), needsTunnel: true },
  });
  const delivered = (list: NonNullable<Parameters<typeof stepList>[0]> = {}) =>
    job(1, { state: 'receipt', address, ...steps(list) });

  test('is only for a job whose configuration has a first gateway, and whose eNB took it', () => {
    const list = stepList().filter(({ step }) => step !== 'initial-ipsec');
    const without = job(1, { state: 'receipt', address, steps: { list, needsTunnel: false } });
    assert.ok(listedPages('finish', delivered()).includes('step-05'));
    for (const one of [without, job(1, { state: 'refused', address })]) {
      assert.ok(!listedPages('finish', one).includes('step-05'));
      assert.equal(shownPage(one, 'step-05'), 'finish');
    }
  });

  test('can be opened once the eNB has its configuration', () => {
    assert.equal(obstacleOf('step-05', facts({ job: job(1) })), 'not-delivered');
    assert.equal(isReachable('step-05', facts({ job: delivered() })), true);
  });

  test('is where the job continues, until the tunnel is up or a later step has started', () => {
    const failed = { state: 'failed' } as const;
    const done = { state: 'done' } as const;
    assert.equal(firstPage(delivered()), 'step-05');
    assert.equal(pageAfterDelivery(delivered({ 'initial-ipsec': failed })), 'step-05');
    assert.equal(pageAfterDelivery(delivered({ 'initial-ipsec': done })), 'finish');
    assert.equal(pageAfterDelivery(delivered({ enrolment: failed })), 'finish');
    assert.equal(firstPage(job(1, { state: 'receipt', ...steps({}) })), 'finish', 'without a connection');
  });

  test('leads to Finish, which is not ticked off while a step is left', () => {
    const done = { state: 'done' } as const;
    const isDoneWith = (list: NonNullable<Parameters<typeof stepList>[0]>) => {
      const reported = { ...delivered(list), steps: { ...steps(list).steps, reportedAt: minutesAgo(0) } };
      return [isDone('finish', facts({ job: reported }), 'finish'), shownState(reported).word];
    };
    const all = { 'initial-ipsec': done, enrolment: done, 'backhaul-ipsec': done };
    assert.deepEqual(isDoneWith(all), [true, 'Done, proven']);
    assert.deepEqual(isDoneWith({ ...all, renewal: { state: 'failed' } }), [true, 'Done, proven']);
    assert.deepEqual(isDoneWith({ 'initial-ipsec': done, enrolment: done }), [false, 'Delivered, proven']);
    assert.deepEqual(isDoneWith({ ...all, 'backhaul-ipsec': { state: 'running' } }), [
      false,
      'Delivered, proven',
    ]);
  });

  test('leaves the job unfinished in a list', () => {
    const shown = (more: { readonly hasStepsLeft?: true }) =>
      shownState({ state: 'receipt', lastStep: { step: 'enrolment', state: 'done' }, ...more }).word;
    assert.deepEqual([shown({ hasStepsLeft: true }), shown({})], ['Delivered, proven', 'Done, proven']);
  });

  test('is ticked off once the tunnel is up', () => {
    const isUp = (list: NonNullable<Parameters<typeof stepList>[0]>) =>
      isDone('step-05', facts({ job: delivered(list) }), 'step-05');
    assert.deepEqual([isUp({}), isUp({ 'initial-ipsec': { state: 'done' } })], [false, true]);
  });
});

test('a job on a drive is taken up where the store says that it is', () => {
  const at = (state: CarriedView['state'], more: Partial<CarriedView> = {}) =>
    firstPage(job(1, { carried: { ...carried(state), ...more } }));
  assert.deepEqual([at('writing'), at('written'), at('damaged'), at('verified')], Array(4).fill('drive'));
  assert.equal(at('carried'), 'carry');
  const work = workOf('work', 'verifying');
  assert.equal(at('carried', { work }), 'drive');
  const working = job(1, { carried: { ...carried('written'), work } });
  assert.equal(shownPage(working, 'connect'), 'drive');
  assert.equal(isReachable('connect', facts({ job: working })), false);
});

test('only what is verified is carried, and only until the receipt is read', () => {
  const carry = (state: CarriedView['state']) =>
    obstacleOf('carry', facts({ job: job(1, { carried: carried(state) }) }));
  assert.deepEqual([carry('written'), carry('damaged')], ['not-verified', 'not-verified']);
  assert.deepEqual([carry('verified'), carry('carried')], [undefined, undefined]);
  assert.equal(shownPage(job(1, { state: 'receipt' }), 'carry'), 'finish');
  assert.equal(shownPage(job(1, { state: 'refused' }), 'carry'), 'finish');
});

test('the list tells how far a job on a drive is, and calls none of it done', () => {
  const shown = (['writing', 'written', 'damaged', 'verified', 'carried'] as const).map((state) =>
    shownState({ state: 'selected', carried: carried(state) }),
  );
  assert.equal(new Set(shown.map(({ word }) => word)).size, 5);
  assert(shown.every(({ tone }) => tone !== 'good'));
  assert.equal(shown[1]?.word, 'Written, not yet verified');
  assert.equal(shown[4]?.word, 'On its way on KINGSTON');
  assert.equal(shownState({ state: 'receipt', carried: carried('carried') }).tone, 'good');
});

test('there is nothing to finish before the eNB has answered', () => {
  assert.equal(obstacleOf('finish', facts()), 'not-delivered');
  assert.equal(obstacleOf('finish', facts({ job: job(1, { state: 'receipt' }) })), undefined);
  assert.equal(obstacleOf('finish', facts({ job: job(1, { state: 'refused' }) })), undefined);
});

test('only a receipt is called done', () => {
  const tones = (['selected', 'sent', 'read-back', 'verdict', 'receipt', 'refused'] as const).map(
    (state) => shownState({ state }).tone,
  );
  assert.deepEqual(tones, ['plain', 'warn', 'warn', 'warn', 'good', 'bad']);
});

const running: readonly (readonly [DeliveryPhase, string])[] = [
  ['selected', 'moving waiting waiting waiting'],
  ['connected', 'moving waiting waiting waiting'],
  ['identified', 'done waiting waiting waiting'],
  ['sending', 'done moving waiting waiting'],
  ['sent', 'done done moving waiting'],
  ['verdict', 'done done done moving'],
];
const ended: readonly (readonly [JobState, string])[] = [
  ['selected', 'bad waiting waiting waiting'],
  ['sending', 'done bad waiting waiting'],
  ['sent', 'done done bad waiting'],
  ['verdict', 'done done done bad'],
  ['receipt', 'done done done done'],
  ['refused', 'done refused omitted bad'],
];

test('the bars follow the delivery, and only what is under way moves', () => {
  const bars = (attempt: JobState, more: Partial<JobView>, isLost = false) =>
    Object.values(barsOf(attempt, job(1, more), isLost)).join(' ');
  for (const [state, shown] of running) {
    assert.equal(bars(state, { work: workOf('work', state) }), shown, state);
    assert.equal(
      bars(state, { work: workOf('work', state) }, true),
      shown.replace('moving', 'unknown'),
      state,
    );
  }
  for (const [state, shown] of ended) assert.equal(bars(state, {}), shown, state);
  const receipt = { ...receiptOf('AR1000041'), accepted: false };
  assert.equal(bars('refused', { receipt }), 'done refused omitted done');
});

test('of a delivery that broke off, what was proven before does not tell how far it came', () => {
  const proven = { state: 'receipt', deliveryFault: fault } as const;
  assert.equal(attemptOf(job(1, { ...proven, attempt: 'connected' })), 'connected');
  assert.equal(attemptOf(job(1, proven)), undefined);
  assert.equal(attemptOf(job(1, { state: 'sent', deliveryFault: fault })), 'sent');
});

test('what was done before sending stays ticked off while sending, and after', () => {
  const ticks = (more: Partial<JobView>) =>
    (['connect', 'identify', 'step-0'] as const).map((page) =>
      isDone(page, facts({ job: job(1, more) }), 'step-0'),
    );
  assert.deepEqual(ticks({ work: workOf('work', 'selected'), state: 'selected' }), [true, true, false]);
  assert.deepEqual(ticks({ state: 'sending' }), [true, true, false]);
  assert.deepEqual(ticks({ state: 'selected' }), [false, false, false]);
});

test('Finish is ticked off once it is seen, and not before', () => {
  const proven = facts({ job: job(1, { state: 'receipt' }) });
  assert.deepEqual(
    (['step-0', 'finish'] as const).map((here) => isDone('finish', proven, here)),
    [false, true],
  );
});

test('stopping says what it leaves', () => {
  assert.notEqual(leftBehind('identified'), leftBehind('sent'));
  assert.notEqual(leftBehind('sent'), leftBehind('receipt'));
});
