import { z } from 'zod';
import { fault, ok, refuse, type Fault } from '../faults/index.ts';
import type { Drive, DriveSystem, UnfitCode } from './drive.ts';
import { readOutput, whyNot, type Run } from './run.ts';

/** What `diskutil list -plist` reports about the disks, as JSON. */
const listSchema = z.looseObject({ AllDisks: z.array(z.string().regex(/^disk[0-9s]+$/)) });

/** What `diskutil info -plist DISK` reports, as JSON. Members that do not apply are absent. */
const infoSchema = z.looseObject({
  DeviceIdentifier: z.string(),
  Size: z.number(),
  Internal: z.boolean(),
  RemovableMedia: z.boolean(),
  VirtualOrPhysical: z.string(),
  BusProtocol: z.string().optional(),
  OpticalMediaType: z.string().optional(),
  SystemImage: z.boolean().optional(),
  FilesystemType: z.string().optional(),
  VolumeName: z.string().optional(),
  VolumeUUID: z.string().optional(),
  DiskUUID: z.string().optional(),
  MediaName: z.string().optional(),
  MountPoint: z.string().optional(),
  FreeSpace: z.number().optional(),
  WritableVolume: z.boolean().optional(),
  WritableMedia: z.boolean().optional(),
  /** Of APFS volumes, locked or not. */
  Encryption: z.boolean().optional(),
  Locked: z.boolean().optional(),
});
type Info = z.infer<typeof infoSchema>;

/** Its output if there is no such disk. */
const errorSchema = z.looseObject({ Error: z.literal(true) });

/** The disks and partitions in diskutil's list; undefined if the output is not diskutil's. */
export function disksOfDiskutil(json: string): readonly string[] | undefined {
  return readOutput(json, listSchema)?.AllDisks;
}

/**
 * The drive that diskutil describes. `none` if it is not removable or is gone; undefined if the output is not
 * diskutil's.
 */
export function driveOfDiskutil(json: string): Drive | 'none' | undefined {
  const info = readOutput(json, infoSchema);
  if (!info) return readOutput(json, errorSchema) && 'none';
  // APFS presents its volumes as virtual disks. Images of disks are virtual as well.
  const isVirtual = info.VirtualOrPhysical === 'Virtual';
  const isReal = !isVirtual || (isEncrypted(info) && info.BusProtocol !== 'Disk Image');
  const isRemovable = isReal && (!info.Internal || info.RemovableMedia);
  const isOptical = (info.OpticalMediaType ?? '') !== '';
  if (!isRemovable || isOptical || holdsSystem(info) || (info.FilesystemType ?? '') === '') return 'none';
  return {
    device: info.DeviceIdentifier,
    volume: info.VolumeUUID ?? info.DiskUUID ?? `${info.DeviceIdentifier} of ${info.Size} octets`,
    name: [info.VolumeName, info.MediaName].filter(Boolean).join(', ') || info.DeviceIdentifier,
    mountPoint: info.MountPoint === '' ? undefined : info.MountPoint,
    size: info.Size,
    free: info.MountPoint ? info.FreeSpace : undefined,
    fault: faultOf(info),
    fileSystem: info.FilesystemType ?? '',
  };
}

function holdsSystem({ MountPoint = '' }: Info): boolean {
  return MountPoint === '/' || MountPoint.startsWith('/System/Volumes/');
}

function isEncrypted({ Encryption, Locked }: Info): boolean {
  return Encryption === true || Locked === true;
}

function faultOf(info: Info): Fault<UnfitCode> | undefined {
  const { FilesystemType, MountPoint = '', WritableVolume, WritableMedia } = info;
  if (isEncrypted(info)) return fault('drive-encrypted', { found: FilesystemType ?? '' });
  if (WritableVolume === true) return undefined;
  if (WritableMedia === false) return fault('drive-read-only');
  // A volume that is not mounted cannot be written now, but may be later.
  if (MountPoint === '' || WritableVolume === undefined) return undefined;
  // macOS never writes NTFS.
  if (FilesystemType === 'ntfs') return fault('drive-read-only', { found: FilesystemType });
  return fault('drive-read-only-policy');
}

/** diskutil prints property lists. plutil, which every macOS has, converts them to JSON. */
const asJson = 'diskutil "$@" | plutil -convert json -o - -';

/** Removable drives by diskutil. */
export function macosDrives(run: Run): DriveSystem {
  const diskutilJson = (...args: readonly string[]) => run('/bin/sh', ['-c', asJson, 'diskutil', ...args]);

  const list: DriveSystem['list'] = async () => {
    const listed = await diskutilJson('list', '-plist');
    const disks = listed.kind === 'done' ? disksOfDiskutil(listed.output) : undefined;
    if (!disks) return unlistable(listed);
    const drives: Drive[] = [];
    for (const disk of disks) {
      const info = await diskutilJson('info', '-plist', disk);
      if (info.kind === 'failed') continue; // It has gone since it was listed.
      const drive = info.kind === 'done' ? driveOfDiskutil(info.output) : undefined;
      if (!drive) return unlistable(info);
      if (drive !== 'none') drives.push(drive);
    }
    return ok(drives);
  };

  return {
    list,
    find: async (folder) => {
      const drives = await list();
      if (!drives.ok) return drives;
      const drive = drives.value.find(
        ({ mountPoint }) =>
          mountPoint !== undefined && (mountPoint === folder || folder.startsWith(`${mountPoint}/`)),
      );
      return drive?.mountPoint !== undefined
        ? ok({ kind: 'drive', mountPoint: drive.mountPoint, drive })
        : refuse('drive-not-removable', { where: { file: folder } });
    },
    unmount: async ({ device, mountPoint }) => {
      const done = await run('diskutil', ['unmount', device]);
      if (done.kind === 'done') return ok(undefined);
      const where = { file: mountPoint ?? device };
      const holder =
        done.kind === 'failed' ? /dissented by (PID \d+ \(.*?\))/.exec(done.complaint)?.[1] : undefined;
      if (holder !== undefined) return refuse('drive-busy', { where, found: holder });
      return refuse('drive-unmount-failed', { where, found: whyNot('diskutil', done) });
    },
    mount: async ({ device }) => {
      const done = await run('diskutil', ['mount', device]);
      if (done.kind === 'done') return ok(undefined);
      return refuse('drive-remount-failed', { where: { file: device }, found: whyNot('diskutil', done) });
    },
    eject: async ({ device }) => {
      const done = await run('diskutil', ['eject', device]);
      if (done.kind === 'done') return ok(undefined);
      return refuse('drive-eject-failed', { where: { file: device }, found: whyNot('diskutil', done) });
    },
  };
}

function unlistable(outcome: Awaited<ReturnType<Run>>) {
  return refuse('drives-unlistable', {
    found: outcome.kind === 'done' ? 'diskutil' : whyNot('diskutil', outcome),
  });
}
