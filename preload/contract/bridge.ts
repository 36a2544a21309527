import type { Command } from './commands.ts';
import type { FileHandle } from './domain.ts';
import { isLookedAtKind, type FileKind, type LookedAtKind } from './file-kinds.ts';

/** What the Electron shell adds to the page as `window.siteseal`; absent in a browser. */
export interface Bridge {
  /**
   * Asks for a port to the core. Once a core is running, the port arrives as `ports[0]` of a `message` event of the
   * window, with a `PortMessage`. When the port closes, the core has died. The page then asks again, and gets a port to
   * the next core.
   */
  connect(): void;
  /** Shows the system's dialog for files of a kind. The list is empty when nothing was chosen. */
  choose(kind: FileKind): Promise<readonly FileHandle[]>;
  /** What a file or folder is that the user dropped onto the page. Rejects a file that the page made. */
  dropped(file: File): Promise<LookedAt>;
  /** Receives the recent files that the user opens from the menu from now on, instead of an earlier listener. */
  onOpen(listener: (file: LookedAt) => void): void;
  /** Receives the commands of the menu from now on, instead of an earlier listener. */
  onCommand(listener: (command: Command) => void): void;
  /** Says which commands do something on the present screen. The menu disables the others. */
  available(commands: readonly Command[]): void;
  /**
   * Shows a notification of the system, if the window is not in front. A click on it brings the window to the front. A
   * text longer than `noticeLength` is dropped.
   */
  notify(text: string): void;
  /** Shows progress on the window's button in the task bar, 0 to 1; null removes it. */
  progress(part: number | null): void;
}

/** A file or folder that the user dropped or opened again, and what it is by its contents. */
export interface LookedAt {
  readonly handle: FileHandle;
  readonly kind: LookedAtKind;
}

/** Whether it is such a file. Both ends of a channel check it. */
export function isLookedAt(value: unknown): value is LookedAt {
  if (typeof value !== 'object' || value === null) return false;
  const { handle, kind } = value as Partial<Record<string, unknown>>;
  return isHandle(handle) && isLookedAtKind(kind);
}

function isHandle(value: unknown): value is FileHandle {
  if (typeof value !== 'object' || value === null) return false;
  const { id, name } = value as Partial<Record<string, unknown>>;
  return (
    typeof id === 'string' && /^[0-9a-f]{32}$/.test(id) && typeof name === 'string' && name.length <= 255
  );
}

/** How many characters a notification may have. */
export const noticeLength = 200;

/** The message that carries a port. */
export interface PortMessage {
  readonly kind: 'siteseal-port';
}

/**
 * The channels between the bridge and the shell. Of the contract the bridge loads only this file, the commands and the
 * kinds of files, because it must be one small file.
 */
export const channels = {
  connect: 'siteseal:connect',
  choose: 'siteseal:choose',
  dropped: 'siteseal:dropped',
  open: 'siteseal:open',
  available: 'siteseal:available',
  port: 'siteseal:port',
  command: 'siteseal:command',
  notify: 'siteseal:notify',
  progress: 'siteseal:progress',
} as const;
