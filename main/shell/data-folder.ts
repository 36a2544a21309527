import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { fill, words } from '../words/index.ts';

/** The desktop, as showing a folder needs it. */
export interface Desktop {
  /** Opens a folder in the system's file manager. Returns why it could not, or ''. */
  readonly openPath: (folder: string) => Promise<string>;
  /** Says something to the user. */
  readonly say: (message: string, detail: string) => Promise<void>;
}

/**
 * Shows the data folder in the system's file manager. The path comes from the core, and no page can ask for this.
 * Opening a file would start a program, so the path must be a folder. Says so if the folder or a file manager is missing.
 *
 * @param folder undefined as long as no core has started
 */
export async function openDataFolder({ openPath, say }: Desktop, folder: string | undefined): Promise<void> {
  const { message, detail, missing, expected, unknown } = words.shell.dataFolder;
  if (folder === undefined) return say(missing, unknown);
  if (!isAbsolute(folder) || !isFolder(folder)) return say(missing, fill(expected, { folder }));
  // On a system without a file manager, the user at least learns where it is.
  if ((await openPath(folder)) !== '') await say(message, fill(detail, { folder }));
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
