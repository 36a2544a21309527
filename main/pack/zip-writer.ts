import { crc32 } from 'node:zlib';
import { nameTogether, PartFile } from '../files/index.ts';
import { extra64, in64, utf8Flag, zip } from './zip-format.ts';

/** A file in a ZIP file. */
export interface ZipEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The first day that MS-DOS knows: every entry has this date, so that the same contents give the same bytes. */
const date = (1 << 5) | 1;

/**
 * Writes a ZIP file, one entry after the other: under a temporary name, flushed to disk, then renamed. Nothing is
 * compressed: a reader then needs no more memory and time than the size of the file says. Throws what the file system and
 * `entries` throw, and leaves no file then.
 */
export async function writeZip(path: string, entries: AsyncIterable<ZipEntry>): Promise<void> {
  const file = new PartFile(path);
  try {
    const directory: Buffer[] = [];
    let offset = 0;
    const put = (bytes: Uint8Array) => {
      file.put(bytes);
      offset += bytes.length;
    };
    for await (const { name, bytes } of entries) {
      const about = aboutEntry(Buffer.from(name), bytes);
      directory.push(directoryEntry(about, offset));
      put(localHeader(about));
      put(bytes);
      if (file.isFull) await file.drain();
    }
    const start = offset;
    for (const entry of directory) put(entry);
    put(endOf(directory.length, start, offset - start));
    await file.finish();
    nameTogether([file]);
  } catch (error) {
    file.abandon();
    throw error;
  }
}

interface AboutEntry {
  readonly name: Buffer;
  readonly size: number;
  readonly crc: number;
}

function aboutEntry(name: Buffer, bytes: Uint8Array): AboutEntry {
  return { name, size: bytes.length, crc: crc32(bytes) };
}

/** From the version that a reader needs to the length of the extra field, which the two headers have in common. */
function writeCommon(header: Buffer, at: number, { name, size, crc }: AboutEntry, version: number): void {
  header.writeUInt16LE(version, at);
  header.writeUInt16LE(utf8Flag, at + 2);
  header.writeUInt16LE(0, at + 4); // stored
  header.writeUInt16LE(0, at + 6);
  header.writeUInt16LE(date, at + 8);
  header.writeUInt32LE(crc, at + 10);
  header.writeUInt32LE(size, at + 14);
  header.writeUInt32LE(size, at + 18);
  header.writeUInt16LE(name.length, at + 22);
}

function localHeader(about: AboutEntry): Buffer {
  const header = Buffer.alloc(zip.local.size);
  header.writeUInt32LE(zip.local.signature, 0);
  writeCommon(header, 4, about, 20);
  return Buffer.concat([header, about.name]);
}

function directoryEntry(about: AboutEntry, offset: number): Buffer {
  const isFar = offset >= in64.offset;
  const header = Buffer.alloc(zip.directory.size);
  header.writeUInt32LE(zip.directory.signature, 0);
  header.writeUInt16LE((3 << 8) | 45, 4); // made on Unix
  writeCommon(header, 6, about, isFar ? 45 : 20);
  header.writeUInt16LE(isFar ? 12 : 0, 30);
  header.writeUInt32LE(0o100644 * 0x1_0000, 38);
  header.writeUInt32LE(isFar ? in64.offset : offset, 42);
  if (!isFar) return Buffer.concat([header, about.name]);
  const extra = Buffer.alloc(12);
  extra.writeUInt16LE(extra64, 0);
  extra.writeUInt16LE(8, 2);
  extra.writeBigUInt64LE(BigInt(offset), 4);
  return Buffer.concat([header, about.name, extra]);
}

function endOf(count: number, start: number, size: number): Buffer {
  const is64 = count >= in64.count || start >= in64.offset || size >= in64.offset;
  const end = Buffer.alloc(zip.end.size);
  end.writeUInt32LE(zip.end.signature, 0);
  end.writeUInt16LE(is64 ? in64.count : count, 8);
  end.writeUInt16LE(is64 ? in64.count : count, 10);
  end.writeUInt32LE(is64 ? in64.offset : size, 12);
  end.writeUInt32LE(is64 ? in64.offset : start, 16);
  if (!is64) return end;
  const end64 = Buffer.alloc(zip.end64.size);
  end64.writeUInt32LE(zip.end64.signature, 0);
  end64.writeBigUInt64LE(BigInt(zip.end64.size - 12), 4);
  end64.writeUInt16LE((3 << 8) | 45, 12);
  end64.writeUInt16LE(45, 14);
  for (const [at, value] of [
    [24, count],
    [32, count],
    [40, size],
    [48, start],
  ] as const)
    end64.writeBigUInt64LE(BigInt(value), at);
  const locator = Buffer.alloc(zip.locator64.size);
  locator.writeUInt32LE(zip.locator64.signature, 0);
  locator.writeBigUInt64LE(BigInt(start + size), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([end64, locator, end]);
}
