import { chmodSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ok, refuse, type Result } from '../faults/index.ts';
import { makeFolder, systemErrorCode } from '../files/index.ts';

/** The name of the store in its folder. */
export const storeFile = 'siteseal.db';

/** What a data folder can hold before it holds its store. */
const ownNames = ['training', 'receipts'];

/**
 * Makes a folder the data folder: new, or with the mode that keeps other users out (0700). Refuses with `store-unusable`
 * a folder that holds other files, and no store, or belongs to another user: it is used for something else, and what
 * Siteseal keeps would be for others to read.
 */
export function claimDataFolder(folder: string): Result<void, 'store-unusable'> {
  const where = { file: folder };
  try {
    makeFolder(folder, 0o700);
    const names = readdirSync(folder);
    const other = names.find((name) => !ownNames.includes(name));
    const rule = 'data-folder';
    if (other !== undefined && !hasStore(folder))
      return refuse('store-unusable', { rule, where, found: other });
    const { uid, mode } = statSync(folder);
    if (uid !== (process.getuid?.() ?? uid))
      return refuse('store-unusable', { rule, where, found: `a folder of user ${uid}` });
    if ((mode & 0o077) !== 0) chmodSync(folder, 0o700);
    return ok(undefined);
  } catch (error) {
    return refuse('store-unusable', { where, found: systemErrorCode(error) });
  }
}

function hasStore(folder: string): boolean {
  return lstatSync(join(folder, storeFile), { throwIfNoEntry: false })?.isFile() === true;
}
