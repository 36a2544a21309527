import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { ElectronApplication, Page } from '@playwright/test';
import { inventoryTemplate } from '../../main/office/index.ts';
import { launch, makeHome, root, setUp } from './kit.ts';

// What users of desktop software expect, in the whole application: the real page, and the real core on this Node.

const env = { SITESEAL_CORE_NODE: process.execPath };

function heading(page: Page, name: string | RegExp): Promise<void> {
  return page.getByRole('heading', { level: 1, name }).waitFor();
}

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
}

/** Waits until exactly these of the items are enabled. */
async function untilEnabled(
  electron: ElectronApplication,
  ids: readonly string[],
  wanted: readonly string[],
): Promise<void> {
  await electron.evaluate(
    ({ Menu }, [all, some]) =>
      new Promise<void>((resolve, reject) => {
        const end = Date.now() + 20_000;
        const look = () => {
          const now = all.filter((id) => Menu.getApplicationMenu()!.getMenuItemById(id)!.enabled);
          if (now.join() === some.join()) resolve();
          else if (Date.now() > end) reject(new Error(`Enabled: ${now.join()}`));
          else setTimeout(look, 50);
        };
        look();
      }),
    [[...ids], [...wanted]] as const,
  );
}

function emit(electron: ElectronApplication, name: 'suspend' | 'resume'): Promise<boolean> {
  return electron.evaluate(({ powerMonitor }, event) => powerMonitor.emit(event), name);
}

/** What the menu lists as recent, and the file that keeps it. */
function recentNames(electron: ElectronApplication): Promise<string[]> {
  return electron.evaluate(({ Menu }) =>
    (Menu.getApplicationMenu()!.getMenuItemById('open-recent')!.submenu?.items ?? []).map(
      ({ label }) => label,
    ),
  );
}

describe('the ways of a desktop', () => {
  setUp();

  it('the menu has no dead item: what does nothing on the screen is disabled', async () => {
    const { page, electron, close } = await launch(root, { env });
    const ids = ['open-bundles', 'open-recent', 'trust-root', 'print', 'search', 'primary', 'help'];
    await heading(page, 'Welcome to Siteseal');
    await untilEnabled(electron, ids, ['help']);
    await page.getByRole('button', { name: /I install at sites/ }).click();
    await heading(page, 'Jobs');
    await untilEnabled(electron, ids, ['open-bundles', 'trust-root', 'primary', 'help']);
    await page.keyboard.press('F1');
    await page.getByRole('dialog').waitFor();
    await untilEnabled(electron, ids, []);
    await page.keyboard.press('Escape');
    await untilEnabled(electron, ids, ['open-bundles', 'trust-root', 'primary', 'help']);
    await electron.evaluate(({ Menu }) => {
      (Menu.getApplicationMenu()!.getMenuItemById('theme')!.click as () => void)();
    });
    await heading(page, 'Setup');
    await page.getByRole('radio', { name: 'Same as the computer' }).and(page.locator(':focus')).waitFor();
    await close();
  });

  it('a chosen file is remembered, opened again from the menu, and forgotten when it is gone', async () => {
    const home = makeHome();
    const folder = makeHome();
    const file = join(folder, 'north & south.csv');
    writeFileSync(file, inventoryTemplate());
    const { page, electron, close } = await launch(root, { home, env });
    await page.getByRole('button', { name: /I install at sites/ }).click();
    await heading(page, 'Jobs');
    await electron.evaluate(({ dialog }, path) => {
      dialog.showOpenDialog = (() => Promise.resolve({ filePaths: [path] })) as never;
      const said: string[] = [];
      Object.assign(globalThis, { said });
      dialog.showMessageBox = ((_window: unknown, { detail }: { detail: string }) => {
        said.push(detail);
        return Promise.resolve({ response: 0 });
      }) as never;
    }, file);
    await page.getByRole('button', { name: /^Open bundle files/ }).click();
    await page.getByText('north & south.csv').first().waitFor();
    const names = await recentNames(electron);
    assert.deepEqual(names.filter(Boolean), ['north && south.csv', 'Clear the list']);
    const profile = await electron.evaluate(({ app }) => app.getPath('userData'));
    const kept = JSON.parse(readFileSync(join(profile, 'recent-files.json'), 'utf8')) as unknown;
    assert.deepEqual(kept, { siteseal: 'recent-files/1', paths: [file] });
    const openFirst = () =>
      electron.evaluate(({ Menu }) => {
        (Menu.getApplicationMenu()!.getMenuItemById('open-recent')!.submenu!.items[0]!.click as () => void)();
      });
    // It is an inventory, whatever it was chosen as.
    await openFirst();
    await heading(page, 'Prepare configurations');
    assert.equal((await page.content()).includes(folder), false, 'the page does not see the path');
    rmSync(file);
    await openFirst();
    await electron.evaluate(
      () =>
        new Promise<void>((resolve) => {
          const look = () =>
            (globalThis as unknown as { said: string[] }).said.length > 0 ? resolve() : setTimeout(look, 50);
          look();
        }),
    );
    await untilEnabled(electron, ['open-recent'], []);
    await close();
  });

  it('in training nothing is remembered', async () => {
    const { page, electron, close } = await launch(root, { env });
    await page.getByRole('button', { name: /training/i }).click();
    await page.getByRole('link', { name: /T0001/ }).waitFor();
    await electron.evaluate(
      ({ dialog }, path) => {
        dialog.showOpenDialog = (() => Promise.resolve({ filePaths: [path] })) as never;
      },
      join(root, 'package.json'),
    );
    await page.keyboard.press('Control+O');
    await page.getByText('package.json').first().waitFor();
    assert.deepEqual(await recentNames(electron), []);
    await close();
  });

  it('a file that is dropped anywhere leads to where its kind is opened, and a folder is refused', async () => {
    const folder = makeHome();
    const file = join(folder, 'sites.txt');
    writeFileSync(file, inventoryTemplate());
    const { page, electron, close } = await launch(root, { env });
    await page.getByRole('button', { name: /training/i }).click();
    await page.getByRole('link', { name: /T0001/ }).waitFor();
    await page.keyboard.press('Control+3');
    await heading(page, 'Log');
    await page.getByText(/^\d+ entries$/).waitFor();
    const client = await page.context().newCDPSession(page);
    const drop = async (files: readonly string[]) => {
      const data = { items: [], files: [...files], dragOperationsMask: 1 };
      const send = (type: 'dragEnter' | 'dragOver' | 'drop') =>
        client.send('Input.dispatchDragEvent', { type, x: 600, y: 300, data });
      await send('dragEnter');
      await send('dragOver');
      await page.getByText('Drop the files to open them').waitFor();
      // A pointer that rests goes on to send these. What is below it may have changed.
      await send('dragOver');
      await send('drop');
    };
    await drop([folder]);
    await page.getByText('is a folder. Drop the files that are in it.').first().waitFor();
    await heading(page, 'Log');
    await drop([file]);
    await heading(page, 'Prepare configurations');
    await page.getByText('sites.txt').waitFor();
    assert.equal(await page.evaluate(() => window.location.href.split('#')[0]), 'app://ui/');
    assert.deepEqual(await recentNames(electron), []);
    await close();
  });

  it('sleep in mid-delivery ends it with its own fault, and the next try brings the receipt', async () => {
    const { page, electron, close } = await launch(root, { env });
    const untilHeld = (wanted: boolean) =>
      electron.evaluate(
        ({ powerSaveBlocker }, isWanted) =>
          new Promise<void>((resolve, reject) => {
            const end = Date.now() + 20_000;
            const look = () => {
              const ids = Array.from({ length: 20 }, (_, id) => id);
              if (ids.some((id) => powerSaveBlocker.isStarted(id)) === isWanted) resolve();
              else if (Date.now() > end) reject(new Error(`Not ${isWanted ? 'held' : 'released'}`));
              else setTimeout(look, 50);
            };
            look();
          }),
        wanted,
      );
    await page.getByRole('button', { name: /training/i }).click();
    await page.getByRole('link', { name: /T0001/ }).click();
    await page.getByRole('link', { name: /^Ethernet/ }).click();
    await heading(page, 'Connect to the eNB');
    await press(page, 'Connect and identify');
    await heading(page, 'This is the right base station (eNB)');
    await press(page, 'Continue');
    await heading(page, 'Send the configuration');
    await page.getByText('Training: simulated eNBs, stick and faults').click();
    await page.getByRole('radio', { name: 'eNB does not answer' }).check();
    await press(page, 'Send…');
    await page.getByText('You can send now').waitFor();
    await page.getByRole('button', { name: 'Send now' }).click();
    await heading(page, 'Step 0: in progress');
    await untilHeld(true);
    await emit(electron, 'suspend');
    await emit(electron, 'resume');
    await page.getByText('The computer slept, or Siteseal was paused').first().waitFor();
    await untilHeld(false);
    await page.getByRole('radio', { name: 'No fault' }).check();
    await press(page, 'Send again');
    await heading(page, 'Send the configuration');
    await press(page, 'Send…');
    await page.getByText('You can send now').waitFor();
    await page.getByRole('button', { name: 'Send now' }).click();
    await page.getByText('Its signed receipt is on this laptop').first().waitFor();
    await close();
  });
});
