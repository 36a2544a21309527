import { close, closeSync, fsync, renameSync, rmSync, write } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { clear, openPart, partOf, syncFolder } from './files.ts';

/** How many bytes are collected before they are written. */
const chunk = 256 * 1024;

/** A file that is written piece by piece under a temporary name, without holding the event loop. */
export class PartFile {
  /** The file's name once it is complete. */
  readonly path: string;
  readonly #file: number;
  #pieces: Uint8Array[] = [];
  #length = 0;
  #isOpen = true;

  /** Opens the temporary file. */
  constructor(path: string, mode = 0o644) {
    this.path = path;
    this.#file = openPart(path, mode);
  }

  /** The temporary name. */
  get partPath(): string {
    return partOf(this.path);
  }

  /** Whether it is time for `drain`. */
  get isFull(): boolean {
    return this.#length >= chunk;
  }

  /** Adds bytes, or text in UTF-8. Keeps them in memory until `drain`. */
  put(piece: Uint8Array | string): void {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    this.#pieces.push(bytes);
    this.#length += bytes.length;
  }

  /** Writes what was added. */
  async drain(): Promise<void> {
    let rest = Buffer.concat(this.#pieces, this.#length);
    this.#pieces = [];
    this.#length = 0;
    while (rest.length > 0) {
      const { bytesWritten } = await promisify(write)(this.#file, rest);
      rest = rest.subarray(bytesWritten);
    }
  }

  /** Writes the rest and flushes it to disk. The file keeps its temporary name. */
  async finish(): Promise<void> {
    await this.drain();
    await promisify(fsync)(this.#file);
    this.#isOpen = false;
    await promisify(close)(this.#file);
  }

  /** Removes the temporary file. Does nothing once it has its name. */
  abandon(): void {
    try {
      if (this.#isOpen) closeSync(this.#file);
    } catch {
      // The disk may be gone.
    }
    this.#isOpen = false;
    clear(partOf(this.path));
  }
}

/**
 * Gives finished files of one folder their names. The first is the one that people read, and the others belong to it: it
 * is never there with others of an earlier time.
 */
export function nameTogether([main, ...others]: readonly [PartFile, ...PartFile[]]): void {
  if (others.length > 0) rmSync(main.path, { force: true });
  for (const { path } of [...others, main]) renameSync(partOf(path), path);
  syncFolder(dirname(main.path));
}
