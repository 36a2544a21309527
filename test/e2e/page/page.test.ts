import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { Page } from '@playwright/test';
import type { AppState } from '../../../preload/contract/index.ts';
import { browserPath } from '../../kit/browser.ts';
import { faultView } from '../../../main/api/views.ts';
import { FakeCore } from '../../kit/fake-core.ts';
import { manyJobs, manyOperators, operators, root, run, workOf } from '../../kit/fake-data.ts';
import { shownFault } from '../app.ts';
import { atScreen, deliverByKeyboard, tabTo } from '../flows.ts';
import { closeBrowser, openPage } from '../kit.ts';

const address = '192.0.2.10:4443';
const atTheStart = {
  version: '0.1.0',
  shell: 'browser',
  mode: null,
  training: false,
  theme: 'system',
} as const;

/** Notes in `headings` every heading of a screen that comes, if only for an instant. */
const noteHeadings = `
  window.headings = [];
  const note = () => window.headings.push(document.querySelector('h1')?.textContent ?? '');
  new MutationObserver(note).observe(document, { childList: true, subtree: true, characterData: true });
`;

/** What the whole page shows while it waits for its first answer. */
const waiting = '#page > div:not([role]) > p';

/** Notes in `hasWaited` whether the page has shown that, if only for an instant. */
const noteWaiting = `
  window.hasWaited = false;
  const look = () => (window.hasWaited ||= document.querySelector('${waiting}') !== null);
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
`;

/** Waits until the field has the focus. */
async function atFocus(page: Page, label: string): Promise<void> {
  await page.locator('input:focus').and(page.getByLabel(label)).waitFor();
}

suite('the page over the fake core', { skip: browserPath === undefined && 'no Chromium' }, () => {
  after(closeBrowser);

  test('from the start screen to the report with the keyboard alone', async (context) => {
    const core = new FakeCore({ app: atTheStart });
    const { page, complaints } = await openPage(context, core);
    await atScreen(page, 'Welcome to Siteseal');
    await tabTo(page, 'I install at sites');
    await page.keyboard.press('Enter');
    await deliverByKeyboard(page, 'S00001');
    assert.deepEqual(complaints, []);
  });

  test('the page asks the core while its own script is still on its way, and is then drawn once', async (context) => {
    const asked = Promise.withResolvers<undefined>();
    const core = new FakeCore(
      {},
      { 'app.get': () => (asked.resolve(undefined), { ...atTheStart, mode: 'site' as const }) },
    );
    const { page } = await openPage(context, core, '', {}, async (empty) => {
      await empty.addInitScript(noteWaiting);
      await empty.route('**/assets/page-*.js', async (route) => {
        await asked.promise;
        await route.continue();
      });
    });
    await atScreen(page, 'Jobs');
    assert.equal(await page.evaluate('window.hasWaited'), false);
  });

  test('a core that is slow to answer leaves no empty page', async (context) => {
    const answer = Promise.withResolvers<AppState>();
    const core = new FakeCore({}, { 'app.get': () => answer.promise });
    const { page } = await openPage(context, core);
    await page.locator(waiting).waitFor();
    answer.resolve(atTheStart);
    await atScreen(page, 'Welcome to Siteseal');
  });

  test('a double click cannot confirm: the button is live only after a while', async (context) => {
    const core = new FakeCore();
    const before = core.state.jobs[0];
    const { page } = await openPage(context, core, `#/site/job/job-1/step-0?address=${address}`);
    await page.getByRole('button', { name: 'Send…' }).click();
    const confirm = page.getByRole('dialog').getByRole('button', { name: 'Send now' });
    assert.equal(await confirm.getAttribute('aria-disabled'), 'true');
    await confirm.dispatchEvent('click');
    await page.getByText('You can send now').waitFor();
    assert.deepEqual(core.state.jobs[0], before);
  });

  test('another eNB than the job names fills the screen, and offers its job', async (context) => {
    const core = new FakeCore();
    // The job is found whatever its part is.
    core.change('job-6', { isArchived: true });
    const { page } = await openPage(context, core, '#/site/job/job-1/identify?address=192.0.2.11:4443');
    await atScreen(page, 'This is not the eNB for this site');
    assert.equal(await page.getByRole('button', { name: /step 0|Send/ }).count(), 0);
    await page.getByRole('button', { name: /Open its job: S00006/ }).click();
    await atScreen(page, 'This is the right base station (eNB)');
    await page.getByText('The job is for site S00006').first().waitFor();
  });

  test('another eNB whose job is done leads to its end', async (context) => {
    const core = new FakeCore({ enbs: { [address]: 'AR1000042' } });
    const { page } = await openPage(context, core, `#/site/job/job-1/identify?address=${address}`);
    await page.getByRole('button', { name: /Open its job: S00002/ }).click();
    await atScreen(page, /has configuration/);
  });

  test('what is no address is said at the field; one that does not answer comes back to it', async (context) => {
    const core = new FakeCore();
    core.answer('jobs.checkAddress', ({ address }) =>
      address === 'abc def' ? faultView({ code: 'address-invalid', found: address }) : {},
    );
    const { page } = await openPage(context, core, '#/site/job/job-1/ethernet');
    await page.getByRole('radio', { name: 'Another address' }).check();
    const field = page.getByLabel('eNB address');
    await field.fill('abc def');
    await field.press('Enter');
    await page.getByText('This is not a valid address. Write HOST').waitFor();
    await atFocus(page, 'eNB address');
    await field.fill('192.0.2.99');
    await page.getByText('This is not a valid address').waitFor({ state: 'detached' });
    await field.press('Enter');
    await atScreen(page, 'Siteseal could not identify the eNB');
    await page.getByRole('button', { name: 'Choose another eNB' }).click();
    await atScreen(page, 'Connect to the eNB');
    assert.equal(await field.inputValue(), '192.0.2.99');
  });

  test('a reload in the middle of a delivery comes back to it, and it can be stopped', async (context) => {
    const core = new FakeCore();
    const stop = Promise.withResolvers<undefined>();
    core.answer('jobs.send', async ({ id }) => {
      core.change(id, { state: 'sent', attempt: 'sent', work: workOf(id, 'sent') });
      await stop.promise;
      return core.change(id, { work: undefined, deliveryFault: faultView({ code: 'cancelled' }) });
    });
    core.answer('work.stop', ({ id }) => {
      assert.equal(id, 'job-1');
      stop.resolve(undefined);
      return {};
    });
    const { page } = await openPage(context, core, `#/site/job/job-1/step-0?address=${address}`);
    await page.getByRole('button', { name: 'Send…' }).click();
    await page.getByText('You can send now').waitFor();
    await page.getByRole('button', { name: 'Send now' }).click();
    await atScreen(page, 'Step 0: in progress');
    await page.reload();
    await atScreen(page, 'Step 0: in progress');
    await page.setViewportSize({ width: 512, height: 300 });
    const button = await page.getByRole('button', { name: 'Stop…' }).boundingBox();
    assert.ok(button && button.y + button.height <= 300, 'in sight without scrolling');
    await page.getByRole('button', { name: 'Stop…' }).click();
    await page.getByText('The eNB has the configuration. Only the proof is missing').first().waitFor();
    await page.getByRole('button', { name: 'Stop now' }).click();
    await page.getByText('has no proof yet').first().waitFor();
  });

  test('the cable problem is the first that is said, and goes by itself when the cable is plugged in', async (context) => {
    const core = new FakeCore({ found: { enbs: [] }, network: { problem: 'no-link', interfaces: [] } });
    const { page } = await openPage(context, core, '#/site/job/job-1/ethernet', {}, async (empty) => {
      await empty.addInitScript(noteHeadings);
    });
    await atScreen(page, 'The cable has no link');
    const headings = await page.evaluate<readonly string[]>('headings');
    assert.ok(!headings.includes('Connect to the eNB'), headings.join(', '));
    core.state.network = { problem: null, interfaces: [] };
    await atScreen(page, 'Connect to the eNB');
  });

  test('a lost connection is said, and when it is back the same screen tells the truth', async (context) => {
    const core = new FakeCore();
    const { page } = await openPage(context, core, '#/office');
    await atScreen(page, 'Office');
    let cut: (() => Promise<void>) | undefined;
    let isDown = false;
    await page.routeWebSocket('**/port', (socket) => {
      if (isDown) return void socket.close();
      socket.connectToServer();
      cut = () => socket.close();
    });
    await page.reload();
    await atScreen(page, 'Office');
    isDown = true;
    await cut?.();
    await page.locator('p', { hasText: 'No connection to the core' }).waitFor();
    core.state.operators = [];
    isDown = false;
    await page.locator('p', { hasText: 'Connected to the core again' }).waitFor();
    await page.getByText('Start with your operator profile').waitFor();
    await atScreen(page, 'Office');
  });

  test('the trust in a vendor root is withdrawn in Setup, after a question', async (context) => {
    const core = new FakeCore();
    core.answer('vendors.distrust', ({ fingerprint }) => {
      assert.equal(fingerprint, root.fingerprint);
      core.state.roots = [];
      return {};
    });
    const { page } = await openPage(context, core, '#/setup');
    await page.getByText('Acme Radio, valid until').click();
    await page.getByRole('button', { name: 'Stop trusting Acme Radio' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('This laptop will no longer open or deliver bundles').waitFor();
    await dialog.getByRole('button', { name: 'Stop trusting' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText("None yet. Trust a vendor's root").waitFor();
  });

  test('the start screen cannot be reached while something is being sent', async (context) => {
    const core = new FakeCore();
    core.answer('app.leave', () => faultView({ code: 'work-under-way', found: 'delivery' }));
    const { page } = await openPage(context, core, '#/setup');
    await page.getByRole('button', { name: 'Back to the start screen' }).click();
    await page.getByRole('heading', { name: 'Other work is still running on this laptop.' }).waitFor();
    await page.getByText('a delivery to an eNB').waitFor();
    assert.equal(core.state.app.mode, 'site');
  });

  test('whoever can fix a fault reads "you"; for everyone else it has their role', async (context) => {
    const core = new FakeCore();
    const fixedBy = async (hash: string, code: string) => {
      const { page } = await openPage(context, core, hash);
      return (await shownFault(page, code))['who fixes it'];
    };
    assert.equal(await fixedBy('#/site/job/job-1/identify?address=192.0.2.99', 'device-unreachable'), 'You');
    assert.equal(await fixedBy('#/site/job/job-3/step-0', 'sequence-rollback'), 'the preparer in the office');
    core.answer('vendors.list', () => ({ ...faultView({ code: 'internal-error' }), fixer: undefined }));
    assert.notEqual(await fixedBy('#/setup', 'internal-error'), 'You');
    core.answer('runs.get', () => faultView({ code: 'field-invalid' }));
    assert.equal(await fixedBy('#/office/run/run-1', 'field-invalid'), 'You');
  });

  test('a job whose vendor is not trusted leads to trusting it', async (context) => {
    const fault = faultView({ code: 'vendor-not-trusted' });
    const jobs = manyJobs().map((job) => ({ ...job, fault }));
    const { page } = await openPage(context, new FakeCore({ jobs }), '#/site/job/job-1/connect');
    await page.getByRole('button', { name: 'Trust a vendor root' }).click();
    await page.getByText('Choose a vendor root certificate').waitFor();
  });

  test('training offers no root to trust, and none to trust no longer', async (context) => {
    const app = { ...atTheStart, mode: 'training', training: true } as const;
    const { page } = await openPage(context, new FakeCore({ app }), '#/setup');
    await page.getByText('Acme Radio, valid until').click();
    await page.getByText('CN=Acme Radio Root CA').waitFor();
    const offered = page.getByRole('button', { name: /Trust a vendor root|Stop trusting/ });
    assert.equal(await offered.count(), 0);
    await page.getByRole('link', { name: 'Site' }).click();
    await page.getByRole('button', { name: 'Open bundle files' }).waitFor();
    assert.equal(await offered.count(), 0);
  });

  test('the passphrase field is empty as soon as the call is made', async (context) => {
    const core = new FakeCore();
    core.answer('operators.unlock', ({ passphrase }) =>
      passphrase === 'right' ? operators()[0]! : faultView({ code: 'passphrase-wrong' }),
    );
    const { page } = await openPage(context, core, '#/office');
    await page.getByRole('button', { name: 'Unlock the key for Acme Radio' }).click();
    const field = page.getByLabel('Passphrase', { exact: true });
    await field.fill('wrong');
    await field.press('Enter');
    assert.equal(await field.inputValue(), '');
    await page.getByRole('alert').getByText('This passphrase does not open the key').waitFor();
    await field.fill('right');
    await field.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('in an empty office the one thing to do is to add a profile', async (context) => {
    const { page } = await openPage(context, new FakeCore({ operators: [], runs: [] }), '#/office');
    await page.getByText('Start with your operator profile').waitFor();
    await page.getByRole('button', { name: 'Add an operator profile' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Prepare configurations' }).count(), 0);
  });

  test('an operator is not removed by pressing twice', async (context) => {
    const { page } = await openPage(context, new FakeCore(), '#/office');
    await page.getByRole('button', { name: /^Example Mobile/ }).click();
    await tabTo(page, 'Remove Example Mobile');
    await page.keyboard.press('Enter');
    await page.locator('button:focus', { hasText: 'Keep it' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Remove Example Mobile' }).waitFor();
    await page.locator('button:focus', { hasText: 'Remove' }).waitFor();
  });

  test('the problems of an inventory are filtered, and saved as CSV in full', async (context) => {
    const { page } = await openPage(context, new FakeCore(), '#/office/run/run-1');
    const invalid = page.getByText('vlan 5000: must be a whole number from 1 to 4094').first();
    await invalid.waitFor();
    await page.getByLabel('Search for a site, serial number or problem').fill('twice');
    await invalid.waitFor({ state: 'detached' });
    await page.getByRole('radio', { name: 'Problems 29' }).waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the problems as CSV' }).click();
    assert.equal((await download).suggestedFilename(), 'problems-of-south-coast.csv');
  });

  test('the good rows of an inventory are looked at before anything is made', async (context) => {
    const { page } = await openPage(context, new FakeCore(), '#/office/run/run-1');
    await page.getByRole('radio', { name: 'Problems 86', checked: true }).waitFor();
    await page.getByRole('radio', { name: 'All 1,240' }).waitFor();
    await page.getByText('Ready 1,154').click();
    const row = page.getByRole('row', { name: 'AR1000041' });
    assert.deepEqual(await row.getByRole('gridcell').allInnerTexts(), [
      ...[
        '1',
        'S00001 Mill Lane 1',
        'AR1000041',
        'Acme Radio',
        '198.51.100.1/24',
        '101',
        '1 Nov 2027',
        'Ready',
      ],
    ]);
    await page.getByText('1,154 rows', { exact: true }).waitFor();
    await page.getByText('All 1,240').click();
    await page.getByText('1,240 rows', { exact: true }).waitFor();
    await page.evaluate(`document.querySelector('main').scrollTop = 800`);
    await page.getByRole('row', { name: 'S00014' }).getByText('The inventory lists this eNB twice').waitFor();
    await page.getByRole('row', { name: 'S00015' }).getByText('Ready').waitFor();
  });

  test('the folder of a run opens; where it cannot, the window says so and still shows the path', async (context) => {
    const folder = '/home/preparer/bundles';
    const core = new FakeCore({ runs: [run({ state: 'done', made: 1154, folder })] });
    const opened: string[] = [];
    core.answer('runs.openFolder', ({ id }) => {
      opened.push(id);
      return opened.length === 1 ? {} : faultView({ code: 'folder-not-opened', where: { file: folder } });
    });
    const { page } = await openPage(context, core, '#/office/run/run-1');
    const open = page.getByRole('button', { name: 'Open the folder' });
    await open.click();
    assert.equal(await page.getByText('folder-not-opened').count(), 0);
    await open.click();
    await page.getByText('folder-not-opened').waitFor();
    await page.getByText(folder, { exact: true }).waitFor();
    assert.deepEqual(opened, ['run-1', 'run-1']);
  });

  test('a template of the inventory is saved', async (context) => {
    const { page } = await openPage(context, new FakeCore(), '#/office/prepare');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save a template' }).click();
    assert.equal((await download).suggestedFilename(), 'inventory-template.csv');
  });

  test('the operator is chosen only where there are several', async (context) => {
    const core = new FakeCore();
    const { page } = await openPage(context, core, '#/office/prepare');
    await page.getByText('Example Mobile').waitFor();
    assert.equal(await page.getByRole('combobox').count(), 0);
    core.state.operators = manyOperators();
    core.changed('operators');
    await page.getByRole('combobox', { name: 'Operator' }).selectOption('Harbour Net');
    await page.getByText('The key for Acme Radio is locked').waitFor();
  });

  test('one of several locked keys is chosen when it is unlocked', async (context) => {
    const core = new FakeCore();
    const [first] = operators();
    const vendors = first!.vendors.map((vendor) => ({
      ...vendor,
      state: 'locked' as const,
      unlockedUntil: undefined,
    }));
    core.state.operators = [{ ...first!, vendors }];
    const unlocked: string[] = [];
    core.answer('operators.unlock', ({ vendor }) => {
      unlocked.push(vendor);
      return core.state.operators[0]!;
    });
    const { page } = await openPage(context, core, '#/office');
    await page.getByRole('button', { name: 'Unlock a key of Example Mobile' }).click();
    await page.getByLabel('Key for').selectOption('Boundary Networks');
    await page.getByLabel('Passphrase', { exact: true }).fill('right');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.deepEqual(unlocked, ['Boundary Networks']);
  });
});
