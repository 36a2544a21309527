import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { makeBundle, verifyReceipt, type Configuration } from '../../../main/bundle/index.ts';
import { startRefusals } from '../../../main/device/index.ts';
import { fault } from '../../../main/faults/index.ts';
import type { ReferenceEnb, ReferenceEnbOptions } from '../../../main/lab/index.ts';
import {
  bundleFor,
  configurationFor,
  credential,
  makeChallenge,
  makeScene,
  now,
  sealingFor,
  type Scene,
} from '../../kit/bundle.ts';
import { enbOptions, makeReferenceEnb, temporaryFolder, trustOf } from '../../kit/enb.ts';
import { hang, makeEnroller, type LabEnroller, settled } from '../../kit/enroller.ts';
import { ManualTime } from '../../kit/manual-time.ts';

const scene = makeScene();
const open = configurationFor(scene).initialIpsec;
/** A bundle that lets the eNB enrol without IPsec. */
const without = (changes: Partial<Configuration> = {}, from: Scene = scene) =>
  bundleFor(from, { initialIpsec: { ...open, required: false }, ...changes });
const bundle = await without();
const next = await without({ sequence: 8 });
const day = 86_400_000;

interface Lab {
  readonly enb: ReferenceEnb;
  readonly enroller: LabEnroller;
  readonly time: ManualTime;
  readonly folder: string;
  /** The same eNB after a power cut: a new one from what is on disk. */
  restart(changes?: Partial<ReferenceEnbOptions>): Lab;
}

function makeLab(
  changes: Partial<ReferenceEnbOptions> = {},
  enroller = makeEnroller(scene),
  from: Scene = scene,
): Lab {
  const folder = changes.folder ?? temporaryFolder();
  const time = new ManualTime();
  const enb = makeReferenceEnb(from, {
    ...changes,
    folder,
    steps: { enroller, later: time.later, uptime: time.uptime },
  });
  return {
    ...{ enb, enroller, time, folder },
    restart: (more = {}) => makeLab({ ...changes, folder, ...more }, enroller, from),
  };
}

/** Resolves at this phase of the running step. */
function reached(enb: ReferenceEnb, phase: string): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!enb.steps().some((step) => step.state === 'running' && step.phase === phase)) return;
      stop();
      resolve();
    };
    const stop = enb.onStepChange(look);
    look();
  });
}

const step = (enb: ReferenceEnb, name: string) => enb.steps().find((one) => one.step === name);
const stateOf = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')) as {
    readonly operator?: {
      readonly key: string;
      readonly certificate: string;
      readonly content: string;
      readonly uptime: number;
      readonly failures: number;
    };
  };
const keyFiles = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.key'));

async function enrolled(changes: Partial<ReferenceEnbOptions> = {}, enroller?: LabEnroller, from = scene) {
  const lab = makeLab(changes, enroller, from);
  lab.enb.takeBundle(from === scene ? bundle : await without({ training: true }, from));
  assert.deepEqual(lab.enb.startStep('enrolment'), { kind: 'started' });
  await settled(lab.enb);
  assert.equal(step(lab.enb, 'enrolment')?.state, 'done', JSON.stringify(lab.enb.steps()));
  return lab;
}

describe('the enrolment of the reference eNB', () => {
  it('passes its phases in order, and ends with the one certificate that was confirmed', async () => {
    const { enb, enroller, folder } = makeLab();
    enb.takeBundle(bundle);
    enroller.obstacle = ({ call }, { onWaiting }) => {
      if (call === 'request') onWaiting();
      return undefined;
    };
    const phases: (string | undefined)[] = [];
    enb.onStepChange(() => {
      const { state, phase } = step(enb, 'enrolment') ?? {};
      phases.push(phase ?? state);
    });
    assert.deepEqual(enb.startStep('enrolment'), { kind: 'started' });
    await settled(enb);
    assert.deepEqual(phases, ['key', 'requested', 'waiting', 'issued', 'confirming', 'done']);
    const time = '2026-11-15T12:00:00Z';
    assert.deepEqual(step(enb, 'enrolment'), {
      step: 'enrolment',
      state: 'done',
      startedAt: time,
      endedAt: time,
    });
    const { operator } = stateOf(folder);
    assert(operator);
    assert.deepEqual([...enroller.confirmed], [operator.key]);
    const issued = enroller.issued.get(operator.key);
    assert.equal(operator.certificate, Buffer.from(issued?.der ?? []).toString('base64'));
  });

  it('makes its key on the eNB, of the kind of the vendor key, readable for this user alone', async () => {
    for (const keyKind of ['P-256', 'P-384', 'RSA-2048'] as const) {
      const from = makeScene({ enbKeyKind: keyKind });
      const lab = makeLab({}, makeEnroller(from), from);
      lab.enb.takeBundle(await without({}, from));
      lab.enb.startStep('enrolment');
      await settled(lab.enb);
      const [name = '', ...others] = keyFiles(lab.folder);
      assert.deepEqual(others, []);
      assert.equal(statSync(join(lab.folder, name)).mode & 0o777, 0o600);
      const [certificate] = [...lab.enroller.issued.values()];
      const { publicKey } = from.enb.certificate;
      assert.equal(certificate?.publicKey.kind, publicKey.kind);
      if (publicKey.kind === 'ec' && certificate.publicKey.kind === 'ec')
        assert.equal(certificate.publicKey.curve, publicKey.curve);
    }
  });

  it('asks with the credential of the sealed part, and wipes it afterwards', async () => {
    const { enroller } = await enrolled();
    assert.equal(enroller.calls[0]?.by, 'enb-00001');
    assert(
      enroller.secrets.length > 0 && enroller.secrets.every((secret) => secret.every((byte) => byte === 0)),
    );
  });

  it('wipes the credential after a failure too', async () => {
    const { enb, enroller } = makeLab();
    enb.takeBundle(bundle);
    enroller.obstacle = () => fault('cmp-refused');
    enb.startStep('enrolment');
    await settled(enb);
    assert(enroller.secrets.every((secret) => secret.every((byte) => byte === 0)));
  });

  it('asks with the vendor certificate if the bundle says so', async () => {
    const { enb, enroller } = makeLab();
    const enrolment = { ...configurationFor(scene).enrolment, protection: 'vendor-certificate' as const };
    enb.takeBundle(await without({ enrolment }));
    enb.startStep('enrolment');
    await settled(enb);
    assert.equal(enroller.calls[0]?.by, scene.enb.certificate.sha256);
  });

  it('needs no confirmation where the RA/CA wants none', async () => {
    const enroller = makeEnroller(scene);
    enroller.isImplicit = true;
    await enrolled({}, enroller);
    assert.deepEqual(
      enroller.calls.map(({ call }) => call),
      ['request'],
    );
  });

  it('leaves no secret in its state', async () => {
    const { folder, enb } = makeLab();
    const enrolment = configurationFor(scene).enrolment;
    enb.takeBundle(await without({ enrolment }));
    enb.startStep('enrolment');
    await settled(enb);
    const text = readFileSync(join(folder, 'state.json'));
    assert(!text.includes(credential.secret));
    assert(!text.includes(credential.secret.toString('base64')));
    assert(!/PRIVATE|"secret"/.test(text.toString()));
    for (const name of keyFiles(folder)) {
      const key = readFileSync(join(folder, name));
      assert(!text.includes(key.toString('base64').slice(0, 60)));
    }
  });

  it('that fails says why, on the interface and in the receipt, and can start again with the same key', async () => {
    const { enb, enroller, time } = makeLab();
    enb.takeBundle(bundle);
    enroller.obstacle = () => fault('cmp-refused', { rule: 'cmp-fail-bad-pop', found: 'No such eNB' });
    enb.startStep('enrolment');
    await settled(enb);
    const failed = step(enb, 'enrolment');
    assert.deepEqual(
      [failed?.state, failed?.phase, failed?.fault],
      ['failed', 'requested', { code: 'cmp-refused', detail: 'cmp-fail-bad-pop: No such eNB' }],
    );
    const challenge = makeChallenge();
    const receipt = verifyReceipt((await enb.makeReceipt({ challenge }))!, { ...trustOf(scene), challenge });
    assert(receipt.ok, JSON.stringify(receipt));
    assert.deepEqual(receipt.value.steps, enb.steps());
    enroller.obstacle = undefined;
    await time.pass(30_000, () => settled(enb));
    assert.deepEqual(enb.startStep('enrolment'), { kind: 'started' });
    await settled(enb);
    assert.equal(step(enb, 'enrolment')?.state, 'done');
    assert.equal(new Set(enroller.calls.map(({ key }) => key)).size, 1);
  });

  it('asks again, with the same key, after the RA/CA has refused the confirmation', async () => {
    const { enb, enroller, time } = makeLab();
    enb.takeBundle(bundle);
    enroller.obstacle = ({ call }) => (call === 'confirm' ? fault('cmp-refused') : undefined);
    enb.startStep('enrolment');
    await settled(enb);
    assert.equal(step(enb, 'enrolment')?.phase, 'confirming');
    enroller.obstacle = undefined;
    await time.pass(30_000, () => settled(enb));
    enb.startStep('enrolment');
    await settled(enb);
    assert.equal(step(enb, 'enrolment')?.state, 'done');
    assert.deepEqual(
      enroller.calls.map(({ call }) => call),
      ['request', 'confirm', 'request', 'confirm'],
    );
    assert.equal(enroller.issued.size, 1);
  });

  it('only confirms again after the answer to the confirmation was lost', async () => {
    const { enb, enroller, time } = makeLab();
    enb.takeBundle(bundle);
    enroller.obstacle = ({ call }) => (call === 'confirm' ? fault('cmp-no-answer') : undefined);
    enb.startStep('enrolment');
    await settled(enb);
    enroller.obstacle = undefined;
    await time.pass(30_000, () => settled(enb));
    enb.startStep('enrolment');
    await settled(enb);
    assert.deepEqual(
      enroller.calls.map(({ call }) => call),
      ['request', 'confirm', 'confirm'],
    );
  });
});

describe('a step does not start', () => {
  it('without an accepted bundle', () => {
    const { enb } = makeLab();
    for (const name of ['enrolment', 'renewal', 'initial-ipsec'] as const)
      assert.deepEqual(enb.startStep(name), { kind: 'refused', code: 'not-provisioned' });
  });

  it('while the bundle requires a tunnel that does not exist: nothing is sent', async () => {
    const { enb, enroller, folder } = makeLab();
    enb.takeBundle(await bundleFor(scene));
    assert.deepEqual(enb.startStep('enrolment'), { kind: 'refused', code: 'ra-outside-tunnel' });
    assert.deepEqual([enroller.calls, keyFiles(folder)], [[], []]);
    assert.equal(step(enb, 'enrolment')?.state, 'waiting');
  });

  it('while one runs', async () => {
    const { enb, enroller } = makeLab();
    enb.takeBundle(bundle);
    enroller.obstacle = hang;
    enb.startStep('enrolment');
    await reached(enb, 'requested');
    for (const name of ['enrolment', 'renewal'] as const)
      assert.deepEqual(enb.startStep(name), { kind: 'refused', code: 'step-running' });
    await enb.close();
  });

  it('if it is the renewal, outside training', async () => {
    const { enb } = await enrolled();
    assert.deepEqual(enb.startStep('renewal'), { kind: 'refused', code: 'renewal-by-enb' });
  });

  it('if it is the renewal, before the enrolment is done', async () => {
    const training = makeScene({ training: true });
    const { enb } = makeLab({}, makeEnroller(training), training);
    enb.takeBundle(await without({ training: true }, training));
    assert.deepEqual(enb.startStep('renewal'), { kind: 'refused', code: 'not-enrolled' });
  });

  it('if this eNB does not make it', () => {
    const { enb } = makeLab();
    enb.takeBundle(bundle);
    for (const name of ['initial-ipsec', 'backhaul-ipsec'] as const)
      assert.deepEqual(enb.startStep(name), { kind: 'unable' });
  });

  it('a second time within 30 s; another step does, at once', async () => {
    const training = makeScene({ training: true });
    const { enb, time } = await enrolled({}, makeEnroller(training), training);
    await time.pass(10_000, () => settled(enb));
    assert.deepEqual(enb.startStep('enrolment'), { kind: 'too-soon', wait: 20_000 });
    assert.deepEqual(enb.startStep('renewal'), { kind: 'started' });
    await settled(enb);
    assert.equal(step(enb, 'renewal')?.state, 'done');
    await time.pass(20_000, () => settled(enb));
    assert.deepEqual(enb.startStep('enrolment'), { kind: 'started' });
  });

  it('for a reason that the client knows', () => {
    assert(
      ['not-provisioned', 'ra-outside-tunnel'].every((code) => startRefusals.some((one) => one === code)),
    );
  });
});

describe('a bundle', () => {
  it('with other content starts the steps again, while the operator certificate stays', async () => {
    const { enb, folder } = await enrolled();
    const before = stateOf(folder).operator;
    enb.takeBundle(next);
    assert(enb.steps().every(({ state }) => state === 'waiting'));
    assert.deepEqual(stateOf(folder).operator, before);
    assert.equal(keyFiles(folder).length, 1);
  });

  it('with the same credential enrols with the same key, to which the RA/CA has bound it', async () => {
    const { enb, enroller, folder } = await enrolled();
    const before = stateOf(folder).operator;
    enb.takeBundle(next);
    assert.deepEqual(enb.startStep('enrolment'), { kind: 'started' });
    await settled(enb);
    const after = stateOf(folder).operator;
    assert.equal(after?.key, before?.key);
    assert.notEqual(after?.content, before?.content);
    assert.equal(enroller.issued.size, 1);
  });

  it('with the same credential enrols with the key of a step that it has ended', async () => {
    const { enb, enroller } = makeLab();
    enb.takeBundle(bundle);
    enroller.obstacle = hang;
    enb.startStep('enrolment');
    await reached(enb, 'requested');
    enb.takeBundle(next);
    enroller.obstacle = undefined;
    enb.startStep('enrolment');
    await settled(enb);
    assert.equal(step(enb, 'enrolment')?.state, 'done');
    assert.equal(new Set(enroller.calls.map(({ key }) => key)).size, 1);
  });

  it('with another credential or another RA/CA enrols with a new key, and the older one is deleted', async () => {
    const { enrolment } = configurationFor(scene);
    const another = { reference: Buffer.from('enb-00002'), secret: credential.secret };
    const initialIpsec = { ...open, required: false };
    const bundles = [
      await makeBundle(
        configurationFor(scene, { sequence: 8, initialIpsec }),
        sealingFor(scene, { credential: another }),
        scene.signing,
      ),
      await without({ sequence: 8, enrolment: { ...enrolment, caName: 'CN=Another' } }),
    ];
    for (const other of bundles) {
      const { enb, folder } = await enrolled();
      const before = stateOf(folder).operator;
      enb.takeBundle(other);
      enb.startStep('enrolment');
      await settled(enb);
      const after = stateOf(folder).operator;
      assert.notEqual(after?.key, before?.key);
      assert.deepEqual(keyFiles(folder), [`operator-${after?.key}.key`]);
    }
  });

  it('with the same content changes nothing', async () => {
    const { enb } = await enrolled();
    const before = enb.steps();
    enb.takeBundle(bundle);
    assert.deepEqual(enb.steps(), before);
  });

  it('that the eNB refuses changes nothing', async () => {
    const { enb } = await enrolled();
    const before = enb.steps();
    enb.takeBundle(await without({ sequence: 3 }));
    assert.deepEqual(enb.steps(), before);
  });

  it('with other content ends a step that runs, which then changes nothing any more', async () => {
    const { enb, enroller, folder } = makeLab();
    enb.takeBundle(bundle);
    let release: () => void = () => undefined;
    enroller.obstacle = () => new Promise((resolve) => (release = () => resolve(undefined)));
    enb.startStep('enrolment');
    await reached(enb, 'requested');
    enb.takeBundle(next);
    assert(enb.steps().every(({ state }) => state === 'waiting'));
    enroller.obstacle = undefined;
    enb.startStep('enrolment');
    await settled(enb);
    const done = stateOf(folder);
    release();
    await new Promise(setImmediate);
    assert.deepEqual(stateOf(folder), done);
  });
});

describe('after a power cut, the enrolment', () => {
  const phases = ['key', 'requested', 'waiting', 'issued', 'confirming'] as const;
  for (const phase of phases) {
    it(`at the phase "${phase}" continues automatically, and ends with one certificate`, async () => {
      const lab = makeLab();
      lab.enb.takeBundle(bundle);
      lab.enroller.obstacle = (call, helpers) => {
        if (phase === 'waiting') helpers.onWaiting();
        const isHere = call.call === 'confirm' || phase === 'requested' || phase === 'waiting';
        return isHere ? hang(call, helpers) : undefined;
      };
      let copy: string | undefined;
      const folder = temporaryFolder();
      lab.enb.onStepChange(() => {
        const { state, phase: at } = step(lab.enb, 'enrolment') ?? {};
        if (state !== 'running' || at !== phase || copy !== undefined) return;
        for (const name of readdirSync(lab.folder))
          writeFileSync(join(folder, name), readFileSync(join(lab.folder, name)), { mode: 0o600 });
        copy = folder;
      });
      lab.enb.startStep('enrolment');
      await reached(lab.enb, phase);
      assert(copy !== undefined);
      await lab.enb.close();
      lab.enroller.obstacle = undefined;
      const again = lab.restart({ folder });
      await settled(again.enb);
      assert.equal(step(again.enb, 'enrolment')?.state, 'done', JSON.stringify(again.enb.steps()));
      const { operator } = stateOf(folder);
      assert.deepEqual([...lab.enroller.confirmed], [operator?.key]);
      assert.deepEqual(keyFiles(folder), [`operator-${operator?.key}.key`]);
      if (phase !== 'key') assert.equal(lab.enroller.issued.size, 1);
    });
  }

  it('does not start again once it has failed, until somebody starts it', async () => {
    const lab = makeLab();
    lab.enb.takeBundle(bundle);
    lab.enroller.obstacle = () => fault('cmp-unreachable');
    lab.enb.startStep('enrolment');
    await settled(lab.enb);
    const again = lab.restart();
    assert.equal(again.enb.isStepRunning, false);
    assert.equal(step(again.enb, 'enrolment')?.state, 'failed');
  });

  it('works with a state from before there were steps', () => {
    const folder = temporaryFolder();
    const old = enbOptions(scene, { folder });
    makeReferenceEnb(scene, old).takeBundle(bundle);
    const { steps, operator, ...rest } = JSON.parse(
      readFileSync(join(folder, 'state.json'), 'utf8'),
    ) as Record<string, unknown>;
    assert.deepEqual([steps, operator, rest['format']], [undefined, undefined, 'siteseal-lab-enb/1']);
    const { enb } = makeLab({ folder });
    assert.deepEqual(enb.startStep('enrolment'), { kind: 'started' });
  });
});

describe('the renewal', () => {
  it('starts automatically at renewAt percent of the life of the certificate, and replaces key and certificate', async () => {
    let clock = now;
    const enroller = makeEnroller(scene, { notBefore: () => clock, life: 10 * day });
    const { enb, time, folder } = await enrolled({ now: () => clock }, enroller);
    const before = stateOf(folder).operator;
    const pass = async (milliseconds: number) => {
      for (let left = milliseconds; left > 0; left -= 600_000) {
        clock = new Date(clock.getTime() + Math.min(left, 600_000));
        await time.pass(Math.min(left, 600_000), () => settled(enb));
      }
    };
    await pass(7 * day - 1_000_000);
    assert.equal(step(enb, 'renewal')?.state, 'waiting');
    await pass(2_000_000);
    assert.equal(step(enb, 'renewal')?.state, 'done');
    const after = stateOf(folder).operator;
    assert.notEqual(after?.key, before?.key);
    assert.deepEqual(keyFiles(folder), [`operator-${after?.key}.key`]);
    const kur = enroller.calls.filter(({ kind }) => kind === 'kur');
    assert.equal(kur[0]?.by, enroller.issued.get(before?.key ?? '')?.sha256);
    await pass(6 * day);
    assert.equal(enroller.issued.size, 2);
    await pass(1 * day);
    assert.equal(enroller.issued.size, 3);
  });

  it('keeps the older certificate until the new one is confirmed', async () => {
    const training = makeScene({ training: true });
    const { enb, folder, enroller, time } = await enrolled({}, makeEnroller(training), training);
    const before = stateOf(folder).operator;
    enroller.obstacle = ({ call }) => (call === 'confirm' ? fault('cmp-no-answer') : undefined);
    enb.startStep('renewal');
    await settled(enb);
    assert.equal(step(enb, 'renewal')?.state, 'failed');
    assert.equal(stateOf(folder).operator?.certificate, before?.certificate);
    assert.equal(keyFiles(folder).length, 2);
    enroller.obstacle = undefined;
    await time.pass(60_000, () => settled(enb));
    assert.equal(step(enb, 'renewal')?.state, 'failed'); // its time has not come
    enb.startStep('renewal');
    await settled(enb);
    assert.equal(step(enb, 'renewal')?.state, 'done');
    assert.equal(keyFiles(folder).length, 1);
  });

  it('whose confirmation may have arrived continues after the enrolment with a new bundle', async () => {
    const training = makeScene({ training: true });
    const { enb, folder, enroller, time } = await enrolled({}, makeEnroller(training), training);
    enroller.obstacle = ({ call }) => (call === 'confirm' ? fault('cmp-no-answer') : undefined);
    enb.startStep('renewal');
    await settled(enb);
    const renewed = enroller.calls.at(-1)?.key;
    enroller.obstacle = undefined;
    assert(enb.takeBundle(await without({ training: true, sequence: 9 }, training)).accepted);
    enb.startStep('enrolment');
    await settled(enb);
    assert.equal(step(enb, 'enrolment')?.state, 'done');
    await time.pass(60_000, () => settled(enb));
    enb.startStep('renewal');
    await settled(enb);
    assert.equal(step(enb, 'renewal')?.state, 'done');
    assert.equal(stateOf(folder).operator?.key, renewed);
  });

  it('that fails is tried again after growing pauses of at most a day', async () => {
    const { enb, enroller, time } = await enrolled({ now: () => new Date('2027-02-20T00:00:00Z') });
    enroller.obstacle = () => fault('cmp-unreachable');
    const times: number[] = [];
    const obstacle = enroller.obstacle;
    enroller.obstacle = (...call) => {
      times.push(time.uptime());
      return obstacle(...call);
    };
    await time.pass(5 * day, () => settled(enb));
    const pauses = times.slice(1).map((at, index) => (at - (times[index] ?? 0)) / 60_000);
    assert.deepEqual(pauses.slice(0, 5), [1, 2, 4, 8, 16]);
    assert.equal(Math.max(...pauses), 24 * 60);
    assert(times.length < 20);
    enroller.obstacle = undefined;
    await time.pass(day, () => settled(enb));
    assert.equal(step(enb, 'renewal')?.state, 'done');
  });

  it('is not repeated at once when the new certificate is already due again', async () => {
    const { enb, enroller, time } = await enrolled({ now: () => new Date('2027-02-20T00:00:00Z') });
    await time.pass(day, () => settled(enb));
    assert.equal(enroller.issued.size, 2);
    await time.pass(day, () => settled(enb));
    assert.equal(enroller.issued.size, 3);
  });

  it('continues after a power cut with the key that it has made', async () => {
    const training = makeScene({ training: true });
    const lab = await enrolled({}, makeEnroller(training), training);
    lab.enroller.obstacle = hang;
    lab.enb.startStep('renewal');
    await reached(lab.enb, 'requested');
    await lab.enb.close();
    lab.enroller.obstacle = undefined;
    const again = lab.restart();
    await settled(again.enb);
    assert.equal(step(again.enb, 'renewal')?.state, 'done');
    assert.equal(lab.enroller.issued.size, 2);
  });

  it('of the older certificate continues under a new bundle, with what the older bundle said', async () => {
    const lab = await enrolled({ now: () => new Date('2027-02-20T00:00:00Z') });
    const urls: string[] = [];
    const request = lab.enroller.request.bind(lab.enroller);
    lab.enroller.request = (order, ...rest) => {
      urls.push(order.enrolment.url);
      return request(order, ...rest);
    };
    const { enrolment } = configurationFor(scene);
    lab.enb.takeBundle(
      await without({ sequence: 9, enrolment: { ...enrolment, url: 'http://new.example/' } }),
    );
    await lab.time.pass(day, () => settled(lab.enb));
    assert.deepEqual(urls, [enrolment.url]);
  });

  describe('without a clock', () => {
    const clockless = () => enrolled({ now: undefined }, makeEnroller(scene, { life: 2 * day }));

    it('starts after as much uptime', async () => {
      const { enb, time, enroller } = await clockless();
      await time.pass(1.4 * day - 1000, () => settled(enb));
      assert.equal(enroller.issued.size, 1);
      await time.pass(2000, () => settled(enb));
      assert.equal(enroller.issued.size, 2);
      assert.equal(step(enb, 'renewal')?.startedAt, undefined);
    });

    it('starts after a restart, and then at most once in a day of uptime', async () => {
      const first = await clockless();
      await first.enb.close();
      const second = first.restart();
      await second.time.pass(1, () => settled(second.enb));
      assert.equal(first.enroller.issued.size, 2);
      await second.time.pass(day / 2, () => settled(second.enb));
      await second.enb.close();
      const third = second.restart();
      await third.time.pass(day / 2 - 60_000, () => settled(third.enb));
      assert.equal(first.enroller.issued.size, 2);
      await third.time.pass(day, () => settled(third.enb));
      assert.equal(first.enroller.issued.size, 3);
    });
  });
});

describe('an eNB that cannot store the end of a step', () => {
  it('stops all the same', async () => {
    const lab = await enrolled({ now: undefined });
    await lab.time.pass(10_000, () => settled(lab.enb));
    mkdirSync(join(lab.folder, 'state.json.part'));
    await lab.enb.close();
  });

  it('waits before it renews again, although it cannot count the failure', async () => {
    const lab = await enrolled({ now: () => new Date('2027-02-20T00:00:00Z') });
    const blocked = join(lab.folder, 'state.json.part');
    lab.enroller.obstacle = () => {
      mkdirSync(blocked);
      return undefined;
    };
    const calls = () => lab.enroller.calls.filter(({ kind }) => kind === 'kur').length;
    await lab.time.pass(119_999, async () => {
      await settled(lab.enb);
      rmdirSync(blocked);
    });
    assert.equal(calls(), 1);
  });

  it('reports it as failed, and continues it after a restart', async () => {
    const lab = makeLab();
    lab.enb.takeBundle(bundle);
    let blocked = '';
    lab.enroller.obstacle = () => {
      blocked = join(lab.folder, 'state.json.part');
      mkdirSync(blocked);
      return undefined;
    };
    lab.enb.startStep('enrolment');
    await settled(lab.enb);
    const failed = step(lab.enb, 'enrolment');
    assert.deepEqual([failed?.state, failed?.fault?.code], ['failed', 'store-unusable']);
    rmdirSync(blocked);
    lab.enroller.obstacle = undefined;
    const again = lab.restart();
    await settled(again.enb);
    assert.equal(step(again.enb, 'enrolment')?.state, 'done');
  });
});
