import { closeSync, mkdtempSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const files = 50;
/** How many times as long as reopening a file its creation may take. Twice is usual. */
const quiet = 3;
const patience = 180_000;
const interval = 5_000;

/**
 * Waits until the folder creates files at their usual pace, for some minutes at most. Returns the milliseconds for one
 * file. After many deletions ext4 creates files slowly, and without a journal thirty times more slowly: it steps over
 * every inode that was freed less than five minutes ago.
 */
export async function quietFolder(folder: string, say: (progress: string) => void): Promise<number> {
  const end = performance.now() + patience;
  for (let isFirst = true; ; isFirst = false) {
    const probe = mkdtempSync(join(folder, 'quiet-'));
    const [made, again] = [openFiles(probe), openFiles(probe)];
    if (made < quiet * again || performance.now() > end) return made;
    if (isFirst) say('waiting for the disk: many files were deleted, and new ones are made slowly');
    await sleep(interval);
  }
}

function openFiles(folder: string): number {
  const start = performance.now();
  for (let file = 0; file < files; file++) closeSync(openSync(join(folder, String(file)), 'w'));
  return (performance.now() - start) / files;
}
