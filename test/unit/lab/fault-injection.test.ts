import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Bundle, acceptanceCodes } from '../../../main/bundle/index.ts';
import { usbTransport, type Deadlines, type StreamTransport } from '../../../main/device/index.ts';
import {
  CommissioningServer,
  failureForms,
  parseFailure,
  type Failure,
  type StreamFault,
} from '../../../main/lab/index.ts';
import { deliver, type DeliveryReport } from '../../../main/site/index.ts';
import { bundleFor, makeScene } from '../../kit/bundle.ts';
import { deadlines, enbOptions, makeReferenceEnb, transportTo, trustOf } from '../../kit/enb.ts';
import { Laptop } from '../../kit/laptop.ts';
import { FakeUsbBus } from '../../kit/usb.ts';

const scene = makeScene();
const trust = trustOf(scene);
const bundle = await bundleFor(scene);
const laptop = new Laptop();
after(() => laptop.close());

interface Reached {
  readonly transport: StreamTransport;
  close(): unknown;
}

type WayName = 'Ethernet' | 'USB';

/** The ways to an eNB that fails. */
const ways: Readonly<Record<WayName, (failure?: Failure) => Promise<Reached>>> = {
  Ethernet: async (failure) => {
    const server = await serverThat(failure).listen('127.0.0.1', 0);
    return { transport: transportTo(server.port), close: () => server.close() };
  },
  USB: (failure) => {
    const server = serverThat(failure);
    const bus = new FakeUsbBus();
    const device = bus.plugIn((stream) => server.accept(stream, () => device.unplug()));
    return Promise.resolve({ transport: usbTransport(bus), close: () => device.unplug() });
  },
};

/** As `siteseal lab enb --fail` sets it up. */
function serverThat(failure: Failure | undefined): CommissioningServer {
  const options = enbOptions(scene, { failure, ...(failure?.kind === 'no-clock' && { now: undefined }) });
  return new CommissioningServer(makeReferenceEnb(scene, options), options);
}

async function deliverTo(
  way: WayName,
  failure: Failure | undefined,
  limits: Deadlines = deadlines,
): Promise<DeliveryReport> {
  const enb = await ways[way](failure);
  const request = { bundle: new Bundle(bundle), trust, transport: enb.transport, deadlines: limits };
  const report = await deliver(request, laptop.surroundings);
  await enb.close();
  return report;
}

/** Bytes transferred, in both directions together, when a good delivery starts to send and when it ends. */
const octets = { sending: 0, end: 0 };

before(async () => {
  const enb = await ways.Ethernet();
  let passed = () => 0;
  const transport: StreamTransport = {
    name: enb.transport.name,
    open: async (deadline) => {
      const opened = await enb.transport.open(deadline);
      const socket = opened.ok && (opened.value as unknown as { bytesRead: number; bytesWritten: number });
      if (socket) passed = () => socket.bytesRead + socket.bytesWritten;
      return opened;
    },
  };
  const report = await deliver(
    { bundle: new Bundle(bundle), trust, transport, deadlines },
    {
      ...laptop.surroundings,
      onState: (state) => {
        if (state === 'sending') octets.sending = passed();
        if (state === 'receipt') octets.end = passed();
      },
    },
  );
  assert.equal(report.state, 'receipt');
  await enb.close();
});

/** Where the connection fails: at its first byte, a thousand bytes into the bundle, and shortly before the end. */
const places = {
  'from the first octet on': () => 0,
  'in the bundle': () => octets.sending + 1_000,
  'shortly before the end': () => octets.end - 200,
};

/** For a connection on which nothing more arrives. */
const impatient: Deadlines = { connect: 5_000, handshake: 400, request: 400 };

interface StreamCase {
  readonly kind: StreamFault['kind'];
  readonly where: keyof typeof places;
  readonly state: DeliveryReport['state'];
  readonly fault: Readonly<Record<WayName, string | undefined>> | string | undefined;
  readonly deadlines?: Deadlines;
}

const streamCases: readonly StreamCase[] = [
  { kind: 'drop-after', where: 'from the first octet on', state: 'connected', fault: 'device-closed' },
  { kind: 'drop-after', where: 'in the bundle', state: 'sending', fault: 'device-closed' },
  // The request that was lost with the connection is made again on a new one.
  { kind: 'drop-after', where: 'shortly before the end', state: 'receipt', fault: undefined },
  {
    kind: 'stall',
    where: 'from the first octet on',
    state: 'connected',
    fault: 'device-no-answer',
    deadlines: impatient,
  },
  {
    kind: 'stall',
    where: 'in the bundle',
    state: 'sending',
    fault: 'device-no-answer',
    deadlines: impatient,
  },
  { kind: 'slow', where: 'in the bundle', state: 'sending', fault: 'device-no-answer', deadlines: impatient },
  { kind: 'slow', where: 'shortly before the end', state: 'receipt', fault: undefined },
  { kind: 'garbage', where: 'from the first octet on', state: 'connected', fault: 'device-not-tls13' },
  { kind: 'garbage', where: 'in the bundle', state: 'sending', fault: 'device-closed' },
  {
    kind: 'reset-usb',
    where: 'from the first octet on',
    state: 'connected',
    fault: { Ethernet: 'device-closed', USB: 'usb-unplugged' },
  },
  {
    kind: 'reset-usb',
    where: 'in the bundle',
    state: 'sending',
    fault: { Ethernet: 'device-closed', USB: 'usb-unplugged' },
  },
];

for (const way of ['Ethernet', 'USB'] as const) {
  describe(`an eNB that fails on request, on ${way}`, () => {
    for (const { kind, where, state, fault, deadlines: limits } of streamCases) {
      const code = typeof fault === 'object' ? fault[way] : fault;
      it(`by ${kind} ${where}: the delivery reaches ${state}, with ${code ?? 'no fault'}`, async () => {
        const report = await deliverTo(way, { kind, after: places[where]() }, limits);
        assert.deepEqual([report.state, report.fault?.code], [state, code], JSON.stringify(report));
      });
    }

    it('by wrong-identity: nothing is sent to it', async () => {
      const report = await deliverTo(way, { kind: 'wrong-identity' });
      assert.deepEqual([report.state, report.fault?.code], ['connected', 'enb-mismatch']);
      assert.match(report.fault?.found ?? '', /^LAB0001-other /);
    });

    it('by drop-at-bundle: the connection ends, and the eNB has taken nothing', async () => {
      const report = await deliverTo(way, { kind: 'drop-at-bundle' });
      assert.deepEqual([report.state, report.fault?.code], ['sending', 'device-closed']);
      assert.equal((await deliverTo(way, undefined)).state, 'receipt');
    });

    it('by refuse: the refusal has its receipt and tells the check', async () => {
      const report = await deliverTo(way, { kind: 'refuse', code: 'sequence-rollback' });
      assert.deepEqual([report.state, report.fault?.code], ['sent', 'bundle-refused']);
      assert.equal(report.fault?.found, 'sequence-rollback');
      assert(report.receipt);
    });

    it('by no-clock: it accepts, and says which checks wait for a clock', async () => {
      const report = await deliverTo(way, { kind: 'no-clock' });
      assert.deepEqual([report.state, report.fault?.code], ['receipt', undefined]);
      const unjudged = report.verdict?.checks.filter(
        (check) => check.ok === null && check.why === 'no-clock',
      );
      assert.deepEqual(
        unjudged?.map(({ code }) => code),
        ['signer-expired', 'bundle-not-yet-valid', 'bundle-expired'],
      );
    });
  });
}

describe('the forms of failures', () => {
  it('are read, with the bytes that they name or from the first on', () => {
    const read: Readonly<Record<string, Failure>> = {
      'drop-after=2000': { kind: 'drop-after', after: 2000 },
      stall: { kind: 'stall', after: 0 },
      'stall=1': { kind: 'stall', after: 1 },
      slow: { kind: 'slow', after: 0 },
      'garbage=999999999': { kind: 'garbage', after: 999_999_999 },
      'reset-usb=3': { kind: 'reset-usb', after: 3 },
      'wrong-identity': { kind: 'wrong-identity' },
      'no-clock': { kind: 'no-clock' },
      'drop-at-bundle': { kind: 'drop-at-bundle' },
    };
    for (const [text, failure] of Object.entries(read)) assert.deepEqual(parseFailure(text), failure);
    for (const code of acceptanceCodes) {
      assert.deepEqual(parseFailure(`refuse=${code}`), { kind: 'refuse', code });
    }
  });

  it('are all in the list for people', () => {
    const kinds = failureForms.map((form) => form.replace(/[=[].*$/, ''));
    const filled = failureForms.map((form) =>
      form.replace(/=N\]?|\[/g, (part) => (part === '[' ? '' : '=5')),
    );
    assert.equal(new Set(kinds).size, kinds.length);
    for (const form of filled) {
      assert(parseFailure(form.replace('CODE', 'bundle-expired')), form);
    }
  });

  it('are nothing else', () => {
    const wrong = [
      ...['', 'drop-after', 'drop-after=', 'drop-after=-1', 'drop-after=1.5', 'drop-after=1000000000'],
      ...[
        'stall=x',
        'refuse',
        'refuse=',
        'refuse=anything',
        'wrong-identity=1',
        'no-clock=1',
        'explode',
        'STALL',
      ],
    ];
    for (const text of wrong) assert.equal(parseFailure(text), undefined, text);
  });
});
