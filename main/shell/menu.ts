import { Menu, type MenuItemConstructorOptions } from 'electron';
import { words } from '../words/index.ts';

/** The menu: the usual entries, and the zoom for reading at arm's length. */
export function setMenu(options: { readonly isForDevelopers: boolean }): void {
  const isMac = process.platform === 'darwin';
  const developers: MenuItemConstructorOptions[] = [
    { type: 'separator' },
    { role: 'reload' },
    { role: 'toggleDevTools' },
  ];
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(isMac ? [{ role: 'appMenu' as const }] : [{ role: 'fileMenu' as const }]),
      { role: 'editMenu' },
      {
        label: words.shell.menu.view,
        submenu: [
          { role: 'resetZoom' },
          { role: 'zoomIn' },
          { role: 'zoomOut' },
          { type: 'separator' },
          { role: 'togglefullscreen' },
          ...(options.isForDevelopers ? developers : []),
        ],
      },
      {
        role: 'help',
        label: words.shell.menu.help,
        submenu: [{ role: 'about', label: words.shell.menu.about }],
      },
    ]),
  );
}
