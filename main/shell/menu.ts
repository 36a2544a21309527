import { Menu, type MenuItemConstructorOptions } from 'electron';
import { type Command, commands, keysOf } from '../../preload/contract/commands.ts';
import { words } from '../words/index.ts';
import type { RecentFile } from './recent-files.ts';

type Item = MenuItemConstructorOptions;

export interface MenuOptions {
  readonly isForDevelopers: boolean;
  /** Asks the page for something. */
  readonly command: (command: Command) => void;
  readonly openRecent: (path: string) => void;
  readonly clearRecent: () => void;
  readonly openDataFolder: () => void;
}

const separator: Item = { type: 'separator' };
const isMac = process.platform === 'darwin';

/** The menu. It offers what the screens offer, the recent files, and the zoom for reading at arm's length. */
export class ApplicationMenu {
  readonly #options: MenuOptions;
  /** What does something on the present screen. Nothing, until the page has said so. */
  #available: readonly Command[] = [];
  #recent: readonly RecentFile[] = [];

  constructor(options: MenuOptions) {
    this.#options = options;
  }

  /** Shows the menu with these recent files. */
  show(recent: readonly RecentFile[]): void {
    this.#recent = recent;
    Menu.setApplicationMenu(Menu.buildFromTemplate(this.#template()));
    this.#enable();
  }

  /** Disables all commands but these. */
  setAvailable(available: readonly Command[]): void {
    this.#available = available;
    this.#enable();
  }

  #enable(): void {
    const menu = Menu.getApplicationMenu();
    const enable = (id: string, isEnabled: boolean) => {
      const item = menu?.getMenuItemById(id);
      if (item) item.enabled = isEnabled;
    };
    for (const command of commands) enable(command, this.#available.includes(command));
    // A recent file opens wherever bundles could be opened.
    enable('open-recent', this.#recent.length > 0 && this.#available.includes('open-bundles'));
  }

  #template(): Item[] {
    const { menu } = words.shell;
    const { command, openDataFolder, isForDevelopers } = this.#options;
    const ask = (name: Command): Item => {
      const accelerator = keysOf(name, isMac);
      // The page reacts to the keys. Here they are only shown, except on macOS, where the menu always takes them.
      const keys = accelerator === undefined ? {} : { accelerator, registerAccelerator: isMac };
      return { id: name, label: menu.commands[name], click: () => command(name), ...keys };
    };
    const all = (...names: readonly Command[]) => names.map(ask);
    return [
      ...(isMac ? [{ role: 'appMenu' as const, submenu: appMenu(ask('about')) }] : []),
      {
        label: menu.file,
        submenu: [
          ask('open-bundles'),
          { id: 'open-recent', label: menu.openRecent, submenu: this.#recentItems() },
          ask('read-receipts'),
          separator,
          ...all('prepare', 'add-operator', 'trust-root'),
          separator,
          ask('print'),
          separator,
          ask('start-screen'),
          ...(isMac ? [] : [{ role: 'quit' as const }]),
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
          ask('theme'),
          { role: 'togglefullscreen' },
          ...(isForDevelopers
            ? [separator, { role: 'reload' as const }, { role: 'toggleDevTools' as const }]
            : []),
        ],
      },
      {
        label: menu.go,
        submenu: [
          ...all('go-site', 'go-office', 'go-log', 'go-setup'),
          separator,
          ...all('back', 'primary', 'search'),
        ],
      },
      { label: menu.log, submenu: all('verify-log', 'compare-log', 'export-log', 'save-head') },
      {
        role: 'help',
        label: menu.help,
        submenu: [
          ...all('help', 'guide'),
          separator,
          { id: 'data-folder', label: menu.dataFolder, click: openDataFolder },
          ...all('licences', 'about'),
        ],
      },
    ];
  }

  #recentItems(): Item[] {
    const { openRecent, clearRecent } = this.#options;
    const files = this.#recent.map(({ path, name }) => ({
      // An ampersand would underline the next letter, and a name may hold characters that cannot be seen.
      label: name.replaceAll('&', '&&').replace(/\p{C}/gu, '\uFFFD'),
      click: () => openRecent(path),
    }));
    const { clearRecent: label } = words.shell.menu;
    return files.length > 0 ? [...files, separator, { id: 'clear-recent', label, click: clearRecent }] : [];
  }
}

/** The application's own menu on macOS, as Electron has it, with About as a page. */
function appMenu(about: Item): Item[] {
  const services = ['services', 'hide', 'hideOthers', 'unhide'] as const;
  return [about, separator, ...services.map((role) => ({ role })), separator, { role: 'quit' }];
}
