import { useEffect, useRef } from 'react';
import { commands, type Command } from '../../../preload/contract/commands.ts';
import { commandOf, isMac } from './keys.ts';
import { hashOf, type Route } from './routes.ts';
import { go } from './use-route.ts';

/** The screen of a command. If the screen also has an action for it, that follows. */
const places: Readonly<Partial<Record<Command, Route>>> = {
  'open-bundles': { kind: 'site' },
  'read-receipts': { kind: 'receipts' },
  prepare: { kind: 'prepare' },
  'add-operator': { kind: 'office' },
  'trust-root': { kind: 'setup' },
  'start-screen': { kind: 'setup' },
  theme: { kind: 'setup' },
  'verify-log': { kind: 'log' },
  'compare-log': { kind: 'log' },
  'export-log': { kind: 'log' },
  'save-head': { kind: 'log' },
  'go-site': { kind: 'site' },
  'go-office': { kind: 'office' },
  'go-log': { kind: 'log' },
  'go-setup': { kind: 'setup' },
};

/** The commands that need no choice on the start screen. */
const atStart: readonly Command[] = ['help', 'guide', 'licences', 'about'];

/** What decides which commands there are: whether a choice was made on the start screen, and whether it was training. */
export interface CommandState {
  readonly isOpen: boolean;
  readonly training: boolean;
}

const actions = new Map<Command, () => boolean>([
  ['back', goBack],
  ['search', focusSearch],
  ['primary', pressPrimary],
]);

/** Tells the menu, where there is one, that other commands may do something now. */
let followMenu: () => void = () => undefined;

/** A command that waits for its screen. */
let waiting: { readonly command: Command; readonly hash: string } | undefined;

/**
 * Does what a command asks for. Returns whether there was anything to do. A dialog must be left first: it asks something
 * or shows something, and the screen beneath it must not change.
 */
export function perform(command: Command): boolean {
  if (isInDialog()) return false;
  const action = actions.get(command);
  if (action) return action();
  const place = places[command];
  if (!place) return false;
  waiting = { command, hash: hashOf(place) };
  go(place);
  return true;
}

/** Whether a dialog is open. */
export function isInDialog(): boolean {
  return document.querySelector('[role="dialog"]') !== null;
}

/** Whether a command exists in this state. The lab brings its own root. */
function exists(command: Command, { isOpen, training }: CommandState): boolean {
  return (isOpen || atStart.includes(command)) && !(training && command === 'trust-root');
}

/** Whether a command does something on the present screen. */
function isAvailable(command: Command, state: CommandState): boolean {
  if (!exists(command, state) || isInDialog()) return false;
  if (command === 'search') return searchField() !== null;
  if (command === 'primary') return primaryButton() !== undefined;
  return actions.has(command) || places[command] !== undefined;
}

/** While the component is mounted, it does what this command asks for: at once if the command has led to its screen. */
export function useCommand(command: Command, act: () => void): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const action = () => {
      latest.current();
      return true;
    };
    actions.set(command, action);
    followMenu();
    if (waiting?.hash !== window.location.hash) waiting = undefined;
    if (waiting?.command === command) {
      waiting = undefined;
      action();
    }
    return () => {
      if (actions.get(command) === action) actions.delete(command);
      followMenu();
    };
  }, [command]);
}

/** Performs the commands of the keyboard and of the menu, and tells the menu which of them do something. */
export function useCommands({ isOpen, training }: CommandState): void {
  useEffect(() => {
    const take = (command: Command) => exists(command, { isOpen, training }) && perform(command);
    window.siteseal?.onCommand((command) => void take(command));
    // There the menu takes the keys itself.
    if (window.siteseal && isMac) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.repeat || event.isComposing) return;
      const command = commandOf(event, isTyping());
      if (command !== undefined && take(command)) event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [isOpen, training]);
  useEffect(() => tellMenu({ isOpen, training }), [isOpen, training]);
}

/** How long the page may change before the menu follows, in milliseconds. */
const menuDelay = 50;

/** Tells the menu whenever the commands change that do something, until the returned function is called. */
function tellMenu(state: CommandState): () => void {
  const { siteseal } = window;
  if (!siteseal) return () => undefined;
  let told: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = () => {
    timer = undefined;
    const available = commands.filter((command) => isAvailable(command, state));
    if (told === available.join()) return;
    told = available.join();
    siteseal.available(available);
  };
  followMenu = () => (timer ??= setTimeout(tell, menuDelay));
  const observer = new MutationObserver(followMenu);
  const attributeFilter = ['disabled', 'aria-disabled'];
  observer.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter });
  followMenu();
  return () => {
    followMenu = () => undefined;
    observer.disconnect();
    clearTimeout(timer);
  };
}

function isTyping(): boolean {
  const field = document.activeElement;
  return field?.matches('input:not([type=radio], [type=checkbox]), textarea, select') ?? false;
}

function goBack(): boolean {
  window.history.back();
  return true;
}

function searchField(): HTMLInputElement | null {
  return document.querySelector<HTMLInputElement>('main input[type=search]');
}

function focusSearch(): boolean {
  const field = searchField();
  field?.focus();
  field?.select();
  return field !== null;
}

/** A button without a variant is filled too, as only the main action is. Of several the last is the most likely. */
const mainAction = 'main [data-primary] button:is(:not([data-variant]), [data-variant=filled])';

/** The button of the main action, unless it is disabled or busy. */
function primaryButton(): HTMLButtonElement | undefined {
  const button = [...document.querySelectorAll<HTMLButtonElement>(mainAction)].at(-1);
  return button?.disabled || button?.ariaDisabled === 'true' ? undefined : button;
}

function pressPrimary(): boolean {
  const button = primaryButton();
  if (!button) return false;
  button.focus();
  button.click();
  return true;
}
