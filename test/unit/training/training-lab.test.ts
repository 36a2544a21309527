import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Bundle } from '../../../main/bundle/index.ts';
import { createCore } from '../../../main/core/index.ts';
import { readProfile, unlockOffice } from '../../../main/office/index.ts';
import { exactly } from '../../../main/pki/index.ts';
import { labOperator, makeLabOperator, profileDocument } from '../../../main/training/lab-operator.ts';
import { trainingPassphrase } from '../../../main/training/set-up.ts';
import { TrainingLab, type TrainingEnbs } from '../../../main/training/training-lab.ts';
import { ok, refuse } from '../../../main/faults/index.ts';
import type { Part } from '../../../main/spawn/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { surroundingsIn } from '../../kit/operator.ts';

/** A worker thread that runs three eNBs. */
function part(stop: () => void = () => undefined): Part<TrainingEnbs> {
  return {
    info: { ports: [1, 2, 3], gateways: [] },
    ask: () => Promise.resolve(ok('done')),
    stop: () => {
      stop();
      return Promise.resolve();
    },
  };
}

function enbsOf(lab: TrainingLab): number {
  return lab.surroundings.discovery.list().length;
}

test('a lab that is stopped while it starts leaves no eNBs behind', async () => {
  const core = createCore(surroundingsIn(temporaryFolder()));
  const told: string[] = [];
  const lab = new TrainingLab(core, () => {
    told.push('on');
    return Promise.resolve(ok(part(() => told.push('off'))));
  });
  const starting = lab.start();
  await lab.stop();
  core.stores.close();
  assert((await starting).ok);
  assert.deepEqual([told, enbsOf(lab)], [['on', 'off'], 0]);
});

test('a lab that could not start starts when that is asked again, and then no second time', async () => {
  const core = createCore(surroundingsIn(temporaryFolder()));
  let attempts = 0;
  const lab = new TrainingLab(core, () => {
    attempts++;
    if (attempts === 1) return Promise.resolve(refuse('internal-error'));
    return Promise.resolve(ok(part()));
  });
  const seen: unknown[] = [];
  for (let i = 0; i < 3; i++) seen.push([(await lab.start()).ok, enbsOf(lab), attempts]);
  await lab.stop();
  core.stores.close();
  assert.deepEqual(seen, [
    [false, 0, 1],
    [true, 3, 2],
    [true, 3, 2],
  ]);
});

test('eNBs that die start again once, and then stay off until they are started', async () => {
  const core = createCore(surroundingsIn(temporaryFolder()));
  const deaths: (() => void)[] = [];
  const lab = new TrainingLab(core, (_, onDeath) => {
    deaths.push(onDeath);
    return Promise.resolve(ok(part()));
  });
  const seen: number[] = [];
  lab.onChanged(() => seen.push(enbsOf(lab)));
  await lab.start();
  deaths[0]?.();
  await lab.start();
  deaths[1]?.();
  assert.equal(deaths.length, 2);
  assert.deepEqual(seen, [3, 0, 3, 0]);
  await lab.start();
  await lab.stop();
  core.stores.close();
  assert.deepEqual(seen, [3, 0, 3, 0, 3]);
});

test('eNBs of a training that started again may die once again', async () => {
  const core = createCore(surroundingsIn(temporaryFolder()));
  const deaths: (() => void)[] = [];
  const lab = new TrainingLab(core, (_, onDeath) => {
    deaths.push(onDeath);
    return Promise.resolve(ok(part()));
  });
  await lab.start();
  deaths[0]?.();
  await lab.start();
  const restarted = await lab.restart(
    () => ok(undefined),
    () => undefined,
  );
  assert(restarted.ok);
  deaths[2]?.();
  await lab.stop(); // It waits for eNBs that are starting.
  core.stores.close();
  assert.equal(deaths.length, 4);
});

test('a training from before there were gateways gets them, and keeps its bundles until it restarts', async () => {
  const core = createCore(surroundingsIn(temporaryFolder()));
  const folder = join(core.stores.folder(true), 'lab');
  const needsTunnel = () => {
    const { unverified } = new Bundle(readFileSync(join(folder, 'prepared', 'bundles', 'LAB0001.p7m')));
    assert(unverified.ok);
    return unverified.value.configuration.initialIpsec.required;
  };
  const earlier = labOperator(folder, ['LAB0001', 'LAB0002', 'LAB0003']);
  assert((await makeLabOperator(earlier, core.surroundings.now(), trainingPassphrase)).ok);
  rmSync(join(folder, 'gateways'), { recursive: true });
  const older = { ...profileDocument, initialIpsec: { required: false } };
  writeFileSync(earlier.profile, JSON.stringify(older));
  const inventory = readFileSync(earlier.inventory, 'utf8');
  writeFileSync(earlier.inventory, inventory.replaceAll('10.20.0.10', 'ra.pki.example'));
  const lab = new TrainingLab(core, () => Promise.resolve(ok(part())));
  const started = await lab.start();
  assert(started.ok, JSON.stringify(started));
  assert.equal(needsTunnel(), false);
  for (const { credential } of earlier.gateways) assert(existsSync(credential.certificates));
  const restarted = await lab.restart(
    () => ok(undefined),
    () => undefined,
  );
  assert(restarted.ok);
  assert.equal(needsTunnel(), true);
  await lab.stop();
  core.stores.close();
});

test('the office key of a training opens with its passphrase, and a training from before it still starts', async () => {
  const core = createCore(surroundingsIn(temporaryFolder()));
  const operator = labOperator(join(core.stores.folder(true), 'lab'), ['LAB0001']);
  const at = core.surroundings.now();
  assert((await makeLabOperator(operator, at, trainingPassphrase)).ok);
  const profile = readProfile(operator.profile);
  assert(profile.ok, JSON.stringify(profile));
  const unlocked = await unlockOffice(profile.value, Buffer.from(trainingPassphrase), exactly(at));
  assert(unlocked.ok, JSON.stringify(unlocked));
  assert.equal(unlocked.value.chain.length, 1);
  writeFileSync(operator.profile, JSON.stringify({ ...profileDocument, officeKey: undefined }));
  for (const name of ['office.key', 'office.pem']) rmSync(join(operator.folder, name));
  const lab = new TrainingLab(core, () => Promise.resolve(ok(part())));
  const started = await lab.start();
  assert(started.ok, JSON.stringify(started));
  await lab.stop();
  core.stores.close();
});

test('a lab that was stopped does not start any more', async () => {
  const core = createCore(surroundingsIn(temporaryFolder()));
  const lab = new TrainingLab(core, () => assert.fail('it starts nothing'));
  await lab.stop();
  const started = await lab.start();
  assert.equal(!started.ok && started.fault.code, 'cancelled');
  assert.equal(enbsOf(lab), 0);
});
