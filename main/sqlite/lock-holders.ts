import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * Other processes that hold a lock on a database, such as `process 123 (sqlite3)`. `write`: those that write. `any`:
 * also those that merely have it open. Always empty outside Linux, because only Linux lists locks (`/proc/locks`, by
 * the file's inode).
 */
export function lockHolders(database: string, locks: 'write' | 'any' = 'write'): readonly string[] {
  const kind = locks === 'write' ? 'WRITE' : '(?:READ|WRITE)';
  const lock = new RegExp(`^\\d+: POSIX +\\w+ +${kind} +(\\d+) \\w+:\\w+:(\\d+) `);
  const inodes = new Set([database, `${database}-shm`].flatMap(inodeOf));
  const pids = (readText('/proc/locks') ?? '').split('\n').flatMap((line) => {
    const [, pid, inode = ''] = lock.exec(line) ?? [];
    return pid !== undefined && inodes.has(inode) ? [Number(pid)] : [];
  });
  const others = new Set(pids.filter((pid) => pid > 0 && pid !== process.pid));
  return [...others].map((pid) => {
    const name = basename((readText(`/proc/${pid}/cmdline`) ?? '').split('\0')[0] ?? '');
    return `process ${pid}${name === '' ? '' : ` (${name})`}`;
  });
}

function inodeOf(file: string): readonly string[] {
  const status = statSync(file, { throwIfNoEntry: false });
  return status ? [String(status.ino)] : [];
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
