import { z } from 'zod';
import { fault, ok, refuse, type Fault, type Result } from '../faults/index.ts';
import type { Drive, DriveFolder, DriveSystem, UnfitCode } from './drive.ts';
import { describeHolders } from './holders.ts';
import { readOutput, whyNot, type Run } from './run.ts';

/**
 * What `lsblk --json --bytes --output-all` (util-linux 2.33 and later) reports about a device. Other members are
 * ignored.
 */
const deviceSchema = z.looseObject({
  name: z.string(),
  path: z.string(),
  type: z.string(),
  size: z.number(),
  rm: z.boolean(),
  hotplug: z.boolean(),
  ro: z.boolean(),
  fstype: z.string().nullable(),
  label: z.string().nullable(),
  uuid: z.string().nullable(),
  partuuid: z.string().nullable(),
  vendor: z.string().nullable(),
  model: z.string().nullable(),
  fsavail: z.number().nullable(),
  mountpoint: z.string().nullable(),
  /** Since 2.37; `mountpoint` is then one of them. */
  mountpoints: z.array(z.string().nullable()).optional(),
  get children() {
    return z.array(deviceSchema).optional();
  },
});
type Device = z.infer<typeof deviceSchema>;
const lsblkSchema = z.looseObject({ blockdevices: z.array(deviceSchema) });

/** What `findmnt --json` reports about mounts. */
const findmntSchema = z.looseObject({
  filesystems: z.array(
    z.looseObject({
      target: z.string(),
      source: z.string(),
      fstype: z.string(),
      /** How this mount was requested. */
      'vfs-options': z.string(),
      /** The state of the file system below it. */
      'fs-options': z.string(),
    }),
  ),
});
const findmntColumns = ['--output', 'TARGET,SOURCE,FSTYPE,VFS-OPTIONS,FS-OPTIONS'];
type Mount = z.infer<typeof findmntSchema>['filesystems'][number];

/** Where an installed or live system mounts what it runs from. */
const systemFolders: ReadonlySet<string> = new Set([
  '/',
  '[SWAP]',
  '/boot',
  '/boot/efi',
  '/boot/firmware',
  '/efi',
  '/home',
  '/opt',
  '/srv',
  '/tmp',
  '/usr',
  '/var',
  '/cdrom',
  '/isodevice',
  '/run/initramfs/live',
  '/run/live/medium',
  '/lib/live/mount/medium',
]);

/** Device contents that are not file systems. */
const containers: ReadonlySet<string> = new Set(['swap', 'LVM2_member', 'linux_raid_member']);
/** Encrypted device contents, with their common names. */
const encryptions: ReadonlyMap<string, string> = new Map([
  ['crypto_LUKS', 'LUKS'],
  ['BitLocker', 'BitLocker'],
]);
/** File systems without a way to write, as on the image of an installation disc. */
const readOnlyFileSystems: ReadonlySet<string> = new Set(['iso9660', 'squashfs', 'erofs']);

/** The options of a mount or a file system that cannot be written; the second is ext4's, after an error. */
const readOnlyOptions: ReadonlySet<string> = new Set(['ro', 'emergency_ro']);

/** The removable drives in lsblk's output, with the mounts of `mounts`; undefined if the output is not lsblk's. */
export function drivesOfLsblk(output: string, mounts: readonly Mount[]): readonly Drive[] | undefined {
  const listing = readOutput(output, lsblkSchema);
  const names = new Set(listing?.blockdevices.map(({ name }) => name));
  return listing?.blockdevices
    .filter((disk) => isRemovable(disk, names))
    .flatMap((disk) => drivesOn(disk, mounts));
}

/** The mounts in findmnt's output, the topmost last; undefined if the output is not findmnt's. */
export function mountsOfFindmnt(output: string): readonly Mount[] | undefined {
  return readOutput(output, findmntSchema)?.filesystems;
}

function isRemovable(disk: Device, names: ReadonlySet<string>): boolean {
  // Soldered memory counts as removable, like the cards on the same bus. Only soldered memory has boot partitions.
  const isSoldered = names.has(`${disk.name}boot0`);
  const holdsSystem = withChildren(disk).some((one) =>
    mountsOf(one).some((folder) => systemFolders.has(folder)),
  );
  return disk.type === 'disk' && (disk.rm || disk.hotplug) && !isSoldered && !holdsSystem;
}

function withChildren(device: Device): readonly Device[] {
  return [device, ...(device.children ?? []).flatMap(withChildren)];
}

function mountsOf({ mountpoint, mountpoints }: Device): readonly string[] {
  return (mountpoints ?? [mountpoint]).filter((folder) => folder !== null);
}

/** The encryption of a device, by its name; undefined if it is not encrypted. */
function encryptionOf({ fstype, children = [] }: Device): string | undefined {
  const isUnlocked = children.some(({ type }) => type === 'crypt');
  return encryptions.get(fstype ?? '') ?? (isUnlocked ? 'dm-crypt' : undefined);
}

function faultOf(device: Device, mount: Mount | undefined): Fault<UnfitCode> | undefined {
  const encryption = encryptionOf(device);
  if (encryption !== undefined) return fault('drive-encrypted', { found: encryption });
  const { ro, fstype } = device;
  if (ro) return fault('drive-read-only');
  if (readOnlyFileSystems.has(fstype ?? '')) return fault('drive-read-only', { found: fstype ?? '' });
  const isReadOnly = (options = '') => options.split(',').some((one) => readOnlyOptions.has(one));
  // Someone asked for a read-only mount. After an error in the file system, only its own options say so.
  if (isReadOnly(mount?.['vfs-options']))
    return fault('drive-read-only-policy', { found: 'mount option ro' });
  return isReadOnly(mount?.['fs-options']) ? fault('drive-read-only') : undefined;
}

function drivesOn(disk: Device, mounts: readonly Mount[]): readonly Drive[] {
  const print = [disk.vendor, disk.model]
    .map((text) => text?.trim())
    .filter(Boolean)
    .join(' ');
  return [disk, ...(disk.children ?? [])].flatMap((device) => {
    const { fstype, label, uuid, partuuid, type } = device;
    const isEncrypted = encryptionOf(device) !== undefined;
    // What is inside an encrypted device belongs to that device.
    if (type === 'crypt' || (!isEncrypted && (fstype === null || containers.has(fstype)))) return [];
    const [mountPoint] = (isEncrypted ? withChildren(device) : [device]).flatMap(mountsOf);
    return {
      device: device.path,
      volume: uuid ?? partuuid ?? `${device.path} of ${device.size} octets`,
      name: [label, print].filter(Boolean).join(', ') || device.path,
      mountPoint,
      size: device.size,
      free: device.fsavail ?? undefined,
      fault: faultOf(
        device,
        mounts.findLast(({ target }) => target === mountPoint),
      ),
      fileSystem: fstype ?? '',
    };
  });
}

/** Removable drives by lsblk, findmnt and udisks. udisks serves the user who sits at the computer. */
export function linuxDrives(run: Run): DriveSystem {
  const udisks = (verb: string, { device }: Drive) =>
    run('udisksctl', [verb, '--block-device', device, '--no-user-interaction']);

  const list: DriveSystem['list'] = async () => {
    const listed = await run('lsblk', ['--json', '--bytes', '--output-all']);
    if (listed.kind !== 'done') return refuse('drives-unlistable', { found: whyNot('lsblk', listed) });
    const mounted = await run('findmnt', ['--json', '--list', ...findmntColumns]);
    if (mounted.kind !== 'done') return refuse('drives-unlistable', { found: whyNot('findmnt', mounted) });
    const mounts = mountsOfFindmnt(mounted.output);
    if (!mounts) return refuse('drives-unlistable', { found: 'findmnt' });
    const drives = drivesOfLsblk(listed.output, mounts);
    return drives ? ok(drives) : refuse('drives-unlistable', { found: 'lsblk' });
  };

  const find: DriveSystem['find'] = async (folder) => {
    const found = await run('findmnt', ['--json', ...findmntColumns, '--target', folder]);
    if (found.kind === 'failed') return refuse('drive-gone', { where: { file: folder } });
    if (found.kind !== 'done') return refuse('drives-unlistable', { found: whyNot('findmnt', found) });
    const mount = mountsOfFindmnt(found.output)?.at(-1);
    if (!mount) return refuse('drives-unlistable', { found: 'findmnt' });
    const drives = await list();
    return drives.ok ? placeOf(folder, mount, drives.value) : drives;
  };

  return {
    list,
    find,
    unmount: async (drive) => {
      const done = await udisks('unmount', drive);
      if (done.kind === 'done') return ok(undefined);
      const where = { file: drive.mountPoint ?? drive.device };
      if (done.kind === 'failed' && done.complaint.includes('DeviceBusy'))
        return refuse('drive-busy', {
          where,
          found: await describeHolders(drive.mountPoint ?? drive.device),
        });
      return refuse('drive-unmount-failed', { where, found: whyNot('udisksctl', done) });
    },
    mount: async (drive) => {
      const done = await udisks('mount', drive);
      // The desktop may have mounted it first.
      const isMounted =
        done.kind === 'done' || (done.kind === 'failed' && done.complaint.includes('AlreadyMounted'));
      if (isMounted) return ok(undefined);
      return refuse('drive-remount-failed', {
        where: { file: drive.device },
        found: whyNot('udisksctl', done),
      });
    },
    eject: async (drive) => {
      const unmounted = await udisks('unmount', drive);
      const isUnmounted =
        unmounted.kind === 'done' ||
        (unmounted.kind === 'failed' && unmounted.complaint.includes('NotMounted'));
      const done = isUnmounted ? await udisks('power-off', drive) : unmounted;
      // A card in a reader has no power to cut. Once unmounted, it is safe to remove.
      const isCard = isUnmounted && done.kind === 'failed' && done.complaint.includes('No usb device');
      if (done.kind === 'done' || isCard) return ok(undefined);
      return refuse('drive-eject-failed', {
        where: { file: drive.device },
        found: whyNot('udisksctl', done),
      });
    },
  };
}

/** Judges the mount of a folder by what the system knows about its device. */
function placeOf(
  folder: string,
  { target, source, fstype }: Mount,
  drives: readonly Drive[],
): Result<DriveFolder, 'drive-not-removable'> {
  // For a part of a file system that is also mounted elsewhere, findmnt adds its path in brackets.
  const device = source.replace(/\[.*$/, '');
  // An unlocked drive is mounted under the name of what is inside it.
  const isUnlocked = (one: Drive) => one.fault?.code === 'drive-encrypted' && one.mountPoint === target;
  const drive = drives.find((one) => one.device === device || isUnlocked(one));
  if (drive) return ok({ kind: 'drive', mountPoint: target, drive });
  // A file system served by a program may be on anything. Only these are known to be on a network.
  const isUnknown = /^fuse(\.|$)/.test(fstype) && !/^fuse\.(sshfs|rclone|s3fs|gvfsd-fuse)$/.test(fstype);
  if (isUnknown) return ok({ kind: 'unknown', mountPoint: target, fileSystem: fstype });
  return refuse('drive-not-removable', { where: { file: folder }, found: `${device} (${fstype})` });
}
