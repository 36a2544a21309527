import Database from 'better-sqlite3';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ok, refuse, type Result } from '../faults/index.ts';
import { syncFolder, systemErrorCode } from '../files/index.ts';
import { isLocked, locked } from '../sqlite/index.ts';
import { storeFile } from './data-folder.ts';

/** How long to wait for other processes to close the store, in milliseconds. The caller blocks meanwhile. */
const patience = 500;

/**
 * Deletes a folder with its store and everything else in it. First moves the folder to `aside` in one step: a crash
 * leaves all of it in place or none. What a crash leaves in `aside` goes with the next call.
 *
 * This process must have closed the store. Refuses with `store-locked` while another process has it open.
 */
export function discardStore(folder: string, aside: string): Result<void, 'store-locked' | 'store-unusable'> {
  try {
    rmSync(aside, { recursive: true, force: true });
    if (!existsSync(folder)) return ok(undefined);
    const file = join(folder, storeFile);
    if (isOpenElsewhere(file)) return locked([file], 'any');
    renameSync(folder, aside);
    syncFolder(dirname(folder));
  } catch (error) {
    return refuse('store-unusable', { where: { file: folder }, found: systemErrorCode(error) });
  }
  try {
    rmSync(aside, { recursive: true, force: true });
  } catch {
    // The next call deletes it.
  }
  return ok(undefined);
}

/** SQLite leaves its write-ahead log only when nobody else has the database open. A damaged store is not in use. */
function isOpenElsewhere(file: string): boolean {
  if (!existsSync(file)) return false;
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { timeout: patience });
    return database.pragma('journal_mode = DELETE', { simple: true }) !== 'delete';
  } catch (error) {
    return isLocked(error);
  } finally {
    database?.close();
  }
}
