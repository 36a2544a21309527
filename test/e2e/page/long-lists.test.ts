// Lists of 100,000 rows: only what is in sight is on the page, and asked for.
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { Locator, Page } from '@playwright/test';
import type { ParsedInput, RunRow } from '../../../preload/contract/index.ts';
import { faultView } from '../../../main/api/views.ts';
import { browserPath } from '../../kit/browser.ts';
import { FakeCore } from '../../kit/fake-core.ts';
import { job, jobList, listOf, run } from '../../kit/fake-data.ts';
import { atScreen } from '../flows.ts';
import { closeBrowser, openPage } from '../kit.ts';

const size = 100_000;
const fault = faultView({ code: 'field-invalid', rule: 'mtu', found: '90000', where: { field: 'mtu' } });

/** Every second row has a problem. */
function runRow(row: number): RunRow {
  const bad = row % 2 === 0 && { field: 'mtu', fault };
  return {
    row,
    line: row + 1,
    siteId: `S${String(row).padStart(6, '0')}`,
    serialNumber: `AR${1_000_000 + row}`,
    state: bad ? 'refused' : 'skipped',
    ...bad,
  };
}

const rows = Array.from({ length: size }, (_, place) => runRow(place + 1));

/** A core with a long run, and the offsets of the pages of its rows that were asked for. */
function longRun() {
  const core = new FakeCore({ runs: [run({ rows: size, refused: size / 2 })] });
  const asked: ParsedInput<'runs.rows'>[] = [];
  core.answer('runs.rows', (input) => {
    asked.push(input);
    const matching = rows.filter(({ siteId }) => siteId.includes(input.filter));
    const shown = input.descending ? matching.toReversed() : matching;
    const counts = {
      all: matching.length,
      refused: matching.length / 2,
      good: matching.length / 2,
      changed: 0,
      unchanged: 0,
    };
    return { ...listOf(shown, input), counts };
  });
  return { core, asked };
}

async function openRows(context: Parameters<typeof openPage>[0], core: FakeCore) {
  const opened = await openPage(context, core, '#/office/run/run-1');
  await opened.page.getByText('All 100,000').click();
  await opened.page.getByText('100,000 rows', { exact: true }).waitFor();
  return opened;
}

function rowOf(page: Page, place: number): Locator {
  return page.locator(`[data-place="${place}"]`);
}

/** Scrolls as if by the scrollbar: this part of the whole way, 0 to 1. */
async function scrollTo(page: Page, part: number): Promise<void> {
  await page.evaluate(
    `{ const main = document.querySelector('main'); main.scrollTop = ${part} * (main.scrollHeight - main.clientHeight); }`,
  );
}

/** The place of the row at the middle of the window, once it is known. */
async function inSight(page: Page): Promise<number> {
  const found = `(() => {
    const main = document.querySelector('main').getBoundingClientRect();
    const row = [...document.querySelectorAll('[data-place]')].find((each) => {
      const { top, bottom } = each.getBoundingClientRect();
      return top <= main.top + main.height / 2 && bottom > main.top + main.height / 2;
    });
    return row && row.ariaBusy !== 'true' ? Number(row.dataset.place) : -1;
  })()`;
  for (;;) {
    const place = await page.evaluate<number>(found);
    if (place >= 0) return place;
    await page.evaluate('new Promise((frame) => requestAnimationFrame(frame))');
  }
}

suite('a list of 100,000 rows', { skip: browserPath === undefined && 'no Chromium' }, () => {
  after(closeBrowser);

  test('is scrolled to any place, and only what is in sight is on the page', async (context) => {
    const { core, asked } = longRun();
    const { page, complaints } = await openRows(context, core);
    assert.deepEqual(
      asked.map(({ offset }) => offset),
      [0, 0],
    );
    for (const part of [0.5, 0.137, 1, 0.92, 0.02]) {
      await scrollTo(page, part);
      const place = await inSight(page);
      assert.ok(Math.abs(place - part * size) < 30, `${place} at ${part}`);
      await rowOf(page, place)
        .getByText(`AR${1_000_001 + place}`)
        .waitFor();
      assert.equal(await rowOf(page, place).getAttribute('aria-rowindex'), String(place + 2));
      const many = await page.locator('[data-place]').count();
      assert.ok(many < 60, `${many} rows are rendered`);
      assert.ok((await page.locator('main *').count()) < 1500);
    }
    assert.equal(await page.getByRole('treegrid').getAttribute('aria-rowcount'), String(size + 1));
    assert.ok(asked.length < 20, `${asked.length} pages were asked for`);
    assert.deepEqual(complaints, []);
  });

  test('is shown from its start when it is sorted or searched, and both keep the focus', async (context) => {
    const { core } = longRun();
    const { page } = await openRows(context, core);
    await scrollTo(page, 0.5);
    await inSight(page);
    const head = page.getByRole('button', { name: 'Row' });
    await head.press('Enter');
    await rowOf(page, 0)
      .getByText(String(1_000_000 + size))
      .waitFor();
    await page
      .getByRole('columnheader', { name: 'Row', exact: true })
      .and(page.locator('[aria-sort=descending]'))
      .waitFor();
    await page.locator('button:focus', { hasText: 'Row' }).waitFor();
    await page.getByRole('searchbox').fill('S0999');
    await page.getByText('100 rows', { exact: true }).waitFor();
    await rowOf(page, 0).getByText('S099999').waitFor();
    await page.locator('input:focus').waitFor();
  });

  test('keeps its place when the user returns, and below it an opened row has its detail', async (context) => {
    const { core } = longRun();
    const { page } = await openRows(context, core);
    await scrollTo(page, 0.5);
    const place = await inSight(page);
    const bad = place % 2 === 1 ? place : place + 1;
    await rowOf(page, bad).getByText('mtu 90000: must be a whole number from 576 to 9216').click();
    await page.getByRole('definition').first().waitFor();
    assert.equal(await rowOf(page, bad).getAttribute('aria-expanded'), 'true');
    await rowOf(page, bad).press('ArrowLeft');
    await page.getByRole('definition').first().waitFor({ state: 'detached' });
    const before = await inSight(page);
    await page.getByRole('link', { name: 'Setup' }).click();
    await atScreen(page, 'Setup');
    await page.goBack();
    await rowOf(page, before).waitFor();
    assert.equal(await inSight(page), before);
  });

  test('moves by the keys, to both ends', async (context) => {
    const { core } = longRun();
    const { page } = await openRows(context, core);
    await rowOf(page, 0).focus();
    for (const [key, place] of [
      ['ArrowUp', 0],
      ['ArrowDown', 1],
      ['End', size - 1],
      ['ArrowDown', size - 1],
      ['Home', 0],
    ] as const) {
      await page.keyboard.press(key);
      await page.locator(`[data-place="${place}"]:focus`).waitFor();
    }
  });

  test('that changes shows what is new where the user is, and stays there', async (context) => {
    const core = new FakeCore();
    let sequence = 7;
    const one = (number: number) => job(number, { sequence });
    core.answer('jobs.list', ({ offset, limit, ...part }) => {
      const count = Math.min(limit, size - offset);
      const shown = Array.from({ length: count }, (_, place) => one(offset + place + 1));
      const { counts, rows: listed } = jobList(shown, part);
      return { total: size, rows: listed, counts: { ...counts, active: size } };
    });
    const { page } = await openPage(context, core, '#/site');
    await page.getByText('100,000 jobs', { exact: true }).waitFor();
    await scrollTo(page, 0.5);
    const place = await inSight(page);
    const shown = rowOf(page, place).getByRole('gridcell').nth(3);
    assert.equal(await shown.innerText(), '7');
    sequence = 8;
    core.changed('jobs');
    await rowOf(page, place).getByRole('gridcell', { name: '8', exact: true }).waitFor();
    assert.equal(await inSight(page), place);
  });
});
