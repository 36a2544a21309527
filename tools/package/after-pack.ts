// electron-builder calls this when a folder with the application is packed, before it signs anything.
import { chmodSync, copyFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../launch/root.js';
import { setFuses } from './fuses.ts';
import { setModes } from './modes.ts';
import { thisPlatform } from './platform.ts';

interface Packed {
  readonly appOutDir: string;
  readonly electronPlatformName: string;
}

export default async function afterPack({ appOutDir, electronPlatformName }: Packed): Promise<void> {
  if (electronPlatformName !== process.platform)
    throw new Error(
      'Siteseal is packed on the system it is for, because the native modules are of this one.',
    );
  const { binary } = thisPlatform();
  if (process.platform === 'linux') putScriptFirst(appOutDir, binary);
  await setFuses(join(appOutDir, binary));
  if (process.platform !== 'win32') setModes(appOutDir);
}

/** Gives the name of the executable to the script that starts it, so that all packages start Siteseal by one file. */
function putScriptFirst(folder: string, binary: string): void {
  renameSync(join(folder, 'siteseal'), join(folder, binary));
  copyFileSync(join(root, 'assets', 'linux', 'siteseal.sh'), join(folder, 'siteseal'));
  chmodSync(join(folder, 'siteseal'), 0o755);
}
