// What the packages for Debian and for RPM systems have in common.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Installer } from 'electron-installer-debian';
import { Refusal, root } from '../launch/root.js';
import { manPage } from './linux-man.ts';

/** The package in the words of both formats. The version and the licence come from package.json in the application. */
const description = {
  name: 'siteseal',
  productName: 'Siteseal',
  bin: 'siteseal',
  description: 'Security configuration for new LTE base stations',
  productDescription: [
    'Siteseal prepares the configuration that a new LTE base station needs before',
    "it can enrol at the operator's PKI: certificates, keys and addresses, sealed",
    'for this base station and signed by the operator. It delivers the',
    'configuration over Ethernet, USB or a drive, and keeps the receipt that the',
    'base station signs.',
  ].join('\n'),
  icon: Object.fromEntries(
    [16, 24, 32, 48, 64, 128, 256, 512].map((width) => {
      const size = `${width}x${width}`;
      return [size, join(root, 'build', 'icons', `${size}.png`)];
    }),
  ),
  desktopTemplate: asset('linux/siteseal.desktop'),
} as const;

/** What both tools need to know to make a package beside the folder with the application. */
export function packageOptions(folder: string): Readonly<Record<string, unknown>> {
  const dest = dirname(folder);
  return {
    ...description,
    src: folder,
    dest,
    rename: (_dest: string, name: string) => join(dest, name),
    logger: () => undefined,
  };
}

/** The programs that Siteseal starts when they are there: to unmount a drive, and to open a folder. */
export const recommended = ['udisks2', 'xdg-utils'] as const;

/** The names of this machine's architecture in both formats. */
export function architecture(): { readonly deb: string; readonly rpm: string } {
  const names = { x64: { deb: 'amd64', rpm: 'x86_64' }, arm64: { deb: 'arm64', rpm: 'aarch64' } } as const;
  if (process.arch in names) return names[process.arch as keyof typeof names];
  throw new Refusal(`There is no package of Siteseal for Linux on ${process.arch}.`);
}

/** A file of the repository. */
export function asset(path: string): string {
  return join(root, 'assets', path);
}

/** The scripts that run as root after an installation, and after a removal. */
export const scripts = {
  afterInstall: asset('linux/after-install.sh'),
  afterRemove: asset('linux/after-remove.sh'),
} as const;

/** Files besides the application, as they are. */
const files: readonly { readonly from: string; readonly to: string }[] = [
  { from: asset('udev/70-siteseal.rules'), to: 'usr/lib/udev/rules.d/70-siteseal.rules' },
  { from: asset('linux/apparmor-profile'), to: 'usr/share/siteseal/apparmor-profile' },
  { from: asset('linux/copyright'), to: 'usr/share/doc/siteseal/copyright' },
];

/** Files that systems keep compressed. */
const compressed: readonly { readonly content: () => string; readonly to: string }[] = [
  {
    content: () => readFileSync(join(root, 'CHANGELOG.md'), 'utf8'),
    to: 'usr/share/doc/siteseal/changelog.gz',
  },
  { content: manPage, to: 'usr/share/man/man1/siteseal.1.gz' },
];

/** The administrator's folder. It is empty. */
const policyFolder = 'etc/siteseal';

/** Puts everything besides the application into the folder that becomes the file system. */
export function placeFiles(folder: string): void {
  const place = (path: string): string => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    return file;
  };
  for (const { from, to } of files) copyFileSync(from, place(to));
  for (const { content, to } of compressed) writeFileSync(place(to), gzipSync(content(), { level: 9 }));
  mkdirSync(join(folder, policyFolder), { recursive: true });
}

/** The time of everything in a package, in seconds since 1970, so that the same source gives the same package. */
export function sourceTime(): string {
  const { SOURCE_DATE_EPOCH: given } = process.env;
  if (given !== undefined) return given;
  return execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' }).trim();
}

/** Libraries are loaded, not run, although Electron's are runnable. */
const library = /\.so(\.\d+)?$/;

/** The mode of a file that an installed system has otherwise than the packed folder. */
export function installedMode(name: string): number | undefined {
  // The setuid helper of Chromium's sandbox, for systems without user namespaces.
  if (name === 'chrome-sandbox') return 0o4755;
  return library.test(name) ? 0o644 : undefined;
}

/**
 * Makes a package.
 * @returns its path
 * @throws {Refusal} if the tools of the distribution are missing
 */
export async function makePackage(installer: Installer): Promise<string> {
  try {
    await installer.generateDefaults();
    installer.generateOptions();
    await installer.createStagingDir();
    await installer.createContents();
    await installer.createPackage();
    await installer.movePackage();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new Refusal(error.message);
    throw error;
  }
  const [file] = installer.options.packagePaths ?? [];
  if (file === undefined) throw new Error('No package was made.');
  return file;
}
