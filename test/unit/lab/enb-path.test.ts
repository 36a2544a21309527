// The path checks of the reference eNB, over its interface.
import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { openSession, type EnbSession } from '../../../main/device/index.ts';
import { keyIdOf } from '../../../main/ike/index.ts';
import { EnbPath } from '../../../main/lab/enb-path.ts';
import { EnbStateFile } from '../../../main/lab/enb-state.ts';
import type { Receipt } from '../../../main/bundle/index.ts';
import { bundleFor, clock, makeScene, now } from '../../kit/bundle.ts';
import { deadlines, enbOptions, makeReferenceEnb, startEnb, trustOf } from '../../kit/enb.ts';
import { fakeNetwork } from '../../kit/path.ts';

const scene = makeScene();
const bundle = await bundleFor(scene);
const next = await bundleFor(scene, { sequence: 8 });

const vendorRoot = keyIdOf(scene.vendor.root.certificate);

/** A network with both gateways of the bundle of the scene. */
function backhaul() {
  return fakeNetwork({
    names: { 'seg1.backhaul.example': ['198.51.100.21'] },
    gateways: { '198.51.100.21': { keyIds: [vendorRoot] }, '198.51.100.22': { keyIds: [] } },
  });
}

/** An eNB that is connected, with a clock that a test moves. */
async function connected(context: TestContext, given: Uint8Array = bundle, network = backhaul()) {
  let time = 0;
  const enb = await startEnb(scene, { path: { network: network.network, uptime: () => time } });
  context.after(() => enb.close());
  enb.enb.takeBundle(given);
  const session = await openSession(enb.transport, trustOf(scene), { ...deadlines, request: 500 });
  assert(session.ok);
  context.after(() => session.value.close());
  const pass = (milliseconds: number) => (time += milliseconds);
  return { ...network, enb: enb.enb, session: session.value, pass };
}

async function codeOf(session: EnbSession): Promise<string | undefined> {
  const answer = await session.checkPath();
  return answer.ok ? undefined : answer.fault.code;
}

suite('the path checks of an eNB', () => {
  test('are made with its accepted bundle, from its own place', async (context) => {
    const { session } = await connected(context);
    const answer = await session.checkPath();
    assert(answer.ok, JSON.stringify(answer));
    const short = answer.value.checks.map(({ check, outcome }) => `${check} ${outcome}`);
    assert.deepEqual(short, [
      'name passed',
      'name passed',
      'answer passed',
      'vendor-root passed',
      'traffic-gateway not-possible',
      'port-4500 passed',
      'sizes passed',
      'ra-silent passed',
      'clock passed',
    ]);
    assert.deepEqual(answer.value.checks.at(-1), {
      check: 'clock',
      outcome: 'passed',
      figure: '2026-11-15T12:00:00Z',
    });
    assert.deepEqual(answer.value.checks[4]?.fault, { code: 'seg-trust-unknown', detail: '198.51.100.22' });
  });

  test('need a bundle', async (context) => {
    const { session } = await connected(context, new Uint8Array());
    assert.equal(await codeOf(session), 'not-provisioned');
  });

  test('are made once in 30 s, counted from their end', async (context) => {
    const { session, pass, sent } = await connected(context);
    assert.equal(await codeOf(session), undefined);
    const before = sent.length;
    pass(29_999);
    assert.equal(await codeOf(session), 'device-busy');
    assert.equal(sent.length, before);
    pass(1);
    assert.equal(await codeOf(session), undefined);
    assert.equal(sent.length, 2 * before);
  });

  test('are shared by all who ask at the same time', async (context) => {
    const { enb, sent } = await connected(context);
    const replies = await Promise.all(Array.from({ length: 100 }, () => enb.checkPath()));
    assert.equal(new Set(replies).size, 1);
    assert.equal(sent.filter(({ host }) => host === '198.51.100.22').length, 1);
  });

  test('of another bundle wait until the running ones have ended', async (context) => {
    const { enb } = await connected(context);
    const first = enb.checkPath();
    enb.takeBundle(next);
    assert.equal((await enb.checkPath()).kind, 'too-soon');
    assert.equal((await first).kind, 'checked');
  });

  test('end with the eNB', async (context) => {
    const network = backhaul();
    const { enb, sent } = await connected(context, bundle, {
      ...network,
      network: {
        ...network.network,
        connect: () => new Promise<boolean>((resolve) => setImmediate(resolve, false)),
      },
    });
    const reply = enb.checkPath();
    await enb.close();
    assert.deepEqual(await reply, { kind: 'checked', answer: { checks: [] } });
    assert.deepEqual(sent, []);
  });

  test('are refused by an eNB that has none', async (context) => {
    const enb = await startEnb(scene);
    context.after(() => enb.close());
    const session = await openSession(enb.transport, trustOf(scene), deadlines);
    assert(session.ok);
    assert.equal(await codeOf(session.value), 'device-refused');
    session.value.close();
  });

  for (const [step, state, outcome] of [
    ['initial-ipsec', 'done', 'not-possible'],
    ['backhaul-ipsec', 'running', 'not-possible'],
    ['initial-ipsec', 'failed', 'passed'],
    ['enrolment', 'done', 'passed'],
  ] as const) {
    test(`know that ${step}, ${state}, makes it ${outcome} to see that the RA/CA is silent`, async () => {
      const options = enbOptions(scene);
      makeReferenceEnb(scene, options).takeBundle(bundle);
      const file = EnbStateFile.open(options.folder);
      assert(file.ok);
      const steps: Receipt['steps'] = [{ step, state }];
      const device = { ...options, clock: () => clock, steps: () => steps };
      const path = new EnbPath(
        device,
        { network: backhaul().network, uptime: () => now.getTime() },
        file.value,
      );
      const reply = await path.check();
      assert(reply.kind === 'checked');
      assert.equal(reply.answer.checks.find(({ check }) => check === 'ra-silent')?.outcome, outcome);
    });
  }
});
