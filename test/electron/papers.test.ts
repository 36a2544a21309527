import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Page } from '@playwright/test';
import { deliverByKeyboard } from '../e2e/flows.ts';
import { launch, makeHome, root, type Running, setUp } from './kit.ts';

// What leaves the window: files, paper, the clipboard; and what comes in by being dropped.

const env = { SITESEAL_CORE_NODE: process.execPath };

/** Where to write the paper as PDF, for those who want to look. */
const pictures = process.env['SITESEAL_SCREENSHOTS'];

async function enterTraining(page: Page): Promise<void> {
  await page.getByRole('button', { name: /training/i }).click();
  await page.getByRole('link', { name: /T0001/ }).waitFor();
}

/** Answers the next save dialog with a folder; gives the file's text when it has been written. */
async function saved({ electron }: Running, folder: string, act: () => Promise<void>) {
  const done = electron.evaluate(
    ({ session }, into) =>
      new Promise<string>((resolve, reject) => {
        session.defaultSession.once('will-download', (_event, item) => {
          item.setSavePath(`${into}/${item.getFilename()}`);
          item.once('done', (_done, state) =>
            state === 'completed' ? resolve(item.getFilename()) : reject(new Error(state)),
          );
        });
      }),
    folder,
  );
  await act();
  const name = await done;
  return { name, text: readFileSync(join(folder, name), 'utf8') };
}

/** Drags a file of the computer over an element, and lets it go. */
async function drop(page: Page, file: string, onto: string): Promise<void> {
  const box = await page.getByText(onto).boundingBox();
  assert(box);
  const client = await page.context().newCDPSession(page);
  const data = { items: [], files: [file], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await client.send('Input.dispatchDragEvent', { type, x: box.x + 5, y: box.y + 5, data });
  }
}

describe('the papers of the application in Electron', () => {
  setUp();

  it('saves the report, and prints it in light colours on one page', async () => {
    const home = makeHome();
    const running = await launch(root, { home, env });
    const { page, electron, complaints, close } = running;
    await page.emulateMedia({ colorScheme: 'dark' });
    await enterTraining(page);
    await deliverByKeyboard(page, 'T0001');
    const { name, text } = await saved(running, home, () =>
      page.getByRole('button', { name: 'Save the report' }).click(),
    );
    assert.equal(name, 'report-T0001-LAB0001.html');
    assert.match(text, /LAB0001[^]*The signature is valid/);
    const pdf = await electron.evaluate(async ({ BrowserWindow }) => {
      const octets = await BrowserWindow.getAllWindows()[0]!.webContents.printToPDF({
        printBackground: true,
      });
      return octets.toString('base64');
    });
    const paper = Buffer.from(pdf, 'base64');
    if (pictures !== undefined) writeFileSync(join(pictures, 'report-electron.pdf'), paper);
    assert.equal(paper.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length, 1);
    // The dialog of the system would hold the page until somebody answers it.
    await page.evaluate(() => (window.print = () => document.body.append('asked to print')));
    await page.getByRole('button', { name: 'Print' }).click();
    await page.getByText('asked to print').waitFor();
    assert.deepEqual(await complaints(), []);
    await close();
  });

  it('takes a dropped inventory, and saves the table of its problems', async () => {
    const home = makeHome();
    const running = await launch(root, { home, env });
    const { page, complaints, close } = running;
    await enterTraining(page);
    // The certificates that it names lie elsewhere.
    const inventory = join(home, 'north.csv');
    copyFileSync(join(home, 'data', 'training', 'lab', 'inventory.csv'), inventory);
    chmodSync(inventory, 0o644);
    await page.getByRole('link', { name: 'Office' }).click();
    await page.getByRole('button', { name: 'Prepare configurations' }).click();
    await drop(page, inventory, 'with one row for each base station');
    await page.getByText('north.csv').waitFor();
    await page.getByRole('button', { name: 'Unlock' }).click();
    await page.getByLabel('Passphrase', { exact: true }).fill('training');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Check the inventory' }).click();
    await page.getByRole('heading', { level: 1, name: /ready$/ }).waitFor();
    const { name, text } = await saved(running, home, () =>
      page.getByRole('button', { name: 'Save the problems as CSV' }).click(),
    );
    assert.equal(name, 'problems-of-north.csv');
    assert.match(
      text,
      /^"row","line","site",.*\r\n"1","2","T0001","LAB0001","enb_certificate","LAB0001\.pem","enb-certificate-missing",/,
    );
    assert.deepEqual(await complaints(), []);
    await close();
  });

  it('copies a fault for support, out of a dialog as well', async () => {
    const home = makeHome();
    const running = await launch(root, { home, env });
    const { page, electron, complaints, close } = running;
    // Training trusts its own vendor, and no other.
    await page.getByRole('button', { name: 'I install at sites' }).click();
    await electron.evaluate(
      ({ dialog, clipboard }, path) => {
        void clipboard.writeText('before');
        dialog.showOpenDialog = (() => Promise.resolve({ filePaths: [path] })) as never;
      },
      join(root, 'package.json'),
    );
    await page.getByRole('button', { name: 'Trust a vendor root' }).click();
    await page.getByRole('button', { name: 'Copy for support' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const copied = await electron.evaluate(({ clipboard }) => clipboard.readText());
    assert.match(copied, /^Code: [a-z-]+\nWhat happened: /);
    assert.deepEqual(await complaints(), []);
    await close();
  });
});
