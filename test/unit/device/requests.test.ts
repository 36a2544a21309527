import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { duplexPair, type Duplex } from 'node:stream';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { contentDigest, openSession, startRefusals, type EnbSession } from '../../../main/device/index.ts';
import type { Fault } from '../../../main/faults/index.ts';
import { CommissioningServer } from '../../../main/lab/index.ts';
import { bundleFor, makeChallenge, makeScene } from '../../kit/bundle.ts';
import {
  deadlines,
  enbOptions,
  makeReferenceEnb,
  sendJson,
  startEnb,
  startFaultyEnb,
  trustOf,
  type Behaviour,
} from '../../kit/enb.ts';

const scene = makeScene();
const bundle = await bundleFor(scene);
const description = { ...makeReferenceEnb(scene).describe() };
const verdict = makeReferenceEnb(scene).takeBundle(bundle);

/** What a call of a session comes to, with an eNB that behaves so at one request. */
async function callFaulty<Value>(
  name: string,
  behaviour: Behaviour,
  call: (session: EnbSession) => Promise<Value>,
  request = deadlines.request,
): Promise<Value> {
  const enb = await startFaultyEnb(scene, { [name]: behaviour });
  const session = await openSession(enb.transport, trustOf(scene), { ...deadlines, request });
  assert(session.ok, JSON.stringify(session));
  const result = await call(session.value);
  session.value.close();
  await enb.close();
  return result;
}

/** The fault of the first request. */
async function identityFault(behaviour: Behaviour, request = deadlines.request): Promise<Fault> {
  const enb = await startFaultyEnb(scene, { 'GET /v1/identity': behaviour });
  const session = await openSession(enb.transport, trustOf(scene), { ...deadlines, request });
  await enb.close();
  assert(!session.ok, 'a session was opened');
  const { where: _, ...fault } = session.fault;
  return fault;
}

/** Writes these bytes instead of an answer. */
function raw(...parts: readonly (string | Uint8Array)[]): Behaviour {
  return ({ socket }) => {
    for (const part of parts) socket.write(part);
  };
}

/** Answers with a body as it stands. */
function body(text: string | Uint8Array, headers: object = {}, status = 200): Behaviour {
  return ({ response }) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  };
}

const identity = (changes: object) => body(JSON.stringify({ ...description, ...changes }));
const problemType = { 'content-type': 'application/problem+json' };

/** Writes for as long as the peer takes it. */
function endless(head: string, part: string | Uint8Array): Behaviour {
  return ({ socket }) => {
    socket.write(head);
    const more = () => {
      while (!socket.destroyed && socket.write(part));
    };
    socket.on('drain', more);
    more();
  };
}

describe('the session', () => {
  it('makes each request as the interface says, all of them over one connection', async () => {
    const seen: unknown[] = [];
    const sockets = new Set<unknown>();
    const note: Behaviour = ({ request, socket, body, answer }) => {
      const { method, url, headers } = request;
      sockets.add(socket);
      seen.push([method, url, headers['content-type'], headers['content-digest'], body.length]);
      assert.equal(headers['transfer-encoding'], undefined);
      answer();
    };
    const enb = await startFaultyEnb(scene, {
      'GET /v1/identity': note,
      'PUT /v1/bundle': note,
      'GET /v1/bundle': note,
      'POST /v1/receipt': note,
      'GET /v1/steps': note,
    });
    const opened = await openSession(enb.transport, trustOf(scene), deadlines);
    assert(opened.ok);
    const session = opened.value;
    assert.deepEqual(await session.putBundle(bundle), { ok: true, value: verdict });
    assert.deepEqual(await session.getBundle(), { ok: true, value: Buffer.from(bundle) });
    const challenge = makeChallenge();
    assert((await session.getReceipt({ challenge })).ok);
    const steps = await session.getSteps();
    assert(steps.ok);
    assert.deepEqual(
      steps.value.steps.map(({ step, state }) => `${step} ${state}`),
      ['initial-ipsec waiting', 'enrolment waiting', 'backhaul-ipsec waiting', 'renewal waiting'],
    );
    session.close();
    await enb.close();
    assert.deepEqual(seen, [
      ['GET', '/v1/identity', undefined, undefined, 0],
      ['PUT', '/v1/bundle', 'application/pkcs7-mime', contentDigest(bundle), bundle.length],
      ['GET', '/v1/bundle', undefined, undefined, 0],
      ['POST', '/v1/receipt', 'application/json', undefined, JSON.stringify({ challenge }).length],
      ['GET', '/v1/steps', undefined, undefined, 0],
    ]);
    assert.equal(sockets.size, 1);
  });

  it('outlives the deadline of the requests that were made', async () => {
    const enb = await startEnb(scene);
    const session = await openSession(enb.transport, trustOf(scene), { ...deadlines, request: 100 });
    assert(session.ok);
    await once(AbortSignal.timeout(110), 'abort');
    assert.deepEqual(await session.value.getBundle(), { ok: true, value: undefined });
    session.value.close();
    await enb.close();
  });

  it('can be closed twice, and then says that it is closed', async () => {
    const enb = await startEnb(scene);
    const session = await openSession(enb.transport, trustOf(scene), deadlines);
    assert(session.ok);
    session.value.close();
    session.value.close();
    const answer = await session.value.getSteps();
    assert(!answer.ok);
    assert.equal(answer.fault.code, 'device-closed');
    await enb.close();
  });

  it('takes an answer in chunks, with parameters of its media type and in any capitals', async () => {
    const enb = await startFaultyEnb(scene, {
      'GET /v1/identity': ({ response }) => {
        response.writeHead(200, { 'content-type': 'Application/JSON; charset=utf-8' });
        for (const character of JSON.stringify(description)) response.write(character);
        response.end();
      },
    });
    const session = await openSession(enb.transport, trustOf(scene), deadlines);
    assert(session.ok, JSON.stringify(session));
    session.value.close();
    await enb.close();
  });

  it('takes an answer that comes after interim ones', async () => {
    const text = JSON.stringify(description);
    const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n`;
    const enb = await startFaultyEnb(scene, {
      'GET /v1/identity': raw('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n', head, text),
    });
    const session = await openSession(enb.transport, trustOf(scene), deadlines);
    assert(session.ok, JSON.stringify(session));
    session.value.close();
    await enb.close();
  });
});

describe('an eNB gives no answer when it', () => {
  const silences: readonly (readonly [how: string, behaviour: Behaviour])[] = [
    ['never answers', () => undefined],
    ['begins and does not go on', raw('HTTP/1.1 200 OK\r\nContent-')],
    [
      'never ends the body',
      raw('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{'),
    ],
    ['gives interim answers only', raw('HTTP/1.1 100 Continue\r\n\r\n'.repeat(100))],
    [
      'answers octet by octet',
      ({ response }) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const drip = () => {
          if (!response.destroyed) response.write(' ', () => setImmediate(drip));
        };
        drip();
      },
    ],
  ];
  for (const [how, behaviour] of silences) {
    it(how, async () => {
      assert.deepEqual(await identityFault(behaviour, 100), { code: 'device-no-answer', found: '100 ms' });
    });
  }

  it('does not answer when the bundle is put', async () => {
    const answer = await callFaulty(
      'PUT /v1/bundle',
      () => undefined,
      (session) => session.putBundle(bundle),
      100,
    );
    assert.deepEqual(answer, { ok: false, fault: { code: 'device-no-answer', found: '100 ms' } });
  });
});

describe('an eNB that closes the connection is distinguished from one that gives no answer:', () => {
  const closings: readonly (readonly [when: string, behaviour: Behaviour])[] = [
    ['before it answers', ({ socket }) => socket.end()],
    ['without a farewell', ({ socket }) => socket.destroy()],
    ['in the middle of the head', ({ socket }) => socket.end('HTTP/1.1 200 OK\r\nContent-')],
    [
      'in the middle of the body',
      ({ socket }) =>
        socket.end('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{'),
    ],
    [
      'in the middle of a chunk',
      ({ socket }) =>
        socket.end(
          'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{',
        ),
    ],
  ];
  for (const [when, behaviour] of closings) {
    it(when, async () => {
      assert.equal((await identityFault(behaviour)).code, 'device-closed');
    });
    it(`${when} to the bundle`, async () => {
      const answer = await callFaulty('PUT /v1/bundle', behaviour, (session) => session.putBundle(bundle));
      assert(!answer.ok);
      assert.equal(answer.fault.code, 'device-closed');
    });
  }

  for (const error of [undefined, new Error('The cable was pulled')]) {
    const how = error ? 'fails' : 'ends';
    it(`because the stream beneath ${how} while a bundle is on its way`, async () => {
      const options = enbOptions(scene);
      const enb = makeReferenceEnb(scene, options);
      const [near, far] = duplexPair();
      new CommissioningServer(enb, options).accept(far);
      const stream: Duplex = near;
      const transport = { name: 'USB', open: () => Promise.resolve({ ok: true, value: stream } as const) };
      const session = await openSession(transport, trustOf(scene), deadlines);
      assert(session.ok, JSON.stringify(session));
      const answer = session.value.putBundle(bundle);
      stream.destroy(error);
      const result = await answer;
      assert(!result.ok);
      assert.equal(result.fault.code, 'device-closed');
      session.value.close();
    });
  }
});

describe('an answer that is none of the interface is garbage:', () => {
  const answers: readonly (readonly [what: string, behaviour: Behaviour, facts: object])[] = [
    ['no HTTP', raw('hello, world\r\n\r\n'), { found: 'HPE_INVALID_CONSTANT' }],
    ['noise', raw(randomBytes(256).fill(0, 0, 4)), { found: 'HPE_INVALID_CONSTANT' }],
    [
      'a head without an end',
      endless('HTTP/1.1 200 OK\r\n', 'X-Header: none of the interface\r\n'),
      { found: 'HPE_HEADER_OVERFLOW' },
    ],
    [
      'two lengths',
      raw('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}'),
      { found: 'HPE_UNEXPECTED_CONTENT_LENGTH' },
    ],
    [
      'another protocol',
      raw('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n'),
      { found: 'HTTP 101' },
    ],
    ['a body that is too large', body(Buffer.alloc(1024 * 1024 + 1, ' ')), { rule: 'body-size' }],
    [
      'a body without an end',
      endless('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n', ' '.repeat(65536)),
      { rule: 'body-size' },
    ],
    [
      'chunks without an end',
      endless(
        'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
        `8000\r\n${' '.repeat(0x8000)}\r\n`,
      ),
      { rule: 'body-size' },
    ],
    [
      'another media type',
      body(JSON.stringify(description), { 'content-type': 'text/html' }),
      { expected: 'application/json', found: 'text/html' },
    ],
    [
      'no media type',
      raw('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'),
      { expected: 'application/json', found: '' },
    ],
    ['nothing', raw('HTTP/1.1 204 No Content\r\n\r\n'), { found: 'HTTP 204' }],
    ['another address', body('', { location: 'https://enb.example/' }, 307), { found: 'HTTP 307' }],
    ['a refusal without a reason', body('{}', {}, 403), { found: 'HTTP 403' }],
    ['a problem that is no JSON', body('no', problemType, 500), { found: 'HTTP 500' }],
    ['a problem that is no problem', body('{"title":1}', problemType, 500), { found: 'HTTP 500' }],
  ];
  for (const [what, behaviour, facts] of answers) {
    it(what, async () => {
      assert.deepEqual(await identityFault(behaviour), { code: 'device-garbage', ...facts });
    });
  }

  const documents: readonly (readonly [what: string, behaviour: Behaviour, rule: string, field?: string])[] =
    [
      ['no JSON', body('<html></html>'), 'json-syntax'],
      ['no body', body(''), 'json-syntax'],
      ['half of it', body(JSON.stringify(description).slice(0, -9)), 'json-syntax'],
      ['JSON and more', body(`${JSON.stringify(description)}{}`), 'json-syntax'],
      ['compressed JSON', body(gzipSync('{}'), { 'content-encoding': 'gzip' }), 'json-utf8'],
      ['a byte order mark', body(`\ufeff${JSON.stringify(description)}`), 'json-syntax'],
      ['a name twice', body('{"training":false,"training":false}'), 'json-duplicate-name'],
      ['nesting without an end', body('['.repeat(1000)), 'json-depth'],
      ['a list', body('[]'), 'json-type'],
      ['null', body('null'), 'json-type'],
      ['a missing member', identity({ clock: undefined }), 'json-type', 'clock'],
      ['a member that is null', identity({ firmware: null }), 'json-type', 'firmware'],
      [
        'a serial number that names a folder',
        identity({ serialNumber: '../x' }),
        'serial-number',
        'serialNumber',
      ],
      ['a hardware type in words', identity({ hwType: 'macro' }), 'json-oid', 'hwType'],
      ['a sequence number below zero', identity({ lastSequence: -1 }), 'json-type', 'lastSequence'],
      ['a sequence number with a fraction', identity({ lastSequence: 0.5 }), 'json-type', 'lastSequence'],
      [
        'a sequence number that no double holds',
        body(JSON.stringify(description).replace('"lastSequence":0', '"lastSequence":9007199254740993')),
        'json-number',
      ],
      ['training in words', identity({ training: 'no' }), 'json-type', 'training'],
      ['a clock without a time', identity({ clock: { state: 'set' } }), 'json-type', 'clock.time'],
      ['firmware without an end', identity({ firmware: 'x'.repeat(257) }), 'json-type', 'firmware'],
    ];
  for (const [what, behaviour, rule, field] of documents) {
    it(what, async () => {
      const { code, because } = await identityFault(behaviour);
      assert.deepEqual([code, because?.code, because?.rule], ['device-garbage', 'json-malformed', rule]);
      if (field !== undefined) assert.equal(because?.where?.field, field);
    });
  }

  const verdicts: readonly (readonly [what: string, status: number, answer: object])[] = [
    ['a verdict that accepts, with the status of a refusal', 422, verdict],
    ['a verdict that refuses, with the status of success', 200, { ...verdict, accepted: false }],
    ['a verdict of unknown checks', 200, { accepted: true, checks: [{ code: 'all-is-well', ok: true }] }],
    ['a verdict without checks', 200, { accepted: true }],
  ];
  for (const [what, status, answer] of verdicts) {
    it(what, async () => {
      const put = await callFaulty(
        'PUT /v1/bundle',
        ({ response }) => {
          sendJson(response, status, answer);
        },
        (session) => session.putBundle(bundle),
      );
      assert(!put.ok);
      assert.equal(put.fault.code, 'device-garbage');
    });
  }

  it('a bundle or a receipt of another media type', async () => {
    const octets = body(bundle);
    const stored = await callFaulty('GET /v1/bundle', octets, (session) => session.getBundle());
    const request = { challenge: makeChallenge() };
    const receipt = await callFaulty('POST /v1/receipt', octets, (session) => session.getReceipt(request));
    const facts = { expected: 'application/pkcs7-mime', found: 'application/json' };
    for (const answer of [stored, receipt]) {
      assert.deepEqual(answer, { ok: false, fault: { code: 'device-garbage', ...facts } });
    }
  });

  it('steps that there are not', async () => {
    const steps = await callFaulty(
      'GET /v1/steps',
      body('{"steps":[{"step":"reset","state":"done"}]}'),
      (session) => session.getSteps(),
    );
    assert(!steps.ok);
    assert.deepEqual(
      [steps.fault.code, steps.fault.because?.where?.field],
      ['device-garbage', 'steps.0.step'],
    );
  });
});

describe('a refusal with a reason is told with it', () => {
  const reasons: readonly (readonly [problem: object, found: string])[] = [
    [{ title: 'Busy', status: 503, detail: 'A step runs' }, 'HTTP 503: Busy: A step runs'],
    [{ title: 'Busy' }, 'HTTP 503: Busy'],
    [{}, 'HTTP 503'],
    [{ type: 'about:blank', title: 'Busy', until: 'tomorrow' }, 'HTTP 503: Busy'],
    [{ detail: 'x'.repeat(4096) }, `HTTP 503: ${'x'.repeat(290)}`],
  ];
  for (const [problem, found] of reasons) {
    it(found.slice(0, 40), async () => {
      const answer = body(JSON.stringify(problem), problemType, 503);
      assert.deepEqual(await identityFault(answer), { code: 'device-refused', found });
      const put = await callFaulty('PUT /v1/bundle', answer, (session) => session.putBundle(bundle));
      assert.deepEqual(put, { ok: false, fault: { code: 'device-refused', found } });
    });
  }

  it('but that there is no bundle is no refusal', async () => {
    const none = body('{"title":"Not Found"}', problemType, 404);
    const stored = await callFaulty('GET /v1/bundle', none, (session) => session.getBundle());
    assert.deepEqual(stored, { ok: true, value: undefined });
  });
});

describe('the start of a step', () => {
  const start = (behaviour: Behaviour) =>
    callFaulty('POST /v1/steps/enrolment', behaviour, (session) => session.startStep('enrolment'));
  const refusedWith = (problem: object, status = 409) =>
    start(body(JSON.stringify({ title: 'No', ...problem }), problemType, status));

  for (const code of startRefusals) {
    it(`that the eNB refuses with ${code} is this fault`, async () => {
      const found = 'HTTP 409: No';
      assert.deepEqual(await refusedWith({ code }), { ok: false, fault: { code, found } });
    });
  }

  const others: readonly (readonly [why: string, problem: object, status?: number])[] = [
    ['without a code', {}],
    ['with an unknown code', { code: 'lunch-break' }],
    ['with the code of another fault', { code: 'enb-mismatch' }],
    ['with a code, but another status', { code: 'step-running' }, 500],
  ];
  for (const [why, problem, status] of others) {
    it(`that the eNB refuses ${why} is a refusal of the device`, async () => {
      const result = await refusedWith(problem, status);
      assert.equal(result.ok ? undefined : result.fault.code, 'device-refused');
    });
  }

  it('returns the states of the steps, and sends no body', async () => {
    const steps = [{ step: 'enrolment', state: 'running', phase: 'key' }];
    let sent = -1;
    const result = await start((exchange) => {
      sent = exchange.body.length;
      sendJson(exchange.response, 202, { steps });
    });
    assert.deepEqual([result, sent], [{ ok: true, value: { steps } }, 0]);
  });

  it('that comes too soon waits, and is then reported as busy', async () => {
    const result = await start(({ response }) => {
      response.writeHead(503, { ...problemType, 'retry-after': '30' }).end('{"title":"Too soon"}');
    });
    const found = 'HTTP 503: Too soon (Retry-After: 30 s)';
    assert.deepEqual(result, { ok: false, fault: { code: 'device-busy', found } });
  });
});

describe('the checks of the path', () => {
  const ask = (behaviour: Behaviour, request?: number) =>
    callFaulty('POST /v1/checks/path', behaviour, (session) => session.checkPath(), request);
  const answerWith = (...checks: readonly object[]) => ask(body(JSON.stringify({ checks })));
  const check = { check: 'answer', gateway: 'seg1.example', outcome: 'passed', figure: '4 ms' };

  it('are read as the eNB reports them, without what is not known', async () => {
    const failed = {
      check: 'clock',
      outcome: 'failed',
      fault: { code: 'clock-wrong', detail: 'no', why: 1 },
    };
    const result = await answerWith({ ...check, colour: 'red' }, failed);
    const { fault } = failed;
    const known = { ...failed, fault: { code: fault.code, detail: fault.detail } };
    assert.deepEqual(result, { ok: true, value: { checks: [check, known] } });
  });

  const hostile: readonly (readonly [what: string, change: object])[] = [
    ['a check that there is not', { check: 'weather' }],
    ['an outcome that there is not', { outcome: 'good' }],
    ['an empty figure', { figure: '' }],
    ['a figure as long as a book', { figure: 'x'.repeat(1025) }],
    ['a figure that is no text', { figure: 4 }],
    ['a fault without a code', { fault: { detail: 'no' } }],
    ['a gateway as long as a book', { gateway: 'x'.repeat(1025) }],
  ];
  for (const [what, change] of hostile) {
    it(`with ${what} are garbage`, async () => {
      const result = await answerWith(check, { ...check, ...change });
      assert.equal(result.ok ? undefined : result.fault.code, 'device-garbage');
    });
  }

  it('that are more than any bundle needs are garbage', async () => {
    const result = await answerWith(...Array.from({ length: 257 }, () => check));
    assert.equal(result.ok ? undefined : result.fault.code, 'device-garbage');
  });

  it('that the eNB refuses are the fault that it names', async () => {
    const problem = (code: string) => ask(body(JSON.stringify({ code }), problemType, 409));
    assert.deepEqual(await problem('not-provisioned'), {
      ok: false,
      fault: { code: 'not-provisioned', found: 'HTTP 409' },
    });
    const unknown = await ask(body('{"title":"None"}', problemType, 501));
    assert.equal(unknown.ok ? undefined : unknown.fault.code, 'device-refused');
  });

  it('may take longer than other answers', async () => {
    const result = await ask(({ answer: _, response }) => {
      setTimeout(() => sendJson(response, 200, { checks: [check] }), 300);
    }, 200);
    assert.equal(result.ok, true);
  });
});
