// The licences of the packages inside Siteseal, collected when the window is built: what the page bundles, and what the
// core loads at run time.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Plugin } from 'vite';

/** A package with the terms under which it is used. */
export interface Licence {
  readonly name: string;
  readonly version: string;
  /** The SPDX expression that the package states. */
  readonly licence: string;
  /** The texts of its licence files; empty if it has none. */
  readonly text: string;
}

interface Description {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const root = dirname(import.meta.dirname);
const fonts = '@fontsource-variable/atkinson-hyperlegible';
const placeholder = '__LICENCES__';

/** The folders of the packages that the core needs at run time. Optional packages for other systems are not there. */
export function runtimePackages(): readonly string[] {
  const found = new Set<string>();
  const add = (folder: string): void => {
    const { dependencies, optionalDependencies } = describe(folder);
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const place = findPackage(name, folder);
      if (place === undefined || found.has(place)) continue;
      found.add(place);
      add(place);
    }
  };
  add(root);
  return [...found];
}

/** The licences of the packages in these folders, by name. A name in several versions is there once for each. */
export function licencesOf(folders: Iterable<string>): readonly Licence[] {
  const all = [...new Set(folders)].map(licenceOf);
  return all.sort((one, other) => one.name.localeCompare(other.name, 'en'));
}

/**
 * Fills in `virtual:licences`, which the page imports. Only a finished bundle shows what is in it, so the module first
 * holds a placeholder.
 */
export function licencesPlugin(): Plugin {
  const name = 'virtual:licences';
  return {
    name: 'siteseal-licences',
    resolveId: (source) => (source === name ? `\0${name}` : undefined),
    load: (id) => (id === `\0${name}` ? `export default ${JSON.stringify(placeholder)};` : undefined),
    generateBundle(_options, bundle) {
      const outputs = Object.values(bundle);
      const sources = outputs.flatMap((output) =>
        output.type === 'chunk'
          ? output.moduleIds
          : output.originalFileNames.map((file) => resolve(root, 'renderer', file)),
      );
      const bundled = sources.flatMap((file) => packageOf(file) ?? []);
      const licences = JSON.stringify(licencesOf([...bundled, ...runtimePackages()]));
      for (const output of outputs) {
        if (output.type !== 'chunk') continue;
        const quoted = new RegExp(`(["'\`])${placeholder}\\1`);
        output.code = output.code.replace(quoted, () => licences);
      }
    },
  };
}

/** What the stand-alone verifier of logs has inside, with the terms in full. */
export function verifierNotice(): string {
  const names = ['@noble/ed25519', '@noble/hashes', ...['next', 'mono'].map((face) => `${fonts}-${face}`)];
  const inside = licencesOf(names.map((name) => join(root, 'node_modules', name)));
  const texts = inside.map(({ name, version, licence, text }) => `${name} ${version}, ${licence}\n\n${text}`);
  return ['Siteseal log verifier. Apache-2.0. Inside are:', ...texts].join('\n\n');
}

function licenceOf(folder: string): Licence {
  const { name, version, license } = describe(folder);
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying|ofl)\b/i.test(file));
  const texts = files.sort().map((file) => readFileSync(join(folder, file), 'utf8').trim());
  const text = texts.join('\n\n');
  // A package may state its licence only in the first line of its text.
  const licence = license ?? (text.startsWith('MIT License\n') ? 'MIT' : '');
  return { name, version, licence, text };
}

function describe(folder: string): Description {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Description;
}

/** Where Node finds a package that another one imports: beside it or further up. */
function findPackage(name: string, from: string): string | undefined {
  const place = join(from, 'node_modules', name);
  if (existsSync(join(place, 'package.json'))) return place;
  return from === root ? undefined : findPackage(name, dirname(from));
}

/** The folder of the package that contains a file; undefined for Siteseal's own files. */
function packageOf(file: string): string | undefined {
  return /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(file.replace(/^\0/, ''))?.[1];
}
