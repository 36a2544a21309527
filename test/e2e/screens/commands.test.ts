// The keyboard's shortcuts, the help, the place where the work begins, and what is reported out of sight.
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { Page } from '@playwright/test';
import { modes, type JobView } from '../../../preload/contract/index.ts';
import { topicGroups } from '../../../renderer/src/app/help-topics.ts';
import { browserPath } from '../../kit/browser.ts';
import { FakeCore } from '../../kit/fake-core.ts';
import { delivered, job, run, workOf } from '../../kit/fake-data.ts';
import { atScreen } from '../flows.ts';
import { closeBrowser, openPage } from '../kit.ts';

const app = { version: '0', shell: 'browser', mode: 'site', training: false, theme: 'system' } as const;
const address = '192.0.2.10:4443';

const heading = (page: Page) => page.getByRole('heading', { level: 1 });

suite('where the work begins', { skip: browserPath === undefined && 'no Chromium' }, () => {
  after(closeBrowser);
  const titles = { training: 'Jobs', office: 'Office', site: 'Jobs', log: 'Log' } as const;

  for (const mode of modes) {
    test(`is right for ${mode} in a new window`, async (context) => {
      const { page } = await openPage(context, new FakeCore({ app: { ...app, mode } }));
      await atScreen(page, titles[mode]);
    });
  }

  test('does not matter to a reload, which stays where it is', async (context) => {
    const { page } = await openPage(context, new FakeCore({ app: { ...app, mode: 'office' } }));
    await atScreen(page, 'Office');
    await page.getByRole('link', { name: 'Log' }).click();
    await atScreen(page, 'Log');
    await page.reload();
    await atScreen(page, 'Log');
  });

  test('is the log for those who review it', async (context) => {
    const { page } = await openPage(context, new FakeCore({ app: { ...app, mode: null } }));
    await atScreen(page, 'Welcome to Siteseal');
    await page.getByRole('button', { name: /I review the log/ }).click();
    await atScreen(page, 'Log');
    await page.getByRole('link', { name: 'Setup' }).click();
    await page.getByText('I review the log').waitFor();
  });
});

suite('the help', { skip: browserPath === undefined && 'no Chromium' }, () => {
  after(closeBrowser);

  for (const [hash, mode, topic] of [
    ['#/site', 'site', 'Jobs'],
    ['#/office/run/run-1', 'office', 'A run'],
    [`#/site/job/job-1/step-0?address=${address}`, 'site', 'Step 0: send the configuration'],
    ['', null, 'Start screen'],
  ] as const) {
    test(`opens at the topic of the screen by F1: ${topic}`, async (context) => {
      const { page, complaints } = await openPage(context, new FakeCore({ app: { ...app, mode } }), hash);
      await heading(page).waitFor();
      await page.keyboard.press('F1');
      await page.locator('[role=dialog] h3:focus', { hasText: topic }).waitFor();
      assert.deepEqual(complaints, []);
    });
  }

  test('opens by its button, leads to every topic, and gives the focus back by Escape', async (context) => {
    const { page } = await openPage(context, new FakeCore(), '#/log');
    await atScreen(page, 'Log');
    const button = page.getByRole('button', { name: 'Help', exact: true });
    const box = await button.boundingBox();
    assert.ok(box && box.width >= 44 && box.height >= 44);
    await button.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    const guide = dialog.getByRole('navigation', { name: 'The guide' });
    await guide.waitFor();
    const topics = await guide.getByRole('button').allInnerTexts();
    assert.equal(topics.length, Object.values(topicGroups).flat().length);
    for (const topic of topics) {
      await guide.getByRole('button', { name: topic, exact: true }).click();
      await dialog.locator('h3:focus', { hasText: topic }).waitFor();
    }
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.locator('button[aria-label=Help]:focus').waitFor();
  });
});

suite('the shortcuts', { skip: browserPath === undefined && 'no Chromium' }, () => {
  after(closeBrowser);

  test('lead to the areas, and back', async (context) => {
    const { page } = await openPage(context, new FakeCore(), '#/site');
    await atScreen(page, 'Jobs');
    for (const [key, title] of [
      ['2', 'Office'],
      ['3', 'Log'],
      ['4', 'Setup'],
      ['1', 'Jobs'],
    ] as const) {
      await page.keyboard.press(`Control+${key}`);
      await atScreen(page, title);
    }
    await page.keyboard.press('Alt+ArrowLeft');
    await atScreen(page, 'Setup');
  });

  test('lead nowhere before a choice is made on the start screen', async (context) => {
    const { page } = await openPage(context, new FakeCore({ app: { ...app, mode: null } }));
    await atScreen(page, 'Welcome to Siteseal');
    await page.keyboard.press('Control+3');
    assert.equal(await page.evaluate('location.hash'), '');
  });

  test('focus the search of a list, and leave the browser its own where no list is', async (context) => {
    const { page } = await openPage(context, new FakeCore(), '#/log');
    await atScreen(page, 'Log');
    await page.getByLabel('Search').waitFor();
    await page.evaluate(
      'window.addEventListener("keydown", (e) => { window.wasTaken = e.defaultPrevented; })',
    );
    await page.keyboard.press('Control+f');
    await page.locator('input[type=search]:focus').waitFor();
    assert.equal(await page.evaluate('window.wasTaken'), true);
    await page.keyboard.press('Control+4');
    await atScreen(page, 'Setup');
    await page.keyboard.press('Control+f');
    assert.equal(await page.evaluate('window.wasTaken'), false);
  });

  test('press the main button of a run as well', async (context) => {
    const core = new FakeCore({ runs: [run({ state: 'done', made: 3 })] });
    const { page } = await openPage(context, core, '#/office/run/run-1');
    await page.getByRole('button', { name: 'Make jobs on this laptop' }).waitFor();
    await page.keyboard.press('Control+Enter');
    await atScreen(page, 'Jobs');
  });

  test('press the main button, but never the confirmation of sending', async (context) => {
    const core = new FakeCore();
    const sent: string[] = [];
    core.answer('jobs.send', ({ id }) => {
      sent.push(id);
      return core.ofJob(id, (job) => job);
    });
    const { page } = await openPage(context, core, `#/site/job/job-1/identify?address=${address}`);
    await atScreen(page, 'This is the right base station (eNB)');
    await page.keyboard.press('Control+Enter');
    await atScreen(page, 'Send the configuration');
    await page.keyboard.press('Control+Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('You can send now').waitFor();
    await page.locator('[role=dialog] button:focus', { hasText: 'Not now' }).waitFor();
    await page.locator('[role=dialog]').press('Control+Enter');
    await page.keyboard.press('Control+2');
    await page.keyboard.press('F1');
    // Still the same dialog, above the same screen.
    assert.equal(await page.getByRole('dialog').count(), 1);
    await dialog.getByRole('button', { name: 'Send now' }).waitFor();
    assert.deepEqual(sent, []);
  });

  test('leave a disabled button alone', async (context) => {
    const { page } = await openPage(context, new FakeCore(), '#/office/prepare');
    await atScreen(page, 'Prepare configurations');
    await page.keyboard.press('Control+Enter');
    await page.keyboard.press('F1');
    await page.getByRole('dialog').waitFor();
    assert.equal(await page.evaluate('location.hash'), '#/office/prepare');
  });

  test('do not take the keys of a field that is being typed in', async (context) => {
    const { page } = await openPage(context, new FakeCore(), '#/office');
    await atScreen(page, 'Office');
    await page.keyboard.press('Control+3');
    await atScreen(page, 'Log');
    await page.keyboard.press('Control+f');
    await page.keyboard.type('eNB');
    await page.evaluate(
      'window.addEventListener("keydown", (e) => { window.wasTaken = e.defaultPrevented; e.preventDefault(); })',
    );
    await page.keyboard.press('Alt+ArrowLeft');
    assert.equal(await page.evaluate('window.wasTaken'), false);
    assert.equal(await heading(page).innerText(), 'Log');
  });
});

suite('the commands of the menu', { skip: browserPath === undefined && 'no Chromium' }, () => {
  after(closeBrowser);

  for (const [command, hash, shows] of [
    ['open-bundles', '#/site', 'Choose bundles'],
    ['add-operator', '#/office', 'Choose an operator profile'],
    ['read-receipts', '#/site/receipts', 'Receipts from a drive'],
    ['prepare', '#/office/prepare', 'Prepare configurations'],
    ['about', '#/log', 'About Siteseal'],
    ['licences', '#/log', 'What is inside, and licences'],
    ['guide', '#/log', 'How it all fits together'],
  ] as const) {
    test(`go to the screen and do it there: ${command}`, async (context) => {
      const { page } = await openPage(context, new FakeCore(), '#/log', {}, async (empty) => {
        // The port of a browser, and a bridge that only brings the commands.
        await empty.addInitScript(
          'Object.defineProperty(window, "siteseal", { configurable: true, value: undefined, writable: true });',
        );
      });
      await atScreen(page, 'Log');
      await page.evaluate(`window.siteseal = { onCommand: (take) => { window.take = take; } }`);
      // The commands are taken again when a choice is made.
      await page.evaluate(`location.hash = '#/setup'`);
      await page.getByRole('button', { name: 'Back to the start screen' }).click();
      await page.getByRole('button', { name: /I review the log/ }).click();
      await atScreen(page, 'Log');
      await page.evaluate(`window.siteseal = undefined`);
      await page.evaluate(`window.take(${JSON.stringify(command)})`);
      await page.getByRole('heading', { name: shows }).first().waitFor();
      assert.equal(await page.evaluate('location.hash'), hash);
    });
  }
});

suite('work that ends out of sight', { skip: browserPath === undefined && 'no Chromium' }, () => {
  after(closeBrowser);

  /** Waits until the window has this title. */
  const titled = (page: Page, title: string) =>
    page.evaluate(`new Promise((settle) => {
      const look = () => (document.title === ${JSON.stringify(title)} ? settle() : requestAnimationFrame(look));
      look();
    })`);

  test('is in the title until the user is back, and in a notification of the system', async (context) => {
    const work = { id: 'work', phase: 'making', done: 700, total: 1400 } as const;
    const core = new FakeCore({ runs: [run({ state: 'making', work })] });
    const { page } = await openPage(context, core, '#/log');
    await atScreen(page, 'Log');
    const notices: string[] = [];
    const progress: (number | null)[] = [];
    const known = Promise.withResolvers<undefined>();
    await page.exposeFunction('notify', (text: string) => notices.push(text));
    await page.exposeFunction('progress', (part: number | null) => {
      progress.push(part);
      known.resolve(undefined);
    });
    await page.evaluate('window.siteseal = { notify, progress }');
    await page.evaluate('window.dispatchEvent(new Event("blur"))');
    await known.promise;
    core.state.runs = [run({ state: 'done', made: 1154 })];
    core.changed('runs');
    await titled(page, 'Bundles ready: 1,154 made – Siteseal');
    await page.evaluate('window.dispatchEvent(new Event("focus"))');
    await titled(page, 'Log – Siteseal');
    assert.deepEqual(notices, ['Bundles ready: 1,154 made']);
    assert.deepEqual(progress, [0.5, null, null]);
  });

  test('is reported of a job that is put away as well', async (context) => {
    const putAway = (more: Partial<JobView>) => [job(1, { isArchived: true, ...more })];
    const core = new FakeCore({ jobs: putAway({ state: 'sent', work: workOf('job-1', 'sent') }) });
    const { page } = await openPage(context, core, '#/log');
    await atScreen(page, 'Log');
    const known = Promise.withResolvers<undefined>();
    await page.exposeFunction('notify', () => undefined);
    await page.exposeFunction('progress', () => known.resolve(undefined));
    await page.evaluate('window.siteseal = { notify, progress }');
    await page.evaluate('window.dispatchEvent(new Event("blur"))');
    await known.promise;
    core.state.jobs = putAway(delivered('AR1000041'));
    core.changed('jobs');
    await titled(page, 'Delivery finished: the eNB has the configuration – Siteseal');
  });

  test('is not reported while the window is in front', async (context) => {
    const core = new FakeCore();
    const asked: string[] = [];
    core.answer('runs.list', () => {
      asked.push('runs.list');
      return { total: 0, rows: [] };
    });
    const { page } = await openPage(context, core, '#/log');
    await atScreen(page, 'Log');
    core.changed('runs');
    await page.reload();
    await atScreen(page, 'Log');
    assert.deepEqual(asked, []);
  });
});
