// The network of this computer, as the checks of the path use it: real sockets on loopback.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { suite, test, type TestContext } from 'node:test';
import { systemPathNetwork } from '../../../main/path/index.ts';

const network = systemPathNetwork;

/** A DNS server that knows one address for each name, or none. Returns its address and port. */
async function dnsServer(context: TestContext, address?: readonly number[]): Promise<string> {
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address: from }) => {
    const question = query.subarray(12, query.indexOf(0, 12) + 5);
    const isA = question.readUInt16BE(question.length - 4) === 1;
    const answers = address && isA ? [[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address]] : [];
    const header = Buffer.from([0, 0, 0x81, address ? 0x80 : 0x83, 0, 1, 0, answers.length, 0, 0, 0, 0]);
    query.copy(header, 0, 0, 2);
    socket.send(Buffer.concat([header, question, ...answers.map((one) => Buffer.from(one))]), port, from);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  context.after(() => socket.close());
  return `127.0.0.1:${socket.address().port}`;
}

suite('the network of this computer', () => {
  test('resolves what the system knows, and asks nobody else', async () => {
    const found = await network.resolve('localhost', ['127.0.0.1:1']);
    assert.equal(
      found.some((address) => address === '127.0.0.1' || address === '::1'),
      true,
    );
  });

  test("asks the bundle's DNS servers for what the system does not know", async (context) => {
    const server = await dnsServer(context, [192, 0, 2, 7]);
    assert.deepEqual(await network.resolve('gateway.invalid', [server]), ['192.0.2.7']);
  });

  test('stops a look-up at once', async () => {
    const stopped = AbortSignal.abort();
    await assert.rejects(network.resolve('gateway.invalid', [], stopped));
  });

  test('knows whether something takes a connection', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const accepted = once(server, 'connection');
    assert.equal(await network.connect('127.0.0.1', port, 5_000), true);
    await accepted;
    server.close();
    await once(server, 'close');
    assert.equal(await network.connect('127.0.0.1', port, 5_000), false);
  });

  test('stops a connection at once, and ends one that nobody answers', async () => {
    assert.equal(await network.connect('192.0.2.1', 9, 60_000, AbortSignal.abort()), false);
    assert.equal(await network.connect('192.0.2.1', 9, 1), false);
  });
});
