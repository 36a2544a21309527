import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { ElectronApplication, Page } from '@playwright/test';
import { commands } from '../../preload/contract/commands.ts';
import { launch, makeApplication, makeHome, setUp } from './kit.ts';

// What passes between the menu, the page and the desktop, with a core that only says where its data is.

const core = `
const { parentPort } = process;
parentPort.on('message', ({ data }) => {
  if (data.kind === 'start') parentPort.postMessage({ kind: 'ready', dataFolder: process.env.FOLDER });
});
`;

interface Desk {
  commands: unknown[];
}
declare const desk: Desk;
declare const siteseal: {
  onCommand(listener: (command: unknown) => void): void;
  available(commands: unknown): void;
  notify(text: unknown): void;
  progress(part: unknown): void;
  choose(kind: unknown): Promise<unknown>;
};

/** Notes the commands that reach the page. */
async function noteCommands(page: Page): Promise<void> {
  await page.evaluate(() => {
    Object.assign(globalThis, { desk: { commands: [] } });
    siteseal.onCommand((command) => desk.commands.push(command));
  });
}

/** The page's next answer from the shell comes after everything that it sent before. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(() => siteseal.choose('nothing').catch(() => undefined));
}

/** Replaces what the test cannot see of the desktop, and notes it. */
async function watchDesktop(electron: ElectronApplication): Promise<void> {
  await electron.evaluate(({ BrowserWindow, Notification, shell, dialog }) => {
    const seen = {
      isInFront: false,
      notices: [] as unknown[],
      parts: [] as number[],
      opened: [] as string[],
      focused: 0,
    };
    Object.assign(globalThis, { seen, complaint: '' });
    const [window] = BrowserWindow.getAllWindows();
    window!.isFocused = () => seen.isInFront;
    window!.focus = () => {
      seen.focused++;
    };
    window!.setProgressBar = (part) => void seen.parts.push(part);
    Notification.isSupported = () => true;
    Notification.prototype.show = function () {
      seen.notices.push([this.title, this.body]);
      Object.assign(globalThis, { latest: this });
    };
    shell.openPath = (path) => {
      seen.opened.push(path);
      return Promise.resolve((globalThis as unknown as { complaint: string }).complaint);
    };
    dialog.showMessageBox = ((_window: unknown, { detail }: { detail: string }) => {
      seen.opened.push(detail);
      return Promise.resolve({ response: 0 });
    }) as never;
  });
}

interface Seen {
  isInFront: boolean;
  notices: unknown[];
  parts: number[];
  opened: string[];
  focused: number;
}

function seenBy(electron: ElectronApplication): Promise<Seen> {
  return electron.evaluate(() => (globalThis as unknown as { seen: Seen }).seen);
}

async function click(electron: ElectronApplication, id: string): Promise<void> {
  await electron.evaluate(({ Menu }, wanted) => {
    (Menu.getApplicationMenu()!.getMenuItemById(wanted)!.click as () => void)();
  }, id);
}

describe('between the page and the desktop', () => {
  setUp('preload', 'shell');

  it('the menu sends each command to the page, and the bridge takes no other', async () => {
    const { page, electron, complaints, close } = await launch(makeApplication(core));
    await noteCommands(page);
    for (const command of commands) await click(electron, command);
    await page.waitForFunction((count) => desk.commands.length === count, commands.length);
    await electron.evaluate(({ BrowserWindow }) => {
      const { mainFrame } = BrowserWindow.getAllWindows()[0]!.webContents;
      for (const other of ['quit', '__proto__', null, { command: 'help' }, ['help']])
        mainFrame.send('siteseal:command', other);
      mainFrame.send('siteseal:command', 'help');
    });
    await page.waitForFunction((count) => desk.commands.length > count, commands.length);
    assert.deepEqual(await page.evaluate(() => desk.commands), [...commands, 'help']);
    assert.deepEqual(await complaints(), []);
    await close();
  });

  it('the menu shows the keys of its commands, and leaves them to the page', async () => {
    const { electron, close } = await launch(makeApplication(core));
    const items = await electron.evaluate(({ Menu }) => {
      const all = Menu.getApplicationMenu()!.items.flatMap(({ submenu }) => submenu?.items ?? []);
      return all
        .filter(({ accelerator }) => accelerator)
        .map(({ id, accelerator, registerAccelerator }) => ({ id, accelerator, registerAccelerator }));
    });
    const ours = items.filter(({ id }) => commands.some((command) => command === id));
    assert.ok(ours.length >= 10);
    const keys = items.map(({ accelerator }) => accelerator);
    assert.equal(new Set(keys).size, keys.length, 'each accelerator once');
    assert.deepEqual(
      ours.filter(({ registerAccelerator }) => registerAccelerator),
      [],
    );
    assert.ok(ours.some(({ id, accelerator }) => id === 'help' && accelerator === 'F1'));
    await close();
  });

  it('the menu has what the screens have', async () => {
    const { electron, close } = await launch(makeApplication(core));
    const labels = await electron.evaluate(({ Menu }) =>
      Object.fromEntries(
        Menu.getApplicationMenu()!.items.map(({ label, submenu }) => [
          label,
          (submenu?.items ?? []).filter(({ type }) => type !== 'separator').map((item) => item.label),
        ]),
      ),
    );
    assert.deepEqual(labels['File'], [
      'Open bundle files…',
      'Open recent',
      'Read receipts from a drive…',
      'Prepare configurations…',
      'Add an operator profile…',
      'Trust a vendor root…',
      'Print the report…',
      'Back to the start screen',
      labels['File']?.at(-1),
    ]);
    assert.deepEqual(labels['Log'], [
      'Verify the log',
      'Compare with heads or receipts…',
      'Export…',
      'Save the head…',
    ]);
    assert.deepEqual(labels['Go']?.slice(0, 5), ['Site', 'Office', 'Log', 'Setup', 'Back']);
    assert.deepEqual(labels['Help'], [
      'Help for this screen',
      'Guide',
      'Open the data folder',
      'Licences',
      'About Siteseal',
    ]);
    await close();
  });

  it('the menu opens the data folder, and nothing that is no folder', async () => {
    const home = makeHome();
    const file = join(home, 'program.sh');
    writeFileSync(file, '');
    for (const [folder, complaint, opened] of [
      [home, '', [home]],
      [home, 'no file manager', [home, `The data folder, with the log, is ${home}`]],
      ...[file, 'relative', join(home, 'missing')].map(
        (folder) => [folder, '', [`Siteseal expects the data folder, with the log, at ${folder}`]] as const,
      ),
    ] as const) {
      const { electron, page, close } = await launch(makeApplication(core), { env: { FOLDER: folder } });
      await watchDesktop(electron);
      await electron.evaluate(
        (_electron, said) => void Object.assign(globalThis, { complaint: said }),
        complaint,
      );
      // The core has greeted the shell once the page gets a port.
      await page.evaluate(() =>
        new Promise((resolve) => {
          window.addEventListener('message', resolve, { once: true });
          (siteseal as unknown as { connect(): void }).connect();
        }).then(() => undefined),
      );
      await click(electron, 'data-folder');
      await settle(page);
      assert.deepEqual((await seenBy(electron)).opened, opened, `${folder} ${complaint}`);
      await close();
    }
  });

  it('a notification appears only while the window is not in front, and a click on it brings the window there', async () => {
    const { page, electron, close } = await launch(makeApplication(core));
    await watchDesktop(electron);
    await page.evaluate(() => siteseal.notify('Bundles ready: 1,154 made'));
    await settle(page);
    assert.deepEqual((await seenBy(electron)).notices, [['Siteseal', 'Bundles ready: 1,154 made']]);
    await electron.evaluate(() => {
      const { latest, seen } = globalThis as unknown as { latest: { emit(name: string): void }; seen: Seen };
      latest.emit('click');
      seen.isInFront = true;
    });
    await page.evaluate(() => siteseal.notify('Not seen'));
    await settle(page);
    const { notices, focused } = await seenBy(electron);
    assert.equal(notices.length, 1);
    assert.equal(focused, 1);
    await close();
  });

  it('a notification has a bounded text without markup, and progress is between nothing and all', async () => {
    const { page, electron, close } = await launch(makeApplication(core));
    await watchDesktop(electron);
    await page.evaluate(() => {
      for (const text of ['', 'x'.repeat(201), 7, null, undefined, { text: 'x' }]) siteseal.notify(text);
      siteseal.notify('<a href="x">Link</a>\u0000&\u202e');
      for (const part of [0, 0.5, 1, null, -1, 1.5, NaN, '0.5', undefined, {}]) siteseal.progress(part);
    });
    await settle(page);
    const { notices, parts } = await seenBy(electron);
    assert.deepEqual(notices, [['Siteseal', ' a href="x" Link /a    ']]);
    assert.deepEqual(parts, [0, 0.5, 1, -1]);
    await close();
  });

  it('the menu enables what the page names as available, and nothing after other messages', async () => {
    const { page, electron, close } = await launch(makeApplication(core));
    const enabled = () =>
      electron.evaluate(
        ({ Menu }, all) => all.filter((id) => Menu.getApplicationMenu()!.getMenuItemById(id)!.enabled),
        [...commands],
      );
    assert.deepEqual(await enabled(), []);
    await page.evaluate(() => siteseal.available(['help', 'print']));
    await settle(page);
    assert.deepEqual(await enabled(), ['print', 'help']);
    await page.evaluate(() => {
      for (const wrong of [['quit'], 'help', ['help', 'help'], null, [['help']]]) siteseal.available(wrong);
    });
    await settle(page);
    assert.deepEqual(await enabled(), ['print', 'help']);
    await page.reload();
    assert.deepEqual(await enabled(), []);
    await close();
  });

  it('no notification comes from another frame', async () => {
    const { page, electron, close } = await launch(makeApplication(core));
    await watchDesktop(electron);
    await electron.evaluate(({ ipcMain }) => {
      for (const senderFrame of [{ url: 'app://ui/' }, null]) {
        ipcMain.emit('siteseal:notify', { senderFrame }, 'Not ours');
        ipcMain.emit('siteseal:progress', { senderFrame }, 0.5);
      }
    });
    await settle(page);
    const { notices, parts } = await seenBy(electron);
    assert.deepEqual({ notices, parts }, { notices: [], parts: [] });
    await close();
  });
});
