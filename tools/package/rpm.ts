// Makes the package for Fedora, Red Hat Enterprise Linux 9 and their relatives. Needs rpmbuild.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Installer } from 'electron-installer-redhat';
import {
  architecture,
  description,
  makePackage,
  placeFiles,
  recommended,
  scripts,
  setModes,
  sourceTime,
} from './linux-installer.ts';
import { symbolVersions, systemLibraries } from './linux-libraries.ts';

class RpmInstaller extends Installer {
  override get contentFunctions(): readonly string[] {
    return ['copyApplication', 'copyLinuxIcons', 'createBinarySymlink', 'createDesktopFile'];
  }

  override async createContents(): Promise<void> {
    await super.createContents();
    const files = join(this.stagingDir, 'BUILD');
    placeFiles(files);
    setModes(files);
    const specs = join(this.stagingDir, 'SPECS');
    mkdirSync(specs);
    writeFileSync(
      join(specs, 'siteseal.spec'),
      spec({
        version: String(this.options['version']),
        license: String(this.options['license']),
        libraries: systemLibraries(String(this.options['src'])),
      }),
    );
  }
}
