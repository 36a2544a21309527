import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { bundleFor, configurationFor, makeScene } from '../../kit/bundle.ts';
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

  test('has the same report at every look', async (context) => {
    let time = Date.parse('2026-11-15T12:00:00Z');
    const { port, jobs } = await jobCore(context, scene, [await bundleFor(scene)], {
      now: () => new Date((time += 60_000)),
    });
    const look = () => port.ask('jobs.report', { id: jobs[0]!.id });
    assert.deepEqual(await look(), await look());
  });
});
