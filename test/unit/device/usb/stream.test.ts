import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { after, describe, it } from 'node:test';
import { openSession, StreamError, usbTransport } from '../../../../main/device/index.ts';
import { CommissioningServer } from '../../../../main/lab/index.ts';
import { makeScene } from '../../../kit/bundle.ts';
import { deadlines, enbOptions, makeReferenceEnb, trustOf } from '../../../kit/enb.ts';
import { FakeUsbBus, type FakeUsbDevice } from '../../../kit/usb.ts';

/** A device whose streams are passive, and the two ends of one that the host has opened. */
async function openedPair() {
  const bus = new FakeUsbBus();
  const ends: Duplex[] = [];
  const device = bus.plugIn((stream) => ends.push(stream));
  const near = await openedOn(bus);
  return { bus, device, near, far: ends[0]!, ends };
}

async function openedOn(bus: FakeUsbBus): Promise<Duplex> {
  const opened = await usbTransport(bus).open(5_000);
  assert(opened.ok, JSON.stringify(opened));
  return opened.value;
}

/** Bytes that each encode their position. */
function octets(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, index) => index % 251));
}

/** Reads this many bytes from a stream. */
async function readOctets(stream: Duplex, length: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    parts.push(part);
    size += part.length;
    if (size >= length) break;
  }
  return Buffer.concat(parts);
}

/** The fault with which a stream ends. */
async function endOf(stream: Duplex): Promise<string> {
  const error = await new Promise((resolve) => stream.once('error', resolve));
  if (!stream.closed) await once(stream, 'close');
  assert(error instanceof StreamError);
  return error.fault.code;
}

describe('bytes', () => {
  const sizes = [1, 511, 512, 513, 1024, 16_383, 16_384, 16_385, 100_000];
  for (const size of sizes) {
    it(`come through, ${size} at a time, both ways at once`, async () => {
      const { near, far } = await openedPair();
      const sent = octets(size);
      near.write(sent);
      far.write(sent);
      const [atFar, atNear] = await Promise.all([readOctets(far, size), readOctets(near, size)]);
      assert.deepEqual(atFar, sent);
      assert.deepEqual(atNear, sent);
      near.destroy();
    });
  }

  const transfers: readonly (readonly [size: number, sizes: readonly number[]])[] = [
    [1, [1]],
    [511, [511]],
    [512, [512, 0]],
    [513, [513]],
    [16_384, [16_384, 0]],
    [16_385, [16_384, 1]],
    [16_896, [16_384, 512, 0]],
  ];
  for (const [size, expected] of transfers) {
    it(`are sent, ${size} of them, as transfers of ${expected.join(' and ')}`, async () => {
      const { device, near, far } = await openedPair();
      far.resume();
      await new Promise((resolve) => near.write(octets(size), resolve));
      assert.deepEqual(device.sent, expected);
      near.destroy();
    });
  }

  it('that nobody takes at the eNB are held back at the host', async () => {
    const { device, near, far } = await openedPair();
    const total = 40 * 16_384;
    let taken = 0;
    for (let at = 0; at < 40; at++) near.write(octets(16_384), () => taken++);
    await new Promise((resolve) => setImmediate(resolve));
    assert(taken < 8, `${taken}`);
    assert(device.sent.length < 16, `${device.sent.length}`);
    assert.equal((await readOctets(far, total)).length, total);
    near.destroy();
  });

  it('that nobody takes at the host are held back at the eNB', async () => {
    const { near, far } = await openedPair();
    let isTaken = false;
    far.write(octets(200_000), () => (isTaken = true));
    await new Promise((resolve) => setImmediate(resolve));
    assert(!isTaken);
    assert.deepEqual(await readOctets(near, 200_000), octets(200_000));
    near.destroy();
  });

  it('from before an open are discarded, both ways', async () => {
    const { bus, near, far, ends } = await openedPair();
    far.write(octets(1_000));
    near.write(octets(1_000));
    await once(near.destroy(), 'close');
    const again = await openedOn(bus);
    again.write('new');
    ends[1]!.write('new');
    assert.equal((await readOctets(ends[1]!, 3)).toString(), 'new');
    assert.equal((await readOctets(again, 3)).toString(), 'new');
    again.destroy();
  });
});

describe('a stream ends', () => {
  it('in the order: the device is told, transfers end, the interface is given back', async () => {
    const { device, near } = await openedPair();
    near.resume();
    await once(near.destroy(), 'close');
    assert.deepEqual(device.calls, ['claim', 'open', 'close', 'release']);
  });

  it('while an OUT transfer hangs', async () => {
    const { device, near } = await openedPair();
    near.on('error', () => undefined);
    for (let count = 0; count < 10; count++) near.write(octets(16_384));
    await new Promise((resolve) => setImmediate(resolve));
    await once(near.destroy(), 'close');
    assert(!device.isClaimed);
  });

  it('also when the device does not answer that it is closed', async () => {
    const { device, near } = await openedPair();
    device.controlFault = 'device-no-answer';
    near.resume();
    await new Promise((resolve) => setImmediate(resolve));
    const closed = once(near.destroy(), 'close');
    await new Promise((resolve) => setImmediate(resolve));
    assert(device.isClaimed, 'an IN transfer is still under way');
    device.timeOut('in');
    await closed;
    assert(!device.isClaimed);
  });

  const ends: readonly (readonly [
    why: string,
    code: string,
    end: (device: FakeUsbDevice, near: Duplex, far: Duplex) => void,
  ])[] = [
    ['as the eNB is unplugged while nothing comes', 'usb-unplugged', (device) => device.unplug()],
    [
      'as the eNB is unplugged while it takes nothing',
      'usb-unplugged',
      (device, near) => {
        for (let count = 0; count < 10; count++) near.write(octets(16_384));
        setImmediate(() => device.unplug());
      },
    ],
    ['as nothing has come for too long', 'device-no-answer', (device) => device.timeOut('in')],
    [
      'as the eNB takes nothing for too long',
      'device-no-answer',
      (device, near) => {
        for (let count = 0; count < 10; count++) near.write(octets(16_384));
        setImmediate(() => device.timeOut('out'));
      },
    ],
    ['as the eNB ends it', 'device-closed', (_device, _near, far) => far.end()],
    ['as the eNB breaks it off', 'device-closed', (_device, _near, far) => far.destroy()],
  ];
  for (const [why, code, end] of ends) {
    it(`${why}, with ${code}, and can be opened anew`, async () => {
      const { bus, device, near, far, ends: streams } = await openedPair();
      near.resume();
      const ended = endOf(near);
      await new Promise((resolve) => setImmediate(resolve));
      end(device, near, far);
      assert.equal(await ended, code);
      assert(!device.isClaimed);
      device.plugIn();
      const again = await openedOn(bus);
      streams.at(-1)!.write('again');
      assert.equal((await readOctets(again, 5)).toString(), 'again');
      again.destroy();
    });
  }

  it('by the eNB, when the host has had what was sent before', async () => {
    const { near, far } = await openedPair();
    far.end(octets(2_000));
    assert.deepEqual(await readOctets(near, 2_000), octets(2_000));
    assert.equal(await endOf(near.resume()), 'device-closed');
  });
});

describe('an eNB on USB cannot be reached', () => {
  const refusals: readonly (readonly [why: string, code: string, spoil: (bus: FakeUsbBus) => void])[] = [
    ['as there is none', 'usb-device-missing', () => undefined],
    [
      'as there are two',
      'usb-device-ambiguous',
      (bus) => [bus.plugIn(() => undefined), bus.plugIn(() => undefined, 'LAB0002')],
    ],
    ...(['usb-busy', 'usb-no-permission', 'usb-wrong-driver', 'usb-unplugged'] as const).map(
      (code): (typeof refusals)[number] => [
        'as the bus says',
        code,
        (bus) => (bus.plugIn(() => undefined).openFault = code),
      ],
    ),
    [
      'as it does not know the request',
      'device-garbage',
      (bus) => (bus.plugIn(() => undefined).controlFault = 'device-closed'),
    ],
    [
      'as it does not answer the request',
      'device-no-answer',
      (bus) => (bus.plugIn(() => undefined).controlFault = 'device-no-answer'),
    ],
  ];
  for (const [why, code, spoil] of refusals) {
    it(`${why}: ${code}`, async () => {
      const bus = new FakeUsbBus();
      spoil(bus);
      const opened = await usbTransport(bus).open(5_000);
      assert(!opened.ok);
      assert.equal(opened.fault.code, code);
      const devices = await bus.list();
      assert(devices.ok && devices.value.every(({ isClaimed }) => !isClaimed));
    });
  }

  it('as none has the serial number; those that there are are told', async () => {
    const bus = new FakeUsbBus();
    bus.plugIn(() => undefined, 'LAB0002');
    bus.plugIn(() => undefined, null);
    const opened = await usbTransport(bus, 'LAB0001').open(5_000);
    assert(!opened.ok);
    assert.deepEqual([opened.fault.code, opened.fault.found], ['usb-device-missing', 'LAB0002, port 1-2']);
  });
});

describe('a session over USB', () => {
  const scene = makeScene();
  const options = enbOptions(scene);
  const server = new CommissioningServer(makeReferenceEnb(scene, options), options);
  const bus = new FakeUsbBus();
  const device = bus.plugIn((stream) => server.accept(stream));
  after(() => device.unplug());

  it('is lost with the reason when the eNB is unplugged, at once and ever after', async () => {
    const session = await openSession(usbTransport(bus), trustOf(scene), deadlines);
    assert(session.ok, JSON.stringify(session));
    const steps = session.value.getSteps();
    device.unplug();
    for (const answer of [await steps, await session.value.getSteps()]) {
      assert(!answer.ok);
      assert.equal(answer.fault.code, 'usb-unplugged');
    }
    session.value.close();
    device.plugIn();
  });

  it('is refused with the reason when the eNB is unplugged during the handshake', async () => {
    const transport = usbTransport(bus);
    const session = await openSession(transport, trustOf(scene), deadlines, () => device.unplug());
    assert(!session.ok);
    assert.deepEqual([session.fault.code, session.fault.where], ['usb-unplugged', { address: 'usb:' }]);
    device.plugIn();
  });

  it('is none with a device that talks something else', async () => {
    const other = new FakeUsbBus();
    other.plugIn((stream) => stream.write('AT+GMI\r\n'));
    const session = await openSession(usbTransport(other), trustOf(scene), deadlines);
    assert(!session.ok);
    assert.equal(session.fault.code, 'device-not-tls13');
  });

  it('is none with a device that says nothing', async () => {
    const other = new FakeUsbBus();
    const silent = other.plugIn((stream) => stream.resume());
    const limits = { ...deadlines, handshake: 50 };
    const session = await openSession(usbTransport(other), trustOf(scene), limits);
    assert(!session.ok);
    assert.equal(session.fault.code, 'device-no-answer');
    const again = await usbTransport(other).open(5_000);
    assert(again.ok, JSON.stringify(again));
    again.value.destroy();
    assert(silent.isPlugged);
  });
});
