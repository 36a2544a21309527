// The path to the security gateways of a job, over the real core: from the laptop and from the eNB.
import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { keyIdOf } from '../../../main/ike/index.ts';
import type { ReferenceEnbOptions } from '../../../main/lab/index.ts';
import type { PathNetwork } from '../../../main/path/index.ts';
import type { Output } from '../../../preload/contract/index.ts';
import { bundleFor, configurationFor, makeScene, now } from '../../kit/bundle.ts';
import { sendJson, startFaultyEnb, type Behaviour } from '../../kit/enb.ts';
import { jobCore } from '../../kit/job-core.ts';
import { fakeNetwork } from '../../kit/path.ts';

const scene = makeScene();
const bundle = await bundleFor(scene);
const other = await bundleFor(scene, { sequence: 8 });
const keyIds = [keyIdOf(scene.vendor.root.certificate)];
const [initialHost, trafficHost] = ['198.51.100.21', '198.51.100.22'];

/** A network with good gateways for the bundle of the scene. */
const backhaul = (initial = keyIds) =>
  fakeNetwork({
    names: { 'seg1.backhaul.example': [initialHost] },
    gateways: { [initialHost]: { keyIds: initial }, [trafficHost]: { keyIds: ['00'.repeat(20)] } },
  });

interface Site {
  readonly given?: Uint8Array;
  readonly held?: Uint8Array;
  readonly behaviours?: Readonly<Record<string, Behaviour>>;
  readonly options?: Partial<ReferenceEnbOptions>;
  readonly network?: PathNetwork;
}

/** A laptop with a job, and its eNB, which holds the job's bundle. */
async function atSite(context: TestContext, { given = bundle, held = given, ...site }: Site = {}) {
  const laptop = backhaul();
  const enb = await startFaultyEnb(scene, site.behaviours ?? {}, {
    path: { network: backhaul().network, uptime: () => 0 },
    ...site.options,
  });
  context.after(() => enb.close());
  enb.enb.takeBundle(held);
  const time = { now, monotonic: 0 };
  const core = await jobCore(context, scene, [given], {
    now: () => time.now,
    monotonic: () => time.monotonic,
    network: site.network ?? laptop.network,
  });
  const { id } = core.jobs[0]!;
  const address = `127.0.0.1:${enb.port}`;
  return {
    ...core,
    ...{ enb, id, address, sent: laptop.sent },
    pass: (seconds: number) => {
      time.now = new Date(time.now.getTime() + seconds * 1000);
      time.monotonic += seconds * 1000;
    },
    get: () => core.port.ask('jobs.get', { id }),
    check: (to?: string) => core.port.ask('jobs.checkPath', { id, ...(to !== undefined && { address: to }) }),
  };
}

type Job = Output<'jobs.get'>;

const placeOf = ({ path }: Job, wanted: string) => path?.places.find(({ place }) => place === wanted);
const short = (job: Job, wanted: string) =>
  placeOf(job, wanted)?.checks.map(({ check, outcome }) => `${check} ${outcome}`);
const allButClock = [
  'name passed',
  'name passed',
  'answer passed',
  'vendor-root passed',
  'traffic-gateway passed',
  'port-4500 passed',
  'sizes passed',
  'ra-silent passed',
];

suite('the path of a job', () => {
  test('is unknown before the first check', async (context) => {
    const { get } = await atSite(context);
    assert.equal((await get()).path, undefined);
  });

  test('is checked from the laptop, kept, and logged', async (context) => {
    const { check, restart, id, port } = await atSite(context);
    const job = await check();
    assert.deepEqual(short(job, 'laptop'), [...allButClock, 'clock not-possible']);
    assert.equal(placeOf(job, 'laptop')?.checkedAt, now.toISOString());
    assert.equal(placeOf(job, 'enb'), undefined);
    assert.equal(job.path?.work, undefined);
    const { rows } = await port.ask('log.list', { descending: true });
    assert.match(rows[0]?.sentence ?? '', /path .* of site S00001 from this laptop: 0 of 9 checks failed/);
    const again = await restart();
    assert.deepEqual((await again.ask('jobs.get', { id })).path, job.path);
    assert.deepEqual((await again.ask('jobs.report', { id })).job.path, job.path);
  });

  test('is checked from the eNB as well, whose clock is beside the laptop clock', async (context) => {
    const { check, address, port } = await atSite(context, {
      options: { now: () => new Date(now.getTime() - 3600_000) },
    });
    const job = await check(address);
    assert.deepEqual(short(job, 'laptop'), [...allButClock, 'clock failed']);
    assert.equal(placeOf(job, 'laptop')?.checks.at(-1)?.fault?.code, 'clock-wrong');
    assert.deepEqual(short(job, 'enb'), [...allButClock, 'clock passed']);
    const { rows } = await port.ask('log.list', { descending: true });
    assert.match(rows[0]?.sentence ?? '', /^eNB LAB0001 .* checked its path/);
  });

  test('is not asked of the gateways again within 30 s, and then it is', async (context) => {
    const { check, address, sent, pass } = await atSite(context);
    await check();
    const before = sent.length;
    pass(29);
    const job = await check(address);
    assert.deepEqual([sent.length, placeOf(job, 'laptop')?.checkedAt], [before, now.toISOString()]);
    assert.equal(placeOf(job, 'enb')?.checks.length, 9);
    pass(1);
    assert.notEqual(placeOf(await check(), 'laptop')?.checkedAt, now.toISOString());
    assert.equal(sent.length, 2 * before);
  });

  test('has the words of each fault, whoever reports it', async (context) => {
    const checks = [
      {
        check: 'sizes',
        gateway: 'seg\u202e1',
        outcome: 'failed',
        figure: '5\u001b[2J',
        fault: { code: 'path-too-small' },
      },
      { check: 'clock', outcome: 'failed', fault: { code: 'internal-error', detail: 'a\u0000b' } },
    ];
    const { check, address } = await atSite(context, {
      behaviours: { 'POST /v1/checks/path': ({ response }) => sendJson(response, 200, { checks }) },
    });
    const [sizes, clock] = placeOf(await check(address), 'enb')?.checks ?? [];
    assert.deepEqual([sizes?.gateway, sizes?.figure], ['seg⟨U+202E⟩1', '5⟨U+001B⟩[2J']);
    assert.deepEqual([sizes?.fault?.code, sizes?.fault?.where], ['path-too-small', 'address seg⟨U+202E⟩1']);
    assert.deepEqual(
      [clock?.fault?.code, clock?.fault?.found],
      ['step-failed', 'internal-error: a⟨U+0000⟩b'],
    );
  });

  for (const [title, site, code] of [
    ['holds another bundle', { held: other }, 'other-configuration'],
    ['does not check its path', { behaviours: { 'POST /v1/checks/path': refuse } }, 'device-refused'],
    ['is gone', { behaviours: { 'GET /v1/identity': ({ socket }) => socket.destroy() } }, 'device-closed'],
  ] as const satisfies readonly (readonly [string, Site, string])[]) {
    test(`has a fault for an eNB that ${title}, beside the laptop's checks`, async (context) => {
      const { check, address } = await atSite(context, site);
      const job = await check(address);
      assert.equal(placeOf(job, 'enb')?.fault?.code, code);
      assert.deepEqual(placeOf(job, 'enb')?.checks, []);
      assert.equal(placeOf(job, 'laptop')?.checks.length, 9);
    });
  }

  test('shows each check while the others run, and can be stopped', async (context) => {
    const { network } = backhaul();
    const asked = Promise.withResolvers<undefined>();
    const hanging: PathNetwork = {
      ...network,
      resolve: (name, servers, signal) => {
        if (name.startsWith('seg')) return network.resolve(name, servers, signal);
        return new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason as Error));
          asked.resolve(undefined);
        });
      },
    };
    const { check, get, port } = await atSite(context, { network: hanging });
    const checked = check();
    await asked.promise;
    let job = await get();
    while ((short(job, 'laptop')?.length ?? 0) < 7) {
      const changed = port.nextChange();
      job = await get();
      if ((short(job, 'laptop')?.length ?? 0) < 7) await changed;
    }
    const work = job.path?.work;
    assert.equal(work?.phase, 'laptop');
    await port.ask('work.stop', { id: work.id });
    assert.equal((await checked).path, undefined);
  });

  test('is no longer checked by an eNB that is needed for something else', async (context) => {
    const asked = Promise.withResolvers<undefined>();
    const hang: Behaviour = () => asked.resolve(undefined);
    const { check, get, port, id, address } = await atSite(context, {
      behaviours: { 'POST /v1/checks/path': hang },
    });
    const checked = check(address);
    await asked.promise;
    assert.equal((await get()).path?.work?.phase, 'enb');
    assert.equal((await port.refusal('jobs.checkPath', { id, address })).code, 'work-busy');
    assert.equal((await port.ask('jobs.identify', { id, address })).isTheRightOne, true);
    const job = await checked;
    assert.deepEqual([job.path?.work, placeOf(job, 'enb')], [undefined, undefined]);
    assert.equal(placeOf(job, 'laptop')?.checks.length, 9);
  });

  test('is left alone if the bundle has no gateway', async (context) => {
    const { initialIpsec } = configurationFor(scene);
    const given = await bundleFor(scene, {
      securityGateways: [],
      initialIpsec: { ...initialIpsec, required: false },
    });
    const { check, sent } = await atSite(context, { given });
    assert.deepEqual([(await check()).path, sent.length], [undefined, 0]);
  });
});

function refuse({ response }: Parameters<Behaviour>[0]): void {
  response.writeHead(404, { 'content-type': 'application/problem+json' }).end('{"title":"No such resource"}');
}
