import { chmodSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ok, refuse, type Result } from '../faults/index.ts';
import { makeFolder, systemErrorCode } from '../files/index.ts';

/** The store's file name in the data folder. */
export const storeFile = 'siteseal.db';

/** Names that Siteseal may create in a data folder before it creates the store. */
const ownNames = ['training', 'training-old', 'receipts'];

/**
 * Creates the data folder, or takes over an existing one, and sets its mode to 0700 so that other users cannot read it.
 *
 * Refuses with `store-unusable` a folder that holds other files but no store: it is in use for something else. Refuses
 * with the same code a folder that belongs to another user, who could read everything in it.
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
