import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { usbTransport, withSession } from '../../../main/device/index.ts';
import { CommissioningServer, UsbFunction, UsbIpBus, UsbIpServer } from '../../../main/lab/index.ts';
import { makeScene } from '../../kit/bundle.ts';
import { deadlines, enbOptions, makeReferenceEnb, trustOf } from '../../kit/enb.ts';

const scene = makeScene();

describe('a USB bus over USB/IP', () => {
  it('has one device, to which a session can be opened again and again', async () => {
    const options = enbOptions(scene);
    const server = new CommissioningServer(makeReferenceEnb(scene, options), options);
    const device = new UsbIpServer(new UsbFunction((stream) => server.accept(stream)), 'LAB0001');
    const listening = await device.listen('127.0.0.1', 0);
    const bus = new UsbIpBus(() => connect(listening.port, '127.0.0.1'), 'LAB0001');
    const listed = await bus.list();
    assert.deepEqual(listed.ok && listed.value.map(({ serialNumber }) => serialNumber), ['LAB0001']);
    for (let count = 0; count < 2; count++) {
      const found = await withSession(usbTransport(bus, 'LAB0001'), trustOf(scene), deadlines, (session) => ({
        ok: true as const,
        value: session.enb.serialNumber,
      }));
      assert.deepEqual(found, { ok: true, value: 'LAB0001' });
    }
    await listening.close();
  });

  it('has an unplugged device when nothing listens, or nothing answers', async () => {
    const silent = new UsbIpServer(new UsbFunction(() => undefined), 'LAB0001');
    const listening = await silent.listen('127.0.0.1', 0);
    await listening.close();
    const bus = new UsbIpBus(() => connect(listening.port, '127.0.0.1'), 'LAB0001');
    const listed = await bus.list();
    assert(listed.ok && listed.value[0]);
    const opened = await listed.value[0].open(5000);
    assert.deepEqual(!opened.ok && opened.fault.code, 'usb-unplugged');
  });

  it('halts a transfer that the eNB does not take, and unplugs at one without an answer', async () => {
    const server = new UsbIpServer(new UsbFunction(() => undefined), 'LAB0001');
    const listening = await server.listen('127.0.0.1', 0);
    const bus = new UsbIpBus(() => connect(listening.port, '127.0.0.1'), 'LAB0001');
    const listed = await bus.list();
    assert(listed.ok && listed.value[0]);
    const opened = await listed.value[0].open(5000);
    assert(opened.ok);
    const usb = opened.value;
    assert.deepEqual(await usb.control('open', 5000), { ok: true, value: undefined });
    const late = await usb.transferIn(20);
    assert.deepEqual(!late.ok && late.fault.code, 'usb-unplugged');
    const after = await usb.transferOut(new Uint8Array(3), 5000);
    assert.deepEqual(!after.ok && after.fault.code, 'usb-unplugged');
    await listening.close();
  });
});
