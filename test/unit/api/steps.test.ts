// The steps after step 0, over the real core: how an eNB is followed, what is kept of its reports, and what is shown.
import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { ipsecKindOf } from '../../../main/api/steps.ts';
import { ok, refuse } from '../../../main/faults/index.ts';
import type { Enroller, ReferenceEnbOptions } from '../../../main/lab/index.ts';
import type { StepsDocument } from '../../../main/device/index.ts';
import type { Output } from '../../../preload/contract/index.ts';
import { bundleFor, configurationFor, makeScene, now } from '../../kit/bundle.ts';
import { sendJson, startFaultyEnb, type Behaviour } from '../../kit/enb.ts';
import { jobCore } from '../../kit/job-core.ts';

const scene = makeScene();

type Steps = StepsDocument['steps'];

const waiting: Steps = [
  { step: 'initial-ipsec', state: 'waiting' },
  { step: 'enrolment', state: 'waiting' },
  { step: 'backhaul-ipsec', state: 'waiting' },
  { step: 'renewal', state: 'waiting' },
];

/** What an eNB reports: made at that moment, or known before. */
type Report = Steps | 'hang-up' | (() => Steps);

/** The reports of an eNB whose enrolment is in this state. */
function enrolment(state: Steps[number]['state'], more: Partial<Steps[number]> = {}): Steps {
  return waiting.map((one) => (one.step === 'enrolment' ? { ...one, state, ...more } : one));
}

const startedAt = '2026-11-15T12:00:01Z';
const endedAt = '2026-11-15T12:00:04Z';
const done = enrolment('done', { startedAt, endedAt });

/** An eNB that makes these reports one after the other, and repeats the last. */
function reporting(reports: readonly Report[]): Record<string, Behaviour> {
  const left = [...reports];
  const report =
    (status: number): Behaviour =>
    ({ response, socket }) => {
      const next = left.length > 1 ? left.shift() : left[0];
      if (next === 'hang-up' || !next) socket.destroy();
      else sendJson(response, status, { steps: typeof next === 'function' ? next() : next });
    };
  return { 'GET /v1/steps': report(200), 'POST /v1/steps/enrolment': report(202) };
}

/** A laptop with a job, and its eNB, which makes these reports; without any, its own. */
async function atSite(
  context: TestContext,
  reports: readonly Report[],
  required = false,
  options: Partial<ReferenceEnbOptions> = {},
) {
  const { initialIpsec } = configurationFor(scene);
  const bundle = await bundleFor(scene, { initialIpsec: { ...initialIpsec, required } });
  const enb = await startFaultyEnb(scene, reports.length > 0 ? reporting(reports) : {}, options);
  context.after(() => enb.close());
  const laptop = await jobCore(context, scene, [bundle], {
    now: () => now,
    pause: () => Promise.resolve(),
  });
  const { id, serialNumber: confirmedSerialNumber } = laptop.jobs[0]!;
  const address = `127.0.0.1:${enb.port}`;
  const get = () => laptop.port.ask('jobs.get', { id });
  return {
    ...laptop,
    enb,
    id,
    address,
    get,
    send: () => laptop.port.ask('jobs.send', { id, address, confirmedSerialNumber }),
    follow: (start?: 'enrolment') => laptop.port.ask('jobs.follow', { id, address, ...(start && { start }) }),
    /** Resolves once nobody follows the job any more. */
    settled: async () => {
      for (;;) {
        const changed = laptop.port.nextChange();
        const job = await get();
        if (!job.steps.work) return job;
        await changed;
      }
    },
  };
}

function stateOf({ steps }: Output<'jobs.get'>, wanted = 'enrolment') {
  return steps.list.find(({ step }) => step === wanted);
}

suite('the steps of an eNB', () => {
  test('are followed after a delivery until none runs, and kept with the job', async (context) => {
    const running = enrolment('running', { startedAt, phase: 'key' });
    const { send, settled, restart, id } = await atSite(context, [running, running, done]);
    await send();
    const job = await settled();
    assert.deepEqual(stateOf(job), { step: 'enrolment', state: 'done', startedAt, endedAt, isSigned: false });
    assert.equal(job.hasStepsLeft, true);
    assert.deepEqual(job.lastStep, { step: 'enrolment', state: 'done' });
    assert.equal(job.steps.fault, undefined);
    const port = await restart();
    assert.deepEqual((await port.ask('jobs.get', { id })).steps, job.steps);
  });

  test('are unknown before anyone has asked', async (context) => {
    const { get } = await atSite(context, [waiting]);
    const { steps, lastStep } = await get();
    assert.deepEqual([steps.reportedAt, lastStep], [undefined, undefined]);
  });

  test('can be looked at later: the receipt had them waiting, and the eNB reports more', async (context) => {
    const { send, settled, follow } = await atSite(context, [waiting, done]);
    await send();
    const before = await settled();
    assert.equal(stateOf(before)?.state, 'waiting');
    assert.ok(before.steps.reportedAt);
    assert.equal(stateOf(await follow())?.state, 'done');
  });

  test('start when the user asks, and the log says who asked and how it ended', async (context) => {
    const failed = enrolment('failed', {
      startedAt,
      endedAt,
      fault: { code: 'x-acme-7', detail: 'no\u202eradio' },
    });
    const { send, settled, follow, port, enb } = await atSite(context, [waiting, failed]);
    await send();
    await settled();
    const job = await follow('enrolment');
    assert.ok(enb.requests.includes('POST /v1/steps/enrolment'));
    const { fault } = stateOf(job)!;
    assert.deepEqual([fault?.code, fault?.found], ['step-failed', 'x-acme-7: no⟨U+202E⟩radio']);
    const { rows } = await port.ask('log.list', { descending: true });
    const said = rows.map(({ sentence }) => sentence);
    assert.match(said[0]!, /^Siteseal keeps receipt 2 /);
    assert.match(said[1]!, /LAB0001.*step 1 failed\. \S/);
    assert.deepEqual(rows[1]!.facts.find(({ value }) => value === 'x-acme-7')?.label, 'Code from the eNB');
    assert.match(said[2]!, /LAB0001.*started step 1 at the user's request/);
  });

  test('that have ended are in a new receipt, so that the eNB has signed for them', async (context) => {
    const enroller: Enroller = {
      request: () => Promise.resolve(refuse('cmp-refused', { found: 'not registered' })),
      confirm: () => Promise.resolve(ok(undefined)),
    };
    const steps = { enroller, later: () => () => undefined, uptime: () => 0 };
    const { send, settled, follow, port, id } = await atSite(context, [], false, { steps });
    await send();
    const before = await settled();
    assert.equal(stateOf(before)?.state, 'waiting');
    const job = await follow('enrolment');
    const { state, fault, isSigned } = stateOf(job)!;
    assert.deepEqual([state, fault?.code, isSigned], ['failed', 'cmp-refused', true]);
    assert.equal(job.state, 'receipt');
    assert.equal(job.receipt!.number, before.receipt!.number + 1);
    assert.equal((await port.ask('jobs.receipt', { id })).fileName, job.receipt!.fileName);
  });

  test('show no invisible character that the eNB chose, in the job and in the log', async (context) => {
    const fault = { code: 'x-\u202eacme', detail: 'no\u0000radio' };
    const failed = enrolment('failed', { startedAt, phase: 'key\u001b[2J', fault });
    const { send, settled, port } = await atSite(context, [failed]);
    await send();
    const shown = JSON.stringify([await settled(), await port.ask('log.list', {})]);
    assert.match(shown, /x-⟨U\+202E⟩acme/);
    assert.doesNotMatch(shown, /\u202e|\\u00/);
  });

  test('that end once are logged once', async (context) => {
    const { send, settled, follow, port } = await atSite(context, [done]);
    await send();
    await settled();
    await follow();
    const { rows } = await port.ask('log.list', {});
    assert.equal(rows.filter(({ action }) => action === 'step-ended').length, 1);
  });

  test('with a fault that is about steps have the words of that fault', async (context) => {
    const fault = { code: 'ra-outside-tunnel' };
    const { send, settled } = await atSite(context, [enrolment('failed', { fault })]);
    await send();
    assert.equal(stateOf(await settled())?.fault?.code, 'ra-outside-tunnel');
  });

  test('cannot claim a fault of Siteseal itself', async (context) => {
    const fault = { code: 'internal-error' };
    const { send, settled } = await atSite(context, [enrolment('failed', { fault })]);
    await send();
    assert.equal(stateOf(await settled())?.fault?.code, 'step-failed');
  });

  test('of an eNB that is gone meanwhile stay as reported, with the reason', async (context) => {
    const running = enrolment('running', { startedAt, phase: 'requested' });
    const { send, settled } = await atSite(context, [running, 'hang-up']);
    await send();
    const job = await settled();
    assert.deepEqual([stateOf(job)?.state, stateOf(job)?.phase], ['running', 'requested']);
    assert.equal(job.steps.fault?.code, 'device-closed');
    assert.deepEqual(job.lastStep, { step: 'enrolment', state: 'unfinished' });
  });

  test('are no longer followed when the user stops, which is no fault', async (context) => {
    const { send, get, port, settled } = await atSite(context, [enrolment('running')]);
    await send();
    const { steps } = await get();
    assert.ok(steps.work);
    await port.ask('work.stop', { id: steps.work.id });
    assert.equal((await settled()).steps.fault, undefined);
  });

  test('are no longer followed when the connection is needed for something else', async (context) => {
    const { send, get, port, id, address } = await atSite(context, [enrolment('running')]);
    await send();
    assert.ok((await get()).steps.work);
    assert.ok((await port.ask('jobs.identify', { id, address })).isTheRightOne);
    assert.equal((await get()).steps.work, undefined);
  });

  test('of an eNB that holds another configuration say nothing about this job', async (context) => {
    const { follow, enb } = await atSite(context, [done]);
    enb.enb.takeBundle(await bundleFor(scene, { sequence: 99 }));
    const job = await follow();
    assert.equal(job.steps.fault?.code, 'other-configuration');
    assert.equal(job.steps.reportedAt, undefined);
  });

  test('of a configuration that replaces this one meanwhile say nothing about this job', async (context) => {
    const other = await bundleFor(scene, { sequence: 99 });
    const running = enrolment('running', { startedAt, phase: 'key' });
    const site = await atSite(context, [
      running,
      () => {
        site.enb.enb.takeBundle(other);
        return done;
      },
      done,
    ]);
    await site.send();
    const job = await site.settled();
    assert.equal(job.steps.fault?.code, 'other-configuration');
    assert.equal(stateOf(job)?.state, 'running');
  });

  for (const required of [true, false])
    test(`say that step 1 ${required ? 'needs' : 'does not need'} the first tunnel`, async (context) => {
      const { get } = await atSite(context, [waiting], required);
      assert.equal((await get()).steps.needsTunnel, required);
    });
});

test('a tunnel that is not the real thing is known by the firmware in the receipt', () => {
  const enb = 'siteseal-reference-enb/1';
  const kinds = ['stand-in', 'childless', 'strongswan'].map((kind) => ipsecKindOf(`${enb} (IPsec: ${kind})`));
  assert.deepEqual(kinds, ['stand-in', 'childless', undefined]);
  assert.deepEqual([ipsecKindOf(enb), ipsecKindOf()], [undefined, undefined]);
});
