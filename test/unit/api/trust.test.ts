// Which roots a laptop trusts, what it says without them, and what is not taken from under work.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { CommissioningServer } from '../../../main/lab/index.ts';
import type { Certificate } from '../../../main/pki/index.ts';
import { openStore } from '../../../main/store/index.ts';
import { bundleFor, makeScene, now } from '../../kit/bundle.ts';
import { enbOptions, makeReferenceEnb, pem, temporaryFolder } from '../../kit/enb.ts';
import { freshLaptop, jobCore } from '../../kit/job-core.ts';
import { LabOffice, surroundingsIn } from '../../kit/operator.ts';
import { makeCa, pssSpki, rsaKey, withSpki } from '../../kit/pki.ts';
import { withoutPssKeys } from '../../kit/runtime.ts';
import { FakeUsbBus } from '../../kit/usb.ts';

const scene = makeScene();
const bundle = await bundleFor(scene);
const address = 'usb:LAB0001';

/** A laptop with one job, and its eNB on USB. */
async function atSite(context: TestContext) {
  const usb = new FakeUsbBus();
  const laptop = await jobCore(context, scene, [bundle], { usb });
  const options = enbOptions(scene);
  const server = new CommissioningServer(makeReferenceEnb(scene, options), options);
  const device = usb.plugIn((stream) => server.accept(stream));
  return { ...laptop, id: laptop.jobs[0]!.id, device };
}

suite('the vendor roots of a laptop', () => {
  test('that trusts none: a bundle is told to lack its vendor, and a file that is none what it is', async (context) => {
    const { port, file } = await freshLaptop(context);
    const files = [file('good.p7m', bundle), file('bad.p7m', 'no bundle')];
    const { refused } = await port.ask('jobs.open', { files });
    assert.deepEqual(
      refused.map(({ fault }) => fault.code),
      ['vendor-not-trusted', 'bundle-malformed'],
    );
  });

  test('that trusts another vendor only says the same', async (context) => {
    const { port, file } = await freshLaptop(context);
    const root = file('root.pem', pem(makeScene().vendor.root.certificate));
    const { fingerprint } = await port.ask('vendors.look', { file: root });
    await port.ask('vendors.trust', { file: root, fingerprint });
    const { refused } = await port.ask('jobs.open', { files: [file('good.p7m', bundle)] });
    assert.equal(refused[0]?.fault.code, 'vendor-not-trusted');
  });

  const noRoots: readonly (readonly [string, Certificate])[] = [
    ['an intermediate', scene.vendor.issuing.certificate],
    ["an eNB's certificate", scene.enb.certificate],
  ];
  for (const [name, certificate] of noRoots) {
    test(`do not take ${name} for a root`, async (context) => {
      const { port, file } = await freshLaptop(context);
      const asked = { file: file('c.pem', pem(certificate)) };
      assert.equal((await port.refusal('vendors.look', asked)).code, 'not-a-vendor-root');
      const trusting = { ...asked, fingerprint: certificate.sha256 };
      assert.equal((await port.refusal('vendors.trust', trusting)).code, 'not-a-vendor-root');
    });
  }

  test('say what the runtime lacks to verify one, instead of calling it no root', async (context) => {
    withoutPssKeys(context);
    const root = makeCa('CN=Vendor root', { key: rsaKey(2048) });
    const { port, file } = await freshLaptop(context);
    const asked = { file: file('c.pem', pem(withSpki(root.certificate, root, pssSpki()))) };
    const refusal = await port.refusal('vendors.look', asked);
    assert.equal(refusal.code, 'runtime-lacks-algorithm');
    assert.equal(refusal.found, 'RSA-PSS 2048');
  });

  test('of training are not for real work, and the fault says where they are', async (context) => {
    const { port, file } = await freshLaptop(context);
    const asked = { file: file('c.pem', pem(makeScene({ training: true }).vendor.root.certificate)) };
    assert.equal((await port.refusal('vendors.look', asked)).code, 'training-file');
  });

  test("are not the operator's own", async (context) => {
    const { port, file, register } = await freshLaptop(context);
    const office = new LabOffice();
    await port.ask('operators.add', { file: register(office.path('operator.json')) });
    const asked = { file: file('o.pem', pem(office.operatorRoot.certificate)) };
    assert.equal((await port.refusal('vendors.look', asked)).code, 'not-a-vendor-root');
  });

  test('can be trusted no longer: the jobs say why, what is proven stays, and the log has it', async (context) => {
    const { port, id } = await atSite(context);
    await port.ask('jobs.send', { id, address, confirmedSerialNumber: 'LAB0001' });
    const [root] = await port.ask('vendors.list', {});
    await port.ask('vendors.distrust', { fingerprint: root!.fingerprint });
    assert.deepEqual(await port.ask('vendors.list', {}), []);
    const job = await port.ask('jobs.get', { id });
    assert.deepEqual(
      [job.fault?.code, job.state, job.receipt?.accepted],
      ['vendor-not-trusted', 'receipt', true],
    );
    const sending = { id, address, confirmedSerialNumber: 'LAB0001' };
    assert.equal((await port.refusal('jobs.send', sending)).code, 'vendor-not-trusted');
    assert.equal((await port.refusal('jobs.identify', { id, address })).code, 'vendor-not-trusted');
    const { rows } = await port.ask('log.list', { descending: true, limit: 1 });
    assert.match(rows[0]!.sentence, /^The vendor root .+ is no longer trusted\.$/);
    const again = await port.refusal('vendors.distrust', { fingerprint: root!.fingerprint });
    assert.equal(again.code, 'not-found');
  });

  test('that is trusted again serves its jobs again', async (context) => {
    const { port, core, id } = await atSite(context);
    const [root] = await port.ask('vendors.list', {});
    const { fingerprint } = root!;
    await port.ask('vendors.distrust', { fingerprint });
    const path = join(temporaryFolder(), 'root.pem');
    writeFileSync(path, pem(scene.vendor.root.certificate));
    await port.ask('vendors.trust', { file: core.registerFile(path), fingerprint });
    assert.equal((await port.ask('jobs.get', { id })).fault, undefined);
    assert.equal(
      (await port.ask('jobs.send', { id, address, confirmedSerialNumber: 'LAB0001' })).state,
      'receipt',
    );
  });
});

test('what is under way is not left, and neither is its vendor distrusted', async (context) => {
  const { port, id } = await atSite(context);
  const sending = port.ask('jobs.send', { id, address, confirmedSerialNumber: 'LAB0001' });
  const fault = await port.refusal('app.leave', {});
  assert.deepEqual([fault.code, fault.found], ['work-under-way', 'a delivery to an eNB']);
  assert.equal((await port.refusal('app.enter', { mode: 'office' })).code, 'work-under-way');
  const [root] = await port.ask('vendors.list', {});
  const { fingerprint } = root!;
  assert.equal((await port.refusal('vendors.distrust', { fingerprint })).code, 'work-under-way');
  assert.equal((await port.ask('app.enter', { mode: 'site' })).mode, 'site');
  assert.equal((await sending).state, 'receipt');
  assert.equal((await port.ask('app.leave', {})).mode, null);
});

test('while many files are opened, the core answers others', async (context) => {
  const { port, file } = await freshLaptop(context);
  const files = Array<ReturnType<typeof file>>(1000).fill(file('good.p7m', bundle));
  let isOpen = false;
  const opening = port.ask('jobs.open', { files }).then(({ refused }) => {
    isOpen = true;
    return refused[0]?.count;
  });
  await port.ask('app.get', {});
  assert.equal(isOpen, false);
  assert.equal((await port.refusal('app.leave', {})).found, 'opening bundle files');
  assert.equal(await opening, 1000);
});

test('what another process is doing already says so, whatever an earlier delivery has left', async (context) => {
  const { port, id, device, dataFolder } = await atSite(context);
  const sending = { id, address, confirmedSerialNumber: 'LAB0001' };
  device.unplug();
  assert.equal((await port.ask('jobs.send', sending)).deliveryFault?.code, 'usb-device-missing');
  device.plugIn();
  const store = openStore(dataFolder);
  assert(store.ok);
  context.after(() => store.value.close());
  const { process, bootId } = surroundingsIn(dataFolder);
  const work = `deliver ${hash('sha256', bundle)}`;
  assert(store.value.leases.take(work, { process: process + 1, bootId }, now, () => true).ok);
  assert.equal((await port.refusal('jobs.send', sending)).code, 'store-in-use');
});

test('what is begun a second time says so', async (context) => {
  const { port, id } = await atSite(context);
  const sending = { id, address, confirmedSerialNumber: 'LAB0001' };
  const first = port.ask('jobs.send', sending);
  const again = await port.refusal('jobs.send', sending);
  assert.deepEqual([again.code, again.found], ['work-busy', 'a delivery to an eNB']);
  const { work } = await port.ask('jobs.get', { id });
  await port.ask('work.stop', { id: work!.id });
  assert.equal((await first).deliveryFault?.code, 'cancelled');
});
