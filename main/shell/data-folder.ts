import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { type BrowserWindow, dialog, shell } from 'electron';
import { fill, words } from '../words/index.ts';

/**
 * Shows the data folder in the system's file manager. The path comes from the core, and no page can ask for this.
 * Opening a file would start a program, so the path must be a folder.
 */
export async function openDataFolder(window: BrowserWindow, folder: string | undefined): Promise<void> {
  if (folder === undefined || !isAbsolute(folder) || !isFolder(folder)) return;
  const complaint = await shell.openPath(folder);
  if (complaint === '' || window.isDestroyed()) return;
  // On a system without a file manager, the user at least learns where it is.
  await dialog.showMessageBox(window, {
    type: 'info',
    title: words.shell.title,
    message: words.shell.dataFolder.message,
    detail: fill(words.shell.dataFolder.detail, { folder }),
  });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
