// Step 0.5 on the page: the path is checked when it is shown, then the tunnel comes up, or does not.
import assert from 'node:assert/strict';
import { after, suite, test, type TestContext } from 'node:test';
import type { Page } from '@playwright/test';
import { faultView } from '../../../main/api/views.ts';
import type { JobView, ParsedInput, StepsView, StepView } from '../../../preload/contract/index.ts';
import { browserPath } from '../../kit/browser.ts';
import { FakeCore } from '../../kit/fake-core.ts';
import { delivered, job, minutesAgo, path, stepList, workOf } from '../../kit/fake-data.ts';
import { atScreen, tabTo } from '../flows.ts';
import { closeBrowser, openPage } from '../kit.ts';

const address = '192.0.2.10:4443';
const id = 'job-1';
const following = { work: workOf(id, 'following') };

function steps(tunnel: Partial<StepView>, more: Partial<StepsView> = {}): StepsView {
  return {
    list: stepList({ 'initial-ipsec': tunnel }),
    needsTunnel: true,
    reportedAt: minutesAgo(0),
    ...more,
  };
}

/** The page of step 0.5. Every check ends at once, and passes. */
async function atStep(context: TestContext, more: Partial<JobView> = {}, to = address) {
  const given = job(1, { ...delivered('AR1000041'), steps: steps({}), ...more });
  const core = new FakeCore({ jobs: [given] });
  const checked: ParsedInput<'jobs.checkPath'>[] = [];
  core.answer('jobs.checkPath', (input) => {
    checked.push(input);
    return core.change(id, { path: path() });
  });
  const asked: ParsedInput<'jobs.follow'>[] = [];
  core.answer('jobs.follow', (input) => {
    asked.push(input);
    return core.change(id, { steps: steps({ state: 'running', phase: 'sent' }, following) });
  });
  const stop = Promise.withResolvers<string>();
  core.answer('work.stop', (input) => {
    stop.resolve(input.id);
    core.change(id, { steps: steps({ state: 'running', phase: 'sent' }) });
    return {};
  });
  const hash = `#/site/job/${id}/step-05?address=${encodeURIComponent(to)}`;
  const { page } = await openPage(context, core, hash);
  return { page, core, checked, asked, stopped: stop.promise };
}

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
}

/** On the screen, and not only announced. */
function isClear(page: Page): Promise<void> {
  return page.locator('main').getByText('Every check passed.').waitFor();
}

function announced(page: Page, text: string | RegExp): Promise<void> {
  return page.locator('[aria-live=polite]').getByText(text).waitFor({ state: 'attached' });
}

suite('the path, before step 0.5', { skip: browserPath === undefined && 'no Chromium' }, () => {
  after(closeBrowser);

  test('is checked from laptop and eNB when the page is shown, and again when asked', async (context) => {
    const { page, checked } = await atStep(context);
    await announced(page, 'Every check passed.');
    assert.deepEqual(checked, [{ id, address }]);
    const answers = page.getByRole('row', { name: /^The gateway answers/ });
    await answers.getByText('Passed').nth(1).waitFor();
    await answers
      .getByText(/^14 ms/)
      .nth(1)
      .waitFor();
    await press(page, 'Check again');
    await isClear(page);
    assert.equal(checked.length, 2);
  });

  test('is not checked again at once: the page says when, and then allows it', async (context) => {
    const now = Date.now();
    const places = path().places.map((one) => ({ ...one, checkedAt: new Date(now).toISOString() }));
    const { page, checked } = await atStep(context, { path: { places } });
    await page.getByText('You can check again in half a minute.').waitFor();
    const again = page.getByRole('button', { name: 'Check again' });
    assert.equal(await again.getAttribute('aria-disabled'), 'true');
    await again.click({ force: true });
    assert.deepEqual(checked, []);
  });

  test('can be checked while the installer waits, and be stopped', async (context) => {
    const { page, core, stopped, asked } = await atStep(context, {
      path: { places: [], work: workOf('work-1', 'laptop') },
    });
    await announced(page, 'Checking from this laptop');
    const start = page.getByRole('button', { name: 'Set up the tunnel' });
    await start.click({ force: true });
    await page.getByText('The checks are still running.').waitFor();
    assert.deepEqual(asked, []);
    await press(page, 'Stop checking');
    assert.equal(await stopped, 'work-1');
    core.change(id, { path: { places: [] }, steps: steps({}) });
    await start.click();
    await atScreen(page, 'AR1000041: setting up the tunnel');
  });

  test('that has a problem says what will happen, and does not forbid to start', async (context) => {
    const fault = faultView({ code: 'ike-no-answer', where: { address: 'seg-1.example.net' } });
    const { page, core, asked } = await atStep(context);
    await isClear(page);
    core.change(id, { path: path({ answer: { outcome: 'failed', fault } }) });
    await announced(page, /The tunnel will probably not come up/);
    const panel = page.getByRole('table').getByRole('region', { name: fault.message });
    await panel.getByText(fault.next).waitFor();
    await press(page, 'Set up the tunnel');
    await atScreen(page, 'AR1000041: setting up the tunnel');
    assert.deepEqual(asked, [{ id, address, start: 'initial-ipsec' }]);
  });
});

suite('the first tunnel', { skip: browserPath === undefined && 'no Chromium' }, () => {
  after(closeBrowser);

  test('comes up by keyboard, and a screen reader hears each phase and the end', async (context) => {
    const { page, core } = await atStep(context);
    await isClear(page);
    await tabTo(page, 'Set up the tunnel');
    await page.keyboard.press('Enter');
    await atScreen(page, 'AR1000041: setting up the tunnel');
    await announced(page, /asked the security gateway/);
    core.change(id, { steps: steps({ state: 'running', phase: 'answered' }, following) });
    await announced(page, /The gateway answered/);
    core.change(id, { steps: steps({ state: 'running', phase: 'authenticated' }, following) });
    await announced(page, /opens the tunnel/);
    core.change(id, { steps: steps({ state: 'done' }) });
    await announced(page, 'AR1000041: the tunnel is up');
    await tabTo(page, 'Next: Finish');
    await page.keyboard.press('Enter');
    await atScreen(page, 'AR1000041: the first tunnel is up');
    await page.getByText(/Still to do: steps 1 and 2/).waitFor();
  });

  test('is not lost when the installer stops watching, leaves, comes back or reloads', async (context) => {
    const { page, core, stopped, checked } = await atStep(context, {
      steps: steps({ state: 'running', phase: 'sent', startedAt: minutesAgo(0) }, following),
    });
    await atScreen(page, 'AR1000041: setting up the tunnel');
    await page.getByRole('link', { name: 'Finish' }).click();
    await atScreen(page, 'AR1000041: step 0.5 is running');
    await page.goBack();
    await atScreen(page, 'AR1000041: setting up the tunnel');
    await page.reload();
    await page.getByText(/^Running for/).waitFor();
    await press(page, 'Stop watching');
    await atScreen(page, 'AR1000041: the result of step 0.5 is unknown');
    assert.equal(await stopped, id);
    core.answer('jobs.follow', () => core.change(id, { steps: steps({ state: 'done' }) }));
    await press(page, 'Look again');
    await atScreen(page, 'AR1000041: the tunnel is up');
    assert.deepEqual(checked, [], 'the path is not checked beside a tunnel');
  });

  test('that the gateway refuses shows who fixes it, and can be tried again', async (context) => {
    const fault = faultView({ code: 'ike-peer-refused', found: 'AUTHENTICATION_FAILED' });
    const { page, asked, checked } = await atStep(context, {
      steps: steps({ state: 'failed', phase: 'answered', fault }),
    });
    await atScreen(page, 'AR1000041: the tunnel did not come up');
    await page.getByText(fault.next).waitFor();
    await page.getByText('ended here').waitFor();
    assert.deepEqual(checked, []);
    await press(page, 'Try again');
    await atScreen(page, 'AR1000041: setting up the tunnel');
    assert.equal(asked[0]?.start, 'initial-ipsec');
  });

  test('needs a cable: after a drive, the page says what to do', async (context) => {
    const { page, checked } = await atStep(context, {}, 'drive:7066-8977');
    await atScreen(page, 'Connect to the base station (eNB)');
    await page.getByText(/ask your operator whether/).waitFor();
    assert.deepEqual(checked, []);
    await press(page, 'Connect to the eNB');
    await atScreen(page, 'How do you connect to the base station (eNB)?');
  });

  test('is no part of a job without a first gateway', async (context) => {
    const list = stepList().filter(({ step }) => step !== 'initial-ipsec');
    const { page } = await atStep(context, { steps: { ...steps({}), list, needsTunnel: false } });
    await atScreen(page, /has configuration/);
    assert.equal(await page.getByText('Step 0.5').count(), 0);
  });

  test('has help of its page, and the main button has its key', async (context) => {
    const { page, asked } = await atStep(context);
    await isClear(page);
    await page.keyboard.press('F1');
    await page.getByRole('dialog').getByText('A check is not possible from here.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('ControlOrMeta+Enter');
    await atScreen(page, 'AR1000041: setting up the tunnel');
    assert.equal(asked.length, 1);
  });
});
