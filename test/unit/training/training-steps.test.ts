// Training over its real worker thread: the steps from 0.5 to 2 and renewal, the path, and the faults of the operator's side.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { StepName } from '../../../main/bundle/index.ts';
import {
  connectionTo,
  createCore,
  deliverFile,
  pathOfFile,
  stepsOfEnb,
  type Core,
  type EnbAddress,
  type PathRequest,
} from '../../../main/core/index.ts';
import { TrainingLab } from '../../../main/training/training-lab.ts';
import type { TrainingFault } from '../../../preload/contract/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { surroundingsIn } from '../../kit/operator.ts';

const now = () => new Date();

/** A training of its own, with its eNBs on the network. */
class Scene {
  readonly folder = temporaryFolder();
  readonly core: Core;
  readonly lab: TrainingLab;

  constructor() {
    const core = createCore({ ...surroundingsIn(this.folder), now });
    this.lab = new TrainingLab(core);
    this.core = { ...core, surroundings: this.lab.surroundings };
  }

  get files(): string {
    return join(this.core.stores.folder(true), 'lab');
  }

  bundle(serialNumber: string): string {
    return join(this.files, 'prepared', 'bundles', `${serialNumber}.p7m`);
  }

  address(serialNumber: string): EnbAddress {
    const found = this.core.surroundings.discovery.list().find((enb) => enb.serialNumber === serialNumber);
    assert(found);
    const trust = { roots: [join(this.files, 'vendor-root.pem')], untrusted: [], crls: [] };
    return { ethernet: found.address, trust };
  }

  async deliver(serialNumber: string): Promise<void> {
    const bundle = this.bundle(serialNumber);
    const delivered = await deliverFile(
      this.core,
      bundle,
      this.address(serialNumber),
      () => undefined,
      this.folder,
    );
    assert(delivered.ok && delivered.value.receipt, JSON.stringify(delivered));
  }

  /** Starts a step, and returns `done` or the code of its fault with its detail. */
  async step(serialNumber: string, step: StepName): Promise<string> {
    const connection = connectionTo(this.core, this.address(serialNumber));
    assert(connection.ok);
    const steps = await stepsOfEnb(this.core, connection.value, () => undefined, step);
    if (!steps.ok) return steps.fault.code;
    const made = steps.value.find((one) => one.step === step);
    return made?.fault?.code ?? made?.state ?? 'unknown';
  }

  /** The outcomes of the path checks, from the laptop and from the eNB. */
  path(serialNumber: string): Promise<readonly string[]> {
    return this.#check({ file: this.bundle(serialNumber), ...this.address(serialNumber) });
  }

  pathFromLaptop(serialNumber: string): Promise<readonly string[]> {
    const { trust } = this.address(serialNumber);
    return this.#check({ file: this.bundle(serialNumber), trust });
  }

  async #check(request: PathRequest): Promise<readonly string[]> {
    const places = await pathOfFile(this.core, request, () => undefined);
    assert(places.ok, JSON.stringify(places));
    return places.value.flatMap(({ place, checks }) =>
      checks.map(({ check, outcome, fault }) => `${place} ${check} ${fault?.code ?? outcome}`),
    );
  }

  async fail(fault: TrainingFault | null): Promise<void> {
    assert((await this.lab.setFault(fault)).ok);
  }

  async close(): Promise<void> {
    await this.lab.stop();
    this.core.stores.close();
  }
}

describe('training', () => {
  const scene = new Scene();
  before(async () => {
    const started = await scene.lab.start();
    assert(started.ok, JSON.stringify(started));
  });
  after(() => scene.close());

  it('goes through every step: the first tunnel, enrolment in it, the tunnel of service, and renewal', async () => {
    await scene.deliver('LAB0001');
    assert.equal(await scene.step('LAB0001', 'enrolment'), 'ra-outside-tunnel');
    for (const step of ['initial-ipsec', 'enrolment', 'backhaul-ipsec', 'renewal'] as const)
      assert.equal(await scene.step('LAB0001', step), 'done', step);
    assert.equal(await scene.step('LAB0001', 'initial-ipsec'), 'in-service');
  });

  it('has a path on which every check passes that can', async () => {
    await scene.deliver('LAB0002');
    const checks = await scene.path('LAB0002');
    const others = checks.filter((check) => !check.endsWith('passed'));
    assert.deepEqual(others, []);
    assert(checks.includes('laptop vendor-root passed') && checks.includes('enb ra-silent passed'));
  });
});

describe('a fault of training', () => {
  const scene = new Scene();
  before(async () => {
    assert((await scene.lab.start()).ok);
  });
  after(() => scene.close());

  // An eNB starts a step once in half a minute, so each fault has its own.
  const faults: readonly (readonly [TrainingFault, string, string, string])[] = [
    ['seg-lacks-root', 'LAB0001', 'ike-peer-refused', 'vendor-root seg-lacks-vendor-root'],
    ['seg-of-another', 'LAB0002', 'ike-peer-untrusted', 'vendor-root passed'],
    ['seg-algorithms', 'LAB0003', 'ike-proposal-refused', 'answer ike-proposal-refused'],
  ];
  for (const [fault, serialNumber, code, check] of faults)
    it(`${fault} ends step 0.5 with ${code}; the path shows ${check}`, async () => {
      await scene.deliver(serialNumber);
      await scene.fail(fault);
      assert.equal(await scene.step(serialNumber, 'initial-ipsec'), code);
      const checks = await scene.path(serialNumber);
      assert(checks.includes(`laptop ${check}`) && checks.includes(`enb ${check}`), checks.join('\n'));
    });

  it('ra-ca-outside shows on the path; without it nothing does', async () => {
    await scene.fail('ra-ca-outside');
    assert((await scene.pathFromLaptop('LAB0001')).includes('laptop ra-silent ra-reachable-outside'));
    await scene.fail(null);
    assert((await scene.pathFromLaptop('LAB0001')).includes('laptop ra-silent passed'));
  });

  it('seg-silent shows on the path', async () => {
    await scene.fail('seg-silent');
    assert((await scene.pathFromLaptop('LAB0001')).includes('laptop answer ike-no-answer'));
  });
});
