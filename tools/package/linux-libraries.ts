// The libraries of the system that Siteseal's programs need, and which packages have them.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Debian's packages by library. Names that end in t64 are those of trixie and Ubuntu 24.04; the older names are those of
 * Debian 12. RPM needs no names of packages: there, packages provide their libraries by these names.
 */
export const debianPackages: Readonly<Record<string, string>> = {
  'libX11-xcb.so.1': 'libx11-xcb1',
  'libX11.so.6': 'libx11-6',
  'libXcomposite.so.1': 'libxcomposite1',
  'libXdamage.so.1': 'libxdamage1',
  'libXext.so.6': 'libxext6',
  'libXfixes.so.3': 'libxfixes3',
  'libXrandr.so.2': 'libxrandr2',
  'libasound.so.2': 'libasound2t64 | libasound2',
  'libatk-1.0.so.0': 'libatk1.0-0t64 | libatk1.0-0',
  'libatk-bridge-2.0.so.0': 'libatk-bridge2.0-0t64 | libatk-bridge2.0-0',
  'libatspi.so.0': 'libatspi2.0-0t64 | libatspi2.0-0',
  'libcairo.so.2': 'libcairo2',
  'libcups.so.2': 'libcups2t64 | libcups2',
  'libdbus-1.so.3': 'libdbus-1-3',
  'libdrm.so.2': 'libdrm2',
  'libexpat.so.1': 'libexpat1',
  'libgbm.so.1': 'libgbm1',
  'libgcc_s.so.1': 'libgcc-s1',
  'libgio-2.0.so.0': 'libglib2.0-0t64 | libglib2.0-0',
  'libglib-2.0.so.0': 'libglib2.0-0t64 | libglib2.0-0',
  'libgobject-2.0.so.0': 'libglib2.0-0t64 | libglib2.0-0',
  'libgtk-3.so.0': 'libgtk-3-0t64 | libgtk-3-0',
  'libnspr4.so': 'libnspr4',
  'libnss3.so': 'libnss3',
  'libnssutil3.so': 'libnss3',
  'libpango-1.0.so.0': 'libpango-1.0-0',
  'libsmime3.so': 'libnss3',
  'libudev.so.1': 'libudev1',
  'libxcb.so.1': 'libxcb1',
  'libxkbcommon.so.0': 'libxkbcommon0',
};

/** The newest versions of symbols that the native modules need, which are newer than Electron's. */
export const symbolVersions = {
  debian: ['libc6 (>= 2.34)', 'libstdc++6 (>= 11)'],
  rpm: ['libc.so.6(GLIBC_2.34)(64bit)', 'libstdc++.so.6(GLIBCXX_3.4.29)(64bit)'],
} as const;

/** Libraries that are on every system with the packages of `symbolVersions`. */
const always = /^(ld-linux|lib(c|dl|m|pthread|rt|stdc\+\+)\.so)/;

/** What Chromium loads while it runs, and cannot show a window without. No file names it. */
const loadedLater = ['libX11-xcb.so.1'] as const;

/**
 * The libraries that programs in a folder need from the system, sorted.
 * @throws {Error} if the packages above do not have one, as can happen with a new Electron
 */
export function systemLibraries(folder: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const own = new Set(files.map((file) => basename(file)));
  const needed = new Set(
    [...files.flatMap(neededLibraries), ...loadedLater].filter(
      (name) => !own.has(name) && !always.test(name),
    ),
  );
  for (const name of needed) {
    if (debianPackages[name] === undefined) {
      throw new Error(`Add ${name} to tools/package/linux-libraries.ts: a program in ${folder} needs it.`);
    }
  }
  return [...needed].sort();
}

// ELF: the numbers of the System V ABI, "Program Header" and "Dynamic Section".
const loadSegment = 1;
const dynamicSegment = 2;
const neededTag = 1n;
const stringTableTag = 5n;

/** The libraries that an ELF file with 64 bits names; none for other files. */
export function neededLibraries(file: string): readonly string[] {
  const bytes = readFileSync(file);
  if (bytes.toString('latin1', 0, 5) !== '\x7fELF\x02') return [];
  const segments = Array.from({ length: bytes.readUInt16LE(0x38) }, (_, index) => {
    const at = Number(bytes.readBigUInt64LE(0x20)) + index * bytes.readUInt16LE(0x36);
    const [offset, address, , size] = [0x08, 0x10, 0x18, 0x20].map((field) =>
      Number(bytes.readBigUInt64LE(at + field)),
    );
    return { type: bytes.readUInt32LE(at), offset: offset ?? 0, address: address ?? 0, size: size ?? 0 };
  });
  const dynamic = segments.find(({ type }) => type === dynamicSegment);
  if (dynamic === undefined) return [];
  const entries = Array.from({ length: dynamic.size / 16 }, (_, index) => {
    const at = dynamic.offset + index * 16;
    return { tag: bytes.readBigUInt64LE(at), value: Number(bytes.readBigUInt64LE(at + 8)) };
  });
  const table = entries.find(({ tag }) => tag === stringTableTag)?.value ?? 0;
  const segment = segments.find(
    ({ type, address, size }) => type === loadSegment && table >= address && table < address + size,
  );
  if (segment === undefined) return [];
  const strings = table - segment.address + segment.offset;
  return entries
    .filter(({ tag }) => tag === neededTag)
    .map(({ value }) => bytes.toString('latin1', strings + value, bytes.indexOf(0, strings + value)));
}
