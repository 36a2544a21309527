import { useEffect, useRef } from 'react';
import type { Command } from '../../../preload/contract/commands.ts';
import { commandOf, isMac } from './keys.ts';
import { hashOf, type Route } from './routes.ts';
import { go } from './use-route.ts';

/** The screen of a command. If the screen also has an action for it, that follows. */
const places: Readonly<Partial<Record<Command, Route>>> = {
  'open-bundles': { kind: 'site' },
  'read-receipts': { kind: 'receipts' },
  prepare: { kind: 'prepare' },
  'add-operator': { kind: 'office' },
  'go-site': { kind: 'site' },
  'go-office': { kind: 'office' },
  'go-log': { kind: 'log' },
  'go-setup': { kind: 'setup' },
};

/** The commands that need no choice on the start screen. */
const atStart: readonly Command[] = ['help', 'guide', 'licences', 'about'];

const actions = new Map<Command, () => boolean>([
  ['back', goBack],
  ['search', focusSearch],
  ['primary', pressPrimary],
]);

/** A command that waits for its screen. */
let waiting: { readonly command: Command; readonly hash: string } | undefined;

/**
 * Does what a command asks for. Returns whether there was anything to do. A dialog must be left first: it asks something
 * or shows something, and the screen beneath it must not change.
 */
export function perform(command: Command): boolean {
  if (document.querySelector('[role="dialog"]')) return false;
  const action = actions.get(command);
  if (action) return action();
  const place = places[command];
  if (!place) return false;
  waiting = { command, hash: hashOf(place) };
  go(place);
  return true;
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
    if (waiting?.command === command && waiting.hash === window.location.hash) action();
    waiting = undefined;
    return () => {
      if (actions.get(command) === action) actions.delete(command);
    };
  }, [command]);
}

/** Performs the commands of the keyboard and of the menu. `isOpen`: a choice was made on the start screen. */
export function useCommands(isOpen: boolean): void {
  useEffect(() => {
    const take = (command: Command) => (isOpen || atStart.includes(command)) && perform(command);
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
  }, [isOpen]);
}

function isTyping(): boolean {
  const field = document.activeElement;
  return field?.matches('input:not([type=radio], [type=checkbox]), textarea, select') ?? false;
}

function goBack(): boolean {
  window.history.back();
  return true;
}

function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>('main input[type=search]');
  field?.focus();
  field?.select();
  return field !== null;
}

/** A button without a variant is filled too, as only the main action is. Of several the last is the most likely. */
const mainAction = 'main [data-primary] button:is(:not([data-variant]), [data-variant=filled])';

/** A disabled or busy button stays unpressed. */
function pressPrimary(): boolean {
  const button = [...document.querySelectorAll<HTMLButtonElement>(mainAction)].at(-1);
  if (!button || button.disabled || button.ariaDisabled === 'true') return false;
  button.focus();
  button.click();
  return true;
}
