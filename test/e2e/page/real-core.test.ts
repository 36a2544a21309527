// The page over the real core and the lab's eNBs: what a person gets.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Page } from '@playwright/test';
import { layEntrance, startBrowserHost } from '../../../main/browser-host/index.ts';
import { browserPath } from '../../kit/browser.ts';
import { FakeCore } from '../../kit/fake-core.ts';
import { openApp } from '../app.ts';
import { assertAccessible } from '../axe.ts';
import { atScreen, byEthernet, deliverByKeyboard, tabTo } from '../flows.ts';
import { closeBrowser, pageFolder } from '../kit.ts';

/** Every message of the port, both ways. */
function listen(page: Page): string[] {
  const messages: string[] = [];
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => messages.push(payload.toString()));
    socket.on('framereceived', ({ payload }) => messages.push(payload.toString()));
  });
  return messages;
}

suite('the window over the real core', { skip: browserPath === undefined && 'no Chromium' }, () => {
  after(closeBrowser);

  test('training, from the start screen to the report, by keyboard', async (context) => {
    const { page, complaints } = await openApp(context);
    await atScreen(page, 'Welcome to Siteseal');
    await tabTo(page, 'Try it');
    await page.keyboard.press('Enter');
    await deliverByKeyboard(page, 'T0001');
    await page.getByText('LAB0001').first().waitFor();
    const report = await page.locator('main').innerText();
    assert.match(report, /LAB0001/);
    assert.match(report, /training/i);
    assert.deepEqual(complaints, []);
  });

  test('training by mouse; the eNB of another site is not sent to, and its own job is offered', async (context) => {
    const { page } = await openApp(context);
    await page.getByRole('button', { name: /Try it/ }).click();
    await atScreen(page, 'Jobs');
    await page.getByRole('link', { name: /T0002/ }).click();
    await byEthernet(page);
    await atScreen(page, 'Connect to the eNB');
    await page.getByRole('radio', { name: /LAB0003/ }).check();
    await page.getByRole('button', { name: 'Connect and identify' }).click();
    await atScreen(page, 'This is not the eNB for this site');
    await page.getByRole('button', { name: /Open its job/ }).click();
    await atScreen(page, 'This is the right base station (eNB)');
  });

  test('a reload goes on; another tab says where Siteseal is open', async (context) => {
    const { page, complaints } = await openApp(context);
    await atScreen(page, 'Welcome to Siteseal');
    assert.match(page.url(), /^http:\/\/127\.0\.0\.1:\d+\/(#.*)?$/, 'the token has left the address');
    await page.reload();
    await atScreen(page, 'Welcome to Siteseal');
    const other = await page.context().newPage();
    const sockets: string[] = [];
    other.on('websocket', (socket) => sockets.push(socket.url()));
    await other.goto(page.url());
    await atScreen(other, 'Siteseal is open in another tab');
    await other.getByText(/start it again, and open the new address/).waitFor();
    await assertAccessible(other);
    assert.deepEqual([sockets, complaints], [[], []]);
  });

  test('the browser comes in by the file that leads to it', async (context) => {
    const { page } = await openApp(context);
    const host = await startBrowserHost({ pageFolder, core: new FakeCore() });
    context.after(() => host.close());
    const { file } = layEntrance(host, 60_000);
    const tab = await page.context().newPage();
    await tab.goto(pathToFileURL(file).href);
    await tab.waitForURL(/^http:/);
    await atScreen(tab, 'Jobs');
    await tab.reload();
    await atScreen(tab, 'Jobs');
    assert.equal(existsSync(file), false);
  });

  test('no enrolment secret of the lab ever crosses the port or is in the page', async (context) => {
    const { page, dataFolder } = await openApp(context);
    const messages = listen(page);
    await page.reload();
    await page.getByRole('button', { name: /Try it/ }).click();
    await deliverByKeyboard(page, 'T0001');
    const inventory = readFileSync(join(dataFolder, 'training/lab/inventory.csv'), 'utf8');
    const secrets = [...inventory.matchAll(/\b[0-9a-f]{32}\b/g)].map(([secret]) => secret);
    assert.equal(secrets.length, 3);
    assert.ok(messages.length > 10);
    const client = await page.context().newCDPSession(page);
    const snapshot: string[] = [];
    client.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => snapshot.push(chunk));
    await client.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
    const heap = snapshot.join('');
    assert.ok(heap.includes('LAB0001'), 'the snapshot holds what the page shows');
    for (const secret of secrets) {
      assert.ok(!messages.some((message) => message.includes(secret)), 'a secret crossed the port');
      assert.ok(!heap.includes(secret), 'a secret is in the page');
    }
  });
});
