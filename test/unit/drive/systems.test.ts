import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createRun, driveSystem, type Drive, type Run, type RunOutcome } from '../../../main/drive/index.ts';
import { describeHolders } from '../../../main/drive/holders.ts';
import type { Result } from '../../../main/faults/index.ts';
import { temporaryFolder } from '../../kit/enb.ts';

const data = join(import.meta.dirname, '../../data/drives');
const lsblk = readFileSync(join(data, 'lsblk.json'), 'utf8');
const powerShell = readFileSync(join(data, 'powershell.json'), 'utf8');
const diskutil = JSON.parse(readFileSync(join(data, 'diskutil.json'), 'utf8')) as {
  readonly list: unknown;
  readonly info: Readonly<Record<string, unknown>>;
};

const noMounts = [/^findmnt --json --list /, '{"filesystems": []}'] as const;

/**
 * A run that answers a command line by the first pattern that it matches, and keeps what it was asked. Without an answer
 * of the test, findmnt knows no mounts.
 */
function answering(answers: readonly (readonly [RegExp, RunOutcome | string])[]): Run & { asked: string[] } {
  const asked: string[] = [];
  const run: Run = (command, args) => {
    const line = [command, ...args].join(' ');
    asked.push(line);
    const [, answer] = [...answers, noMounts].find(([pattern]) => pattern.test(line)) ?? [];
    assert(answer !== undefined, `Not expected: ${line}`);
    return Promise.resolve(typeof answer === 'string' ? { kind: 'done', output: answer } : answer);
  };
  return Object.assign(run, { asked });
}

const failed = (complaint: string): RunOutcome => ({ kind: 'failed', complaint });

/** What findmnt says about a mount. */
function mount(target: string, source: string, fstype: string, vfs = 'rw', fs = 'rw'): string {
  return JSON.stringify({
    filesystems: [{ target, source, fstype, 'vfs-options': vfs, 'fs-options': fs }],
  });
}

function outcome(result: Result<unknown>): readonly (string | undefined)[] {
  return result.ok ? ['ok'] : [result.fault.code, result.fault.found];
}

async function devices(platform: string, run: Run): Promise<readonly string[]> {
  const drives = await driveSystem(platform, run).list();
  assert(drives.ok, JSON.stringify(drives));
  return drives.value.map(({ device }) => device);
}

const stick: Drive = {
  device: '/dev/sdb1',
  volume: '7066-8977',
  name: 'SITE42, Field Flash Drive',
  mountPoint: '/run/media/anna/SITE42',
  size: 15517876224,
  free: 15502147584,
  fault: undefined,
  fileSystem: 'vfat',
};

function faultOf(drive: Drive | undefined): readonly (string | undefined)[] {
  return [drive?.fault?.code, drive?.fault?.found];
}

describe('removable drives on Linux', () => {
  it('are sticks and cards; never a disk inside, what the system runs from, or a disc', async () => {
    assert.deepEqual(await devices('linux', answering([[/^lsblk --json --bytes --output-all$/, lsblk]])), [
      '/dev/sdb1',
      '/dev/sdc',
      '/dev/sdf1',
      '/dev/mmcblk1p1',
    ]);
  });

  const ofSystem = ['/', '[SWAP]', '/boot', '/boot/efi', '/boot/firmware', '/efi', '/home', '/opt', '/srv'];
  const live = ['/cdrom', '/isodevice', '/run/initramfs/live', '/run/live/medium', '/lib/live/mount/medium'];
  for (const folder of [...ofSystem, '/tmp', '/usr', '/var', ...live]) {
    it(`are no disk that the system has at ${folder}`, async () => {
      assert(lsblk.includes('"/run/media/anna/SITE42"'));
      const moved = lsblk.replaceAll('"/run/media/anna/SITE42"', JSON.stringify(folder));
      const left = await devices('linux', answering([[/^lsblk/, moved]]));
      assert.deepEqual(left, ['/dev/sdc', '/dev/sdf1', '/dev/mmcblk1p1']);
    });
  }

  it('are told as a person knows them, with what is left on them', async () => {
    const drives = await driveSystem('linux', answering([[/^lsblk/, lsblk]])).list();
    assert(drives.ok);
    assert.deepEqual(drives.value[0], stick);
    const { name, mountPoint, fault } = drives.value[1]!;
    assert.deepEqual([name, mountPoint, fault?.code], ['Field Portable SSD', undefined, 'drive-read-only']);
  });

  const [firstDisk] = (
    JSON.parse(lsblk) as { blockdevices: { children?: object[]; rm: boolean }[] }
  ).blockdevices.filter(({ rm, children }) => rm && children);
  const partition = firstDisk!.children![0]!;
  const unlocked = { ...partition, path: '/dev/mapper/luks-1', type: 'crypt', children: undefined };
  const locked = { label: null, mountpoint: null, mountpoints: [null] };
  const contents: readonly (readonly [name: string, changes: object, ...fault: (string | undefined)[]])[] = [
    ['a file system', {}, undefined, undefined],
    ['LUKS', { ...locked, fstype: 'crypto_LUKS' }, 'drive-encrypted', 'LUKS'],
    ['BitLocker', { ...locked, fstype: 'BitLocker' }, 'drive-encrypted', 'BitLocker'],
    ['unlocked LUKS', { ...locked, fstype: 'crypto_LUKS', children: [unlocked] }, 'drive-encrypted', 'LUKS'],
    [
      'an unlocked encryption without a mark',
      { ...locked, fstype: null, children: [unlocked] },
      'drive-encrypted',
      'dm-crypt',
    ],
    ['the image of a disc', { fstype: 'iso9660' }, 'drive-read-only', 'iso9660'],
    ['a locked switch', { ro: true }, 'drive-read-only', undefined],
  ];
  for (const [name, changes, ...expected] of contents) {
    it(`with ${name} are one drive, which is ${expected[0] ?? 'fit'}`, async () => {
      const disk = { ...firstDisk, children: [{ ...partition, ...changes }] };
      const run = answering([[/^lsblk/, JSON.stringify({ blockdevices: [disk] })]]);
      const drives = await driveSystem('linux', run).list();
      assert(drives.ok && drives.value.length === 1, JSON.stringify(drives));
      assert.deepEqual(faultOf(drives.value[0]), expected);
    });
  }

  it('that are unlocked are found by their folder, as encrypted drives', async () => {
    const luks = { ...partition, ...locked, fstype: 'crypto_LUKS', children: [unlocked] };
    const run = answering([
      [/^lsblk/, JSON.stringify({ blockdevices: [{ ...firstDisk, children: [luks] }] })],
      [/--target /, mount('/run/media/anna/SITE42', '/dev/mapper/luks-1', 'vfat')],
    ]);
    const place = await driveSystem('linux', run).find('/run/media/anna/SITE42/siteseal');
    assert(place.ok && place.value.kind === 'drive', JSON.stringify(place));
    assert.deepEqual(faultOf(place.value.drive), ['drive-encrypted', 'LUKS']);
  });

  for (const [name, options, fileSystem, ...expected] of [
    ['for writing', 'rw,nosuid,nodev', 'rw,errors=remount-ro', undefined, undefined],
    ['for reading alone', 'ro,nosuid,nodev', 'ro', 'drive-read-only-policy', 'mount option ro'],
    ['for writing, until an error', 'rw,nosuid,nodev', 'ro,errors=remount-ro', 'drive-read-only', undefined],
  ] as const) {
    it(`mounted ${name} are ${expected[0] ?? 'fit'}`, async () => {
      const mounted = mount('/run/media/anna/SITE42', '/dev/sdb1', 'vfat', options, fileSystem);
      const run = answering([
        [/^lsblk/, lsblk],
        [/^findmnt/, mounted],
      ]);
      const drives = await driveSystem('linux', run).list();
      assert(drives.ok);
      assert.deepEqual(faultOf(drives.value[0]), expected);
      assert.deepEqual(faultOf(drives.value.at(-1)), [undefined, undefined]);
    });
  }

  it('cannot be listed when findmnt fails or prints something else', async () => {
    for (const answer of [{ kind: 'missing' } as const, '{"filesystems": 7}']) {
      const run = answering([
        [/^findmnt/, answer],
        [/^lsblk/, lsblk],
      ]);
      assert.equal(outcome(await driveSystem('linux', run).list())[0], 'drives-unlistable');
    }
  });

  for (const [name, answer] of [
    ['is missing', { kind: 'missing' }],
    ['does not end', { kind: 'stopped' }],
    ['may not be started', { kind: 'broken', why: 'EACCES' }],
    ['fails', failed('lsblk: failed to access sysfs directory')],
    ['prints something else', '{"blockdevices": 7}'],
    ['prints no JSON', 'NAME MAJ:MIN'],
  ] as const) {
    it(`cannot be listed when lsblk ${name}`, async () => {
      assert.equal(
        outcome(await driveSystem('linux', answering([[/^lsblk/, answer]])).list())[0],
        'drives-unlistable',
      );
    });
  }

  const places = [
    ['a stick', mount('/run/media/anna/SITE42', '/dev/sdb1', 'vfat'), 'drive'],
    ['a stick that is mounted elsewhere as well', mount('/mnt/s', '/dev/sdb1[/siteseal]', 'vfat'), 'drive'],
    ['the file system of a program', mount('/mnt/s', 'fusefat', 'fuse.fusefat'), 'unknown'],
    ['the disk of the system', mount('/', '/dev/mapper/root', 'ext4'), 'drive-not-removable'],
    ['the stick of the system', mount('/run/live/medium', '/dev/sdd1', 'iso9660'), 'drive-not-removable'],
    ['a network', mount('/mnt/n', 'server:/export', 'nfs4'), 'drive-not-removable'],
    ['a network by way of a program', mount('/mnt/n', 'anna@server:', 'fuse.sshfs'), 'drive-not-removable'],
    ['memory', mount('/tmp', 'tmpfs', 'tmpfs'), 'drive-not-removable'],
  ] as const;
  for (const [name, found, expected] of places) {
    it(`takes a folder on ${name} for ${expected}`, async () => {
      const run = answering([
        [/^findmnt .*--target \/a folder$/, found],
        [/^lsblk/, lsblk],
      ]);
      const place = await driveSystem('linux', run).find('/a folder');
      assert.equal(place.ok ? place.value.kind : place.fault.code, expected);
    });
  }

  it('takes a folder that is not there for a drive that has gone', async () => {
    const run = answering([[/^findmnt/, failed('')]]);
    assert.equal(outcome(await driveSystem('linux', run).find('/gone'))[0], 'drive-gone');
  });

  const error = (name: string) =>
    failed(`Error unmounting /dev/sdb1: GDBus.Error:org.freedesktop.UDisks2.Error.${name}: some words`);
  const actions = [
    ['unmount', /^udisksctl unmount/, 'Unmounted /dev/sdb1.', 'ok'],
    ['unmount', /^udisksctl unmount/, error('DeviceBusy'), 'drive-busy'],
    ['unmount', /^udisksctl unmount/, error('NotAuthorizedCanObtain'), 'drive-unmount-failed'],
    ['unmount', /^udisksctl unmount/, { kind: 'missing' }, 'drive-unmount-failed'],
    ['mount', /^udisksctl mount/, 'Mounted /dev/sdb1 at /run/media/anna/SITE42', 'ok'],
    ['mount', /^udisksctl mount/, error('AlreadyMounted'), 'ok'],
    ['mount', /^udisksctl mount/, error('Failed'), 'drive-remount-failed'],
    ['eject', /^udisksctl (unmount|power-off)/, '', 'ok'],
    ['eject', /^udisksctl unmount/, error('DeviceBusy'), 'drive-eject-failed'],
  ] as const;
  for (const [action, pattern, answer, expected] of actions) {
    it(`answers ${expected} to ${action} when udisks says ${JSON.stringify(answer)}`, async () => {
      const run = answering([[pattern, answer]]);
      assert.equal(outcome(await driveSystem('linux', run)[action](stick))[0], expected);
      for (const line of run.asked) assert.match(line, /--block-device \/dev\/sdb1 --no-user-interaction$/);
    });
  }

  it('may be pulled out when they are unmounted already, and as cards when they are unmounted', async () => {
    for (const [answer, expected] of [
      ['', 'ok'],
      [error('Failed: No usb device'), 'ok'],
      [error('NotAuthorized'), 'drive-eject-failed'],
    ] as const) {
      const run = answering([
        [/ unmount /, error('NotMounted')],
        [/ power-off /, answer],
      ]);
      assert.equal(outcome(await driveSystem('linux', run).eject(stick))[0], expected);
    }
  });

  it('are kept busy by programs that can be named', { skip: process.platform !== 'linux' }, async () => {
    const folder = join(realpathSync(temporaryFolder()), 'SITE42');
    mkdirSync(folder);
    const holder = spawn('cat', { cwd: folder, stdio: ['pipe', 'ignore', 'ignore'] });
    await once(holder, 'spawn');
    assert.equal(await describeHolders(folder), `cat (${holder.pid})`);
    holder.stdin.end();
    await once(holder, 'exit');
    assert.equal(await describeHolders(folder), 'a program that Siteseal cannot identify');
  });
});

describe('removable drives on Windows', () => {
  it('are by their bus, as a large one calls itself fixed; never what Windows runs from', async () => {
    assert.deepEqual(await devices('win32', answering([[/^powershell.exe/, powerShell]])), ['E:', 'F:']);
  });

  it('are listed also when there is one volume, or none, and with a byte order mark', async () => {
    const [, , one] = JSON.parse(powerShell) as unknown[];
    for (const [output, expected] of [
      [`\ufeff${JSON.stringify(one)}\r\n`, ['E:']],
      ['\r\n', []],
    ] as const)
      assert.deepEqual(await devices('win32', answering([[/^powershell.exe/, output]])), expected);
  });

  it('are told as a person knows them, with what is left on them and whether they may be written', async () => {
    const drives = await driveSystem('win32', answering([[/^powershell.exe/, powerShell]])).list();
    assert(drives.ok);
    assert.deepEqual(
      drives.value.map((drive) => [drive.name, drive.size, drive.free, drive.fault?.code, drive.fileSystem]),
      [
        ['SITE42, Field Flash Drive', 15502147584, 15502139392, undefined, 'FAT32'],
        ['Field Portable SSD', 1000000000000, 10000000000, 'drive-read-only', 'exFAT'],
      ],
    );
  });

  const [, , plainStick] = JSON.parse(powerShell) as object[];
  const volumes: readonly (readonly [string, object, readonly string[]])[] = [
    ['a stick', {}, ['E:']],
    ['a card', { BusType: 'SD', DriveType: 'Fixed' }, ['E:']],
    ['a disk on FireWire', { BusType: '1394', DriveType: 'Fixed' }, ['E:']],
    ['what Windows calls removable on another bus', { BusType: 'Unknown' }, ['E:']],
    ['a disk inside', { BusType: 'SATA', DriveType: 'Fixed' }, []],
    ['a disc in a pluggable drive', { DriveType: 'CD-ROM' }, []],
    ['a stick that Windows runs from', { IsSystem: true }, []],
  ];
  for (const [name, changes, expected] of volumes) {
    it(`${expected.length > 0 ? 'are' : 'are never'} ${name}`, async () => {
      const output = JSON.stringify({ ...plainStick, ...changes });
      assert.deepEqual(await devices('win32', answering([[/^powershell.exe/, output]])), expected);
    });
  }

  const fve = 'HKLM:\\System\\CurrentControlSet\\Policies\\Microsoft\\FVE';
  const classes = 'Software\\Policies\\Microsoft\\Windows\\RemovableStorageDevices';
  const denied = `HKCU:\\${classes}\\{53f5630d-b6bf-11d0-94f2-00a0c91efb8b}\\Deny_Write`;
  const writeProtect = 'HKLM:\\System\\CurrentControlSet\\Control\\StorageDevicePolicies\\WriteProtect';
  const states: readonly (readonly [name: string, changes: object, ...fault: (string | undefined)[]])[] = [
    ['without BitLocker', { BitLockerProtection: 2 }, undefined, undefined],
    ['locked', { BitLockerProtection: 6, FileSystem: null }, 'drive-encrypted', 'BitLocker'],
    ['unlocked', { BitLockerProtection: 1 }, 'drive-encrypted', 'BitLocker'],
    [
      'unlocked under a policy',
      { BitLockerProtection: 1, Policies: [writeProtect] },
      'drive-encrypted',
      'BitLocker',
    ],
    [
      'protected for all',
      { Policies: [writeProtect], IsReadOnly: true },
      'drive-read-only-policy',
      writeProtect,
    ],
    ['denied for a user', { Policies: [denied] }, 'drive-read-only-policy', denied],
    [
      'denied without BitLocker',
      { Policies: [`${fve}\\RDVDenyWriteAccess`] },
      'drive-read-only-policy',
      `${fve}\\RDVDenyWriteAccess`,
    ],
    ['of another kind than is denied', { Policies: [`${fve}\\FDVDenyWriteAccess`] }, undefined, undefined],
    ['locked by a switch', { IsReadOnly: true }, 'drive-read-only', undefined],
  ];
  for (const [name, changes, ...expected] of states) {
    it(`that are ${name} are ${expected[0] ?? 'fit'}`, async () => {
      const output = JSON.stringify({ ...plainStick, ...changes });
      const drives = await driveSystem('win32', answering([[/^powershell.exe/, output]])).list();
      assert(drives.ok);
      assert.deepEqual(faultOf(drives.value[0]), expected);
    });
  }

  it('ask Windows for every policy that denies writing', async () => {
    const run = answering([[/^powershell.exe/, powerShell]]);
    await driveSystem('win32', run).list();
    for (const policy of [writeProtect, denied, `${fve}\\RDVDenyWriteAccess`, `${fve}\\FDVDenyWriteAccess`])
      assert(run.asked.join().includes(`'${policy}'`), policy);
  });

  it('ask Windows whether the disk or the partition may be written', async () => {
    const run = answering([[/^powershell.exe/, powerShell]]);
    await driveSystem('win32', run).list();
    assert.match(run.asked.join(), /IsReadOnly = \$disk\.IsReadOnly -or \$_\.IsReadOnly/);
    assert.match(run.asked.join(), /IsSystem = \$disk\.IsSystem -or \$disk\.IsBoot/);
  });

  it('cannot be listed when PowerShell answers something else', async () => {
    for (const answer of ['Access denied', '[{"DriveLetter":"E"}]', { kind: 'missing' } as const]) {
      const listed = await driveSystem('win32', answering([[/^powershell.exe/, answer]])).list();
      assert.equal(outcome(listed)[0], 'drives-unlistable');
    }
  });

  it('are found by the letter of a folder', async () => {
    const system = driveSystem('win32', answering([[/^powershell.exe/, powerShell]]));
    const place = await system.find('e:\\a folder');
    assert(place.ok && place.value.kind === 'drive');
    assert.deepEqual(
      [place.value.mountPoint, place.value.drive.volume],
      ['E:\\', '\\\\?\\Volume{8a0b7f7e-0000-0000-0000-100000000000}\\'],
    );
    for (const folder of ['C:\\x', '\\\\server\\share'])
      assert.equal(outcome(await system.find(folder))[0], 'drive-not-removable');
  });

  it('are proven by a re-plug alone, and ejected as the Explorer does it', async () => {
    const run = answering([[/^powershell.exe -NoProfile -NonInteractive -Command .*ParseName\('E:'\)/s, '']]);
    const system = driveSystem('win32', run);
    const drive = { ...stick, device: 'E:' };
    assert.equal(outcome(await system.unmount(drive))[0], 'drive-replug-needed');
    assert.equal(outcome(await system.eject(drive))[0], 'ok');
    const stuck = driveSystem('win32', answering([[/powershell/, failed('The drive is still there.')]]));
    assert.equal(outcome(await stuck.eject(drive))[0], 'drive-eject-failed');
  });
});

describe('removable drives on macOS', () => {
  const answers = [
    [/ list -plist$/, JSON.stringify(diskutil.list)],
    ...Object.entries(diskutil.info).map(
      ([disk, info]) => [new RegExp(` info -plist ${disk}$`), JSON.stringify(info)] as const,
    ),
  ] as const;

  it('are sticks and cards; never a disk inside, a volume of the system, or a disc', async () => {
    assert.deepEqual(await devices('darwin', answering(answers)), ['disk4s1', 'disk5s1']);
  });

  const card = diskutil.info['disk5s1'] as object;
  const disks: readonly (readonly [string, object, readonly string[]])[] = [
    ['a fixed disk in a case outside', { Internal: false, RemovableMedia: false }, ['disk5s1']],
    ['a stick in a socket outside', { Internal: false, RemovableMedia: true }, ['disk5s1']],
    ['a card in a slot inside', { Internal: true, RemovableMedia: true }, ['disk5s1']],
    ['a fixed disk inside', { Internal: true, RemovableMedia: false }, []],
    ['an image of a disk', { Internal: false, VirtualOrPhysical: 'Virtual' }, []],
    ['a disc', { Internal: false, OpticalMediaType: 'CD-ROM' }, []],
    ['what macOS runs from', { Internal: false, MountPoint: '/' }, []],
    ['a disk without a file system', { Internal: false, FilesystemType: '' }, []],
  ];
  for (const [name, changes, expected] of disks) {
    it(`${expected.length > 0 ? 'are' : 'are never'} ${name}`, async () => {
      const info = [/ info -plist disk5s1$/, JSON.stringify({ ...card, ...changes })] as const;
      const list = [/ list -plist$/, JSON.stringify({ AllDisks: ['disk5s1'] })] as const;
      assert.deepEqual(await devices('darwin', answering([info, list])), expected);
    });
  }

  it('may be written unless the volume, or the medium, may not', async () => {
    for (const [WritableVolume, WritableMedia, MountPoint, code, FilesystemType = 'msdos'] of [
      [true, true, '/Volumes/CARD', undefined],
      [false, true, '/Volumes/CARD', 'drive-read-only-policy'],
      [false, true, '/Volumes/CARD', 'drive-read-only', 'ntfs'],
      [false, true, '', undefined],
      [true, false, '/Volumes/CARD', undefined],
      [false, false, '/Volumes/CARD', 'drive-read-only'],
      [undefined, false, '', 'drive-read-only'],
      [undefined, true, '/Volumes/CARD', undefined],
      [undefined, undefined, '', undefined],
    ] as const) {
      const changes = { WritableVolume, WritableMedia, MountPoint, FilesystemType };
      const info = JSON.stringify({ ...card, ...changes });
      const run = answering([
        [/ info -plist disk5s1$/, info],
        [/ list -plist$/, JSON.stringify({ AllDisks: ['disk5s1'] })],
      ]);
      const drives = await driveSystem('darwin', run).list();
      assert(drives.ok);
      assert.equal(drives.value[0]?.fault?.code, code, info);
    }
  });

  const encrypted = { VirtualOrPhysical: 'Virtual', FilesystemType: 'apfs', Internal: false };
  for (const [name, changes, expected] of [
    ['locked', { Encryption: true, Locked: true }, ['drive-encrypted']],
    ['unlocked', { Encryption: true, Locked: false, MountPoint: '/Volumes/A' }, ['drive-encrypted']],
    ['not encrypted', { Encryption: false, Locked: false }, []],
    ['in an image of a disk', { Encryption: true, BusProtocol: 'Disk Image' }, []],
    ['what macOS runs from', { Encryption: true, MountPoint: '/System/Volumes/Data' }, []],
    ['inside', { Encryption: true, Internal: true, RemovableMedia: false }, []],
  ] as const) {
    it(`with APFS that is ${name} are ${expected.length > 0 ? 'listed as encrypted' : 'not listed'}`, async () => {
      const run = answering([
        [/ info -plist disk5s1$/, JSON.stringify({ ...card, ...encrypted, ...changes })],
        [/ list -plist$/, JSON.stringify({ AllDisks: ['disk5s1'] })],
      ]);
      const drives = await driveSystem('darwin', run).list();
      assert(drives.ok);
      assert.deepEqual(
        drives.value.map(({ fault }) => fault?.code),
        expected,
      );
    });
  }

  it('are told as a person knows them', async () => {
    const drives = await driveSystem('darwin', answering(answers)).list();
    assert(drives.ok);
    assert.deepEqual(
      drives.value.map(({ name, mountPoint, fault }) => [name, mountPoint, fault?.code]),
      [
        ['SITE42, Flash Drive', '/Volumes/SITE42', undefined],
        ['CARD, Built In SDXC Reader', undefined, 'drive-read-only'],
      ],
    );
  });

  it('cannot be listed when diskutil answers something else', async () => {
    for (const wrong of [
      [/ list /, '{}'],
      [/ list /, { kind: 'missing' }],
      [/ info -plist disk4s1$/, '{}'],
    ] as const) {
      const listed = await driveSystem('darwin', answering([wrong, ...answers])).list();
      assert.equal(outcome(listed)[0], 'drives-unlistable');
    }
  });

  it('are listed without one that goes while it is asked about', async () => {
    const error = JSON.stringify({ Error: true, ErrorMessage: 'Could not find disk: disk4s1' });
    for (const answer of [error, failed('plutil: no input')]) {
      const gone = [/ info -plist disk4s1$/, answer] as const;
      assert.deepEqual(await devices('darwin', answering([gone, ...answers])), ['disk5s1']);
    }
  });

  it('are found by the folder under which they are mounted, and not by one that only begins alike', async () => {
    const system = driveSystem('darwin', answering(answers));
    for (const [folder, expected] of [
      ['/Volumes/SITE42', 'ok'],
      ['/Volumes/SITE42/siteseal', 'ok'],
      ['/Volumes/SITE420', 'drive-not-removable'],
      ['/Users/anna', 'drive-not-removable'],
    ] as const)
      assert.equal(outcome(await system.find(folder))[0], expected, folder);
  });

  const busy =
    'Unmount failed for disk4s1: Volume SITE42 on disk4s1 failed to unmount: dissented by PID 1234 (/bin/zsh)';
  const actions = [
    ['unmount', 'Volume SITE42 on disk4s1 unmounted', ['ok']],
    ['unmount', failed(busy), ['drive-busy', 'PID 1234 (/bin/zsh)']],
    ['unmount', failed('Unmount failed'), ['drive-unmount-failed', 'diskutil: Unmount failed']],
    ['mount', 'Volume SITE42 on disk4s1 mounted', ['ok']],
    ['mount', failed('timed out'), ['drive-remount-failed', 'diskutil: timed out']],
    ['eject', 'Disk disk4s1 ejected', ['ok']],
    ['eject', failed('dissented'), ['drive-eject-failed', 'diskutil: dissented']],
  ] as const;
  for (const [action, answer, expected] of actions) {
    it(`answer ${expected[0]} to ${action} when diskutil says ${JSON.stringify(answer)}`, async () => {
      const run = answering([[new RegExp(`^diskutil ${action} disk4s1$`), answer]]);
      assert.deepEqual(
        outcome(await driveSystem('darwin', run)[action]({ ...stick, device: 'disk4s1' })),
        expected,
      );
    });
  }
});

describe('a command of the operating system', () => {
  const run = createRun(process.env, 10_000);
  const node = (script: string) => run(process.execPath, ['-e', script]);

  it('gives what it printed', async () => {
    assert.deepEqual(await node('process.stdout.write(process.env.LC_ALL)'), { kind: 'done', output: 'C' });
  });

  it('gives what it complains of, short and on one line', async () => {
    const complaint = await node('console.error("no\\nway ".repeat(500)); process.exit(3)');
    assert(complaint.kind === 'failed');
    assert.match(complaint.complaint, /^no way no way /);
    assert.equal(complaint.complaint.length, 300);
  });

  it('may be missing', async () => {
    assert.deepEqual(await run('siteseal-no-such-command', []), { kind: 'missing' });
  });

  it(
    'may not be allowed to start, or be ended by another',
    { skip: process.platform === 'win32' },
    async () => {
      const file = join(temporaryFolder(), 'command');
      writeFileSync(file, '', { mode: 0o600 });
      assert.deepEqual(await run(file, []), { kind: 'broken', why: 'EACCES' });
      assert.deepEqual(await run('x'.repeat(5000), []), { kind: 'broken', why: 'ENAMETOOLONG' });
      assert.deepEqual(await node('process.kill(process.pid, "SIGKILL")'), {
        kind: 'broken',
        why: 'SIGKILL',
      });
    },
  );

  it('is stopped when it prints without end, or takes too long', async () => {
    assert.deepEqual(await node('setInterval(() => process.stdout.write("x".repeat(1e6)), 1)'), {
      kind: 'stopped',
    });
    const impatient = createRun(process.env, 100);
    assert.deepEqual(await impatient(process.execPath, ['-e', 'setInterval(() => {}, 1000)']), {
      kind: 'stopped',
    });
  });
});
