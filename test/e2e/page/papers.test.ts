// What leaves the page in a browser: files, paper, the clipboard; and what is dropped onto it.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import type { Page } from '@playwright/test';
import { faultView } from '../../../main/api/views.ts';
import { browserPath } from '../../kit/browser.ts';
import { FakeCore } from '../../kit/fake-core.ts';
import { delivered, handle, job, minutesAgo, path, run, stepList } from '../../kit/fake-data.ts';
import { atScreen } from '../flows.ts';
import { closeBrowser, openPage } from '../kit.ts';

/** Where to write the paper as PDF, for those who want to look. */
const pictures = process.env['SITESEAL_SCREENSHOTS'];

/** What the person saves by an action: its name and text. */
async function saved(page: Page, button: string): Promise<{ name: string; text: string }> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: button }).click();
  const file = await download;
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') };
}

suite('the papers of the page', { skip: browserPath === undefined && 'no Chromium' }, () => {
  after(closeBrowser);

  test('the report is saved as one file with what the screen shows', async (context) => {
    const { page, complaints } = await openPage(context, new FakeCore(), '#/site/report/job-2');
    await atScreen(page, 'Report');
    const { name, text } = await saved(page, 'Save the report');
    assert.equal(name, 'report-S00002-AR1000042.html');
    assert.match(text, /AR1000042[^]*The signature is valid: passed/);
    assert.match(text, /aria-label="QR code of the head of the log, 64 entries"[^]*siteseal\.invalid\/log/);
    assert.deepEqual(complaints, []);
  });

  for (const [screen, hash] of [
    [/has configuration/, '#/site/job/job-2/finish'],
    ['Report', '#/site/report/job-2'],
  ] as const) {
    test(`the receipt is saved as the eNB has signed it, from ${screen}`, async (context) => {
      const { page, complaints } = await openPage(context, new FakeCore(), hash);
      await atScreen(page, screen);
      assert.deepEqual(await saved(page, 'Save the receipt'), {
        name: 'AR1000042-1.receipt.p7m',
        text: 'receipt of job-2',
      });
      assert.deepEqual(complaints, []);
    });
  }

  for (const format of ['A4', 'Letter']) {
    test(`the report prints on one page of ${format}, in light colours on a dark screen`, async (context) => {
      const times = { startedAt: minutesAgo(3), endedAt: minutesAgo(2) };
      const fault = faultView({
        code: 'cmp-refused',
        found: 'badRequest: no registration for this serial number',
      });
      const list = stepList({
        'initial-ipsec': { state: 'done', ...times },
        enrolment: { state: 'failed', ...times, fault },
      });
      const steps = { list, needsTunnel: false, reportedAt: minutesAgo(0) };
      const jobs = [job(2, { ...delivered('AR1000042'), steps, path: path() })];
      const { page } = await openPage(context, new FakeCore({ jobs }), '#/site/report/job-2', {
        colorScheme: 'dark',
      });
      await atScreen(page, 'Report');
      await page.getByRole('img', { name: /^QR code/ }).waitFor();
      const paper = await page.pdf({ format, printBackground: true, preferCSSPageSize: true });
      if (pictures !== undefined) writeFileSync(join(pictures, `report-${format}.pdf`), paper);
      assert.equal(paper.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length, 1);
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      const style = (of: string, property: string) =>
        page.evaluate(`getComputedStyle(document.querySelector('${of}')).${property}`);
      assert.equal(await style('body', 'backgroundColor'), 'rgb(255, 255, 255)');
      assert.equal(await style('article h2', 'color'), 'rgb(20, 27, 30)');
      assert.equal(await page.getByRole('button', { name: 'Print' }).isVisible(), false);
    });
  }

  test('the print button asks the browser to print', async (context) => {
    const { page } = await openPage(context, new FakeCore(), '#/site/report/job-2');
    await atScreen(page, 'Report');
    await page.evaluate(`window.print = () => document.body.append('asked to print')`);
    await page.getByRole('button', { name: 'Print' }).click();
    await page.getByText('asked to print').waitFor();
  });

  test('the problems of an inventory are saved in full, a line each', async (context) => {
    const { page } = await openPage(context, new FakeCore(), '#/office/run/run-1');
    const { name, text } = await saved(page, 'Save the problems as CSV');
    assert.equal(name, 'problems-of-south-coast.csv');
    const shown = await page.getByText(/^Problems\s*\d+$/).innerText();
    assert.equal(text.trimEnd().split('\r\n').length - 1, Number(/\d+/.exec(shown)?.[0]));
  });

  test('a fault is copied for support', async (context) => {
    const { page } = await openPage(
      context,
      new FakeCore(),
      '#/site/job/job-3/step-0?address=192.0.2.10:4443',
      {
        permissions: ['clipboard-read', 'clipboard-write'],
      },
    );
    await page.getByRole('button', { name: 'Copy for support' }).first().click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const copied = String(await page.evaluate('navigator.clipboard.readText()'));
    assert.match(copied, /^Code: sequence-rollback\nWhat happened: /);
  });

  test('a dropped file is not taken, which is said, and does not take the place of the page', async (context) => {
    const { page } = await openPage(context, new FakeCore(), '#/office/prepare');
    await atScreen(page, 'Prepare configurations');
    const client = await page.context().newCDPSession(page);
    const data = { items: [], files: [join(import.meta.dirname, '../kit.ts')], dragOperationsMask: 1 };
    for (const [x, y] of [
      [600, 40],
      [600, 400],
    ] as const) {
      for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
        await client.send('Input.dispatchDragEvent', { type, x, y, data });
      }
    }
    await page.getByText('A browser does not show Siteseal').first().waitFor();
    await atScreen(page, 'Prepare configurations');
  });

  test('bundles are chosen all at once, and the dialog is in the same folder the next time', async (context) => {
    const { page, complaints } = await openPage(context, new FakeCore(), '#/site');
    const open = page.getByRole('button', { name: 'Open bundle files' });
    await open.click();
    await page.getByRole('button', { name: 'jobs' }).dblclick();
    await page.getByRole('button', { name: 'older' }).waitFor();
    await page.getByText('jobs', { exact: true }).waitFor();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Select all 2').check();
    assert.equal(await dialog.getByRole('checkbox', { checked: true }).count(), 3);
    await dialog.getByRole('button', { name: 'Choose' }).click();
    await dialog.waitFor({ state: 'detached' });
    await open.click();
    await dialog.getByText('AR1000041.bundle.p7m').waitFor();
    await dialog.getByText('AR1000099.bundle.p7m').dblclick();
    await dialog.waitFor({ state: 'detached' });
    await open.click();
    await dialog.getByLabel('AR1000041.bundle.p7m').press('Enter');
    await dialog.waitFor({ state: 'detached' });
    assert.deepEqual(complaints, []);
  });

  test('a folder for the bundles is made in the dialog, and chosen', async (context) => {
    const core = new FakeCore();
    core.answer('files.makeFolder', ({ name }) =>
      name === 'older' ? faultView({ code: 'folder-not-made', found: 'EEXIST' }) : handle(name),
    );
    core.answer('runs.setFolder', ({ folder: { name } }) => {
      const chosen = run({ folder: `/home/preparer/${name}` });
      core.state.runs = [chosen];
      core.changed('runs');
      return chosen;
    });
    const { page } = await openPage(context, core, '#/office/run/run-1');
    await page.getByRole('button', { name: 'Choose a folder' }).click();
    await page.getByRole('button', { name: 'jobs' }).click();
    const name = page.getByLabel('Name of the new folder');
    await name.fill('older');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Siteseal cannot create the folder.' }).waitFor();
    await name.fill('November');
    await page.keyboard.press('Enter');
    await page.getByText('jobs / November').waitFor();
    await page.getByRole('button', { name: 'Choose this folder' }).click();
    await page.getByText(/\/November$/).waitFor();
  });
});
