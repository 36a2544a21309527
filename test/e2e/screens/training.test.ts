// Training over the real core: its emulated connections and faults, and its new start.
import assert from 'node:assert/strict';
import { after, suite, test, type TestContext } from 'node:test';
import type { Page } from '@playwright/test';
import { faultView } from '../../../main/api/views.ts';
import { browserPath } from '../../kit/browser.ts';
import { FakeCore } from '../../kit/fake-core.ts';
import { training } from '../../kit/fake-data.ts';
import { callCore, openApp, shownFault } from '../app.ts';
import { assertAccessible } from '../axe.ts';
import { atScreen, identifyAndSend, tabTo } from '../flows.ts';
import { closeBrowser, openPage } from '../kit.ts';

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
}

/** A window in training, over a fake core. */
const app = {
  version: '0.1.0',
  shell: 'browser',
  mode: 'training',
  training: true,
  theme: 'system',
} as const;

/** Training, at the connections of a job. */
async function atConnections(context: TestContext, job: string) {
  const app = await openApp(context, {
    setUp: async (core) => {
      await callCore(core, 'app.enter', { mode: 'training' });
    },
  });
  await app.page.getByText(/^Five minutes: from a job/).waitFor();
  await app.page.getByRole('link', { name: job }).click();
  await atScreen(app.page, 'How do you connect to the base station (eNB)?');
  return app;
}

/** From the connections: the eNB of the job over USB, as far as the confirmed sending. */
async function sendOverUsb(page: Page): Promise<void> {
  await page.getByRole('link', { name: /^USB.*Simulated/ }).click();
  await atScreen(page, 'Connect over USB');
  await press(page, 'Connect and identify');
  await identifyAndSend(page);
  await atScreen(page, /accepted configuration|Possibly sent/);
}

/** The same screen has another title, and the focus stays where it is. */
async function titled(page: Page, title: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
}

/** From the connections: delivers over Ethernet, as far as the next steps. */
async function deliverOverEthernet(page: Page): Promise<void> {
  await page.getByRole('link', { name: /^Ethernet/ }).click();
  await atScreen(page, 'Connect to the eNB');
  await press(page, 'Connect and identify');
  await identifyAndSend(page);
  await atScreen(page, /accepted configuration/);
  await page.getByRole('link', { name: /Finish/ }).click();
  await atScreen(page, /has configuration/);
}

/** From the next steps: the first tunnel, as far as the next steps after it. */
async function setUpTunnel(page: Page): Promise<void> {
  await press(page, 'Next: Step 0.5');
  await atScreen(page, 'Set up the first tunnel');
  await page.getByText('Every check passed.').first().waitFor();
  await press(page, 'Set up the tunnel');
  await atScreen(page, 'LAB0001: the tunnel is up');
  await press(page, 'Next: Finish');
  await atScreen(page, 'LAB0001: the first tunnel is up');
}

/** From the connections: writes the job to the stick. */
async function writeToStick(page: Page): Promise<void> {
  await page.getByRole('link', { name: /^Removable drive.*Simulated/ }).click();
  await atScreen(page, 'Choose the drive');
  await page.getByText('Training stick (simulated)').waitFor();
  await press(page, 'Use this drive');
  await atScreen(page, 'Write to the drive');
  await press(page, 'Write…');
  await page.getByText('You can write now').waitFor();
  await press(page, 'Write now');
}

/** The panel is folded until it is opened. */
async function openPanel(page: Page): Promise<void> {
  assert.equal(await page.getByText('Faults to try').isVisible(), false);
  await page.getByText('Training: simulated eNBs, stick and faults').click();
  await page.getByText('Faults to try').waitFor();
}

suite('training in the window', { skip: browserPath === undefined && 'no Chromium' }, () => {
  after(closeBrowser);

  test('by USB: the cable is pulled out, and sending again proves it', async (context) => {
    const { page, complaints } = await atConnections(context, 'T0001 · Training site 1');
    await openPanel(page);
    await page.getByRole('radio', { name: 'Cable pulled out while sending' }).check();
    await page.getByText('You should see: the connection is lost.').first().waitFor();
    await assertAccessible(page);
    await sendOverUsb(page);
    await shownFault(page, 'usb-unplugged');
    await press(page, 'Back to normal');
    await page.getByRole('button', { name: 'Back to normal' }).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: /Connect/ }).click();
    await atScreen(page, 'How do you connect to the base station (eNB)?');
    await sendOverUsb(page);
    await page.getByText('Its signed receipt is on this laptop').first().waitFor();
    const tried = page.getByRole('list', { name: 'Tried so far' });
    await tried.getByText('USB(done)').waitFor();
    await tried.getByText('A fault on site(done)').waitFor();
    await tried.getByText('Ethernet(not yet)').waitFor();
    assert.deepEqual(complaints, []);
  });

  test('over Ethernet and on through every step, which the report then has', async (context) => {
    const { page, complaints } = await atConnections(context, 'T0001 · Training site 1');
    await openPanel(page);
    await deliverOverEthernet(page);
    await setUpTunnel(page);
    await press(page, 'Start enrolment');
    await titled(page, 'LAB0001 is enrolled');
    const enrolment = page.getByRole('listitem').filter({ hasText: 'Step 1: enrol with the operator' });
    await enrolment.getByText(/^\d.*, signed$/).waitFor();
    assert.match(await enrolment.innerText(), /\bdone\b/);
    const tried = page.getByRole('list', { name: 'Tried so far' });
    await tried.getByText('Enrolment(done)').waitFor();
    await tried.getByText('Step 2(not yet)').waitFor();
    await page.evaluate('location.hash = "#/site"');
    await page.getByText('0 of 3 done').waitFor();
    await page.getByRole('row').filter({ hasText: 'LAB0001' }).getByText('Delivered, proven').waitFor();
    await page.goBack();
    await press(page, 'Start step 2');
    await titled(page, 'LAB0001 is in service');
    await press(page, 'Open the report');
    await atScreen(page, 'Report');
    await page
      .getByText(/^done; .*; signed$/)
      .first()
      .waitFor(); // The report has loaded.
    assert.match(
      await page.locator('main').innerText(),
      /Step 1: enrol with the operator\s+done; .*; signed/,
    );
    await page.evaluate('location.hash = "#/site"');
    const row = page.getByRole('row').filter({ hasText: 'LAB0001' });
    await row.getByText('Step 2 done').waitFor();
    await page.getByText('1 of 3 done').waitFor();
    assert.deepEqual(complaints, []);
  });

  test('an enrolment that the operator refuses says whom to call, and the job stays a problem', async (context) => {
    const { page, core, complaints } = await atConnections(context, 'T0001 · Training site 1');
    await openPanel(page);
    await page.getByRole('radio', { name: 'Operator refuses the enrolment' }).check();
    await page.getByText('You should see: step 1 fails').first().waitFor();
    await deliverOverEthernet(page);
    await setUpTunnel(page);
    await press(page, 'Start enrolment');
    await titled(page, 'LAB0001: step 1 failed');
    const facts = await shownFault(page, 'cmp-refused');
    assert.match(facts['found'] ?? '', /^The reference is not registered here/);
    assert.match(facts['what to do now'] ?? '', /^Call your operator/);
    await page.getByText('The eNB has no operator certificate yet. Trying again is safe.').waitFor();
    await assertAccessible(page);
    await press(page, 'Back to normal');
    await press(page, 'Try enrolment again');
    await titled(page, 'LAB0001: step 1 is about to start');
    await page.getByText('waiting to start').waitFor();
    assert.equal(await page.getByText('cmp-refused').count(), 0);
    await press(page, 'Stop watching');
    await titled(page, 'LAB0001: step 1 failed');
    await page.evaluate('location.hash = "#/site"');
    const row = page.getByRole('row').filter({ hasText: 'LAB0001' });
    await row.getByText('Step 1 failed').waitFor();
    await row.getByText('Delivered, proven').waitFor();
    await page.getByText('0 of 3 done').waitFor();
    const { counts } = await callCore(core, 'jobs.list', {});
    assert.deepEqual([counts.done, counts.problem], [0, 1]);
    assert.deepEqual(complaints, []);
  });

  test('a gateway of another operator ends step 0.5, and the page says who can fix it', async (context) => {
    const { page, complaints } = await atConnections(context, 'T0001 · Training site 1');
    await openPanel(page);
    await page.getByRole('radio', { name: 'Security gateway of another operator' }).check();
    await page.getByText('You should see: the eNB refuses the gateway').first().waitFor();
    await deliverOverEthernet(page);
    await press(page, 'Next: Step 0.5');
    await atScreen(page, 'Set up the first tunnel');
    await page.getByText('Every check passed.').first().waitFor();
    await press(page, 'Set up the tunnel');
    await atScreen(page, 'LAB0001: the tunnel did not come up');
    const facts = await shownFault(page, 'ike-peer-untrusted');
    assert.match(facts['found'] ?? '', /Other Operator/);
    assert.deepEqual(complaints, []);
  });

  test('by stick, by keyboard: carried to the eNB and back with its receipt, and on to its steps', async (context) => {
    const { page, complaints } = await atConnections(context, 'T0003 · Training site 3');
    await writeToStick(page);
    await atScreen(page, 'Verified: pull out the drive');
    await press(page, 'Carry it to the eNB');
    await atScreen(page, 'Take the drive to eNB LAB0003');
    await tabTo(page, 'Training: simulated');
    await page.keyboard.press('Enter');
    for (const [act, sentence] of [
      ['Pull the stick out', 'The stick is in your hand.'],
      ['Plug it into LAB0003', 'LAB0003 took its configuration and wrote its receipt to the stick.'],
      ['Bring it back to this laptop', 'The stick is in this laptop.'],
    ] as const) {
      await page.getByRole('button', { name: act }).focus();
      await page.keyboard.press('Enter');
      await page.getByText(sentence).first().waitFor();
    }
    await press(page, 'Read the receipt');
    await atScreen(page, /has configuration/);
    await page.getByText("As the eNB's signed receipt says").waitFor();
    await press(page, 'Connect to the eNB');
    await atScreen(page, 'How do you connect to the base station (eNB)?');
    await page.getByRole('link', { name: /^Ethernet/ }).click();
    await atScreen(page, 'Connect to the eNB');
    await press(page, 'Connect and identify');
    await atScreen(page, 'This is the right base station (eNB)');
    await press(page, 'Continue to its steps');
    await atScreen(page, 'Set up the first tunnel');
    await press(page, 'Do it later');
    await atScreen(page, /has configuration/);
    await page
      .getByRole('button', { name: 'Back to Step 0.5' })
      .or(page.getByRole('button', { name: 'Next: Step 0.5' }))
      .waitFor();
    assert.deepEqual(complaints, []);
  });

  test('a real job knows nothing of it', async (context) => {
    const { page } = await openPage(context, new FakeCore(), '#/site/job/job-1/connect');
    await atScreen(page, 'How do you connect to the base station (eNB)?');
    for (const hash of ['#/site/job/job-1/connect', '#/site', '#/site/receipts', '#/setup']) {
      await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      assert.doesNotMatch(await page.locator('body').innerText(), /training|simulated/i, hash);
    }
  });

  test('a fault that could not be set is shown, and not as chosen', async (context) => {
    const core = new FakeCore({ app });
    core.answer('training.setFault', () => faultView({ code: 'internal-error', found: 'training-enbs' }));
    const { page } = await openPage(context, core, '#/site/job/job-1/connect');
    await openPanel(page);
    await page.getByRole('radio', { name: 'eNB does not answer' }).click();
    await shownFault(page, 'internal-error');
    assert.ok(await page.getByRole('radio', { name: 'No fault' }).isChecked());
  });

  test('a stick that loses data is found out', async (context) => {
    const { page } = await atConnections(context, 'T0002 · Training site 2');
    await openPanel(page);
    await page.getByRole('radio', { name: 'Stick loses data' }).check();
    await page.getByText('Fault: Stick loses data').waitFor();
    await writeToStick(page);
    await atScreen(page, 'The drive lost data');
    await shownFault(page, 'drive-damaged');
  });

  test('starts again from Setup, after it has said what that deletes', async (context) => {
    const { page, core } = await atConnections(context, 'T0001 · Training site 1');
    const before = await callCore(core, 'jobs.list', {});
    await sendOverUsb(page);
    await page.evaluate('location.hash = "#/site"');
    await page.getByRole('searchbox').fill('T0002');
    await page.getByRole('link', { name: 'T0001 · Training site 1' }).waitFor({ state: 'detached' });
    await page.evaluate('location.hash = "#/setup"');
    await atScreen(page, 'Setup');
    await press(page, 'Start training again…');
    await page.getByText('Siteseal deletes everything of training').waitFor();
    await page.keyboard.press('Escape');
    assert.deepEqual((await callCore(core, 'jobs.list', {})).total, before.total);
    await press(page, 'Start training again…');
    await press(page, 'Delete and start again');
    await atScreen(page, 'Jobs');
    await page.getByRole('link', { name: 'T0001 · Training site 1' }).waitFor();
    const { rows } = await callCore(core, 'jobs.list', {});
    assert.deepEqual(
      rows.map(({ state }) => state),
      ['selected', 'selected', 'selected'],
    );
  });

  test('starts again from the list of jobs, which then shows the new jobs from their start', async (context) => {
    const core = new FakeCore({ app, training: training({ isAllDone: true }) });
    const { page } = await openPage(context, core, '#/site');
    await page.getByRole('searchbox').fill('nothing like it');
    await page.evaluate('sessionStorage.setItem("siteseal.real.jobs.part", "\\"done\\"")');
    await press(page, 'Start training again…');
    await press(page, 'Delete and start again');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal(await page.getByRole('searchbox').inputValue(), '');
    const kept = await page.evaluate(
      'Object.keys(sessionStorage).filter((key) => key.startsWith("siteseal."))',
    );
    assert.deepEqual(kept, ['siteseal.real.jobs.part']);
  });
});
