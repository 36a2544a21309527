import { BrowserWindow } from 'electron';
import { isPageAddress, pageAddress } from './confinement.ts';
import type { IsOurs } from './ipc.ts';

/** How long a loaded page may take to paint before its window is shown anyway, in milliseconds. */
const paintPatience = 1_000;

/** Opens the window. It appears once the page has something to show. */
export function openWindow(preload: string, title: string, hasDevTools: boolean): BrowserWindow {
  const window = new BrowserWindow({
    title,
    width: 1180,
    height: 760,
    minWidth: 1024,
    minHeight: 600,
    show: false,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      // It would fetch its dictionaries from the network.
      spellcheck: false,
      devTools: hasDevTools,
    },
  });
  window.once('ready-to-show', () => window.show());
  // With some graphics drivers and displays that event never arrives, and the window would stay hidden.
  window.webContents.once('did-finish-load', () =>
    setTimeout(() => {
      if (!window.isDestroyed() && !window.isVisible()) window.show();
    }, paintPatience),
  );
  // The page's process has died. A fresh page restores everything, because the page keeps no state.
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit') void window.loadURL(pageAddress);
  });
  void window.loadURL(pageAddress);
  return window;
}

/** Distinguishes the main frame of the window's page from all others. */
export function ownPageOf(window: BrowserWindow): IsOurs {
  return (frame) =>
    frame !== null &&
    !window.isDestroyed() &&
    frame === window.webContents.mainFrame &&
    isPageAddress(frame.url);
}
