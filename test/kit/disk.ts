/**
 * A disk that can lose its power: what was flushed to it stays, everything else is gone. Import this file before the
 * code that it watches. Linux only: it finds a file by its descriptor, in /proc.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { after } from 'node:test';

export const noPowerCut = process.platform !== 'linux' && 'Only Linux names a file by its descriptor.';

/** The calls that can be made to fail. */
type Call = 'fsync' | 'rename';

/** What a folder held when it was flushed to disk: the inode behind each name. */
type Names = ReadonlyMap<string, number>;

/** Watches everything below a folder that is on the disk, and empty, from the start. */
export class Disk {
  readonly #root: string;
  readonly #folders = new Set<number>();
  readonly #names = new Map<number, Names>();
  readonly #contents = new Map<number, Buffer>();
  #failing: { readonly call: Call; left: number } | undefined;
  /** Every file that had its final name before its content was flushed to disk. */
  readonly renamedUnforced: string[] = [];

  constructor(root: string) {
    this.#root = root;
    this.force(root);
    watching.add(this);
  }

  /** Makes the `nth` of these calls from now on fail with EIO. */
  failAt(call: Call, nth = 1): void {
    this.#failing = { call, left: nth };
  }

  /**
   * What remains after a power cut: paths below the root, with text; undefined for a file that has lost its content.
   */
  afterPowerCut(): Readonly<Record<string, string | undefined>> {
    const found: Record<string, string | undefined> = {};
    const visit = (folder: number, prefix: string): void => {
      for (const [name, inode] of this.#names.get(folder) ?? []) {
        const path = `${prefix}${name}`;
        if (this.#folders.has(inode)) visit(inode, `${path}/`);
        else found[path] = this.#contents.get(inode)?.toString('latin1');
      }
    };
    visit(fs.statSync(this.#root).ino, '');
    return found;
  }

  /** Whether a folder of this name directly below the root remains after a power cut. */
  isFolder(name: string): boolean {
    const inode = this.#names.get(fs.statSync(this.#root).ino)?.get(name);
    return inode !== undefined && this.#folders.has(inode);
  }

  /** The contents while the power stays on. */
  now(): Readonly<Record<string, string>> {
    const paths = fs.readdirSync(this.#root, { recursive: true, encoding: 'utf8' });
    const files = paths.filter((path) => fs.statSync(join(this.#root, path)).isFile()).sort();
    return Object.fromEntries(files.map((path) => [path, fs.readFileSync(join(this.#root, path), 'latin1')]));
  }

  force(path: string): void {
    const { ino } = fs.statSync(path);
    if (!fs.statSync(path).isDirectory()) {
      this.#contents.set(ino, fs.readFileSync(path));
      return;
    }
    const names = fs.readdirSync(path);
    this.#names.set(ino, new Map(names.map((name) => [name, fs.lstatSync(join(path, name)).ino])));
    for (const name of names) {
      const status = fs.lstatSync(join(path, name));
      if (status.isDirectory()) this.#folders.add(status.ino);
    }
  }

  renamed(path: string): void {
    if (!path.startsWith(this.#root) || !fs.statSync(path).isFile()) return;
    const forced = this.#contents.get(fs.statSync(path).ino);
    if (!forced?.equals(fs.readFileSync(path))) this.renamedUnforced.push(path);
  }

  /** Fails a call that was chosen to fail. */
  meet(call: Call): void {
    if (this.#failing?.call !== call || --this.#failing.left > 0) return;
    this.#failing = undefined;
    throw Object.assign(new Error(`EIO: ${call}`), { code: 'EIO' });
  }
}

const watching = new Set<Disk>();
after(() => watching.clear());

function forced(descriptor: number): void {
  // Read again through its path: the descriptor may be open for writing only.
  for (const disk of watching) disk.force(`/proc/self/fd/${descriptor}`);
}

function meet(call: Call): void {
  for (const disk of watching) disk.meet(call);
}

if (noPowerCut === false) {
  const { fsyncSync, fsync, renameSync } = fs;
  const { open, rename } = fs.promises;
  const renamed = (path: fs.PathLike) => {
    for (const disk of watching) disk.renamed(String(path));
  };
  fs.fsyncSync = (descriptor) => {
    meet('fsync');
    fsyncSync(descriptor);
    forced(descriptor);
  };
  const forcing = (descriptor: number, done: fs.NoParamCallback) => {
    fsync(descriptor, (error) => {
      try {
        meet('fsync');
        forced(descriptor);
        done(error);
      } catch (failure) {
        done(failure as NodeJS.ErrnoException);
      }
    });
  };
  fs.fsync = Object.assign(forcing, { __promisify__: fsync.__promisify__ });
  fs.renameSync = (from, to) => {
    meet('rename');
    renameSync(from, to);
    renamed(to);
  };
  fs.promises.rename = async (from, to) => {
    meet('rename');
    await rename(from, to);
    renamed(to);
  };
  fs.promises.open = async (...place) => {
    const handle = await open(...place);
    const sync = handle.sync.bind(handle);
    handle.sync = async () => {
      meet('fsync');
      await sync();
      forced(handle.fd);
    };
    return handle;
  };
  syncBuiltinESMExports();
}
