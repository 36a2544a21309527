// The rows of a run, and what it offers, as the run changes under the user's eyes.
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { Page } from '@playwright/test';
import type { RunView } from '../../../preload/contract/index.ts';
import { browserPath } from '../../kit/browser.ts';
import { FakeCore } from '../../kit/fake-core.ts';
import { comparedRun, run } from '../../kit/fake-data.ts';
import { closeBrowser, openPage } from '../kit.ts';

const checking = run({
  ...{ state: 'checking', rows: 1240, refused: 0, endedAt: undefined },
  work: { id: 'work', phase: 'checking', done: 620, total: 1240 },
});
const folder = '/home/preparer/bundles';

/** The name of the kind of rows that is chosen. */
async function chosen(page: Page): Promise<string> {
  return page.getByRole('radio', { checked: true }).locator('xpath=ancestor::label').innerText();
}

suite('a run that changes', { skip: browserPath === undefined && 'no Chromium' }, () => {
  after(closeBrowser);

  const open = async (context: { after: (end: () => Promise<void>) => void }, first: RunView) => {
    const core = new FakeCore({ runs: [first] });
    const { page } = await openPage(context, core, '#/office/run/run-1');
    const become = async (next: RunView, title: string | RegExp) => {
      core.state.runs = [next];
      core.changed('runs');
      await page.getByRole('heading', { name: title, level: 1 }).waitFor();
    };
    return { core, page, become };
  };

  test('shows first what is likely to be looked at, as soon as that is known', async (context) => {
    const { page, become } = await open(context, checking);
    await page.getByText('620 of 1,240').waitFor();
    await become(run(), '1,154 of 1,240 rows are ready');
    assert.match(await chosen(page), /^Problems/);
    await page.getByText('must be a whole number from 1 to 4094').first().waitFor();
    await become(comparedRun({ refused: 0 }), /rows need a bundle$/);
    assert.match(await chosen(page), /^Changed/);
    await become(run({ rows: 12, refused: 0, unchanged: 12 }), 'No eNB needs a new bundle');
    assert.match(await chosen(page), /^Unchanged/);
  });

  test('keeps to what the user has chosen, as long as there is such a thing', async (context) => {
    const { page, become } = await open(context, comparedRun());
    await page.getByRole('radio', { name: /^Unchanged/ }).check({ force: true });
    await become(comparedRun({ made: 3 }), /rows need a bundle$/);
    assert.match(await chosen(page), /^Unchanged/);
    await become(run(), '1,154 of 1,240 rows are ready');
    assert.match(await chosen(page), /^Problems/);
  });

  test('offers the same choice after a failure before the first bundle', async (context) => {
    const failed = comparedRun({ ...{ state: 'failed', refused: 0, folder, onlyChanged: true } });
    const { core, page } = await open(context, failed);
    const asked: boolean[] = [];
    core.answer('runs.make', ({ onlyChanged }) => {
      asked.push(onlyChanged);
      return failed;
    });
    await page.getByRole('button', { name: /^Make the new and changed ones/ }).click();
    await page.getByRole('button', { name: /^Make all/ }).click();
    await page.getByRole('button', { name: /^Make all/ }).waitFor();
    assert.deepEqual(asked, [true, false]);
  });
});
