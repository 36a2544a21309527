/**
 * Removable drives for real, without one: FAT images that fusefat mounts, on a drive whose electronics lie or fail
 * (stick.c). What the product does runs as nobody where this runs as root; mounting is root's.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Drive, DriveFolder, DriveSystem } from '../../main/drive/index.ts';
import { ok } from '../../main/faults/index.ts';
import { temporaryFolder } from '../kit/enb.ts';

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

/** What the product may do: as nobody, where this runs as root. */
export async function asNobody<Value>(action: () => Promise<Value>): Promise<Value> {
  if (!isRoot) return action();
  process.seteuid?.(nobody);
  try {
    return await action();
  } finally {
    process.seteuid?.(0);
  }
}

async function asRoot<Value>(action: () => Promise<Value>): Promise<Value> {
  if (!isRoot) return action();
  const before = process.geteuid?.() ?? 0;
  process.seteuid?.(0);
  try {
    return await action();
  } finally {
    process.seteuid?.(before);
  }
}

const running = new Set<ChildProcess>();
const mounted = new Set<string>();
// Before the folders are removed.
process.prependOnceListener('exit', () => {
  process.seteuid?.(process.getuid?.() ?? 0);
  for (const folder of [...mounted].reverse()) lazilyUnmount(folder);
  for (const child of running) child.kill('SIGKILL');
});

function lazilyUnmount(folder: string): void {
  try {
    execFileSync('fusermount3', ['-u', '-z', folder], { stdio: 'ignore' });
  } catch {
    // It was not mounted any more.
  }
}

function isMounted(folder: string): boolean {
  return statSync(folder).dev !== statSync(dirname(folder)).dev;
}

/** Starts a file system in user space, and waits until it is there. */
async function mount(folder: string, command: string, args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(command, args, { stdio: 'ignore' });
  child.unref(); // what a test that failed has left mounted does not keep the others waiting
  running.add(child);
  mounted.add(folder);
  child.once('exit', () => running.delete(child));
  while (!isMounted(folder)) {
    assert.equal(child.exitCode, null, `${command} ended`);
    await delay(5);
  }
  return child;
}

/** Takes it out of the tree of folders, and waits until it has written all that it has. */
async function unmount(folder: string, child: ChildProcess): Promise<void> {
  child.ref();
  const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
  execFileSync('fusermount3', ['-u', folder], { stdio: 'ignore' });
  mounted.delete(folder);
  await ended;
}

/** A new folder that nobody may enter. */
function openFolder(): string {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  return folder;
}

function buildElectronics(): string {
  const program = join(openFolder(), 'stick');
  const flags = execFileSync('pkg-config', ['--cflags', '--libs', 'fuse3'], { encoding: 'utf8' })
    .trim()
    .split(/\s+/);
  execFileSync('gcc', [
    '-O1',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-o',
    program,
    join(import.meta.dirname, 'stick.c'),
    ...flags,
  ]);
  return program;
}

let electronics: string | undefined;

/** What is wrong with a drive. */
export interface Ailment {
  /** What is written from this octet of the image on is acknowledged and lost. */
  readonly lostFrom?: number;
  /** After so many writes it is gone. */
  readonly goneAfter?: number;
}

/** A FAT image of so many KiB, made by mkfs.vfat. */
export function makeImage(size = 8192): string {
  const image = join(openFolder(), 'image');
  execFileSync('/usr/sbin/mkfs.vfat', ['-C', '-n', 'SITE42', image, String(size)], { stdio: 'ignore' });
  return image;
}

/** Whether the image is a sound FAT file system. */
export function assertSound(image: string): void {
  execFileSync('/usr/sbin/fsck.vfat', ['-n', image], { stdio: 'pipe' });
}

/** A file of the image as mtools read it. */
export function readByMtools(image: string, path: string): Buffer {
  return execFileSync('mtype', ['-i', image, `::${path}`], { maxBuffer: 16 * 1024 * 1024 });
}

/** A drive that can be plugged in. */
export class Stick {
  readonly image: string;
  readonly mountPoint: string;
  readonly #electronicsFolder: string;
  readonly #ailment: Ailment | undefined;
  #electronics: ChildProcess | undefined;
  #fileSystem: ChildProcess | undefined;

  constructor(image: string, ailment?: Ailment) {
    const folder = openFolder();
    this.image = image;
    this.mountPoint = join(folder, 'SITE42');
    this.#electronicsFolder = join(folder, 'electronics');
    this.#ailment = ailment;
    mkdirSync(this.mountPoint);
    mkdirSync(this.#electronicsFolder);
  }

  get place(): DriveFolder {
    return { kind: 'drive', mountPoint: this.mountPoint, drive: this.drive };
  }

  get drive(): Drive {
    const { mountPoint } = this;
    const isHere = this.#fileSystem !== undefined;
    const size = statSync(this.image).size;
    return {
      device: this.image,
      volume: this.image,
      name: 'SITE42',
      mountPoint: isHere ? mountPoint : undefined,
      size,
      free: undefined,
      fault: undefined,
      fileSystem: 'vfat',
    };
  }

  /** Powers it, as long as it has electronics of its own, and mounts it. */
  mount(mode: 'rw+' | 'ro' = 'rw+'): Promise<void> {
    return asRoot(async () => {
      const { lostFrom = 0, goneAfter = 0 } = this.#ailment ?? {};
      const folder = this.#electronicsFolder;
      const args = [this.image, String(lostFrom), String(goneAfter), folder];
      if (this.#ailment)
        this.#electronics ??= await mount(folder, (electronics ??= buildElectronics()), args);
      const device = this.#electronics ? join(folder, 'stick.img') : this.image;
      const others = isRoot ? ',allow_other' : '';
      this.#fileSystem = await mount(this.mountPoint, 'fusefat', [
        '-f',
        '-o',
        mode + others,
        device,
        this.mountPoint,
      ]);
    });
  }

  unmount(): Promise<void> {
    return asRoot(async () => {
      assert(this.#fileSystem);
      await unmount(this.mountPoint, this.#fileSystem);
      this.#fileSystem = undefined;
    });
  }

  /** Unmounts it, and takes the power from its electronics. */
  async pullOut(): Promise<void> {
    if (this.#fileSystem) await this.unmount();
    await asRoot(async () => {
      if (this.#electronics) await unmount(this.#electronicsFolder, this.#electronics);
      this.#electronics = undefined;
    });
  }

  /** Ends the file system under whoever uses it. */
  tearOut(): void {
    process.seteuid?.(process.getuid?.() ?? 0);
    this.#fileSystem?.kill('SIGKILL');
    if (isRoot) process.seteuid?.(nobody);
  }

  /** The operating system's commands for this drive. */
  get system(): DriveSystem {
    const done = (action: () => Promise<void>) => async () => {
      await action();
      return ok(undefined);
    };
    return {
      list: () => Promise.resolve(ok([this.drive])),
      find: () => Promise.resolve(ok(this.place)),
      unmount: done(() => this.unmount()),
      mount: done(() => this.mount()),
      eject: done(() => this.pullOut()),
    };
  }
}
