import { basename, dirname, isAbsolute, join } from 'node:path';
import { clear, readFile, writeFileAtomically } from '../files/index.ts';

/** How many files are remembered. */
const most = 10;

/** The longest path that is remembered, in characters, and the longest file that is read, in bytes. */
const [longestPath, longestFile] = [4096, 64 * 1024];

const format = 'recent-files/1';

/** A file in the list, with a name that differs from all others. */
export interface RecentFile {
  readonly path: string;
  readonly name: string;
}

/**
 * The files that the user opened last, the newest first. They are kept in one file of the window's profile, and never
 * in the lists of the operating system. Failures to keep the list are ignored: it is only a convenience.
 */
export class RecentFiles {
  readonly #file: string;
  #paths: readonly string[];

  /** @param folder the profile of the window */
  constructor(folder: string) {
    this.#file = join(folder, 'recent-files.json');
    this.#paths = read(this.#file);
  }

  get list(): readonly RecentFile[] {
    return this.#paths.map((path) => {
      const name = basename(path);
      const isClear = this.#paths.filter((other) => basename(other) === name).length === 1;
      return { path, name: isClear ? name : `${name} (${dirname(path)})` };
    });
  }

  /** Moves files to the top of the list. */
  add(paths: readonly string[]): void {
    const fit = paths.filter(isFit);
    if (fit.length > 0) this.#keep([...fit, ...this.#paths]);
  }

  remove(path: string): void {
    this.#keep(this.#paths.filter((other) => other !== path));
  }

  clear(): void {
    this.#paths = [];
    clear(this.#file);
  }

  #keep(paths: readonly string[]): void {
    this.#paths = [...new Set(paths)].slice(0, most);
    const text = `${JSON.stringify({ siteseal: format, paths: this.#paths })}\n`;
    try {
      writeFileAtomically(this.#file, Buffer.from(text), 0o600);
    } catch {
      // The list lasts as long as the window.
    }
  }
}

/** The paths in a file of this format; none if it is anything else. */
function read(file: string): readonly string[] {
  const bytes = readFile(file, longestFile, [dirname(file)]);
  if (!bytes.ok) return [];
  try {
    const value: unknown = JSON.parse(bytes.value.toString('utf8'));
    if (typeof value !== 'object' || value === null || Object.keys(value).length !== 2) return [];
    const { siteseal, paths } = value as Readonly<Record<string, unknown>>;
    const isValid = siteseal === format && Array.isArray(paths) && paths.length <= most && paths.every(isFit);
    return isValid ? [...new Set(paths as readonly string[])] : [];
  } catch {
    return [];
  }
}

function isFit(path: unknown): path is string {
  return typeof path === 'string' && path.length <= longestPath && isAbsolute(path) && !path.includes('\0');
}
