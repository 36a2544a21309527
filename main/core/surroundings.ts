import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism, homedir, networkInterfaces, uptime, userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createRun, driveSystem, type DriveSystem } from '../drive/index.ts';
import {
  defaultDeadlines,
  EthernetDiscovery,
  nativeUsbBus,
  type Deadlines,
  type Discovery,
  type SystemLink,
  type UsbBus,
} from '../device/index.ts';
import type { Result } from '../faults/index.ts';
import { errorCode } from '../files/index.ts';
import { systemPathNetwork, type PathNetwork } from '../path/index.ts';
import { readPolicy, type Policy } from './policy.ts';
import { showFolderWith, systemFileManager, type ShowFolder } from './open-folder.ts';

/** Everything that the core takes from the outside world. Tests pass their own. */
export interface Surroundings {
  readonly now: () => Date;
  /** Milliseconds since the computer started. */
  readonly monotonic: () => number;
  /** Changes each time the computer starts. */
  readonly bootId: string;
  readonly newId: () => string;
  /**
   * Runs the work after this many milliseconds, unless the returned function is called first. Does not keep the process
   * alive.
   */
  readonly later: (milliseconds: number, work: () => void) => () => void;
  /** The folder of the store, with `training/` inside it. Throws `DataFolderMissing` if the environment names none. */
  readonly dataFolder: string;
  /** What the administrator of this computer allows. Read once, at the start. */
  readonly policy: Result<Policy, 'policy-invalid'>;
  /** The user's name in the operating system: declared, not proven. */
  readonly userName: string;
  readonly process: number;
  /** The number of processors that this process may use. */
  readonly processors: number;
  readonly isAlive: (process: number) => boolean;
  readonly usb: UsbBus;
  readonly drives: DriveSystem;
  /** How long to wait for an eNB. */
  readonly deadlines: Deadlines;
  readonly discovery: Discovery;
  /** Of the checks of the path to security gateways. */
  readonly network: PathNetwork;
  /** This computer's network links, including loopback. */
  readonly links: () => readonly SystemLink[];
  readonly showFolder: ShowFolder;
  /** Waits this many milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** The environment names no data folder. Only work that needs the folder fails. `unforeseen` makes the fault of it. */
export class DataFolderMissing extends Error {
  /** The environment variable at fault, with its value. Undefined when the account has no home. */
  readonly found: string | undefined;

  constructor(found?: string) {
    super('There is no data folder');
    this.found = found;
  }
}

/** Between two queries for eNBs on the network, in milliseconds (RFC 6762 section 5.2: at least a second). */
const discoveryInterval = 1_000;

/**
 * How long an operating system command for a drive may take, in milliseconds. It may have to flush a slow stick first.
 */
const driveDeadline = 120_000;

/** The surroundings of this process. The only place in the core that reads the clock, environment and paths. */
export function systemSurroundings(): Surroundings {
  return {
    now: () => new Date(),
    monotonic: () => uptime() * 1000,
    bootId: readBootId(),
    newId: randomUUID,
    later: (milliseconds, work) => {
      const timer = setTimeout(work, milliseconds).unref();
      return () => clearTimeout(timer);
    },
    get dataFolder() {
      return readDataFolder();
    },
    policy: readPolicy({ file: policyFile(), owner: process.platform === 'win32' ? undefined : 0 }),
    userName: readUserName(),
    process: process.pid,
    processors: availableParallelism(),
    isAlive,
    usb: nativeUsbBus(),
    discovery: new EthernetDiscovery({
      links: () => readLinks().filter(({ isInternal }) => !isInternal),
      repeat: (work) => {
        const timer = setInterval(work, discoveryInterval).unref();
        return () => clearInterval(timer);
      },
    }),
    network: systemPathNetwork,
    links: readLinks,
    drives: driveSystem(process.platform, createRun(process.env, driveDeadline)),
    showFolder: showFolderWith(systemFileManager(process.platform, process.env)),
    deadlines: defaultDeadlines,
    pause: (milliseconds) => pause(milliseconds),
  };
}

/** Of IPv6, takes only link-local addresses: every interface with IPv6 has one, and it names the link. */
function readLinks(): readonly SystemLink[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ family, address }) => family === 'IPv4' || address.startsWith('fe80:'))
      .map(({ family, address, internal: isInternal, scopeid }) => ({
        family,
        address,
        scope: process.platform === 'win32' ? String(scopeid) : name,
        name,
        index: scopeid ?? 0,
        isInternal,
      })),
  );
}

function readDataFolder(): string {
  const named = process.env['SITESEAL_HOME'];
  if (named === '') throw new DataFolderMissing('SITESEAL_HOME=');
  if (named !== undefined) return resolve(named);
  switch (process.platform) {
    case 'win32':
      return join(absolute('APPDATA') ?? join(readHome(), 'AppData', 'Roaming'), 'Siteseal');
    case 'darwin':
      return join(readHome(), 'Library', 'Application Support', 'Siteseal');
    default:
      return join(absolute('XDG_DATA_HOME') ?? join(readHome(), '.local', 'share'), 'siteseal');
  }
}

/**
 * The administrator's file. It does not depend on the environment, which belongs to the user: not even on
 * `%ProgramData%`.
 */
function policyFile(): string {
  switch (process.platform) {
    case 'win32':
      return 'C:\\ProgramData\\Siteseal\\policy.json';
    case 'darwin':
      return '/Library/Application Support/Siteseal/policy.json';
    default:
      return '/etc/siteseal/policy.json';
  }
}

/** A variable that holds an absolute path. Others are ignored, as the XDG base directory specification asks. */
function absolute(variable: string): string | undefined {
  const value = process.env[variable];
  return value !== undefined && isAbsolute(value) ? value : undefined;
}

function readHome(): string {
  let home: string;
  try {
    home = homedir();
  } catch {
    throw new DataFolderMissing(); // There is neither HOME nor a user entry.
  }
  if (!isAbsolute(home)) throw new DataFolderMissing(`HOME=${home}`);
  return home;
}

/** Linux gives each boot an id. Other systems use the start time, to the minute. */
function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return `started ${new Date(Math.round((Date.now() - uptime() * 1000) / 60_000) * 60_000).toISOString()}`;
  }
}

function readUserName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown'; // The user id has no name.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
