import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import {
  type BrowserHost,
  layEntrance,
  notAFolder,
  startBrowserHost,
} from '../../../main/browser-host/index.ts';
import { EchoCore, makePage } from '../../kit/page.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Asking = { method?: string; path?: string; headers?: Record<string, string>; agent?: Agent };

function ask(port: number, { method = 'GET', path = '/', headers = {}, agent }: Asking): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path, headers, agent: agent ?? false };
    const asked = request(options, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    asked.on('error', reject).end();
  });
}

/** What a browser and its page have after the host's address was opened. */
interface Entered {
  readonly port: number;
  readonly origin: string;
  readonly cookie: string;
  readonly key: string;
}

/** Opens the host's address as a browser would. */
async function enter(host: BrowserHost): Promise<Entered> {
  const { port, origin, pathname, search } = new URL(host.address);
  const { headers, body } = await ask(Number(port), { path: `${pathname}${search}` });
  const [, key = ''] = /<meta name="siteseal-key" content="([^"]*)">/.exec(body) ?? [];
  return { port: Number(port), origin, cookie: headers['set-cookie']![0]!.split(';')[0]!, key };
}

/** Opens a WebSocket as the page does. */
function dial({ port, origin, cookie, key }: Entered): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${port}/port`, ['siteseal', key], { headers: { cookie, origin } });
}

/** The status with which a WebSocket is refused; 101 when it is opened. */
function tryWebSocket(
  url: string,
  protocols: readonly string[],
  headers: Record<string, string>,
): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, [...protocols], { headers });
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
  });
}

describe('the address that the host gives', () => {
  it('lets one browser in, once: a cookie that no script gets, and a key for the page', async (test) => {
    const host = await startBrowserHost({ pageFolder: makePage(), core: new EchoCore() });
    test.after(() => host.close());
    const { port, pathname, search } = new URL(host.address);
    const path = `${pathname}${search}`;
    const first = await ask(Number(port), { path });
    assert.equal(first.status, 200);
    // Before every script, because the first one needs it.
    assert.match(first.body, /^<!doctype html><head><meta name="siteseal-key" content="[\w-]{43}"><script /);
    const [cookie = ''] = first.headers['set-cookie'] ?? [];
    assert.match(
      cookie,
      new RegExp(`^siteseal-${port}=[A-Za-z0-9_-]{43}; HttpOnly; SameSite=Strict; Path=/$`),
    );
    await host.entered;
    const second = await ask(Number(port), { path });
    assert.equal(second.status, 403);
    assert.equal(second.headers['set-cookie'], undefined);
    const again = await ask(Number(port), { path, headers: { cookie: cookie.split(';')[0]! } });
    assert.equal(again.status, 303, 'the browser that was let in may open it again, from its history');
    assert.equal(again.headers.location, '/');
    const reloaded = await ask(Number(port), { headers: { cookie: cookie.split(';')[0]! } });
    assert.doesNotMatch(reloaded.body, /siteseal-key/, 'the key is given once');
  });

  it('is not spent by a wrong token, by HEAD, or by a request from another site', async (test) => {
    const host = await startBrowserHost({ pageFolder: makePage(), core: new EchoCore() });
    test.after(() => host.close());
    const { port, pathname, search } = new URL(host.address);
    const path = `${pathname}${search}`;
    assert.equal((await ask(Number(port), { path: '/?token=' })).status, 403);
    assert.equal((await ask(Number(port), { path: `${path}x` })).status, 403);
    assert.equal((await ask(Number(port), { path, method: 'HEAD' })).status, 403);
    for (const headers of [
      { origin: 'http://example.com' },
      { host: 'rebind.example.com' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    ]) {
      assert.equal((await ask(Number(port), { path, headers })).status, 403);
    }
    assert.equal((await ask(Number(port), { path })).status, 200);
  });

  it('may be opened by a link in a file, which is another site for a browser', async (test) => {
    const host = await startBrowserHost({ pageFolder: makePage(), core: new EchoCore() });
    test.after(() => host.close());
    const { port, pathname, search } = new URL(host.address);
    const headers = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    const { status } = await ask(Number(port), { path: `${pathname}${search}`, headers });
    assert.equal(status, 200);
  });
});

describe('the file that leads the browser in', () => {
  const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('siteseal-open-'));

  it("is this user's alone, holds the address, and goes when that was used", async (test) => {
    const host = await startBrowserHost({ pageFolder: makePage(), core: new EchoCore() });
    test.after(() => host.close());
    const { file } = layEntrance(host, 60_000);
    assert.equal(statSync(dirname(file)).mode & 0o777, 0o700);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.ok(readFileSync(file, 'utf8').includes(`content="0; url=${host.address}"`));
    assert.ok(!file.includes(new URL(host.address).searchParams.get('token')!));
    await enter(host);
    await host.entered;
    await Promise.resolve(); // what waits for it as well
    assert.equal(existsSync(dirname(file)), false);
  });

  it('goes after a while, when nobody has come', (test) => {
    test.mock.timers.enable({ apis: ['setTimeout'] });
    const { file } = layEntrance({ address: 'http://127.0.0.1:1/', entered: new Promise(() => {}) }, 60_000);
    test.mock.timers.tick(59_999);
    assert.ok(existsSync(file));
    test.mock.timers.tick(1);
    assert.equal(existsSync(dirname(file)), false);
  });

  it('goes with the process', () => {
    const before = folders();
    const { status } = spawnSync(process.execPath, [
      '--input-type=module',
      '--eval',
      `import { layEntrance } from ${JSON.stringify(join(import.meta.dirname, '../../../main/browser-host/index.ts'))};
       layEntrance({ address: 'http://127.0.0.1:1/', entered: new Promise(() => {}) }, 60_000);
       process.exit(7);`,
    ]);
    assert.equal(status, 7);
    assert.deepEqual(folders(), before);
  });
});

describe('the browser host', () => {
  let host: BrowserHost;
  let port: number;
  let origin: string;
  let cookie: string;
  let entered: Entered;
  const core = new EchoCore();
  const pageFolder = makePage();
  const secret = join(pageFolder, '..', 'siteseal-secret.html');
  before(async () => {
    writeFileSync(secret, 'secret');
    host = await startBrowserHost({ pageFolder, core });
    entered = await enter(host);
    ({ port, origin, cookie } = entered);
  });
  after(() => host.close());

  it('serves the page and its files', async () => {
    const page = await ask(port, { headers: { cookie } });
    assert.equal(page.status, 200);
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
    assert.match(page.body, /^<!doctype html>/);
    const script = await ask(port, { path: '/assets/index.js', headers: { cookie } });
    assert.equal(script.status, 200);
    assert.equal(script.headers['content-type'], 'text/javascript; charset=utf-8');
  });

  it('sends the security headers with the page, with its files and with refusals', async () => {
    const asked: Asking[] = [
      { headers: { cookie } },
      { path: '/assets/index.js', headers: { cookie } },
      { path: '/nothing', headers: { cookie } },
      {},
    ];
    for (const asking of asked) {
      const { headers } = await ask(port, asking);
      const policy = String(headers['content-security-policy']);
      for (const part of [
        `default-src 'none'`,
        `script-src 'self'`,
        `base-uri 'none'`,
        `form-action 'none'`,
        `frame-ancestors 'none'`,
      ]) {
        assert.ok(policy.split('; ').includes(part), part);
      }
      assert.doesNotMatch(policy, /unsafe|\*/);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
      assert.equal(headers['referrer-policy'], 'no-referrer');
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['access-control-allow-origin'], undefined);
    }
  });

  it('serves nothing without the cookie', async () => {
    for (const path of ['/', '/assets/index.js', '/index.html', '/nothing']) {
      const { status, body } = await ask(port, { path });
      assert.equal(status, 403);
      assert.match(body, /The address that Siteseal prints/);
    }
    const wrong = cookie.replace(/=.*/, `=${'A'.repeat(43)}`);
    assert.equal((await ask(port, { headers: { cookie: wrong } })).status, 403);
  });

  it('finds its cookie among others', async () => {
    const headers = { cookie: `a=b; ${cookie}; siteseal-1=c` };
    assert.equal((await ask(port, { headers })).status, 200);
  });

  for (const [name, headers] of [
    ['another name for this computer', { host: 'localhost:80' }],
    ['a name that was made to lead here', { host: 'rebind.example.com' }],
    ['another site as its origin', { origin: 'https://example.com' }],
    ['no origin that can be named', { origin: 'null' }],
    ['another port as its origin', { origin: 'http://127.0.0.1:1' }],
    ['another site behind it', { 'sec-fetch-site': 'cross-site' }],
    ['another port of this computer behind it', { 'sec-fetch-site': 'same-site' }],
  ] as const) {
    it(`refuses a request with ${name}, cookie or not`, async () => {
      assert.equal((await ask(port, { headers: { cookie, ...headers } })).status, 403);
      assert.equal((await ask(port, { headers })).status, 403);
    });
  }

  it('answers GET and HEAD only', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE']) {
      const { status, headers } = await ask(port, { method, headers: { cookie } });
      assert.equal(status, 405, method);
      assert.equal(headers.allow, 'GET, HEAD');
    }
    const head = await ask(port, { method: 'HEAD', headers: { cookie } });
    assert.equal(head.status, 200);
    assert.equal(head.body, '');
  });

  for (const path of [
    '/../siteseal-secret.html',
    '/%2e%2e/siteseal-secret.html',
    '/assets/../../siteseal-secret.html',
    '/..%2fsiteseal-secret.html',
    '//siteseal-secret.html',
    '/assets',
    '/assets/',
    '/notes.txt',
    'http://127.0.0.1/index.html',
    '/__proto__',
    '*',
  ]) {
    it(`finds nothing at ${path}`, async () => {
      const { status, body } = await ask(port, { path, headers: { cookie } });
      assert.equal(status, 404);
      assert.ok(!body.includes('secret'));
    });
  }

  it('carries the messages of a page, as JSON, both ways', async () => {
    const socket = dial(entered);
    const received: unknown[] = [];
    const both = new Promise<void>((resolve) => {
      socket.on('message', (data) => {
        received.push(JSON.parse((data as Buffer).toString('utf8')));
        if (received.length === 2) resolve();
      });
    });
    await once(socket, 'open');
    socket.send(JSON.stringify({ text: 'ä\u0000𝄞' }));
    await both;
    assert.deepEqual(received, [
      { kind: 'hello', version: '0' },
      { kind: 'echo', message: { text: 'ä\u0000𝄞' } },
    ]);
    socket.close();
    await once(socket, 'close');
  });

  for (const [name, send, code] of [
    ['no JSON', '{', 1003],
    ['binary', new Uint8Array([1]), 1003],
    ['longer than any message', ' '.repeat(5 * 1024 * 1024), 1009],
  ] as const) {
    it(`closes a WebSocket that sends what is ${name}, and goes on`, async () => {
      const socket = dial(entered);
      await once(socket, 'open');
      socket.send(send);
      const [closedWith] = (await once(socket, 'close')) as [number];
      assert.equal(closedWith, code);
      assert.equal((await ask(port, { headers: { cookie } })).status, 200);
    });
  }

  it('opens a WebSocket only for its own page, which has the key', async () => {
    const url = `ws://127.0.0.1:${port}/port`;
    const foreign = 'http://example.com';
    const own = ['siteseal', entered.key];
    const before = core.pages;
    assert.equal(await tryWebSocket(url, own, { cookie, origin }), 101);
    assert.equal(await tryWebSocket(url, own, { origin }), 403, 'no cookie');
    assert.equal(await tryWebSocket(url, own, { cookie }), 403, 'no origin');
    assert.equal(await tryWebSocket(url, own, { cookie, origin: foreign }), 403, 'another origin');
    assert.equal(await tryWebSocket(url, own, { cookie, origin, host: 'example.com' }), 403, 'another host');
    assert.equal(
      await tryWebSocket(`ws://127.0.0.1:${port}/other`, own, { cookie, origin }),
      403,
      'another path',
    );
    for (const protocols of [
      [],
      ['siteseal'],
      [entered.key],
      ['other', entered.key],
      ['siteseal', 'A'.repeat(43)],
      ['siteseal', entered.key.slice(1)],
      ['siteseal', cookie.split('=')[1]!],
    ]) {
      assert.equal(await tryWebSocket(url, protocols, { cookie, origin }), 403, protocols.join());
    }
    assert.ok(core.pages <= before + 1, 'the core has seen the one page');
  });

  it('names the protocol, and not the key, in its answer to the page', async () => {
    const socket = dial(entered);
    await once(socket, 'open');
    assert.equal(socket.protocol, 'siteseal');
    socket.terminate();
  });

  it('listens on loopback only', async () => {
    // 127.0.0.2 is the same computer, and would be reached by a server that listens everywhere.
    const socket = connect({ host: '127.0.0.2', port });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    assert.match(error.code ?? '', /^(ECONNREFUSED|EADDRNOTAVAIL|ENETUNREACH)$/);
  });
});

describe('peers that misbehave', () => {
  /** What is sent before the connection is reset: with a refused, a pending and an opened WebSocket among it. */
  const upgrade = (headers: readonly string[]) =>
    [
      'GET /port HTTP/1.1',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      ...headers,
      '',
      '',
    ].join('\r\n');

  it('end nothing but their own connection, whenever they reset it', async (test) => {
    const { promise: core, resolve } = Promise.withResolvers<EchoCore>();
    const host = await startBrowserHost({ pageFolder: makePage(), core });
    test.after(() => host.close());
    const { port, origin, cookie, key } = await enter(host);
    const own = [`Host: 127.0.0.1:${port}`, `Origin: ${origin}`, `Cookie: ${cookie}`];
    const withKey = [...own, `Sec-WebSocket-Protocol: siteseal, ${key}`];
    const sent = [
      '',
      'GET / HT',
      '\u0000'.repeat(64),
      `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nCookie: ${cookie}\r\n\r\n`,
      `CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`,
      upgrade([]),
      upgrade(own),
      upgrade(withKey),
      `${upgrade(withKey)}\u00ff\u00ff\u00ff`,
      upgrade(withKey.map((line) => line.replace('siteseal', 'siteseal,,'))),
    ];
    const reset = async (text: string, isAnswered: boolean) => {
      const socket = connect({ host: '127.0.0.1', port });
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      await new Promise((done) => socket.write(text, 'latin1', done));
      if (isAnswered) await Promise.race([once(socket, 'data'), once(socket, 'close')]);
      socket.resetAndDestroy();
    };
    for (const text of sent.slice(1)) for (let time = 0; time < 5; time++) await reset(text, false);
    await reset('', false);
    resolve(new EchoCore());
    for (const text of sent.slice(2)) for (let time = 0; time < 5; time++) await reset(text, true);
    // An error without a listener would have been an uncaught exception of this process.
    assert.equal((await ask(port, { headers: { cookie } })).status, 200);
  });

  it('that are refused are not left half open', async (test) => {
    const host = await startBrowserHost({ pageFolder: makePage(), core: new EchoCore() });
    test.after(() => host.close());
    const socket = connect({
      host: '127.0.0.1',
      port: Number(new URL(host.address).port),
      allowHalfOpen: true,
    });
    socket.on('error', () => undefined);
    socket.write(upgrade(['Host: example.com']));
    socket.resume();
    await once(socket, 'end');
    // Our side is still open, but the host's is gone for good: what is sent meets nobody.
    const send = () => new Promise((done) => socket.write('more', done));
    while (!(await send()));
    assert.ok(socket.destroyed);
  });

  it('cannot keep the user out with connections that show nothing', async (test) => {
    const host = await startBrowserHost({ pageFolder: makePage(), core: new EchoCore() });
    test.after(() => host.close());
    const { port, cookie } = await enter(host);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    test.after(() => agent.destroy());
    const known = await ask(port, { headers: { cookie }, agent });
    assert.equal(known.status, 200);
    const idle: { socket: Socket; closed: Promise<unknown> }[] = [];
    for (let count = 0; count < 100; count++) {
      const socket = connect({ host: '127.0.0.1', port });
      socket.on('error', () => undefined);
      idle.push({ socket, closed: once(socket, 'close') });
      await once(socket, 'connect');
    }
    // 64 at a time, the browser's among them: the first of the others have gone.
    await Promise.all(idle.slice(0, 37).map(({ closed }) => closed));
    assert.equal((await ask(port, { headers: { cookie }, agent })).status, 200, 'on the old connection');
    assert.equal((await ask(port, { headers: { cookie } })).status, 200, 'on a new one');
    for (const { socket } of idle) socket.destroy();
  });

  it('cannot open pages without end', async (test) => {
    const core = new EchoCore();
    const host = await startBrowserHost({ pageFolder: makePage(), core });
    test.after(() => host.close());
    const entered = await enter(host);
    const { port, origin, cookie, key } = entered;
    const pages = Array.from({ length: 16 }, () => dial(entered));
    await Promise.all(pages.map((page) => once(page, 'open')));
    const tryAgain = () => tryWebSocket(`ws://127.0.0.1:${port}/port`, ['siteseal', key], { cookie, origin });
    assert.equal(await tryAgain(), 503);
    assert.equal(core.pages, 16);
    pages[0]!.close();
    await once(pages[0]!, 'close');
    assert.equal(await tryAgain(), 101);
  });
});

describe('closing the host', () => {
  it('takes leave of the pages, and stops', async () => {
    const core = new EchoCore();
    const host = await startBrowserHost({ pageFolder: makePage(), core });
    const entered = await enter(host);
    const socket = dial(entered);
    await once(socket, 'open');
    assert.equal(core.pages, 1);
    const closed = once(socket, 'close');
    await host.close();
    assert.deepEqual((await closed)[0], 1001);
    assert.equal(core.pages, 0);
    await assert.rejects(ask(entered.port, {}), { code: 'ECONNREFUSED' });
  });

  it('does not wait for a browser that keeps its connection', async () => {
    const host = await startBrowserHost({ pageFolder: makePage(), core: new EchoCore() });
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(host.address).port) });
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    socket.on('error', () => undefined);
    await host.close();
    await closed;
  });
});

describe('the folders that the page may look into', () => {
  it('must be folders', () => {
    const folder = makePage();
    assert.equal(notAFolder([folder]), undefined);
    assert.equal(notAFolder([folder, join(folder, 'index.html')]), join(folder, 'index.html'));
    assert.equal(notAFolder([join(folder, 'nowhere')]), join(folder, 'nowhere'));
  });
});

it('a port that is taken is an error of the start', async () => {
  const pageFolder = makePage();
  const host = await startBrowserHost({ pageFolder, core: new EchoCore() });
  const port = Number(new URL(host.address).port);
  await assert.rejects(startBrowserHost({ pageFolder, core: new EchoCore(), port }), { code: 'EADDRINUSE' });
  await host.close();
});
