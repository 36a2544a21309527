import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  createServer as createHttp,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import {
  connect as connectTcp,
  createServer as createTcp,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from 'node:net';
import { after, describe, test } from 'node:test';
import * as tls from 'node:tls';
import { encodePem } from '../../../main/asn1/index.ts';
import { httpExchange, usualDeadlines, type HttpOptions } from '../../../main/cmp/http.ts';
import { maximumMessage } from '../../../main/cmp/message.ts';
import { certificatesToPem } from '../../../main/pki/index.ts';
import { makeCa, makeCertificate } from '../../kit/pki.ts';

const message = Buffer.from('3003020100', 'hex');
const answer = Buffer.from('3003020101', 'hex');
const pkixcmp = { 'content-type': 'application/pkixcmp' };
const patient = { connect: 20_000, progress: 20_000, whole: 20_000 };

const opened: (Server | TcpServer)[] = [];
const sockets = new Set<Socket>();
after(() => {
  for (const server of opened) server.close();
  for (const socket of sockets) socket.destroy();
});

async function listen(server: Server | TcpServer): Promise<number> {
  opened.push(server);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A port where nothing listens. */
async function freePort(): Promise<number> {
  const server = createTcp();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const serve = async (listener: RequestListener) => urlOf(await listen(createHttp(listener)));
const serveBytes = async (onSocket: (socket: Socket) => void) => urlOf(await listen(createTcp(onSocket)));
const urlOf = (port: number, path = '/pkix/') => `http://127.0.0.1:${port}${path}`;

const exchange = (url: string, options: HttpOptions = {}, signal?: AbortSignal) =>
  httpExchange(url, { deadlines: patient, ...options })(message, signal);

async function faultOf(url: string, options: HttpOptions = {}, signal?: AbortSignal) {
  const outcome = await exchange(url, options, signal);
  assert(!outcome.ok);
  const { code, rule, found, where } = outcome.fault;
  assert.equal(where?.address, url);
  return { code, rule, found, answer: outcome.answer && Buffer.from(outcome.answer) };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

describe('an exchange over HTTP', () => {
  test('posts the message to the path of the URL and returns the body of the answer', async () => {
    let seen: readonly unknown[] = [];
    const url = await serve((request, response) => {
      void bodyOf(request).then((body) => {
        const { method, url: path, headers } = request;
        seen = [method, path, body, headers['content-type'], headers['content-length'], headers.cookie];
        response.writeHead(200, { 'content-type': 'Application/PKIXCMP; x=y', 'set-cookie': 'a=b' });
        response.end(answer);
      });
    });
    for (let time = 0; time < 2; time++) {
      assert.deepEqual(await exchange(`${url}p/enb?x=1`), { ok: true, value: answer });
      assert.deepEqual(seen, ['POST', '/pkix/p/enb?x=1', message, 'application/pkixcmp', '5', undefined]);
    }
  });

  test('connects where connectTo says, and asks for the host of the URL', async () => {
    let host: string | undefined;
    const url = await serve((request, response) => {
      host = request.headers.host;
      response.writeHead(200, pkixcmp).end(answer);
    });
    const connectTo = { 'ra.pki.example:8080': new URL(url).host };
    assert((await exchange('http://ra.pki.example:8080/pkix/', { connectTo })).ok);
    assert.equal(host, 'ra.pki.example:8080');
  });

  test('uses the connection that it is given, open or not, and asks for the host of the URL', async () => {
    const hosts: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      hosts.push(request.headers.host);
      response.writeHead(200, pkixcmp).end(answer);
    });
    const reach = () => connectTcp(Number(new URL(url).port), '127.0.0.1');
    const open = reach();
    await once(open, 'connect');
    const ports: number[] = [];
    for (const stream of [reach(), open]) {
      const connect = (port: number) => {
        ports.push(port);
        return stream;
      };
      assert((await exchange('http://ra.pki.example/pkix/', { connect })).ok);
    }
    assert.deepEqual([hosts, ports], [Array(2).fill('ra.pki.example'), [80, 80]]);
  });

  test('reports why the connection that it is given fails', async () => {
    const refused = connectTcp(await freePort(), '127.0.0.1');
    const { code, found } = await faultOf('http://ra.pki.example/pkix/', { connect: () => refused });
    assert.deepEqual([code, found], ['cmp-unreachable', 'ECONNREFUSED']);
  });

  test('takes an answer in pieces that end in time', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, pkixcmp);
      response.write(answer.subarray(0, 2), () => response.end(answer.subarray(2)));
    });
    assert.deepEqual(await exchange(url), { ok: true, value: answer });
  });

  test('takes an answer of 1 MiB, and none that is longer', async () => {
    const sized = (size: number, declare: boolean) =>
      serve((_request, response) => {
        response.writeHead(200, { ...pkixcmp, ...(declare && { 'content-length': size }) });
        response.end(Buffer.alloc(size));
      });
    assert((await exchange(await sized(maximumMessage, true))).ok);
    for (const declare of [true, false]) {
      const { code, rule } = await faultOf(await sized(maximumMessage + 1, declare));
      assert.deepEqual([code, rule], ['cmp-http', 'cmp-http-size']);
    }
  });

  test('has deadlines that let a slow CA answer', () => {
    assert(usualDeadlines.connect < usualDeadlines.whole);
    assert(usualDeadlines.progress < usualDeadlines.whole);
  });
});

const page = '<!DOCTYPE html><html><head><title>\n Guest network:\n sign in </title></head></html>';
const html = { 'content-type': 'text/html; charset=utf-8' };

const answers: readonly (readonly [
  name: string,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string | Buffer,
  rule: string,
  found: string,
])[] = [
  ['a path that nobody serves', 404, html, page, 'cmp-http-path', 'HTTP 404'],
  ['a path that takes no POST', 405, {}, '', 'cmp-http-path', 'HTTP 405'],
  ['a page instead of a message', 200, html, page, 'cmp-http-html', 'HTTP 200, “Guest network: sign in”'],
  [
    'a page that is labelled as a message',
    200,
    pkixcmp,
    page,
    'cmp-http-html',
    'HTTP 200, “Guest network: sign in”',
  ],
  ['the page of a proxy', 502, html, '<html>', 'cmp-http-html', 'HTTP 502'],
  ['a proxy that wants a password', 407, html, page, 'cmp-http-login', 'HTTP 407'],
  ['a network that wants a sign-in', 511, html, page, 'cmp-http-login', 'HTTP 511'],
  [
    'a status of failure',
    503,
    { 'content-type': 'text/plain' },
    'busy',
    'cmp-http-status',
    'HTTP 503, text/plain',
  ],
  [
    'a status of success that is not 200',
    202,
    pkixcmp,
    '',
    'cmp-http-status',
    'HTTP 202, application/pkixcmp',
  ],
  ['nothing', 200, pkixcmp, '', 'cmp-http-empty', 'HTTP 200, application/pkixcmp'],
  [
    'another media type',
    200,
    { 'content-type': 'application/json' },
    '{}',
    'cmp-http-media-type',
    'HTTP 200, application/json',
  ],
  ['no media type', 200, {}, 'x', 'cmp-http-media-type', 'HTTP 200'],
  ['a redirect without a target', 304, {}, '', 'cmp-http-redirect', 'HTTP 304'],
];

describe('an answer that does not count', () => {
  for (const [name, status, headers, body, rule, found] of answers)
    test(`is ${name}`, async () => {
      const url = await serve((_request, response) => response.writeHead(status, headers).end(body));
      assert.deepEqual(await faultOf(url), { code: 'cmp-http', rule, found, answer: undefined });
    });

  for (const [status, headers] of [
    [400, pkixcmp],
    [404, pkixcmp],
    [500, { 'content-type': 'application/octet-stream' }],
    [201, pkixcmp],
    [200, { 'content-type': 'text/plain' }],
  ] as const)
    test(`is handed back where it may be a message, with status ${status}`, async () => {
      const url = await serve((_request, response) => response.writeHead(status, headers).end(answer));
      const { code, answer: handed } = await faultOf(url);
      assert.equal(code, 'cmp-http');
      assert.deepEqual(handed, answer);
    });

  for (const status of [301, 302, 303, 307, 308])
    test(`is a redirect with status ${status}: the target is shown, and nobody connects to it`, async () => {
      let connections = 0;
      const target = await serveBytes((socket) => {
        connections++;
        socket.destroy();
      });
      const url = await serve((_request, response) => response.writeHead(status, { location: target }).end());
      const { code, rule, found } = await faultOf(url);
      assert.deepEqual([code, rule, found], ['cmp-http', 'cmp-http-redirect', `HTTP ${status}, ${target}`]);
      assert.equal(connections, 0);
    });

  test('has headers that fill a screen', async () => {
    const long = 'x'.repeat(10_000);
    const url = await serve((_request, response) => response.writeHead(302, { location: long }).end());
    assert.equal((await faultOf(url)).found?.length, 300);
  });

  test('is not HTTP', async () => {
    const url = await serveBytes((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    const { code, rule, found } = await faultOf(url);
    assert.deepEqual([code, rule], ['cmp-http', 'cmp-http-syntax']);
    assert.match(found ?? '', /^HPE_/);
  });

  test('has a header without end', async () => {
    const url = await serveBytes((socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}`));
    const { code, rule } = await faultOf(url);
    assert.deepEqual([code, rule], ['cmp-http', 'cmp-http-syntax']);
  });

  test('switches to another protocol', async () => {
    const url = await serveBytes((socket) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'),
    );
    const { code, rule, found } = await faultOf(url);
    assert.deepEqual([code, rule, found], ['cmp-http', 'cmp-http-status', 'HTTP 101']);
  });
});

describe('a server that cannot be reached', () => {
  test('does not listen', async () => {
    const server = createTcp();
    const url = urlOf(await listen(server));
    await new Promise((resolve) => server.close(resolve));
    const { code, found } = await faultOf(url);
    assert.deepEqual([code, found], ['cmp-unreachable', 'ECONNREFUSED']);
  });

  test('has a name that does not exist', async () => {
    const { code, found } = await faultOf('http://ra.invalid/pkix/');
    assert.equal(code, 'cmp-unreachable');
    assert.match(found ?? '', /^(ENOTFOUND|EAI_AGAIN)$/);
  });

  for (const [name, onSocket] of [
    ['resets the connection', (socket: Socket) => socket.resetAndDestroy()],
    ['closes without an answer', (socket: Socket) => socket.end()],
    [
      'closes within the answer',
      (socket: Socket) =>
        socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/pkixcmp\r\ncontent-length: 5\r\n\r\n0'),
    ],
  ] as const)
    test(name, async () => {
      const { code, found, answer: handed } = await faultOf(await serveBytes(onSocket));
      assert.deepEqual([code, found, handed], ['cmp-unreachable', 'ECONNRESET', undefined]);
    });
});

describe('a server that does not answer in time', () => {
  test('takes the connection and is silent', async () => {
    const url = await serveBytes(() => undefined);
    const { code, found } = await faultOf(url, { deadlines: { ...patient, progress: 30 } });
    assert.deepEqual([code, found], ['cmp-no-answer', '30 ms']);
  });

  test('stops within the answer', async () => {
    const url = await serveBytes((socket) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/pkixcmp\r\ncontent-length: 5\r\n\r\n0'),
    );
    const { code, found } = await faultOf(url, { deadlines: { ...patient, progress: 30 } });
    assert.deepEqual([code, found], ['cmp-no-answer', '30 ms']);
  });

  for (const [name, start] of [
    ['sends the header byte by byte', 'HTTP/1.1 200 OK\r\nx: '],
    ['sends the body byte by byte', 'HTTP/1.1 200 OK\r\ncontent-type: application/pkixcmp\r\n\r\n'],
  ] as const)
    test(name, async () => {
      const url = await serveBytes((socket) => {
        socket.write(start);
        const drip = setInterval(() => socket.write('0'), 5);
        socket.once('close', () => clearInterval(drip));
      });
      const { code, found } = await faultOf(url, { deadlines: { ...patient, whole: 60 } });
      assert.deepEqual([code, found], ['cmp-no-answer', '60 ms']);
    });

  test('never finishes the TLS handshake', async () => {
    const url = (await serveBytes(() => undefined)).replace('http:', 'https:');
    const { code, found } = await faultOf(url, { deadlines: { ...patient, connect: 30 } });
    assert.deepEqual([code, found], ['cmp-no-answer', '30 ms']);
  });
});

test('a user can stop an exchange, before and while it runs', async () => {
  const stopped = new AbortController();
  const url = await serveBytes(() => stopped.abort());
  assert.equal((await faultOf(url, {}, AbortSignal.abort())).code, 'cancelled');
  let connections = 0;
  const connect = () => connectTcp({ port: (connections += 1) });
  assert.equal((await faultOf(url, { connect }, AbortSignal.abort())).code, 'cancelled');
  assert.equal(connections, 0);
  assert.equal((await faultOf(url, {}, stopped.signal)).code, 'cancelled');
});

describe('over https', () => {
  const root = makeCa('CN=Lab Operator Root');
  const other = makeCa('CN=Lab Operator Root');
  const leaf = makeCertificate('CN=ra.pki.example', {}, root);
  const key = leaf.key.export({ format: 'pem', type: 'pkcs8' });
  const cert = encodePem('CERTIFICATE', leaf.certificate.der);

  const ways = {
    connectTo: (name: string, port: number) => ({ connectTo: { [`${name}:443`]: `127.0.0.1:${port}` } }),
    connect: (_name: string, port: number) => ({ connect: () => connectTcp(port, '127.0.0.1') }),
  };
  const exchangeOverTls = async (
    name: string,
    roots: HttpOptions['trustAnchors'],
    way: keyof typeof ways = 'connectTo',
  ) => {
    const server = createHttps({ key, cert }, (_request, response) =>
      response.writeHead(200, pkixcmp).end(answer),
    );
    const reach = ways[way](name, await listen(server));
    return exchange(`https://${name}/pkix/`, { ...reach, ...(roots && { trustAnchors: roots }) });
  };

  test('a connection that is given carries TLS with the same trust', async () => {
    const trusted = await exchangeOverTls('ra.pki.example', [root.certificate], 'connect');
    assert.deepEqual(trusted, { ok: true, value: answer });
    for (const [name, roots] of [
      ['ra.pki.example', [other.certificate]],
      ['ra2.pki.example', [root.certificate]],
    ] as const) {
      const outcome = await exchangeOverTls(name, roots, 'connect');
      assert(!outcome.ok);
      assert.deepEqual([outcome.fault.code, outcome.fault.rule], ['cmp-unreachable', 'cmp-https']);
    }
  });

  test('only an operator root makes a server trusted', async () => {
    assert.deepEqual(await exchangeOverTls('ra.pki.example', [root.certificate]), {
      ok: true,
      value: answer,
    });
    for (const roots of [undefined, [], [other.certificate]]) {
      const outcome = await exchangeOverTls('ra.pki.example', roots);
      assert(!outcome.ok);
      assert.deepEqual([outcome.fault.code, outcome.fault.rule], ['cmp-unreachable', 'cmp-https']);
    }
  });

  // Node.js 20, which Electron before 36 contains, lacks these functions.
  const { getCACertificates, setDefaultCACertificates } = tls as Partial<typeof tls>;
  const skip = !getCACertificates && 'the roots cannot be set here';
  for (const way of ['connectTo', 'connect'] as const)
    test(`the roots of the computer make no server trusted (${way})`, { skip }, async (test) => {
      const usual = getCACertificates?.('default') ?? [];
      test.after(() => setDefaultCACertificates?.(usual));
      setDefaultCACertificates?.([certificatesToPem([root.certificate])]);
      for (const roots of [undefined, [], [other.certificate]]) {
        const outcome = await exchangeOverTls('ra.pki.example', roots, way);
        assert(!outcome.ok);
        assert.deepEqual([outcome.fault.code, outcome.fault.rule], ['cmp-unreachable', 'cmp-https']);
      }
    });

  for (const way of ['connectTo', 'connect'] as const)
    test(`the environment cannot turn the check off (${way})`, async (test) => {
      test.after(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']);
      process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
      const outcome = await exchangeOverTls('ra.pki.example', [other.certificate], way);
      assert(!outcome.ok);
      assert.deepEqual([outcome.fault.code, outcome.fault.rule], ['cmp-unreachable', 'cmp-https']);
    });

  test('a certificate counts only for its host', async () => {
    const outcome = await exchangeOverTls('ra2.pki.example', [root.certificate]);
    assert(!outcome.ok);
    const { code, rule, found } = outcome.fault;
    assert.deepEqual([code, rule, found], ['cmp-unreachable', 'cmp-https', 'ERR_TLS_CERT_ALTNAME_INVALID']);
  });
});
