// The table that every list uses: its rows, its head and its search.
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { Locator, Page } from '@playwright/test';
import { browserPath } from '../../kit/browser.ts';
import { FakeCore } from '../../kit/fake-core.ts';
import { jobList, manyJobs } from '../../kit/fake-data.ts';
import { closeBrowser, openPage } from '../kit.ts';

const search = 'Search for a site or serial number';

async function box(locator: Locator) {
  const found = await locator.boundingBox();
  assert(found);
  return found;
}

/** Waits until a screen reader has been given this text. */
function announced(page: Page, text: string | RegExp): Promise<void> {
  return page.locator('[aria-live=polite]').getByText(text).waitFor({ state: 'attached' });
}

const scrollTop = `document.querySelector('main').scrollTop`;

suite('a table', { skip: browserPath === undefined && 'no Chromium' }, () => {
  after(closeBrowser);

  test('opens a row by a click anywhere on it', async (context) => {
    const { page } = await openPage(context, new FakeCore(), '#/site');
    await page.getByRole('row', { name: 'S00003' }).getByRole('gridcell', { name: '1 May 2027' }).click();
    await page.waitForURL(/#\/site\/job\/job-3/);
  });

  test('opens a row in another tab by a click with the key for that', async (context) => {
    const { page } = await openPage(context, new FakeCore(), '#/site');
    const other = page.context().waitForEvent('page');
    await page
      .getByRole('row', { name: 'S00003' })
      .getByRole('gridcell', { name: '1 May 2027' })
      .click({ modifiers: ['Control'] });
    assert.match((await other).url(), /#\/site\/job\/job-3$/);
    assert.match(page.url(), /#\/site$/);
  });

  test('stays where it is when the text of a row is selected', async (context) => {
    const { page } = await openPage(context, new FakeCore(), '#/site');
    const serial = await box(page.getByText('AR1000043'));
    await page.mouse.move(serial.x + 2, serial.y + serial.height / 2);
    await page.mouse.down();
    await page.mouse.move(serial.x + serial.width - 2, serial.y + serial.height / 2, { steps: 4 });
    await page.mouse.up();
    assert.match(String(await page.evaluate('String(getSelection())')), /R100004/);
    assert.match(page.url(), /#\/site$/);
  });

  for (const [width, height] of [
    [1180, 760],
    [900, 600],
    [512, 300],
  ] as const) {
    test(`shows the detail of a row over its whole width, at ${width} px`, async (context) => {
      const { page } = await openPage(context, new FakeCore(), '#/office/run/run-1');
      await page.setViewportSize({ width, height });
      const row = page.getByRole('row', { name: '5000' }).first();
      await row.getByText('5000').click();
      assert.equal(await row.getAttribute('aria-expanded'), 'true');
      const detail = page.getByRole('row').filter({ has: page.getByRole('definition') });
      const [table, shown] = [
        await box(page.getByRole('treegrid')),
        await box(detail.getByRole('definition').first()),
      ];
      assert.ok(table.width - (await box(detail)).width < 2);
      assert.ok(shown.width > 200, String(shown.width));
      await row.press('Enter');
      await detail.waitFor({ state: 'detached' });
      assert.equal(await row.getAttribute('aria-expanded'), 'false');
    });
  }

  test('keeps its head in sight, and the focus out from below it', async (context) => {
    const { page } = await openPage(context, new FakeCore(), '#/site');
    await page.getByRole('link', { name: /S00002/ }).waitFor();
    await page.evaluate(`document.querySelector('main').scrollTop = 2000`);
    await page.getByRole('link', { name: /S00030/ }).focus();
    const head = page.getByRole('columnheader', { name: 'State' });
    const main = await box(page.locator('main'));
    assert.ok((await box(page.getByText('123 jobs'))).y - main.y < 20);
    assert.ok((await box(head)).y - main.y < 70);
    for (let presses = 0; presses < 25; presses += 1) {
      await page.keyboard.press('ArrowUp');
      const [top, focused] = [await box(head), await box(page.locator(':focus'))];
      assert.ok(focused.y >= top.y + top.height, String(presses));
    }
  });

  test('counts its rows where they are always seen, and is so long that all can be scrolled to', async (context) => {
    const { page } = await openPage(context, new FakeCore(), '#/site');
    await page.getByRole('link', { name: /S00002/ }).press('End');
    await page.getByRole('link', { name: /S00123/ }).waitFor();
    const main = await box(page.locator('main'));
    assert.ok(Math.abs((await box(page.getByText('123 jobs'))).y - main.y) < 20);
    assert.ok(Number(await page.evaluate(scrollTop)) > 5000);
    assert.equal(await page.getByRole('grid').getAttribute('aria-rowcount'), '124');
    await page.keyboard.press('Enter');
    await page.waitForURL(/#\/site\/job\/job-123/);
  });

  test('announces how much a search has found, and when it has found nothing', async (context) => {
    const core = new FakeCore();
    core.answer('jobs.list', ({ filter, ...part }) =>
      jobList(
        manyJobs().filter(({ siteId }) => siteId.includes(filter)),
        part,
      ),
    );
    const { page } = await openPage(context, core, '#/site');
    for (const [text, sentence] of [
      ['S0000', '9 matches'],
      ['S00007', '1 match'],
      ['S9', /^No job matches/],
    ] as const) {
      await page.getByLabel(search).fill(text);
      await announced(page, sentence);
    }
  });

  test('asks with every key, and never two questions at a time', async (context) => {
    const core = new FakeCore();
    const asked: string[] = [];
    const answers: (() => void)[] = [];
    core.answer('jobs.list', ({ filter, ...part }) => {
      asked.push(filter);
      const answer = jobList(manyJobs(), part);
      if (filter === '') return answer;
      return new Promise((resolve) => answers.push(() => resolve(answer)));
    });
    const { page } = await openPage(context, core, '#/site');
    const field = page.getByRole('searchbox');
    await field.pressSequentially('abcd');
    assert.equal(await field.inputValue(), 'abcd');
    while (asked.at(-1) !== 'abcd') {
      await new Promise(setImmediate);
      assert.ok(answers.length <= 1, String(asked));
      answers.pop()?.();
    }
    assert.deepEqual(asked, ['', 'a', 'abcd']);
  });

  for (const hash of ['#/site', '#/log', '#/office', '#/office/run/run-1']) {
    test(`fits into any window: ${hash}`, async (context) => {
      const { page } = await openPage(context, new FakeCore(), hash);
      await page.getByRole('grid').or(page.getByRole('treegrid')).first().waitFor();
      for (const width of [512, 620, 701, 800, 860, 900, 960, 1024, 1280, 1920]) {
        await page.setViewportSize({ width, height: 700 });
        const over = await page.evaluate<number[]>(
          `[...document.querySelectorAll('html, main, [role=rowgroup], [role=row]')].map((e) => e.scrollWidth - e.clientWidth)`,
        );
        assert.ok(
          over.every((more) => more <= 0),
          `${width}: ${String(over)}`,
        );
      }
    });
  }
});
