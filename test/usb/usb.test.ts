/** The usb module as it is installed, on a bus of FUSE, with the reference eNB in a process of its own. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import { nativeUsbBus, openSession, usbTransport, type UsbDevice } from '../../main/device/index.ts';
import { makeEnb } from '../kit/issue-certificate.ts';
import { bundleFor, identity, labOptions, makeScene, otherIdentity } from '../kit/bundle.ts';
import { sitesealJson, type FaultDocument } from '../kit/cli.ts';
import { deliverySuite } from '../kit/delivery-suite.ts';
import {
  deadlines,
  startEnbProcess,
  stopProcesses,
  temporaryFolder,
  trustOf,
  writeFactoryFiles,
} from '../kit/enb.ts';
import { UsbfsBus } from '../kit/usbfs/bus.ts';

const bus = new UsbfsBus();
after(async () => {
  stopProcesses();
  await bus.close();
});
const usb = nativeUsbBus();
const scene = makeScene();
const trust = trustOf(scene);

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  try {
    bus.empty();
  } finally {
    await Promise.all(stops.splice(0).map((stop) => stop()));
  }
});

/** The eNB of a scene in a process of its own, not plugged in yet. */
async function startDevice(of = scene) {
  const folder = temporaryFolder();
  const files = writeFactoryFiles(of, folder);
  const enb = await startEnbProcess(files, folder, {}, ['--usb', '0']);
  assert(enb.usb !== undefined);
  const { usb: tcpPort } = enb;
  const stop = async () => {
    enb.child.kill('SIGTERM');
    await enb.done;
  };
  stops.push(stop);
  return { tcpPort, folder: files.state, files, stop };
}

/** The devices that there are. */
async function listed(): Promise<readonly UsbDevice[]> {
  const devices = await usb.list();
  assert(devices.ok, JSON.stringify(devices));
  return devices.value;
}

deliverySuite('over a real USB stack', {
  cutFault: 'usb-unplugged',
  start: async (ofScene, pair) => {
    const { tcpPort, folder } = await startDevice({ ...ofScene, enb: pair });
    bus.attach('1-1', tcpPort);
    return {
      transport: usbTransport(usb),
      folder,
      cut: () => bus.detach('1-1'),
      mend: () => {
        bus.attach('1-1', tcpPort);
        return Promise.resolve();
      },
      close: () => Promise.resolve(), // after each test, above
    };
  },
});

describe('the bus', () => {
  it('is empty before anything is plugged in, and an eNB is missing', async () => {
    assert.deepEqual(await listed(), []);
    const session = await openSession(usbTransport(usb), trust, deadlines);
    assert(!session.ok);
    assert.deepEqual(session.fault, { code: 'usb-device-missing', where: { address: 'usb:' } });
  });

  it('lists what is plugged in, and tells when that changes', async () => {
    const { tcpPort } = await startDevice();
    const changes: (() => void)[] = [];
    const change = () => new Promise<void>((resolve) => changes.push(resolve));
    const watched = await usb.watch(() => changes.shift()?.());
    assert(watched.ok);
    const added = change();
    bus.attach('1-2.4', tcpPort);
    await added;
    const [device, ...others] = await listed();
    assert.deepEqual(others, []);
    assert.deepEqual(
      [device?.port, device?.vendorId, device?.productId, device?.product, device?.serialNumber],
      ['1-2.4', 0x1209, 1, 'Reference eNB', 'LAB0001'],
    );
    const removed = change();
    bus.detach('1-2.4');
    await removed;
    assert.deepEqual(await listed(), []);
    watched.value();
  });

  it('tells that the eNB has lost its power', async () => {
    const { tcpPort, stop } = await startDevice();
    bus.attach('1-1', tcpPort);
    const removed = Promise.withResolvers<undefined>();
    const watched = await usb.watch(() => removed.resolve(undefined));
    assert(watched.ok);
    await stop();
    await removed.promise;
    assert.deepEqual(await listed(), []);
    watched.value();
  });

  it('misses nothing that happens once it watches', async () => {
    const { tcpPort } = await startDevice();
    for (let round = 0; round < 20; round++) {
      bus.attach('1-1', tcpPort);
      const removed = Promise.withResolvers<undefined>();
      const watched = await usb.watch(() => removed.resolve(undefined));
      assert(watched.ok);
      bus.detach('1-1');
      await removed.promise;
      watched.value();
    }
  });

  it('has one of several eNBs chosen by its serial number', async () => {
    const other = makeEnb(scene.vendor, otherIdentity, labOptions);
    const [first, second] = [await startDevice(), await startDevice({ ...scene, enb: other })];
    bus.attach('1-1', first.tcpPort);
    bus.attach('1-2', second.tcpPort);
    const ambiguous = await usbTransport(usb).open(deadlines.connect);
    assert(!ambiguous.ok);
    assert.equal(ambiguous.fault.code, 'usb-device-ambiguous');
    assert.deepEqual(ambiguous.fault.found?.split(', ').sort(), ['LAB0001', 'LAB0002']);
    for (const { serialNumber } of [identity, otherIdentity]) {
      const session = await openSession(usbTransport(usb, serialNumber), trust, deadlines);
      assert(session.ok, JSON.stringify(session));
      assert.equal(session.value.enb.serialNumber, serialNumber);
      session.value.close();
    }
  });
});

describe('an eNB that is there and cannot be used', () => {
  const port = '1-1';
  const cases: readonly (readonly [why: string, code: string, spoil: () => void, found?: string])[] = [
    ['as the account may not', 'usb-no-permission', () => bus.deny(port)],
    ['as a driver of the kernel has it', 'usb-wrong-driver', () => bus.bind(port, 'cdc_acm'), 'cdc_acm'],
  ];
  for (const [why, code, spoil, found] of cases) {
    it(`${why}, is told as ${code}`, async () => {
      const { tcpPort } = await startDevice();
      bus.attach(port, tcpPort);
      spoil();
      const stream = await usbTransport(usb).open(deadlines.connect);
      assert(!stream.ok);
      assert.equal(stream.fault.code, code);
      if (found !== undefined) assert.equal(stream.fault.found, found);
    });
  }

  it('as another program has it, is told as usb-busy, until that has ended', async () => {
    const { tcpPort } = await startDevice();
    bus.attach(port, tcpPort);
    const holder = await usbTransport(nativeUsbBus()).open(deadlines.connect);
    assert(holder.ok);
    const stream = await usbTransport(usb).open(deadlines.connect);
    assert(!stream.ok);
    assert.equal(stream.fault.code, 'usb-busy');
    await new Promise((resolve) => holder.value.destroy().once('close', resolve));
    const again = await usbTransport(usb).open(deadlines.connect);
    assert(again.ok, JSON.stringify(again));
    await new Promise((resolve) => again.value.destroy().once('close', resolve));
  });
});

it('an eNB that is plugged in and pulled out 40 times is identified each time, and lost when it is pulled out', async () => {
  const { tcpPort } = await startDevice();
  for (let round = 0; round < 40; round++) {
    bus.attach('1-1', tcpPort);
    const session = await openSession(usbTransport(usb), trust, deadlines);
    assert(session.ok, JSON.stringify(session));
    const steps = session.value.getSteps();
    const isUnderWay = round % 2 === 0;
    if (!isUnderWay) assert((await steps).ok);
    bus.detach('1-1');
    const lost = await (isUnderWay ? steps : session.value.getSteps());
    assert(!lost.ok);
    assert.equal(lost.fault.code, 'usb-unplugged');
    session.value.close();
  }
});

describe('siteseal enb … --usb', () => {
  it('discovers, identifies, writes and fetches the receipt', async () => {
    const { tcpPort, files } = await startDevice();
    bus.attach('1-1', tcpPort);
    const home = temporaryFolder();
    writeFileSync(join(home, 'LAB0001.p7m'), await bundleFor(scene));
    const run = async (...args: readonly string[]) => {
      const { document, code } = await sitesealJson(['enb', ...args], {
        home: join(home, 'data'),
        cwd: home,
      });
      assert.equal(code, 0, JSON.stringify(document));
      return document as Readonly<Record<string, unknown>> & { readonly fault?: FaultDocument };
    };
    const way = ['--usb', '--vendor-root', files.vendorRoot];
    const device = { port: '1-1', vendorId: 0x1209, productId: 1 };
    const words = { product: 'Reference eNB', serialNumber: 'LAB0001' };
    assert.deepEqual(await run('discover', '--usb'), { usb: [{ ...device, ...words }] });
    assert.deepEqual((await run('identify', ...way))['enb'], identity);
    assert.equal((await run('write', 'LAB0001.p7m', ...way))['state'], 'receipt');
    assert((await run('receipt', ...way))['receipt']);
  });
});
