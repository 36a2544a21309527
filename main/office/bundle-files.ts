import { closeSync, fsync, lstatSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { enbFileNames, maximumBundleSize } from '../bundle/index.ts';
import { ok, refuse, type Result } from '../faults/index.ts';
import { clear, errorCode, makeFolder, openPart, partOf, readFile, syncFolder } from '../files/index.ts';
import type { EnbIdentity } from '../pki/index.ts';

const suffix = '.p7m';

/** In bytes, larger than any bundle. Larger files are refused as too large. */
export const maximumBundleFile = 16 * 1024 * 1024;

/** The file names of these eNBs' bundles, in the same order. */
export function bundleFileNames(enbs: readonly EnbIdentity[]): readonly string[] {
  return enbFileNames(enbs).map((name) => name + suffix);
}

/**
 * How many bundles are flushed to disk together. While one batch is flushed, the next is made in memory. Its files are
 * created only after that flush, because creating a file waits for a running commit of the file system's journal.
 */
const batchSize = 32;

interface NewFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Writes many files into one folder, each atomically: written under a temporary name, flushed to disk, then renamed.
 * This happens in the background. Only `flush` confirms that the files are on disk.
 */
export class BundleFiles {
  readonly #folder: string;
  #batch: NewFile[] = [];
  /** Settles when the previous batch is on disk and renamed. */
  #settling: Promise<unknown> = Promise.resolve();
  readonly #written = new Set<string>();
  #error: unknown;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The names of the bundles in the folder. Empty if the folder does not exist yet. */
  list(): Result<ReadonlySet<string>, 'output-unwritable'> {
    try {
      return ok(new Set(readdirSync(this.#folder).filter((name) => name.endsWith(suffix))));
    } catch (error) {
      return errorCode(error) === 'ENOENT' ? ok(new Set()) : this.#refuse(error);
    }
  }

  /** The bytes of a file. Undefined if it is unreadable or larger than a bundle may be. */
  read(name: string): Uint8Array | undefined {
    const bytes = readFile(join(this.#folder, name), maximumBundleSize);
    return bytes.ok ? bytes.value : undefined;
  }

  /** Creates the folder, and removes files that an interrupted run left half written. */
  open(): Result<void, 'output-unwritable'> {
    try {
      makeFolder(this.#folder);
      // The user chose the parent folder, but not the target of a link inside it.
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

  /** Queues a file. It is on disk once `flush` succeeds. A fault may be about an earlier file. */
  async write(name: string, bytes: Uint8Array): Promise<Result<void, 'output-unwritable'>> {
    this.#batch.push({ path: join(this.#folder, name), bytes });
    if (this.#batch.length >= batchSize) await this.#send();
    return this.#error === undefined ? ok(undefined) : this.#refuse(this.#error);
  }

  /** The files that are whole on disk, and have their final names. */
  get written(): ReadonlySet<string> {
    return this.#written;
  }

  /** Waits until all queued files are whole on disk under their final names. */
  async settle(): Promise<Result<void, 'output-unwritable'>> {
    await this.#send();
    await this.#settling;
    return this.#error === undefined ? ok(undefined) : this.#refuse(this.#error);
  }

  /** Like `settle`. The names too survive a power cut then. */
  async flush(): Promise<Result<void, 'output-unwritable'>> {
    const settled = await this.settle();
    if (!settled.ok) return settled;
    try {
      syncFolder(this.#folder);
      return ok(undefined);
    } catch (error) {
      return this.#refuse(error);
    }
  }

  /** Waits for the previous batch, creates the files of this one, and starts flushing them. */
  async #send(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    await this.#settling;
    const created = batch.flatMap((file) => this.#create(file));
    this.#settling = Promise.all(created.map((file) => this.#settle(file)));
  }

  /** Creates one file under its temporary name. Does nothing after the first error. */
  #create({ path, bytes }: NewFile): readonly { readonly path: string; readonly descriptor: number }[] {
    if (this.#error !== undefined) return [];
    try {
      const descriptor = openPart(path, 0o644);
      try {
        // Repeats short writes: a disk that is filling up first accepts part of the data without an error.
        writeFileSync(descriptor, bytes);
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
      this.#written.add(basename(path));
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
