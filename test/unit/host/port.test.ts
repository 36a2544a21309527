import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { test } from 'node:test';
import { servePort } from '../../../main/host/port.ts';
import { ok, type Result } from '../../../main/faults/index.ts';
import type { CoreMessage, Topic } from '../../../preload/contract/index.ts';

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

test('a page has at most 256 calls under way, and every call beyond gets its refusal at once', async () => {
  let ask: (message: unknown) => void = () => assert.fail('nobody listens');
  const finish: (() => void)[] = [];
  const api = {
    call: () => new Promise<Result<unknown>>((resolve) => finish.push(() => resolve(ok('done')))),
    onChanged: () => () => undefined,
  };
  const sent: CoreMessage[] = [];
  const results = () => sent.splice(0).flatMap((message) => (message.kind === 'result' ? [message] : []));
  const onMessage = (listener: typeof ask) => (ask = listener);
  const postMessage = (message: unknown) => sent.push(message as CoreMessage);
  servePort(api, { postMessage, onMessage, onClose: () => undefined }, '1.0.0');
  for (let id = 1; id <= 258; id++) ask({ kind: 'call', id, name: 'jobs.list', input: {} });
  await setImmediate();
  assert.equal(finish.length, 256);
  assert.deepEqual(
    results().map((result) => [result.id, !result.ok && [result.fault.code, result.fault.found]]),
    [257, 258].map((id) => [id, ['usage-invalid', 'more than 256 calls at a time']]),
  );
  finish.pop()?.();
  await setImmediate();
  ask({ kind: 'call', id: 259, name: 'jobs.list', input: {} });
  ask({ kind: 'call', id: 260, name: 'jobs.list', input: {} });
  await setImmediate();
  assert.equal(finish.length, 256);
  assert.deepEqual(
    results().map(({ id, ok: isDone }) => [id, isDone]),
    [
      [256, true],
      [260, false],
    ],
  );
});
