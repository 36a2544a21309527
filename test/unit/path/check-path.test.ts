// The checks of the path to the security gateways, over a network in this process.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { pathChecks } from '../../../preload/contract/steps.ts';
import type { Configuration } from '../../../main/bundle/index.ts';
import { keyIdOf, ProbeLimit } from '../../../main/ike/index.ts';
import { checkPath, pathProblem, type PathCheck } from '../../../main/path/index.ts';
import { configurationFor, makeScene } from '../../kit/bundle.ts';
import { fakeNetwork, type FakeGateway, type FakeNetwork } from '../../kit/path.ts';

const scene = makeScene();
const { vendor, operatorRoot } = scene;
const vendorRoot = keyIdOf(vendor.root.certificate);
const intermediate = keyIdOf(vendor.issuing.certificate);
const other = keyIdOf(operatorRoot.certificate);
const clock: PathCheck = { check: 'clock', outcome: 'passed', figure: '2 s' };

const [initialName, initialHost, trafficHost] = ['seg1.backhaul.example', '198.51.100.21', '198.51.100.22'];
const good: FakeGateway = { keyIds: [vendorRoot, other] };
const goodTraffic: FakeGateway = { keyIds: [other] };

interface Surroundings extends FakeNetwork {
  readonly initial?: FakeGateway;
  readonly traffic?: FakeGateway;
  readonly changes?: Partial<Configuration>;
  readonly isInTunnel?: boolean;
  readonly limit?: ProbeLimit;
  readonly signal?: AbortSignal;
  readonly onCheck?: (check: PathCheck) => void;
}

/** Checks the path of the bundle of the scene, where both gateways are good unless a test says otherwise. */
async function check({ initial = good, traffic = goodTraffic, ...more }: Surroundings = {}) {
  const { changes, isInTunnel = false, limit = new ProbeLimit(() => 0), signal, onCheck } = more;
  const fake = fakeNetwork({
    names: { [initialName]: [initialHost], ...more.names },
    gateways: { [initialHost]: initial, [trafficHost]: traffic, ...more.gateways },
    open: more.open ?? [],
  });
  const checked = await checkPath(
    {
      configuration: configurationFor(scene, changes),
      vendorRoots: [vendor.root.certificate],
      intermediates: [vendor.issuing.certificate],
      ...{ clock, isInTunnel },
    },
    { network: fake.network, limit },
    onCheck,
    signal,
  );
  return { ...fake, checked };
}

/** All checks, which must not have been stopped. */
async function checksOf(surroundings: Surroundings = {}): Promise<readonly PathCheck[]> {
  const { checked } = await check(surroundings);
  assert(checked.ok);
  return checked.value;
}

const named = (checks: readonly PathCheck[], name: PathCheck['check'], gateway?: string) =>
  checks.filter((one) => one.check === name && (gateway === undefined || one.gateway === gateway));

/** Each check in short: its name, outcome, and the code of its fault. */
const short = (checks: readonly PathCheck[]) =>
  checks.map(({ check: name, outcome, fault }) => [name, outcome, ...(fault ? [fault.code] : [])].join(' '));

const gateways = configurationFor(scene).securityGateways;
const [initialGateway, trafficGateway] = gateways;
assert(initialGateway && trafficGateway);

suite('the checks of the path', () => {
  test('pass where everything is right, each with its figure, in the order of the table', async () => {
    const checks = await checksOf();
    assert.deepEqual(short(checks), [
      'name passed',
      'name passed',
      'answer passed',
      'vendor-root passed',
      'traffic-gateway passed',
      'port-4500 passed',
      'sizes passed',
      'ra-silent passed',
      'clock passed',
    ]);
    const figures = checks.map(({ figure = '' }) => figure.replace(/^\d+ ms/, 'TIME'));
    assert.deepEqual(figures, [
      initialHost,
      '',
      'TIME, aes128gcm16-prfsha256-ecp256',
      '',
      '',
      'TIME',
      '1400 bytes',
      'ra.pki.example',
      '2 s',
    ]);
    assert.equal(pathProblem(checks), undefined);
  });

  test('are reported one by one as they end', async () => {
    const seen: PathCheck[] = [];
    const checks = await checksOf({ onCheck: (one) => seen.push(one) });
    assert.deepEqual(new Set(short(seen)), new Set(short(checks)));
    assert.equal(seen.length, checks.length);
  });

  test('ask each gateway for one SA only, and send the rest without leaving state', async () => {
    const { sent } = await check();
    const toInitial = sent.filter(({ host }) => host === initialHost);
    assert.deepEqual(
      toInitial.map(({ port }) => port),
      [500, 500, 4500],
    );
    assert.equal(sent.filter(({ host }) => host === trafficHost).length, 1);
  });

  test('have every check of the table, also for a bundle without gateways', async () => {
    const { initialIpsec } = configurationFor(scene);
    const changes = { securityGateways: [], initialIpsec: { ...initialIpsec, required: false } };
    const checks = await checksOf({ changes });
    assert.deepEqual(new Set(checks.map((one) => one.check)), new Set(pathChecks.names));
    const outcomes = new Set(checks.slice(0, -1).map(({ outcome }) => outcome));
    assert.deepEqual([...outcomes], ['skipped']);
    assert.equal(pathProblem(checks), undefined);
  });

  test('end at once when they are stopped', async () => {
    const stop = new AbortController();
    const { checked, sent } = await check({ signal: stop.signal, onCheck: () => stop.abort() });
    assert.equal(checked.ok ? undefined : checked.fault.code, 'cancelled');
    assert.deepEqual(sent, []);
  });
});

suite('the name of a gateway', () => {
  for (const [title, names, found] of [
    ['does not exist', [], undefined],
    ['cannot be resolved because no server answers', 'EAI_AGAIN', 'EAI_AGAIN'],
  ] as const) {
    test(`${title}: what depends on it is skipped`, async () => {
      const checks = await checksOf({ names: { [initialName]: names } });
      const where = { address: initialName };
      assert.deepEqual(named(checks, 'name', initialName)[0]?.fault, {
        code: 'ike-name-unresolved',
        ...(found && { found }),
        where,
      });
      for (const name of ['answer', 'vendor-root', 'port-4500', 'sizes'] as const)
        assert.deepEqual(short(named(checks, name)), [`${name} skipped`]);
      assert.equal(pathProblem(checks)?.code, 'ike-name-unresolved');
    });
  }

  test('of a traffic gateway that leads nowhere is no obstacle beside a good initial one', async () => {
    const traffic = { ...trafficGateway, address: 'seg2.backhaul.example' };
    const checks = await checksOf({ changes: { securityGateways: [initialGateway, traffic] } });
    assert.deepEqual(short(named(checks, 'name', traffic.address)), ['name failed ike-name-unresolved']);
    assert.deepEqual(short(named(checks, 'traffic-gateway')), ['traffic-gateway skipped']);
    assert.equal(pathProblem(checks), undefined);
  });

  test('may be an address, which needs no resolver', async () => {
    const initial = { ...initialGateway, address: '2001:db8::21' };
    const { checked } = await check({
      changes: { securityGateways: [initial] },
      gateways: { '2001:db8::21': good },
    });
    assert(checked.ok);
    assert.deepEqual(short(named(checked.value, 'answer')), ['answer passed']);
    assert.equal(named(checked.value, 'name')[0]?.figure, undefined);
  });
});

suite('an initial gateway', () => {
  for (const [title, initial, answer] of [
    ['is silent', { isSilent: true }, 'answer failed ike-no-answer'],
    ['is not there', { error: 'ECONNREFUSED' }, 'answer failed ike-unreachable'],
  ] as const) {
    test(`that ${title} is asked nothing else`, async () => {
      const checks = await checksOf({ initial });
      assert.deepEqual(short(named(checks, 'answer')), [answer]);
      for (const name of ['vendor-root', 'port-4500', 'sizes'] as const)
        assert.deepEqual(short(named(checks, name)), [`${name} skipped`]);
      assert.equal(pathProblem(checks)?.where?.address, initialName);
    });
  }

  test('with other algorithms still gets the questions that need none', async () => {
    const checks = await checksOf({ initial: { proposals: ['aes256-sha512-modp4096'] } });
    assert.deepEqual(short(named(checks, 'answer')), ['answer failed ike-proposal-refused']);
    assert.deepEqual(short(named(checks, 'vendor-root')), ['vendor-root skipped']);
    assert.deepEqual(short(named(checks, 'port-4500')), ['port-4500 passed']);
    assert.deepEqual(short(named(checks, 'sizes')), ['sizes passed']);
  });

  for (const [title, keyIds, outcome] of [
    ['lists other roots only', [other], 'failed seg-lacks-vendor-root'],
    ['lists an intermediate only', [intermediate], 'not-possible seg-trust-unknown'],
    ['asks for no certificate', undefined, 'not-possible seg-trust-unknown'],
  ] as const) {
    test(`that ${title}: ${outcome}`, async () => {
      const checks = await checksOf({ initial: { keyIds } });
      assert.deepEqual(short(named(checks, 'vendor-root')), [`vendor-root ${outcome}`]);
      assert.equal(
        pathProblem(checks)?.code,
        outcome.startsWith('failed') ? 'seg-lacks-vendor-root' : undefined,
      );
    });
  }

  test('behind a blocked UDP 4500', async () => {
    const checks = await checksOf({ initial: { ...good, ports: [500] } });
    assert.deepEqual(short(named(checks, 'port-4500')), ['port-4500 failed port-4500-blocked']);
  });

  test('that was probed a moment ago is not probed again, but gets the other questions', async () => {
    const limit = new ProbeLimit(() => 0);
    await check({ limit });
    const checks = await checksOf({ limit });
    assert.deepEqual(short(named(checks, 'answer')), ['answer not-possible ike-too-soon']);
    assert.deepEqual(short(named(checks, 'sizes')), ['sizes passed']);
    assert.deepEqual(short(named(checks, 'traffic-gateway')), ['traffic-gateway not-possible ike-too-soon']);
    assert.equal(pathProblem(checks), undefined);
  });

  test('is checked beside others, and one good one is enough', async () => {
    const second = { ...initialGateway, address: '198.51.100.23' };
    const changes = { securityGateways: [second, ...gateways] };
    const checks = await checksOf({ changes, gateways: { [second.address]: { isSilent: true } } });
    assert.deepEqual(short(named(checks, 'answer')), ['answer failed ike-no-answer', 'answer passed']);
    assert.equal(pathProblem(checks), undefined);
    const none = await checksOf({ changes, initial: { isSilent: true } });
    assert.equal(pathProblem(none)?.code, 'ike-no-answer');
  });

  test('under two names gets one probe', async () => {
    const alias = { ...initialGateway, address: 'seg9.backhaul.example' };
    const { checked, sent } = await check({
      changes: { securityGateways: [initialGateway, alias] },
      names: { [alias.address]: [initialHost] },
    });
    assert(checked.ok);
    assert.deepEqual(short(named(checked.value, 'answer')), ['answer passed', 'answer passed']);
    assert.equal(sent.filter(({ port, size }) => port === 500 && size < 400).length, 1);
  });

  test('is asked for the proposals of its own, if the bundle has some', async () => {
    const own = 'aes256-sha384-ecp384';
    const checks = await checksOf({
      changes: { securityGateways: [{ ...initialGateway, proposals: [own] }] },
      initial: { ...good, proposals: [own] },
    });
    assert.match(named(checks, 'answer')[0]?.figure ?? '', /aes256-sha384(-prfsha384)?-ecp384$/);
  });
});

suite('the sizes', () => {
  const { backhaul } = configurationFor(scene);
  for (const [mtu, largest, figure] of [
    [1500, 1280, '1280 bytes'],
    [1500, 1499, '1492 bytes'],
    [1400, 1399, '1280 bytes'],
    [9216, 1500, '1500 bytes'],
    [1500, 600, '576 bytes'],
  ] as const) {
    test(`of an MTU of ${mtu}, where ${largest} get through, are found with few packets: ${figure}`, async () => {
      const changes = { backhaul: { ...backhaul, mtu } };
      const { checked, sent } = await check({ changes, initial: { ...good, largest } });
      assert(checked.ok);
      const [sizes] = named(checked.value, 'sizes');
      assert.deepEqual(sizes?.fault, {
        code: 'path-too-small',
        expected: `${mtu} bytes`,
        found: figure,
        where: { address: initialName },
      });
      assert.equal(sizes.figure, figure);
      const asked = new Set(
        sent.filter(({ host, size }) => host === initialHost && size >= 576).map(({ size }) => size),
      );
      assert.equal(asked.size <= 4, true);
      assert.deepEqual(short(named(checked.value, 'port-4500')), ['port-4500 passed']);
    });
  }

  test('and UDP 4500 blame nobody at a gateway that ignores what it does not accept', async () => {
    const checks = await checksOf({ initial: { ...good, isTaciturn: true } });
    assert.deepEqual(short(named(checks, 'sizes')), ['sizes not-possible ike-no-answer']);
    assert.deepEqual(short(named(checks, 'port-4500')), ['port-4500 not-possible ike-no-answer']);
    assert.equal(pathProblem(checks), undefined);
  });
});

suite('a traffic gateway', () => {
  for (const [title, traffic, outcome] of [
    ['lists the vendor root', good, 'failed traffic-seg-has-vendor-root'],
    ['lists an intermediate only', { keyIds: [intermediate] }, 'not-possible seg-trust-unknown'],
    ['is silent', { isSilent: true }, 'not-possible ike-no-answer'],
  ] as const) {
    test(`that ${title}: ${outcome}`, async () => {
      const checks = await checksOf({ traffic });
      assert.deepEqual(short(named(checks, 'traffic-gateway')), [`traffic-gateway ${outcome}`]);
      const isFailed = outcome.startsWith('failed');
      assert.equal(pathProblem(checks)?.code, isFailed ? 'traffic-seg-has-vendor-root' : undefined);
    });
  }

  test('that is an initial one too, by its name or by its address, is skipped', async () => {
    for (const address of [initialName, initialName.toUpperCase(), initialHost]) {
      const changes = { securityGateways: [initialGateway, { ...trafficGateway, address }] };
      const checks = await checksOf({ changes });
      assert.deepEqual(short(named(checks, 'traffic-gateway')), ['traffic-gateway skipped']);
    }
  });
});

suite('the RA/CA outside the tunnel', () => {
  const [name, host] = ['ra.pki.example', '192.0.2.9'];
  const { enrolment, initialIpsec } = configurationFor(scene);

  test('is silent if nothing takes a connection there', async () => {
    const { checked, tried } = await check({ names: { [name]: [host, '2001:db8::9'] } });
    assert(checked.ok);
    const [ra] = named(checked.value, 'ra-silent');
    assert.deepEqual(ra, {
      check: 'ra-silent',
      outcome: 'passed',
      figure: '192.0.2.9:8080, [2001:db8::9]:8080',
    });
    assert.deepEqual(tried, ['192.0.2.9:8080', '2001:db8::9:8080']);
  });

  for (const [url, port] of [
    ['http://ra.pki.example:8080/pkix/', 8080],
    ['http://ra.pki.example/pkix/', 80],
    ['https://192.0.2.9/pkix/', 443],
  ] as const) {
    test(`fails if it answers: ${url}`, async () => {
      const checks = await checksOf({
        changes: { enrolment: { ...enrolment, url } },
        names: { [name]: ['192.0.2.8', host] },
        open: [`${host}:${port}`],
      });
      assert.equal(named(checks, 'ra-silent')[0]?.fault?.where?.address, `${host}:${port}`);
      assert.equal(pathProblem(checks)?.code, 'ra-reachable-outside');
    });
  }

  test('is not asked if the bundle does not require the tunnel, or if a tunnel may be up', async () => {
    const free = { initialIpsec: { ...initialIpsec, required: false } };
    for (const [surroundings, outcome] of [
      [{ changes: free }, 'skipped'],
      [{ isInTunnel: true }, 'not-possible'],
    ] as const) {
      const { checked, tried } = await check({ names: { [name]: [host] }, ...surroundings });
      assert(checked.ok);
      assert.deepEqual(short(named(checked.value, 'ra-silent')), [`ra-silent ${outcome}`]);
      assert.deepEqual(tried, []);
    }
  });
});
