// How large packages are, and why.
import { lstatSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { type Entry, getRawHeader } from '@electron/asar';

/** A part of something, with its size in bytes. */
export interface Part {
  readonly name: string;
  readonly bytes: number;
}

/** How many parts are shown. */
const shownParts = 5;

/** The size of a file, or of all files in a folder. */
export function sizeOf(path: string): number {
  const state = lstatSync(path);
  if (!state.isDirectory()) return state.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

/** The largest parts of a packed folder: its files and folders, with those in its folder of resources one by one. */
export function partsOfFolder(folder: string, resources: string): readonly Part[] {
  const places = [folder, resources].flatMap((place) => readdirSync(place).map((name) => join(place, name)));
  return largest(
    places
      .filter((place) => !`${resources}${sep}`.startsWith(`${place}${sep}`))
      .map((place) => ({ name: relative(folder, place), bytes: sizeOf(place) })),
  );
}

/** The largest parts of an archive: packages, and folders of Siteseal's own. */
export function partsOfArchive(archive: string): readonly Part[] {
  const sums = new Map<string, number>();
  const add = (entry: Entry, path: readonly string[]): void => {
    if ('files' in entry) {
      for (const [name, inner] of Object.entries(entry.files)) add(inner, [...path, name]);
    } else if (entry.unpacked !== true) {
      const depth = path[1]?.startsWith('@') === true ? 3 : 2;
      const name = path.slice(0, depth).join('/');
      sums.set(name, (sums.get(name) ?? 0) + entry.size);
    }
  };
  add(getRawHeader(archive).header, []);
  return largest([...sums].map(([name, bytes]) => ({ name, bytes })));
}

function largest(parts: readonly Part[]): readonly Part[] {
  return [...parts].sort((one, other) => other.bytes - one.bytes).slice(0, shownParts);
}
