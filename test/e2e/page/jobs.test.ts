// The list of jobs: its parts, what was added to it, what was refused and why, and what is put away.
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { Page } from '@playwright/test';
import { faultView } from '../../../main/api/views.ts';
import type { OpenedBundles } from '../../../preload/contract/index.ts';
import { browserPath } from '../../kit/browser.ts';
import { FakeCore } from '../../kit/fake-core.ts';
import { delivered, job, jobList, manyJobs, root, run, workOf } from '../../kit/fake-data.ts';
import { atScreen, chooseFile } from '../flows.ts';
import { closeBrowser, openPage } from '../kit.ts';

const search = 'Search for a site or serial number';
const missingRoot = { vendor: 'Nörd Funk', subject: root.subject };
const untrusted = 'the vendor root of Nörd Funk is not trusted here';

/** Six jobs: one in each part, and two to do. */
function sixJobs() {
  return [
    job(1),
    job(2),
    job(3, { state: 'sent' }),
    job(4, { state: 'refused' }),
    job(5, delivered('AR1000045')),
    job(6, { isSuperseded: true }),
  ];
}

function refusing(...names: string[]): OpenedBundles {
  return {
    added: [],
    known: 0,
    superseded: 0,
    refused: [{ fault: faultView({ code: 'vendor-not-trusted' }), count: names.length, names, missingRoot }],
  };
}

async function sites(page: Page): Promise<readonly string[]> {
  const links = await page.getByRole('grid').getByRole('link').allInnerTexts();
  return links.map((text) => text.slice(0, 6));
}

function chip(page: Page, name: string) {
  return page.getByRole('radio', { name, exact: true });
}

/** Waits until a screen reader has been given this text. */
function announced(page: Page, text: string | RegExp): Promise<void> {
  return page.locator('[aria-live=polite]').getByText(text).waitFor({ state: 'attached' });
}

async function trust(page: Page): Promise<void> {
  await page.getByLabel(/I compared/).check();
  await page.getByRole('button', { name: 'Trust on this laptop' }).click();
}

suite('the jobs', { skip: browserPath === undefined && 'no Chromium' }, () => {
  after(closeBrowser);

  test('are shown by part, with counts, also by the arrow keys, and when one comes back', async (context) => {
    const { page } = await openPage(context, new FakeCore({ jobs: sixJobs() }), '#/site');
    await page.getByText('1 of 5 done').waitFor();
    assert.ok(await chip(page, 'All 5').isChecked());
    for (const [name, shown] of [
      ['To do 2', ['S00001', 'S00002']],
      ['Under way 1', ['S00003']],
      ['Problem 1', ['S00004']],
      ['Done 1', ['S00005']],
      ['Put away 1', ['S00006']],
    ] as const) {
      await page.locator('input[type=radio]:checked').press('ArrowRight');
      await chip(page, name).and(page.locator(':checked')).waitFor();
      await page.getByRole('link', { name: shown[0] }).waitFor();
      await page
        .getByRole('row')
        .nth(shown.length + 1)
        .waitFor({ state: 'detached' });
      assert.deepEqual(await sites(page), shown, name);
      await page.getByText('1 of 5 done').waitFor();
    }
    await page.getByRole('link', { name: /S00006/ }).click();
    await page.waitForURL(/job-6\/connect/);
    await atScreen(page, 'How do you connect to the base station (eNB)?');
    await page.goBack();
    await chip(page, 'Put away 1').and(page.locator(':checked')).waitFor();
    await page.getByRole('row', { name: 'S00006' }).getByText('Superseded').waitFor();
    assert.equal(await page.getByRole('row', { name: 'S00006' }).getByText('To do').count(), 0);
  });

  test('that were just added are shown, whatever was looked for and whichever part was shown', async (context) => {
    const core = new FakeCore({ jobs: sixJobs() });
    core.answer('jobs.list', ({ filter, show, ...part }) =>
      jobList(filter === '' ? core.state.jobs : [], { show, ...part }),
    );
    core.answer('jobs.open', () => {
      core.state.jobs = [job(8), job(9), ...core.state.jobs];
      core.changed('jobs');
      return { added: ['job-8', 'job-9'], known: 1, superseded: 0, refused: [] };
    });
    const { page } = await openPage(context, core, '#/site');
    await chip(page, 'Done 1').check();
    await page.getByLabel(search).fill('nowhere');
    await page.getByText('No job matches').first().waitFor();
    await chooseFile(page, 'Open bundle files', 'AR1000041.bundle');
    await page.getByRole('link', { name: /S00009/ }).waitFor();
    await announced(page, '2 jobs added');
    await page.getByText('1 bundle was a job already.').waitFor();
    assert.ok(await chip(page, 'All 7').isChecked());
    assert.equal(await page.getByLabel(search).inputValue(), '');
    await page.getByRole('button', { name: 'Hide' }).click();
    await page.getByRole('heading', { name: '2 jobs added' }).waitFor({ state: 'detached' });
  });

  test('that were made in the office are shown, whatever was looked for before', async (context) => {
    const core = new FakeCore({ runs: [run({ state: 'done', made: 12 })] });
    core.answer('jobs.list', ({ filter, ...part }) => jobList(filter === '' ? manyJobs() : [], part));
    const { page } = await openPage(context, core, '#/site');
    await chip(page, 'Problem 2').check();
    await page.getByLabel(search).fill('nowhere');
    await page.getByText('No job matches').first().waitFor();
    await page.evaluate(`location.hash = '#/office/run/run-1'`);
    await page.getByRole('button', { name: 'Make jobs on this laptop' }).click();
    await page.getByRole('heading', { name: '12 jobs added' }).waitFor();
    await page.getByRole('link', { name: /S00001/ }).waitFor();
    assert.ok(await chip(page, 'All 123').isChecked());
    await page.evaluate(`location.hash = '#/log'`);
    await atScreen(page, 'Log');
    await page.goBack();
    await atScreen(page, 'Jobs');
    assert.equal(await page.getByRole('heading', { name: '12 jobs added' }).count(), 0, 'it is said once');
  });

  test('that lack a vendor root are named as one cause, and tried again once it is trusted', async (context) => {
    const core = new FakeCore();
    const tried: string[][] = [];
    core.answer('vendors.look', () => root);
    core.answer('jobs.open', ({ files }) => {
      const names = files.map(({ name }) => name);
      tried.push(names);
      if (tried.length > 1) return { added: ['job-1'], known: 0, superseded: 0, refused: [] };
      return { ...refusing('AR1000099.bundle.p7m'), added: ['job-2'] };
    });
    const { page } = await openPage(context, core, '#/site');
    await page.getByRole('button', { name: 'Open bundle files' }).click();
    await page.getByRole('button', { name: 'jobs', exact: true }).click();
    await page.getByLabel(/Select all/).check();
    await page.getByRole('button', { name: 'Choose', exact: true }).click();
    await announced(page, `1 job added. 1 bundle: ${untrusted}`);
    await page.getByRole('button', { name: 'Trust the root of Nörd Funk' }).click();
    await page.getByRole('dialog').getByText(root.subject).waitFor();
    await chooseFile(page, 'Choose the file', 'acme-root.pem');
    await trust(page);
    await page.getByRole('heading', { name: '2 jobs added' }).waitFor();
    const both = ['AR1000041.bundle.p7m', 'AR1000099.bundle.p7m'];
    assert.deepEqual(tried, [both, both]);
    assert.equal(await page.getByText(untrusted).count(), 0);
  });

  test('of a run that lack a root are tried again from there, and lead to the list when none is left', async (context) => {
    const core = new FakeCore({ runs: [run({ state: 'done', made: 3 })] });
    let turn = 0;
    core.answer('vendors.look', () => root);
    core.answer('jobs.openRun', () =>
      turn++ === 0
        ? { ...refusing('1.p7m', '2.p7m'), added: ['job-1'] }
        : { added: ['job-2', 'job-3'], known: 1, superseded: 0, refused: [] },
    );
    const { page } = await openPage(context, core, '#/office/run/run-1');
    await page.getByRole('button', { name: 'Make jobs on this laptop' }).click();
    await page.getByRole('heading', { name: '1 job added' }).waitFor();
    await page.getByText(`2 bundles: ${untrusted}`).first().waitFor();
    await page.getByRole('button', { name: 'Trust the root of Nörd Funk' }).click();
    await chooseFile(page, 'Choose the file', 'acme-root.pem');
    await trust(page);
    await atScreen(page, 'Jobs');
    await page.getByRole('heading', { name: '3 jobs added' }).waitFor();
  });

  test('of a run can be tried again from the list of jobs, where the result was taken along', async (context) => {
    const core = new FakeCore({ runs: [run({ state: 'done', made: 3 })] });
    let turn = 0;
    core.answer('vendors.look', () => root);
    core.answer('jobs.openRun', () =>
      turn++ === 0
        ? { ...refusing('1.p7m'), added: ['job-1'] }
        : { added: ['job-2'], known: 1, superseded: 0, refused: [] },
    );
    const { page } = await openPage(context, core, '#/office/run/run-1');
    await page.getByRole('button', { name: 'Make jobs on this laptop' }).click();
    await page.getByRole('button', { name: 'Go to the jobs' }).click();
    await atScreen(page, 'Jobs');
    await page.getByRole('button', { name: 'Trust the root of Nörd Funk' }).click();
    await chooseFile(page, 'Choose the file', 'acme-root.pem');
    await trust(page);
    await page.getByRole('heading', { name: '2 jobs added' }).waitFor();
  });

  test('that are made while the user has gone elsewhere do not call them back', async (context) => {
    const core = new FakeCore({ runs: [run({ state: 'done', made: 3 })] });
    let answer: (opened: OpenedBundles) => void = () => undefined;
    core.answer('jobs.openRun', () => new Promise((resolve) => (answer = resolve)));
    const { page } = await openPage(context, core, '#/office/run/run-1');
    await page.getByRole('button', { name: 'Make jobs on this laptop' }).click();
    await page.getByRole('link', { name: 'Setup' }).click();
    await atScreen(page, 'Setup');
    answer({ added: ['job-1'], known: 0, superseded: 0, refused: [] });
    await page.getByRole('link', { name: 'Log' }).click();
    await atScreen(page, 'Log');
    assert.equal(await page.evaluate('location.hash'), '#/log');
  });

  test('are not helped by another root: the dialog says so and asks for the file again', async (context) => {
    const core = new FakeCore();
    core.answer('jobs.open', () => refusing('AR1000099.bundle.p7m'));
    core.answer('vendors.look', () => ({ ...root, subject: 'CN=Other Root' }));
    const { page } = await openPage(context, core, '#/site');
    await chooseFile(page, 'Open bundle files', 'AR1000099');
    await page.getByRole('button', { name: 'Trust the root of Nörd Funk' }).click();
    await chooseFile(page, 'Choose the file', 'acme-root.pem');
    await page.getByText(`The bundles need the root that is issued to ${root.subject}.`).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Trust on this laptop' }).count(), 0);
    await page.getByRole('button', { name: 'Choose the file' }).waitFor();
  });

  test('offer no root to trust in training', async (context) => {
    const app = {
      version: '0',
      shell: 'browser',
      mode: 'training',
      training: true,
      theme: 'system',
    } as const;
    const core = new FakeCore({ app });
    core.answer('jobs.open', () => refusing('AR1000099.bundle.p7m'));
    const { page } = await openPage(context, core, '#/site');
    await chooseFile(page, 'Open bundle files', 'AR1000099');
    await page.getByText(untrusted).first().waitFor();
    assert.equal(await page.getByRole('button', { name: /^Trust/ }).count(), 0);
  });

  test('are put away and brought back on their own screen, but not while they are worked on', async (context) => {
    const core = new FakeCore({ jobs: sixJobs() });
    const { page } = await openPage(context, core, '#/site/job/job-5/finish');
    await page.getByRole('button', { name: 'Put away' }).press('Enter');
    await announced(page, 'This job is put away.');
    await page.getByRole('button', { name: 'Bring back' }).and(page.locator(':focus')).waitFor();
    assert.ok(core.state.jobs.find(({ id }) => id === 'job-5')?.isArchived);
    await page.keyboard.press('Enter');
    await announced(page, 'This job is back in the list.');
    assert.ok(!core.state.jobs.find(({ id }) => id === 'job-5')?.isArchived);
    core.change('job-5', { state: 'sending', work: workOf('job-5', 'sending') });
    await page.getByRole('button', { name: 'Put away' }).waitFor({ state: 'detached' });
  });

  test('that are done are all put away with one button', async (context) => {
    const core = new FakeCore({ jobs: sixJobs() });
    const { page } = await openPage(context, core, '#/site');
    assert.equal(await page.getByRole('button', { name: /^Put away all/ }).count(), 0);
    await chip(page, 'Done 1').check();
    await page.getByRole('button', { name: 'Put away all done jobs (1)' }).click();
    await announced(page, '1 job put away');
    await page.getByText('No job is done yet.').waitFor();
    await page.getByText('0 of 4 done').waitFor();
    await chip(page, 'Put away 2').waitFor();
  });

  test('that are superseded say so on their pages, and lead to the newer one', async (context) => {
    const jobs = [
      job(1, { isSuperseded: true, isArchived: true, newer: { id: 'job-2', sequence: 8 } }),
      job(2, { sequence: 8 }),
    ];
    const { page } = await openPage(context, new FakeCore({ jobs }), '#/site/job/job-1/connect');
    await page.getByText('Configuration 7 is superseded.').waitFor();
    // Neither would change where the job is.
    assert.equal(await page.getByRole('button', { name: /^(Put away|Bring back)$/ }).count(), 0);
    await page.getByRole('link', { name: 'Open configuration 8' }).click();
    await page.waitForURL(/job-2/);
    await page.getByText('is superseded').waitFor({ state: 'detached' });
  });
});
