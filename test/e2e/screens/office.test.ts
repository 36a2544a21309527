// The office over the real core, and the way of a bundle from the inventory to the eNB.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, suite, test, type TestContext } from 'node:test';
import type { Page } from '@playwright/test';
import { browserPath } from '../../kit/browser.ts';
import { now, referenceOperator, signingOf } from '../../kit/bundle.ts';
import { startEnb } from '../../kit/enb.ts';
import { LabOffice, makeFolder, referenceOffice, referenceRows, type Office } from '../../kit/operator.ts';
import { callCore, openApp, shownFault, until, type AppOptions } from '../app.ts';
import { assertAccessible } from '../axe.ts';
import { atScreen, tabTo } from '../flows.ts';
import { closeBrowser } from '../kit.ts';

/** Presses what has a name, having come to it with Tab. */
async function pressByKey(page: Page, name: string): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press('Enter');
}

/** Radio buttons are one stop for Tab; among them the arrows lead. */
async function chooseRadio(page: Page, name: string): Promise<void> {
  const labels = page.getByRole('dialog').locator('label');
  const order = (await labels.allInnerTexts()).map((text) => text.trim());
  await tabTo(page, order[0] ?? '');
  await page.keyboard.press('Space');
  for (let place = order.indexOf(name); place > 0; place -= 1) await page.keyboard.press('ArrowDown');
  await page.getByRole('radio', { name, checked: true }).waitFor();
}

/** Chooses a file or folder in the page's own dialog, by keyboard. */
async function chooseByKey(page: Page, opener: string, office: Office, name: string): Promise<void> {
  await pressByKey(page, opener);
  const dialog = page.getByRole('dialog', { name: /^Choose/ });
  await dialog.getByText(basename(office.folder), { exact: true }).waitFor();
  await pressByKey(page, basename(office.folder));
  await dialog.getByText(name, { exact: true }).waitFor();
  const isFolder = !name.includes('.');
  if (isFolder) await pressByKey(page, name);
  else await chooseRadio(page, name);
  if (isFolder) await dialog.getByText(`${basename(office.folder)} / ${name}`).waitFor();
  await pressByKey(page, isFolder ? 'Choose this folder' : 'Choose');
  await dialog.waitFor({ state: 'detached' });
}

/** The same by mouse. */
async function choose(page: Page, opener: string, office: Office, name: string): Promise<void> {
  await page.getByRole('button', { name: opener, exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: basename(office.folder) }).click();
  await dialog.getByText(name, { exact: true }).click();
  await dialog.getByRole('button', { name: /^Choose/ }).click();
}

/** The office on a fresh laptop, with the operator's profile added and its keys unlocked. */
async function openOffice(context: TestContext, office: Office, more: Pick<AppOptions, 'setUp'> = {}) {
  const app = await openApp(context, { folders: [office.folder], now, ...more });
  const { page } = app;
  await page.getByRole('button', { name: /I prepare configurations/ }).click();
  await atScreen(page, 'Office');
  await choose(page, 'Add an operator profile', office, 'operator.json');
  const unlock = page.getByRole('button', { name: /^Unlock (the|a) key/ });
  await unlock.waitFor();
  const keyState = page.getByText(/^Locked$|keys unlocked$|^Unlocked until/);
  while ((await unlock.count()) > 0) {
    const before = await keyState.innerText();
    await unlock.click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Passphrase', { exact: true }).fill(office.passphrase);
    await dialog.getByRole('button', { name: 'Unlock', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    // The dialog closes before the operator's line shows that the key is unlocked.
    await keyState.filter({ hasNotText: new RegExp(`^${before}$`) }).waitFor();
  }
  return app;
}

async function check(page: Page, office: Office, inventory: string): Promise<void> {
  await page.getByRole('button', { name: 'Prepare configurations' }).click();
  await atScreen(page, 'Prepare configurations');
  await choose(page, 'Choose a CSV file', office, inventory);
  await page.getByRole('button', { name: 'Check the inventory' }).click();
}

suite('the office over the real core', { skip: browserPath === undefined && 'no Chromium' }, () => {
  after(closeBrowser);

  test('from the operator profile to the report of a delivered bundle, by keyboard alone', async (context) => {
    const office = new LabOffice();
    office.writeInventory([
      office.row('LAB0001'),
      office.row('LAB0002', { vlan: '5000' }),
      office.row('LAB0001', { site_id: 'S-TWICE' }),
      office.row('LAB0002', { site_id: 'S-MTU', mtu: '90000' }),
    ]);
    makeFolder(office, 'out');
    const { page, complaints } = await openApp(context, { folders: [office.folder], now });

    await atScreen(page, 'Welcome to Siteseal');
    await pressByKey(page, 'I prepare configurations');
    await atScreen(page, 'Office');
    await chooseByKey(page, 'Add an operator profile', office, 'operator.json');
    await page.getByText('PLMN 24491').waitFor();

    await pressByKey(page, 'Unlock the key for lab');
    const field = page.getByLabel('Passphrase', { exact: true });
    await page.locator('input:focus').waitFor();
    await page.keyboard.type('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('This passphrase does not open the key').waitFor();
    await assertAccessible(page);
    assert.equal(await field.inputValue(), '');
    await page.locator('input:focus').waitFor();
    await page.keyboard.type(office.passphrase);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.locator('button:focus', { hasText: 'Prepare configurations' }).waitFor();
    await pressByKey(page, 'Lab Operator');
    await page.getByText('LAB0000 – LAB9999').waitFor();

    await pressByKey(page, 'Prepare configurations');
    await atScreen(page, 'Prepare configurations');
    await chooseByKey(page, 'Choose a CSV file', office, 'inventory.csv');
    await pressByKey(page, 'Check the inventory');
    await atScreen(page, '1 of 4 rows are ready');

    await tabTo(page, 'Search for a site, serial number or problem');
    await page.keyboard.type('S-MTU');
    await page.getByText('S-TWICE').waitFor({ state: 'detached' });
    await page.getByRole('gridcell', { name: 'S-MTU' }).waitFor();
    await page.getByText('mtu 90000: must be a whole number from 576 to 9216').waitFor();
    await pressByKey(page, '4 S-MTU');
    const fault = await shownFault(page, 'field-invalid');
    assert.equal(fault['expected'], 'a whole number from 576 to 9216');
    assert.match(fault['where']!, /row 4, line 5, field mtu/);
    const cells = await page.getByRole('row', { name: 'S-MTU' }).getByRole('gridcell').allInnerTexts();
    assert.deepEqual([cells[0], cells[1]], ['4', 'S-MTU']);
    await assertAccessible(page);

    await chooseByKey(page, 'Choose a folder', office, 'out');
    await pressByKey(page, 'Make the ready ones (1)');
    await atScreen(page, '1 bundle ready');
    await page.getByText('3 rows were skipped because of a problem.').waitFor();
    await page.getByText(office.path('out'), { exact: true }).waitFor();
    assert.deepEqual(office.bundleNames(), ['LAB0001.p7m']);

    await pressByKey(page, 'Make jobs on this laptop');
    await page.getByText('1 bundle: the vendor root of Lab Vendor is not trusted here').first().waitFor();
    await assertAccessible(page);
    await pressByKey(page, 'Trust the root of Lab Vendor');
    await page.getByRole('dialog').getByText('O=Lab Vendor').waitFor();
    await chooseByKey(page, 'Choose the file', office, 'vendor-root.pem');
    await page.getByText('Compare the fingerprint, group by group').waitFor();
    await tabTo(page, 'I compared');
    await page.keyboard.press('Space');
    await pressByKey(page, 'Trust on this laptop');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await atScreen(page, 'Jobs');
    await page.getByRole('heading', { name: '1 job added' }).waitFor();

    const { vendor, configurationKey, operatorRoot } = office;
    const signing = signingOf(configurationKey, vendor);
    const enb = await startEnb({
      vendor,
      configurationKey,
      operatorRoot,
      signing,
      enb: office.enb('LAB0001'),
    });
    context.after(() => enb.close());
    await pressByKey(page, 'S-LAB0001');
    await atScreen(page, 'How do you connect to the base station (eNB)?');
    await pressByKey(page, 'Ethernet');
    await atScreen(page, 'Connect to the eNB');
    await tabTo(page, 'eNB address');
    await page.keyboard.type(`127.0.0.1:${enb.port}`);
    await page.keyboard.press('Enter');
    await atScreen(page, 'This is the right base station (eNB)');
    await pressByKey(page, 'Continue');
    await atScreen(page, 'Send the configuration');
    await pressByKey(page, 'Send…');
    await page.getByText('You can send now').waitFor();
    await pressByKey(page, 'Send now');
    await atScreen(page, /accepted configuration/);
    await page.getByText('Its signed receipt is on this laptop').first().waitFor();
    await pressByKey(page, 'Next: Step 0.5');
    await atScreen(page, 'Set up the first tunnel');
    await pressByKey(page, 'Do it later');
    await atScreen(page, /has configuration/);
    await pressByKey(page, 'Open the report');
    await atScreen(page, 'Report');
    await page.getByText('Delivered, proven').waitFor();
    assert.deepEqual(enb.enb.acceptedBundle(), office.bundle('LAB0001'));
    assert.deepEqual(complaints, []);
  });

  test('every bad row of an inventory is in the table with its fault; the good ones are made, also after a stop', async (context) => {
    const office = referenceOffice();
    const rows = Array.from({ length: 254 }, (_, place) => place + 1);
    office.write('inventory.csv', referenceRows(rows, 'inventory-with-errors.csv'));
    makeFolder(office, 'out');
    const { page, core } = await openOffice(context, office);
    await check(page, office, 'inventory.csv');
    await atScreen(page, '240 of 254 rows are ready');
    await page.getByText('Choose a folder first.').waitFor();
    const expected = JSON.parse(readFileSync(join(referenceOperator, 'expected.json'), 'utf8')) as readonly {
      readonly expect: string;
    }[];
    const bad = expected.filter(({ expect }) => expect !== 'ok').length;
    await page.getByRole('radio', { name: `Problems ${bad}`, checked: true }).waitFor();
    const table = page.getByRole('treegrid', { name: 'Rows of the inventory' });
    assert.equal(await table.getAttribute('aria-rowcount'), String(bad + 1));
    await page.getByText('Ready 240').click();
    await page.getByText('240 rows', { exact: true }).waitFor();

    await choose(page, 'Choose a folder', office, 'out');
    const stopped = until(core, async () => {
      const isOnItsWay = existsSync(office.path('out', 'bundles')) && office.bundleNames().length > 0;
      const [run] = (await callCore(core, 'runs.list', {})).rows;
      if (isOnItsWay && run?.work) await callCore(core, 'work.stop', { id: run.work.id });
      return isOnItsWay;
    });
    await page.getByRole('button', { name: /^Make the ready ones/ }).click();
    await stopped;
    await atScreen(page, 'Run stopped');
    await assertAccessible(page);
    const made = office.bundleNames().length;
    assert.ok(made < 240, `${made} of 240 were made before it stopped`);
    assert.equal(await page.getByText('cancelled').count(), 0, 'what a person asked for is no fault');

    await page.getByRole('button', { name: 'Back to the office' }).click();
    await page.getByRole('link', { name: 'inventory.csv' }).click();
    await atScreen(page, 'Run stopped');
    await page.getByText(office.path('out'), { exact: true }).waitFor();
    assert.equal(
      await page.getByRole('button', { name: /^Choose/ }).count(),
      0,
      'no other folder is offered',
    );
    await page.getByRole('button', { name: 'Continue' }).click();
    await atScreen(page, /bundles? ready/);
    assert.equal(office.bundleNames().length, 240);
    await page.getByText('All 254').click();
    await page.getByText('254 rows', { exact: true }).waitFor();
    await assertAccessible(page);
  });

  test('a folder that holds bundles of another run is refused, and another one can be chosen', async (context) => {
    const office = new LabOffice();
    office.writeInventory([office.row('LAB0001')]);
    await office.report();
    office.writeInventory([office.row('LAB0002')]);
    makeFolder(office, 'empty');
    const { page } = await openOffice(context, office);
    await check(page, office, 'inventory.csv');
    await atScreen(page, 'The row is ready');
    await choose(page, 'Choose a folder', office, 'out');
    await shownFault(page, 'output-not-empty');
    await page.getByRole('heading', { level: 1, name: 'The row is ready' }).waitFor();
    await assertAccessible(page);
    await choose(page, 'Choose a folder', office, 'empty');
    await page.getByText(office.path('empty'), { exact: true }).waitFor();
    assert.equal(await page.getByText('output-not-empty').count(), 0);
    await page.getByRole('button', { name: 'Make bundles (1)' }).click();
    await atScreen(page, /bundles? ready/);
  });

  test('what an inventory changes is looked at before it is signed, and only that is made', async (context) => {
    const office = new LabOffice({ training: false });
    office.writeInventory([office.row('LAB0001'), office.row('LAB0002')]);
    const prepareBefore = async (_: unknown, dataFolder: string) => {
      await office.report({ surroundings: { dataFolder } });
    };
    makeFolder(office, 'again');
    const { page } = await openOffice(context, office, { setUp: prepareBefore });
    office.writeInventory([office.row('LAB0001', { vlan: '102' }), office.row('LAB0002')]);
    await check(page, office, 'inventory.csv');
    await atScreen(page, '1 of 2 rows needs a bundle');
    await page.getByRole('radio', { name: 'Changed 1', checked: true }).waitFor();
    await page.getByText('VLAN: 101 → 102').waitFor();
    await page.getByText('VLAN: 101 → 102').click();
    assert.equal(
      await page.getByRole('row', { name: 'VLAN 101 102', exact: true }).innerText(),
      'VLAN\t101\t102',
    );
    await assertAccessible(page);
    assert.equal(
      await page.getByRole('button', { name: /^Make all/ }).count(),
      0,
      'not before there is a folder',
    );
    await choose(page, 'Choose a folder', office, 'again');
    await page.getByRole('button', { name: 'Make all (2)' }).waitFor();
    await page.getByRole('button', { name: 'Make the new and changed ones (1)' }).click();
    await atScreen(page, '1 bundle ready');
    await page.getByText('1 row changes nothing.').waitFor();
    assert.deepEqual(office.bundleNames('again'), ['LAB0001.p7m']);
    assert.equal(office.configuration('LAB0001', 'again').sequence, 2);
    await assertAccessible(page);
  });

  test('a key that has been locked is unlocked on the spot, and the same file is checked and made', async (context) => {
    const office = new LabOffice({ training: false });
    office.writeInventory([office.row('LAB0001')]);
    makeFolder(office, 'out');
    const { page, core } = await openOffice(context, office);
    const lock = async () => {
      const [operator] = await callCore(core, 'operators.list', {});
      await callCore(core, 'operators.lock', { id: operator!.id });
    };
    const unlock = async () => {
      await page.getByRole('button', { name: 'Unlock the key for lab' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Passphrase', { exact: true }).fill(office.passphrase);
      await dialog.getByRole('button', { name: 'Unlock', exact: true }).click();
    };
    await lock();
    await page.getByRole('button', { name: 'Prepare configurations' }).click();
    await choose(page, 'Choose a CSV file', office, 'inventory.csv');
    await page.getByText('Unlock the key first.').waitFor();
    await unlock();
    await page.getByText('Unlock the key first.').waitFor({ state: 'detached' });
    const [operator] = await callCore(core, 'operators.list', {});
    const inventory = core.registerFile(office.path('inventory.csv'));
    await lock();
    const { id } = await callCore(core, 'runs.check', { operatorId: operator!.id, inventory });
    await page.evaluate(`location.hash = '#/office/run/${id}'`);
    await atScreen(page, 'A key is locked');
    assert.doesNotMatch(await page.locator('body').innerText(), /--|SITESEAL_|terminal/);
    await assertAccessible(page);
    await unlock();
    await atScreen(page, 'The row is ready');
    await choose(page, 'Choose a folder', office, 'out');
    await page.getByText(office.path('out'), { exact: true }).waitFor();
    await lock();
    await page.getByRole('button', { name: 'Make bundles (1)' }).click();
    await atScreen(page, 'A key is locked');
    await unlock();
    await atScreen(page, /bundles? ready/);
  });

  test('an inventory that was mended is checked again with one button', async (context) => {
    const office = new LabOffice({ training: false });
    office.writeInventory([office.row('LAB0001', { mtu: 'much' })]);
    const { page } = await openOffice(context, office);
    await check(page, office, 'inventory.csv');
    await atScreen(page, 'No row is ready');
    office.writeInventory([office.row('LAB0001')]);
    await page.getByRole('button', { name: 'Check again' }).click();
    await atScreen(page, 'The row is ready');
  });
});
