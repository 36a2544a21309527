import type { LookedAt } from '../../../preload/contract/bridge.ts';
import type { FileHandle, FileKind } from '../../../preload/contract/index.ts';
import type { Dial } from './client.ts';
import { dialElectron } from './electron.ts';
import { takeKey } from './key.ts';
import { dialWebSocket } from './websocket.ts';

/** How the page reaches the core, depending on where it runs; undefined in a browser tab without access. */
export function shellDial(): Dial | undefined {
  if (window.siteseal) return dialElectron(window.siteseal);
  const key = takeKey();
  return key === undefined ? undefined : dialWebSocket(key);
}

/** A choice for the page's own dialog; `settle` receives an empty list when nothing is chosen. */
export interface Asking {
  readonly kind: FileKind;
  readonly settle: (chosen: readonly FileHandle[]) => void;
}

let asking: Asking | undefined;
const listeners = new Set<() => void>();

function ask(next: Asking | undefined) {
  asking = next;
  for (const listener of listeners) listener();
}

/**
 * Lets the user choose files or a folder: with the system's dialog, or in a browser with the page's own. The result is
 * empty when there is no core to register the choice with.
 */
export function choose(kind: FileKind): Promise<readonly FileHandle[]> {
  if (window.siteseal) return window.siteseal.choose(kind).catch(() => []);
  return new Promise((resolve) => {
    ask({
      kind,
      settle: (chosen) => {
        ask(undefined);
        resolve(chosen);
      },
    });
  });
}

/** Whether the shell can tell the core the path of a dropped file. */
export function canDrop(): boolean {
  return window.siteseal !== undefined;
}

/** What dropped files are. Undefined in a browser, which never reveals a file's path, and when there is no core. */
export async function lookAtFiles(files: readonly File[]): Promise<readonly LookedAt[] | undefined> {
  const { siteseal } = window;
  return siteseal && Promise.all(files.map((file) => siteseal.dropped(file))).catch(() => undefined);
}

/** Keeps a dropped file from being opened by the browser instead of the page. */
export function keepDropsFromOpening(): void {
  for (const event of ['dragover', 'drop'] as const) {
    window.addEventListener(event, (drag) => drag.preventDefault());
  }
}

/** For the page's own dialog. */
export const asked = {
  current: () => asking,
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
