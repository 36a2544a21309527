import { Menu, type MenuItemConstructorOptions } from 'electron';
import { type Command, keysOf } from '../../preload/contract/commands.ts';
import { words } from '../words/index.ts';

type Item = MenuItemConstructorOptions;

export interface MenuOptions {
  readonly isForDevelopers: boolean;
  /** Asks the page for something. */
  readonly command: (command: Command) => void;
  readonly openDataFolder: () => void;
}

const separator: Item = { type: 'separator' };
const isMac = process.platform === 'darwin';

/** The menu. It offers what the screens offer, and the zoom for reading at arm's length. */
export function setMenu({ isForDevelopers, command, openDataFolder }: MenuOptions): void {
  const { menu } = words.shell;
  const ask = (name: Command, label = menu.commands[name]): Item => {
    const accelerator = keysOf(name, isMac);
    // The page reacts to the keys. Here they are only shown, except on macOS, where the menu always takes them.
    const keys = accelerator === undefined ? {} : { accelerator, registerAccelerator: isMac };
    return { id: name, label, click: () => command(name), ...keys };
  };
  const template: readonly Item[] = [
    ...(isMac ? [{ role: 'appMenu' as const, submenu: appMenu(ask('about')) }] : []),
    {
      label: menu.file,
      submenu: [
        ask('go-site', menu.jobs),
        ask('open-bundles'),
        ask('read-receipts'),
        separator,
        ask('prepare'),
        ask('add-operator'),
        separator,
        ask('go-setup'),
        ...(isMac ? [] : [separator, { role: 'quit' as const }]),
      ],
    },
    { role: 'editMenu' },
    {
      label: menu.view,
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
        ...(isForDevelopers
          ? [separator, { role: 'reload' as const }, { role: 'toggleDevTools' as const }]
          : []),
      ],
    },
    {
      label: menu.go,
      submenu: [
        ...(['go-site', 'go-office', 'go-log', 'go-setup'] as const).map((name) => ask(name)),
        separator,
        ...(['back', 'primary', 'search'] as const).map((name) => ask(name)),
      ],
    },
    {
      role: 'help',
      label: menu.help,
      submenu: [
        ask('help'),
        ask('guide'),
        separator,
        { id: 'data-folder', label: menu.dataFolder, click: openDataFolder },
        ask('licences'),
        ask('about'),
      ],
    },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate([...template]));
}

/** The application's own menu on macOS, as Electron has it, with About as a page. */
function appMenu(about: Item): Item[] {
  const services = ['services', 'hide', 'hideOthers', 'unhide'] as const;
  return [about, separator, ...services.map((role) => ({ role })), separator, { role: 'quit' }];
}
