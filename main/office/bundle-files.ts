import { closeSync, fsync, lstatSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { enbFileNames, maximumBundleSize } from '../bundle/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { clear, errorCode, makeFolder, openPart, partOf, readFile, syncFolder } from '../files/index.ts';
import type { EnbIdentity } from '../pki/index.ts';

const suffix = '.p7m';

/** More than any bundle, in octets: a larger file is judged as too large. */
export const maximumBundleFile = 16 * 1024 * 1024;

/** The file name of each eNB's bundle. */
export function bundleFileNames(enbs: readonly EnbIdentity[]): readonly string[] {
  return enbFileNames(enbs).map((name) => name + suffix);
}

/**
 * Bundles that go to the disk together. While one batch is being forced to it the next is made, in memory. Files are
 * created in between: creating one waits for a commit of the file system's journal that is under way.
 */
const batchSize = 32;

interface NewFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Writes many files into one folder, each there whole or not at all: under a temporary name, forced to the disk,
 * then renamed. That happens behind the back of the caller, who awaits `flush` before believing any of it.
 */
export class BundleFiles {
  readonly #folder: string;
  #batch: NewFile[] = [];
  /** The batch that is being forced to the disk. */
  #settling: Promise<unknown> = Promise.resolve();
  #error: unknown;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The names of the files that are there; none where there is no folder yet. */
  list(): Result<ReadonlySet<string>, 'output-unwritable'> {
    try {
      return ok(new Set(readdirSync(this.#folder).filter((name) => name.endsWith(suffix))));
    } catch (error) {
      return errorCode(error) === 'ENOENT' ? ok(new Set()) : this.#refuse(error);
    }
  }

  /** The octets under a name, as many as a bundle may have; undefined when they cannot be read. */
  read(name: string): Uint8Array | undefined {
    const bytes = readFile(join(this.#folder, name), maximumBundleSize);
    return bytes.ok ? bytes.value : undefined;
  }

  /** Makes the folder, and clears what an interrupted run left half written. */
  open(): Result<void, 'output-unwritable'> {
    try {
      makeFolder(this.#folder);
      // Nobody has chosen where a link leads that lies in the chosen folder.
      if (lstatSync(this.#folder).isSymbolicLink()) {
        return refuse('output-unwritable', { where: { file: this.#folder }, found: 'a symbolic link' });
      }
      for (const name of readdirSync(this.#folder))
        if (name.endsWith(partOf(suffix))) rmSync(join(this.#folder, name), { force: true });
      return ok(undefined);
    } catch (error) {
      return this.#refuse(error);
    }
  }

  /** Takes a file to be written; it is on the disk when `flush` says so. The fault may be an earlier file's. */
  async write(name: string, bytes: Uint8Array): Promise<Result<void, 'output-unwritable'>> {
    this.#batch.push({ path: join(this.#folder, name), bytes });
    if (this.#batch.length >= batchSize) await this.#send();
    return this.#error === undefined ? ok(undefined) : this.#refuse(this.#error);
  }

  /** Waits until all that was written is on the disk under its name. */
  async flush(): Promise<Result<void, 'output-unwritable'>> {
    await this.#send();
    await this.#settling;
    if (this.#error !== undefined) return this.#refuse(this.#error);
    try {
      syncFolder(this.#folder);
      return ok(undefined);
    } catch (error) {
      return this.#refuse(error);
    }
  }

  /** Creates the files of the batch as soon as the batch before is settled, and lets them settle. */
  async #send(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    await this.#settling;
    const created = batch.flatMap((file) => this.#create(file));
    this.#settling = Promise.all(created.map((file) => this.#settle(file)));
  }

  /** One file under its temporary name; none after the first error. */
  #create({ path, bytes }: NewFile): readonly { readonly path: string; readonly descriptor: number }[] {
    if (this.#error !== undefined) return [];
    try {
      const descriptor = openPart(path, 0o644);
      try {
        writeFileSync(descriptor, bytes); // all of it: a disk that fills up takes a part without complaint at first
      } catch (error) {
        closeSync(descriptor);
        throw error;
      }
      return [{ path, descriptor }];
    } catch (error) {
      this.#fail(path, error);
      return [];
    }
  }

  async #settle({ path, descriptor }: { readonly path: string; readonly descriptor: number }): Promise<void> {
    try {
      await fsyncFile(descriptor).finally(() => closeSync(descriptor));
      renameSync(partOf(path), path);
    } catch (error) {
      this.#fail(path, error);
    }
  }

  #fail(path: string, error: unknown): void {
    this.#error ??= error;
    clear(partOf(path));
  }

  #refuse(error: unknown): Result<never, 'output-unwritable'> {
    return refuse('output-unwritable', { where: { file: this.#folder }, found: errorCode(error) });
  }
}

const fsyncFile = promisify(fsync);
