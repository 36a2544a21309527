import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * The daemons that a killed process left, as Linux reports them. They are known by their program and the settings
 * that they were started with, so that no file of process numbers can be missing, or name another process.
 */

/** A process: its number, and when it started, in ticks since the system did. Together no other process has them. */
export interface RunningCharon {
  readonly pid: number;
  readonly startTime: string;
}

/** The daemons that run with this settings file. */
export function charonsOf(settingsFile: string, proc = '/proc'): readonly RunningCharon[] {
  return readdirSync(proc)
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const startTime = startTimeOfCharon(join(proc, name), settingsFile);
      return startTime === undefined ? [] : [{ pid: Number(name), startTime }];
    });
}

/** Whether it still runs, and is still the same process. */
export function isCharonOf(settingsFile: string, { pid, startTime }: RunningCharon, proc = '/proc'): boolean {
  return startTimeOfCharon(join(proc, String(pid)), settingsFile) === startTime;
}

function startTimeOfCharon(folder: string, settingsFile: string): string | undefined {
  try {
    // The link of a program that was replaced since ends with " (deleted)".
    const program = basename(readlinkSync(join(folder, 'exe'))).replace(/ \(deleted\)$/, '');
    if (program !== 'charon-systemd') return undefined;
    const environment = readFileSync(join(folder, 'environ'), 'latin1').split('\0');
    const ours = Buffer.from(`STRONGSWAN_CONF=${settingsFile}`).toString('latin1');
    if (!environment.includes(ours)) return undefined;
    const stat = readFileSync(join(folder, 'stat'), 'latin1');
    // The name of the program, in parentheses, is the second field and can hold anything. The start is the 22nd.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : fields[18];
  } catch {
    return undefined; // It has ended, or is somebody else's.
  }
}
