import { closeSync, mkdtempSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const files = 50;
/** How many times as long as opening a file again it may take to make it. Twice is what it takes as a rule. */
const quiet = 3;
const patience = 180_000;
const interval = 5_000;

/**
 * Waits until files are made in the folder at their usual pace, for some minutes at most, and returns the milliseconds
 * that one takes. After many files were deleted ext4 makes new ones slowly, without a journal thirty times more so: it
 * steps over every inode that was freed less than five minutes ago.
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
