import { isAbsolute, join } from 'node:path';
import { app, type BrowserWindow, dialog, Menu, shell } from 'electron';
import { channels, type LookedAt } from '../../preload/contract/bridge.ts';
import { areCommands } from '../../preload/contract/commands.ts';
import { readPage } from '../page/index.ts';
import { chooseFiles, isFileKind } from './choose-files.ts';
import { confinePages, confineProcesses } from './confinement.ts';
import { type CoreFailure, CoreKeeper } from './core-keeper.ts';
import { openDataFolder } from './data-folder.ts';
import { onMessage, onRequest } from './ipc.ts';
import { ApplicationMenu } from './menu.ts';
import { bringToFront, isNotice, isPart, showNotice } from './notices.ts';
import { isRemembered, openRecent } from './open-recent.ts';
import { followPower } from './power.ts';
import { RecentFiles } from './recent-files.ts';
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
  const setBusy = followPower({ onSleep: () => core.sleep(), onShutdown: () => app.quit() });
  const node = app.isPackaged ? undefined : settings.coreNode;
  const core = new CoreKeeper(
    { file: built('core', 'process.cjs'), node },
    {
      onReady: () => handOver(),
      onGivenUp: (failure) => void askWhatNow(window, core, failure),
      onBusy: setBusy,
    },
  );
  // Before the window: both start in parallel, and the page is usable once both are ready.
  core.start();
  confinePages(readPage(built('renderer')));
  const window = openWindow(built('preload', 'bridge.cjs'), words.shell.title, !app.isPackaged);
  const isOurs = ownPageOf(window);
  const say = async (message: string, detail: string) => {
    if (window.isDestroyed()) return;
    await dialog.showMessageBox(window, { type: 'info', title: words.shell.title, message, detail });
  };
  const tell = (channel: string, message: unknown) => {
    if (!window.isDestroyed() && isOurs(window.webContents.mainFrame))
      window.webContents.mainFrame.send(channel, message);
  };
  const recent = new RecentFiles(app.getPath('userData'));
  const opener = {
    look: (path: string) => core.registerFile(path, true),
    hand: (file: LookedAt) => tell(channels.open, file),
    say,
  };
  const menu = new ApplicationMenu({
    isForDevelopers: !app.isPackaged,
    command: (command) => tell(channels.command, command),
    openRecent: (path) =>
      // Without a core the window already says so.
      void openRecent(opener, recent, path)
        .catch(() => undefined)
        .then(() => menu.show(recent.list)),
    clearRecent: () => {
      recent.clear();
      menu.show(recent.list);
    },
    openDataFolder: () =>
      void openDataFolder({ openPath: (folder) => shell.openPath(folder), say }, core.dataFolder),
  });
  menu.show(recent.list);
  const remember = (paths: readonly string[]) => {
    recent.add(paths);
    menu.show(recent.list);
  };
  onMessage(channels.available, isOurs, (available) => {
    if (areCommands(available)) menu.setAvailable(available);
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
    if (!isMainFrame || isSameDocument) return;
    isAsked = false;
    menu.setAvailable([]);
  });
  onRequest(channels.choose, isOurs, async (kind) => {
    if (!isFileKind(kind)) throw new Error('Refused.');
    const paths = await chooseFiles(window, kind);
    const files = await Promise.all(paths.map((path) => core.registerFile(path)));
    // Training deletes its files with everything else of it.
    if (isRemembered(kind)) remember(paths.filter((_path, place) => files[place]?.isTraining === false));
    return files.map(({ handle }) => handle);
  });

  onRequest(channels.dropped, isOurs, async (path) => {
    if (typeof path !== 'string' || !isAbsolute(path)) throw new Error('Refused.');
    const { handle, kind, isTraining } = await core.registerFile(path, true);
    if (isRemembered(kind) && !isTraining) remember([path]);
    return { handle, kind };
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
    void core.stop().then(() => {
      // Otherwise the lock's socket stays in the folder for temporary files.
      app.releaseSingleInstanceLock();
      app.exit();
    });
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
