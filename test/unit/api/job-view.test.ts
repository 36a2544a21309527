import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { openStore } from '../../../main/store/index.ts';
import { bundleFor, configurationFor, identity, labOptions, makeScene } from '../../kit/bundle.ts';
import { makeEnb } from '../../kit/issue-certificate.ts';
import { jobCore } from '../../kit/job-core.ts';

const scene = makeScene();
const { securityGateways } = configurationFor(scene);

suite('a job', () => {
  test('names its vendor as people do, and the root in full', async (context) => {
    const { port, jobs } = await jobCore(context, scene, [await bundleFor(scene)], {});
    const { vendor, vendorRoot } = await port.ask('jobs.get', { id: jobs[0]!.id });
    assert.match(vendorRoot, /O=.*CN=/);
    assert.ok(vendorRoot.includes(`O=${vendor},`), vendor);
  });

  for (const [gateways, steps] of [
    ['initial and traffic', ['initial-ipsec', 'enrolment', 'backhaul-ipsec']],
    ['traffic', ['enrolment', 'backhaul-ipsec']],
    ['no', ['enrolment']],
  ] as const) {
    test(`with ${gateways} security gateways has these steps to come: ${steps.join(', ')}`, async (context) => {
      const changes = {
        securityGateways: securityGateways.filter(({ role }) => gateways.includes(role)),
        initialIpsec: { ...configurationFor(scene).initialIpsec, required: gateways.includes('initial') },
      };
      const { port, jobs } = await jobCore(context, scene, [await bundleFor(scene, changes)], {});
      const { list } = (await port.ask('jobs.get', { id: jobs[0]!.id })).steps;
      assert.deepEqual(
        list.map(({ step, state }) => [step, state]),
        steps.map((step) => [step, 'waiting']),
      );
    });
  }

  test('says when the eNB’s certificate ends first, if this computer has it', async (context) => {
    const { port, jobs, dataFolder } = await jobCore(context, scene, [await bundleFor(scene)], {});
    const { id } = jobs[0]!;
    const endOf = async () => (await port.ask('jobs.get', { id })).certificateEnd;
    assert.equal(await endOf(), undefined);
    const add = (notAfter: string) => {
      const { certificate } = makeEnb(scene.vendor, identity, {
        ...labOptions,
        notAfter: new Date(notAfter),
      });
      const store = openStore(dataFolder);
      assert(store.ok);
      store.value.enbCertificates.add({ ...identity, certificate: certificate.der });
      store.value.close();
    };
    add('2026-10-31T00:00:00Z');
    assert.deepEqual(await endOf(), { at: '2026-10-31T00:00:00Z', isOver: true });
    add('2026-12-29T00:00:00Z');
    assert.deepEqual(await endOf(), { at: '2026-12-29T00:00:00Z', isOver: false });
    const { rows } = await port.ask('jobs.list', { show: 'all' });
    assert.deepEqual(rows[0]?.certificateEnd, await endOf());
    add('2030-01-01T00:00:00Z');
    assert.equal(await endOf(), undefined);
  });

  test('has the same report at every look', async (context) => {
    let time = Date.parse('2026-11-15T12:00:00Z');
    const { port, jobs } = await jobCore(context, scene, [await bundleFor(scene)], {
      now: () => new Date((time += 60_000)),
    });
    const look = () => port.ask('jobs.report', { id: jobs[0]!.id });
    assert.deepEqual(await look(), await look());
  });
});
