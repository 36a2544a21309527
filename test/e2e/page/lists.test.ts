// The lists: what is looked for in them, what they mark, and names as long as they may be.
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { Page } from '@playwright/test';
import { browserPath } from '../../kit/browser.ts';
import { FakeCore, type FakeState } from '../../kit/fake-core.ts';
import { job, jobList, manyJobs } from '../../kit/fake-data.ts';
import { atScreen, chooseFile } from '../flows.ts';
import { closeBrowser, openPage } from '../kit.ts';

const app = { version: '0', shell: 'browser', mode: 'site', training: false, theme: 'system' } as const;
const search = 'Search for a site or serial number';

/** As long as they may be, and without a place to break. */
function longJobs(): FakeState['jobs'] {
  return manyJobs().map((each, place) =>
    place === 0
      ? {
          ...each,
          ...{ siteId: 'S'.repeat(64), siteName: 'W'.repeat(256) },
          certificateEnd: { at: '2026-12-29T12:00:00Z', isOver: false },
        }
      : each,
  );
}

/** What is wider than what it stands in: the page, the place of the screen, and all that would have to be scrolled. */
async function tooWide(page: Page): Promise<readonly string[]> {
  return page.evaluate<
    readonly string[]
  >(`[...document.querySelectorAll('html, main, main *, [role=dialog] *')]
    .filter((each) => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).display !== 'inline'
      && !each.matches('[class*=hidden], input, svg, svg *, label *'))
    .map((each) => each.outerHTML.slice(0, 120))`);
}

suite('the lists', { skip: browserPath === undefined && 'no Chromium' }, () => {
  after(closeBrowser);

  test('what is looked for can be cleared, and is not looked for in training', async (context) => {
    const core = new FakeCore({ app });
    core.answer('jobs.list', ({ filter, ...page }) => jobList(filter === '' ? manyJobs() : [], page));
    const { page } = await openPage(context, core, '#/site');
    await page.getByLabel(search).fill('nowhere');
    await page.getByText('No job matches').waitFor();
    core.state.app = { ...app, training: true };
    await page.reload();
    await page.getByRole('link', { name: /S00001/ }).waitFor();
    core.state.app = app;
    await page.reload();
    await page.getByText('No job matches').waitFor();
    await page.getByRole('button', { name: 'Clear search' }).press('Enter');
    await page.getByRole('link', { name: /S00001/ }).waitFor();
    assert.equal(await page.getByLabel(search).inputValue(), '');
    await page.locator('input:focus').waitFor();
  });

  test('a job that has just been opened is seen, whatever was looked for', async (context) => {
    const core = new FakeCore();
    let hasOpened = false;
    core.answer('jobs.open', () => {
      hasOpened = true;
      return { added: ['job-999'], known: 0, superseded: 0, refused: [] };
    });
    core.answer('jobs.list', ({ filter, sort, descending }) => {
      if (filter !== '') return jobList([]);
      const isNewestFirst = sort === 'updatedAt' && descending;
      return jobList(hasOpened && isNewestFirst ? [job(999)] : [job(1)]);
    });
    const { page } = await openPage(context, core, '#/site');
    await page.getByRole('button', { name: 'eNB serial number' }).click();
    await page.getByLabel(search).fill('nowhere');
    await page.getByText('No job matches').waitFor();
    await chooseFile(page, 'Open bundle files', 'AR1000041');
    await page.getByRole('link', { name: /S00999/ }).waitFor();
  });

  test('a bundle that has expired, or will today, or whose eNB is refused before, is marked while its job is not done', async (context) => {
    const expired = { expiry: 'expired' } as const;
    const jobs = [
      job(1, expired),
      job(2, { expiry: 'today' }),
      job(3, { ...expired, state: 'receipt' }),
      job(4, { ...expired, state: 'sent' }),
      job(5, { certificateEnd: { at: '2026-12-29T12:00:00Z', isOver: false } }),
      job(6, { certificateEnd: { at: '2026-10-31T12:00:00Z', isOver: true } }),
    ];
    const { page } = await openPage(context, new FakeCore({ jobs }), '#/site');
    for (const [site, states] of [
      ['S00001', 'Expired'],
      ['S00002', 'To do Expires today'],
      ['S00003', 'Done, proven'],
      ['S00004', 'Sent, not yet proven Expired'],
      ['S00005', 'To do Refused from 29 Dec 2026: certificate ends'],
      ['S00006', 'To do Certificate ended on 31 Oct 2026'],
    ] as const) {
      const cell = page.getByRole('row', { name: site }).getByRole('gridcell').nth(2);
      assert.equal((await cell.innerText()).replace(/\s+/g, ' '), states, site);
    }
  });

  for (const [what, hash, shows] of [
    ['the list', '#/site', 'Jobs'],
    ['a job', '#/site/job/job-1/connect', 'How do you connect to the base station (eNB)?'],
    ['sending', '#/site/job/job-1/step-0?address=192.0.2.10:4443', 'Send the configuration'],
    ['another eNB', '#/site/job/job-2/identify?address=192.0.2.10:4443', 'This is not the eNB for this site'],
  ] as const) {
    test(`the longest names push nothing out of ${what}, in any window`, async (context) => {
      const { page } = await openPage(context, new FakeCore({ jobs: longJobs() }), hash);
      await atScreen(page, shows);
      for (const [width, height] of [
        [1280, 800],
        [1024, 600],
        [640, 400],
      ] as const) {
        await page.setViewportSize({ width, height });
        assert.deepEqual(await tooWide(page), [], String(width));
      }
    });
  }

  test('what is compared breaks at the same place: both columns are equally wide', async (context) => {
    const jobs = manyJobs().map((each, place) => (place === 0 ? { ...each, hwType: '9'.repeat(64) } : each));
    const { page } = await openPage(
      context,
      new FakeCore({ jobs }),
      '#/site/job/job-1/identify?address=192.0.2.10:4443',
    );
    await atScreen(page, 'This is the right base station (eNB)');
    await page.getByText('What Siteseal compared').click();
    for (const row of await page.locator('tbody tr').all()) {
      const [expected, proved] = await Promise.all(
        [0, 1].map((place) => row.locator('td').nth(place).boundingBox()),
      );
      assert.equal(expected?.width, proved?.width);
    }
  });

  for (const hash of ['#/site/job/gone', '#/site/report/gone']) {
    test(`what is no longer there is said on a screen of its own: ${hash}`, async (context) => {
      const { page } = await openPage(context, new FakeCore(), hash);
      await atScreen(page, 'Nothing here');
      for (const name of ['Try again', 'Print', 'Save the report']) {
        assert.equal(await page.getByRole('button', { name }).count(), 0, name);
      }
      await page.getByRole('button', { name: 'Back to jobs' }).click();
      await atScreen(page, 'Jobs');
    });
  }
});
