import { z } from 'zod';
import { fault, ok, refuse, type Fault } from '../faults/index.ts';
import type { Drive, DriveSystem, UnfitCode } from './drive.ts';
import { readOutput, whyNot, type Run } from './run.ts';

/** What the script below prints about a volume, under the names of Windows' Storage module. */
const volumeSchema = z.object({
  DriveLetter: z.string().regex(/^[A-Z]$/),
  UniqueId: z.string(),
  FriendlyName: z.string(),
  FileSystemLabel: z.string().nullable(),
  FileSystem: z.string().nullable(),
  DriveType: z.string(),
  BusType: z.string(),
  IsSystem: z.boolean(),
  IsReadOnly: z.boolean(),
  Size: z.number(),
  SizeRemaining: z.number(),
  /** The shell's property System.Volume.BitLockerProtection; 0 without BitLocker. */
  BitLockerProtection: z.number(),
  /** The values of `writePolicies` that are set. */
  Policies: z.array(z.string()),
});
type Volume = z.infer<typeof volumeSchema>;
/** ConvertTo-Json prints a list of one without its list, and nothing for an empty list. */
const listingSchema = z.union([z.array(volumeSchema), volumeSchema.transform((one) => [one])]);

const removableStorage = 'Software\\Policies\\Microsoft\\Windows\\RemovableStorageDevices';
const bitLocker = 'HKLM:\\System\\CurrentControlSet\\Policies\\Microsoft\\FVE';

/**
 * The registry values by which an administrator denies writing to drives. All are 1 when set, and every user may read
 * them. Those with a `driveType` apply to volumes of that type alone.
 */
const writePolicies: readonly {
  readonly key: string;
  readonly value: string;
  readonly driveType?: string;
}[] = [
  { key: 'HKLM:\\System\\CurrentControlSet\\Control\\StorageDevicePolicies', value: 'WriteProtect' },
  ...['HKLM:', 'HKCU:'].flatMap((hive) => [
    { key: `${hive}\\${removableStorage}`, value: 'Deny_All' },
    // The class of removable disks.
    { key: `${hive}\\${removableStorage}\\{53f5630d-b6bf-11d0-94f2-00a0c91efb8b}`, value: 'Deny_Write' },
  ]),
  // Deny writing to drives without BitLocker.
  { key: bitLocker, value: 'RDVDenyWriteAccess', driveType: 'Removable' },
  { key: bitLocker, value: 'FDVDenyWriteAccess', driveType: 'Fixed' },
];

const policyName = ({ key, value }: { readonly key: string; readonly value: string }) => `${key}\\${value}`;

/** The values of System.Volume.BitLockerProtection: on, encrypting, decrypting, suspended, locked. */
const encrypted: ReadonlySet<number> = new Set([1, 3, 4, 5, 6]);

const listScript = `
$ErrorActionPreference = 'Stop'
[Console]::OutputEncoding = [Text.UTF8Encoding]::new($false)
$policies = @(${writePolicies.map((policy) => `'${policyName(policy)}'`).join(', ')} | Where-Object {
  (Get-ItemProperty -LiteralPath (Split-Path $_) -ErrorAction SilentlyContinue).(Split-Path $_ -Leaf) -eq 1
})
$computer = (New-Object -ComObject Shell.Application).NameSpace(17)
Get-Partition | Where-Object { [char]::IsLetter($_.DriveLetter) } | ForEach-Object {
  $disk = $_ | Get-Disk
  $volume = $_ | Get-Volume
  [pscustomobject]@{
    DriveLetter = [string]$_.DriveLetter
    UniqueId = $volume.UniqueId
    FriendlyName = $disk.FriendlyName
    FileSystemLabel = $volume.FileSystemLabel
    FileSystem = $volume.FileSystem
    DriveType = [string]$volume.DriveType
    BusType = [string]$disk.BusType
    IsSystem = $disk.IsSystem -or $disk.IsBoot
    IsReadOnly = $disk.IsReadOnly -or $_.IsReadOnly
    Size = $(if ($volume.Size -gt 0) { $volume.Size } else { $_.Size })
    SizeRemaining = $volume.SizeRemaining
    BitLockerProtection = $(try {
      [int]$computer.ParseName([string]$_.DriveLetter + ':').ExtendedProperty('System.Volume.BitLockerProtection')
    } catch { 0 })
    Policies = $policies
  }
} | ConvertTo-Json -Compress`;

/** Ejects like Explorer, without an administrator. If it worked, the volume is gone. */
const ejectScript = (letter: string) => `
$ErrorActionPreference = 'Stop'
$drive = (New-Object -ComObject Shell.Application).NameSpace(17).ParseName('${letter}')
$drive.InvokeVerb('Eject')
for ($i = 0; $i -lt 50 -and (Test-Path '${letter}\\'); $i++) { Start-Sleep -Milliseconds 100 }
if (Test-Path '${letter}\\') { throw 'The drive is still there.' }`;

/** The removable drives in the script's output; undefined if the output is something else. */
export function drivesOfPowerShell(output: string): readonly Drive[] | undefined {
  const listing = output.trim() === '' ? [] : readOutput(output, listingSchema);
  return listing?.filter(isRemovable).map((volume) => ({
    device: `${volume.DriveLetter}:`,
    volume: volume.UniqueId,
    name: [volume.FileSystemLabel, volume.FriendlyName].filter(Boolean).join(', '),
    mountPoint: `${volume.DriveLetter}:\\`,
    size: volume.Size,
    free: encrypted.has(volume.BitLockerProtection) ? undefined : volume.SizeRemaining,
    fault: faultOf(volume),
    fileSystem: volume.FileSystem ?? '',
  }));
}

function faultOf({
  BitLockerProtection,
  Policies,
  DriveType,
  IsReadOnly,
}: Volume): Fault<UnfitCode> | undefined {
  if (encrypted.has(BitLockerProtection)) return fault('drive-encrypted', { found: 'BitLocker' });
  const policy = writePolicies.find(
    (one) => Policies.includes(policyName(one)) && (one.driveType ?? DriveType) === DriveType,
  );
  if (policy) return fault('drive-read-only-policy', { found: policyName(policy) });
  return IsReadOnly ? fault('drive-read-only') : undefined;
}

/** A large USB stick reports that it is fixed, so its bus decides. */
function isRemovable({ BusType, DriveType, IsSystem }: Volume): boolean {
  const isPluggable = ['USB', 'SD', '1394'].includes(BusType) || DriveType === 'Removable';
  return isPluggable && DriveType !== 'CD-ROM' && !IsSystem;
}

/**
 * Removable drives by PowerShell. Only an administrator can unmount and mount a volume, so here a re-plug proves its
 * contents.
 */
export function windowsDrives(run: Run): DriveSystem {
  const powerShell = (script: string) =>
    run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script]);

  const list: DriveSystem['list'] = async () => {
    const listed = await powerShell(listScript);
    if (listed.kind !== 'done') return refuse('drives-unlistable', { found: whyNot('PowerShell', listed) });
    const drives = drivesOfPowerShell(listed.output);
    return drives ? ok(drives) : refuse('drives-unlistable', { found: 'PowerShell' });
  };

  return {
    list,
    find: async (folder) => {
      const drives = await list();
      if (!drives.ok) return drives;
      const letter = /^[a-z]:/i.exec(folder)?.[0].toUpperCase();
      const drive = drives.value.find(({ device }) => device === letter);
      return drive?.mountPoint !== undefined
        ? ok({ kind: 'drive', mountPoint: drive.mountPoint, drive })
        : refuse('drive-not-removable', { where: { file: folder } });
    },
    unmount: ({ device }) => Promise.resolve(refuse('drive-replug-needed', { where: { file: device } })),
    mount: ({ device }) => Promise.resolve(refuse('drive-remount-failed', { where: { file: device } })),
    eject: async ({ device }) => {
      const done = await powerShell(ejectScript(device));
      if (done.kind === 'done') return ok(undefined);
      return refuse('drive-eject-failed', { where: { file: device }, found: whyNot('PowerShell', done) });
    },
  };
}
