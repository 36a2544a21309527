// Electron's fuses: switches in its binary that decide, before any of Siteseal's code runs, what the application can do.
import { cp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { flipFuses, FuseState, FuseV1Options, FuseVersion, getCurrentFuseWire } from '@electron/fuses';
import { thisPlatform } from './platform.ts';

/** A fuse as Electron names it. */
export type FuseName =
  | 'RunAsNode'
  | 'EnableCookieEncryption'
  | 'EnableNodeOptionsEnvironmentVariable'
  | 'EnableNodeCliInspectArguments'
  | 'EnableEmbeddedAsarIntegrityValidation'
  | 'OnlyLoadAppFromAsar'
  | 'LoadBrowserProcessSpecificV8Snapshot'
  | 'GrantFileProtocolExtraPrivileges'
  | 'WasmTrapHandlers';

interface Fuse {
  readonly name: FuseName;
  readonly isOn: boolean;
  /** Why it is on or off. */
  readonly reason: string;
  /** Older versions of Electron lack it. All others protect Siteseal, so that an Electron without them is refused. */
  readonly mayLack?: true;
}

/** Every fuse, with the state that a package has. */
export const fuses: readonly Fuse[] = [
  {
    name: 'RunAsNode',
    isOn: false,
    reason: 'With ELECTRON_RUN_AS_NODE the signed application would run any script.',
  },
  {
    name: 'EnableCookieEncryption',
    isOn: true,
    reason: "Siteseal sets no cookies. If Chromium ever stored one, the system's own key would encrypt it.",
  },
  {
    name: 'EnableNodeOptionsEnvironmentVariable',
    isOn: false,
    reason: 'NODE_OPTIONS could load code into the application.',
  },
  {
    name: 'EnableNodeCliInspectArguments',
    isOn: false,
    reason: 'With --inspect any program of the user could read the keys from memory.',
  },
  {
    name: 'EnableEmbeddedAsarIntegrityValidation',
    isOn: true,
    reason:
      'On Windows and macOS, Electron refuses an app.asar whose digest differs from the one in the binary.',
  },
  {
    name: 'OnlyLoadAppFromAsar',
    isOn: true,
    reason: 'A folder "app" beside app.asar would run in its place, without a check.',
  },
  {
    name: 'LoadBrowserProcessSpecificV8Snapshot',
    isOn: false,
    reason: 'It needs a second V8 snapshot, which Siteseal does not have.',
  },
  {
    name: 'GrantFileProtocolExtraPrivileges',
    isOn: false,
    reason: 'The page comes from app://. Pages from file:// need no rights.',
  },
  {
    name: 'WasmTrapHandlers',
    isOn: true,
    mayLack: true,
    reason: "WebAssembly's memory limits are then kept by the processor, as in Chromium.",
  },
];

/** A fuse with the state that it has in a binary. */
export interface FuseReading extends Fuse {
  /** undefined: this Electron does not have the fuse. */
  readonly found: boolean | undefined;
}

/** The fuses of a binary, or of an application folder on macOS. */
export async function readFuses(file: string): Promise<readonly FuseReading[]> {
  const states = await getCurrentFuseWire(file);
  return fuses.map((fuse) => {
    const state = states[FuseV1Options[fuse.name]];
    return { ...fuse, found: state === undefined ? undefined : state === FuseState.ENABLE };
  });
}

/**
 * Sets every fuse that this Electron has, and reads them back. A fuse that the list lacks is an error, so that somebody
 * decides about it.
 * @param more fuses to set otherwise
 */
export async function setFuses(
  file: string,
  more: Partial<Readonly<Record<FuseName, boolean>>> = {},
): Promise<readonly FuseReading[]> {
  const wanted = ({ name, isOn }: Fuse): boolean => more[name] ?? isOn;
  const all = await readFuses(file);
  const lacking = all.find(({ found, mayLack }) => found === undefined && mayLack !== true);
  if (lacking) throw new Error(`This Electron has no fuse ${lacking.name}: ${file}`);
  const present = all.filter(({ found }) => found !== undefined);
  await flipFuses(file, {
    version: FuseVersion.V1,
    strictlyRequireAllFuses: true,
    resetAdHocDarwinSignature: file.endsWith('.app'),
    ...Object.fromEntries(present.map((fuse) => [FuseV1Options[fuse.name], wanted(fuse)])),
  });
  const readings = await readFuses(file);
  for (const reading of readings) {
    if (reading.found !== undefined && reading.found !== wanted(reading))
      throw new Error(`The fuse ${reading.name} was set, but ${file} does not have it so.`);
  }
  return readings;
}

/**
 * Copies a packed folder on Linux, with the inspector allowed, so that a test can drive the copy. Everything else is the
 * same, byte for byte.
 */
export async function copyWithInspector(packed: string, copy: string): Promise<void> {
  const beside = `${copy}.${process.pid}`;
  await cp(packed, beside, { recursive: true, preserveTimestamps: true });
  await setFuses(join(beside, thisPlatform().binary), { EnableNodeCliInspectArguments: true });
  await rename(beside, copy);
}
