import { spawn, type ChildProcess } from 'node:child_process';
import {
  accessSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ok, refuse, type Result } from '../faults/index.ts';
import { systemErrorCode } from '../files/index.ts';
import { charonsOf, isCharonOf } from './left-charons.ts';
import { settingsText } from './settings.ts';
import { Vici } from './vici.ts';

/** The daemon. It has no option for its version or for help: with any argument it starts. */
export const charonProgram = '/usr/sbin/charon-systemd';

/** The TUN device of kernel-libipsec. Two daemons in one network would fight over port 500 before they had two of them. */
export const tunDevice = 'ipsec0';

/** The longest path of a Unix socket, in bytes. */
const maximumSocketPath = 107;

/** Where the launcher's programs are. */
const systemPath = '/usr/sbin:/usr/bin:/sbin:/bin';

const startingDeadline = 10_000;
const stoppingDeadline = 3000;
const pause = 20;

/** How a daemon runs. */
export interface CharonOptions {
  /** For settings, socket and log. An absolute path. What an earlier daemon of this folder left is ended. */
  readonly folder: string;
  /** Without a TUN device: IKE alone. */
  readonly isChildless: boolean;
  /** Whether the daemon routes what tunnels carry. If not, the caller does. */
  readonly installsRoutes: boolean;
  /** A command in front of the daemon's, which it replaces itself by, for example to enter a network namespace. */
  readonly launcher?: readonly string[] | undefined;
}

/** Whether tunnels can carry traffic here: ESP in user space needs a TUN device and the right to configure it. */
export function canCarryTraffic(): boolean {
  try {
    closeSync(openSync('/dev/net/tun', 'r+'));
    return hasNetworkRight(readFileSync('/proc/self/status', 'utf8'));
  } catch {
    return false;
  }
}

/** Whether a process with this status may configure its network: CAP_NET_ADMIN of capabilities(7). */
export function hasNetworkRight(status: string): boolean {
  const [, effective = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(status) ?? [];
  return ((BigInt(`0x${effective}`) >> 12n) & 1n) === 1n;
}

/** A strongSwan daemon, as a child of this process. */
export class Charon {
  readonly socket: string;
  readonly #folder: string;
  readonly #process: ChildProcess;
  readonly #exited: Promise<void>;

  private constructor(process: ChildProcess, folder: string, socket: string) {
    this.#folder = folder;
    this.#process = process;
    this.socket = socket;
    this.#exited = new Promise((resolve) => process.once('close', () => resolve()));
  }

  /** Starts a daemon, and waits until it can be asked. First ends the one that a killed process left in this folder. */
  static async start(options: CharonOptions): Promise<Result<Charon, 'ike-unavailable'>> {
    const { folder, launcher = [] } = options;
    const socket = join(folder, 'charon.vici');
    if (Buffer.byteLength(socket) > maximumSocketPath) return unavailable('ENAMETOOLONG', socket);
    try {
      accessSync(charonProgram, constants.X_OK);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (!(await endLeftCharons(folder))) return unavailable('EBUSY', folder);
      rmSync(socket, { force: true });
      writeFileSync(settingsFile(folder), settingsText(settings(options, socket)), { mode: 0o600 });
    } catch (error) {
      return unavailable(systemErrorCode(error), charonProgram);
    }
    const [program, ...args] = [...launcher, charonProgram];
    const env = { PATH: systemPath, STRONGSWAN_CONF: settingsFile(folder) };
    const child = spawn(program, args, { env, stdio: 'ignore' });
    const charon = new Charon(child, folder, socket);
    const failed = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(systemErrorCode(error)));
      child.once('exit', (code, signal) => resolve(signal ?? `exit ${code}`));
    });
    const answers = await Promise.race([answering(socket), failed]);
    if (answers === true) return ok(charon);
    if (answers === false) await charon.stop();
    return unavailable(answers === false ? 'ETIMEDOUT' : answers, charonProgram);
  }

  /** A new connection to it. */
  connect(): Promise<Vici> {
    return Vici.open(this.socket);
  }

  /** When it last wrote into its log: the time by which it has just judged a certificate. */
  get lastLogged(): Date {
    return statSync(logFile(this.#folder)).mtime;
  }

  /** Resolves once it has ended, for whatever reason. */
  get exited(): Promise<void> {
    return this.#exited;
  }

  /** Ends it with all its tunnels. It tells its peers, then gets a moment to do so. */
  async stop(): Promise<void> {
    if (this.#process.pid === undefined) return;
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), stoppingDeadline);
    await this.#exited;
    clearTimeout(timer);
    rmSync(this.socket, { force: true });
  }
}

function unavailable(found: string, file: string) {
  return refuse('ike-unavailable', { found, where: { file } });
}

function logFile(folder: string): string {
  return join(folder, 'charon.log');
}

function settingsFile(folder: string): string {
  return join(folder, 'strongswan.conf');
}

/** Whether the daemon answers before the deadline. */
async function answering(socket: string): Promise<boolean> {
  for (let waited = 0; waited < startingDeadline; waited += pause) {
    try {
      const vici = await Vici.open(socket);
      try {
        await vici.request('version');
        return true;
      } finally {
        vici.close();
      }
    } catch {
      await wait(pause);
    }
  }
  return false;
}

/**
 * Ends the daemons that run with the settings of this folder. With a daemon its TUN device goes, and with that the
 * addresses and routes on it. Returns whether all have ended.
 */
async function endLeftCharons(folder: string): Promise<boolean> {
  const file = settingsFile(folder);
  const left = charonsOf(file);
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (const charon of left) if (isCharonOf(file, charon)) process.kill(charon.pid, signal);
    for (let waited = 0; waited < stoppingDeadline; waited += pause) {
      if (!left.some((charon) => isCharonOf(file, charon))) return true;
      await wait(pause);
    }
  }
  return false;
}

const plugins = [
  ...[
    'random',
    'nonce',
    'openssl',
    'pem',
    'pkcs1',
    'pkcs8',
    'x509',
    'pubkey',
    'revocation',
    'constraints',
    'kdf',
  ],
  ...['kernel-libipsec', 'kernel-netlink', 'socket-default', 'vici'],
] as const;

/**
 * Retransmissions after 1, 1.3 and 1.7 s; given up after 6.2 s. The addresses inside tunnels are on the TUN device, so
 * that they go with it.
 */
function settings({ folder, isChildless, installsRoutes }: CharonOptions, socket: string) {
  return {
    'charon-systemd': {
      load: plugins.filter((plugin) => !isChildless || plugin !== 'kernel-libipsec').join(' '),
      // Otherwise a second tunnel to a gateway would be a child of the first, and end with it.
      reuse_ikesa: false,
      retransmit_tries: 3,
      retransmit_timeout: '1.0',
      retransmit_base: '1.3',
      install_routes: installsRoutes,
      install_virtual_ip_on: tunDevice,
      filelog: {
        log: {
          path: logFile(folder),
          append: false,
          flush_line: true,
          time_format: '%FT%TZ',
          default: 1,
        },
      },
      journal: { default: -1 },
      plugins: { vici: { socket: `unix://${socket}` } },
    },
  };
}
