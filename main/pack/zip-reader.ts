import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { fault, ok, refused, type Fault, type Result, type Rule } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import { extra64, in64, unfitFlags, zip } from './zip-format.ts';

/** More entries than any pack has. */
const maximumEntries = 2 ** 18;
const maximumDirectory = 64 * 1024 * 1024;
/** How much of a name a fault shows. */
const maximumShown = 200;

type ZipFault = 'file-unreadable' | 'zip-malformed';

/** Where an entry is. */
interface Place {
  /** Of its local header. */
  readonly offset: number;
  readonly size: number;
}

/** A ZIP file that is open for reading. None of its contents is verified. */
export class ZipReader {
  readonly #file: number;
  readonly #places: ReadonlyMap<string, Place>;

  private constructor(file: number, places: ReadonlyMap<string, Place>) {
    this.#file = file;
    this.#places = places;
  }

  /**
   * Opens a ZIP file and reads its directory. Refuses with `zip-malformed` compressed and encrypted entries, entries that
   * together are larger than the file,
   * two of one name, a comment and several disks. So it is never larger than the file, and means the same to every reader.
   */
  static open(path: string): Result<ZipReader, ZipFault> {
    let file: number | undefined;
    let why: Fault<ZipFault>;
    try {
      // A named pipe would wait for a writer.
      file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      const status = fstatSync(file);
      if (!status.isFile()) throw new ZipError(fault('file-unreadable'));
      return ok(new ZipReader(file, readDirectory(file, status.size)));
    } catch (error) {
      why = error instanceof ZipError ? error.fault : fault('file-unreadable', { found: errorCode(error) });
    }
    if (file !== undefined) closeSync(file);
    return refused({ ...why, where: { file: path } });
  }

  /** The names of the entries, in the order of the directory. */
  get names(): Iterable<string> {
    return this.#places.keys();
  }

  /** The size of an entry, in bytes. Undefined without an entry of this name. */
  sizeOf(name: string): number | undefined {
    return this.#places.get(name)?.size;
  }

  /** Reads an entry. Undefined if it is not there, cut off, or has another name in its own header. */
  read(name: string): Uint8Array | undefined {
    const place = this.#places.get(name);
    if (!place) return undefined;
    try {
      const title = Buffer.from(name);
      const header = readAt(this.#file, place.offset, zip.local.size + title.length);
      const isOwn =
        header.readUInt32LE(0) === zip.local.signature &&
        header.readUInt16LE(26) === title.length &&
        header.subarray(zip.local.size).equals(title);
      if (!isOwn) return undefined;
      return readAt(this.#file, place.offset + header.length + header.readUInt16LE(28), place.size);
    } catch {
      return undefined;
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}

class ZipError extends Error {
  readonly fault: Fault<ZipFault>;
  constructor(why: Fault<ZipFault>) {
    super(why.code);
    this.fault = why;
  }
}

function malformed(rule?: Rule, found?: string): never {
  throw new ZipError(
    fault('zip-malformed', {
      ...(rule && { rule }),
      ...(found !== undefined && { found: found.slice(0, maximumShown) }),
    }),
  );
}

function readAt(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length;) {
    const count = readSync(file, bytes, at, length - at, offset + at);
    if (count === 0) malformed();
    at += count;
  }
  return bytes;
}

/** Where the directory is, and how many entries it has. */
interface Directory {
  readonly count: number;
  readonly start: number;
  readonly size: number;
}

function findDirectory(file: number, fileSize: number): Directory {
  const endAt = fileSize - zip.end.size;
  if (endAt < 0) malformed();
  const end = readAt(file, endAt, zip.end.size);
  // With a comment, two ends could be found in one file.
  if (end.readUInt32LE(0) !== zip.end.signature || end.readUInt16LE(20) !== 0) malformed();
  const [disk, directoryDisk] = [end.readUInt16LE(4), end.readUInt16LE(6)];
  const found = { count: end.readUInt16LE(10), size: end.readUInt32LE(12), start: end.readUInt32LE(16) };
  if (disk !== 0 || directoryDisk !== 0) malformed();
  const is64 = found.count === in64.count || found.size === in64.offset || found.start === in64.offset;
  if (!is64) return found.start + found.size === endAt ? found : malformed();
  const end64At = endAt - zip.locator64.size - zip.end64.size;
  if (end64At < 0) malformed();
  const end64 = readAt(file, end64At, zip.end64.size + zip.locator64.size);
  const isRight =
    end64.readUInt32LE(0) === zip.end64.signature &&
    end64.readUInt32LE(zip.end64.size) === zip.locator64.signature &&
    end64.readBigUInt64LE(zip.end64.size + 8) === BigInt(end64At);
  const large = { count: number64(end64, 32), size: number64(end64, 40), start: number64(end64, 48) };
  return isRight && large.start + large.size === end64At ? large : malformed();
}

function number64(bytes: Buffer, at: number): number {
  const value = bytes.readBigUInt64LE(at);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : malformed();
}

function readDirectory(file: number, fileSize: number): ReadonlyMap<string, Place> {
  const { count, start, size } = findDirectory(file, fileSize);
  if (count > maximumEntries || size > maximumDirectory) malformed('zip-entries', String(count));
  const bytes = readAt(file, start, size);
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  const places = new Map<string, Place>();
  let at = 0;
  let total = 0;
  while (at < bytes.length) {
    if (places.size >= count) malformed();
    if (at + zip.directory.size > bytes.length || bytes.readUInt32LE(at) !== zip.directory.signature)
      malformed();
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) =>
      bytes.readUInt16LE(at + offset),
    );
    const nameAt = at + zip.directory.size;
    const extraAt = nameAt + (nameLength ?? 0);
    const next = extraAt + (extraLength ?? 0) + (commentLength ?? 0);
    if (next > bytes.length) malformed();
    const name = nameOf(utf8, bytes.subarray(nameAt, extraAt));
    const [packed, plain] = [bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 24)];
    const isStored = bytes.readUInt16LE(at + 10) === 0 && (bytes.readUInt16LE(at + 8) & unfitFlags) === 0;
    // A single entry of 4 GiB is no bundle.
    if (!isStored || packed !== plain || plain === in64.offset) malformed('zip-stored', name);
    if (places.has(name)) malformed('zip-names-once', name);
    const short = bytes.readUInt32LE(at + 42);
    const extra = bytes.subarray(extraAt, extraAt + (extraLength ?? 0));
    const offset = short === in64.offset ? offset64(extra) : short;
    total += zip.local.size + (nameLength ?? 0) + plain;
    if (total > start || offset + plain > start) malformed('zip-overlap', name);
    places.set(name, { offset, size: plain });
    at = next;
  }
  return places.size === count ? places : malformed();
}

function nameOf(utf8: InstanceType<typeof TextDecoder>, bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return malformed();
  }
}

/** The offset of the entry, if that is the only 64-bit value. */
function offset64(extra: Buffer): number {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== extra64) continue;
    return extra.readUInt16LE(at + 2) === 8 && at + 12 <= extra.length
      ? number64(extra, at + 4)
      : malformed();
  }
  return malformed();
}
