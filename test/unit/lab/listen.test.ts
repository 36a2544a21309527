import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, Server } from 'node:net';
import { describe, it } from 'node:test';
import { listen } from '../../../main/lab/listen.ts';

describe('a port on which the lab listens', () => {
  it('is refused with the error of the system when it is taken', async () => {
    const listening = await listen('127.0.0.1', 0, () => undefined);
    await assert.rejects(
      listen('127.0.0.1', listening.port, () => undefined),
      { code: 'EADDRINUSE' },
    );
    await listening.close();
  });

  it('serves on after connections that could not be accepted', async (context) => {
    const start = context.mock.method(Server.prototype, 'listen');
    const listening = await listen('127.0.0.1', 0, (socket) => socket.end('served'));
    const server = start.mock.calls[0]?.this;
    assert(server instanceof Server);
    for (let count = 0; count < 2; count++)
      server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
    const [bytes] = (await once(connect(listening.port, '127.0.0.1'), 'data')) as [Buffer];
    assert.equal(bytes.toString(), 'served');
    await listening.close();
  });

  it('ends its connections when it is closed', async () => {
    const served = Promise.withResolvers<undefined>();
    const listening = await listen('127.0.0.1', 0, () => served.resolve(undefined));
    const socket = connect(listening.port, '127.0.0.1').resume();
    await served.promise;
    await Promise.all([once(socket, 'close'), listening.close()]);
  });
});
