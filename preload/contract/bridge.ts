import type { FileHandle } from './domain.ts';
import type { FileKind } from './file-kinds.ts';

/** What the Electron shell puts into the page as `window.siteseal`; in a browser it is not there. */
export interface Bridge {
  /**
   * Asks for a port to the core. As soon as there is a core that serves, the port comes as `ports[0]` of a `message`
   * event of the window, with a `PortMessage`. When the port closes, the core has died; the page asks again, and gets
   * a port to the next one.
   */
  connect(): void;
  /** Shows the system's dialog for files of a kind; nothing chosen is an empty list. */
  choose(kind: FileKind): Promise<readonly FileHandle[]>;
  /** The handle of a file that the person dropped onto the page; refused for one that the page made itself. */
  dropped(file: File): Promise<FileHandle>;
}

/** The message with which a port comes. */
export interface PortMessage {
  readonly kind: 'siteseal-port';
}

/** The channels between the bridge and the shell. This file imports nothing at run time: the bridge is one file. */
export const channels = {
  connect: 'siteseal:connect',
  choose: 'siteseal:choose',
  dropped: 'siteseal:dropped',
  port: 'siteseal:port',
} as const;
