import type { FileHandle, FileKind } from './domain.ts';

/** What the Electron shell puts into the page as `window.siteseal`; in a browser it is not there. */
export interface Bridge {
  /**
   * Asks for a port to the core. It comes as a `message` event of the window, from the page's own origin, with
   * `{ kind: 'siteseal-port' }` and the port as `ports[0]`. When the core had to be started again, a new port comes
   * in the same way without being asked for.
   */
  connect(): void;
  /** Shows the dialog for files of a kind; nothing chosen is an empty list. */
  choose(kind: FileKind): Promise<readonly FileHandle[]>;
}

/** The message with which a port comes. */
export interface PortMessage {
  readonly kind: 'siteseal-port';
  /** The core has died and was started again. */
  readonly isRestart: boolean;
}

/** The channels between the bridge and the shell. This file stays free of imports at run time: the bridge holds it. */
export const channels = {
  connect: 'siteseal:connect',
  choose: 'siteseal:choose',
  port: 'siteseal:port',
} as const;
