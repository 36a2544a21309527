import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { type BrowserHost, notAFolder, startBrowserHost } from '../../../main/browser-host/index.ts';
import { EchoCore, makePage } from '../../kit/page.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Asking = { method?: string; path?: string; headers?: Record<string, string> };

function ask(port: number, { method = 'GET', path = '/', headers = {} }: Asking): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    asked.on('error', reject).end();
  });
}

/** Opens the host's address as a browser would: the cookie that it then has. */
async function enter(host: BrowserHost): Promise<{ port: number; origin: string; cookie: string }> {
  const { port, origin, pathname, search } = new URL(host.address);
  const { headers } = await ask(Number(port), { path: `${pathname}${search}` });
  return { port: Number(port), origin, cookie: headers['set-cookie']![0]!.split(';')[0]! };
}

/** The status with which a WebSocket is refused; 101 when it is opened. */
function tryWebSocket(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, { headers });
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
  });
}

describe('the address that the host gives', () => {
  it('lets one browser in, once, and gives it a cookie that neither scripts nor other sites get', async () => {
    const host = await startBrowserHost({ pageFolder: makePage(), core: new EchoCore() });
    const { port, pathname, search } = new URL(host.address);
    const path = `${pathname}${search}`;
    const first = await ask(Number(port), { path });
    assert.equal(first.status, 303);
    assert.equal(first.headers.location, '/');
    const [cookie = ''] = first.headers['set-cookie'] ?? [];
    assert.match(
      cookie,
      new RegExp(`^siteseal-${port}=[A-Za-z0-9_-]{43}; HttpOnly; SameSite=Strict; Path=/$`),
    );
    const second = await ask(Number(port), { path });
    assert.equal(second.status, 403);
    assert.equal(second.headers['set-cookie'], undefined);
    const again = await ask(Number(port), { path, headers: { cookie: cookie.split(';')[0]! } });
    assert.equal(again.status, 303, 'the browser that was let in may open it again, from its history');
    await host.close();
  });

  it('is not spent by a wrong token, by HEAD, or by a request from another site', async () => {
    const host = await startBrowserHost({ pageFolder: makePage(), core: new EchoCore() });
    const { port, pathname, search } = new URL(host.address);
    const path = `${pathname}${search}`;
    assert.equal((await ask(Number(port), { path: '/?token=' })).status, 403);
    assert.equal((await ask(Number(port), { path: `${path}x` })).status, 403);
    assert.equal((await ask(Number(port), { path, method: 'HEAD' })).status, 403);
    const foreign = { origin: 'http://example.com' };
    assert.equal((await ask(Number(port), { path, headers: foreign })).status, 403);
    assert.equal((await ask(Number(port), { path })).status, 303);
    await host.close();
  });
});

describe('the browser host', () => {
  let host: BrowserHost;
  let port: number;
  let origin: string;
  let cookie: string;
  const core = new EchoCore();
  const pageFolder = makePage();
  const secret = join(pageFolder, '..', 'siteseal-secret.html');
  before(async () => {
    writeFileSync(secret, 'secret');
    host = await startBrowserHost({ pageFolder, core });
    ({ port, origin, cookie } = await enter(host));
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
      assert.match(body, /opens with the address/);
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
    const socket = new WebSocket(`ws://127.0.0.1:${port}/port`, { headers: { cookie, origin } });
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
      const socket = new WebSocket(`ws://127.0.0.1:${port}/port`, { headers: { cookie, origin } });
      await once(socket, 'open');
      socket.send(send);
      const [closedWith] = (await once(socket, 'close')) as [number];
      assert.equal(closedWith, code);
      assert.equal((await ask(port, { headers: { cookie } })).status, 200);
    });
  }

  it('opens a WebSocket only for its own page', async () => {
    const url = `ws://127.0.0.1:${port}/port`;
    const foreign = 'http://example.com';
    assert.equal(await tryWebSocket(url, { cookie, origin }), 101);
    assert.equal(await tryWebSocket(url, { origin }), 403, 'no cookie');
    assert.equal(await tryWebSocket(url, { cookie }), 403, 'no origin');
    assert.equal(await tryWebSocket(url, { cookie, origin: foreign }), 403, 'another origin');
    assert.equal(await tryWebSocket(url, { cookie, origin, host: 'example.com' }), 403, 'another host');
    assert.equal(await tryWebSocket(`ws://127.0.0.1:${port}/other`, { cookie, origin }), 403, 'another path');
  });

  it('listens on loopback only', async () => {
    // 127.0.0.2 is the same computer, and would be reached by a server that listens everywhere.
    const socket = connect({ host: '127.0.0.2', port });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    assert.match(error.code ?? '', /^(ECONNREFUSED|EADDRNOTAVAIL|ENETUNREACH)$/);
  });
});

describe('closing the host', () => {
  it('takes leave of the pages, and stops', async () => {
    const core = new EchoCore();
    const host = await startBrowserHost({ pageFolder: makePage(), core });
    const { port, origin, cookie } = await enter(host);
    const socket = new WebSocket(`ws://127.0.0.1:${port}/port`, { headers: { cookie, origin } });
    await once(socket, 'open');
    assert.equal(core.pages, 1);
    const closed = once(socket, 'close');
    await host.close();
    assert.deepEqual((await closed)[0], 1001);
    assert.equal(core.pages, 0);
    await assert.rejects(ask(port, {}), { code: 'ECONNREFUSED' });
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
