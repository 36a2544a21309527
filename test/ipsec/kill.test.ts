/** A reference eNB that is killed at every point of every step, and starts again with what it left. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import Database from 'better-sqlite3';
import { laterSteps, type StepName } from '../../preload/contract/steps.ts';
import {
  callEnb,
  enbAddress,
  endProcess,
  followSteps,
  putBundle,
  startIpsecLab,
  startLabCommand,
  until,
  type IpsecLab,
  type LabState,
  type Process,
} from '../kit/ipsec-lab.ts';

let lab: IpsecLab;
before(async () => {
  lab = await startIpsecLab({ polls: 1 });
});
after(() => lab.close());

/**
 * A point in the life of an eNB: just before or just after it stores that a step has reached a phase or is done, or a
 * new key.
 */
interface Point {
  readonly when: 'before' | 'after';
  readonly step: StepName;
  /** A phase, `done`, or `key-file`. */
  readonly at: string;
}

/** Before these, nothing happens outside the eNB that has not happened at the point before. */
const sameAsPoint = ['key-file', 'requested', 'confirming'];

/** Every point of a step, in order. */
function pointsOf({ name, phases }: (typeof laterSteps)[number]): readonly Point[] {
  const names: readonly string[] = phases.map((phase) => phase.name);
  const all = names.includes('key') ? ['key', 'key-file', ...names.slice(1), 'done'] : [...names, 'done'];
  return all.flatMap((at) => [
    ...(sameAsPoint.includes(at) ? [] : [{ when: 'before', step: name, at } as const]),
    { when: 'after', step: name, at } as const,
  ]);
}

/** A module that kills its process at a point. Nothing of the process runs after that. */
function killingAt({ when, step, at }: Point): string {
  const text = `
    import fs from 'node:fs';
    import { basename } from 'node:path';
    import { syncBuiltinESMExports } from 'node:module';
    const { renameSync } = fs;
    const isThere = (part, file) => {
      if (basename(file).startsWith('operator-')) return ${JSON.stringify(at)} === 'key-file';
      if (basename(file) !== 'state.json') return false;
      const { state, phase } = JSON.parse(fs.readFileSync(part, 'utf8')).steps?.[${JSON.stringify(step)}] ?? {};
      return (state === 'running' ? phase : state) === ${JSON.stringify(at)};
    };
    fs.renameSync = (part, file) => {
      const isNow = isThere(part, file);
      if (isNow && ${when === 'before'}) process.kill(process.pid, 'SIGKILL');
      renameSync(part, file);
      if (isNow) process.kill(process.pid, 'SIGKILL');
    };
    syncBuiltinESMExports();`;
  return `data:text/javascript,${encodeURIComponent(text)}`;
}

const start = async (state: LabState, point?: Point) => {
  const enb = lab.startEnb(state, { modules: point ? [killingAt(point)] : [] });
  const started = await enb.started;
  return { ...enb, port: started?.['port'] as number | undefined };
};

const steps = laterSteps.map(({ name }) => name);

/** A new eNB that has its bundle. */
async function provision(): Promise<LabState> {
  const state = lab.newState();
  const enb = await start(state);
  assert(enb.port !== undefined, enb.said());
  const verdict = await putBundle(enb.port, await lab.bundle(state));
  assert.equal(verdict.status, 200, verdict.body.toString());
  await switchOff(enb, state);
  return state;
}

/** Ends an eNB in order, with its daemon: two daemons in one network fight over their ports. */
async function switchOff(enb: Process, state: LabState): Promise<void> {
  assert.equal((await endProcess(enb)).code, 0);
  assert.deepEqual(state.charons(), []);
}

async function kill(enb: Process): Promise<void> {
  enb.child.kill('SIGKILL');
  await enb.ended;
}

/** Starts a step. The answer is lost if that kills the eNB. */
async function startStep(port: number, step: StepName): Promise<void> {
  const answer = await callEnb(port, 'POST', `/v1/steps/${step}`).catch(() => undefined);
  assert([202, undefined].includes(answer?.status), answer?.body.toString());
}

/** Makes all steps that are not done, one after the other, as an installer would. */
async function finish(port: number): Promise<void> {
  for (const step of steps) {
    const before = await followSteps(port);
    if (before.find((one) => one.step === step)?.state === 'done') continue;
    await startStep(port, step);
    const ended = (await followSteps(port)).find((one) => one.step === step);
    assert.equal(ended?.state, 'done', JSON.stringify(ended));
  }
}

/** The eNB is in service with one daemon, one tunnel and what belongs to it, and nothing older. */
async function assertInService(state: LabState): Promise<void> {
  const inner = await until(async () => {
    const [tunnel, ...others] = await state.tunnels();
    const [address] = tunnel?.innerAddresses ?? [];
    // The eNB routes what its daemon has brought up.
    if (address === undefined || others.length > 0 || rules().length === 0) return undefined;
    return tunnel?.name.startsWith('traffic-') && lab.reachesRaCa(address) ? address : undefined;
  });
  assert.equal(state.charons().length, 1);
  const addresses = lab.runAtEnb('ip', '-4', '-brief', 'address').match(/\b10\.30\.0\.\d+/g);
  assert.deepEqual(addresses, [inner]);
  assert.deepEqual(
    rules().map((rule) => rule.split(/\s+/)[2]),
    [inner],
  );
}

/** The rules that lead packets into tunnels. */
function rules(): readonly string[] {
  return lab
    .runAtEnb('ip', 'rule')
    .split('\n')
    .filter((line) => line.startsWith('210:'));
}

describe('an eNB that is killed', { timeout: 200_000 }, () => {
  let state: LabState;
  before(async () => {
    state = await provision();
  });

  for (const step of laterSteps) {
    for (const point of pointsOf(step)) {
      it(`${point.when} it stores ${point.at} of ${point.step} dies there, with nothing done that is not`, async () => {
        const isRunning = () => state.read().steps?.[point.step]?.state === 'running';
        const continues = isRunning();
        const enb = await start(state, point);
        if (enb.port !== undefined && !continues) await startStep(enb.port, point.step);
        // A step that ends without passing the point has not died there.
        const steps = enb.port === undefined ? [] : await followSteps(enb.port).catch(() => []);
        if (steps.length > 0 && steps.every(({ state }) => state !== 'running')) enb.child.kill();
        const { signal } = await enb.ended;
        const { steps: left } = state.read();
        const record = left?.[point.step];
        assert.equal(signal, 'SIGKILL', JSON.stringify({ steps, said: enb.said() }));
        assert.equal(
          record?.state === 'done',
          point.when === 'after' && point.at === 'done',
          JSON.stringify(record),
        );
        if (point.at === 'done' && point.step !== 'renewal' && point.step !== 'enrolment') {
          const role = step.name === 'initial-ipsec' ? 'initial' : 'traffic';
          const names = (await state.tunnels()).map(({ name }) => name.split('-')[0]);
          assert(names.includes(role), 'the tunnel is up before the step is done');
        }
      });
    }
  }

  it('ends in service, with the one certificate of its enrolment and the one of its renewal', async () => {
    const enb = await start(state);
    assert(enb.port !== undefined, enb.said());
    await finish(enb.port);
    await assertInService(state);
    await kill(enb);
  });

  it('is in service again after it was killed in service, alone or with its daemon', async () => {
    for (const isPowerCut of [false, true]) {
      const enb = await start(state);
      await assertInService(state);
      const daemons = state.charons();
      await kill(enb);
      if (isPowerCut) for (const pid of daemons) process.kill(pid, 'SIGKILL');
      const next = await start(state);
      await assertInService(state);
      assert(!state.charons().some((pid) => daemons.includes(pid)));
      await switchOff(next, state);
    }
  });
});

describe('an eNB that is killed while it waits for others', { timeout: 100_000 }, () => {
  it('continues each time, and ends in service', async () => {
    const state = await provision();
    /** Starts it, starts the step if it does not run, and kills it once it reports the phase. */
    const killAt = async (step: StepName, phase: string, blocked?: string) => {
      const continues = state.read().steps?.[step]?.state === 'running';
      const release = blocked === undefined ? undefined : lab.drop(blocked);
      const enb = await start(state);
      assert(enb.port !== undefined, enb.said());
      if (!continues) await startStep(enb.port, step);
      const seen: unknown[] = [];
      await followSteps(enb.port, (all) => {
        const record = all.find((one) => one.step === step);
        seen.push(record);
        if (record?.state !== 'running' || record.phase === phase) enb.child.kill('SIGKILL');
      }).catch(() => undefined);
      release?.();
      await kill(enb);
      assert.partialDeepStrictEqual(seen.at(-1), { state: 'running', phase });
      assert.equal(state.read().steps?.[step]?.state, 'running');
    };
    /** Starts it, waits for the end of the step, and kills it between two steps. */
    const complete = async (step: StepName) => {
      const enb = await start(state);
      assert(enb.port !== undefined, enb.said());
      const ended = (await followSteps(enb.port)).find((one) => one.step === step);
      assert.equal(ended?.state, 'done', JSON.stringify(ended));
      await kill(enb);
    };
    await killAt('initial-ipsec', 'sent', 'udp dport 500');
    await killAt('initial-ipsec', 'answered', 'udp dport 4500');
    await complete('initial-ipsec');
    await killAt('enrolment', 'waiting');
    await complete('enrolment');
    await killAt('backhaul-ipsec', 'sent', 'udp dport 500');
    await killAt('backhaul-ipsec', 'answered', 'udp dport 4500');
    await complete('backhaul-ipsec');
    const enb = await start(state);
    await assertInService(state);
    await switchOff(enb, state);
  });
});

describe('a tool that is killed', { timeout: 100_000 }, () => {
  it('leaves the step to the eNB, and a tool that follows sees its end', async () => {
    const state = await provision();
    const enb = await start(state);
    assert(enb.port !== undefined, enb.said());
    const { port } = enb;
    const at = ['--ethernet', `${enbAddress}:${port}`, '--vendor-root', lab.vendorRoot, '--follow'];
    const tool = (...args: readonly string[]) => startLabCommand(['enb', ...args, ...at], { home: lab.home });
    /** Runs a tool until the eNB reports the phase, and kills it then. */
    const killedAt = async (step: StepName, phase: string, ...args: readonly string[]) => {
      const running = tool(...args);
      await until(() => {
        assert.equal(running.child.exitCode, null, running.said());
        return state.read().steps?.[step]?.phase === phase ? true : undefined;
      });
      running.child.kill('SIGKILL');
      await running.ended;
      assert.equal(state.read().steps?.[step]?.state, 'running');
    };
    const stateOf = (document: unknown, step: StepName) =>
      (document as { readonly steps?: readonly Record<string, unknown>[] }).steps?.find(
        (one) => one['step'] === step,
      )?.['state'];
    const release = lab.drop('udp dport 4500');
    await killedAt('initial-ipsec', 'answered', 'start-step', 'initial-ipsec');
    await killedAt('initial-ipsec', 'answered', 'status');
    release();
    assert.equal(stateOf(await tool('status').started, 'initial-ipsec'), 'done');
    await killedAt('enrolment', 'waiting', 'start-step', 'enrolment');
    const last = tool('status');
    assert.equal(stateOf(await last.started, 'enrolment'), 'done');
    assert.equal((await last.ended).code, 0);
    assert.equal(stateOf(await tool('start-step', 'backhaul-ipsec').started, 'backhaul-ipsec'), 'done');
    await assertInService(state);
    await switchOff(enb, state);
  });
});

it('the RA/CA has issued one certificate for each key, and one for each enrolment and renewal', async () => {
  const journal = new Database(await lab.endRaCa(), { readonly: true });
  const rows = journal
    .prepare<[], { holder: string; spki_sha256: string; replaces: string | null; sha256: string }>(
      'SELECT holder, spki_sha256, replaces, sha256 FROM certificate ORDER BY id',
    )
    .all();
  const confirmed = journal
    .prepare<[], { certificate: string }>(
      "SELECT DISTINCT certificate FROM cmp_transaction WHERE state = 'confirmed'",
    )
    .all();
  journal.close();
  assert.equal(new Set(rows.map((row) => row.spki_sha256)).size, rows.length);
  // The first eNB enrolled and renewed, the others enrolled.
  const first = rows[0]?.sha256;
  assert.deepEqual(
    rows.map(({ replaces }) => replaces),
    [null, first, null, null],
  );
  assert.deepEqual(confirmed.map((row) => row.certificate).sort(), rows.map((row) => row.sha256).sort());
});
