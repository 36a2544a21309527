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
}

/** The message that carries a port. */
export interface PortMessage {
  readonly kind: 'siteseal-port';
}

/**
 * The channels between the bridge and the shell. This file imports nothing at run time, because the bridge is one file.
 */
export const channels = {
  connect: 'siteseal:connect',
  choose: 'siteseal:choose',
  dropped: 'siteseal:dropped',
  port: 'siteseal:port',
} as const;
