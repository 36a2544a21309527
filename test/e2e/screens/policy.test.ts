// The administrator's policy in the window, over the real core.
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { Policy } from '../../../main/core/index.ts';
import { ok } from '../../../main/faults/index.ts';
import { browserPath } from '../../kit/browser.ts';
import { bundleFor, makeScene } from '../../kit/bundle.ts';
import { fakeSystem } from '../../kit/drive.ts';
import { FakeUsbBus } from '../../kit/usb.ts';
import { laptopWith, openApp } from '../app.ts';
import { atScreen } from '../flows.ts';
import { closeBrowser } from '../kit.ts';

const policy: Policy = { file: '/etc/siteseal/policy.json', training: false, connections: ['usb'] };
const surroundings = { policy: ok(policy), usb: new FakeUsbBus(), drives: fakeSystem() };

suite('an administered laptop', { skip: browserPath === undefined && 'no Chromium' }, () => {
  after(closeBrowser);

  test('has no door to training, and says who closed it', async (context) => {
    const { page, complaints } = await openApp(context, { surroundings });
    await page.getByText('Your administrator has switched training off on this computer.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Try it first' }).count(), 0);
    await page.getByRole('button', { name: /^I install at sites/ }).click();
    await atScreen(page, 'Jobs');
    assert.equal(await page.getByRole('button', { name: 'Read receipts from a drive' }).count(), 0);
    assert.deepEqual(complaints, []);
  });

  test('offers the connections that are allowed, and refuses the others', async (context) => {
    const scene = makeScene();
    const { page, complaints } = await openApp(context, {
      ...laptopWith(scene, await bundleFor(scene)),
      surroundings,
    });
    await page.getByRole('link', { name: /S00001/ }).click();
    await atScreen(page, 'How do you connect to the base station (eNB)?');
    await page.getByText('Your administrator allows no other connection on this computer.').waitFor();
    for (const [name, count] of [
      ['Ethernet', 0],
      ['USB', 1],
      ['Removable drive', 0],
    ] as const)
      assert.equal(await page.getByRole('link', { name: new RegExp(`^${name}`) }).count(), count, name);

    // A screen that is reached without its link.
    const here = new URL(page.url()).hash;
    await page.evaluate(`location.hash = ${JSON.stringify(here.replace('/connect', '/ethernet'))}`);
    await page.getByRole('textbox').fill('192.0.2.1');
    await page.getByRole('button', { name: 'Connect and identify' }).click();
    await page.getByText("This computer's administrator has switched this off.").waitFor();
    assert.deepEqual(complaints, []);
  });
});
