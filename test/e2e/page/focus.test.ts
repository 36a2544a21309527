// Where the focus is, for those who have no pointer, and what is said to those who do not see.
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { Page } from '@playwright/test';
import { faultView } from '../../../main/api/views.ts';
import { browserPath } from '../../kit/browser.ts';
import { FakeCore } from '../../kit/fake-core.ts';
import { minutesAgo, operators, run } from '../../kit/fake-data.ts';
import { atScreen, tabTo } from '../flows.ts';
import { closeBrowser, openPage } from '../kit.ts';

const address = '192.0.2.10:4443';

/** Waits until what has the focus is called so. */
async function focused(page: Page, name: string): Promise<void> {
  const called = `(e => e?.getAttribute('aria-label') ?? e?.labels?.[0]?.innerText ?? e?.innerText)`;
  try {
    await page.waitForFunction(
      `${called}(document.activeElement)?.trim().startsWith(${JSON.stringify(name)})`,
      undefined,
      { timeout: 5000 },
    );
  } catch {
    const has = await page.evaluate(`document.activeElement?.outerHTML.slice(0, 300)`);
    assert.fail(`"${name}" has not the focus, but ${String(has)}`);
  }
}

/** Presses the button that is called so, which then has the focus. */
async function enter(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).focus();
  await page.keyboard.press('Enter');
}

suite('the focus', { skip: browserPath === undefined && 'no Chromium' }, () => {
  after(closeBrowser);

  for (const [what, hash, opener] of [
    ['confirmation', `#/site/job/job-1/step-0?address=${address}`, 'Send…'],
    ['dialog for files', '#/site', 'Open bundle files'],
    ['passphrase', '#/office', 'Unlock the key for Acme Radio'],
  ] as const) {
    test(`is back on what opened the ${what} when it is left by Escape`, async (context) => {
      const { page } = await openPage(context, new FakeCore(), hash);
      await enter(page, opener);
      await page.locator('[role=dialog] :focus').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await focused(page, opener);
    });
  }

  test('stays in the dialog for files from folder to folder, and is back when a file is chosen', async (context) => {
    const { page } = await openPage(context, new FakeCore(), '#/site');
    await enter(page, 'Open bundle files');
    await enter(page, 'jobs');
    await page.locator('[role=dialog] :focus').waitFor();
    await page.getByLabel('AR1000099').check();
    await enter(page, 'Choose');
    await page.getByText('issuer-unknown').first().waitFor();
    await focused(page, 'Open bundle files');
  });

  test('stays with the key that was unlocked', async (context) => {
    const core = new FakeCore();
    core.answer('operators.unlock', () => {
      core.state.operators = operators({ state: 'unlocked', unlockedUntil: minutesAgo(-15) });
      return core.state.operators[0]!;
    });
    const { page } = await openPage(context, core, '#/office');
    await enter(page, 'Unlock the key for Acme Radio');
    await page.getByLabel('Passphrase', { exact: true }).fill('right');
    await page.keyboard.press('Enter');
    await page.getByText('Unlocked until').nth(1).waitFor();
    await page.getByRole('region', { name: 'Acme Radio' }).locator(':focus').waitFor();
  });

  test('stays on a button that is busy, which cannot be pressed twice', async (context) => {
    const core = new FakeCore({ runs: [run({ state: 'done', made: 1154 })] });
    let calls = 0;
    let answer = () => {};
    const answered = new Promise<void>((settle) => (answer = settle));
    core.answer('jobs.openRun', async () => {
      calls += 1;
      await answered;
      return faultView({ code: 'signer-untrusted' });
    });
    const { page } = await openPage(context, core, '#/office/run/run-1');
    await enter(page, 'Make jobs on this laptop');
    await page.locator('[aria-disabled=true]:focus').waitFor();
    await page.keyboard.press('Enter');
    answer();
    await page.getByText('signer-untrusted').waitFor();
    await focused(page, 'Make jobs on this laptop');
    assert.equal(calls, 1);
    const saved = page.waitForEvent('download');
    await enter(page, 'Save the problems as CSV');
    await saved;
    await focused(page, 'Save the problems as CSV');
  });

  test('stays on the start choice that is opening', async (context) => {
    const app = { version: '0', shell: 'browser', mode: null, training: false, theme: 'system' } as const;
    const core = new FakeCore({ app });
    core.answer('app.enter', () => new Promise(() => {}));
    const { page } = await openPage(context, core);
    await atScreen(page, 'Welcome to Siteseal');
    await tabTo(page, 'Try it first');
    await page.keyboard.press('Enter');
    await page.getByText('Starting the simulation').waitFor();
    await focused(page, 'Try it first');
  });

  test('goes past the parts of Siteseal by the first key', async (context) => {
    const { page } = await openPage(context, new FakeCore(), '#/site');
    await atScreen(page, 'Jobs');
    await page.reload();
    await atScreen(page, 'Jobs');
    await page.getByRole('button', { name: 'Skip to content' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('main:focus').waitFor();
    await page.keyboard.press('Tab');
    await focused(page, 'Search for a site');
  });

  test('is seen: the same ring around a link, a button and a field', async (context) => {
    const { page } = await openPage(context, new FakeCore(), '#/site');
    await atScreen(page, 'Jobs');
    for (const name of ['Site', 'Search for a site', 'S00001', 'Open bundle files']) {
      await tabTo(page, name);
      const ring = await page.evaluate(
        '(({ outlineStyle, outlineWidth }) => `${outlineStyle} ${outlineWidth}`)(getComputedStyle(document.activeElement))',
      );
      assert.equal(ring, 'solid 3px', name);
      if (name === 'Site') await page.locator('main').focus();
    }
  });

  test('the same sentence is said once more, and what was said of another screen is not left', async (context) => {
    const { page } = await openPage(context, new FakeCore(), '#/office');
    await enter(page, 'Unlock the key for Acme Radio');
    const status = page.locator('body > #page > [role=status]');
    const sentence = 'The passphrase does not open the key.';
    const said = `window.said = []; new MutationObserver(() => window.said.push(document.querySelector('#page > [role=status]').innerText))
      .observe(document.querySelector('#page > [role=status]'), { childList: true, subtree: true, characterData: true })`;
    await page.evaluate(said);
    for (const passphrase of ['wrong', 'wrong too']) {
      await page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: sentence }).waitFor();
    }
    await page.waitForFunction('window.said.length === 2', undefined, { timeout: 5000 });
    assert.deepEqual(await page.evaluate('window.said'), [sentence, sentence]);
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Setup' }).click();
    await atScreen(page, 'Setup');
    assert.equal(await status.innerText(), '');
  });
});
