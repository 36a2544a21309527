import assert from 'node:assert/strict';
import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { duplexPair } from 'node:stream';
import { buffer as bufferOf } from 'node:stream/consumers';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { acceptanceCodes } from '../../../main/bundle/index.ts';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { stepNames, verifyReceipt } from '../../../main/bundle/index.ts';
import { contentDigest, routes, startOf } from '../../../main/device/index.ts';
import { CommissioningServer } from '../../../main/lab/index.ts';
import { bundleFor, configurationFor, identity, makeChallenge, makeScene } from '../../kit/bundle.ts';
import {
  enbOptions,
  makeReferenceEnb,
  startEnb,
  trustOf,
  type Listening,
  type RunningEnb,
} from '../../kit/enb.ts';
import { hang, makeEnroller, settled } from '../../kit/enroller.ts';
import { TestIpsec } from '../../kit/ipsec.ts';
import { ManualTime } from '../../kit/manual-time.ts';
import { fakeNetwork } from '../../kit/path.ts';

const scene = makeScene();
const bundle = await bundleFor(scene);
const next = await bundleFor(scene, { sequence: 8 });

/** Any TLS client: it does not care who answers. */
const careless: ConnectionOptions = { host: '127.0.0.1', rejectUnauthorized: false };

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/** One request on a separate connection, from a client without any Siteseal code. */
async function send(
  { port }: Pick<Listening, 'port'>,
  method: string,
  path: string,
  { headers = {}, body }: { readonly headers?: object; readonly body?: string | Uint8Array } = {},
  options: RequestOptions = {},
): Promise<Answer> {
  const call = httpsRequest({
    ...careless,
    agent: false,
    port,
    method,
    path,
    headers: { ...headers },
    ...options,
  });
  call.end(body);
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  const { statusCode: status = 0, headers: answered } = response;
  return { status, headers: answered, body: await bufferOf(response) };
}

const bundleHeaders = (body: Uint8Array) => ({
  'content-type': 'application/pkcs7-mime',
  'content-digest': contentDigest(body),
});

const put = (enb: Pick<Listening, 'port'>, body: Uint8Array, headers: object = bundleHeaders(body)) =>
  send(enb, 'PUT', '/v1/bundle', { body, headers });

const askReceipt = (enb: Pick<Listening, 'port'>, body: string, type = 'application/json') =>
  send(enb, 'POST', '/v1/receipt', { body, headers: { 'content-type': type } });

function jsonOf({ body }: Answer): unknown {
  return JSON.parse(body.toString());
}

/** Asserts that an answer is a problem of RFC 9457. */
function assertProblem(answer: Answer, status: number): void {
  assert.equal(answer.status, status, answer.body.toString());
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  const problem = jsonOf(answer) as { readonly status: number; readonly title: string };
  assert.equal(problem.status, status);
  assert.match(problem.title, /\w/);
}

describe('the commissioning interface of the reference eNB', () => {
  let enb: RunningEnb;
  beforeEach(async () => {
    enb = await startEnb(scene);
  });
  afterEach(() => enb.close());

  it('says who it is', async () => {
    const answer = await send(enb, 'GET', '/v1/identity');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-type'], 'application/json');
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.deepEqual(jsonOf(answer), enb.enb.describe());
  });

  it('has no bundle at first, and then the bytes of the one that it took', async () => {
    assertProblem(await send(enb, 'GET', '/v1/bundle'), 404);
    assert.equal((await put(enb, bundle)).status, 200);
    const stored = await send(enb, 'GET', '/v1/bundle');
    assert.equal(stored.status, 200);
    assert.equal(stored.headers['content-type'], 'application/pkcs7-mime');
    assert.equal(stored.headers['content-digest'], contentDigest(bundle));
    assert.deepEqual(stored.body, Buffer.from(bundle));
  });

  it('answers a bundle that it takes with 200 and every check', async () => {
    const answer = await put(enb, bundle);
    assert.equal(answer.status, 200);
    const verdict = jsonOf(answer) as { readonly accepted: boolean; readonly checks: readonly object[] };
    assert.equal(verdict.accepted, true);
    assert.equal(verdict.checks.length, acceptanceCodes.length);
  });

  it('answers a bundle that it refuses with 422 and every check, and says no more than the codes', async () => {
    const answer = await put(enb, await bundleFor(scene, { enb: { ...identity, serialNumber: 'LAB0002' } }));
    assert.equal(answer.status, 422);
    const verdict = jsonOf(answer) as { readonly checks: readonly object[] };
    assert.equal(verdict.checks.length, acceptanceCodes.length);
    const members = new Set(verdict.checks.flatMap((check) => Object.keys(check)));
    assert.deepEqual([...members], ['code', 'ok', 'why']);
  });

  it('takes the media type of a bundle with parameters and in any capitals', async () => {
    const headers = {
      ...bundleHeaders(bundle),
      'content-type': 'Application/PKCS7-mime; smime-type=signed-data',
    };
    assert.equal((await put(enb, bundle, headers)).status, 200);
  });

  it('takes a digest among digests that it does not know', async () => {
    const digest = `sha-512=:AAAA:,  ${contentDigest(bundle)}, unixsum=:AA==:`;
    assert.equal(
      (await put(enb, bundle, { ...bundleHeaders(bundle), 'content-digest': digest })).status,
      200,
    );
  });

  it('takes a bundle in chunks', async () => {
    const headers = { ...bundleHeaders(bundle), 'transfer-encoding': 'chunked' };
    assert.equal((await put(enb, bundle, headers)).status, 200);
  });

  it('gives a receipt about the last bundle, for a challenge', async () => {
    await put(enb, bundle);
    const challenge = makeChallenge();
    const auditHead = 'siteseal.example/log\n1\nAAAA\n';
    const answer = await askReceipt(enb, JSON.stringify({ challenge, auditHead }));
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-type'], 'application/pkcs7-mime');
    assert.equal(answer.headers['content-digest'], contentDigest(answer.body));
    const receipt = verifyReceipt(answer.body, { ...trustOf(scene), enb: identity, challenge });
    assert(receipt.ok, JSON.stringify(receipt));
    assert.equal(receipt.value.auditHead, auditHead);
    assert.equal(receipt.value.receiptNumber, 1);
  });

  it('has no receipt before it was given a bundle', async () => {
    assertProblem(await askReceipt(enb, JSON.stringify({ challenge: makeChallenge() })), 409);
  });

  it('says how far each step is', async () => {
    const answer = await send(enb, 'GET', '/v1/steps');
    assert.equal(answer.status, 200);
    assert.deepEqual(jsonOf(answer), { steps: stepNames.map((step) => ({ step, state: 'waiting' })) });
  });

  it('says 500 when it cannot keep its state, and keeps what it had', async () => {
    await put(enb, bundle);
    renameSync(enb.folder, `${enb.folder}-gone`);
    assertProblem(await put(enb, next), 500);
    assertProblem(await askReceipt(enb, JSON.stringify({ challenge: makeChallenge() })), 500);
    assert.deepEqual((await send(enb, 'GET', '/v1/bundle')).body, Buffer.from(bundle));
    renameSync(`${enb.folder}-gone`, enb.folder);
    assert.equal((await put(enb, next)).status, 200);
  });
});

describe('a request that is not of the interface', () => {
  let enb: RunningEnb;
  before(async () => {
    enb = await startEnb(scene);
    await put(enb, bundle);
  });
  after(() => enb.close());

  const paths = [
    '/',
    '/v1',
    '/v2/identity',
    '/v1/identity/',
    '/v1/identity?verbose',
    '/V1/identity',
    '/v1/../v1/identity',
    '/v1/%69dentity',
    '*',
    '/v1/steps/',
    '/v1/steps/enrolment/',
    '/v1/steps/{step}',
    '/v1/steps/another',
  ];
  for (const path of paths) {
    it(`is answered with 404 at ${path}`, async () => assertProblem(await send(enb, 'GET', path), 404));
  }

  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
  const targets = [...Object.values(routes).filter(({ path }) => !path.includes('{')), startOf('enrolment')];
  for (const path of new Set(targets.map((target) => target.path))) {
    const allowed = targets.flatMap((target) => (target.path === path ? [target.method] : []));
    for (const method of methods.filter((one) => !allowed.includes(one))) {
      it(`is answered with 405 for ${method} ${path}, and told what is allowed`, async () => {
        const answer = await send(enb, method, path);
        assert.equal(answer.status, 405);
        assert.equal(answer.headers['allow'], allowed.join(', '));
        if (method !== 'HEAD') assertProblem(answer, 405);
      });
    }
  }

  const bundles: readonly (readonly [why: string, headers: object, status: number])[] = [
    ['without a media type', { 'content-digest': contentDigest(next) }, 415],
    ['of another media type', { ...bundleHeaders(next), 'content-type': 'application/octet-stream' }, 415],
    [
      'of a media type that only begins so',
      { ...bundleHeaders(next), 'content-type': 'application/pkcs7-mime-x' },
      415,
    ],
    ['without a digest', { 'content-type': 'application/pkcs7-mime' }, 400],
    ['with the digest of another', { ...bundleHeaders(next), 'content-digest': contentDigest(bundle) }, 400],
    [
      'with a digest of another kind alone',
      { ...bundleHeaders(next), 'content-digest': 'sha-512=:AAAA:' },
      400,
    ],
    [
      'with a digest in hexadecimal',
      { ...bundleHeaders(next), 'content-digest': `sha-256=:${'0'.repeat(64)}:` },
      400,
    ],
    [
      'with the digest in the header of RFC 3230',
      { 'content-type': 'application/pkcs7-mime', digest: contentDigest(next) },
      400,
    ],
  ];
  for (const [why, headers, status] of bundles) {
    it(`is answered with ${status} for a bundle ${why}, and nothing is stored`, async () => {
      assertProblem(await put(enb, next, headers), status);
      assert.deepEqual(enb.enb.acceptedBundle(), Buffer.from(bundle));
      assert.equal(enb.enb.describe().lastSequence, 7);
    });
  }

  const challenge = makeChallenge();
  const receipts: readonly (readonly [why: string, body: string, status: number, type?: string])[] = [
    ['without a media type', JSON.stringify({ challenge }), 415, ''],
    ['of another media type', JSON.stringify({ challenge }), 415, 'text/plain'],
    ['without a body', '', 400],
    ['that is no JSON', '{', 400],
    ['that is no object', '[]', 400],
    ['without a challenge', '{}', 400],
    ['with a challenge twice', `{"challenge":"${challenge}","challenge":"${challenge}"}`, 400],
    [
      'with a challenge of 31 octets',
      JSON.stringify({ challenge: Buffer.alloc(31).toString('base64') }),
      400,
    ],
    [
      'with a challenge of 33 octets',
      JSON.stringify({ challenge: Buffer.alloc(33).toString('base64') }),
      400,
    ],
    ['with a challenge that is null', '{"challenge":null}', 400],
    ['with an audit head that is null', JSON.stringify({ challenge, auditHead: null }), 400],
    ['with an empty audit head', JSON.stringify({ challenge, auditHead: '' }), 400],
    ['with an audit head without an end', JSON.stringify({ challenge, auditHead: 'x'.repeat(4097) }), 400],
    ['with an unknown member', JSON.stringify({ challenge, key: 'x' }), 400],
    ['in another encoding', Buffer.from(JSON.stringify({ challenge }), 'utf16le').toString('latin1'), 400],
  ];
  for (const [why, body, status, type] of receipts) {
    it(`is answered with ${status} for a request for a receipt ${why}, and no number is spent`, async () => {
      const before = await enb.enb.makeReceipt({ challenge });
      assertProblem(await askReceipt(enb, body, type), status);
      assert.equal(numberOf(await enb.enb.makeReceipt({ challenge })), numberOf(before) + 1);
    });
  }

  function numberOf(receipt: Uint8Array | undefined): number {
    const read = verifyReceipt(receipt ?? new Uint8Array(), trustOf(scene));
    assert(read.ok);
    return read.value.receiptNumber;
  }

  const tooLarge = Buffer.alloc(1024 * 1024 + 1, ' ');
  it('is answered with 413 when its body is larger than 1 MiB', async () => {
    assertProblem(await put(enb, tooLarge), 413);
    assertProblem(await askReceipt(enb, tooLarge.toString()), 413);
    const headers = { ...bundleHeaders(tooLarge), 'transfer-encoding': 'chunked' };
    assertProblem(await put(enb, tooLarge, headers), 413);
  });

  it('is read to the last byte when its body is 1 MiB', async () => {
    const answer = await put(enb, tooLarge.subarray(1));
    assert.equal(answer.status, 422, answer.body.toString());
  });

  it('does not end the connection, which serves the next one', async () => {
    const socket = connectTls({ ...careless, port: enb.port });
    const text = (line: string) => `${line} HTTP/1.1\r\nHost: enb\r\nContent-Length: 0\r\n\r\n`;
    socket.write(
      text('GET /') + text('DELETE /v1/bundle') + text('PUT /v1/bundle') + text('POST /v1/receipt'),
    );
    socket.write('GET /v1/steps HTTP/1.1\r\nHost: enb\r\nConnection: close\r\n\r\n');
    const statuses = (await bufferOf(socket)).toString().match(/HTTP\/1\.1 \d+/g);
    assert.deepEqual(
      statuses,
      [404, 405, 415, 415, 200].map((status) => `HTTP/1.1 ${status}`),
    );
  });
});

describe('the TLS of the reference eNB', () => {
  let enb: RunningEnb;
  before(async () => (enb = await startEnb(scene)));
  after(() => enb.close());

  it('is 1.3 and nothing older', async () => {
    const socket = connectTls({ ...careless, port: enb.port, maxVersion: 'TLSv1.2' });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    assert.match(error.code ?? '', /^(ERR_SSL_|ECONNRESET)/);
  });

  it('resumes no session: the tickets that it gives are worth nothing', async () => {
    const connection = { ...careless, port: enb.port };
    const first = connectTls(connection);
    const [session] = (await once(first, 'session')) as [Buffer];
    const second = connectTls({ ...connection, session });
    await once(second, 'secureConnect');
    assert.equal(second.isSessionReused(), false);
    first.destroy();
    second.destroy();
  });

  it('shows the certificate with its chain', async () => {
    const socket = connectTls({ ...careless, port: enb.port });
    await once(socket, 'secureConnect');
    const { raw, issuerCertificate } = socket.getPeerCertificate(true);
    assert.deepEqual(raw, Buffer.from(scene.enb.certificate.der));
    assert.deepEqual(issuerCertificate.raw, Buffer.from(scene.vendor.issuing.certificate.der));
    socket.destroy();
  });
});

describe('clients that do not behave', () => {
  it('leave nothing behind when they go in the middle of a bundle', async () => {
    const enb = await startEnb(scene);
    const socket = connectTls({ ...careless, port: enb.port });
    await once(socket, 'secureConnect');
    const head = `PUT /v1/bundle HTTP/1.1\r\nHost: enb\r\nContent-Type: application/pkcs7-mime\r\n`;
    const digest = `Content-Digest: ${contentDigest(bundle)}\r\nContent-Length: ${bundle.length}\r\n\r\n`;
    socket.write(head + digest);
    socket.end(bundle.subarray(0, -1)).resume();
    await once(socket, 'close');
    assertProblem(await send(enb, 'GET', '/v1/bundle'), 404);
    assertProblem(await askReceipt(enb, JSON.stringify({ challenge: makeChallenge() })), 409);
    assert.equal((await put(enb, bundle)).status, 200);
    await enb.close();
  });

  it('are dropped when they are silent, before TLS or after it', async () => {
    const options = enbOptions(scene);
    const server = new CommissioningServer(makeReferenceEnb(scene, options), options, 100);
    const listening = await server.listen('127.0.0.1', 0);
    const { port } = listening;
    const silent = connectTcp({ host: '127.0.0.1', port }).resume();
    const idle = connectTls({ ...careless, port }).resume();
    idle.write('GET /v1/identity HTTP/1.1\r\nHost: ');
    await Promise.all([once(silent, 'close'), once(idle, 'close')]);
    await listening.close();
  });

  it('are dropped when a request comes byte by byte without end', { timeout: 20_000 }, async () => {
    const options = enbOptions(scene);
    const server = new CommissioningServer(makeReferenceEnb(scene, options), options, 200);
    const listening = await server.listen('127.0.0.1', 0);
    const slow = connectTls({ ...careless, port: listening.port }).resume();
    slow.on('error', () => undefined); // how it is dropped does not matter
    slow.write('PUT /v1/bundle HTTP/1.1\r\nHost: enb\r\nX: ');
    const drip = setInterval(() => slow.write('a'), 20);
    await new Promise((resolve) => slow.once('close', resolve));
    clearInterval(drip);
    await listening.close();
  });

  it('are dropped when they speak another protocol', async () => {
    const enb = await startEnb(scene);
    for (const speech of ['GET /v1/identity HTTP/1.1\r\n\r\n', 'SSH-2.0-OpenSSH_9.2\r\n', '\0'.repeat(100)]) {
      const socket = connectTcp({ host: '127.0.0.1', port: enb.port }).resume();
      socket.write(speech);
      await once(socket, 'close');
    }
    assert.equal((await send(enb, 'GET', '/v1/identity')).status, 200);
    await enb.close();
  });

  it('are dropped when the eNB stops', async () => {
    const enb = await startEnb(scene);
    const socket = connectTls({ ...careless, port: enb.port }).resume();
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    const closed = once(socket, 'close');
    await enb.close();
    await closed;
    const refused = connectTcp({ host: '127.0.0.1', port: enb.port });
    const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNREFUSED');
  });

  it('find one order when several put bundles at once: the highest sequence number stays', async () => {
    const enb = await startEnb(scene);
    const sequences = [12, 9, 15, 7, 14, 8, 13, 10, 11];
    const bundles = await Promise.all(sequences.map((sequence) => bundleFor(scene, { sequence })));
    const answers = await Promise.all(bundles.map((one) => put(enb, one)));
    assert(answers.every(({ status }) => status === 200 || status === 422));
    const highest = sequences.indexOf(15);
    assert.equal(answers[highest]?.status, 200);
    assert.equal(enb.enb.describe().lastSequence, 15);
    assert.deepEqual(enb.enb.acceptedBundle(), Buffer.from(bundles[highest] ?? []));
    await enb.close();
  });
});

describe('listening', () => {
  it('rejects with the error of the system when the port is taken', async () => {
    const enb = await startEnb(scene);
    const options = enbOptions(scene);
    const server = new CommissioningServer(makeReferenceEnb(scene, options), options);
    await assert.rejects(server.listen('127.0.0.1', enb.port), { code: 'EADDRINUSE' });
    await enb.close();
  });
});

it('the interface serves 64 connections at a time, and drops others', async () => {
  const enb = await startEnb(scene);
  const open = () =>
    connectTcp(enb.port, '127.0.0.1')
      .on('error', () => undefined)
      .resume();
  const sockets = Array.from({ length: 64 }, open);
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  await once(open(), 'close');
  sockets[0]?.destroy();
  assert(sockets[1]?.readyState === 'open');
  await enb.close();
});

describe('the steps over the interface', async () => {
  const initialIpsec = { ...configurationFor(scene).initialIpsec, required: false };
  const withoutIpsec = await bundleFor(scene, { initialIpsec });
  const events = { headers: { accept: 'text/event-stream' } };
  const time = new ManualTime();
  const enroller = makeEnroller(scene);
  let enb: RunningEnb;
  beforeEach(async () => {
    enroller.obstacle = undefined;
    const steps = { enroller, later: time.later, uptime: time.uptime };
    enb = await startEnb(scene, { steps });
    enb.enb.takeBundle(withoutIpsec);
  });
  afterEach(() => enb.close());
  const start = () => send(enb, 'POST', '/v1/steps/enrolment');
  const statesOf = (answer: Answer) =>
    answer.body
      .toString()
      .split('\n\n')
      .filter((event) => event.startsWith('data: '))
      .map((event) => JSON.parse(event.slice(6)) as { readonly steps: readonly Record<string, unknown>[] })
      .map(({ steps }) => steps[1]?.['phase'] ?? steps[1]?.['state']);

  it('start with 202 and the states of the steps', async () => {
    const answer = await start();
    assert.equal(answer.status, 202);
    const { steps } = jsonOf(answer) as { readonly steps: readonly Record<string, unknown>[] };
    assert.deepEqual([steps[1]?.['state'], steps[1]?.['phase']], ['running', 'key']);
  });

  it('are refused with 409 and a code while one runs', async () => {
    enroller.obstacle = hang;
    await start();
    const running = await start();
    assertProblem(running, 409);
    assert.equal((jsonOf(running) as { readonly code: string }).code, 'step-running');
  });

  it('are refused with 503 and the seconds to wait too soon after the last start', async () => {
    await start();
    await statesAtEnd();
    const soon = await start();
    assertProblem(soon, 503);
    assert.equal(soon.headers['retry-after'], '30');
  });

  const statesAtEnd = async () => statesOf(await send(enb, 'GET', '/v1/steps', events));

  it('are events over TCP, from now until no step runs', async () => {
    let release: () => void = () => undefined;
    enroller.obstacle = ({ call }) =>
      call === 'request' ? new Promise((resolve) => (release = () => resolve(undefined))) : undefined;
    const before = enroller.calls.length;
    await start();
    while (enroller.calls.length === before) await new Promise(setImmediate);
    const call = httpsRequest({ ...careless, ...events, agent: false, port: enb.port, path: '/v1/steps' });
    call.end();
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    response.once('data', release);
    const body = await bufferOf(response);
    assert.equal(response.headers['content-type'], 'text/event-stream');
    const phases = statesOf({ status: 200, headers: {}, body });
    assert.deepEqual(phases, ['requested', 'issued', 'confirming', 'done']);
  });

  it('are told to no connection that asks again and again without an end', async (context) => {
    enroller.obstacle = hang;
    await start();
    const listen = context.mock.method(enb.enb, 'onStepChange');
    const socket = connectTls({ ...careless, port: enb.port });
    socket.on('error', () => undefined).resume();
    socket.write('GET /v1/steps HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n'.repeat(1_000));
    await once(socket, 'close');
    assert(listen.mock.callCount() < 20, String(listen.mock.callCount()));
  });

  it('are JSON on a connection that is not TCP', async () => {
    const [near, far] = duplexPair();
    const options = enbOptions(scene);
    new CommissioningServer(makeReferenceEnb(scene, options), options).accept(far);
    const socket = connectTls({ ...careless, socket: near });
    const call = httpRequest({ ...events, createConnection: () => socket, path: '/v1/steps' });
    call.end();
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    assert.equal(response.headers['content-type'], 'application/json');
    socket.destroy();
  });

  it('are one event when no step runs', async () => {
    assert.deepEqual(await statesAtEnd(), ['waiting']);
  });

  it('are JSON for a client that accepts anything', async () => {
    for (const accept of ['*/*', 'application/json', 'text/*']) {
      const answer = await send(enb, 'GET', '/v1/steps', { headers: { accept } });
      assert.equal(answer.headers['content-type'], 'application/json');
    }
  });
});

describe('what an eNB refuses over the interface, so that nobody on the port can press it', async () => {
  const open = makeScene({ training: true });
  const bundleOf = (changes: object = {}) => bundleFor(open, { training: true, ...changes });
  const required = await bundleOf();
  const initialIpsec = { ...configurationFor(open).initialIpsec, required: false };
  const withoutTunnel = await bundleOf({ initialIpsec });
  const steps = ['initial-ipsec', 'enrolment', 'backhaul-ipsec'] as const;
  const started = steps.map((step) => startOf(step).path);

  interface Refusal {
    readonly why: string;
    /** Absent: it has none. */
    readonly given?: Uint8Array;
    /** What is started before, one after the other. */
    readonly made?: readonly string[];
    /** Whether the RA/CA leaves the eNB waiting. */
    readonly waits?: boolean;
    readonly asked: readonly string[];
    readonly status: number;
    readonly code?: string;
  }
  const path = routes.checkPath.path;
  const refusals: readonly Refusal[] = [
    {
      why: 'every step and the path checks without a bundle',
      asked: [...started, startOf('renewal').path, path],
      ...{ status: 409, code: 'not-provisioned' },
    },
    {
      why: 'enrolment without the tunnel that the bundle requires',
      ...{ given: required, asked: started.slice(1, 2), status: 409, code: 'ra-outside-tunnel' },
    },
    {
      why: 'step 2 and renewal without an operator certificate',
      given: required,
      asked: [...started.slice(2), startOf('renewal').path],
      ...{ status: 409, code: 'not-enrolled' },
    },
    {
      why: 'every step while one runs',
      ...{ given: withoutTunnel, made: started.slice(1, 2), waits: true },
      asked: [...started, startOf('renewal').path],
      ...{ status: 409, code: 'step-running' },
    },
    {
      why: 'every step but renewal in service',
      ...{ given: required, made: started, asked: started, status: 409, code: 'in-service' },
    },
    {
      why: 'step 0.5 within half a minute',
      ...{ given: required, made: started.slice(0, 1), asked: started.slice(0, 1), status: 503 },
    },
    {
      why: 'enrolment within half a minute',
      ...{ given: withoutTunnel, made: started.slice(1, 2), asked: started.slice(1, 2), status: 503 },
    },
    {
      why: 'the path checks within half a minute',
      ...{ given: required, made: [path], asked: [path], status: 503 },
    },
  ];
  for (const { why, given, made = [], waits = false, asked, status, code } of refusals) {
    it(`with ${status}: ${why}`, async () => {
      const time = new ManualTime();
      const enroller = makeEnroller(open);
      if (waits) enroller.obstacle = hang;
      const { later, uptime } = time;
      const ipsec = new TestIpsec();
      const { network, sent } = fakeNetwork({ names: {}, gateways: {} });
      const enb = await startEnb(open, {
        steps: { enroller, ipsec, later, uptime },
        path: { network, uptime },
      });
      if (given) enb.enb.takeBundle(given);
      for (const each of made) {
        assert((await send(enb, 'POST', each)).status < 300);
        if (!waits) await settled(enb.enb);
        while (waits && enroller.calls.length === 0) await new Promise(setImmediate);
      }
      const before = enb.enb.steps();
      const tunnels = ipsec.open.length;
      const datagrams = sent.length;
      for (const each of asked) {
        const answer = await send(enb, 'POST', each);
        assertProblem(answer, status);
        const problem = jsonOf(answer) as { readonly code?: string };
        assert.equal(problem.code, code, each);
        assert.equal(answer.headers['retry-after'], status === 503 ? '30' : undefined);
      }
      assert.deepEqual(enb.enb.steps(), before);
      assert.deepEqual([ipsec.open.length, sent.length], [tunnels, datagrams]);
      await enb.close();
    });
  }
});
