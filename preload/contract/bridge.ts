import type { Command } from './commands.ts';
import type { FileHandle } from './domain.ts';
import type { FileKind } from './file-kinds.ts';

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
  /** The handle of a file that the user dropped onto the page. Rejects a file that the page made. */
  dropped(file: File): Promise<FileHandle>;
  /** Receives the commands of the menu from now on, instead of an earlier listener. */
  onCommand(listener: (command: Command) => void): void;
  /**
   * Shows a notification of the system, if the window is not in front. A click on it brings the window to the front. A
   * text longer than `noticeLength` is dropped.
   */
  notify(text: string): void;
  /** Shows progress on the window's button in the task bar, 0 to 1; null removes it. */
  progress(part: number | null): void;
}

/** How many characters a notification may have. */
export const noticeLength = 200;

/** The message that carries a port. */
export interface PortMessage {
  readonly kind: 'siteseal-port';
}

/**
 * The channels between the bridge and the shell. Of the contract the bridge loads only this file and the commands,
 * because it must be one small file.
 */
export const channels = {
  connect: 'siteseal:connect',
  choose: 'siteseal:choose',
  dropped: 'siteseal:dropped',
  port: 'siteseal:port',
  command: 'siteseal:command',
  notify: 'siteseal:notify',
  progress: 'siteseal:progress',
} as const;
