// Packs the folder that every package is made from: Electron, the built programs and the packages they load.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, createReadStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { packagesInside } from '../build.ts';
import { findElectron } from '../desktop.ts';
import { Refusal, root } from '../launch/root.js';
import { notice } from '../licences.ts';
import { type FuseReading, readFuses } from './fuses.ts';
import { makeIcons } from './icons.ts';
import { dist, thisPlatform } from './platform.ts';

/** The application in a folder, ready to run or to be put into a package. */
export interface Packed {
  readonly folder: string;
  readonly electronVersion: string;
  /** The archive with Siteseal itself. */
  readonly asar: string;
  readonly asarSha256: string;
  readonly fuses: readonly FuseReading[];
}

/**
 * Packs the built application for this platform into a folder in `dist/`.
 * @throws {Refusal} without a runtime of Electron
 */
export async function pack(): Promise<Packed> {
  const platform = thisPlatform();
  const electron = findElectron();
  if ('whyNot' in electron) {
    throw new Refusal(
      `Siteseal cannot be packed: ${electron.whyNot}. Or set ELECTRON_OVERRIDE_DIST_PATH to the folder of a runtime.`,
    );
  }
  makeIcons();
  writeNotices();
  mkdirSync(dist, { recursive: true });
  const runtime = mkdtempSync(join(dist, 'electron-'));
  try {
    // electron-builder changes what it gets. The example application would not be used.
    cpSync(join(electron.file, ...Array<string>(platform.depth).fill('..')), runtime, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => basename(source) !== 'default_app.asar',
    });
    await runBuilder([
      `--${platform.name}`,
      '--dir',
      `-c.electronDist=${runtime}`,
      `-c.electronVersion=${electron.version}`,
    ]);
  } finally {
    rmSync(runtime, { recursive: true, force: true });
  }
  const folder = join(dist, platform.folder);
  return {
    folder,
    electronVersion: electron.version,
    asar: archive(),
    asarSha256: await digestOfPacked(),
    fuses: await readFuses(join(folder, platform.binary)),
  };
}

function archive(): string {
  const { folder, resources } = thisPlatform();
  return join(dist, folder, resources, 'app.asar');
}

/** The SHA-256 of the app.asar that was packed last. */
export async function digestOfPacked(): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(archive()), hash);
  return hash.digest('hex');
}

/** Writes the licences of the packages inside. Those of Chromium and its parts come with Electron. */
function writeNotices(): void {
  const folder = join(root, 'build', 'notices');
  mkdirSync(folder, { recursive: true });
  const text = notice('Siteseal. Apache-2.0. Inside are:', Object.values(packagesInside()).flat());
  writeFileSync(join(folder, 'LICENSES.packages.txt'), `${text}\n`);
}

/** Runs electron-builder with the configuration of the repository. Its output appears only when it fails. */
export function runBuilder(args: readonly string[]): Promise<void> {
  const cli = join(import.meta.dirname, 'node_modules', 'electron-builder', 'cli.js');
  const child = spawn(process.execPath, [cli, '--publish=never', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`electron-builder failed:\n${output.trim()}`));
    });
  });
}
