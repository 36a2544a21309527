import { realpathSync, statSync } from 'node:fs';
import { startCore } from '../core/index.ts';
import { startBrowserHost, type BrowserHost } from './host.ts';

export interface RunOptions {
  readonly pageFolder: string;
  readonly port?: number;
  /** Folders that the page may look into. */
  readonly folders: readonly string[];
}

/** Starts the core in this process and serves the page. Closing it ends both. */
export async function runBrowserHost({ folders, ...options }: RunOptions): Promise<BrowserHost> {
  const core = startCore({ shell: 'browser', folders: folders.map((folder) => realpathSync(folder)) });
  try {
    const host = await startBrowserHost({ ...options, core });
    return {
      address: host.address,
      async close() {
        await host.close();
        await core.close();
      },
    };
  } catch (error) {
    await core.close();
    throw error;
  }
}

/** The first of the folders that is none, or cannot be reached; undefined when all are. */
export function notAFolder(folders: readonly string[]): string | undefined {
  return folders.find((folder) => statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true);
}
