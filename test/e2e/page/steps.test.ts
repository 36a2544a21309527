// The steps after step 0 on the page: live, announced when they end, and started by the installer.
import assert from 'node:assert/strict';
import { after, suite, test, type TestContext } from 'node:test';
import type { Page } from '@playwright/test';
import { faultView } from '../../../main/api/views.ts';
import type { ParsedInput, StepsView } from '../../../preload/contract/index.ts';
import { browserPath } from '../../kit/browser.ts';
import { FakeCore } from '../../kit/fake-core.ts';
import { delivered, job, minutesAgo, stepList, workOf } from '../../kit/fake-data.ts';
import { atScreen } from '../flows.ts';
import { closeBrowser, openPage } from '../kit.ts';

const address = '192.0.2.10:4443';

type List = NonNullable<Parameters<typeof stepList>[0]>;

function steps(list: List, more: Partial<StepsView> = {}): StepsView {
  return { list: stepList(list), needsTunnel: false, reportedAt: minutesAgo(0), ...more };
}

/** The Finish page of a job. */
async function finish(context: TestContext, given: StepsView) {
  const core = new FakeCore({ jobs: [job(1, { ...delivered('AR1000041'), steps: given })] });
  const asked: ParsedInput<'jobs.follow'>[] = [];
  core.answer('jobs.follow', (input) => {
    asked.push(input);
    return core.change(input.id, {
      steps: steps({ enrolment: { state: 'running', phase: 'key' } }, { work }),
    });
  });
  const { page } = await openPage(
    context,
    core,
    `#/site/job/job-1/finish?address=${encodeURIComponent(address)}`,
  );
  return { page, core, asked };
}

const work = workOf('job-1', 'following');

function announced(page: Page, text: string | RegExp): Promise<void> {
  return page.locator('[aria-live=polite]').getByText(text).waitFor({ state: 'attached' });
}

suite('the steps of an eNB', { skip: browserPath === undefined && 'no Chromium' }, () => {
  after(closeBrowser);

  test('are shown live, and a screen reader hears each phase and the end', async (context) => {
    const { page, core, asked } = await finish(context, steps({}));
    await page.getByRole('button', { name: 'Start enrolment' }).click();
    await atScreen(page, 'AR1000041: step 1 is running');
    assert.deepEqual(asked, [{ id: 'job-1', address, start: 'enrolment' }]);
    await announced(page, 'making its key');
    core.change('job-1', { steps: steps({ enrolment: { state: 'running', phase: 'waiting' } }, { work }) });
    await announced(page, "waiting for the operator's answer");
    core.change('job-1', { steps: steps({ enrolment: { state: 'done' } }) });
    await announced(page, 'AR1000041 is enrolled');
    await page.getByText(/Done: steps 0 and 1. Still to do: step 2./).waitFor();
    await page.getByRole('button', { name: 'Start step 2' }).click();
    await announced(page, 'making its key');
    assert.equal(asked[1]?.start, 'backhaul-ipsec');
  });

  test('that failed can be started again, and nobody is told to leave', async (context) => {
    const fault = faultView({ code: 'cmp-refused', found: 'not registered' });
    const { page, asked } = await finish(context, steps({ enrolment: { state: 'failed', fault } }));
    await atScreen(page, 'AR1000041: step 1 failed');
    await page.getByText('not registered', { exact: true }).waitFor();
    await page.getByText(/Do not leave yet/).waitFor();
    assert.equal(await page.getByText(/You can leave/).count(), 0);
    await page.getByRole('button', { name: 'Try enrolment again' }).click();
    await atScreen(page, 'AR1000041: step 1 is running');
    assert.equal(asked[0]?.start, 'enrolment');
  });

  test('that need the first tunnel lead to its page, and nothing else is started', async (context) => {
    const { page, asked } = await finish(context, steps({}, { needsTunnel: true }));
    await page.getByText(/Done: step 0. Still to do: steps 0.5, 1 and 2./).waitFor();
    await page.getByRole('button', { name: 'Next: Step 0.5' }).click();
    await atScreen(page, 'Set up the first tunnel');
    assert.deepEqual(asked, []);
  });

  test('let the installer leave once step 2 is done, and not before', async (context) => {
    const { page, core } = await finish(context, steps({ enrolment: { state: 'done' } }));
    await atScreen(page, 'AR1000041 is enrolled');
    assert.equal(await page.getByText(/You can leave/).count(), 0);
    const list = { enrolment: { state: 'done' }, 'backhaul-ipsec': { state: 'done' } } as const;
    core.change('job-1', { steps: steps(list) });
    await atScreen(page, 'AR1000041 is in service');
    await page.getByText(/You can leave/).waitFor();
  });
});
