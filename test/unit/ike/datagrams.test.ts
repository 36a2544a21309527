import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { after, describe, it } from 'node:test';
import { probeGateway, Responder, systemDatagrams } from '../../../main/ike/index.ts';

const sockets: Socket[] = [];
after(() => {
  for (const socket of sockets) socket.close();
});

async function listen(address = '127.0.0.1'): Promise<Socket> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  sockets.push(socket);
  socket.bind(0, address);
  await once(socket, 'listening');
  return socket;
}

const question = {
  network: systemDatagrams,
  vendorRoots: [],
  intermediates: [],
  proposals: ['aes128-sha256-ecp256'],
};

describe('the datagrams of this computer', () => {
  for (const host of ['127.0.0.1', '::1'])
    it(`carry a probe and its answer: ${host}`, async () => {
      const responder = new Responder({ proposals: question.proposals });
      const socket = await listen(host);
      socket.on('message', (bytes, { address, port }) => {
        const answer = responder.answer(bytes, 500, address);
        if (answer) socket.send(answer, port, address);
      });
      const answer = await probeGateway({ ...question, host, port: socket.address().port });
      assert.equal(answer.ok && answer.value.proposal, 'aes128-sha256-ecp256');
    });

  it('come only from the address and port that was asked', async () => {
    const responder = new Responder({ proposals: question.proposals });
    const [socket, stranger] = [await listen(), await listen()];
    socket.on('message', (bytes, { address, port }) => {
      const refusal = Buffer.from(bytes);
      stranger.send(refusal, port, address, () => {
        const answer = responder.answer(bytes, 500, address);
        if (answer) socket.send(answer, port, address);
      });
    });
    const answer = await probeGateway({ ...question, host: '127.0.0.1', port: socket.address().port });
    assert.equal(answer.ok, true);
  });

  it('report that nothing listens', async () => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    socket.close();
    const answer = await probeGateway({ ...question, host: '127.0.0.1', port });
    assert.deepEqual(!answer.ok && [answer.fault.code, answer.fault.found], [
      'ike-unreachable',
      'ECONNREFUSED',
    ]);
  });

  it('report an address to which this computer cannot connect', async () => {
    const answer = await probeGateway({ ...question, host: 'fe80::1' });
    assert.equal(!answer.ok && answer.fault.code, 'ike-unreachable');
  });

  it('are waited for until the signal comes', async () => {
    const socket = await listen();
    const controller = new AbortController();
    socket.once('message', () => controller.abort());
    const { port } = socket.address();
    const answer = await probeGateway({ ...question, host: '127.0.0.1', port, signal: controller.signal });
    assert.equal(!answer.ok && answer.fault.code, 'cancelled');
  });
});
