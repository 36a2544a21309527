// The ways beside Ethernet, over the real core: USB on a bus of the tests, and a removable drive that is a folder.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, suite, test, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Page } from '@playwright/test';
import { refuse } from '../../../main/faults/index.ts';
import { CommissioningServer } from '../../../main/lab/index.ts';
import { browserPath } from '../../kit/browser.ts';
import { bundleFor, makeScene } from '../../kit/bundle.ts';
import { fakeSystem, onDrive, writeAway, type FakeSystemOptions } from '../../kit/drive.ts';
import { enbOptions, makeReferenceEnb } from '../../kit/enb.ts';
import { carryTo } from '../../kit/job-core.ts';
import { FakeUsbBus } from '../../kit/usb.ts';
import { laptopWith, openApp, theJob } from '../app.ts';
import { atScreen, identifyAndSend, tabTo } from '../flows.ts';
import { closeBrowser } from '../kit.ts';

const scene = makeScene();
const bundle = await bundleFor(scene);

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
}

/** The laptop at the three ways of its one job. */
async function atWays(context: TestContext, surroundings: Parameters<typeof openApp>[1]) {
  const app = await openApp(context, { ...laptopWith(scene, bundle), ...surroundings });
  await app.page.getByRole('link', { name: /S00001/ }).click();
  await atScreen(app.page, 'How do you connect to the base station (eNB)?');
  return app;
}

/** The laptop with a drive, at the choice of it. */
async function withDrive(context: TestContext, options: FakeSystemOptions = {}) {
  const drives = fakeSystem(options);
  const surroundings = { drives, usb: new FakeUsbBus(), pause: () => setImmediate() };
  const app = await atWays(context, { surroundings });
  await app.page.getByRole('link', { name: /^Removable drive/ }).click();
  await atScreen(app.page, 'Choose the drive');
  return { ...app, drives, mountPoint: drives.place.mountPoint };
}

/** From the choice of the drive until it is written, or not. */
async function write(page: Page): Promise<void> {
  await press(page, 'Use this drive');
  await atScreen(page, 'Write to the drive');
  await press(page, 'Write…');
  await page.getByText('You can write now').waitFor();
  await press(page, 'Write now');
}

suite('a removable drive in the window', { skip: browserPath === undefined && 'no Chromium' }, () => {
  after(closeBrowser);

  test('from the choice to the report, by keyboard', async (context) => {
    const { page, core, mountPoint, complaints } = await withDrive(context);
    await page.getByText('SITE42, Field Flash Drive').waitFor();
    await tabTo(page, 'Use this drive');
    await page.keyboard.press('Enter');
    await atScreen(page, 'Write to the drive');
    await tabTo(page, 'Write…');
    await page.keyboard.press('Enter');
    await page.getByText('You can write now').waitFor();
    await tabTo(page, 'Write now');
    await page.keyboard.press('Enter');
    await atScreen(page, 'Verified: pull out the drive');
    await tabTo(page, 'Carry it to the eNB');
    await page.keyboard.press('Enter');
    await atScreen(page, 'Take the drive to eNB LAB0001');
    assert.equal((await theJob(core)).carried?.state, 'carried');
    await carryTo(makeReferenceEnb(scene), mountPoint);
    await tabTo(page, 'Read the receipt');
    await page.keyboard.press('Enter');
    await atScreen(page, /has configuration/);
    await tabTo(page, 'Open the report');
    await page.keyboard.press('Enter');
    await atScreen(page, 'Report');
    assert.equal((await theJob(core)).state, 'receipt');
    assert.deepEqual(complaints, []);
  });

  test('is confirmed with its name and the eNB, and not by a double click', async (context) => {
    const { page, core } = await withDrive(context);
    await press(page, 'Use this drive');
    await atScreen(page, 'Write to the drive');
    await press(page, 'Write…');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('LAB0001').waitFor();
    await dialog.getByText('to SITE42, Field Flash Drive').waitFor();
    await dialog.getByRole('button', { name: 'Write now' }).click({ force: true });
    assert.equal((await theJob(core)).carried, undefined);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  test('that cannot be unmounted is verified by pulling it out, and a reload in between changes nothing', async (context) => {
    const { page, drives } = await withDrive(context, {
      unmount: () => Promise.resolve(refuse('drive-replug-needed')),
    });
    await write(page);
    await atScreen(page, 'Written, not yet verified');
    await press(page, 'Verify by replugging');
    await atScreen(page, 'Pull out the drive');
    await page.reload();
    await atScreen(page, 'Pull out the drive');
    drives.pullOut();
    await atScreen(page, 'Plug the drive in again');
    drives.plugIn();
    await atScreen(page, 'Verified: pull out the drive');
  });

  test('is waited for until the person stops, and the job says what is left', async (context) => {
    const { page } = await withDrive(context, { unmount: () => Promise.resolve(refuse('drive-busy')) });
    await write(page);
    await atScreen(page, 'Written, not yet verified');
    await page.getByText('Siteseal cannot unmount the drive because it is in use.').first().waitFor();
    await press(page, 'Verify by replugging');
    await atScreen(page, 'Pull out the drive');
    await press(page, 'Stop');
    await atScreen(page, 'Written, not yet verified');
    await press(page, 'Back to jobs');
    await page.getByRole('gridcell', { name: 'Written, not yet verified' }).waitFor();
  });

  test('that lies about what it stores is damaged, and is written again', async (context) => {
    let isLying = true;
    const app = await withDrive(context, {
      whileUnmounted: () => isLying && writeAway(app.drives, 'LAB0001/bundle.p7m', 'nothing'),
    });
    await write(app.page);
    await atScreen(app.page, 'The drive lost data');
    isLying = false;
    await press(app.page, 'Choose a drive and write again');
    await atScreen(app.page, 'Choose the drive');
    await write(app.page);
    await atScreen(app.page, 'Verified: pull out the drive');
  });

  test('that is verified and cannot be ejected is told apart, and ejected again', async (context) => {
    let canEject = false;
    const { page } = await withDrive(context, {
      eject: () => Promise.resolve(canEject ? { ok: true, value: undefined } : refuse('drive-eject-failed')),
    });
    await write(page);
    await atScreen(page, 'Verified, but not ejected');
    canEject = true;
    await press(page, 'Eject again');
    await atScreen(page, 'Verified: pull out the drive');
  });

  test('without an answer yet proves nothing; the list of jobs reads it when it is back', async (context) => {
    const { page, mountPoint, drives } = await withDrive(context);
    await write(page);
    await atScreen(page, 'Verified: pull out the drive');
    await press(page, 'Carry it to the eNB');
    await press(page, 'Read the receipt');
    await page.getByText('no new receipt from eNB LAB0001').first().waitFor();
    writeFileSync(onDrive(drives.place, 'LAB0001', 'receipt.p7m'), 'no receipt');
    await press(page, 'Read the receipt');
    await page.getByText('Unusable').waitFor();
    await press(page, 'Back to jobs');
    await page.getByText('On its way on SITE42, Field Flash Drive').waitFor();
    await carryTo(makeReferenceEnb(scene), mountPoint);
    await press(page, 'Read receipts from a drive');
    await press(page, 'Read the receipts');
    await page.getByText('Accepted, proven').waitFor();
    await press(page, 'Back to jobs');
    await page.getByText('Done, proven').waitFor();
  });
});

suite('USB in the window', { skip: browserPath === undefined && 'no Chromium' }, () => {
  after(closeBrowser);

  test('the eNB appears when it is plugged in, and is delivered to, over what stands against it', async (context) => {
    const usb = new FakeUsbBus();
    const { page, core } = await atWays(context, { surroundings: { usb } });
    await page.getByRole('link', { name: /^USB/ }).click();
    await atScreen(page, 'No eNB is connected over USB');
    const options = enbOptions(scene);
    const server = new CommissioningServer(makeReferenceEnb(scene, options), options);
    const device = usb.plugIn((stream) => server.accept(stream));
    device.openFault = 'usb-no-permission';
    await atScreen(page, 'Connect over USB');
    await press(page, 'Connect and identify');
    await atScreen(page, "You do not have permission to use the eNB's USB port");
    const obstacles = [
      ['usb-wrong-driver', "The eNB's USB interface has the wrong driver"],
      ['usb-busy', "The eNB's USB interface is in use"],
    ] as const;
    for (const [fault, title] of obstacles) {
      device.openFault = fault;
      await press(page, 'Try again');
      await atScreen(page, title);
    }
    device.unplug();
    await atScreen(page, 'No eNB is connected over USB');
    device.openFault = undefined;
    device.plugIn();
    await identifyAndSend(page);
    await atScreen(page, /accepted configuration/);
    await page.getByText('Its signed receipt is on this laptop').first().waitFor();
    const job = await theJob(core);
    assert.deepEqual([job.state, job.address], ['receipt', 'usb:LAB0001']);
  });

  test('where there is none, the other ways are left', async (context) => {
    const usb = new FakeUsbBus();
    usb.fault = 'usb-unavailable';
    const { page } = await atWays(context, { surroundings: { usb } });
    await page.getByRole('link', { name: /^USB/ }).click();
    await atScreen(page, 'Siteseal cannot use USB on this computer');
    await press(page, 'Change connection');
    await atScreen(page, 'How do you connect to the base station (eNB)?');
  });
});
