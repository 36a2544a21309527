import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir, networkInterfaces, uptime, userInfo } from 'node:os';
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
import { errorCode } from '../files/index.ts';

/** Everything that the core takes from outside itself; tests set their own. */
export interface Surroundings {
  readonly now: () => Date;
  /** Milliseconds since the computer started. */
  readonly monotonic: () => number;
  /** Changes with every start of the computer. */
  readonly bootId: string;
  readonly newId: () => string;
  /** Does some work after so many milliseconds, unless what it gives is called before; keeps no process alive. */
  readonly later: (milliseconds: number, work: () => void) => () => void;
  /** The folder with the store, `training/` inside it. Throws `DataFolderMissing` where there is none to be had. */
  readonly dataFolder: string;
  /** The name under which the operating system knows the person: declared, not proved. */
  readonly userName: string;
  readonly process: number;
  readonly isAlive: (process: number) => boolean;
  readonly usb: UsbBus;
  readonly drives: DriveSystem;
  /** How long an eNB may take. */
  readonly deadlines: Deadlines;
  readonly discovery: Discovery;
  /** The links of this computer, with those that it has with itself. */
  readonly links: () => readonly SystemLink[];
  /** Lets so many milliseconds pass. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** The environment names no data folder. Only what needs the folder fails by this; `unforeseen` has its fault. */
export class DataFolderMissing extends Error {
  /** The variable of the environment that is at fault, with its value; undefined where the account has no home. */
  readonly found: string | undefined;

  constructor(found?: string) {
    super('There is no data folder');
    this.found = found;
  }
}

/** Between two questions for eNBs on the network, in milliseconds (RFC 6762 section 5.2: at least a second). */
const discoveryInterval = 1_000;

/** How long a command of the operating system for a drive may take, in milliseconds: a slow stick is written out first. */
const driveDeadline = 120_000;

/** The surroundings of this process: the core's one place that reads clock, environment and paths. */
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
    userName: readUserName(),
    process: process.pid,
    isAlive,
    usb: nativeUsbBus(),
    discovery: new EthernetDiscovery({
      links: () => readLinks().filter(({ isInternal }) => !isInternal),
      repeat: (work) => {
        const timer = setInterval(work, discoveryInterval).unref();
        return () => clearInterval(timer);
      },
    }),
    links: readLinks,
    drives: driveSystem(process.platform, createRun(process.env, driveDeadline)),
    deadlines: defaultDeadlines,
    pause: (milliseconds) => pause(milliseconds),
  };
}

/** Of IPv6 the link-local addresses alone: every interface that has IPv6 has one, and it names the link. */
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

/** A variable with an absolute path; others are passed over, as the XDG base directory specification asks. */
function absolute(variable: string): string | undefined {
  const value = process.env[variable];
  return value !== undefined && isAbsolute(value) ? value : undefined;
}

function readHome(): string {
  let home: string;
  try {
    home = homedir();
  } catch {
    throw new DataFolderMissing(); // neither HOME nor an entry of this user
  }
  if (!isAbsolute(home)) throw new DataFolderMissing(`HOME=${home}`);
  return home;
}

/** Linux gives each boot an id; elsewhere the time of the start, to the minute, stands for it. */
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
    return 'unknown'; // a user id without a name
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
