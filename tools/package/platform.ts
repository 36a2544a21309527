// What differs between the systems that Siteseal is packed on.
import { join } from 'node:path';
import { Refusal, root } from '../launch/root.js';

/** Where packages are made. */
export const dist = join(root, 'dist');

/** How electron-builder names things on a platform. */
export interface Platform {
  /** Its option for the platform. */
  readonly name: 'linux' | 'win' | 'mac';
  /** The file or folder with the fuses, in the packed folder. */
  readonly binary: string;
  /** The folder of app.asar, in the packed folder. */
  readonly resources: string;
  /** The folder in dist/. */
  readonly folder: string;
  /** How many folders below its own folder a runtime has its program. */
  readonly depth: number;
}

const architecture = process.arch === 'x64' ? '' : `-${process.arch}`;

const platforms: Readonly<Partial<Record<NodeJS.Platform, Platform>>> = {
  linux: {
    name: 'linux',
    binary: 'siteseal-app',
    resources: 'resources',
    folder: `linux${architecture}-unpacked`,
    depth: 1,
  },
  win32: {
    name: 'win',
    binary: 'Siteseal.exe',
    resources: 'resources',
    folder: `win${architecture}-unpacked`,
    depth: 1,
  },
  darwin: {
    name: 'mac',
    binary: 'Siteseal.app',
    resources: join('Siteseal.app', 'Contents', 'Resources'),
    folder: `mac${architecture}`,
    depth: 4,
  },
};

/** @throws {Refusal} */
export function thisPlatform(): Platform {
  const platform = platforms[process.platform];
  if (platform === undefined) throw new Refusal(`There is no package of Siteseal for ${process.platform}.`);
  return platform;
}
