import type { FileHandle, FileKind } from '../../../preload/contract/index.ts';
import type { Dial } from './client.ts';
import { dialElectron } from './electron.ts';
import { takeKey } from './key.ts';
import { dialWebSocket } from './websocket.ts';

/** How the core is reached from where the page runs; undefined in a tab of the browser that was not let in. */
export function shellDial(): Dial | undefined {
  if (window.siteseal) return dialElectron(window.siteseal);
  const key = takeKey();
  return key === undefined ? undefined : dialWebSocket(key);
}

/** A choice that the page's own dialog is to make; `settle` gets an empty list when nothing is chosen. */
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
 * Lets the person choose files or a folder: by the system's dialog, or in a browser by the page's own. Nothing is chosen
 * where no core is there to be told of it.
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

/** Whether the shell can tell the core where a dropped file lies. */
export function canDrop(): boolean {
  return window.siteseal !== undefined;
}

/** Handles of dropped files; undefined in a browser, which tells nobody where a file lies, and where there is no core. */
export async function handlesOf(files: readonly File[]): Promise<readonly FileHandle[] | undefined> {
  const { siteseal } = window;
  return siteseal && Promise.all(files.map((file) => siteseal.dropped(file))).catch(() => undefined);
}

/** A file that is dropped beside what takes it changes nothing; left to itself, it would take the page's place. */
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
