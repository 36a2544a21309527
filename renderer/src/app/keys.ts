import { keysOf, shortcuts, type Command } from '../../../preload/contract/commands.ts';

/** The keys whose names differ between Electron and the browser. */
const names: Readonly<Record<string, string>> = { Left: 'ArrowLeft' };

/** The members of a keyboard event that decide which shortcut it is. */
export interface Press {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** Whether the page runs on macOS, where other keys are usual. */
export const isMac = /Mac OS X/.test(navigator.userAgent);

/** The command whose keys are pressed. Exactly its keys: AltGr, for example, counts as Ctrl and Alt. */
export function commandOf(press: Press, isTyping: boolean, mac = isMac): Command | undefined {
  const pressed = shortcuts.find(
    ({ command, notWhileTyping }) =>
      !(isTyping && notWhileTyping) && isPressed(keysOf(command, mac), press, mac),
  );
  return pressed?.command;
}

function isPressed(keys: string | undefined, press: Press, mac: boolean): boolean {
  const parts = keys?.split('+') ?? [];
  const key = parts.at(-1) ?? '';
  const isCmd = parts.includes('Cmd') || (mac && parts.includes('CmdOrCtrl'));
  const isCtrl = !mac && parts.includes('CmdOrCtrl');
  return (
    press.metaKey === isCmd &&
    press.ctrlKey === isCtrl &&
    press.altKey === parts.includes('Alt') &&
    !press.shiftKey &&
    // On some keyboards a digit needs Shift. Then only the place of the key shows it.
    (press.key.toLowerCase() === (names[key] ?? key).toLowerCase() || press.code === `Digit${key}`)
  );
}

/** The keys of a command one by one, as the help shows them; empty for a command without. */
export function shownKeys(command: Command, mac = isMac): readonly string[] {
  const shown: Readonly<Record<string, string>> = mac
    ? { CmdOrCtrl: '⌘', Cmd: '⌘', Alt: '⌥', Left: '←' }
    : { CmdOrCtrl: 'Ctrl', Left: '←' };
  return (keysOf(command, mac)?.split('+') ?? []).map((part) => shown[part] ?? part);
}
