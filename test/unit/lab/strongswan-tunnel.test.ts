import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { StrongswanTunnel } from '../../../main/lab/strongswan-tunnel.ts';

const ended = () => Promise.resolve();
const tunnelTo = (end: () => Promise<void> = ended) =>
  new StrongswanTunnel('192.0.2.1', ['127.0.0.1'], ['127.0.0.0/8'], end);

const codeOf = async (stream: NodeJS.EventEmitter) =>
  ((await once(stream, 'error')) as [NodeJS.ErrnoException])[0].code;

describe('a connection through a tunnel', () => {
  it('ends with the tunnel, and sends nothing that still waits', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const tunnel = tunnelTo();
    const stream = tunnel.connect('127.0.0.1', port);
    const [[peer]] = (await Promise.all([once(server, 'connection'), once(stream, 'connect')])) as [
      [Socket],
      unknown,
    ];
    peer.pause();
    // More than the peer takes, so that some of it still waits.
    stream.write(Buffer.alloc(20_000_000));
    const closed = once(stream, 'close');
    const reset = codeOf(peer);
    tunnel.onDown(() => stream.destroy());
    await tunnel.down();
    await closed;
    peer.resume();
    assert.equal(await reset, 'ECONNRESET');
    server.close();
  });

  it('is not made once the tunnel is down', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const tunnel = tunnelTo();
    const early = tunnel.connect('127.0.0.1', port);
    await Promise.all([codeOf(early), tunnel.down()]);
    assert.equal(await codeOf(tunnel.connect('127.0.0.1', port)), 'ENETDOWN');
    assert.equal(
      await new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count))),
      0,
    );
    server.close();
  });

  it('needs an inner address of its family', async () => {
    assert.equal(await codeOf(tunnelTo().connect('::1', 9)), 'EADDRNOTAVAIL');
    await assert.rejects(tunnelTo().resolve('ra.example', ['::1']), { code: 'EADDRNOTAVAIL' });
    await assert.rejects(tunnelTo().resolve('ra.example', []), { code: 'EADDRNOTAVAIL' });
  });
});

describe('a question for a name through a tunnel', () => {
  it('ends with the tunnel, and is not asked afterwards', async () => {
    const silent = createSocket('udp4');
    silent.bind(0, '127.0.0.1');
    await once(silent, 'listening');
    const tunnel = tunnelTo();
    const answer = assert.rejects(tunnel.resolve('ra.example', [`127.0.0.1:${silent.address().port}`]), {
      code: 'ECANCELLED',
    });
    await once(silent, 'message');
    await tunnel.down();
    await answer;
    await assert.rejects(tunnel.resolve('ra.example', ['127.0.0.1']), { code: 'ENETDOWN' });
    silent.close();
  });
});
