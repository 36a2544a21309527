import { isAbsolute, join } from 'node:path';
import { app, type BrowserWindow, dialog, Menu, shell } from 'electron';
import { channels } from '../../preload/contract/bridge.ts';
import { readPage } from '../page/index.ts';
import { chooseFiles, isFileKind } from './choose-files.ts';
import { confinePages, confineProcesses } from './confinement.ts';
import { type CoreFailure, CoreKeeper } from './core-keeper.ts';
import { openDataFolder } from './data-folder.ts';
import { onMessage, onRequest } from './ipc.ts';
import { setMenu } from './menu.ts';
import { bringToFront, isNotice, isPart, showNotice } from './notices.ts';
import { readSettings } from './settings.ts';
import { openWindow, ownPageOf } from './window.ts';
import { fill, words } from '../words/index.ts';

const settings = readSettings();
const built = (...names: readonly string[]) => join(app.getAppPath(), 'build', ...names);

/** Runs the application with its window: one at a time. Must be called before Electron is ready. */
export function runApplication(): void {
  // The browser's profile is kept apart from the data folder, which on some systems has the name of its default location.
  app.setPath('userData', join(app.getPath('appData'), 'Siteseal window'));
  confineProcesses();
  // Otherwise Electron makes its default menu first.
  Menu.setApplicationMenu(null);

  if (app.requestSingleInstanceLock()) void app.whenReady().then(run);
  else app.quit();
}

function run(): void {
  const node = app.isPackaged ? undefined : settings.coreNode;
  const core = new CoreKeeper(
    { file: built('core', 'process.cjs'), node },
    {
      onReady: () => handOver(),
      onGivenUp: (failure) => void askWhatNow(window, core, failure),
    },
  );
  // Before the window: both start in parallel, and the page is usable once both are ready.
  core.start();
  confinePages(readPage(built('renderer')));
  const window = openWindow(built('preload', 'bridge.cjs'), words.shell.title, !app.isPackaged);
  const isOurs = ownPageOf(window);
  setMenu({
    isForDevelopers: !app.isPackaged,
    command: (command) => {
      if (window.isDestroyed() || !isOurs(window.webContents.mainFrame)) return;
      window.webContents.mainFrame.send(channels.command, command);
    },
    openDataFolder: () =>
      void openDataFolder(
        {
          openPath: (folder) => shell.openPath(folder),
          say: async (message, detail) => {
            if (window.isDestroyed()) return;
            await dialog.showMessageBox(window, { type: 'info', title: words.shell.title, message, detail });
          },
        },
        core.dataFolder,
      ),
  });

  // A page that has asked gets one port, as soon as there is a core.
  let isAsked = false;
  const handOver = () => {
    const port = isAsked ? core.connect() : undefined;
    if (!port) return;
    isAsked = false;
    window.webContents.mainFrame.postMessage(channels.port, null, [port]);
  };
  onMessage(channels.connect, isOurs, () => {
    isAsked = true;
    handOver();
  });
  window.webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
    if (isMainFrame && !isSameDocument) isAsked = false;
  });
  onRequest(channels.choose, isOurs, async (kind) => {
    if (!isFileKind(kind)) throw new Error('Refused.');
    const paths = await chooseFiles(window, kind);
    return Promise.all(paths.map((path) => core.registerFile(path)));
  });

  onRequest(channels.dropped, isOurs, async (path) => {
    if (typeof path !== 'string' || !isAbsolute(path)) throw new Error('Refused.');
    return core.registerFile(path);
  });

  onMessage(channels.notify, isOurs, (text) => {
    if (isNotice(text)) showNotice(window, text);
  });
  onMessage(channels.progress, isOurs, (part) => {
    if (isPart(part)) window.setProgressBar(part ?? -1);
  });

  app.on('second-instance', () => bringToFront(window));
  window.once('show', () => settings.tellLauncher('window-open'));
  app.on('window-all-closed', () => app.quit());
  app.once('will-quit', (event) => {
    event.preventDefault();
    // Not `quit`: called while the first quit is still being prevented, it has no effect and Electron stays open.
    void core.stop().then(() => app.exit());
  });
}

/** Reports that there is no core and why, and does what the user then chooses. */
async function askWhatNow(window: BrowserWindow, core: CoreKeeper, failure: CoreFailure): Promise<void> {
  const { message, tryAgain, browser, browserLater, quit } = words.shell.noCore;
  const why =
    failure.kind === 'ended'
      ? fill(words.shell.noCore.ended, { reason: failure.reason })
      : fill(words.shell.noCore.notReady, { seconds: String(failure.seconds) });
  const canOfferBrowser = settings.browserHostExitCode !== undefined;
  const buttons = canOfferBrowser ? [tryAgain, browser, quit] : [tryAgain, quit];
  const { response } = await dialog.showMessageBox(window, {
    type: 'error',
    title: words.shell.title,
    message,
    detail: [why, failure.lastOutput.trim(), canOfferBrowser ? '' : browserLater]
      .filter(Boolean)
      .join('\n\n'),
    buttons,
    defaultId: 0,
    cancelId: buttons.length - 1,
    noLink: true,
  });
  const chosen = buttons[response];
  if (chosen === tryAgain) core.start();
  else if (chosen === browser) app.exit(settings.browserHostExitCode);
  else app.quit();
}
