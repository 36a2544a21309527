// The log's screen: 100,000 entries in sight one window at a time, the filter, verification, export, and names.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import type { Page } from '@playwright/test';
import type { ParsedInput } from '../../../preload/contract/index.ts';
import { browserPath } from '../../kit/browser.ts';
import { FakeCore } from '../../kit/fake-core.ts';
import { logEntry, logHead, logList, logView } from '../../kit/fake-data.ts';
import { chooseFile } from '../flows.ts';
import { closeBrowser, openPage } from '../kit.ts';

const size = 100_000;

/** A core with a long log, and the pages of it that were asked for: all but the newest one. */
function longLog() {
  const core = new FakeCore({ log: logView({ entries: size }) });
  const asked: number[] = [];
  core.answer('log.list', (page) => {
    if (!page.descending) asked.push(page.offset);
    return logList(core.state.log.entries, page);
  });
  return { core, asked };
}

/** The row of an entry, by its sequence. */
function rowOf(page: Page, sequence: number) {
  return page.locator(`[data-place="${sequence}"]`);
}

/** Scrolls as if by the scrollbar: this part of the whole way, 0 to 1. */
async function scrollTo(page: Page, part: number): Promise<void> {
  await page.evaluate(
    `{ const main = document.querySelector('main'); main.scrollTop = ${part} * (main.scrollHeight - main.clientHeight); }`,
  );
}

/** Finds the rows in sight, from the top. */
const findRows = `(() => {
    const main = document.querySelector('main').getBoundingClientRect();
    return [...document.querySelectorAll('[data-place]')]
      .map((row) => [row, row.getBoundingClientRect()])
      .filter(([, { top, bottom }]) => bottom > main.top && top < main.bottom)
      .sort(([, one], [, other]) => one.top - other.top);
  })()`;

/** The sequences of the rows that are in sight, from the top, once they fill the window and are all known. */
async function inSight(page: Page): Promise<readonly number[]> {
  const areThere = `${findRows}.length > 5 && ${findRows}.every(([row]) => row.ariaBusy !== 'true')`;
  while (!(await page.evaluate<boolean>(areThere))) {
    await page.evaluate('new Promise((frame) => requestAnimationFrame(frame))');
  }
  return page.evaluate<number[]>(`${findRows}.map(([row]) => Number(row.dataset.place))`);
}

async function topRow(page: Page): Promise<number> {
  const [top] = await inSight(page);
  assert(top !== undefined);
  return top;
}

suite('the log', { skip: browserPath === undefined && 'no Chromium' }, () => {
  after(closeBrowser);

  test('scrolls through 100,000 entries, asks once for every page, and shows the right ones', async (context) => {
    const { core, asked } = longLog();
    const { page, complaints } = await openPage(context, core, '#/log');
    await rowOf(page, size - 1).waitFor();
    assert.deepEqual(asked, []);
    for (const part of [0.5, 0.137, 0.92, 0.4996, 1, 0.77, 0.137, 0.02]) {
      await scrollTo(page, part);
      const shown = await inSight(page);
      for (const sequence of shown) {
        const text = (await rowOf(page, sequence).innerText()).replaceAll(/\s+/g, ' ');
        const { sentence, site = '' } = logEntry(sequence);
        assert.ok(text.includes(sentence) && text.includes(site), `${sequence}: ${text}`);
        const index = await rowOf(page, sequence).getAttribute('aria-rowindex');
        assert.equal(Number(index), size - sequence + 1);
      }
    }
    const many = await page.locator('[data-place]').count();
    assert.ok(many < 60, `${many} rows are rendered`);
    assert.deepEqual(asked.length, new Set(asked).size, String(asked));
    assert.equal(await page.getByRole('treegrid').getAttribute('aria-rowcount'), String(size + 1));
    assert.deepEqual(complaints, []);
  });

  test('moves by the keys, row by row, by windows, and to both ends', async (context) => {
    const { core } = longLog();
    const { page } = await openPage(context, core, '#/log');
    const focused = async () => Number(await page.locator('[data-place]:focus').getAttribute('data-place'));
    await rowOf(page, size - 1).focus();
    for (const [key, place] of [
      ['ArrowUp', size - 1],
      ['ArrowDown', size - 2],
      ['End', 0],
      ['ArrowDown', 0],
      ['ArrowUp', 1],
      ['Home', size - 1],
    ] as const) {
      await page.keyboard.press(key);
      await page.locator(`[data-place="${place}"]:focus`).waitFor();
    }
    await page.keyboard.press('PageDown');
    const after = await focused();
    assert.ok(after < size - 4 && after > size - 20, String(after));
    await rowOf(page, after).getByText(logEntry(after).sentence).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('Number in the log').waitFor();
    assert.equal(await rowOf(page, after).getAttribute('aria-expanded'), 'true');
    await page.keyboard.press('ArrowLeft');
    await page.getByText('Number in the log').waitFor({ state: 'detached' });
    await page.keyboard.press('PageUp');
    await page.locator(`[data-place="${size - 1}"]:focus`).waitFor();
  });

  test('keeps its place when entries are added, and when the user returns', async (context) => {
    const { core } = longLog();
    const { page } = await openPage(context, core, '#/log');
    await rowOf(page, size - 1).waitFor();
    await scrollTo(page, 0.5);
    const top = await topRow(page);
    core.changeLog({ entries: size + 7 });
    await page.getByText('100,007 entries').waitFor();
    assert.equal(await topRow(page), top);
    await page.getByRole('link', { name: 'Setup' }).click();
    await page.getByRole('heading', { level: 1, name: 'Setup' }).waitFor();
    await page.getByRole('link', { name: 'Log' }).click();
    await rowOf(page, top).waitFor();
    assert.equal(await topRow(page), top);
    await scrollTo(page, 0);
    await rowOf(page, size + 6).waitFor();
  });

  test('filters by site, eNB, person, kind, days and text, all at once', async (context) => {
    const core = new FakeCore();
    const asked: ParsedInput<'log.list'>['filter'][] = [];
    core.answer('log.list', (page) => {
      asked.push(page.filter);
      return logList(64, page);
    });
    const { page } = await openPage(context, core, '#/log', { timezoneId: 'Europe/Stockholm' });
    await page.getByText('Times in Europe/Stockholm').waitFor();
    await page.getByLabel('Site', { exact: true }).fill('S00002');
    await page.getByLabel('eNB', { exact: true }).fill('AR1000042');
    await page.getByLabel('Person').selectOption({ label: 'Ada Sørensen' });
    await page.getByRole('radio', { name: 'Delivery' }).check();
    await page.getByLabel('From').fill('2026-09-14');
    await page.getByLabel('To').fill('2026-09-14');
    await page.getByRole('searchbox').fill('accepted');
    await page.getByText('5 of 64 entries').waitFor();
    assert.deepEqual(asked.at(-1), {
      text: 'accepted',
      site: 'S00002',
      serialNumber: 'AR1000042',
      person: 'person-1',
      kind: 'delivery',
      from: '2026-09-13T22:00:00Z',
      to: '2026-09-14T22:00:00Z',
    });
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await page.getByText('64 entries', { exact: true }).waitFor();
  });

  test('is verified when it opens, and compared with heads on request', async (context) => {
    const core = new FakeCore({ log: logView({ verdict: undefined }) });
    const asked: (readonly [byPerson: boolean, heads: readonly string[]])[] = [];
    core.answer('log.verify', ({ byPerson, heads }) => {
      asked.push([byPerson, heads.map(({ name }) => name)]);
      core.changeLog({ verdict: logView().verdict });
      return {};
    });
    const { page } = await openPage(context, core, '#/log');
    await page.getByRole('heading', { name: 'The log is intact' }).waitFor();
    await chooseFile(page, 'Compare with a head that you know…', 'head-of-october.json');
    await page.getByRole('button', { name: 'Verify again' }).click();
    await page.getByRole('button', { name: 'Verify again', disabled: false }).waitFor();
    assert.deepEqual(asked, [
      [false, []],
      [true, ['head-of-october.json']],
      [true, []],
    ]);
  });

  test('is exported as the filter stands, into a folder, and names the files at the end', async (context) => {
    const core = new FakeCore();
    const asked: ParsedInput<'log.export'>[] = [];
    core.answer('log.export', (input) => {
      asked.push(input);
      core.changeLog({ exported: { format: 'proof', entries: 12, files: ['S00002.tlog-proof'] } });
      return {};
    });
    const { page } = await openPage(context, core, '#/log');
    await page.getByRole('button', { name: 'Export…' }).click();
    await page.getByRole('radio', { name: /^Proof for a site/ }).check();
    await page.getByText('Filter by a site first.').waitFor();
    await page.getByRole('button', { name: 'Close' }).or(page.getByLabel('Cancel')).first().click();
    await page.getByLabel('Site', { exact: true }).fill('S00002');
    await page.getByText('of 64 entries').waitFor();
    await page.getByRole('button', { name: 'Export…' }).click();
    await page.getByText('What the list shows: entries of site S00002').waitFor();
    await page.getByText(/cannot prove that no matching entry was left out/).waitFor();
    await page.getByRole('button', { name: 'Choose a folder and export' }).click();
    await page.getByRole('button', { name: 'jobs' }).click();
    await page.getByRole('button', { name: 'Choose this folder' }).click();
    await page.getByText('S00002.tlog-proof').waitFor();
    assert.deepEqual(
      asked.map(({ format, filter, folder }) => [format, filter, folder.name]),
      [['proof', { site: 'S00002' }, 'jobs']],
    );
  });

  test('asks for a name once where people work, and erases one for good in Setup', async (context) => {
    const core = new FakeCore({ log: logView({ isNameDeclared: false }) });
    const { page } = await openPage(context, core, '#/site');
    const name = page.getByLabel('Your name');
    assert.equal(await name.inputValue(), '');
    await name.fill('Bo Lind');
    await page.keyboard.press('Enter');
    await name.waitFor({ state: 'detached' });
    await page.evaluate(`location.hash = '#/setup'`);
    await page.getByText('The log names you Bo Lind, as declared.').waitFor();
    await page.getByText('People in this log').click();
    await page.getByRole('button', { name: 'Ada Sørensen: Erase this name…' }).click();
    await page.getByText(/The entries stay/).waitFor();
    await page.getByRole('button', { name: 'Erase the name', exact: true }).click();
    await page.getByText('Ada Sørensen').first().waitFor({ state: 'detached' });
  });

  test('does not ask for a name in training', async (context) => {
    const core = new FakeCore({ log: logView({ isNameDeclared: false }) });
    core.state.app = { ...core.state.app, mode: 'training', training: true };
    const { page } = await openPage(context, core, '#/site');
    await page.getByText('Old Town 2').first().waitFor();
    assert.equal(await page.getByLabel('Your name').count(), 0);
  });

  test('has its head on the report, where another program reads the QR code', async (context) => {
    const { page } = await openPage(context, new FakeCore(), '#/site/report/job-2');
    const code = page.getByRole('img', { name: 'QR code of the head of the log, 64 entries' });
    await code.waitFor();
    await page.getByText(logHead.text.split('\n', 1)[0]!).waitFor();
    const folder = mkdtempSync(join(tmpdir(), 'qr-'));
    context.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'code.png');
    await code.screenshot({ path: file });
    const read = readCode(file);
    if (read === undefined) context.skip('zbarimg is not installed');
    else assert.equal(read.trimEnd(), logHead.text.trimEnd());
  });
});

/** The text of a QR code, read by ZBar. Undefined without it. */
function readCode(file: string): string | undefined {
  try {
    return execFileSync('zbarimg', ['--quiet', '--raw', file], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
