import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { test } from 'node:test';
import { servePort } from '../../../main/core/port.ts';
import { ok } from '../../../main/faults/index.ts';
import type { Topic } from '../../../preload/contract/index.ts';

test('a page whose channel closes before its answer is there harms neither the core nor the other pages', async () => {
  let tell: (topics: readonly Topic[]) => void = () => assert.fail('nobody listens');
  let ask: (message: unknown) => void = () => assert.fail('nobody listens');
  const asked: string[] = [];
  const api = {
    call: (name: string) => Promise.resolve(ok(void asked.push(name))),
    onChanged: (listener: typeof tell) => {
      tell = listener;
      return () => undefined;
    },
  };
  let isClosed = false;
  const postMessage = () => {
    if (isClosed) throw new Error('The channel is closed');
  };
  const onMessage = (listener: typeof ask) => (ask = listener);
  servePort(api, { postMessage, onMessage, onClose: () => undefined }, '1.0.0');
  isClosed = true;
  ask({ kind: 'call', id: 1, name: 'jobs.list', input: {} });
  tell(['jobs']);
  await setImmediate(); // an unhandled rejection would be there by now
  assert.deepEqual(asked, ['jobs.list']);
});
