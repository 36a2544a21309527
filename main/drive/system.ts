import type { DriveSystem } from './drive.ts';
import { linuxDrives } from './linux.ts';
import { macosDrives } from './macos.ts';
import type { Run } from './run.ts';
import { windowsDrives } from './windows.ts';

/** Removable drives on the operating system `platform` (Node's `process.platform`). */
export function driveSystem(platform: string, run: Run): DriveSystem {
  switch (platform) {
    case 'win32':
      return windowsDrives(run);
    case 'darwin':
      return macosDrives(run);
    default:
      return linuxDrives(run);
  }
}
