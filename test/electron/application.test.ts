import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Page } from '@playwright/test';
import { launch, makeHome, root, type Running, setUp, startAnother } from './kit.ts';

// The whole application: the real page, and the real core on this Node, which loads the native modules whatever the
// Electron.

declare const siteseal: { choose(kind: string): Promise<{ id: string; name: string }[]> };

const env = { SITESEAL_CORE_NODE: process.execPath };

async function enterTraining(page: Page): Promise<void> {
  await page.getByRole('button', { name: /training/i }).click();
  await page.getByRole('link', { name: /T0001/ }).waitFor();
}

/** The process ids of an application's core: the Node among Electron's children. */
async function findCore({ electron }: Running): Promise<number> {
  const shell = await electron.evaluate(() => process.pid);
  const { stdout } = spawnSync('ps', ['--ppid', String(shell), '-o', 'pid=,args='], { encoding: 'utf8' });
  const line = stdout.split('\n').find((text) => text.includes('process.cjs'));
  return Number.parseInt(line ?? '', 10);
}

describe('the application in Electron', () => {
  setUp();

  it('starts, and is ready for training at once, without a complaint of its page', async () => {
    const { page, complaints, close } = await launch(root, { env });
    await page.getByRole('heading', { name: 'Welcome to Siteseal' }).waitFor();
    await enterTraining(page);
    assert.deepEqual(await complaints(), []);
    await close();
  });

  it('keeps the real page in the sandbox', async () => {
    const { page, electron, close } = await launch(root, { env });
    assert.deepEqual(
      await page.evaluate(() => [typeof process, typeof require, window.location.href.split('#')[0]]),
      ['undefined', 'undefined', 'app://ui/'],
    );
    const pid = await electron.evaluate(
      ({ app }) => app.getAppMetrics().find(({ type }) => type === 'Tab')!.pid,
    );
    // The kernel's word for it: a filter of system calls is on, and no more rights can be had.
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    assert.match(status, /^Seccomp:\t2$/m);
    assert.match(status, /^NoNewPrivs:\t1$/m);
    await close();
  });

  it('gives the page a handle for a file that the person chose, and never its path', async () => {
    const running = await launch(root, { env });
    const { page, electron, close } = running;
    await page.getByRole('heading').first().waitFor();
    const file = join(root, 'package.json');
    await electron.evaluate(({ dialog }, path) => {
      dialog.showOpenDialog = (() => Promise.resolve({ filePaths: [path] })) as never;
    }, file);
    const [handle, ...others] = await page.evaluate(() => siteseal.choose('vendor-root'));
    assert.match(handle?.id ?? '', /^[0-9a-f]{32}$/);
    assert.deepEqual(Object.keys(handle ?? {}).sort(), ['id', 'name']);
    assert.equal(handle?.name, 'package.json');
    assert.deepEqual(others, []);
    await close();
  });

  it('does once what the menu and the keys ask for, wherever the page is', async () => {
    const running = await launch(root, { env });
    const { page, electron, complaints, close } = running;
    await enterTraining(page);
    await page.keyboard.press('Control+3');
    await page.getByRole('heading', { level: 1, name: 'Log' }).waitFor();
    const asked = electron.evaluate(
      ({ dialog, Menu }) =>
        new Promise<string[]>((resolve) => {
          const titles: string[] = [];
          dialog.showOpenDialog = ((_window: unknown, { title }: { title: string }) => {
            titles.push(title);
            resolve(titles);
            return Promise.resolve({ filePaths: [] });
          }) as never;
          (Menu.getApplicationMenu()!.getMenuItemById('open-bundles')!.click as () => void)();
        }),
    );
    assert.deepEqual(await asked, ['Choose bundles']);
    await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
    await page.keyboard.press('F1');
    await page.getByRole('dialog').getByRole('heading', { name: 'Training' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('Alt+ArrowLeft');
    await page.getByRole('heading', { level: 1, name: 'Log' }).waitFor();
    await electron.evaluate(({ Menu }) => {
      (Menu.getApplicationMenu()!.getMenuItemById('licences')!.click as () => void)();
    });
    await page.getByText('LICENSES.chromium.html').waitFor();
    await page.locator('summary', { hasText: 'react-dom' }).waitFor();
    assert.deepEqual(await complaints(), []);
    await close();
  });

  it('goes on with a new core where the old one died', async () => {
    const running = await launch(root, { env });
    const { page, close } = running;
    await enterTraining(page);
    const first = await findCore(running);
    process.kill(first, 'SIGKILL');
    await page.getByRole('link', { name: 'Log' }).click();
    await page.getByRole('link', { name: 'Site' }).click();
    await page.getByRole('link', { name: /T0001/ }).waitFor();
    assert.notEqual(await findCore(running), first);
    await close();
  });

  it('leaves no process behind', async () => {
    const running = await launch(root, { env });
    await enterTraining(running.page);
    const core = await findCore(running);
    assert.ok(core > 0);
    await running.close();
    assert.throws(() => process.kill(core, 0), { code: 'ESRCH' });
  });

  it('is one at a time', async () => {
    const home = makeHome();
    const { page, close } = await launch(root, { home, env });
    assert.deepEqual(await once(startAnother(root, home), 'exit'), [0, null]);
    await page.getByRole('heading').first().waitFor();
    await close();
  });
});
