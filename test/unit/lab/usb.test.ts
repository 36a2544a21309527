import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { usbInterfaceClass } from '../../../main/device/index.ts';
import { UsbFunction, UsbIpServer, type UsbSetup } from '../../../main/lab/index.ts';
import { answerSetup } from '../../../main/lab/usb-descriptors.ts';

const open: UsbSetup = { requestType: 0x41, request: 1, value: 0, index: 0, length: 0 };
const { interfaceClass, subclass, protocol } = usbInterfaceClass;

function getDescriptor(type: number, index = 0): Buffer {
  const setup = { requestType: 0x80, request: 6, value: (type << 8) | index, index: 0, length: 255 };
  return Buffer.from(answerSetup(setup, 'LAB0001') ?? assert.fail('a stall'));
}

describe("the reference eNB's descriptors", () => {
  it('have the lengths that they say', () => {
    assert.equal(getDescriptor(1)[0], getDescriptor(1).length);
    for (const type of [2, 15]) assert.equal(getDescriptor(type).readUInt16LE(2), getDescriptor(type).length);
    const configuration = getDescriptor(2);
    let at = 0;
    while (at < configuration.length) at += configuration[at]! || assert.fail('an empty descriptor');
    assert.equal(at, configuration.length);
  });

  it('tell the interface by its three numbers, with two bulk endpoints of 512 bytes', () => {
    const configuration = getDescriptor(2);
    assert.deepEqual([...configuration.subarray(14, 17)], [interfaceClass, subclass, protocol]);
    const endpoints = [configuration.subarray(18, 25), configuration.subarray(25, 32)];
    assert.deepEqual(
      endpoints.map((one) => [one[2], one[3], one.readUInt16LE(4)]),
      [
        [0x01, 2, 512],
        [0x81, 2, 512],
      ],
    );
  });

  it('tell the serial number of the eNB', () => {
    const index = getDescriptor(1)[16]!;
    assert.equal(getDescriptor(3, index).subarray(2).toString('utf16le'), 'LAB0001');
  });

  it('lead Windows to WinUSB', () => {
    const capability = getDescriptor(15).subarray(5);
    assert.equal(capability.subarray(4, 20).toString('hex'), 'df60ddd88945c74c9cd2659d9e648a9f');
    const setup = { requestType: 0xc0, request: capability[26]!, value: 0, index: 7, length: 1024 };
    const set = Buffer.from(answerSetup(setup, 'LAB0001')!);
    assert.equal(capability.readUInt16LE(24), set.length);
    assert.equal(set.readUInt16LE(8), set.length);
    const types: number[] = [];
    for (let at = 10; at < set.length; at += set.readUInt16LE(at)) types.push(set.readUInt16LE(at + 2));
    assert.deepEqual(types, [3, 4]);
    assert.equal(set.subarray(14, 22).toString('latin1'), 'WINUSB\0\0');
  });

  it('are asked for by the rule of udev', () => {
    const rule = readFileSync(join(import.meta.dirname, '../../../assets/udev/70-siteseal.rules'), 'utf8');
    const triple = Buffer.from([interfaceClass, subclass, protocol]).toString('hex');
    assert(rule.includes(`ENV{ID_USB_INTERFACES}=="*:${triple}:*", TAG+="uaccess"`));
  });
});

describe('the USB function', () => {
  const requests: readonly (readonly [what: string, changes: Partial<UsbSetup>, isTaken: boolean])[] = [
    ['open', {}, true],
    ['close', { request: 2 }, true],
    ['another request', { request: 3 }, false],
    ['a value', { value: 1 }, false],
    ['a length', { length: 1 }, false],
    ['the device as the recipient', { requestType: 0x40 }, false],
    ['the direction to the host', { requestType: 0xc1 }, false],
  ];
  for (const [what, changes, isTaken] of requests) {
    it(`${isTaken ? 'takes' : 'stalls'} ${what}`, () => {
      assert.equal(new UsbFunction(() => undefined).control({ ...open, ...changes }), isTaken);
    });
  }

  it('takes and discards what comes before an open, and gives empty packets', () => {
    const usbFunction = new UsbFunction(() => assert.fail('a stream'));
    const done: unknown[] = [];
    usbFunction.out(Buffer.from('early'), (isTaken) => done.push(isTaken));
    usbFunction.in(512, (bytes) => done.push(bytes?.length));
    assert.deepEqual(done, [true, 0]);
  });

  it('halts both endpoints when the eNB ends the stream, until the next open', async () => {
    const streams: Duplex[] = [];
    const usbFunction = new UsbFunction((stream) => streams.push(stream));
    usbFunction.control(open);
    await once(streams[0]!.destroy(), 'close');
    const done: unknown[] = [];
    const ask = () => {
      usbFunction.out(Buffer.from('x'), (isTaken) => done.push(isTaken));
      usbFunction.in(512, (bytes) => done.push(bytes));
    };
    ask();
    assert.deepEqual(done, [false, undefined]);
    usbFunction.control(open);
    usbFunction.out(Buffer.from('x'), (isTaken) => done.push(isTaken));
    assert.equal(done.at(-1), true);
    assert.equal(streams.length, 2);
  });
});

describe('USB/IP', () => {
  const streams: Duplex[] = [];
  const server = new UsbIpServer(new UsbFunction((stream) => streams.push(stream)), 'LAB0001');
  let listening: Awaited<ReturnType<UsbIpServer['listen']>>;
  before(async () => (listening = await server.listen('127.0.0.1', 0)));
  after(() => listening.close());

  async function connected(): Promise<Socket> {
    const socket = connect(listening.port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  }

  async function read(socket: Socket, length: number): Promise<Buffer> {
    for (;;) {
      const bytes = socket.read(length) as Buffer | null;
      if (bytes) return bytes;
      await once(socket, 'readable');
    }
  }

  /** The status of the answer to an import, and the connection. */
  async function imported(): Promise<readonly [number, Socket]> {
    const socket = await connected();
    const request = Buffer.alloc(40);
    request.set([0x01, 0x11, 0x80, 0x03]);
    request.write('1-1', 8);
    socket.write(request);
    const status = (await read(socket, 8)).readUInt32BE(4);
    if (status === 0) await read(socket, 312);
    return [status, socket];
  }

  function command(words: readonly number[], setup: readonly number[] = []): Buffer {
    const bytes = Buffer.alloc(48);
    words.forEach((word, index) => bytes.writeUInt32BE(word, 4 * index));
    bytes.set(setup, 40);
    return bytes;
  }

  async function answer(socket: Socket) {
    const header = await read(socket, 48);
    const [kind, sequence] = [header.readUInt32BE(0), header.readUInt32BE(4)];
    return { kind, sequence, status: header.readInt32BE(20), actual: header.readUInt32BE(24) };
  }

  it('lists the one device, with its interface', async () => {
    const socket = await connected();
    socket.write(Buffer.from([0x01, 0x11, 0x80, 0x05, 0, 0, 0, 0]));
    const reply = await read(socket, 8 + 4 + 312 + 4);
    assert.deepEqual([...reply.subarray(0, 12)], [0x01, 0x11, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1]);
    assert.equal(reply.toString('latin1', 12 + 256, 12 + 259), '1-1');
    assert.deepEqual([...reply.subarray(-4)], [interfaceClass, subclass, protocol, 0]);
    socket.destroy();
  });

  it('gives the device to one host at a time', async () => {
    const [status, socket] = await imported();
    assert.equal(status, 0);
    const [busy, other] = await imported();
    assert.equal(busy, 2);
    other.destroy();
    await once(socket.destroy(), 'close');
  });

  it('answers descriptors, takes an IN transfer back, and stalls what it does not know', async () => {
    let [status, socket] = await imported();
    while (status !== 0) [status, socket] = await imported(); // the device is free once the last host has gone
    socket.write(command([1, 1, 0x10002, 1, 0, 0, 18], [0x80, 6, 0, 1, 0, 0, 18, 0]));
    assert.deepEqual(await answer(socket), { kind: 3, sequence: 1, status: 0, actual: 18 });
    assert.equal((await read(socket, 18))[0], 18);
    socket.write(command([1, 2, 0x10002, 0, 0, 0, 0], [0x41, 1, 0, 0, 0, 0, 0, 0]));
    assert.equal((await answer(socket)).status, 0);
    socket.write(command([1, 3, 0x10002, 1, 1, 0, 512]));
    socket.write(command([2, 4, 0x10002, 0, 0, 3]));
    assert.deepEqual(await answer(socket), { kind: 4, sequence: 4, status: -104, actual: 0 });
    streams.at(-1)!.write('kept');
    socket.write(command([1, 5, 0x10002, 1, 1, 0, 512]));
    assert.deepEqual(await answer(socket), { kind: 3, sequence: 5, status: 0, actual: 4 });
    assert.equal((await read(socket, 4)).toString(), 'kept');
    socket.write(command([1, 6, 0x10002, 0, 0, 0, 0], [0x41, 9, 0, 0, 0, 0, 0, 0]));
    assert.equal((await answer(socket)).status, -32);
    const ended = once(streams.at(-1)!, 'close');
    socket.destroy();
    await ended;
  });

  it('ends the connection of what is no host', async () => {
    const socket = await connected();
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await once(socket.resume(), 'close');
  });
});
