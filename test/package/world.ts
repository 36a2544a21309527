// What the tests of the packages have in common: the packages, and a bare Debian in which the deb is installed.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findElectron } from '../../tools/desktop.ts';
import { copySources, packageFolders } from '../../tools/package/sources.ts';
import { Debian, must } from '../kit/debian.ts';
import { withExperimentalNodeApi } from '../kit/electron-node/node-api.ts';
import { Screen } from './screen.ts';

/** The repository. */
export const root = join(import.meta.dirname, '..', '..');

/** Where the package puts the application, and where its copy is whose inspector is on. */
export const installed = '/usr/lib/siteseal';
export const driven = '/opt/driven';

/** The executable in either. */
export const binary = 'siteseal-app';

const archive = 'resources/app.asar';

export interface World {
  readonly debian: Debian;
  readonly screen: Screen;
  readonly rpm: string;
  /** SHA-256 of app.asar: as packed here, as packed in another folder, as installed, and as in the driven copy. */
  readonly archives: Readonly<Record<'here' | 'elsewhere' | 'installed' | 'driven', string>>;
  /** The files of the Debian before Siteseal was installed. */
  readonly filesBefore: ReadonlyMap<string, string>;
  /** What dpkg finds different in the installed package. */
  readonly altered: string;
}

/** Makes the packages, and installs the deb. Debian's files come over the network at the same time. */
export async function makeWorld(): Promise<World> {
  const { SITESEAL_DEBIAN: release = 'bookworm' } = process.env;
  const [debian, { folder, here, elsewhere }] = await Promise.all([Debian.install(release), packTwice()]);
  const filesBefore = debian.files();
  const [rpm] = await Promise.all([makeRpm(folder), installDeb(debian, folder)]);
  const altered = await debian.must(['dpkg', '--verify', 'siteseal']);
  makeLoadable(debian);
  const { copyWithInspector } = await import('../../tools/package/fuses.ts');
  await copyWithInspector(debian.path(installed), debian.path(driven));
  return {
    debian,
    screen: await Screen.open(debian),
    rpm,
    archives: {
      here,
      elsewhere,
      installed: sha256(debian.path(installed, archive)),
      driven: sha256(debian.path(driven, archive)),
    },
    filesBefore,
    altered,
  };
}

/** Packs this repository, and a copy of its sources in another folder: the copy's packed folder, and both archives. */
async function packTwice() {
  const here = await pack(root);
  const copy = await copyRepository();
  const elsewhere = await pack(copy);
  return { folder: join(copy, elsewhere.folder), here: here.sha256, elsewhere: elsewhere.sha256 };
}

/** Runs `npm run package -- --dir` in a repository. */
async function pack(repository: string): Promise<{ readonly folder: string; readonly sha256: string }> {
  const output = await must(process.execPath, [
    join(repository, 'tools/package/package.ts'),
    '--dir',
    '--json',
  ]);
  const made = JSON.parse(output) as { folder: { path: string }; archive: { sha256: string } };
  return { folder: made.folder.path, sha256: made.archive.sha256 };
}

/** Copies this repository. The copy uses the same packages. */
async function copyRepository(): Promise<string> {
  const { SITESEAL_OWN_MOUNT: mount = '' } = process.env;
  const copy = join(mount, 'another folder');
  copySources(copy);
  for (const packages of packageFolders) {
    mkdirSync(join(copy, packages), { recursive: true });
    await must('mount', ['--bind', join(root, packages), join(copy, packages)]);
  }
  return copy;
}

async function makeRpm(folder: string): Promise<string> {
  const { makeRpm: make } = await import('../../tools/package/rpm.ts');
  return make(folder);
}

/**
 * Installs the deb as its users do: its dependencies come with it. Only what it requires, because that must be enough.
 * Its compression is that which takes the least time.
 */
async function installDeb(debian: Debian, folder: string): Promise<void> {
  const { makeDeb } = await import('../../tools/package/deb.ts');
  process.env['DPKG_DEB_COMPRESSOR_LEVEL'] = '1';
  const deb = await makeDeb(folder, 'gzip');
  cpSync(deb, debian.path('package.deb'));
  await debian.must(['apt-get', 'install', '--yes', '--no-install-recommends', './package.deb']);
  rmSync(debian.path('package.deb'));
}

/** Changes what an old Electron cannot load. Only here: nothing of that is in a package. */
function makeLoadable(debian: Debian): void {
  const electron = findElectron();
  assert.ok('isCoreOnNode' in electron);
  if (!electron.isCoreOnNode) return;
  const module = 'app.asar.unpacked/node_modules/better-sqlite3/prebuilds/linux-x64.node';
  const file = debian.path(installed, 'resources', module);
  writeFileSync(file, withExperimentalNodeApi(readFileSync(file)));
  console.log(
    'This Electron is old: four bytes of the installed better-sqlite3 are changed, so that it loads.',
  );
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
