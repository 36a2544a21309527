// The packages that Siteseal uses, with their licences, from their folders in node_modules.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { root } from './launch/root.js';

/** A package with the terms under which it is used. */
export interface Licence {
  readonly name: string;
  readonly version: string;
  /** The SPDX expression that the package states. */
  readonly licence: string;
  /** Its licence files; empty if it has none. */
  readonly files: readonly LicenceFile[];
}

export interface LicenceFile {
  readonly name: string;
  readonly text: string;
}

interface Description {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Packages of which nothing is packed, because they hold only types or headers: `files` in electron-builder.yml. */
const notPacked = /^(@types\/.*|node-addon-api)$/;

/** The folders of the packages that are packed beside the programs, which load them at run time. */
export function runtimePackages(): readonly string[] {
  const found = new Set<string>();
  const add = (folder: string): void => {
    const { dependencies, optionalDependencies } = describe(folder);
    const places = placesOf({ ...dependencies, ...optionalDependencies }, folder);
    for (const place of places.filter((one) => !found.has(one))) {
      found.add(place);
      add(place);
    }
  };
  add(root);
  return [...found].filter((folder) => !notPacked.test(describe(folder).name));
}

/** The folders of the packages that a package may import. Those for other systems are not there. */
export function neededBy(folder: string): readonly string[] {
  const { dependencies, optionalDependencies, peerDependencies } = describe(folder);
  return placesOf({ ...dependencies, ...optionalDependencies, ...peerDependencies }, folder);
}

/** The packages among these that a package can do without. */
export function optionalOf(folder: string): readonly string[] {
  return placesOf(describe(folder).optionalDependencies ?? {}, folder);
}

/** The licences of the packages in these folders, by name. A name in several versions is there once for each. */
export function licencesOf(folders: Iterable<string>): readonly Licence[] {
  const all = [...new Set(folders)].map(licenceOf);
  return all.sort((one, other) => one.name.localeCompare(other.name, 'en'));
}

/** What a file with all of these packages inside says about them: the terms in full. */
export function notice(title: string, folders: Iterable<string>): string {
  const texts = licencesOf(folders).map(({ name, version, licence, files }) =>
    [`${name} ${version}, ${licence}`, ...files.map(({ text }) => text)].join('\n\n'),
  );
  return [title, ...texts].join('\n\n');
}

/** The licence of the package in a folder. */
export function licenceOf(folder: string): Licence {
  const { name, version, license } = describe(folder);
  const files = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice|copying|ofl)\b/i.test(file))
    .sort()
    .map((file) => ({ name: file, text: readFileSync(join(folder, file), 'utf8').trim() }));
  // A package may state its licence only in the first line of its text.
  const licence = license ?? (files[0]?.text.startsWith('MIT License\n') ? 'MIT' : '');
  return { name, version, licence, files };
}

/** The folder of the package that contains a file; undefined for Siteseal's own files. */
export function packageOf(file: string): string | undefined {
  return /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(file.replace(/^\0/, ''))?.[1];
}

/** A folder of the repository by its path from there, as package-lock.json has it. */
export function lockPath(folder: string): string {
  return relative(root, folder).split(sep).join('/');
}

/** Where Node finds a package that another one imports: beside it or further up. */
export function findPackage(name: string, from: string): string | undefined {
  const place = join(from, 'node_modules', name);
  if (existsSync(join(place, 'package.json'))) return place;
  return from === root ? undefined : findPackage(name, dirname(from));
}

function placesOf(names: Readonly<Record<string, string>>, from: string): readonly string[] {
  return Object.keys(names).flatMap((name) => findPackage(name, from) ?? []);
}

function describe(folder: string): Description {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Description;
}
