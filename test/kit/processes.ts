/** What runs on this machine, as Linux reports it in /proc. */
import { readdirSync, readFileSync } from 'node:fs';

export interface Process {
  readonly args: readonly string[];
  /** The kernel's words about it (proc(5), /proc/PID/status). */
  readonly status: string;
}

/** The processes whose programs are in a folder. */
export function processesIn(folder: string): readonly Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        // Chromium separates the arguments of some of its processes with spaces.
        const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split(/[\0 ]/);
        if (args[0]?.startsWith(`${folder}/`) !== true) return [];
        const status = readFileSync(`/proc/${pid}/status`, 'utf8');
        return [{ args, status }];
      } catch {
        return []; // It has just ended.
      }
    });
}
