// Steps 0 to 2 and a renewal of one eNB, over the real core: started, followed, explained, signed for and logged.
import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { fault } from '../../../main/faults/index.ts';
import type { Output, StepName } from '../../../preload/contract/index.ts';
import { bundleFor, makeScene, now as start } from '../../kit/bundle.ts';
import { startEnb } from '../../kit/enb.ts';
import { makeEnroller, settled } from '../../kit/enroller.ts';
import { TestIpsec } from '../../kit/ipsec.ts';
import { jobCore } from '../../kit/job-core.ts';
import { ManualTime } from '../../kit/manual-time.ts';

const scene = makeScene();
const day = 86_400_000;

/** An eNB that has its bundle, and the laptop that has brought it. */
async function afterStep0(context: TestContext) {
  const time = new ManualTime();
  const now = () => new Date(start.getTime() + time.uptime());
  const ipsec = new TestIpsec();
  const enroller = makeEnroller(scene);
  const { later, uptime } = time;
  const running = await startEnb(scene, { now, steps: { enroller, ipsec, later, uptime } });
  context.after(() => running.close());
  const { enb, port } = running;
  const laptop = await jobCore(context, scene, [await bundleFor(scene)], {
    now,
    pause: () => Promise.resolve(),
  });
  const { id, serialNumber: confirmedSerialNumber } = laptop.jobs[0]!;
  const address = `127.0.0.1:${port}`;
  assert.equal((await laptop.port.ask('jobs.send', { id, address, confirmedSerialNumber })).state, 'receipt');
  const follow = (step?: StepName) =>
    laptop.port.ask('jobs.follow', { id, address, ...(step && { start: step }) });
  const sentences = async () => {
    const { rows } = await laptop.port.ask('log.list', {});
    return rows.map(({ sentence }) => sentence);
  };
  const pass = (milliseconds: number) => time.pass(milliseconds, () => settled(enb));
  return { ipsec, port: laptop.port, id, follow, sentences, pass };
}

function stateOf({ steps }: Output<'jobs.get'>, wanted: StepName) {
  return steps.list.find(({ step }) => step === wanted);
}

suite('every step of an eNB', () => {
  for (const [step, number, before] of [
    ['initial-ipsec', '0.5', []],
    ['enrolment', '1', ['initial-ipsec']],
    ['backhaul-ipsec', '2', ['initial-ipsec', 'enrolment']],
  ] as const)
    test(`is started, followed, signed for and logged: step ${number}`, async (context) => {
      const { follow, sentences } = await afterStep0(context);
      for (const earlier of before) await follow(earlier);
      assert.equal(stateOf(await follow(), step)?.state, 'waiting');
      const { state, isSigned } = stateOf(await follow(step), step)!;
      assert.deepEqual([state, isSigned], ['done', true]);
      const said = (await sentences()).join('\n');
      assert.match(said, new RegExp(`LAB0001.*started step ${number} at the user's request`));
      assert.match(said, new RegExp(`LAB0001.*reports that step ${number} is done`));
    });

  test('is followed, signed for and logged when it is a renewal, which the eNB starts', async (context) => {
    const { follow, sentences, pass } = await afterStep0(context);
    for (const step of ['initial-ipsec', 'enrolment', 'backhaul-ipsec'] as const) await follow(step);
    await pass(71 * day);
    const { state, isSigned } = stateOf(await follow(), 'renewal')!;
    assert.deepEqual([state, isSigned], ['done', true]);
    assert.match((await sentences()).join('\n'), /LAB0001.*reports that it renewed its certificate/);
  });

  test('is shown while it runs: step 0.5', async (context) => {
    const { ipsec, port, follow, id } = await afterStep0(context);
    let release: () => void = () => undefined;
    const shown = new Promise<undefined>((resolve) => (release = () => resolve(undefined)));
    ipsec.obstacle = (phase) => (phase === 'authenticated' ? shown : undefined);
    const followed = follow('initial-ipsec');
    for (;;) {
      const changed = port.nextChange();
      const { state, phase } = stateOf(await port.ask('jobs.get', { id }), 'initial-ipsec')!;
      if (state === 'running' && phase === 'answered') break;
      await changed;
    }
    release();
    assert.equal(stateOf(await followed, 'initial-ipsec')?.state, 'done');
  });

  test('that fails says what happened, why, who fixes it and what to do next: step 0.5', async (context) => {
    const { ipsec, follow, sentences } = await afterStep0(context);
    ipsec.obstacle = () => fault('ike-peer-refused', { found: 'AUTHENTICATION_FAILED' });
    const { state, fault: shown, isSigned } = stateOf(await follow('initial-ipsec'), 'initial-ipsec')!;
    assert.deepEqual([state, shown?.code, isSigned], ['failed', 'ike-peer-refused', true]);
    assert.equal(shown?.message, 'The security gateway does not accept this eNB.');
    assert.match(shown.cause, /^It does not trust the certificate that the eNB showed/);
    assert.equal(shown.mendedBy, 'the operator');
    assert.match(shown.next, /^Give the serial number to the security gateway's operator\./);
    assert.match(
      (await sentences()).join('\n'),
      /LAB0001.*reports that step 0\.5 failed\. The security gateway/,
    );
  });
});
