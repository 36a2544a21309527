// Where the focus is, for those who have no pointer, and what is said to those who do not see.
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { Page } from '@playwright/test';
import { faultView } from '../../../main/api/views.ts';
import { browserPath } from '../../kit/browser.ts';
import { FakeCore } from '../../kit/fake-core.ts';
import { minutesAgo, operators, run } from '../../kit/fake-data.ts';
import { atScreen, chooseFile, tabTo } from '../flows.ts';
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

  /** A core whose locked key opens with any passphrase. */
  function unlockingCore(): FakeCore {
    const core = new FakeCore();
    core.answer('operators.unlock', () => {
      core.state.operators = operators({ state: 'unlocked', unlockedUntil: minutesAgo(-15) });
      core.changed('operators');
      return core.state.operators[0]!;
    });
    return core;
  }

  async function unlock(page: Page): Promise<void> {
    await enter(page, 'Unlock the key for Acme Radio');
    await page.getByLabel('Passphrase', { exact: true }).fill('right');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Unlock the key for Acme Radio' }).waitFor({ state: 'detached' });
  }

  test('goes to what is next when a key was unlocked, in the office', async (context) => {
    const { page } = await openPage(context, unlockingCore(), '#/office');
    await unlock(page);
    await page.getByText('Unlocked until').waitFor();
    await focused(page, 'Prepare configurations');
  });

  test('goes to what is next when a key was unlocked, before an inventory is chosen and after', async (context) => {
    for (const isChosen of [false, true]) {
      const { page } = await openPage(context, unlockingCore(), '#/office/prepare');
      if (isChosen) await chooseFile(page, 'Choose a CSV file', 'south-coast.csv');
      await unlock(page);
      await focused(page, isChosen ? 'Check the inventory' : 'Choose a CSV file');
    }
  });

  test('goes to the heading when a key was unlocked for which a run has waited', async (context) => {
    const core = unlockingCore();
    core.state.runs = [run({ state: 'failed', rows: 0, refused: 0, locked: ['Acme Radio'] })];
    core.answer('runs.checkAgain', () => {
      core.state.runs = [run({ refused: 0 })];
      core.changed('runs');
      return core.state.runs[0]!;
    });
    const { page } = await openPage(context, core, '#/office/run/run-1');
    await atScreen(page, 'A key is locked');
    await unlock(page);
    await atScreen(page, 'All 1,240 rows are ready');
  });

  test('stays in the field of a mistyped passphrase, which is one line beside it', async (context) => {
    const { page } = await openPage(context, new FakeCore(), '#/office');
    await enter(page, 'Unlock the key for Acme Radio');
    const field = page.getByLabel('Passphrase', { exact: true });
    const alert = page.getByRole('alert');
    for (const passphrase of ['wrong', 'wrong too']) {
      await field.fill(passphrase);
      await page.keyboard.press('Enter');
      await alert.getByText('This passphrase does not open the key').waitFor();
      await focused(page, 'Passphrase');
      assert.equal(await field.inputValue(), '');
    }
    const described = (await field.getAttribute('aria-describedby')) ?? '';
    assert.ok(described.split(' ').includes((await alert.getAttribute('id')) ?? '-'), described);
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    assert.equal(await page.getByText('passphrase-wrong').count(), 0, 'no fault panel');
  });

  test('stays on a button that does nothing yet, and the reason is heard', async (context) => {
    const core = new FakeCore();
    core.answer('runs.make', () => assert.fail('nothing is made without a folder'));
    const { page, complaints } = await openPage(context, core, '#/office/run/run-1');
    await atScreen(page, '1,154 of 1,240 rows are ready');
    const make = page.getByRole('button', {
      name: 'Make the ready ones (1,154)',
      description: 'Choose a folder first.',
    });
    await make.focus();
    await page.keyboard.press('Enter');
    await focused(page, 'Make the ready ones');
    assert.deepEqual(complaints, []);
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
    const core = new FakeCore();
    core.answer('operators.unlock', () => faultView({ code: 'file-unreadable', found: 'ENOENT' }));
    const { page } = await openPage(context, core, '#/office');
    await enter(page, 'Unlock the key for Acme Radio');
    const status = page.locator('body > #page > [role=status]');
    const sentence = faultView({ code: 'file-unreadable' }).message;
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

  test('a run that ends says its result once, and none of the problems of its rows', async (context) => {
    const working = run({
      state: 'making',
      endedAt: undefined,
      refused: 6,
      rows: 1160,
      work: { id: 'work', phase: 'making', done: 10, total: 1154 },
    });
    const core = new FakeCore({ runs: [working] });
    const { page } = await openPage(context, core, '#/office/run/run-1');
    await atScreen(page, 'Making the bundles');
    await page.getByText('The inventory lists this eNB twice').first().waitFor();
    await page.evaluate(`window.said = []; new MutationObserver(() => window.said.push(document.querySelector('#page > [role=status]').innerText))
      .observe(document.querySelector('#page > [role=status]'), { childList: true, subtree: true, characterData: true })`);
    core.state.runs = [run({ state: 'done', made: 1154, refused: 6, rows: 1160 })];
    core.changed('runs');
    await atScreen(page, '1,154 bundles ready');
    core.changed('runs', 'operators');
    await page.getByText('Hand over the bundles').waitFor();
    const said = await page.evaluate<string[]>('window.said');
    assert.deepEqual(
      said.filter((text) => text !== ''),
      ['Bundles ready. 1,154 made, 6 refused.'],
    );
  });

  test('a run is paused and continued with one button, and says both', async (context) => {
    const work = { id: 'work-1', phase: 'making', done: 10, total: 1160 } as const;
    const making = run({ state: 'making', endedAt: undefined, rows: 1160, refused: 0, work });
    const core = new FakeCore({ runs: [making] });
    core.answer('work.setPaused', ({ id, paused }) => {
      assert.equal(id, 'work-1');
      core.state.runs = [{ ...making, work: { ...work, ...(paused && { isPaused: true }) } }];
      core.changed('runs');
      return {};
    });
    const { page } = await openPage(context, core, '#/office/run/run-1');
    await atScreen(page, 'Making the bundles');
    await page.getByRole('button', { name: 'Pause' }).press('Enter');
    await page.getByText('Paused. 10 of 1,160').first().waitFor();
    const status = page.locator('#page > [role=status]');
    assert.equal(await status.innerText(), 'Paused. 10 of 1,160');
    await page.getByRole('button', { name: 'Continue' }).press('Enter');
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await page.getByRole('button', { name: 'Stop' }).waitFor();
  });
});
