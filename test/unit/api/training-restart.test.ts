// A training that starts again, and its operators' keys, with eNBs that may not start.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import Database from 'better-sqlite3';
import { ApiContext, createApi } from '../../../main/api/index.ts';
import { createCore } from '../../../main/core/index.ts';
import { ok, refuse } from '../../../main/faults/index.ts';
import type { UnlockedVendor } from '../../../main/office/index.ts';
import type { Part } from '../../../main/spawn/index.ts';
import { TrainingLab, type TrainingEnbs } from '../../../main/training/training-lab.ts';
import type { Topic } from '../../../preload/contract/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { surroundingsIn } from '../../kit/operator.ts';

const part: Part<TrainingEnbs> = {
  info: { ports: [1, 2, 3], gateways: [] },
  ask: () => Promise.resolve(ok('done')),
  stop: () => Promise.resolve(),
};

/** Training with an operator whose key is unlocked. Its eNBs start only once. */
async function training(context: TestContext) {
  const dataFolder = temporaryFolder();
  const core = createCore(surroundingsIn(dataFolder));
  let starts = 0;
  const lab = new TrainingLab(core, () =>
    Promise.resolve(++starts === 1 ? ok(part) : refuse('internal-error')),
  );
  const api = new ApiContext(core, { shell: 'browser', folders: [] }, lab);
  const calls = createApi(api);
  context.after(async () => {
    await api.close();
    await lab.stop();
    core.stores.close();
  });
  assert((await calls.call('app.enter', { mode: 'training' })).ok);
  const opened = core.stores.open(true);
  assert(opened.ok);
  const [operator] = opened.value.store.operators.all();
  assert(operator);
  const signing = { signer: { certificate: { sha256: 'ab' } } };
  const vendor = { name: 'vendor', signing } as UnlockedVendor;
  api.keys.put(operator.id, vendor, {
    operator: '',
    training: true,
  });
  const changed: Topic[] = [];
  api.onChanged((topics) => changed.push(...topics));
  return {
    ...{ changed, dataFolder },
    restart: async () => {
      const result = await calls.call('training.restart', {});
      return result.ok ? 'started' : result.fault.code;
    },
    isUnlocked: () => api.keys.look(operator.id, 'vendor') !== undefined,
  };
}

test('a training that is gone but could not start again is reported as changed, and its keys are locked', async (context) => {
  const { restart, isUnlocked, changed } = await training(context);
  assert.equal(isUnlocked(), true);
  assert.equal(await restart(), 'internal-error');
  assert.equal(isUnlocked(), false);
  for (const topic of ['app', 'jobs', 'operators', 'runs', 'log', 'enbs', 'training'] as const)
    assert.ok(changed.includes(topic), topic);
});

test('a training that stays because its store is open elsewhere keeps its keys unlocked', async (context) => {
  const { restart, isUnlocked, changed, dataFolder } = await training(context);
  const other = new Database(join(dataFolder, 'training', 'siteseal.db'));
  other.prepare('SELECT count(*) FROM job').get();
  assert.equal(await restart(), 'store-locked');
  other.close();
  assert.equal(isUnlocked(), true);
  assert.deepEqual(changed, []);
});
