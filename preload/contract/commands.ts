/**
 * What the menu and the keyboard can ask of the page. The page maps each command to a screen or an action. This file
 * imports nothing, because the shell, the bridge and the page all load it.
 */
export const commands = [
  'open-bundles',
  'read-receipts',
  'prepare',
  'add-operator',
  'trust-root',
  'print',
  'start-screen',
  'go-site',
  'go-office',
  'go-log',
  'go-setup',
  'verify-log',
  'compare-log',
  'export-log',
  'save-head',
  'theme',
  'back',
  'search',
  'primary',
  'help',
  'guide',
  'licences',
  'about',
] as const;
export type Command = (typeof commands)[number];

/** Whether it is a list of commands, each once. Both ends of a channel check it. */
export function areCommands(value: unknown): value is readonly Command[] {
  return Array.isArray(value) && value.every(isCommand) && new Set(value).size === value.length;
}

/** Whether it is a command. Both ends of a channel check it. */
export function isCommand(value: unknown): value is Command {
  return (commands as readonly unknown[]).includes(value);
}

/** The keys of a command, as Electron writes them. */
interface Shortcut {
  readonly command: Command;
  readonly keys: string;
  /** Instead, on macOS. */
  readonly onMac?: string;
  /** Does nothing while the user types, because the keys already have a meaning there. */
  readonly notWhileTyping?: true;
}

/** All shortcuts. The menu shows them, the page reacts to them, and the help lists them in this order. */
export const shortcuts: readonly Shortcut[] = [
  { command: 'help', keys: 'F1' },
  { command: 'primary', keys: 'CmdOrCtrl+Enter' },
  { command: 'search', keys: 'CmdOrCtrl+F' },
  { command: 'open-bundles', keys: 'CmdOrCtrl+O' },
  { command: 'print', keys: 'CmdOrCtrl+P' },
  { command: 'back', keys: 'Alt+Left', onMac: 'Cmd+[', notWhileTyping: true },
  { command: 'go-site', keys: 'CmdOrCtrl+1' },
  { command: 'go-office', keys: 'CmdOrCtrl+2' },
  { command: 'go-log', keys: 'CmdOrCtrl+3' },
  { command: 'go-setup', keys: 'CmdOrCtrl+4' },
];

/** The keys of a command on this system; undefined for a command without. */
export function keysOf(command: Command, isMac: boolean): string | undefined {
  const shortcut = shortcuts.find((one) => one.command === command);
  return (isMac ? shortcut?.onMac : undefined) ?? shortcut?.keys;
}
