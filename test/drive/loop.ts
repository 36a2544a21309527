/** Drives of the kernel: images behind loop devices, which only root can make. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../kit/enb.ts';

function run(file: string, args: readonly string[], input = ''): string {
  return execFileSync(file, args, { encoding: 'utf8', input, stdio: 'pipe' }).trim();
}

function emptyImage(): string {
  const image = join(temporaryFolder(), 'image');
  writeFileSync(image, Buffer.alloc(16 * 1024 * 1024));
  return image;
}

/** An image with an ext4 file system, which every Linux kernel has. */
export function makeExt4(): string {
  const image = emptyImage();
  run('/usr/sbin/mkfs.ext4', ['-q', image]);
  return image;
}

/** An image with LUKS, locked. */
export function makeLuks(): string {
  const image = emptyImage();
  const fast = ['--type', 'luks2', '--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000'];
  run('/usr/sbin/cryptsetup', ['luksFormat', '--batch-mode', ...fast, image, '-'], 'passphrase');
  return image;
}

/** What udev would know about the contents of an image. */
export function typeByBlkid(image: string): string {
  return run('/usr/sbin/blkid', ['--probe', '--match-tag', 'TYPE', '--output', 'value', image]);
}

/** Whether this machine makes loop devices, and mounts them. */
export const canLoop: boolean = await tryLoop();

async function tryLoop(): Promise<boolean> {
  try {
    await withLoop(makeExt4(), [], (device) => withMount(device, ['ro'], () => Promise.resolve()));
    return true;
  } catch {
    return false;
  }
}

/** Runs the work with an image behind a loop device. */
export async function withLoop(
  image: string,
  options: readonly string[],
  work: (device: string) => Promise<void>,
): Promise<void> {
  const device = run('/usr/sbin/losetup', ['--find', '--show', ...options, image]);
  try {
    await work(device);
  } finally {
    run('/usr/sbin/losetup', ['--detach', device]);
  }
}

/** Runs the work with a device mounted, with one list of options after another. */
export async function withMount(
  device: string,
  options: readonly string[],
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = join(temporaryFolder(), 'mounted');
  mkdirSync(folder);
  const [first = '', ...later] = options;
  run('/usr/bin/mount', ['--options', first, device, folder]);
  try {
    for (const more of later) run('/usr/bin/mount', ['--options', more, device, folder]);
    await work(folder);
  } finally {
    run('/usr/bin/umount', [folder]);
  }
}
