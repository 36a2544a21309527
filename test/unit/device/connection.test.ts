/** An eNB that closes after an answer, that is busy, or that says more than this version knows. */
import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { duplexPair } from 'node:stream';
import { describe, it } from 'node:test';
import {
  openSession,
  usbTransport,
  type EnbSession,
  type StreamTransport,
} from '../../../main/device/index.ts';
import { CommissioningServer } from '../../../main/lab/index.ts';
import { makeEnb } from '../../kit/issue-certificate.ts';
import { bundleFor, identity, labOptions, makeChallenge, makeScene } from '../../kit/bundle.ts';
import {
  deadlines,
  enbOptions,
  makeReferenceEnb,
  sendJson,
  startEnb,
  startFaultyEnb,
  trustOf,
  type Behaviour,
  type Exchange,
} from '../../kit/enb.ts';
import { FakeUsbBus } from '../../kit/usb.ts';

const scene = makeScene();
const bundle = await bundleFor(scene);
const description = makeReferenceEnb(scene).describe();
const requests = [
  'GET /v1/identity',
  'PUT /v1/bundle',
  'GET /v1/bundle',
  'POST /v1/receipt',
  'GET /v1/steps',
];

/** The same behaviour at every request. */
const always = (behaviour: Behaviour) => Object.fromEntries(requests.map((name) => [name, behaviour]));

async function open(transport: StreamTransport, request = deadlines.request, signal?: AbortSignal) {
  const session = await openSession(transport, trustOf(scene), { ...deadlines, request }, undefined, signal);
  assert(session.ok, JSON.stringify(session));
  return session.value;
}

/** Every request of the interface, which must all be answered. */
async function askEverything(session: EnbSession): Promise<void> {
  const put = await session.putBundle(bundle);
  assert(put.ok && put.value.accepted, JSON.stringify(put));
  assert.deepEqual(await session.getBundle(), { ok: true, value: Buffer.from(bundle) });
  const receipt = await session.getReceipt({ challenge: makeChallenge() });
  assert(receipt.ok, JSON.stringify(receipt));
  const steps = await session.getSteps();
  assert(steps.ok, JSON.stringify(steps));
}

/** What the reference eNB answers, taken from it without sending it. */
function rightAnswer({ response, answer }: Exchange): Promise<{ head: string; body: Buffer }> {
  let head = '';
  response.writeHead = ((status: number, headers: Record<string, string>) => {
    head = `${status} OK\r\n${Object.entries(headers)
      .map((header) => `${header.join(': ')}\r\n`)
      .join('')}`;
    return response;
  }) as typeof response.writeHead;
  const { promise, resolve } = Promise.withResolvers<{ head: string; body: Buffer }>();
  response.end = ((body: string | Buffer) => {
    resolve({ head, body: Buffer.from(body) });
    return response;
  }) as typeof response.end;
  answer();
  return promise;
}

describe('an eNB that closes after each answer is asked on one connection after the other:', () => {
  const closings: readonly (readonly [how: string, behaviour: Behaviour])[] = [
    [
      'with Connection: close',
      ({ response, answer }) => {
        response.setHeader('connection', 'close');
        answer();
      },
    ],
    [
      'with HTTP/1.0 and a length',
      (exchange) =>
        void rightAnswer(exchange).then(({ head, body }) => {
          exchange.socket.write(`HTTP/1.0 ${head}Content-Length: ${body.length}\r\n\r\n`);
          exchange.socket.end(body);
        }),
    ],
    [
      'with HTTP/1.0, where the end is the length',
      (exchange) =>
        void rightAnswer(exchange).then(({ head, body }) => {
          exchange.socket.write(`HTTP/1.0 ${head}\r\n`);
          exchange.socket.end(body);
        }),
    ],
    [
      'without a word',
      ({ response, socket, answer }) => {
        response.once('finish', () => socket.end());
        answer();
      },
    ],
    [
      'without a farewell',
      ({ response, socket, answer }) => {
        response.once('finish', () => socket.destroy());
        answer();
      },
    ],
  ];
  for (const [how, behaviour] of closings) {
    it(how, async () => {
      const sockets = new Set<unknown>();
      const noted: Behaviour = (exchange) => {
        sockets.add(exchange.socket);
        behaviour(exchange);
      };
      const enb = await startFaultyEnb(scene, always(noted));
      const session = await open(enb.transport);
      await askEverything(session);
      session.close();
      await enb.close();
      // A request that crosses with the end of the connection comes twice.
      assert.deepEqual([...new Set(enb.requests)], requests);
      assert(sockets.size >= requests.length);
    });
  }

  it('over USB', async () => {
    const options = enbOptions(scene, { failure: { kind: 'close-after-answer' } });
    const server = new CommissioningServer(makeReferenceEnb(scene, options), options);
    const bus = new FakeUsbBus();
    const device = bus.plugIn((stream) => server.accept(stream));
    const session = await open(usbTransport(bus));
    await askEverything(session);
    session.close();
    const claims = device.calls.filter((call) => call === 'claim');
    assert.equal(claims.length, requests.length);
    device.unplug();
  });
});

it('Only the connection that is open hears of a cancellation', async () => {
  const { signal } = new AbortController();
  const enb = await startEnb(scene, { failure: { kind: 'close-after-answer' } });
  const session = await open(enb.transport, deadlines.request, signal);
  await askEverything(session);
  assert.equal(getEventListeners(signal, 'abort').length, 1);
  session.close();
  await enb.close();
});

describe('a request that crosses with the end of the connection', () => {
  it('is made once more, on a new connection', async () => {
    let visits = 0;
    const enb = await startFaultyEnb(scene, {
      'PUT /v1/bundle': ({ socket, answer }) => {
        if (visits++ === 0) socket.destroy();
        else answer();
      },
    });
    const session = await open(enb.transport);
    await askEverything(session);
    session.close();
    await enb.close();
    assert.equal(visits, 2);
  });

  it('and no more than once', async () => {
    const enb = await startFaultyEnb(scene, { 'PUT /v1/bundle': ({ socket }) => void socket.destroy() });
    const session = await open(enb.transport);
    const put = await session.putBundle(bundle);
    session.close();
    await enb.close();
    assert.equal(!put.ok && put.fault.code, 'device-closed');
    assert.deepEqual(enb.requests, ['GET /v1/identity', 'PUT /v1/bundle', 'PUT /v1/bundle']);
  });

  it('but not on a connection that has brought no answer', async () => {
    const enb = await startFaultyEnb(scene, { 'GET /v1/identity': ({ socket }) => void socket.destroy() });
    const session = await openSession(enb.transport, trustOf(scene), deadlines);
    await enb.close();
    assert.equal(!session.ok && session.fault.code, 'device-closed');
    assert.deepEqual(enb.requests, ['GET /v1/identity']);
  });

  it('but not when the answer has begun', async () => {
    const enb = await startFaultyEnb(scene, {
      'PUT /v1/bundle': ({ socket }) => {
        socket.end('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{');
      },
    });
    const session = await open(enb.transport);
    const put = await session.putBundle(bundle);
    session.close();
    await enb.close();
    assert.equal(!put.ok && put.fault.code, 'device-closed');
    assert.deepEqual(enb.requests, ['GET /v1/identity', 'PUT /v1/bundle']);
  });

  it('finds that nobody listens any more', async () => {
    const enb = await startEnb(scene);
    const session = await open(enb.transport);
    await enb.close();
    const put = await session.putBundle(bundle);
    assert(!put.ok);
    assert.deepEqual([put.fault.code, put.fault.because?.code], ['device-closed', 'device-unreachable']);
    session.close();
  });
});

describe('on a new connection, what does not show the very same certificate gets no request:', () => {
  const others = [
    [
      'another eNB of the vendor',
      makeEnb(scene.vendor, { ...identity, serialNumber: 'LAB0002' }, labOptions),
    ],
    ['the same eNB with another certificate', makeEnb(scene.vendor, identity, labOptions)],
  ] as const;
  for (const [who, pair] of others) {
    it(who, async () => {
      const first = await startEnb(scene, { failure: { kind: 'close-after-answer' } });
      const second = await startFaultyEnb(scene, {}, { pair });
      const transports = [first.transport, second.transport];
      const transport = {
        name: 'swapped',
        open: (deadline: number) => transports.shift()!.open(deadline),
      };
      const session = await open(transport);
      assert.deepEqual(await session.putBundle(bundle), {
        ok: false,
        fault: {
          code: 'enb-mismatch',
          rule: 'same-certificate',
          expected: scene.enb.certificate.sha256,
          found: pair.certificate.sha256,
        },
      });
      session.close();
      await first.close();
      await second.close();
      assert.deepEqual(second.requests, []);
    });
  }
});

it('A new connection gets no longer than what is left of the request that needs it', async () => {
  const enb = await startEnb(scene, { failure: { kind: 'close-after-answer' } });
  const given: number[] = [];
  const transport: StreamTransport = {
    ...enb.transport,
    open: (deadline) => {
      given.push(deadline);
      return enb.transport.open(deadline);
    },
  };
  const request = deadlines.connect - 1;
  const session = await open(transport, request);
  assert((await session.putBundle(bundle)).ok);
  session.close();
  await enb.close();
  const [first, second = 0] = given;
  assert.equal(first, deadlines.connect);
  assert(second > 0 && second <= request, String(second));
});

/** Answers 503 so many times, then what is right. */
function busy(times: number, headers: Readonly<Record<string, string>>): Behaviour {
  let left = times;
  return ({ response, answer }) => {
    if (left-- <= 0) answer();
    else {
      response.writeHead(503, { 'content-type': 'application/problem+json', ...headers });
      response.end('{"title":"A step runs"}');
    }
  };
}

describe('an eNB that is busy', () => {
  const date = 'Sun, 15 Nov 2026 12:00:00 GMT';
  const waits: readonly (readonly [how: string, headers: Readonly<Record<string, string>>])[] = [
    ['no seconds', { 'retry-after': '0' }],
    ['until a date, by its own clock', { 'retry-after': date, date }],
    ['until a date that has passed', { 'retry-after': 'Sun, 15 Nov 2020 12:00:00 GMT', date }],
    ['for a time that nobody understands', { 'retry-after': 'soon' }],
  ];
  for (const [how, headers] of waits) {
    it(`is asked again when it says to wait ${how}`, async () => {
      const enb = await startFaultyEnb(scene, { 'GET /v1/identity': busy(2, headers) });
      (await open(enb.transport)).close();
      await enb.close();
      assert.equal(enb.requests.length, 3);
    });
  }

  it('and closes after each answer is asked again all the same', async () => {
    const enb = await startFaultyEnb(scene, {
      'PUT /v1/bundle': busy(2, { 'retry-after': '0', connection: 'close' }),
    });
    const session = await open(enb.transport);
    const put = await session.putBundle(bundle);
    session.close();
    await enb.close();
    assert(put.ok, JSON.stringify(put));
  });

  it('and slow is said to be busy when its last answer comes too late', async () => {
    let asked = 0;
    const enb = await startFaultyEnb(scene, {
      'GET /v1/steps': ({ response }) => {
        if (++asked > 1) return; // never answers again
        response.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '0' });
        response.end('{"title":"A step runs"}');
      },
    });
    const session = await open(enb.transport, 1000);
    const steps = await session.getSteps();
    session.close();
    await enb.close();
    assert.equal(!steps.ok && steps.fault.code, 'device-busy');
    assert.equal(asked, 2);
  });

  const refusals: readonly (readonly [
    how: string,
    headers: Readonly<Record<string, string>>,
    found: string,
  ])[] = [
    ['for longer than the deadline', { 'retry-after': '6' }, '6 s'],
    ['for ever', { 'retry-after': '9'.repeat(40) }, '86400 s'],
    ['until a date beyond the deadline', { 'retry-after': 'Sun, 15 Nov 2026 12:02:00 GMT', date }, '120 s'],
  ];
  for (const [how, headers, found] of refusals) {
    it(`${how} is not waited for, and said to be busy`, async () => {
      const enb = await startFaultyEnb(scene, { 'GET /v1/steps': busy(Infinity, headers) });
      const session = await open(enb.transport);
      assert.deepEqual(await session.getSteps(), {
        ok: false,
        fault: { code: 'device-busy', found: `HTTP 503: A step runs (Retry-After: ${found})` },
      });
      session.close();
      await enb.close();
      assert.equal(enb.requests.length, 2);
    });
  }

  for (const [how, headers] of waits) {
    it(`without an end, and says to wait ${how}, is said to be busy after few tries`, async () => {
      const enb = await startFaultyEnb(scene, { 'GET /v1/steps': busy(Infinity, headers) });
      const session = await open(enb.transport, 800);
      const steps = await session.getSteps();
      session.close();
      await enb.close();
      assert(!steps.ok);
      assert.equal(steps.fault.code, 'device-busy');
      assert.match(steps.fault.found ?? '', /\(Retry-After: 0 s\)$/);
      assert(enb.requests.length >= 3 && enb.requests.length <= 5, enb.requests.join());
    });
  }

  it('is no longer waited for when the user cancels', async () => {
    const stop = new AbortController();
    const wait = busy(Infinity, { 'retry-after': '60' });
    const { promise: asked, resolve } = Promise.withResolvers<undefined>();
    const enb = await startFaultyEnb(scene, {
      'GET /v1/steps': (exchange) => {
        exchange.response.once('finish', () => resolve(undefined));
        wait(exchange);
      },
    });
    const session = await open(enb.transport, 600_000, stop.signal);
    const steps = session.getSteps();
    await asked;
    stop.abort();
    const answer = await steps;
    assert.equal(!answer.ok && answer.fault.code, 'device-closed');
    session.close();
    await enb.close();
    assert.equal(enb.requests.length, 2);
  });
});

it('A request under way ends when the user cancels', async () => {
  const stop = new AbortController();
  const enb = await startFaultyEnb(scene, { 'GET /v1/steps': () => stop.abort() });
  const session = await open(enb.transport, 600_000, stop.signal);
  const steps = await session.getSteps();
  assert.equal(!steps.ok && steps.fault.code, 'device-closed');
  session.close();
  await enb.close();
});

describe('a request that opens a new connection', () => {
  for (const how of ['the signal', 'the end of the session'] as const) {
    it(`is ended by ${how} at once, and a stream that comes later is closed`, async () => {
      const enb = await startFaultyEnb(scene, {
        'GET /v1/identity': ({ response, answer }) => {
          response.setHeader('connection', 'close');
          answer();
        },
      });
      const stop = new AbortController();
      const { promise: isReopening, resolve: reopening } = Promise.withResolvers<undefined>();
      const { promise: late, resolve: comeLate } =
        Promise.withResolvers<Awaited<ReturnType<StreamTransport['open']>>>();
      let opened = 0;
      const transport: StreamTransport = {
        name: enb.transport.name,
        open: (deadline) => {
          if (++opened === 1) return enb.transport.open(deadline);
          reopening(undefined);
          return late;
        },
      };
      const session = await open(transport, 600_000, stop.signal);
      const steps = session.getSteps();
      await isReopening;
      if (how === 'the signal') stop.abort();
      else session.close();
      const answer = await steps;
      assert.equal(!answer.ok && answer.fault.code, 'device-closed');
      const [stream] = duplexPair();
      comeLate({ ok: true, value: stream });
      await once(stream, 'close');
      session.close();
      await enb.close();
    });
  }
});

describe('members that this version does not know are ignored in what is not signed:', () => {
  it('what an eNB reports about itself', async () => {
    const more = { uptime: 3, clock: { ...description.clock, source: 'gnss' } };
    const enb = await startFaultyEnb(scene, {
      'GET /v1/identity': ({ response }) => sendJson(response, 200, { ...description, ...more }),
    });
    const session = await open(enb.transport);
    session.close();
    await enb.close();
    assert.deepEqual(session.identity, description);
  });

  it('a verdict and the steps', async () => {
    const enb = await startFaultyEnb(scene, {
      'PUT /v1/bundle': ({ response }) => {
        const verdict = makeReferenceEnb(scene).takeBundle(bundle);
        const checks = verdict.checks.map((check) => ({ ...check, took: 1 }));
        sendJson(response, 200, { ...verdict, checks, note: 'x' });
      },
      'GET /v1/steps': ({ response }) => {
        const fault = { code: 'timeout', hint: 'x' };
        sendJson(response, 200, { steps: [{ step: 'enrolment', state: 'failed', fault, try: 2 }], next: 1 });
      },
    });
    const session = await open(enb.transport);
    const put = await session.putBundle(bundle);
    const steps = await session.getSteps();
    session.close();
    await enb.close();
    assert.deepEqual(put, { ok: true, value: makeReferenceEnb(scene).takeBundle(bundle) });
    const step = { step: 'enrolment', state: 'failed', fault: { code: 'timeout' } };
    assert.deepEqual(steps, { ok: true, value: { steps: [step] } });
  });
});
