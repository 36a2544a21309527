// electron-builder calls this when a folder with the application is packed, before it signs anything.
import { chmodSync, copyFileSync, readdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setFuses } from './fuses.ts';

interface Packed {
  readonly appOutDir: string;
  readonly electronPlatformName: string;
  readonly packager: { readonly appInfo: { readonly productFilename: string } };
}

const root = dirname(dirname(import.meta.dirname));

/** What has the fuses, by platform. */
const binaries: Readonly<Record<string, (product: string) => string>> = {
  linux: () => 'siteseal-app',
  win32: (product) => `${product}.exe`,
  darwin: (product) => `${product}.app`,
};

export default async function afterPack({
  appOutDir,
  electronPlatformName,
  packager,
}: Packed): Promise<void> {
  if (electronPlatformName !== process.platform)
    throw new Error(
      'Siteseal is packed on the system it is for, because the native modules are of this one.',
    );
  if (electronPlatformName === 'linux') putScriptFirst(appOutDir);
  const nameOf = binaries[electronPlatformName];
  if (nameOf === undefined) throw new Error(`There is no package for ${electronPlatformName}.`);
  await setFuses(join(appOutDir, nameOf(packager.appInfo.productFilename)));
  if (process.platform !== 'win32') openToAll(appOutDir);
}

/** Gives the name of the executable to the script that starts it, so that all packages start Siteseal by one file. */
function putScriptFirst(folder: string): void {
  renameSync(join(folder, 'siteseal'), join(folder, 'siteseal-app'));
  copyFileSync(join(root, 'assets', 'linux', 'siteseal.sh'), join(folder, 'siteseal'));
  chmodSync(join(folder, 'siteseal'), 0o755);
}

/** Everyone may read a package, whatever the umask of the user who makes it. */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const isRunnable = entry.isDirectory() || (statSync(path).mode & 0o100) !== 0;
    chmodSync(path, isRunnable ? 0o755 : 0o644);
  }
}
