import { realpathSync, statSync } from 'node:fs';
import type { RunningCore } from '../host/index.ts';
import { startBrowserHost, type BrowserHost } from './host.ts';

/** What to serve, and what its core may look into. */
export interface RunOptions {
  readonly pageFolder: string;
  /** 0 or undefined takes any free port. */
  readonly port?: number;
  /** Folders that the page may look into. */
  readonly folders: readonly string[];
  /** Called with the reason when the core cannot start; the page then stays without one. */
  readonly onNoCore: (error: unknown) => void;
}

/** Serves the page, with the core in this process. Closing it ends both. */
export async function runBrowserHost({ folders, onNoCore, ...options }: RunOptions): Promise<BrowserHost> {
  const roots = folders.map((folder) => realpathSync(folder));
  const { promise: core, resolve } = Promise.withResolvers<RunningCore>();
  const host = await startBrowserHost({ ...options, core });
  // In a separate turn, so that the address is reported first: the browser opens while the core loads.
  setImmediate(() => resolve(loadCore(roots)));
  core.catch(onNoCore);
  return {
    address: host.address,
    entered: host.entered,
    async close() {
      await host.close();
      await (await core).close();
    },
  };
}

async function loadCore(folders: readonly string[]): Promise<RunningCore> {
  const { startCore } = await import('../host/index.ts');
  return startCore({ shell: 'browser', folders });
}

/** The first of the folders that is not a reachable folder; undefined when all are. */
export function notAFolder(folders: readonly string[]): string | undefined {
  return folders.find((folder) => {
    try {
      return !statSync(folder).isDirectory();
    } catch {
      return true;
    }
  });
}
