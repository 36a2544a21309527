import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { encodeViciMessage, Vici, ViciError, type ViciMessage } from '../../../main/strongswan/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';

const folder = temporaryFolder();
const closing: (() => void)[] = [];
after(() => {
  for (const close of closing) close();
});

let count = 0;
/** A connection to a daemon of which the test plays the part. */
async function connected(): Promise<{ readonly vici: Vici; readonly daemon: Socket }> {
  const path = join(folder, `vici-${(count += 1)}`);
  const server = createServer().listen(path);
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const vici = await Vici.open(path);
  const [daemon] = await accepted;
  closing.push(() => {
    vici.close();
    daemon.destroy();
    server.close();
  });
  return { vici, daemon };
}

const type = { response: 1, unknownCommand: 2, confirmed: 5, unknownEvent: 6, event: 7 };

function packet(kind: number, message: ViciMessage = {}, name?: string): Buffer {
  const named = name === undefined ? [] : [Uint8Array.of(name.length), Buffer.from(name)];
  const body = Buffer.concat([Uint8Array.of(kind), ...named, encodeViciMessage(message)]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

describe('a connection to strongSwan', () => {
  it('answers requests in their order, however the bytes arrive', async () => {
    const { vici, daemon } = await connected();
    const answers = Promise.all([vici.request('version'), vici.request('stats')]);
    await once(daemon, 'data');
    const bytes = Buffer.concat([packet(type.response, { n: '1' }), packet(type.response, { n: '2' })]);
    for (const byte of bytes) daemon.write(Uint8Array.of(byte));
    assert.deepEqual(
      (await answers).map(({ n }) => n),
      ['1', '2'],
    );
  });

  it('rejects an order that fails, with the reason', async () => {
    const { vici, daemon } = await connected();
    const answer = vici.order('load-conn');
    daemon.write(packet(type.response, { success: 'no', errmsg: 'invalid value for: vips' }));
    await assert.rejects(answer, { name: 'ViciError', message: 'invalid value for: vips' });
  });

  it('hears events during a command and not after it', async () => {
    const { vici, daemon } = await connected();
    const heard: unknown[] = [];
    const answer = vici.stream('list-sas', 'list-sa', {}, (message) => heard.push(message.n));
    await once(daemon, 'data');
    daemon.write(packet(type.confirmed));
    await once(daemon, 'data');
    daemon.write(packet(type.event, { n: '1' }, 'list-sa'));
    daemon.write(packet(type.response));
    await once(daemon, 'data');
    daemon.write(packet(type.confirmed));
    await answer;
    daemon.write(packet(type.event, { n: '2' }, 'list-sa'));
    const last = vici.request('version');
    daemon.write(packet(type.response));
    await last;
    assert.deepEqual(heard, ['1']);
  });

  it('rejects a command and an event that strongSwan does not know', async () => {
    const { vici, daemon } = await connected();
    const answers = [vici.request('none'), vici.listen('none', () => undefined)];
    daemon.write(Buffer.concat([packet(type.unknownCommand), packet(type.unknownEvent)]));
    for (const { status } of await Promise.allSettled(answers)) assert.equal(status, 'rejected');
  });

  it('rejects everything that waits, and everything after, when the socket vanishes', async () => {
    const { vici, daemon } = await connected();
    const answers = Promise.allSettled([
      vici.request('a'),
      vici.request('b'),
      vici.listen('c', () => undefined),
    ]);
    daemon.destroy();
    for (const answer of await answers)
      assert(answer.status === 'rejected' && answer.reason instanceof ViciError);
    await assert.rejects(vici.request('d'), ViciError);
    await vici.closed;
  });

  it('ends when a request misses its deadline', async () => {
    const { vici, daemon } = await connected();
    daemon.resume();
    await assert.rejects(vici.request('version', {}, 1), ViciError);
    await vici.closed;
  });

  const bad = {
    'a packet that is too long': Buffer.from('00080001', 'hex'),
    'a packet without a type': Buffer.alloc(4),
    'an answer that nobody asked for': packet(type.response),
    'an event that cannot be read': Buffer.from('0000000407016109', 'hex'),
  };
  for (const [what, bytes] of Object.entries(bad)) {
    it(`ends at ${what}`, async () => {
      const { vici, daemon } = await connected();
      daemon.on('error', () => undefined);
      daemon.write(bytes);
      await vici.closed;
      await assert.rejects(vici.request('version'), ViciError);
    });
  }

  it('is refused where nobody listens', async () => {
    await assert.rejects(Vici.open(join(folder, 'nobody')));
  });
});
