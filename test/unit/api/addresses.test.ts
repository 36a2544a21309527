import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { suite, test, type TestContext } from 'node:test';
import { parseAddress } from '../../../main/core/enb-address.ts';
import { withoutPolicy } from '../../../main/core/policy.ts';
import { ok } from '../../../main/faults/index.ts';
import { CommissioningServer } from '../../../main/lab/index.ts';
import { bundleFor, makeScene } from '../../kit/bundle.ts';
import { enbOptions, makeReferenceEnb } from '../../kit/enb.ts';
import { jobCore } from '../../kit/job-core.ts';
import { FakeUsbBus } from '../../kit/usb.ts';

const scene = makeScene();

async function laptop(context: TestContext) {
  const usb = new FakeUsbBus();
  const opened = await jobCore(context, scene, [await bundleFor(scene)], { usb });
  const plugIn = () => {
    const options = enbOptions(scene);
    const server = new CommissioningServer(makeReferenceEnb(scene, options), options);
    return usb.plugIn((stream) => server.accept(stream));
  };
  return { ...opened, usb, plugIn };
}

const policy = ok(withoutPolicy);

suite('the way to an eNB', () => {
  test('is one text, and the name of its transport is that text again', () => {
    for (const text of ['usb:LAB0001', 'usb:', '192.0.2.1:8443', '[2001:db8::1]:9443']) {
      const address = parseAddress(text, { policy, usb: new FakeUsbBus(), links: () => [] });
      assert(address.ok);
      assert.equal(address.value.name, text);
    }
    const refused = parseAddress('192.0.2', { policy, usb: new FakeUsbBus(), links: () => [] });
    assert.equal(!refused.ok && refused.fault.code, 'address-invalid');
  });

  test('has the scope that was meant, so that it leads there again', () => {
    const link = {
      family: 'IPv6',
      address: 'fe80::9',
      scope: 'eth0',
      name: 'eth0',
      index: 2,
      isInternal: false,
    } as const;
    const address = parseAddress('fe80::1', { policy, usb: new FakeUsbBus(), links: () => [link] });
    assert.equal(address.ok && address.value.name, '[fe80::1%eth0]:8443');
    const unclear = parseAddress('fe80::1%wrong', { policy, usb: new FakeUsbBus(), links: () => [link] });
    assert.equal(!unclear.ok && unclear.fault.code, 'address-scope');
  });

  test('by USB is found as soon as it is plugged in, and leads to a receipt', async (context) => {
    const { port, jobs, plugIn } = await laptop(context);
    assert.deepEqual(await port.ask('enbs.found', {}), { enbs: [] });
    const changed = port.nextChange();
    const device = plugIn();
    await changed;
    assert(port.changed.includes('enbs'));
    const { enbs } = await port.ask('enbs.found', {});
    assert.deepEqual(enbs, [{ kind: 'usb', address: 'usb:LAB0001', label: 'LAB0001' }]);
    const { id } = jobs[0]!;
    const { isTheRightOne } = await port.ask('jobs.identify', { id, address: 'usb:LAB0001' });
    assert(isTheRightOne);
    const sent = await port.ask('jobs.send', {
      id,
      address: 'usb:LAB0001',
      confirmedSerialNumber: 'LAB0001',
    });
    assert.deepEqual([sent.state, sent.address], ['receipt', 'usb:LAB0001']);
    const { fileName, base64 } = await port.ask('jobs.receipt', { id });
    assert.deepEqual([fileName, sent.receipt?.fileName], Array(2).fill('LAB0001-1.receipt.p7m'));
    assert.equal(hash('sha256', Buffer.from(base64, 'base64')), sent.receipt?.sha256);
    device.unplug();
    assert.deepEqual(await port.ask('enbs.found', {}), { enbs: [] });
  });

  test('that is kept of a delivery that broke off serves to go on after a restart', async (context) => {
    const { port, jobs, plugIn, restart } = await laptop(context);
    const { id } = jobs[0]!;
    const device = plugIn();
    device.openFault = 'usb-no-permission';
    const question = { id, address: 'usb:LAB0001', confirmedSerialNumber: 'LAB0001' };
    assert.equal((await port.ask('jobs.send', question)).deliveryFault?.code, 'usb-no-permission');
    device.openFault = undefined;
    const later = await restart();
    const { address } = await later.ask('jobs.get', { id });
    assert.equal((await later.ask('jobs.send', { ...question, address: address! })).state, 'receipt');
  });

  test('by USB where there is none is told in its place, and looked for again', async (context) => {
    const { port, usb, plugIn } = await laptop(context);
    usb.fault = 'usb-unavailable';
    const { enbs, usbFault } = await port.ask('enbs.found', {});
    assert.deepEqual([enbs, usbFault?.code], [[], 'usb-unavailable']);
    usb.fault = undefined;
    plugIn();
    assert.equal((await port.ask('enbs.found', {})).enbs.length, 1);
  });

  test('is watched once, and no longer when the core has closed', async (context) => {
    const { port, usb, restart } = await laptop(context);
    await port.ask('enbs.found', {});
    await port.ask('enbs.found', {});
    assert.equal(usb.watchers, 1);
    await restart();
    assert.equal(usb.watchers, 0);
  });
});
