// Makes the packages: `npm run package [-- OPTION ...]`.
import { rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from '../build.ts';
import { Refusal, root } from '../launch/root.js';
import { installTools } from './install.ts';
import type { Part } from './sizes.ts';

const usage = `usage: npm run package [-- OPTION ...]
  --dir     only the folder with the application
  --deb, --rpm, --appimage, --nsis, --msi, --dmg
            only the folder and this package (default: all that this operating system has)
  --json    print one JSON document about what was made
`;

/** The exit code for "this machine lacks something", as in every `siteseal` command. */
const environmentFault = 3;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

try {
  const { json, ...wanted } = parseArguments();
  await installTools(say);
  // The list of parts names the runtime that is here now.
  rmSync(join(root, 'build', 'parts'), { recursive: true, force: true });
  await build(say);
  const made = await makePackages(Object.keys(wanted));
  process.stdout.write(json === true ? `${JSON.stringify(made, undefined, 2)}\n` : report(made));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  say(error.message);
  process.exitCode = environmentFault;
}

function parseArguments(): Readonly<Record<string, boolean>> {
  try {
    const names = ['dir', 'deb', 'rpm', 'appimage', 'nsis', 'msi', 'dmg', 'json', 'help'];
    const options = Object.fromEntries(names.map((name) => [name, { type: 'boolean' as const }]));
    const { help, ...values } = parseArgs({ options }).values;
    if (help === true) {
      process.stdout.write(usage);
      process.exit(0);
    }
    return values as Readonly<Record<string, boolean>>;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}`);
    process.exit(2);
  }
}

/** What was made, as `--json` prints it. */
interface Made {
  readonly folder: { readonly path: string; readonly bytes: number; readonly largest: readonly Part[] };
  readonly archive: {
    readonly path: string;
    readonly bytes: number;
    readonly sha256: string;
    readonly largest: readonly Part[];
  };
  readonly electron: string;
  readonly fuses: Readonly<Record<string, boolean | 'not read'>>;
  readonly packages: readonly { readonly path: string; readonly bytes: number }[];
  readonly notMade: readonly { readonly name: string; readonly why: string }[];
}

/** @param wanted names of targets; empty for all of this operating system */
async function makePackages(wanted: readonly string[]): Promise<Made> {
  // These files need the tools.
  const { pack } = await import('./pack.ts');
  const { targets } = await import('./targets.ts');
  const { partsOfArchive, partsOfFolder, sizeOf } = await import('./sizes.ts');

  const packed = await pack();
  say(`Packed ${relative(root, packed.folder)}.`);
  const packages: string[] = [];
  const notMade: { name: string; why: string }[] = [];
  for (const { name, platform, make } of targets) {
    const isWanted = wanted.length === 0 ? platform === process.platform : wanted.includes(name);
    if (!isWanted) continue;
    try {
      if (platform !== process.platform) throw new Refusal(`It is made on ${platform}.`);
      packages.push(...(await make(packed)));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      notMade.push({ name, why: error.message });
      if (wanted.length > 0) process.exitCode = environmentFault;
    }
  }
  const { folder, asar, asarSha256, electronVersion, fuses } = packed;
  return {
    folder: {
      path: relative(root, folder),
      bytes: sizeOf(folder),
      largest: partsOfFolder(folder, dirname(asar)),
    },
    archive: {
      path: relative(root, asar),
      bytes: sizeOf(asar),
      sha256: asarSha256,
      largest: partsOfArchive(asar),
    },
    electron: electronVersion,
    fuses: Object.fromEntries(fuses.map(({ name, found }) => [name, found ?? 'not read'])),
    packages: packages.map((file) => ({ path: relative(root, file), bytes: sizeOf(file) })),
    notMade,
  };
}

function report({ folder, archive, electron, fuses, packages, notMade }: Made): string {
  const table = (parts: readonly Part[]): readonly string[] =>
    parts.map(({ name, bytes }) => `  ${inMegabytes(bytes).padStart(9)}  ${name}`);
  const notRead = Object.keys(fuses).filter((name) => fuses[name] === 'not read');
  const read = Object.keys(fuses).length - notRead.length;
  const lines = [
    `${folder.path}, with Electron ${electron}: ${inMegabytes(folder.bytes)}. The largest parts:`,
    ...table(folder.largest),
    `${archive.path}: ${inMegabytes(archive.bytes)}, SHA-256 ${archive.sha256}. The largest parts:`,
    ...table(archive.largest),
    `${read} fuses are set and were read back.${notRead.map((name) => ` This Electron does not have ${name}: not read.`).join('')}`,
    ...packages.map(({ path, bytes }) => `${path}: ${inMegabytes(bytes)}`),
    ...notMade.map(({ name, why }) => `Not made: ${name}. ${why}`),
  ];
  return `${lines.join('\n')}\n`;
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
