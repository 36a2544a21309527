import { ok, refuse, type Result } from '../faults/index.ts';

/** A file system on a removable drive. */
export interface Drive {
  /** What the operating system calls it: `/dev/sdb1`, `E:`, `disk4s1`. Another after each re-plug. */
  readonly device: string;
  /** What stays the same over a re-plug: the file system's own id. */
  readonly volume: string;
  /** As a person knows it: its label, and what is printed on it. */
  readonly name: string;
  /** The folder under which it can be read; undefined while it is not mounted. */
  readonly mountPoint: string | undefined;
  /** Octets of the whole drive. */
  readonly size: number;
  /** Octets that are left; undefined while it is not mounted. */
  readonly free: number | undefined;
  readonly readOnly: boolean;
  /** As the operating system names it: `vfat`, `exFAT`, `ntfs`; empty where it knows none. */
  readonly fileSystem: string;
}

/**
 * The folder at the top of a mounted drive: of a removable one, or of something of which the operating system cannot
 * tell (a file system in user space). The second can be written, and only a re-plug proves it.
 */
export type DriveFolder =
  | { readonly kind: 'drive'; readonly mountPoint: string; readonly drive: Drive }
  | { readonly kind: 'unknown'; readonly mountPoint: string; readonly fileSystem: string };

/** Why a folder leads to no drive. */
export type FindFaultCode = 'drives-unlistable' | 'drive-not-removable' | 'drive-gone';

/** Why a drive cannot be unmounted; `drive-replug-needed`: the operating system cannot do it by itself. */
export type UnmountFaultCode = 'drive-busy' | 'drive-unmount-failed' | 'drive-replug-needed';

/** The operating system's side of removable drives. Nothing of it needs an administrator or asks for one. */
export interface DriveSystem {
  /** The removable drives, mounted or not. What is not removable, or what the system runs from, is never among them. */
  list(): Promise<Result<readonly Drive[], 'drives-unlistable'>>;
  /** The drive on which a folder lies that a person has named; refuses one that is not on a removable drive. */
  find(folder: string): Promise<Result<DriveFolder, FindFaultCode>>;
  /** Writes out all that is pending and takes the drive out of the tree of folders. */
  unmount(drive: Drive): Promise<Result<void, UnmountFaultCode>>;
  /** Puts the drive into the tree of folders; where, `list` tells. */
  mount(drive: Drive): Promise<Result<void, 'drive-remount-failed'>>;
  /** Makes the drive safe to pull out. */
  eject(drive: Drive): Promise<Result<void, 'drive-eject-failed'>>;
}

/** The drive of a volume as it is now; undefined when it is not plugged in. */
export async function findVolume(
  system: DriveSystem,
  volume: string,
): Promise<Result<Drive | undefined, 'drives-unlistable'>> {
  const drives = await system.list();
  return drives.ok ? ok(drives.value.find((drive) => drive.volume === volume)) : drives;
}

/** Mounts a drive that is not mounted yet. */
export async function mountDrive(
  system: DriveSystem,
  drive: Drive,
): Promise<Result<DriveFolder & { readonly kind: 'drive' }, 'drive-remount-failed' | 'drives-unlistable'>> {
  const mounted = await system.mount(drive);
  if (!mounted.ok) return mounted;
  const found = await findVolume(system, drive.volume);
  if (!found.ok) return found;
  const { mountPoint } = found.value ?? {};
  return found.value && mountPoint !== undefined
    ? ok({ kind: 'drive', mountPoint, drive: found.value })
    : refuse('drive-remount-failed', { where: { file: drive.device } });
}
