// Makes the package for Debian 12 and 13, Ubuntu 24.04 and their successors. Needs dpkg-deb.
import { Installer } from 'electron-installer-debian';
import {
  architecture,
  installedMode,
  makePackage,
  packageOptions,
  placeFiles,
  recommended,
  scripts,
  sourceTime,
} from './linux-installer.ts';
import { debianPackages, symbolVersions, systemLibraries } from './linux-libraries.ts';
import { setModes } from './modes.ts';

class DebInstaller extends Installer {
  override get contentFunctions(): readonly string[] {
    return [
      'copyApplication',
      'copyLinuxIcons',
      'copyScripts',
      'createBinarySymlink',
      'createControl',
      'createDesktopFile',
    ];
  }

  override generateOptions(): void {
    super.generateOptions();
    // Instead of what Electron might need, what it does need.
    const packages = systemLibraries(String(this.options['src'])).map((library) => debianPackages[library]);
    Object.assign(this.options, {
      depends: [...symbolVersions.debian, ...new Set(packages)],
      recommends: recommended,
      suggests: [],
    });
  }

  override async createContents(): Promise<void> {
    await super.createContents();
    placeFiles(this.stagingDir);
    setModes(this.stagingDir, installedMode);
  }
}

/**
 * Makes the package beside a folder with the packed application.
 * @param folder the application
 * @param compression gzip takes a quarter of the time of xz, and a third more space
 * @returns its path
 * @throws {Refusal} if dpkg-deb is missing
 */
export async function makeDeb(folder: string, compression: 'xz' | 'gzip' = 'xz'): Promise<string> {
  process.env['SOURCE_DATE_EPOCH'] = sourceTime();
  return makePackage(
    new DebInstaller({
      ...packageOptions(folder),
      arch: architecture().deb,
      compression,
      section: 'net',
      scripts: { postinst: scripts.afterInstall, postrm: scripts.afterRemove },
    }),
  );
}
