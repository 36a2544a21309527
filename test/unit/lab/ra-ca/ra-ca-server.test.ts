import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { buffer as bufferOf } from 'node:stream/consumers';
import { afterEach, describe, it } from 'node:test';
import type { CmpAnswer } from '../../../../main/cmp/index.ts';
import {
  RaCaServer,
  type CmpAuthority,
  type Listening,
  type ServerLimits,
} from '../../../../main/lab/index.ts';

const limits: ServerLimits = { deadline: 10_000, connections: 8 };
const short: ServerLimits = { ...limits, deadline: 150 };
const headers = { 'content-type': 'application/pkixcmp' };

/** Answers with the length of the message and its bytes. */
const echo: CmpAuthority = {
  answer: (message) =>
    Promise.resolve({
      bytes: Buffer.concat([Buffer.from(`${message.length} `), message]),
      isToMessage: !Buffer.from(message).toString().startsWith('no '),
    }),
};

const running: Listening[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function start(authority = echo, with_: ServerLimits = limits, onError?: (error: unknown) => void) {
  const server = await new RaCaServer(authority, onError, with_).listen('127.0.0.1', 0);
  running.push(server);
  return server;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

async function send(
  { port }: Listening,
  body: string | Uint8Array = 'message',
  options: { readonly path?: string; readonly method?: string; readonly headers?: object } = {},
): Promise<Answer> {
  const call = httpRequest({
    host: '127.0.0.1',
    port,
    agent: false,
    method: 'POST',
    path: '/.well-known/cmp',
    ...options,
    headers: { ...(options.headers ?? headers) },
  });
  call.end(body);
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  const { statusCode: status = 0, headers: answered } = response;
  return { status, headers: answered, body: (await bufferOf(response)).toString() };
}

/** A connection that sends these bytes and no more by itself. */
function open({ port }: Listening, text = ''): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(text);
  return socket;
}

/** Resolves when the connection is gone, even by a reset. */
const ended = (socket: Socket) => new Promise((resolve) => socket.resume().once('close', resolve));

describe('the HTTP server of an RA/CA', () => {
  it('answers a message with 200 and a message', async () => {
    const answer = await send(await start());
    assert.deepEqual([answer.status, answer.body], [200, '7 message']);
    assert.equal(answer.headers['content-type'], 'application/pkixcmp');
    assert.equal(answer.headers['content-length'], '9');
    assert.equal(answer.headers['cache-control'], 'no-store');
  });

  it('answers what is no message with 400 and a message', async () => {
    const answer = await send(await start(), 'no message');
    assert.deepEqual([answer.status, answer.body], [400, '10 no message']);
    assert.equal(answer.headers['content-type'], 'application/pkixcmp');
  });

  it('takes a message in chunks, and leaves it to the authority to judge an empty one', async () => {
    const server = await start();
    const chunked = await send(server, 'message', {
      headers: { ...headers, 'transfer-encoding': 'chunked' },
    });
    assert.deepEqual([chunked.status, chunked.body], [200, '7 message']);
    assert.equal((await send(server, '')).body, '0 ');
  });

  it('takes the media type in any capitals, with parameters', async () => {
    const type = { 'content-type': 'Application/PKIXCMP; charset=binary' };
    assert.equal((await send(await start(), 'message', { headers: type })).status, 200);
  });

  it('refuses any other media type, and content encodings', async () => {
    const server = await start();
    for (const other of [
      {},
      { 'content-type': 'application/pkixcmp-poll' },
      { 'content-type': 'application/octet-stream' },
      { ...headers, 'content-encoding': 'gzip' },
    ]) {
      const { status, body } = await send(server, 'message', { headers: other });
      assert.equal(status, 415);
      assert.match(body, /^Send /);
    }
  });

  for (const path of [
    '/.well-known/cmp',
    '/.well-known/cmp/',
    '/.well-known/cmp/initialization',
    '/.well-known/cmp/getcrls',
    '/.well-known/cmp/p/operator',
    '/.well-known/cmp/p/operator%20A/keyupdate',
    '/.well-known/cmp/p/initialization',
    '/.well-known/cmp?query=1',
    '/pkix/',
    '/pkix',
    '/',
    'http://ra-ca.example/pkix/',
  ]) {
    it(`serves ${path}`, async () => {
      const server = await start();
      assert.equal((await send(server, 'message', { path })).status, 200);
      const wrongMethod = await send(server, '', { path, method: 'GET' });
      assert.equal(wrongMethod.status, 405);
      assert.equal(wrongMethod.headers.allow, 'POST');
    });
  }

  for (const path of [
    '/index.html',
    '/.well-known/est',
    '/.well-known/cmp/p',
    '/.well-known/cmp/p/operator/more/keyupdate',
    '/.well-known/cmp/INITIALIZATION',
    '/.well-known/cmp/initialization/more',
    '/pkix/more',
  ]) {
    it(`does not serve ${path}, and says where to send messages`, async () => {
      const { status, body } = await send(await start(), 'message', { path });
      assert.equal(status, 404);
      assert.match(body, /\/\.well-known\/cmp\b.*\/pkix\//);
    });
  }

  it('takes a message of 1 MiB, and none that is larger, whatever the client announces', async () => {
    const server = await start();
    const largest = Buffer.alloc(1024 * 1024, 'm');
    assert.equal((await send(server, largest)).status, 200);
    const larger = Buffer.alloc(largest.length + 1, 'm');
    for (const more of [{}, { 'transfer-encoding': 'chunked' }])
      assert.equal((await send(server, larger, { headers: { ...headers, ...more } })).status, 413);
    assert.equal((await send(server)).status, 200);
  });

  it('serves several messages on one connection, and an HTTP/1.0 client', async () => {
    const server = await start();
    const message =
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/pkixcmp\r\nContent-Length: 1\r\n\r\nm';
    const socket = open(server, message + message);
    let answers = '';
    for await (const chunk of socket) {
      answers += String(chunk);
      if (answers.match(/1 m/g)?.length === 2) break;
    }
    const old = open(server, message.replace('1.1', '1.0').replace('Host: a\r\n', ''));
    assert.match((await bufferOf(old)).toString(), /^HTTP\/1\.1 200[^]*1 m$/);
  });

  it('drops a connection that sends message after message without an end to any', async () => {
    let asked = 0;
    const first = Promise.withResolvers<undefined>();
    const server = await start({
      answer: async (message) => {
        asked += 1;
        await first.promise;
        return { bytes: message, isToMessage: true };
      },
    });
    const message =
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/pkixcmp\r\nContent-Length: 1\r\n\r\nm';
    await ended(open(server, message.repeat(1_000)));
    first.resolve(undefined);
    assert.equal((await send(server)).status, 200);
    assert(asked < 20, `${asked} messages were taken`);
  });

  it('does no work for a client that has left', async () => {
    const asked: string[] = [];
    const first = Promise.withResolvers<undefined>();
    const server = await start({
      answer: async (message) => {
        asked.push(Buffer.from(message).toString());
        await first.promise;
        return { bytes: message, isToMessage: true };
      },
    });
    const answer = send(server, 'first');
    while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const head =
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/pkixcmp\r\nContent-Length: 4\r\n\r\n';
    const leaver = open(server, `${head}left`);
    await send(server, '', { method: 'GET' });
    leaver.destroy();
    await send(server, '', { method: 'GET' });
    first.resolve(undefined);
    await answer;
    await send(server, 'last');
    assert.deepEqual(asked, ['first', 'last']);
  });

  it('answers one message after the other', async () => {
    const events: string[] = [];
    const first = Promise.withResolvers<undefined>();
    const server = await start({
      answer: async (message) => {
        const name = Buffer.from(message).toString();
        events.push(`start ${name}`);
        if (name === 'first') await first.promise;
        events.push(`end ${name}`);
        return { bytes: message, isToMessage: true };
      },
    });
    const answers = [send(server, 'first')];
    while (events.length === 0) await new Promise((resolve) => setImmediate(resolve));
    answers.push(send(server, 'second'));
    // The second message is there when another request on a later connection has been answered.
    await send(server, '', { method: 'GET' });
    first.resolve(undefined);
    assert.deepEqual(
      (await Promise.all(answers)).map(({ body }) => body),
      ['first', 'second'],
    );
    assert.deepEqual(events, ['start first', 'end first', 'start second', 'end second']);
  });

  it('hides an error of the authority from the client, reports it, and serves on', async () => {
    const errors: unknown[] = [];
    const failing: CmpAuthority = {
      answer: (message) =>
        message.length === 0 ? Promise.reject(new Error('secret detail')) : echo.answer(message),
    };
    const server = await start(failing, limits, (error) => errors.push(error));
    const { status, body } = await send(server, '');
    assert.equal(status, 500);
    assert(!body.includes('secret detail'));
    assert.deepEqual(errors.map(String), ['Error: secret detail']);
    assert.equal((await send(server)).status, 200);
  });

  it('refuses what is not HTTP', async () => {
    const socket = open(await start(), '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n');
    assert.match((await bufferOf(socket)).toString('latin1'), /^HTTP\/1\.1 400 /);
  });

  const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/pkixcmp\r\nContent-Length: 1000\r\n';
  for (const [who, text] of Object.entries({
    'a client that sends nothing': '',
    'a client that stops within the head': head,
    'a client that stops within the body': `${head}\r\nmess`,
  })) {
    it(`drops ${who}`, async () => {
      await ended(open(await start(echo, short), text));
    });
  }

  for (const [where, text] of Object.entries({ head, body: `${head}\r\n` })) {
    it(`drops a client that sends a byte of its ${where} at a time, and serves others meanwhile`, async () => {
      const server = await start(echo, short);
      const socket = open(server, text);
      const drip = setInterval(() => socket.write('x'), 20);
      try {
        const [{ status }] = await Promise.all([send(server), ended(socket)]);
        assert.equal(status, 200);
      } finally {
        clearInterval(drip);
      }
    });
  }

  it('drops a client that stays on after its answer', async () => {
    const server = await start(echo, short);
    const socket = open(server, `${head.replace('1000', '1')}\r\nm`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    assert.match(answer.toString(), /^HTTP\/1\.1 200 /);
    await ended(socket);
  });

  it('lets a client wait for its answer for longer than it may take to ask', async () => {
    const answer = Promise.withResolvers<CmpAnswer>();
    const asked = Promise.withResolvers<undefined>();
    const server = await start(
      {
        answer: (message) => {
          if (message.length === 0) return Promise.resolve({ bytes: message, isToMessage: true });
          asked.resolve(undefined);
          return answer.promise;
        },
      },
      short,
    );
    const call = send(server);
    await asked.promise;
    // A client that connects now and says nothing is dropped after a whole deadline.
    await ended(open(server));
    answer.resolve({ bytes: Buffer.from('late'), isToMessage: true });
    assert.equal((await call).body, 'late');
  });

  it('closes connections beyond its limit at once, and takes new ones when others have ended', async () => {
    const server = await start(echo, { ...limits, connections: 2 });
    const held = [open(server), open(server)];
    await Promise.all(held.map((socket) => once(socket, 'connect')));
    await ended(open(server));
    held[0]?.destroy();
    for (;;) {
      const answer = await send(server).catch(() => undefined);
      if (answer) break;
    }
    held[1]?.destroy();
  });

  it('ends when it is closed, whoever is connected', async () => {
    const server = await new RaCaServer(echo, undefined, limits).listen('127.0.0.1', 0);
    const socket = open(server, head);
    await once(socket, 'connect');
    await Promise.all([ended(socket), server.close()]);
  });
});
