import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { makeBundle, type Configuration } from '../../../main/bundle/index.ts';
import { fault } from '../../../main/faults/index.ts';
import type { ReferenceEnb, ReferenceEnbOptions } from '../../../main/lab/index.ts';
import { bundleFor, configurationFor, identity, makeScene, now } from '../../kit/bundle.ts';
import { makeReferenceEnb, temporaryFolder } from '../../kit/enb.ts';
import { hang, makeEnroller, settled, type LabEnroller } from '../../kit/enroller.ts';
import { TestIpsec } from '../../kit/ipsec.ts';
import { ManualTime } from '../../kit/manual-time.ts';

const scene = makeScene({ training: true });
const training = (changes: Partial<Configuration> = {}) => bundleFor(scene, { training: true, ...changes });
const bundle = await training();
const next = await training({ sequence: 8 });
const day = 86_400_000;
type Step = Parameters<ReferenceEnb['startStep']>[0];

/** An eNB with IPsec, and what surrounds it. */
class Lab {
  readonly folder: string;
  readonly enroller: LabEnroller;
  readonly ipsec = new TestIpsec();
  readonly time = new ManualTime();
  readonly enb: ReferenceEnb;
  readonly #changes: Partial<ReferenceEnbOptions>;

  constructor(
    changes: Partial<ReferenceEnbOptions> = {},
    folder = temporaryFolder(),
    enroller = makeEnroller(scene),
    prepare: (ipsec: TestIpsec) => void = () => undefined,
  ) {
    this.folder = folder;
    this.enroller = enroller;
    this.#changes = changes;
    prepare(this.ipsec);
    const { later, uptime } = this.time;
    this.enb = makeReferenceEnb(scene, {
      ...changes,
      folder,
      steps: { enroller, ipsec: this.ipsec, later, uptime },
    });
  }

  /** The same eNB after a power cut. */
  restart(prepare?: (ipsec: TestIpsec) => void): Lab {
    return new Lab(this.#changes, this.folder, this.enroller, prepare);
  }

  step(name: Step) {
    return this.enb.steps().find(({ step }) => step === name);
  }

  /** Starts a step and waits for its end. */
  async make(name: Step) {
    assert.deepEqual(this.enb.startStep(name), { kind: 'started' });
    await settled(this.enb);
    return this.step(name);
  }

  /** Waits 30 s, after which every step can start again. */
  async wait(): Promise<void> {
    await this.time.pass(30_000, settle);
  }

  state() {
    return JSON.parse(readFileSync(join(this.folder, 'state.json'), 'utf8')) as {
      readonly operator?: { readonly key: string; readonly certificate: string };
      readonly service?: { readonly key: string; readonly content: string };
    };
  }
}

/** Lets everything that a timer has started come to its end. */
const settle = () => new Promise<void>((resolve) => void setImmediate(() => setImmediate(resolve)));

async function withTunnel(changes?: Partial<ReferenceEnbOptions>): Promise<Lab> {
  const lab = new Lab(changes);
  lab.enb.takeBundle(bundle);
  assert.equal((await lab.make('initial-ipsec'))?.state, 'done');
  return lab;
}

async function inService(changes?: Partial<ReferenceEnbOptions>): Promise<Lab> {
  const lab = await withTunnel(changes);
  assert.equal((await lab.make('enrolment'))?.state, 'done', JSON.stringify(lab.enb.steps()));
  assert.equal((await lab.make('backhaul-ipsec'))?.state, 'done', JSON.stringify(lab.enb.steps()));
  return lab;
}

describe('step 0.5 of the reference eNB', () => {
  it('passes its phases in order, and leaves a tunnel that the vendor certificate has opened', async () => {
    const lab = new Lab();
    lab.enb.takeBundle(bundle);
    const phases: (string | undefined)[] = [];
    lab.enb.onStepChange(() => {
      const { state, phase } = lab.step('initial-ipsec') ?? {};
      phases.push(phase ?? state);
    });
    await lab.make('initial-ipsec');
    assert.deepEqual([...new Set(phases)], ['sent', 'answered', 'authenticated', 'done']);
    const [tunnel, ...others] = lab.ipsec.open;
    assert.deepEqual(others, []);
    assert.equal(tunnel?.order.role, 'initial');
    assert.equal(tunnel.order.certificate.sha256, scene.enb.certificate.sha256);
    assert.deepEqual(
      tunnel.order.roots.map(({ sha256 }) => sha256),
      [scene.operatorRoot.certificate.sha256],
    );
    assert.equal(tunnel.order.identity, undefined);
  });

  it('offers the gateways of its role, in the order and with the proposals of the bundle', async () => {
    const lab = new Lab();
    const { initialIpsec, securityGateways } = configurationFor(scene);
    const gateway = { role: 'initial' as const, identity: 'x', remoteSubnets: ['192.0.2.0/24'] };
    const gateways: Configuration['securityGateways'] = [
      ...securityGateways.filter(({ role }) => role === 'traffic'),
      { ...gateway, address: 'b.example', proposals: ['aes256-sha384-ecp384'], espProposals: ['aes256'] },
      { ...gateway, address: 'a.example', inner: { method: 'static', addresses: ['10.1.1.1'] } },
    ];
    lab.enb.takeBundle(await training({ securityGateways: gateways }));
    await lab.make('initial-ipsec');
    const { proposals, espProposals } = initialIpsec;
    const { role: _, ...plain } = gateway;
    assert.deepEqual(lab.ipsec.tunnels[0]?.order.gateways, [
      { ...plain, address: 'b.example', proposals: ['aes256-sha384-ecp384'], espProposals: ['aes256'] },
      { ...plain, address: 'a.example', proposals, espProposals, innerAddresses: ['10.1.1.1'] },
    ]);
  });

  it('that fails says why and in which phase, and starts again after 30 s', async () => {
    const lab = new Lab();
    lab.enb.takeBundle(bundle);
    lab.ipsec.obstacle = (phase) =>
      phase === 'authenticated' ? fault('ike-peer-refused', { found: 'AUTHENTICATION_FAILED' }) : undefined;
    const failed = await lab.make('initial-ipsec');
    assert.deepEqual(
      [failed?.state, failed?.phase, failed?.fault],
      ['failed', 'answered', { code: 'ike-peer-refused', detail: 'AUTHENTICATION_FAILED' }],
    );
    assert.equal(lab.enb.startStep('initial-ipsec').kind, 'too-soon');
    await lab.wait();
    lab.ipsec.obstacle = undefined;
    assert.equal((await lab.make('initial-ipsec'))?.state, 'done');
  });

  it('is not made if the bundle has no such gateway', async () => {
    const { initialIpsec, securityGateways } = configurationFor(scene);
    const lab = new Lab();
    lab.enb.takeBundle(
      await training({
        initialIpsec: { ...initialIpsec, required: false },
        securityGateways: securityGateways.filter(({ role }) => role === 'traffic'),
      }),
    );
    assert.deepEqual(lab.enb.startStep('initial-ipsec'), { kind: 'unable' });
  });

  it('uses the DNS name of the vendor certificate where the bundle says so, and refuses without one', async () => {
    const { initialIpsec } = configurationFor(scene);
    const lab = new Lab();
    lab.enb.takeBundle(await training({ initialIpsec: { ...initialIpsec, identity: 'fqdn' } }));
    assert.equal((await lab.make('initial-ipsec'))?.fault?.code, 'ike-identity-missing');
  });

  it('changes nothing when it is done and its tunnel is up; otherwise it makes the tunnel again', async () => {
    const lab = await withTunnel();
    await lab.wait();
    await lab.make('initial-ipsec');
    assert.equal(lab.ipsec.tunnels.length, 1);
    lab.ipsec.tunnels[0]?.lose();
    await lab.wait();
    await lab.make('initial-ipsec');
    assert.equal(lab.ipsec.open.length, 1);
  });

  it('ends with the bundle: another one ends the tunnel', async () => {
    const lab = await withTunnel();
    lab.enb.takeBundle(next);
    await settle();
    assert.deepEqual(lab.ipsec.open, []);
    assert.equal(lab.step('initial-ipsec')?.state, 'waiting');
  });

  it('is not done if its phases cannot be stored', async () => {
    const lab = new Lab();
    lab.enb.takeBundle(bundle);
    // A folder in the place of the temporary file.
    const blocked = `${join(lab.folder, 'state.json')}.part`;
    lab.ipsec.obstacle = (phase) => {
      if (phase === 'answered') mkdirSync(join(blocked, 'x'), { recursive: true });
      return undefined;
    };
    lab.enb.startStep('initial-ipsec');
    await settled(lab.enb);
    assert.notEqual(lab.step('initial-ipsec')?.state, 'done');
    assert.deepEqual(lab.ipsec.open, []);
    rmdirSync(join(blocked, 'x'));
    rmdirSync(blocked);
  });
});

describe('an enrolment that needs the tunnel', () => {
  it('starts only after step 0.5, and goes through its tunnel, which ends with it', async () => {
    const lab = new Lab();
    lab.enb.takeBundle(bundle);
    assert.deepEqual(lab.enb.startStep('enrolment'), { kind: 'refused', code: 'ra-outside-tunnel' });
    await lab.make('initial-ipsec');
    let way: unknown;
    lab.enroller.obstacle = (_call, { way: found }) => {
      way ??= found;
      return undefined;
    };
    assert.equal((await lab.make('enrolment'))?.state, 'done');
    assert.deepEqual(way, { tunnel: lab.ipsec.tunnels[0], isTunnelRequired: true });
    assert.deepEqual(lab.ipsec.open, []);
  });

  it('by the vendor certificate needs it as well, with a bundle that no certificate of the eNB was needed for', async () => {
    const enrolment = { ...configurationFor(scene).enrolment, protection: 'vendor-certificate' } as const;
    const configuration = configurationFor(scene, { training: true, enb: identity, enrolment });
    const lab = new Lab();
    assert(lab.enb.takeBundle(await makeBundle(configuration, undefined, scene.signing)).accepted);
    assert.deepEqual(lab.enb.startStep('enrolment'), { kind: 'refused', code: 'ra-outside-tunnel' });
    assert.equal(lab.enroller.calls.length, 0);
    await lab.make('initial-ipsec');
    assert.equal((await lab.make('enrolment'))?.state, 'done');
    assert.equal(lab.enroller.calls[0]?.by, scene.enb.certificate.sha256);
  });

  it('brings the tunnel up again if it is down, and fails if that is not possible', async () => {
    const lab = (await withTunnel()).restart();
    assert.deepEqual(lab.ipsec.tunnels, []);
    lab.ipsec.obstacle = () => fault('ike-no-answer');
    assert.equal((await lab.make('enrolment'))?.fault?.code, 'ike-no-answer');
    assert.deepEqual(lab.enroller.calls, []);
    lab.ipsec.obstacle = undefined;
    await lab.wait();
    assert.equal((await lab.make('enrolment'))?.state, 'done');
    assert.equal(lab.ipsec.tunnels.length, 1);
  });

  it('fails if the tunnel goes down, and continues with the same key', async () => {
    const lab = await withTunnel();
    lab.enroller.obstacle = (call, helpers) => {
      const hung = hang(call, helpers);
      lab.ipsec.tunnels[0]?.lose();
      return hung;
    };
    const failed = await lab.make('enrolment');
    assert.equal(failed?.state, 'failed');
    assert.equal(failed.fault?.code, 'ike-tunnel-lost', JSON.stringify(failed));
    lab.enroller.obstacle = undefined;
    await lab.wait();
    assert.equal((await lab.make('enrolment'))?.state, 'done');
    assert.equal(lab.enroller.issued.size, 1);
  });
});

describe('step 2 of the reference eNB', () => {
  it('needs an operator certificate, and shows it', async () => {
    const lab = await withTunnel();
    assert.deepEqual(lab.enb.startStep('backhaul-ipsec'), { kind: 'refused', code: 'not-enrolled' });
    await lab.make('enrolment');
    await lab.make('backhaul-ipsec');
    const [tunnel] = lab.ipsec.open;
    assert.equal(tunnel?.order.role, 'traffic');
    assert.equal(
      Buffer.from(tunnel.order.certificate.der).toString('base64'),
      lab.state().operator?.certificate,
    );
  });

  it('fails if the certificate lacks the name that the bundle asks for', async () => {
    const { backhaul } = configurationFor(scene);
    const lab = new Lab();
    lab.enb.takeBundle(await training({ backhaul: { ...backhaul, ikeIdentity: 'enb.example' } }));
    await lab.make('initial-ipsec');
    await lab.make('enrolment');
    assert.equal((await lab.make('backhaul-ipsec'))?.fault?.code, 'ike-identity-missing');
  });

  it('is not done if its end cannot be stored, and leaves no tunnel', async () => {
    const lab = await withTunnel();
    await lab.make('enrolment');
    const blocked = `${join(lab.folder, 'state.json')}.part`;
    lab.ipsec.obstacle = (phase) => {
      if (phase === 'up') mkdirSync(join(blocked, 'x'), { recursive: true });
      return undefined;
    };
    lab.enb.startStep('backhaul-ipsec');
    await settled(lab.enb);
    assert.notEqual(lab.step('backhaul-ipsec')?.state, 'done');
    assert.deepEqual(lab.ipsec.open, []);
    rmdirSync(join(blocked, 'x'));
    rmdirSync(blocked);
  });

  it('puts the eNB into service: the port starts no step any more, and stops nothing', async () => {
    const lab = await inService();
    await lab.wait();
    for (const step of ['initial-ipsec', 'enrolment', 'backhaul-ipsec'] as const)
      assert.deepEqual(lab.enb.startStep(step), { kind: 'refused', code: 'in-service' });
    assert.equal(lab.ipsec.open.length, 1);
  });

  it('stays in use, with its certificate, until the step 2 of another bundle is done', async () => {
    const lab = await inService();
    const [old] = lab.ipsec.open;
    assert(old);
    const { key } = lab.state().service ?? {};
    lab.enb.takeBundle(await training({ sequence: 8, enrolment: otherReference }));
    assert(old.isUp());
    await lab.make('initial-ipsec');
    await lab.make('enrolment');
    assert(old.isUp());
    assert.equal(lab.state().service?.key, key);
    assert(readdirSync(lab.folder).includes(`operator-${key}.key`));
    lab.ipsec.obstacle = () => fault('ike-no-answer');
    await lab.make('backhaul-ipsec');
    assert(old.isUp());
    lab.ipsec.obstacle = undefined;
    await lab.wait();
    assert.equal((await lab.make('backhaul-ipsec'))?.state, 'done');
    assert(!old.isUp());
    assert.equal(lab.ipsec.open.length, 1);
    assert.deepEqual(lab.enb.startStep('enrolment'), { kind: 'refused', code: 'in-service' });
  });

  it('can be made again once the operator certificate has ended', async () => {
    let time = now;
    const lab = await inService({ now: () => time });
    time = new Date(now.getTime() + 101 * day);
    lab.enroller.obstacle = () => fault('cmp-refused');
    await lab.time.pass(60_000, settle);
    assert.deepEqual(lab.enb.startStep('initial-ipsec'), { kind: 'started' });
    await settled(lab.enb);
  });

  it('of an eNB without a clock can be made again after its tunnel was down for a day', async () => {
    const lab = await inService({ now: undefined });
    lab.ipsec.obstacle = () => fault('ike-no-answer');
    lab.ipsec.open[0]?.lose();
    await lab.time.pass(day - 1, settle);
    assert.deepEqual(lab.enb.startStep('initial-ipsec'), { kind: 'refused', code: 'in-service' });
    await lab.time.pass(1, settle);
    assert.deepEqual(lab.enb.startStep('initial-ipsec'), { kind: 'started' });
    await settled(lab.enb);
  });
});

/** Another credential, so that the eNB enrols with another key. */
const otherReference = { ...configurationFor(scene).enrolment, caName: 'C=FI,O=Lab Operator,CN=Another RA' };

describe('an eNB in service', () => {
  it('brings its tunnel up again after a restart', async () => {
    const lab = (await inService()).restart();
    await lab.time.pass(0, settle);
    assert.deepEqual(
      lab.ipsec.open.map(({ order }) => order.role),
      ['traffic'],
    );
    assert.equal(lab.step('backhaul-ipsec')?.state, 'done');
  });

  it('brings its tunnel up again when it goes down, and waits longer after each failure', async () => {
    const lab = await inService();
    const tries: number[] = [];
    lab.ipsec.obstacle = (phase) => {
      if (phase === 'sent') tries.push(lab.time.uptime());
      return fault('ike-no-answer');
    };
    const start = lab.time.uptime();
    lab.ipsec.open[0]?.lose();
    await lab.time.pass(1_200_000, settle);
    const pauses = tries.map((time, place) => time - (tries[place - 1] ?? start));
    assert.deepEqual(pauses.slice(0, 4), [1_000, 2_000, 4_000, 8_000]);
    assert.equal(Math.max(...pauses), 300_000);
    lab.ipsec.obstacle = undefined;
    await lab.time.pass(300_000, settle);
    assert.equal(lab.ipsec.open.length, 1);
  });

  it('renews through its tunnel, and uses the new certificate for the next one', async () => {
    const lab = await inService();
    const before = lab.state().service?.key;
    let way: unknown;
    lab.enroller.obstacle = (_call, { way: found }) => {
      way ??= found;
      return undefined;
    };
    assert.equal((await lab.make('renewal'))?.state, 'done', JSON.stringify(lab.enb.steps()));
    assert.deepEqual(way, { tunnel: lab.ipsec.open[0], isTunnelRequired: true });
    const { service, operator } = lab.state();
    assert.notEqual(service?.key, before);
    assert.equal(service?.key, operator?.key);
    assert.equal(readdirSync(lab.folder).filter((name) => name.endsWith('.key')).length, 1);
    lab.ipsec.open[0]?.lose();
    await lab.time.pass(1_000, settle);
    const [again] = lab.ipsec.open;
    assert.equal(Buffer.from(again?.order.certificate.der ?? []).toString('base64'), operator?.certificate);
  });

  it('that is not in service yet renews through the first tunnel, and ends it again', async () => {
    const lab = await withTunnel();
    await lab.make('enrolment');
    assert.equal((await lab.make('renewal'))?.state, 'done');
    assert.deepEqual(
      lab.ipsec.tunnels.map(({ order }) => order.role),
      ['initial', 'initial'],
    );
    assert.deepEqual(lab.ipsec.open, []);
  });

  it('does not go back to an older tunnel that was being made again when step 2 was done', async () => {
    const lab = await inService();
    lab.enb.takeBundle(await training({ sequence: 8, enrolment: otherReference }));
    await lab.make('initial-ipsec');
    await lab.make('enrolment');
    // The older tunnel goes down, and takes long to come up again.
    const { promise: older, resolve: letUp } = Promise.withResolvers<undefined>();
    const keys = new Set<string>();
    lab.ipsec.obstacle = (_phase, { certificate: { sha256 } }) => {
      keys.add(sha256);
      return keys.size === 1 ? older : undefined;
    };
    lab.ipsec.open[0]?.lose();
    await lab.time.pass(1_000, settle);
    assert.equal((await lab.make('backhaul-ipsec'))?.state, 'done');
    lab.ipsec.open[0]?.lose();
    letUp(undefined);
    await settle();
    assert.deepEqual(lab.ipsec.open, []);
    await lab.time.pass(2_000, settle);
    const open = lab.ipsec.tunnels.at(-1);
    assert(open);
    assert(open.isUp());
    assert.equal(
      Buffer.from(open.order.certificate.der).toString('base64'),
      lab.state().operator?.certificate,
    );
  });

  it('is switched off at once, also while a renewal waits for its tunnel', async () => {
    const lab = await inService();
    lab.ipsec.obstacle = (_phase, _order, signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined)));
    lab.ipsec.open[0]?.lose();
    lab.enb.startStep('renewal');
    await settle();
    await lab.enb.close();
    assert.equal(lab.step('renewal')?.state, 'running');
  });

  it('ends its IPsec when it is switched off', async () => {
    const lab = await inService();
    await lab.enb.close();
    assert(lab.ipsec.isClosed);
  });
});

describe('after a power cut at any phase', () => {
  for (const phase of ['sent', 'answered', 'authenticated', 'up'] as const) {
    for (const name of ['initial-ipsec', 'backhaul-ipsec'] as const) {
      it(`${name} that was at "${phase}" is made again`, async () => {
        const lab = name === 'initial-ipsec' ? new Lab() : await withTunnel();
        if (name === 'initial-ipsec') lab.enb.takeBundle(bundle);
        else await lab.make('enrolment');
        await new Promise<void>((resolve) => {
          lab.ipsec.obstacle = (found) => {
            if (found !== phase) return undefined;
            resolve();
            return new Promise(() => undefined);
          };
          lab.enb.startStep(name);
        });
        const again = lab.restart();
        await settled(again.enb);
        assert.equal(again.step(name)?.state, 'done', JSON.stringify(again.enb.steps()));
        assert.equal(again.ipsec.open.length, 1);
        assert.equal(lab.enroller.issued.size, name === 'initial-ipsec' ? 0 : 1);
      });
    }
  }

  it('an enrolment makes its tunnel again and continues, with one certificate', async () => {
    const lab = await withTunnel();
    await new Promise<void>((resolve) => {
      lab.enroller.obstacle = ({ call }) => {
        if (call === 'request') return undefined;
        resolve();
        return new Promise(() => undefined);
      };
      lab.enb.startStep('enrolment');
    });
    lab.enroller.obstacle = undefined;
    const again = lab.restart();
    await settled(again.enb);
    assert.equal(again.step('enrolment')?.state, 'done', JSON.stringify(again.enb.steps()));
    assert.equal(again.ipsec.tunnels.length, 1);
    assert.equal(lab.enroller.issued.size, 1);
  });

  it('a step 2 without IPsec on the new eNB fails, and is not called done', async () => {
    const lab = await withTunnel();
    await lab.make('enrolment');
    await new Promise<void>((resolve) => {
      lab.ipsec.obstacle = () => {
        resolve();
        return new Promise(() => undefined);
      };
      lab.enb.startStep('backhaul-ipsec');
    });
    const { later, uptime } = new ManualTime();
    const enb = makeReferenceEnb(scene, {
      folder: lab.folder,
      steps: { enroller: lab.enroller, later, uptime },
    });
    await settled(enb);
    const failed = enb.steps().find(({ step }) => step === 'backhaul-ipsec');
    assert.deepEqual([failed?.state, failed?.fault?.code], ['failed', 'ike-unavailable']);
  });
});
