// Makes the package for Fedora, Red Hat Enterprise Linux 9 and their successors. Needs rpmbuild.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Installer } from 'electron-installer-redhat';
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
import { symbolVersions, systemLibraries } from './linux-libraries.ts';
import { setModes } from './modes.ts';

class RpmInstaller extends Installer {
  override get contentFunctions(): readonly string[] {
    return ['copyApplication', 'copyLinuxIcons', 'createBinarySymlink', 'createDesktopFile'];
  }

  override async createContents(): Promise<void> {
    await super.createContents();
    const files = join(this.stagingDir, 'BUILD');
    placeFiles(files);
    setModes(files, installedMode);
    const specs = join(this.stagingDir, 'SPECS');
    mkdirSync(specs);
    const requires = [
      ...symbolVersions.rpm,
      ...systemLibraries(String(this.options['src'])).map((library) => `${library}()(64bit)`),
    ];
    writeFileSync(join(specs, 'siteseal.spec'), spec(this.options, requires));
  }
}

/**
 * What rpmbuild does. It must change none of the files: no debug information, no stripping, no links to builds. It takes
 * the modes from the files.
 */
function spec(options: Readonly<Record<string, unknown>>, requires: readonly string[]): string {
  return `%global _binary_payload w10.zstdio
%global debug_package %{nil}
%global __os_install_post %{nil}
%global _build_id_links none
%global _buildhost localhost
%global use_source_date_epoch_as_buildtime 1
%global clamp_mtime_to_source_date_epoch 1

Name: siteseal
Version: ${String(options['version'])}
Release: 1
Summary: ${String(options['description'])}
License: ${String(options['license'])}
AutoReqProv: no
${requires.map((library) => `Requires: ${library}`).join('\n')}
Requires: util-linux
${recommended.map((name) => `Recommends: ${name}`).join('\n')}

%description
${String(options['productDescription'])}

%install
cp -a %{_topdir}/BUILD/usr %{_topdir}/BUILD/etc %{buildroot}/

%post
${readFileSync(scripts.afterInstall, 'utf8')}
%postun
${readFileSync(scripts.afterRemove, 'utf8')}
%files
%defattr(-,root,root,-)
%dir /etc/siteseal
/usr/bin/siteseal
/usr/lib/siteseal/
/usr/lib/udev/rules.d/70-siteseal.rules
/usr/share/applications/siteseal.desktop
/usr/share/doc/siteseal/
/usr/share/icons/hicolor/*/apps/siteseal.png
/usr/share/man/man1/siteseal.1.gz
/usr/share/siteseal/
`;
}

/**
 * Makes the package beside a folder with the packed application.
 * @param folder the application
 * @returns its path
 * @throws {Refusal} if rpmbuild is missing
 */
export async function makeRpm(folder: string): Promise<string> {
  process.env['SOURCE_DATE_EPOCH'] = sourceTime();
  return makePackage(new RpmInstaller({ ...packageOptions(folder), arch: architecture().rpm }));
}
