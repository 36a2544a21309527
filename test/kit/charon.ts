/** strongSwan as a gateway for probes, run by its own tools in a network namespace. Needs root, charon-systemd and swanctl. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, watch, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { defaultProposals } from '../../main/bundle/index.ts';
import { stopProcess } from './stop-process.ts';
import type { Network } from './two-networks.ts';

export interface CharonOptions {
  /** A folder for its files, which the daemon reads as root. */
  readonly folder: string;
  readonly network: Network;
  /** The CAs that it trusts, in PEM. */
  readonly cas: readonly string[];
  readonly proposals?: string | undefined;
  /** Lines for the daemon's section of strongswan.conf. */
  readonly settings?: string | undefined;
}

/** Enough for IKE with certificates. A daemon with these plugins makes no child SA in a kernel without ESP. */
const plugins = [
  ...['random', 'nonce', 'openssl', 'pem', 'pkcs1', 'pkcs8', 'x509', 'pubkey', 'revocation', 'constraints'],
  ...['kdf', 'kernel-netlink', 'socket-default', 'vici'],
];

/** A running daemon. */
export interface Charon {
  /** Runs swanctl against it, and returns what that prints. */
  swanctl(...args: readonly string[]): string;
  stop(): Promise<void>;
}

/** Starts the daemon, and loads its connection. */
export async function startCharon(options: CharonOptions): Promise<Charon> {
  const { folder, network, cas, proposals = defaultProposals.ike.join(','), settings = '' } = options;
  const file = (name: string) => join(folder, name);
  rmSync(folder, { recursive: true, force: true });
  for (const name of ['x509', 'x509ca', 'private']) mkdirSync(file(name), { recursive: true });
  const socket = file('charon.vici');
  writeFileSync(
    file('strongswan.conf'),
    `charon-systemd {
  load = ${plugins.join(' ')}
  ${settings}
  filelog {
    log {
      path = ${file('charon.log')}
      flush_line = yes
      default = 1
      net = 2
    }
  }
  journal {
    default = -1
  }
  plugins {
    vici {
      socket = unix://${socket}
    }
  }
}
swanctl {
  load = random openssl pem pkcs1 pkcs8 x509 pubkey
  socket = unix://${socket}
}
`,
  );
  writeFileSync(
    file('swanctl.conf'),
    `connections {
  enbs {
    version = 2
    local_addrs = ${network.address}
    proposals = ${proposals}
    local {
      auth = pubkey
      id = seg1.operator.example
    }
    remote {
      auth = pubkey
    }
    children {
      oam {
        local_ts = 10.20.0.0/24
      }
    }
  }
}
`,
  );
  for (const [index, ca] of cas.entries()) writeFileSync(file(`x509ca/${index}.pem`), ca);
  const env = { PATH: process.env.PATH, STRONGSWAN_CONF: file('strongswan.conf'), SWANCTL_DIR: folder };
  const child = spawn('ip', ['netns', 'exec', network.namespace, '/usr/sbin/charon-systemd'], {
    env,
    stdio: 'ignore',
  });
  const swanctl = (...args: readonly string[]) =>
    execFileSync('swanctl', args, { env, encoding: 'utf8', stdio: 'pipe', timeout: 20_000 });
  const stop = () => stopProcess(child);
  try {
    await appearance(socket, child);
    await connection(socket);
    swanctl('--load-all', '--file', file('swanctl.conf'), '--noprompt');
  } catch (error) {
    await stop();
    throw error;
  }
  return { swanctl, stop };
}

/** Waits until a socket takes connections: its file appears shortly before. */
async function connection(path: string): Promise<void> {
  for (let left = 200; ; left--) {
    const socket = connect(path);
    const error = await once(socket, 'connect').then(
      () => undefined,
      (reason: unknown) => reason,
    );
    socket.destroy();
    if (error === undefined) return;
    if (left === 0) throw error as Error;
    await pause(10);
  }
}

/** Waits until a file is there, while the process that makes it runs. */
async function appearance(path: string, child: ChildProcess): Promise<void> {
  const watcher = watch(dirname(path));
  try {
    while (!existsSync(path)) {
      const ended = once(child, 'exit').then(([code]) => {
        throw new Error(`The process ended (${String(code)}) before ${path} appeared`);
      });
      await Promise.race([once(watcher, 'change'), ended]);
      ended.catch(() => undefined);
    }
  } finally {
    watcher.close();
  }
}
