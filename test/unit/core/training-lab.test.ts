import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiContext } from '../../../main/core/api/context.ts';
import { Stores } from '../../../main/core/stores.ts';
import { TrainingLab } from '../../../main/core/training-lab.ts';
import { ok, refuse } from '../../../main/faults/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';
import { surroundingsIn } from '../../kit/operator.ts';

test('a lab that is stopped while it starts leaves no eNBs behind', async () => {
  const surroundings = surroundingsIn(temporaryFolder());
  const stores = new Stores(surroundings);
  const told: string[] = [];
  const lab = new TrainingLab(stores.folder(true), () => {
    told.push('on');
    const stop = () => Promise.resolve(void told.push('off'));
    return Promise.resolve(ok({ info: { ports: [1, 2, 3] }, stop }));
  });
  const context = new ApiContext(surroundings, stores, { shell: 'browser', folders: [] }, lab);
  const starting = lab.start(context);
  await lab.stop();
  stores.close();
  assert((await starting).ok);
  assert.deepEqual([told, lab.found()], [['on', 'off'], []]);
});

test('a lab that could not start starts when that is asked again, and then no second time', async () => {
  const surroundings = surroundingsIn(temporaryFolder());
  const stores = new Stores(surroundings);
  let attempts = 0;
  const lab = new TrainingLab(stores.folder(true), () => {
    attempts++;
    if (attempts === 1) return Promise.resolve(refuse('internal-error'));
    return Promise.resolve(ok({ info: { ports: [1, 2, 3] }, stop: () => Promise.resolve() }));
  });
  const context = new ApiContext(surroundings, stores, { shell: 'browser', folders: [] }, lab);
  const seen: unknown[] = [];
  for (let i = 0; i < 3; i++) seen.push([(await lab.start(context)).ok, lab.found().length, attempts]);
  await lab.stop();
  stores.close();
  assert.deepEqual(seen, [
    [false, 0, 1],
    [true, 3, 2],
    [true, 3, 2],
  ]);
});
