import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppState, ClientMessage, FaultView } from '../../../preload/contract/index.ts';
import { createClient, type WireListener } from '../../../renderer/src/port/client.ts';

const lost: FaultView = { code: 'lost', message: '', cause: '', mendedBy: '', next: '', because: [] };
const app: AppState = { version: '1', shell: 'browser', mode: null, training: false, theme: 'system' };

function connect() {
  const wires: WireListener[] = [];
  const sent: ClientMessage[] = [];
  const client = createClient((listener) => {
    wires.push(listener);
    return { send: (message) => sent.push(message) };
  }, lost);
  return { client, wires, sent };
}

test('a call waits for the connection, and gets the result with its number', async () => {
  const { client, wires, sent } = connect();
  const answer = client.call('app.get', {});
  assert.deepEqual(sent, []);
  wires[0]!.onOpen();
  assert.deepEqual(sent, [{ kind: 'call', id: 1, name: 'app.get', input: {} }]);
  wires[0]!.onMessage({ kind: 'result', id: 1, ok: true, value: app });
  assert.deepEqual(await answer, { ok: true, value: app });
});

test('a change reaches those who follow its topic, until they stop', () => {
  const { client, wires } = connect();
  wires[0]!.onOpen();
  let changes = 0;
  const stop = client.onChanged(['jobs'], () => (changes += 1));
  wires[0]!.onMessage({ kind: 'changed', topics: ['log'] });
  wires[0]!.onMessage({ kind: 'changed', topics: ['jobs', 'log'] });
  stop();
  wires[0]!.onMessage({ kind: 'changed', topics: ['jobs'] });
  assert.equal(changes, 1);
});

test('when the connection closes, calls end as lost, it is opened again, and everyone asks again', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { client, wires } = connect();
  wires[0]!.onOpen();
  let changes = 0;
  client.onChanged(['jobs'], () => (changes += 1));
  const answer = client.call('app.get', {});
  wires[0]!.onClose();
  assert.deepEqual(await answer, { ok: false, fault: lost });
  assert.equal(client.connection(), 'lost');
  assert.deepEqual(await client.call('app.get', {}), { ok: false, fault: lost });
  context.mock.timers.tick(250);
  assert.equal(wires.length, 2);
  wires[1]!.onOpen();
  assert.equal(client.connection(), 'rejoined');
  assert.equal(changes, 1);
});

test('a connection that does not come back in five tries is told as gone, and is tried on until it opens', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { client, wires } = connect();
  wires[0]!.onOpen();
  const told = [0, 250, 500, 1000, 2000, 2000].map((pause, place) => {
    context.mock.timers.tick(pause);
    wires[place]!.onClose();
    return client.connection();
  });
  assert.deepEqual(told, ['lost', 'lost', 'lost', 'lost', 'gone', 'gone']);
  context.mock.timers.tick(2000);
  wires[6]!.onOpen();
  assert.equal(client.connection(), 'rejoined');
});
