/** A throw-away Debian, in a file system in memory (on-own-mounts.sh), as bare as debootstrap makes it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { lstatSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What a command did. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command in the Debian starts. */
export interface CommandOptions {
  readonly as?: 'root' | 'user';
  /** The working directory. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** An account without any special rights. */
export const user = 'installer';
export const home = `/home/${user}`;

/** What the kernel and the display own. */
const notFiles = new Set(['dev', 'proc', 'sys', 'tmp/.X11-unix', 'tmp/.X-screen']);

export class Debian {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Installs a release, and gives it a user. */
  static async install(release: string): Promise<Debian> {
    const { SITESEAL_OWN_MOUNT: mount } = process.env;
    assert.ok(mount !== undefined, 'run this with test/kit/on-own-mounts.sh');
    const debian = new Debian(join(mount, release));
    await must('debootstrap', ['--variant=minbase', release, debian.#folder]);
    await must('sh', ['-c', mounts, 'sh', debian.#folder]);
    await debian.must(['apt-get', 'update']);
    await debian.must(['useradd', '--create-home', '--shell', '/bin/sh', user]);
    return debian;
  }

  /** The path outside of a path inside. */
  path(...names: readonly string[]): string {
    return join(this.#folder, ...names);
  }

  /** Starts a command. Its environment has nothing of this process's. */
  start(
    command: readonly string[],
    { as = 'user', cwd = as === 'user' ? home : '/', env = {} }: CommandOptions = {},
  ): ChildProcess {
    const account = as === 'user' ? [`--userspec=${user}:${user}`] : [];
    const args = [...account, this.#folder, 'env', `--chdir=${cwd}`, ...command];
    return spawn('chroot', args, {
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        LANG: 'C.UTF-8',
        HOME: as === 'user' ? home : '/root',
        DEBIAN_FRONTEND: 'noninteractive',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  run(command: readonly string[], options?: CommandOptions): Promise<Ran> {
    return finish(this.start(command, options));
  }

  /** Runs a command as root. Rejects with its output if it fails. */
  async must(command: readonly string[]): Promise<string> {
    return succeeded(command, await this.run(command, { as: 'root' }));
  }

  /** The size and the time of the last change of each file, and the folders. */
  files(): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    const look = (folder: string): void => {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        const name = relative(this.#folder, path);
        if (notFiles.has(name)) continue;
        const { size, mtimeMs } = lstatSync(path);
        found.set(name, entry.isDirectory() ? 'folder' : `${size} ${mtimeMs}`);
        if (entry.isDirectory()) look(path);
      }
    };
    look(this.#folder);
    return found;
  }
}

/** What the kernel offers to programs. Their devices are a few harmless ones, and their shared memory their own. */
const mounts = `
set -e
cd "$1"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755 tmpfs dev
for name in null zero full random urandom tty; do
  : > "dev/$name"
  mount --bind "/dev/$name" "dev/$name"
done
ln -s /proc/self/fd dev/fd
mkdir dev/pts
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mkdir dev/shm
mount -t tmpfs -o mode=1777 tmpfs dev/shm
`;

/** Runs a command of this machine. Rejects with its output if it fails. */
export async function must(file: string, args: readonly string[]): Promise<string> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  return succeeded([file, ...args], await finish(child));
}

export function finish(child: ChildProcess): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]!.setEncoding('utf8').on('data', (text: string) => (output[name] += text));
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...output }));
  });
}

function succeeded(command: readonly string[], { code, stdout, stderr }: Ran): string {
  assert.equal(code, 0, `${command.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}
