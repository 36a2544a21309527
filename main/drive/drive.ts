import { ok, refuse, type Fault, type Result } from '../faults/index.ts';

/** Why a drive that is plugged in cannot carry bundles. An encrypted one cannot be mounted or read either. */
export type UnfitCode = 'drive-encrypted' | 'drive-read-only' | 'drive-read-only-policy';

/** A file system on a removable drive. */
export interface Drive {
  /** The operating system's name: `/dev/sdb1`, `E:`, `disk4s1`. Changes with each re-plug. */
  readonly device: string;
  /** The id of the file system, which survives a re-plug. */
  readonly volume: string;
  /** The name that the user knows: its label, and what is printed on it. */
  readonly name: string;
  /** The folder where it is mounted; undefined if it is not mounted. */
  readonly mountPoint: string | undefined;
  /** Size of the whole drive, in bytes. */
  readonly size: number;
  /** Free space in bytes; undefined if it is not mounted. */
  readonly free: number | undefined;
  /** Why it cannot carry bundles; undefined if it can. */
  readonly fault: Fault<UnfitCode> | undefined;
  /** The operating system's name: `vfat`, `exFAT`, `ntfs`. Empty if unknown. */
  readonly fileSystem: string;
}

/**
 * The top folder of a mounted drive: a removable drive, or something that the operating system cannot identify (a file
 * system in user space). The latter can be written, but only a re-plug proves its contents.
 */
export type DriveFolder =
  | { readonly kind: 'drive'; readonly mountPoint: string; readonly drive: Drive }
  | { readonly kind: 'unknown'; readonly mountPoint: string; readonly fileSystem: string };

/** Why a folder is not on a drive that Siteseal can use. */
export type FindFaultCode = 'drives-unlistable' | 'drive-not-removable' | 'drive-gone';

/** Why a drive cannot be unmounted. `drive-replug-needed`: the operating system cannot do it without the user. */
export type UnmountFaultCode = 'drive-busy' | 'drive-unmount-failed' | 'drive-replug-needed';

/** The operating system's handling of removable drives. Never needs or asks for an administrator. */
export interface DriveSystem {
  /** The removable drives, mounted or not. Excludes fixed drives and the one that the system runs from. */
  list(): Promise<Result<readonly Drive[], 'drives-unlistable'>>;
  /** The drive that holds a folder chosen by the user. Refuses a folder that is not on a removable drive. */
  find(folder: string): Promise<Result<DriveFolder, FindFaultCode>>;
  /** Writes all pending data and unmounts the drive. */
  unmount(drive: Drive): Promise<Result<void, UnmountFaultCode>>;
  /** Mounts the drive. Call `list` to learn where. */
  mount(drive: Drive): Promise<Result<void, 'drive-remount-failed'>>;
  /** Makes the drive safe to unplug. */
  eject(drive: Drive): Promise<Result<void, 'drive-eject-failed'>>;
}

/** The current drive of a volume; undefined if it is not plugged in. */
export async function findVolume(
  system: DriveSystem,
  volume: string,
): Promise<Result<Drive | undefined, 'drives-unlistable'>> {
  const drives = await system.list();
  return drives.ok ? ok(drives.value.find((drive) => drive.volume === volume)) : drives;
}

/** Mounts a drive if it is not mounted yet. */
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
